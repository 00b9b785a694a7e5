"""Files that payroll programs import: one function per program, text in, text out.

Owns columns, blanks and number forms of each program; sums and codes come from payroll.py. Ids are
never altered. A value a program cannot take is an ExportError, never a silent cut.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from .payroll import ExportError, hours_text, table_text

ADP_COLUMNS = (
    "Co Code",
    "Batch ID",
    "File #",
    "Reg Hours",
    "O/T Hours",
    "Hours 3 Code",
    "Hours 3 Amount",
)
GUSTO_COLUMNS = ("gusto_employee_id", "regular_hours", "overtime_hours", "double_overtime_hours")
PAYCHEX_COLUMNS = ("CLIENT ID", "WORKER ID", "PAY COMPONENT", "HOURS", "LINE DATE")
XERO_COLUMNS = ("Employee", "Date", "Hours", "Earnings Rate")
IIF_COLUMNS = ("DATE", "JOB", "EMP", "ITEM", "PITEM", "DURATION", "PROJ", "NOTE", "BILLINGSTATUS")
# QuickBooks refuses a longer duration in one line.
IIF_LONGEST_MINUTES = 23 * 60 + 59


@dataclass(frozen=True)
class Total:
    """Period minutes of one employee. `extra`: minutes by the program's own code or name."""

    reference: str
    regular: int = 0
    overtime: int = 0
    doubletime: int = 0
    extra: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def minutes(self) -> int:
        return self.regular + self.overtime + self.doubletime + sum(self.extra.values())


def _hours(minutes: int) -> str:
    """Zero is blank: most importers read a zero as a value to write."""
    return hours_text(minutes) if minutes else ""


def _limited(text: str, longest: int, what: str) -> str:
    if not text or len(text) > longest:
        raise ExportError(f"{what} {text!r} must have 1 to {longest} characters")
    return text


def adp(company_code: str, batch_id: str, employees: Iterable[Total]) -> str:
    """ADP Workforce Now paydata. One pair of Hours 3 per row: further codes repeat the key with
    the other columns blank. Doubletime must come as an extra code."""
    rows: list[tuple[str, ...]] = []
    for total in sorted(employees, key=lambda item: item.reference):
        if total.doubletime:
            raise ExportError("ADP has no doubletime column: map doubletime to an extra code")
        key = (company_code, batch_id, _limited(total.reference, 6, "File #"))
        extras = sorted(
            (_limited(code, 2, "Hours 3 Code"), minutes)
            for code, minutes in total.extra.items()
            if minutes
        )
        if not extras and not total.regular and not total.overtime:
            continue
        first = extras[0] if extras else ("", 0)
        rows.append(
            (*key, _hours(total.regular), _hours(total.overtime), first[0], _hours(first[1]))
        )
        rows += [(*key, "", "", code, _hours(minutes)) for code, minutes in extras[1:]]
    return table_text(ADP_COLUMNS, rows)


def gusto(employees: Iterable[Total], zero_policy: str = "blank") -> str:
    """Gusto smart import. A zero overwrites what is there, a blank leaves it."""
    form = hours_text if zero_policy == "zero" else _hours
    rows = [
        (total.reference, form(total.regular), form(total.overtime), form(total.doubletime))
        for total in sorted(employees, key=lambda item: item.reference)
    ]
    return table_text(GUSTO_COLUMNS, rows)


def paychex(client_id: str, line_date: date, components: Iterable[tuple[str, str, int]]) -> str:
    """Paychex Flex: one row per component. `components`: `(worker id, component name, minutes)`;
    names are case-sensitive and kept as they are."""
    client = _limited(client_id, 8, "CLIENT ID")
    rows = [
        (
            client,
            _limited(worker, 10, "WORKER ID"),
            name,
            hours_text(minutes),
            f"{line_date:%m/%d/%Y}",
        )
        for worker, name, minutes in sorted(components)
        if minutes
    ]
    return table_text(PAYCHEX_COLUMNS, rows)


def xero(entries: Iterable[tuple[str, date, int, str]]) -> str:
    """Rows for Xero's converters. `entries`: `(employee, date, minutes, earnings rate)`."""
    rows = [
        (name, day.isoformat(), hours_text(minutes), rate)
        for name, day, minutes, rate in sorted(entries)
        if minutes
    ]
    return table_text(XERO_COLUMNS, rows)


def quickbooks_iif(
    header: tuple[str, str], entries: Iterable[tuple[date, str, str, str, int]]
) -> str:
    """QuickBooks Desktop timer file, tab separated. `header`: `(company name, create time)` as the
    customer's own export states them. `entries`: `(date, employee, item, payroll item, minutes)`.
    """
    lines = [
        "\t".join(
            (
                "!TIMERHDR",
                "VER",
                "REL",
                "COMPANYNAME",
                "IMPORTEDBEFORE",
                "FROMTIMER",
                "COMPANYCREATETIME",
            )
        ),
        "\t".join(("TIMERHDR", "8", "0", header[0], "N", "Y", header[1])),
        "\t".join(("!TIMEACT", *IIF_COLUMNS)),
    ]
    for day, employee, item, payroll_item, duration in sorted(entries):
        if duration < 0:
            raise ExportError(f"QuickBooks takes no negative time: {employee} on {day}")
        minutes = duration
        while minutes:
            part = min(minutes, IIF_LONGEST_MINUTES)
            lines.append(
                "\t".join(
                    (
                        "TIMEACT",
                        f"{day:%m/%d/%y}",
                        "",
                        employee,
                        item,
                        payroll_item,
                        f"{part // 60}:{part % 60:02d}",
                        "",
                        "",
                        "0",
                    )
                )
            )
            minutes -= part
    return "\r\n".join(lines) + "\r\n"


def datev_lodas(
    adviser_number: int | str,
    client_number: int | str,
    month: date,
    entries: Iterable[tuple[str, str, int]],
) -> str:
    """DATEV LODAS movement data. `entries`: `(personnel number, wage type, minutes)`; the date is
    the first of the month, the value has a decimal comma, processing key 1 means hours."""
    head = [
        "[Allgemein]",
        "Ziel=LODAS",
        "Version_SST=1.0",
        f"BeraterNr={adviser_number}",
        f"MandantenNr={client_number}",
        "Datumsformat=TT.MM.JJJJ",
        "Zahlenkomma=,",
        "",
        "[Satzbeschreibung]",
        "1;u_lod_bwd_buchung_standard;abrechnung_zeitraum#bwd;bs_wert_butab#bwd;bs_nr#bwd;"
        "la_eigene#bwd;pnr#bwd;",
        "",
        "[Bewegungsdaten]",
    ]
    first = date(month.year, month.month, 1)
    rows = [
        f"1;{first:%d.%m.%Y};{hours_text(minutes, ',')};1;{wage_type};{person};"
        for person, wage_type, minutes in sorted(entries)
        if minutes
    ]
    return "\r\n".join([*head, *rows]) + "\r\n"


def human_cell(text: str) -> str:
    """Free text for a report opened in a spreadsheet: a leading formula character is disarmed.
    Never used on ids and numbers of a payroll file."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
