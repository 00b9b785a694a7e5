"""The gate of a pay period: why it cannot be exported yet. Computed, never ticked. Pure.

Owns which facts block, whether two people may let one pass, which is told first, and when a period
closes by itself. Where the
facts come from, and which screen mends one, is Odoo's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NotRequired, TypeAlias, TypedDict

from .rules import RuleSet
from .status import blocks_pay


class GateDay(TypedDict):
    """What the gate looks at of one day. differs: it is not what its punches give; minutes: what is
    at risk while it blocks."""

    date: date | str
    status: str | Literal[False] | None
    employee: NotRequired[str]
    overtime_unapproved_minutes: NotRequired[int]
    open_adjustment: NotRequired[bool]
    open_attestation: NotRequired[bool]
    differs: NotRequired[bool]
    minutes: NotRequired[int]


@dataclass(frozen=True)
class GateFacts:
    """What the gate looks at. devices_behind, open_gaps, unmapped_employees, shared_numbers,
    unfit_numbers (the payroll program does not take them), unmapped_classes, findings, waiting:
    names; minutes_of: minutes at risk by such a name."""

    days: tuple[GateDay, ...] = ()
    devices_behind: tuple[str, ...] = ()
    unmapped_employees: tuple[str, ...] = ()
    unmapped_classes: tuple[str, ...] = ()
    open_gaps: tuple[str, ...] = ()
    shared_numbers: tuple[str, ...] = ()
    unfit_numbers: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    minutes_of: tuple[tuple[str, int], ...] = ()


# what it is about, its date (empty for none) and why
Blocker: TypeAlias = tuple[str, str, str]

# Without these no file can be made, or it would pay somebody wrongly: nobody lets them pass.
MUST_BE_MENDED = frozenset(
    (
        "employee_not_mapped",
        "number_shared",
        "number_unfit",
        "class_not_mapped",
        "day_not_as_computed",
        "days_being_computed",
    )
)


def blockers(facts: GateFacts) -> list[Blocker]:
    """Why the period cannot be exported: `(name, date, reason)`, by name and date; empty if it
    can."""
    found = [
        (str(day.get("employee", "")), str(day["date"]), reason)
        for day in facts.days
        for reason, _minutes in _day_blockers(day)
    ]
    for names, reason in _of_names(facts):
        found += [(name, "", reason) for name in names]
    return sorted(found, key=lambda blocker: blocker[:2])


def by_risk(facts: GateFacts) -> list[tuple[Blocker, int]]:
    """The same with the minutes at risk of each, the most first."""
    minutes: dict[Blocker, int] = {}
    for day in facts.days:
        for reason, at_risk in _day_blockers(day):
            minutes[str(day.get("employee", "")), str(day["date"]), reason] = at_risk
    named = dict(facts.minutes_of)
    found = [(one, minutes.get(one, named.get(one[0], 0))) for one in blockers(facts)]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def stands(found: Iterable[Blocker], passed: Iterable[Blocker]) -> list[Blocker]:
    """Blockers that still stand where two people let `passed` pass."""
    let = {one for one in passed if one[2] not in MUST_BE_MENDED}
    return [one for one in found if one not in let]


def closes_on(last: date, rules: Iterable[RuleSet]) -> date | None:
    """The date on which a period that ends on `last` closes by itself: the latest that its rule
    sets name (lock_after_days), None where none does."""
    named = [one.lock_after_days for one in rules if one.lock_after_days is not None]
    return last + timedelta(days=max(named)) if named else None


def _of_names(facts: GateFacts) -> Iterator[tuple[tuple[str, ...], str]]:
    yield facts.unmapped_employees, "employee_not_mapped"
    yield facts.shared_numbers, "number_shared"
    yield facts.unfit_numbers, "number_unfit"
    yield facts.unmapped_classes, "class_not_mapped"
    yield facts.devices_behind, "device_not_complete"
    yield facts.open_gaps, "gap_open"
    yield facts.findings, "chain_not_verified"
    yield facts.waiting, "days_being_computed"


def _day_blockers(day: GateDay) -> Iterator[tuple[str, int]]:
    """`(reason, minutes at risk)`."""
    status, at_risk = day.get("status"), day.get("minutes", 0)
    held = day.get("overtime_unapproved_minutes", 0)
    if blocks_pay(status):
        yield status or "status_missing", at_risk
    if held > 0:
        yield "overtime_unapproved", held
    if day.get("open_adjustment"):
        yield "open_adjustment", at_risk
    if day.get("open_attestation"):
        yield "open_attestation", at_risk
    if day.get("differs"):
        yield "day_not_as_computed", at_risk
