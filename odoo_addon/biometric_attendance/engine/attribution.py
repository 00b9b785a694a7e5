"""Which shift a punch belongs to, and which date (S4).

Owns windows, blocks of contiguous shifts and the date of unscheduled work. Must not know how
punches become pairs.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from .instants import Zone, date_of_wall
from .rules import RuleSet
from .values import Shift

# So many rows of shifts are kept ready in one zone under one rule set.
_KEPT = 64
# Of one row of shifts so many instants are remembered, a megabyte: whoever has the same schedule
# comes and goes at the same minutes.
_INSTANTS_KEPT = 8_192


@lru_cache(maxsize=64)
def _indexes(
    zone: Zone,  # noqa: ARG001 - a cache of its own for each zone …
    rules: RuleSet,  # noqa: ARG001 - … and rule set
) -> "dict[tuple[int, ...], ShiftIndex]":
    """Indexes by which objects their shifts are. Each holds its shifts, so that no other object can
    get their identity."""
    return {}


class ShiftIndex:
    """The shift occurrences of one employee, ready to be asked for an instant."""

    @classmethod
    def of(cls, shifts: Sequence[Shift], rules: RuleSet, zone: Zone) -> "ShiftIndex":
        """The index of these shifts; the same one for everybody who has the same schedule."""
        known, key = _indexes(zone, rules), tuple([id(shift) for shift in shifts])
        found = known.get(key)
        if found is None:
            if len(known) >= _KEPT:
                known.clear()
            found = known[key] = cls(shifts, rules, zone)
        return found

    def __init__(self, shifts: Iterable[Shift], rules: RuleSet, zone: Zone) -> None:
        self._shifts = sorted(shifts, key=lambda shift: shift.order)
        # in order within each date
        self.by_day: dict[date, tuple[Shift, ...]] = {}
        for shift in self._shifts:
            self.by_day[shift.day] = (*self.by_day.get(shift.day, ()), shift)
        self._starts = [shift.start for shift in self._shifts]
        self._early = rules.check_in_early_window_minutes * 60
        self._late = rules.check_out_late_window_minutes * 60
        self._longest = rules.max_session_minutes * 60
        self._boundary = rules.day_boundary * 60
        self._zone = zone
        self._reach = max((s.end - s.start for s in self._shifts), default=0) + self._late
        self._next = self._chain()
        self._window_ends: dict[tuple[int, int, str], int] = {}
        self._open_until: dict[int, int] = {}

    def _chain(self) -> dict[tuple[int, int, str], Shift | None]:
        by_start: dict[int, Shift] = {}
        for shift in reversed(self._shifts):
            by_start[shift.start] = shift
        return {shift.order: by_start.get(shift.end) for shift in self._shifts}

    def next_in_block(self, shift: Shift) -> Shift | None:
        """The shift that begins when this one ends, or None."""
        return self._next[shift.order]

    def block_end(self, shift: Shift) -> int:
        """End of the last shift of the block of contiguous shifts."""
        following = self.next_in_block(shift)
        while following is not None:
            shift, following = following, self.next_in_block(following)
        return shift.end

    def window_end(self, shift: Shift) -> int:
        """Last instant at which an OUT may close a session of this shift's block."""
        order = shift.order
        found = self._window_ends.get(order)
        if found is None:
            found = self._window_ends[order] = self.block_end(shift) + self._late
        return found

    def limit(self, start: int, shift: Shift | None) -> int:
        """Last instant at which a session that begins at `start` may be closed."""
        longest = start + self._longest
        return min(longest, self.window_end(shift)) if shift else longest

    def open_until(self, at: int) -> int:
        """Last instant at which a session of an IN at this instant may be closed; never before."""
        found = self._open_until.get(at)
        if found is None:
            if len(self._open_until) >= _INSTANTS_KEPT:
                self._open_until.clear()
            found = self._open_until[at] = max(at, self.limit(at, self.for_in(at)))
        return found

    def _containing(self, at: int) -> list[Shift]:
        """Shifts whose window `[start - early, end + late]` contains the instant."""
        found: list[Shift] = []
        for i in range(bisect_right(self._starts, at + self._early) - 1, -1, -1):
            shift = self._shifts[i]
            if shift.start < at - self._reach:
                break
            if at <= shift.end + self._late:
                found.append(shift)
        return found[::-1]

    def for_in(self, at: int) -> Shift | None:
        """The shift an IN opens: running, else about to start, else ended last; None if none."""
        near = self._containing(at)
        if len(near) < 2:
            return near[0] if near else None
        running = [s for s in near if s.start <= at < s.end]
        if running:
            return running[0]
        ahead = [s for s in near if at < s.start]
        if ahead:
            return ahead[0]
        return max(near, key=lambda s: (s.end, s.start), default=None)

    def for_orphan_out(self, at: int) -> Shift | None:
        """The shift a lone OUT tells about: running, else ended last, else about to start."""
        near = self._containing(at)
        running = [s for s in near if s.start < at <= s.end]
        if running:
            return running[0]
        ended = [s for s in near if s.end < at]
        if ended:
            return max(ended, key=lambda s: (s.end, s.start))
        return near[0] if near else None

    def nearest(self, at: int) -> Shift | None:
        """State-less methods: the shift with the smallest distance to its scheduled interval."""
        return min(
            self._containing(at),
            default=None,
            key=lambda s: (max(s.start - at, at - s.end, 0), s.order),
        )

    def unscheduled_date(self, at: int) -> date:
        """Date of work that belongs to no shift: the day changes at `day_boundary`."""
        return date_of_wall(self._zone.wall(at) - self._boundary)

    def date_of(self, shift: Shift | None, at: int) -> date:
        return shift.day if shift else self.unscheduled_date(at)
