"""The payroll file: lines from days, the canonical file and its control record, and corrections
after lock.

Owns pay codes, hours and sums. Pure: batch numbers and times are handed in. Formats of payroll
programs live in formats.py.
"""

import csv
import hashlib
import io
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, Protocol, TypeAlias

from .rules import RuleSet

# Day field -> pay code, unless a code map says otherwise. Night and leave stand beside the
# classes; dropped and unapproved minutes are never exported.
DEFAULT_CODES = {
    "regular_minutes": "REG",
    "overtime_minutes": "OT",
    "doubletime_minutes": "DT",
    "rest_day_minutes": "RD",
    "rest_day_overtime_minutes": "RDOT",
    "holiday_minutes": "HOL",
    "holiday_overtime_minutes": "HOLOT",
    "night_minutes": "ND",
    "leave_minutes": "LV",
}
# Which field of a day a file tells as which of these: of time off what is paid alone.
TOLD_FIELDS = {name: name for name in DEFAULT_CODES} | {"leave_minutes": "paid_leave_minutes"}
# Banked time that is paid: no minutes of a day. By this name a code map gives it another code.
PAYOUT = "cto_payout_minutes"
PAYOUT_CODE = "CTO"
COLUMNS = (
    "batch_id",
    "company",
    "period_start",
    "period_end",
    "employee_id",
    "employee_ref",
    "work_date",
    "pay_code",
    "class",
    "minutes",
    "hours",
    "factor",
    "cost_center",
    "kind",
    "origin_batch",
    "origin_date",
)


Rounding: TypeAlias = Literal["line", "total"]


class ExportError(ValueError):
    """A file that must not be made; the message says what to mend."""


@dataclass(frozen=True)
class Batch:
    """Head of one export; every text as it goes into the file. rounding: whether each line's hours
    are rounded by themselves, or so that those of one person and pay code add up to the rounded
    hours of their minutes."""

    batch_id: str
    company: str
    period_start: date
    period_end: date
    profile: str = "canonical"
    profile_version: int = 1
    rule_versions: tuple[str, ...] = ()
    generated_at: str = ""
    generated_by: str = ""
    previous_sha256: str = ""
    rounding: Rounding = "line"


@dataclass(frozen=True)
class Employee:
    """Whom a line is about. `reference` is the payroll program's own number, kept as text."""

    identity: str
    reference: str = ""
    cost_center: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the file. `work_date` None is a total of the period. `minutes` may be negative
    in a correction. `is_blank`: nothing stands where its hours would."""

    employee: Employee
    work_date: date | None
    pay_code: str
    pay_class: str
    minutes: int
    factor: str = ""
    kind: str = "regular"
    origin_batch: str = ""
    origin_date: date | None = None
    is_blank: bool = False

    @property
    def order(self) -> tuple[str, ...]:
        codes = (self.pay_code, self.pay_class, self.kind)
        origin = (_iso(self.origin_date), self.origin_batch)
        return (self.employee.identity, _iso(self.work_date), *codes, *origin)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def hours_text(minutes: int, point: str = ".") -> str:
    """Hours with two decimals, rounded half up: 455 -> `7.58`."""
    hundredths = (abs(minutes) * 100 + 30) // 60
    sign = "-" if minutes < 0 and hundredths else ""
    return f"{sign}{hundredths // 100}{point}{hundredths % 100:02d}"


def hundredths_of(minutes: int) -> int:
    """The same as a whole number of hundredths, for exact sums."""
    return int(hours_text(minutes).replace(".", ""))


class PaidDay(Protocol):
    """A Day, or whatever else has its date and every field that TOLD_FIELDS names."""

    @property
    def work_date(self) -> date: ...


# Class of what is owed by a statement: no minutes of presence.
PREMIUM = "premium"


def premium_lines(employee: Employee, day: date, owed: Iterable[Sequence[object]]) -> list[Line]:
    """Lines of what a day is owed beside its minutes: `[(pay code, minutes)]` of its derivation."""
    return [Line(employee, day, str(code), PREMIUM, int(str(minutes))) for code, minutes in owed]


def day_lines(
    employee: Employee,
    days: Iterable[PaidDay],
    rules: RuleSet | None = None,
    codes: Mapping[str, str] | None = None,
) -> list[Line]:
    """Lines of an employee's days, one per date and pay code, zero ones left out.

    `codes`: `{Day field: pay code}`; ExportError if a class with minutes has no code.
    """
    codes = codes or (rules.codes if rules and rules.codes else DEFAULT_CODES)
    factors = dict(rules.rate_table) if rules else dict[str, int | float | str]()
    lines: list[Line] = []
    for day in days:
        for name in DEFAULT_CODES:
            minutes: int = getattr(day, TOLD_FIELDS[name])
            if not minutes:
                continue
            if name not in codes:
                raise ExportError(f"no pay code for {name} on {day.work_date}")
            pay_class = name.removesuffix("_minutes")
            lines.append(
                Line(
                    employee,
                    day.work_date,
                    codes[name],
                    pay_class,
                    minutes,
                    factor_text(factors.get(pay_class)),
                )
            )
    return sorted(lines, key=lambda line: line.order)


def zero_lines(
    employee: Employee, told: Collection[str], rules: RuleSet | None = None
) -> list[Line]:
    """Lines of the period without minutes, one per pay code of the rule set that is not `told` of
    the person; none unless zero_policy asks for them."""
    if rules is None or rules.zero_policy == "omit":
        return []
    codes = rules.codes or DEFAULT_CODES
    classes = {codes[name]: name for name in DEFAULT_CODES if name in codes}
    return [
        Line(
            employee,
            None,
            code,
            name.removesuffix("_minutes"),
            0,
            is_blank=rules.zero_policy == "blank",
        )
        for code, name in classes.items()
        if code not in told
    ]


def payout_line(
    employee: Employee,
    day: date,
    minutes: int,
    lot: tuple[str, date | None],
    rules: RuleSet | None = None,
) -> Line:
    """Line of banked time that is paid; `lot`: its name and the date it was earned on. ExportError
    where a code map has no code for it."""
    code = payout_code(rules)
    if code is None:
        raise ExportError(f"no pay code for {PAYOUT} on {day}")
    factor = factor_text(dict(rules.rate_table).get("cto_payout") if rules else None)
    name, earned_on = lot
    return Line(employee, day, code, "cto_payout", minutes, factor, "payout", name, earned_on)


def payout_code(rules: RuleSet | None) -> str | None:
    """Pay code of banked time that is paid; None where a code map has none for it."""
    return (rules.codes if rules and rules.codes else {PAYOUT: PAYOUT_CODE}).get(PAYOUT)


def factor_text(percent: int | float | str | None) -> str:
    """130 -> `1.30`, 137.5 -> `1.375`; an unknown rate stays blank. ExportError for what is no
    number: rule sets of earlier releases may hold one."""
    if percent is None:
        return ""
    try:
        millionths = round(Fraction(str(percent)) * 10_000)
    except (ValueError, ZeroDivisionError):
        millionths = -1
    if millionths < 0:
        raise ExportError(f"{percent!r} in rate_table is no rate in percent")
    whole, part = divmod(millionths, 1_000_000)
    return f"{whole}.{part // 10_000:02d}" + f"{part % 10_000:04d}".rstrip("0")


def table_text(
    columns: Sequence[str], rows: Iterable[Sequence[str | int]], delimiter: str = ","
) -> str:
    """RFC 4180: quotes only where needed, CRLF, header first."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def to_csv(lines: Iterable[Line], batch: Batch) -> bytes:
    """The canonical file as bytes: UTF-8 without mark, sorted, minutes and hours."""
    ordered = sorted(lines, key=lambda line: line.order)
    rows = [
        (
            batch.batch_id,
            batch.company,
            batch.period_start.isoformat(),
            batch.period_end.isoformat(),
            line.employee.identity,
            line.employee.reference,
            _iso(line.work_date),
            line.pay_code,
            line.pay_class,
            line.minutes,
            "" if line.is_blank else hundredths_text(hundredths),
            line.factor,
            line.employee.cost_center,
            line.kind,
            line.origin_batch,
            _iso(line.origin_date),
        )
        for line, hundredths in zip(ordered, line_hundredths(ordered, batch.rounding), strict=True)
    ]
    return table_text(COLUMNS, rows).encode()


def control_record(lines: Sequence[Line], batch: Batch, data: bytes) -> dict[str, object]:
    """What the receiver can compare: counts, totals by pay code, digest of the file `data`.

    Two totals of hours: of the minutes, and of the rounded lines; they differ by rounding only.
    """
    by_code: dict[str, int] = {}
    for line in lines:
        by_code[line.pay_code] = by_code.get(line.pay_code, 0) + line.minutes
    total = sum(by_code.values())
    return {
        "batch_id": batch.batch_id,
        "company": batch.company,
        "profile": batch.profile,
        "profile_version": batch.profile_version,
        "period_start": batch.period_start.isoformat(),
        "period_end": batch.period_end.isoformat(),
        "rule_versions": sorted(batch.rule_versions),
        "generated_at": batch.generated_at,
        "generated_by": batch.generated_by,
        "line_count": len(lines),
        "employee_count": len({line.employee.identity for line in lines}),
        "minutes_by_code": dict(sorted(by_code.items())),
        "total_minutes": total,
        "hours_of_total": hours_text(total),
        "hours_of_lines": hundredths_text(
            sum(line_hundredths(sorted(lines, key=lambda line: line.order), batch.rounding))
        ),
        "rounding": batch.rounding,
        "add_up": "hours_of_lines is the sum of the column hours; hours_of_total is the sum of "
        "the minutes. They differ by rounding alone: compare the first with what was imported.",
        "sha256": hashlib.sha256(data).hexdigest(),
        "previous_sha256": batch.previous_sha256,
    }


def control_json(record: Mapping[str, object]) -> bytes:
    """The control record as bytes, stable in order."""
    return (json.dumps(record, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def hundredths_text(hundredths: int) -> str:
    """Hundredths of an hour as hours: 758 -> `7.58`."""
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def line_hundredths(lines: Sequence[Line], rounding: Rounding) -> list[int]:
    """Hours of each line in hundredths. By `total` what rounding leaves over of a person's pay code
    is laid on its largest line, the first of equal ones."""
    found = [hundredths_of(line.minutes) for line in lines]
    if rounding == "line":
        return found
    places: dict[tuple[str, str], list[int]] = {}
    for place, line in enumerate(lines):
        places.setdefault((line.employee.identity, line.pay_code), []).append(place)
    for own in places.values():
        due = hundredths_of(sum(lines[place].minutes for place in own))
        largest = max(own, key=lambda place: abs(lines[place].minutes))
        found[largest] += due - sum(found[place] for place in own)
    return found


# what lines of one total have in common
_Kind: TypeAlias = tuple[Employee, str, str, str, str, str, date | None]


def totals(lines: Iterable[Line]) -> list[Line]:
    """Period totals: lines added up per employee, pay code, factor and kind. Minutes are added
    first and hours rounded once, so that nothing drifts."""
    sums: dict[_Kind, int] = {}
    for line in lines:
        key = (
            line.employee,
            line.pay_code,
            line.pay_class,
            line.factor,
            line.kind,
            line.origin_batch,
            line.origin_date,
        )
        sums[key] = sums.get(key, 0) + line.minutes
    found = [
        Line(employee, None, code, name, minutes, factor, kind, origin, origin_date)
        for (employee, code, name, factor, kind, origin, origin_date), minutes in sums.items()
        if minutes
    ]
    return sorted(found, key=lambda line: line.order)


# what a difference is told about: employee, date, pay code
DeltaKey: TypeAlias = tuple[str, ...]


def deltas(
    exported: Mapping[DeltaKey, int],
    current: Mapping[DeltaKey, int],
    negative_policy: str = "allow",
) -> tuple[dict[DeltaKey, int], dict[DeltaKey, int]]:
    """`(to export, held)`: current minus last exported, by key; zero differences left out.

    Both are `{key: minutes}`; a key that only one of them knows counts as zero in the other.
    With `hold`, negative differences stay behind until somebody decides or they turn.
    """
    due: dict[DeltaKey, int] = {}
    held: dict[DeltaKey, int] = {}
    for key in sorted(set(exported) | set(current)):
        change = current.get(key, 0) - exported.get(key, 0)
        if change:
            (held if change < 0 and negative_policy == "hold" else due)[key] = change
    return due, held


def corrections(
    exported: Mapping[DeltaKey, int], current: Mapping[DeltaKey, int], rules: RuleSet | None
) -> tuple[dict[DeltaKey, int], dict[DeltaKey, int]]:
    """deltas as the rule set of the day wants them; without one, all are told."""
    return deltas(exported, current, rules.negative_policy if rules else "allow")
