"""Weeks of people whose schedule names hours and no times: due is what the week holds (S13).

Takes the days of whole weeks, lays what is due where it was worked, and says what is beyond it or
short of it. Whenever they come, no date of its own is due. Must not know punches.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from .classes import minutes_by_class
from .rules import RuleSet
from .slices import Slice, take_excess, week_start_of
from .status import UNSETTLED
from .values import HOLIDAY, WORKDAY, Day


def with_budgets(days: Sequence[Day], rules_for: Callable[[date], RuleSet]) -> list[Day]:
    """The same days, in the same order. A week of which a date is not among them is left alone."""
    answer = list(days)
    place = {day.work_date: number for number, day in enumerate(answer)}
    starts = {
        week_start_of(day.work_date, rules_for(day.work_date)) for day in days if day.flexible_week
    }
    for week in sorted(starts):
        dates = [week + timedelta(days=n) for n in range(7)]
        if not all(day in place for day in dates):
            continue
        numbers = [place[day] for day in dates if answer[place[day]].flexible_week]
        judged = _judged([answer[number] for number in numbers], rules_for(week))
        for number, day in zip(numbers, judged, strict=True):
            answer[number] = day
    return answer


def budget_of(days: Sequence[Day]) -> int:
    """Minutes due in a week: of each date its seventh, less a day's minutes for each holiday. Who
    is employed for a part of the week owes a part of it."""
    spans = [day.flexible_week for day in days if day.flexible_week]
    whole = (2 * sum(week for week, _day in spans) + 7) // 14
    free = sum(
        day.flexible_week[1] for day in days if day.flexible_week and day.day_type == HOLIDAY
    )
    return max(0, whole - free)


def _judged(days: Sequence[Day], rules: RuleSet) -> list[Day]:
    budget = budget_of(days)
    laid, left = _laid_out(days, budget)
    laid = _with_overtime(laid, budget, rules)
    last = max((n for n, day in enumerate(laid) if day.day_type == WORKDAY), default=None)
    if left and last is not None:
        known = not any(day.status in UNSETTLED for day in laid)
        nobody = not any(day.worked_minutes or day.leave_minutes for day in laid)
        laid[last] = _short(laid[last], left, known, nobody)
    return laid


def _laid_out(days: Sequence[Day], budget: int) -> tuple[list[Day], int]:
    """What is due lies where it was worked or taken as leave, in order; and what is left of it.
    Leave beyond the week's hours is none."""
    laid: list[Day] = []
    for day in days:
        if day.day_type != WORKDAY:
            laid.append(day)
            continue
        leave = min(day.leave_minutes, budget)
        budget -= leave
        worked = min(day.worked_minutes, budget)
        budget -= worked
        laid.append(
            replace(
                day,
                scheduled_minutes=leave + worked,
                leave_minutes=leave,
                paid_leave_minutes=min(day.paid_leave_minutes, leave),
                undertime_minutes=0,
            )
        )
    return laid, budget


def _with_overtime(days: Sequence[Day], budget: int, rules: RuleSet) -> list[Day]:
    slices = [
        Slice(day.work_date, day.work_date, list(day.segments), day.paid_leave_minutes * 60)
        for day in days
    ]
    take_excess(slices, budget, rules)
    return [
        day.with_segments(tuple(item.segments), minutes_by_class(item.segments))
        if tuple(item.segments) != day.segments
        else day
        for day, item in zip(days, slices, strict=True)
    ]


def _short(day: Day, left: int, known: bool, nobody: bool) -> Day:
    """What nobody worked of the week is due on its last date, and short once the week is over."""
    day = replace(day, scheduled_minutes=day.scheduled_minutes + left)
    if not known:
        return day
    return replace(
        day,
        undertime_minutes=left,
        status="absent" if nobody else day.status,
        exceptions=tuple(sorted({*day.exceptions, "week_short"})),
    )
