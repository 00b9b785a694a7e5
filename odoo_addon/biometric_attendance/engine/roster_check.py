"""What is wrong with planned dates: overlaps, too little rest, leave, time outside employment.

Owns the check of a plan before it is written; the roster grid judges by the same examples
(tests/contract/roster.json) while something is dragged. What the working schedule alone plans is
not judged. Minutes are counted from midnight of each date. Must not know who plans, nor why.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

DAY_MINUTES = 1440
WEEK = 7

Spans = Sequence[tuple[int, int]]


class Planned(NamedTuple):
    """One date of a person: `spans` of work, `(begin, end)` in minutes from its midnight."""

    spans: Spans = ()
    minutes: int = 0
    # Whether the roster names a shift there.
    is_rostered: bool = False
    on_leave: bool = False
    is_outside: bool = False


class Limits(NamedTuple):
    """Of the person's rule set, in minutes; None where it has none."""

    rest: int | None = None
    week_rest: int | None = None
    week_most: int | None = None


class Conflict(NamedTuple):
    """`kind`: outside, leave, overlap, rest, week_most or week_rest. `minutes` there are, `limit`
    there must be at least, or may be at most."""

    kind: str
    minutes: int = 0
    limit: int = 0


def date_conflicts(dates: Sequence[Planned], place: int, limits: Limits) -> list[Conflict]:
    """What is wrong with one of these consecutive dates, in the light of those beside it."""
    planned = dates[place]
    if not planned.is_rostered:
        return []
    found: list[Conflict] = []
    if planned.is_outside:
        found.append(Conflict("outside"))
    if planned.on_leave:
        found.append(Conflict("leave"))
    beside = ((place - 1, place), (place, place + 1))
    rests = [
        _rest_between(dates[earlier].spans, dates[later].spans)
        for earlier, later in beside
        if earlier >= 0 and later < len(dates)
    ]
    least = min((minutes for minutes in rests if minutes is not None), default=None)
    if _overlaps(planned.spans) or (least is not None and least < 0):
        found.append(Conflict("overlap"))
    elif limits.rest is not None and least is not None and least < limits.rest:
        found.append(Conflict("rest", least, limits.rest))
    return found


def week_conflicts(dates: Sequence[Planned], limits: Limits) -> list[Conflict]:
    """What is wrong with a week: `dates` are the date before its first, then its dates."""
    before, *week = dates
    if not any(one.is_rostered for one in week):
        return []
    found: list[Conflict] = []
    minutes = sum(one.minutes for one in week)
    if limits.week_most is not None and minutes > limits.week_most:
        found.append(Conflict("week_most", minutes, limits.week_most))
    if limits.week_rest is not None and len(week) == WEEK:
        free = _longest_free(before, week)
        if free < limits.week_rest:
            found.append(Conflict("week_rest", free, limits.week_rest))
    return found


def _rest_between(earlier: Spans, later: Spans) -> int | None:
    """Minutes free between the work of one date and of the next; None where either has none."""
    if not earlier or not later:
        return None
    return min(begin for begin, _end in later) + DAY_MINUTES - max(end for _begin, end in earlier)


def _overlaps(spans: Spans) -> bool:
    return any(later[0] < earlier[1] for earlier, later in pairwise(sorted(spans)))


def _longest_free(before: Planned, week: Sequence[Planned]) -> int:
    spans = sorted(
        (begin + place * DAY_MINUTES, end + place * DAY_MINUTES)
        for place, one in enumerate((before, *week), start=-1)
        for begin, end in one.spans
    )
    free = busy_until = 0
    for begin, end in spans:
        free = max(free, begin - busy_until)
        busy_until = max(busy_until, end)
    return max(free, len(week) * DAY_MINUTES - busy_until)
