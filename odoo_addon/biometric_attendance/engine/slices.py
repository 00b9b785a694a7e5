"""Work of one date inside one week, and how too much of it becomes overtime (S13).

A slice holds segments in order of time. Must not know which weeks or periods are summed up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .classes import joined
from .rules import WEEKDAYS, RuleSet
from .values import Segment

STRAIGHT = "regular"


@dataclass
class Slice:
    """The part of a date's work that lies in one week."""

    day: date
    week: date
    segments: list[Segment]
    leave_seconds: int = 0

    def seconds(self, *names: str) -> int:
        return sum(end - start for start, end, name in self.segments if not names or name in names)


def week_start_of(day: date, rules: RuleSet) -> date:
    """First date of the week of a date, the week's time of day left aside."""
    return day - timedelta(days=(day.weekday() - WEEKDAYS.index(rules.week_start)) % 7)


def take_excess(group: Sequence[Slice], threshold_minutes: int, rules: RuleSet) -> None:
    """Only straight minutes count and only they turn, the latest first: no pyramiding."""
    counted = sum(item.seconds(STRAIGHT) for item in group)
    if rules.leave_counts_as_worked_for_ot:
        counted += sum(item.leave_seconds for item in group)
    excess = counted - threshold_minutes * 60
    for item in sorted(group, key=lambda one: (one.day, one.week), reverse=True):
        if excess <= 0:
            return
        excess = _turn_latest(item, excess)


def _turn_latest(item: Slice, excess: int) -> int:
    """Turn the latest straight seconds of a slice into overtime; what is left of the excess."""
    fresh: list[Segment] = []
    for start, end, name in reversed(item.segments):
        turned = min(max(0, excess), end - start) if name == STRAIGHT else 0
        excess -= turned
        fresh += [(end - turned, end, "overtime"), (start, end - turned, name)]
    item.segments = joined(fresh[::-1])
    return excess
