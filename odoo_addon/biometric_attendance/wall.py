"""From what a terminal's clock said to an instant: zone spans, ambiguous hours, sane clocks.

Pure: no odoo, no database. A wall time is text `YYYY-MM-DD HH:MM:SS` and never carries a zone; an
instant is a naive UTC datetime. Nothing computed here is stored on a punch.
"""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

# Before this the clock of a terminal was never set (factory dates are 2000 to 2009).
FIRST_SANE_YEAR = 2010
# No zone error can move a clock further than this, so a punch beyond it was stamped wrong.
FUTURE_LIMIT = timedelta(hours=24)
# Difference of a live push to the agent's clock that is worth a flag.
SKEW_LIMIT = timedelta(minutes=5)
BEGINNING = "0001-01-01 00:00:00"


def parse(wall_time):
    """Naive datetime of a wall time whose form was checked; a twentieth of strptime's time."""
    return datetime.fromisoformat(wall_time)


def span_zone(spans, wall_time):
    """Zone name in force at a wall time. `spans`: sorted [(valid_from wall text, zone name)]."""
    if not spans:
        return "UTC"
    index = bisect_right(spans, wall_time, key=lambda span: span[0])
    return spans[max(index - 1, 0)][1]


def to_instant(wall_time, zone, fold=0):
    """Naive UTC instant; a time the zone skips keeps the offset before the gap."""
    local = parse(wall_time).replace(tzinfo=ZoneInfo(zone), fold=fold)
    try:
        return local.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return local.replace(tzinfo=None)


def from_instant(instant, spans):
    """What a clock showed at a naive UTC instant. `spans` as in span_zone; the last span whose
    beginning had come wins."""
    shown = None
    for valid_from, zone in spans or [(BEGINNING, "UTC")]:
        local = instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
        if shown is None or valid_from <= local:
            shown = local
    return shown


def is_ambiguous(wall_time, zone):
    """Whether the clock showed this wall time twice."""
    local = parse(wall_time)
    if not 2 < local.year < 9998:
        return False
    zone = ZoneInfo(zone)
    first = local.replace(tzinfo=zone, fold=0).utcoffset()
    second = local.replace(tzinfo=zone, fold=1).utcoffset()
    return first > second


def resolve_folds(ordered, zone):
    """Which reading of an ambiguous hour each punch had, by the device's own order.

    `ordered`: [(id, wall_time)] of one device and one channel in the order the device told them,
    reaching from before the ambiguous hour to after it. Returns ({id: 0 or 1}, decided).
    `decided` is false when nothing in the order shows which reading it was.
    """
    folds = {}
    latest = None
    decided = False
    for punch_id, wall_time in ordered:
        fold = 0
        if is_ambiguous(wall_time, zone):
            first = to_instant(wall_time, zone)
            if latest is not None and first < latest:
                fold = 1
                decided = True
            folds[punch_id] = fold
        instant = to_instant(wall_time, zone, fold)
        # A record far out of order is a re-upload or a wrong clock; it decides nothing.
        if latest is None or instant >= latest:
            if latest is None or instant - latest < timedelta(days=2):
                latest = instant
    return folds, decided


def is_sane(wall_time, instant, seen_at):
    """Whether a stamp is possible: after the terminals' factory years, and not in the future.

    `seen_at`: naive UTC, when a trusted clock first saw the punch.
    """
    return int(wall_time[:4]) >= FIRST_SANE_YEAR and instant <= seen_at + FUTURE_LIMIT


def is_zone(name):
    """Whether `name` is a time zone this machine knows (area names, not paths)."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
