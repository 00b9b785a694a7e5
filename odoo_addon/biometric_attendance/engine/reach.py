"""How far one punch can matter: which punches a day needs, which days a punch can change.

Pairing goes from punch to punch, so a day computed from punches that begin in the middle of
somebody's presence could differ from the same day computed from all of them. Punches fall into
runs: a run begins where no session of an earlier punch can still be open. Runs never influence
each other, whatever lies before or after. A caller loads punches until a run certainly begins
before what it needs, and marks every date of the run in which a punch arrives.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from .attribution import ShiftIndex
from .instants import Zone, dates_between
from .punches import effective_times
from .rules import RuleSet
from .values import ALWAYS, Shift


@dataclass(frozen=True)
class Known:
    """What is loaded of one employee: punch instants, shifts, the rules they are paired by.

    All punches from `loaded_from` (None: from the very first) up to `loaded_until` are among the
    instants. Rejected or ignored punches may be among them: they can only join runs, never part
    them.
    """

    instants: Collection[int]
    shifts: Sequence[Shift]
    rules: RuleSet
    zone: Zone
    loaded_from: int | None = None
    loaded_until: int = ALWAYS

    @property
    def longest(self) -> int:
        """Seconds that a session may last."""
        return self.rules.max_session_minutes * 60

    def begins_inside(self, run: "Run") -> bool:
        """Whether nothing before what was loaded can still be open when the run begins."""
        return self.loaded_from is None or run.first > self.loaded_from + self.longest


class Run(NamedTuple):
    """Punches that may influence each other: first and last instant, and until when one of them
    could still be closed."""

    first: int
    last: int
    open_until: int


def runs(known: Known) -> Sequence[Run]:
    """The runs of the known punches, in order."""
    index = ShiftIndex.of(known.shifts, known.rules, known.zone)
    return _runs(index, tuple(sorted(effective_times(known.instants, known.rules))))


# Whoever asks from when on days are certain asks for the same punches' inputs next.
@lru_cache(maxsize=4)
def _runs(index: ShiftIndex, instants: tuple[int, ...]) -> Sequence[Run]:
    found: list[Run] = []
    if not instants:
        return ()
    first = last = instants[0]
    open_until = first
    for at in instants:
        if at > open_until:
            found.append(Run(first, last, open_until))
            first = open_until = at
        open_until = max(open_until, index.open_until(at))
        last = at
    found.append(Run(first, last, open_until))
    return tuple(found)


def certain_from(known: Known) -> int | None:
    """Instant of the first punch from which on days do not depend on anything before what was
    loaded; None if there is none: load more."""
    return next((run.first for run in runs(known) if known.begins_inside(run)), None)


def needed_from(day: date, shifts: Iterable[Shift], rules: RuleSet, zone: Zone) -> int:
    """Earliest instant of a punch that may belong to a date."""
    early = rules.check_in_early_window_minutes * 60
    starts = [shift.start - early for shift in shifts if shift.day == day]
    return min([zone.on(day, 0), *starts])


@dataclass(frozen=True)
class Touched:
    """Dates that a punch can change. `complete` is False if its run reaches the edge of what was
    loaded, so that more dates may be concerned: load more."""

    first: date
    last: date
    complete: bool

    @property
    def dates(self) -> list[date]:
        return dates_between(self.first, self.last)


def touched_between(first: date, last: date, known: Known) -> Touched:
    """Dates that may change when anything on the dates `first` to `last` changed: punches that
    came or went, shifts that are others now. `known`: as it is now.

    What was there before is not known, so every moment of those dates counts as a punch that
    could be open as long as a session may last; runs it could reach are concerned as a whole,
    with the date before (shifts begin the evening before) and the one after (daily rest, blocks).
    """
    zone = known.zone
    begin, end = zone.on(first, 0), zone.on(last, 1440) + known.longest
    hit = [run for run in runs(known) if run.open_until >= begin and run.first <= end]
    complete = end < known.loaded_until and all(
        known.begins_inside(run) and run.open_until < known.loaded_until for run in hit
    )
    earliest = min([begin, *(run.first for run in hit)])
    latest = max([zone.on(last, 1440) - 1, *(run.last for run in hit)])
    return Touched(
        zone.date_at(earliest) - timedelta(days=1),
        zone.date_at(latest) + timedelta(days=1),
        complete,
    )
