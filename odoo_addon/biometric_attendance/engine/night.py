"""Night minutes: the worked timeline inside the local night window (S14). An overlay, no class."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

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
    first = zone.date_at(timeline[0][0]) - timedelta(days=1)
    return iv.intersect(timeline, _nights(first, zone.date_at(timeline[-1][1]), window, zone))


# The same for everybody of a zone: a month of some windows stays.
@lru_cache(maxsize=512)
def _nights(first: date, last: date, window: tuple[int, int], zone: Zone) -> list[Interval]:
    start, end = window
    end += 1440 if end <= start else 0
    return iv.merge((zone.on(day, start), zone.on(day, end)) for day in dates_between(first, last))
