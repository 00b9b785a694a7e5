"""Expected days, minutes and leave of a period without punches: weekdays, holidays, employment.

Owns which dates are due. A holiday wins over leave: no leave is charged on it. Shifts with times
belong to values.py.
"""

from dataclasses import dataclass

from .instants import dates_between
from .values import HOLIDAY, REST_DAY, WORKDAY


@dataclass(frozen=True)
class RosterDay:
    """One date of a period: what it is and what is due."""

    day: object
    day_type: str
    expected_minutes: int
    leave_minutes: int


def expand(
    first,
    last,
    *,
    workdays,
    minutes_per_day,
    holidays=(),
    leave_days=(),
    employed_from=None,
    employed_until=None,
    holiday_has_expected_hours=False,
):
    """One RosterDay per date of employment, both ends included.

    `workdays`: weekday numbers, Monday is 0. `minutes_per_day`: a number or `{weekday: minutes}`.
    `leave_days`: a set of dates, or `{date: minutes}` for parts of days.
    """
    answer = []
    for day in dates_between(first, last):
        if (employed_from and day < employed_from) or (employed_until and day > employed_until):
            continue
        planned = day.weekday() in workdays
        kind = HOLIDAY if day in holidays else WORKDAY if planned else REST_DAY
        due = _minutes(minutes_per_day, day) if planned else 0
        expected = due if kind == WORKDAY or (kind == HOLIDAY and holiday_has_expected_hours) else 0
        leave = _leave(leave_days, day, due) if kind == WORKDAY else 0
        answer.append(RosterDay(day, kind, expected, leave))
    return answer


def _minutes(minutes_per_day, day):
    if isinstance(minutes_per_day, dict):
        return minutes_per_day.get(day.weekday(), 0)
    return minutes_per_day


def _leave(leave_days, day, due):
    if day not in leave_days:
        return 0
    return min(due, leave_days[day]) if isinstance(leave_days, dict) else due


def summary(days):
    """Counts of a period: expected days and minutes, leave, holidays."""
    return {
        "expected_days": sum(1 for day in days if day.expected_minutes),
        "scheduled_minutes": sum(day.expected_minutes for day in days),
        "leave_minutes": sum(day.leave_minutes for day in days),
        "leave_days": sum(1 for day in days if day.leave_minutes),
        "holidays": sum(1 for day in days if day.day_type == HOLIDAY),
        "calendar_days": len(days),
    }
