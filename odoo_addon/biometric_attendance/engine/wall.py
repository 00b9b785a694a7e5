"""From what a terminal's clock said to an instant, as ingest and screens need it; sane clocks.

Texts and naive UTC datetimes in, the same out; zones, gaps and ambiguous hours are
engine/instants.py. A wall time is text `YYYY-MM-DD HH:MM:SS` and never carries a zone. Nothing
computed here is stored on a punch.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from .instants import Zone, wall_of

# Before this the clock of a terminal was never set (factory dates are 2000 to 2009).
FIRST_SANE_YEAR = 2010
# Years have four digits: as text they are in the same order.
_FIRST_SANE = str(FIRST_SANE_YEAR)
# No zone error can move a clock further than this, so a punch beyond it was stamped wrong.
FUTURE_LIMIT = timedelta(hours=24)
_FUTURE_SECONDS = FUTURE_LIMIT.total_seconds()
# Difference of a live push to the agent's clock that is worth a flag.
SKEW_LIMIT = timedelta(minutes=5)
# No zone is further behind UTC than this (the furthest is 12 hours).
MOST_BEHIND = timedelta(hours=14)
BEGINNING = "0001-01-01 00:00:00"
# `(valid from, zone name)` of one device, sorted: each zone holds until the next wall time
Spans: TypeAlias = Sequence[tuple[str, str]]


_BEGINNING = datetime(1970, 1, 1)


def parse(wall_time: str) -> datetime:
    """Naive datetime of a wall time whose form was checked; a twentieth of strptime's time."""
    return datetime.fromisoformat(wall_time)


def span_zone(spans: Spans, wall_time: str) -> str:
    """Zone name in force at a wall time; the first span also covers what is older than it."""
    if len(spans) < 2:
        return spans[0][1] if spans else "UTC"
    index = bisect_right(spans, wall_time, key=lambda span: span[0])
    return spans[max(index - 1, 0)][1]


def to_instant(wall_time: str, zone: str) -> datetime:
    """Naive UTC instant; a time the zone skips keeps the offset before the gap, an hour that comes
    twice is the first."""
    return utc(Zone.named(zone).instant(wall_of(wall_time)))


def utc(at: int) -> datetime:
    """Naive UTC datetime of epoch seconds; the first or last one there is for what lies outside."""
    try:
        return _BEGINNING + timedelta(seconds=at)
    except (OverflowError, ValueError):
        return datetime.min if at < 0 else datetime.max.replace(microsecond=0)


def from_instant(instant: datetime, spans: Spans) -> str:
    """What a clock showed at a naive UTC instant; the last span whose beginning had come wins."""
    (_begin, first), *later = spans or [(BEGINNING, "UTC")]
    shown = _shown(instant, first)
    for valid_from, zone in later:
        local = _shown(instant, zone)
        if valid_from <= local:
            shown = local
    return shown


def _shown(instant: datetime, zone: str) -> str:
    local = instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return local.strftime("%Y-%m-%d %H:%M:%S")


def is_sane(wall_time: str, instant: datetime, seen_at: datetime) -> bool:
    """Whether a stamp is possible: after the terminals' factory years, and not in the future.

    `seen_at`: naive UTC, when a trusted clock first saw the punch.
    """
    return is_sane_ahead(wall_time, (instant - seen_at).total_seconds())


def is_sane_ahead(wall_time: str, seconds: float) -> bool:
    """The same of a stamp that lies so many seconds after that moment."""
    return wall_time >= _FIRST_SANE and seconds <= _FUTURE_SECONDS


def is_sane_anywhere(wall_time: str, seen_at: datetime) -> bool:
    """Whether a stamp is possible whatever the zone: most are, and finding the instant costs more
    than all else that is asked of them. `seen_at` as in is_sane."""
    return wall_time >= _FIRST_SANE and (parse(wall_time) - seen_at <= FUTURE_LIMIT - MOST_BEHIND)
