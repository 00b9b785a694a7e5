"""Night minutes: the worked timeline inside the local night window (S14). An overlay, no class."""

from collections.abc import Sequence
from datetime import timedelta

from . import intervals as iv
from .instants import Zone, dates_between
from .intervals import Interval


def night_intervals(
    timeline: Sequence[Interval], window: tuple[int, int] | None, zone: Zone
) -> list[Interval]:
    """Parts of the timeline inside every night it touches; `window` is minutes after midnight.

    A night over a clock change has its real length: 7 or 9 hours for 22:00 to 06:00.
    """
    if window is None or not timeline:
        return []
    start, end = window
    end += 1440 if end <= start else 0
    first = zone.date_at(timeline[0][0]) - timedelta(days=1)
    last = zone.date_at(timeline[-1][1])
    nights = [(zone.on(day, start), zone.on(day, end)) for day in dates_between(first, last)]
    return iv.intersect(timeline, iv.merge(nights))
