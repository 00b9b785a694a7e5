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
    session without its other end. `running`: an open session that can still be closed. `awaited`:
    one that cannot, but its check-out may be on its way. `punched`: somebody punched, counted or
    not. `one_is_enough`: a punch alone makes a day. `short`: less was worked, or less long, than
    was due. `may_come`: any date of the week may be worked. `on_leave`: leave on a date that has no
    expected minutes. `over`: the date's window has closed. `complete`: no punch is missing any more
    from any device the person may use."""

    day_type: DayType
    unfinished: bool
    running: bool
    awaited: bool
    punched: bool
    one_is_enough: bool
    worked: int
    leave: int
    expected: int
    short: bool
    has_shift: bool
    may_come: bool
    on_leave: bool
    over: bool
    complete: bool


def status_of(case: Situation, rules: RuleSet) -> Status:
    """The first status that fits a date of somebody who is employed then.

    A workday on which nothing is due and nothing was punched has nothing to be absent from: it is
    a rest day. Nothing is missing or short before the date's window has closed.
    """
    if case.running:
        return "at_work"
    if case.awaited:
        return "pending"
    if case.unfinished:
        return "incomplete"
    worked = case.worked > 0 or (case.one_is_enough and case.punched)
    if case.day_type == HOLIDAY:
        return "worked_holiday" if worked else "holiday"
    if case.day_type == REST_DAY:
        return "worked_rest_day" if worked else "rest_day"
    return _workday_status(case, rules)


def _workday_status(case: Situation, rules: RuleSet) -> Status:
    present = case.punched or case.worked > 0
    if case.leave >= case.expected if case.expected else case.on_leave:
        return "conflict" if present else "on_leave"
    if not present:
        certain = case.over and case.complete
        if not case.expected and not case.has_shift:
            return "pending" if case.may_come and not certain else "rest_day"
        return "absent" if certain else "pending"
    found = _by_minutes(case, rules)
    return found if case.over or (found == "present" and not case.short) else "pending"


def _by_minutes(case: Situation, rules: RuleSet) -> Status:
    minutes = case.worked + case.leave
    if case.one_is_enough:
        return "present"
    if minutes < rules.absent_below_minutes:
        return "absent"
    return "half_day" if minutes < rules.half_day_below_minutes else "present"
