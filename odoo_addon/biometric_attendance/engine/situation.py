"""The one status of a date: first that fits (S15).

Owns the order of the questions. Must not know how a day was worked out.
"""

from dataclasses import dataclass

from .rules import RuleSet
from .status import Status
from .values import HOLIDAY, REST_DAY, DayType


@dataclass(frozen=True, slots=True)
class Situation:
    """What the status of a date depends on. `worked`, `leave`, `expected`: minutes. `unfinished`: a
    session without its other end. `punched`: somebody punched, counted or not. `on_leave`: leave
    on a date that has no expected minutes. `complete`: no punch is missing any more from any device
    the person may use."""

    day_type: DayType
    unfinished: bool
    punched: bool
    worked: int
    leave: int
    expected: int
    has_shift: bool
    on_leave: bool
    complete: bool


def status_of(case: Situation, rules: RuleSet) -> Status:
    """The first status that fits.

    A workday on which nothing is due and nothing was punched has nothing to be absent from: it is
    a rest day.
    """
    if case.unfinished:
        return "incomplete"
    if case.day_type == HOLIDAY:
        return "worked_holiday" if case.worked else "holiday"
    if case.day_type == REST_DAY:
        return "worked_rest_day" if case.worked else "rest_day"
    present = case.punched or case.worked > 0
    if case.leave >= case.expected if case.expected else case.on_leave:
        return "conflict" if present else "on_leave"
    if not present:
        if not case.expected and not case.has_shift:
            return "rest_day"
        return "absent" if case.complete else "pending"
    minutes = case.worked + case.leave
    if minutes < rules.absent_below_minutes:
        return "absent"
    return "half_day" if minutes < rules.half_day_below_minutes else "present"
