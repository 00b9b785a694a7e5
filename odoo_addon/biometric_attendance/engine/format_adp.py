"""ADP: paydata of Workforce Now, and the time sheet import of RUN.

Owns the columns, limits and periods of both; sums and codes are handed in. Sources: ADP's paydata
guide of 2017 and RUN's time sheet guide as integrators quote them (confidence B).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .format_cells import (
    HOLD_BACK,
    Refused,
    Total,
    all_matching,
    american,
    hours_or_blank,
    limited,
    matching,
    people_matching,
    refuse_all,
    refuse_people,
    table,
    unique,
)

WFN_KEY = ("Co Code", "Batch ID", "File #")
# ASCII 32-91 and 93-122: no backslash, no braces, bar or tilde, no accents.
WFN_ALPHABET = r"[ -\[\]-z\r\n]"
WFN_NUMBER = r"(?!0000(?:[0-4][0-9]|50))[0-9]{6}"
RUN_HEAD = "##GENERIC## V1.0"
RUN_NUMBER = r".{1,20}"
RUN_COLUMNS = (
    "IID",
    "Pay Frequency",
    "Pay Period Start Date",
    "Pay Period End Date",
    "Employee ID",
    "Earnings Code",
    "Pay Hours",
    "Dollars",
    "Separate Check",
    "Worked In Dept",
    "Rate Code",
)
RUN_RATES = r"BASE|RATE_[2-9]"


def wfn_table(company: str, batch: str, totals: Iterable[Total], pairs: int = 1) -> str:
    """The rows of paydata: `pairs` of further hours a row (Hours 3, Hours 4), then a further row
    repeats the key with Reg and O/T blank. Sorted by file number; nothing for nothing."""
    columns = [*WFN_KEY, "Reg Hours", "O/T Hours"]
    for number in range(3, 3 + pairs):
        columns += [f"Hours {number} Code", f"Hours {number} Amount"]
    rows: list[tuple[str, ...]] = []
    for total in sorted(totals, key=lambda item: item.reference):
        if total.doubletime:
            raise Refused(
                "doubletime", "ADP has no doubletime column: map doubletime to an extra code"
            )
        key = (company, batch, limited("ref", total.reference, 6, "File #"))
        extras = sorted(
            (limited("code", code, 3, "Hours 3 Code"), minutes)
            for code, minutes in total.extra.items()
            if minutes
        )
        base = (hours_or_blank(total.regular), hours_or_blank(total.overtime))
        groups = [extras[at : at + pairs] for at in range(0, len(extras), pairs)]
        if not groups and base != ("", ""):
            groups = [extras]
        for number, group in enumerate(groups):
            cells = [cell for code, minutes in group for cell in (code, hours_or_blank(minutes))]
            blank = [""] * (2 * (pairs - len(group)))
            rows.append((*key, *(("", "") if number else base), *cells, *blank))
    return table(columns, rows)


def workforce_now(company: str, batch: str, totals: Sequence[Total], pairs: int = 2) -> str:
    """Paydata that ADP takes: a company code of 2 or 3 characters, a batch id of at most 8, file
    numbers of 6 digits from 51 on, at most two pairs a row."""
    matching("co_code", company, r"[A-Za-z0-9]{2,3}", "a company code has 2 or 3 characters")
    matching("batch_id", batch, r"[A-Za-z0-9]{1,8}", "a batch id has at most 8 characters")
    if pairs not in (1, 2):
        raise Refused("pairs", f"{pairs} pairs of hours a row: ADP takes one or two")
    wrong = [total.who for total in totals if not re.fullmatch(WFN_NUMBER, total.reference)]
    refuse_all("ref", wrong, "the file number has 6 digits with leading zeros, from 000051 on")
    unique("ref", [(total.reference, _whose(total)) for total in totals], "they share a number")
    return wfn_table(company, batch, totals, pairs)


def _whose(total: Total) -> str:
    return f"{total.who} ({total.reference})" if total.who != total.reference else total.who


def wfn_file_name(company: str) -> str:
    """`PRcccEPI.csv`; a code of two characters is filled up with `_`."""
    return f"PR{company:_<3}EPI.csv"


@dataclass(frozen=True)
class RunPeriod:
    """Whose pay, and which period: RUN refuses dates other than its next payroll's."""

    iid: str
    frequency: str
    start: date
    end: date

    def check(self) -> None:
        """W 7 days, B 14, S 5 to 26, M one calendar month, Q one quarter."""
        limited("iid", self.iid, 15, "IID")
        days = (self.end - self.start).days + 1
        after = self.end + timedelta(days=1)
        months = (after.year - self.start.year) * 12 + after.month - self.start.month
        whole = self.start.day == 1 == after.day
        right = {
            "W": days == 7,
            "B": days == 14,
            "S": 5 <= days <= 26,
            "M": whole and months == 1,
            "Q": whole and months == 3 and self.start.month % 3 == 1,
        }
        if not right.get(self.frequency):
            raise Refused(
                "frequency",
                f"{self.start} to {self.end} is {days} days: W has 7, B 14, S 5 to 26, M is one "
                f"calendar month, Q one quarter; {self.frequency!r} was given",
            )


# an earnings code as RUN lists it, a rate code, minutes
RunLine = tuple[str, str, int]


def run(period: RunPeriod, people: Iterable[tuple[str, Sequence[RunLine]]]) -> str:
    """RUN's time sheet: one row per employee, earnings code and rate, in the order given."""
    period.check()
    told = [(reference, tuple(lines)) for reference, lines in people]
    below = [(who, code) for who, lines in told for code, _rate, value in lines if value < 0]
    refuse_people("hours", below, HOLD_BACK)
    rates = [rate for _who, lines in told for _code, rate, _value in lines]
    all_matching("rate", rates, RUN_RATES, "a rate code is BASE, RATE_2, RATE_3 …")
    numbers = [who for who, _lines in told]
    people_matching("ref", numbers, RUN_NUMBER, "an employee ID has 1 to 20 characters")
    rows: list[tuple[str, ...]] = []
    seen: set[tuple[str, str, str]] = set()
    for reference, lines in told:
        for code, rate, minutes in lines:
            limited("code", code, 10, "Earnings Code")
            if (reference, code, rate) in seen:
                raise Refused("ref", f"{reference}: {code} at {rate} twice")
            seen.add((reference, code, rate))
            if minutes:
                hours = hours_or_blank(minutes)
                head = (period.iid, period.frequency, american(period.start), american(period.end))
                rows.append((*head, reference, code, hours, "", "0", "", rate))
    return f"{RUN_HEAD}\r\n{table(RUN_COLUMNS, rows)}"


def run_file_name(period: RunPeriod) -> str:
    """`Biweekly-MMDDYYYY-MMDDYYYY.csv`"""
    names = {
        "W": "Weekly",
        "B": "Biweekly",
        "S": "Semimonthly",
        "M": "Monthly",
        "Q": "Quarterly",
    }
    return f"{names[period.frequency]}-{period.start:%m%d%Y}-{period.end:%m%d%Y}.csv"
