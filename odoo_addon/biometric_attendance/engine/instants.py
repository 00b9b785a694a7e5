"""Instants and wall clocks of one time zone, as whole seconds.

Owns every conversion between an instant (epoch seconds, UTC) and a wall clock (seconds since
1970-01-01 00:00 as the clock on the wall shows them, no zone). Must not know punches' meaning,
shifts or rules. Durations are differences of instants, never of wall clocks.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

DAY = 86_400
MINUTE = 60
# Offsets are looked up once per quarter hour: since 1972 every zone changes on such a boundary,
# the half-hour change of Lord Howe included.
_SLOT = 900
_CACHE_LIMIT = 50_000
_UNASKED: Final = 1 << 40
_EPOCH = date(1970, 1, 1).toordinal()
_BEGINNING = datetime(1970, 1, 1)


class Zone:
    """One IANA zone. `Zone.named` keeps one object per name, so its caches are shared."""

    __slots__ = ("_info", "_instants", "_offsets", "_wall_offsets", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._info = ZoneInfo(name)
        self._offsets: dict[int, int] = {}
        self._instants: dict[tuple[int, int], int] = {}
        # by quarter hour of the wall clock that has one offset from end to end; None for another
        self._wall_offsets: dict[int, int | None] = {}

    @staticmethod
    @lru_cache(maxsize=600)
    def named(name: str) -> "Zone":
        """The zone called `name`; ValueError if there is none."""
        try:
            return Zone(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {name!r}") from error

    def offset_at(self, at: int) -> int:
        """Seconds that the wall clock is ahead of UTC at instant `at`."""
        slot = at // _SLOT
        offset = self._offsets.get(slot)
        if offset is None:
            if len(self._offsets) >= _CACHE_LIMIT:
                self._offsets.clear()
            moment = datetime.fromtimestamp(slot * _SLOT, self._info)
            offset = self._offsets[slot] = _offset_of(moment)
        return offset

    def wall(self, at: int) -> int:
        """Wall clock (seconds) at instant `at`."""
        return at + self.offset_at(at)

    def date_at(self, at: int) -> date:
        """Local date at instant `at`."""
        return date.fromordinal(_EPOCH + self.wall(at) // DAY)

    def instant(self, wall: int, fold: int = 0) -> int:
        """Instant of a wall clock.

        `fold=1` is the second reading of an ambiguous hour. A wall clock that never existed keeps
        the offset from before the gap.
        """
        at = self.plain_instant(wall)
        if at is not None:
            return at
        key = (wall, fold)
        at = self._instants.get(key)
        if at is None:
            if len(self._instants) >= _CACHE_LIMIT:
                self._instants.clear()
            at = self._instants[key] = wall - self._offset_on(wall, fold)
        return at

    def plain_instant(self, wall: int) -> int | None:
        """Instant of a wall clock in a quarter hour with one offset from end to end; None in one
        of which the clock showed some twice or never."""
        slot = wall // _SLOT
        offset = self._wall_offsets.get(slot, _UNASKED)
        if offset == _UNASKED:
            offset = self._wall_offset(slot)
        return None if offset is None else wall - offset

    def _offset_on(self, wall: int, fold: int) -> int:
        naive = datetime.fromtimestamp(wall, UTC).replace(tzinfo=self._info, fold=fold)
        return _offset_of(naive)

    def _wall_offset(self, slot: int) -> int | None:
        """The offset of a whole quarter hour of the wall clock; None where it changes inside it or
        the clock shows some of it twice or never."""
        if len(self._wall_offsets) >= _CACHE_LIMIT:
            self._wall_offsets.clear()
        ends = (slot * _SLOT, slot * _SLOT + _SLOT - 1)
        offsets = {self._offset_on(wall, fold) for wall in ends for fold in (0, 1)}
        offset = offsets.pop() if len(offsets) == 1 else None
        self._wall_offsets[slot] = offset
        return offset

    def is_ambiguous(self, wall: int) -> bool:
        """True if the wall clock happened twice."""
        if self._wall_offsets.get(wall // _SLOT) is not None:
            return False
        return self.instant(wall, 1) > self.instant(wall, 0)

    def skips(self, wall: int) -> bool:
        """True if the wall clock never existed."""
        if self._wall_offsets.get(wall // _SLOT) is not None:
            return False
        return self.wall(self.instant(wall)) != wall

    def on(self, day: date, minute_of_day: int) -> int:
        """Instant of a local time: `minute_of_day` may be 1440 or more (later days)."""
        return self.instant(day_start_wall(day) + minute_of_day * MINUTE)


def _offset_of(moment: datetime) -> int:
    """Seconds that an aware moment's zone is ahead of UTC."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError(f"{moment!r} carries no zone")
    return int(offset.total_seconds())


def day_start_wall(day: date) -> int:
    """Wall clock (seconds) of the midnight that begins `day`."""
    return (day.toordinal() - _EPOCH) * DAY


def date_of_wall(wall: int) -> date:
    """Date shown by a wall clock."""
    return date.fromordinal(_EPOCH + wall // DAY)


def wall_of(text: str) -> int:
    """Wall clock of `YYYY-MM-DD HH:MM[:SS]` (a `T` will do); ValueError with an offset or zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError(f"wall time {text!r} must not carry an offset")
    passed = moment - _BEGINNING
    return passed.days * DAY + passed.seconds


def epoch(value: datetime | str) -> int:
    """Epoch seconds of an aware datetime, a naive UTC datetime or ISO text with an offset."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
        if value.tzinfo is None:
            raise ValueError("an instant needs an offset")
    if value.tzinfo is None:
        passed = value - _BEGINNING
        return passed.days * DAY + passed.seconds
    return int(value.timestamp() // 1)


@lru_cache(maxsize=4096)
def _iso_date(day_number: int) -> str:
    return date.fromordinal(_EPOCH + day_number).isoformat()


# An instant is told several times in one day, and those of a shift by everybody who has it.
@lru_cache(maxsize=16_384)
def iso(at: int) -> str:
    """`2026-03-04T00:00Z`; seconds only where there are any."""
    day_number, second = divmod(at, DAY)
    text = f"{_iso_date(day_number)}T{second // 3600:02d}:{second // 60 % 60:02d}"
    return f"{text}:{second % 60:02d}Z" if second % MINUTE else f"{text}Z"


@lru_cache(maxsize=2048)
def minute_of(text: object) -> int:
    """Minutes after midnight of `HH:MM`; `24:00` is 1440. ValueError for anything else."""
    hours, colon, minutes = text.partition(":") if isinstance(text, str) else ("", "", "")
    well_formed = colon and len(minutes) == 2 and 1 <= len(hours) <= 2
    if not (
        well_formed
        and hours.isascii()
        and hours.isdigit()
        and minutes.isascii()
        and minutes.isdigit()
    ):
        raise ValueError(f"local time {text!r} is not HH:MM")
    value = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or value > 1440:
        raise ValueError(f"local time {text!r} is not HH:MM")
    return value


def clock_text(minute: int) -> str:
    """`HH:MM` of minutes after midnight."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def dates_between(first: date, last: date) -> list[date]:
    """Every date from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def resolve_walls(stamps: Sequence[tuple[int, Zone]]) -> list[tuple[int, bool]]:
    """Instants of one device's wall times, given in the device's own order: `[(wall, zone)]`.

    Returns `[(instant, undecided)]`. A stamp that would lie before the previous record takes the
    second reading of the ambiguous hour. `undecided` is True for an ambiguous stamp that nothing
    in the order decides (no later record of that same hour steps back behind it), and for one in
    an hour that the clock skipped: no order tells whether that clock had been set or not.
    """
    resolved: list[tuple[int, int, bool, bool]] = []
    previous: int | None = None
    for wall, zone in stamps:
        at, fold = zone.instant(wall), 0
        if previous is not None and at < previous and zone.is_ambiguous(wall):
            at, fold = zone.instant(wall, 1), 1
        resolved.append((at, fold, zone.is_ambiguous(wall), zone.wall(at) != wall))
        previous = at
    answers: list[tuple[int, bool]] = []
    second_reading_follows = False
    for at, fold, ambiguous, skipped in reversed(resolved):
        open_question = ambiguous and fold == 0 and not second_reading_follows
        answers.append((at, open_question or skipped))
        second_reading_follows = (second_reading_follows or fold == 1) and ambiguous
    return answers[::-1]
