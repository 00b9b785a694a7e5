"""How far one punch can matter: which punches a day needs, which days a punch can change.

Pairing goes from punch to punch, so a day computed from punches that begin in the middle of
somebody's presence could differ from the same day computed from all of them. Punches fall into
runs: a run begins where no session of an earlier punch can still be open. Runs never influence
each other, whatever lies before or after. A caller loads punches until a run certainly begins
before what it needs, and marks every date of the run in which a punch arrives.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from .attribution import ShiftIndex
from .instants import dates_between
from .pairing import limit_of
from .punches import effective_time
from .values import ALWAYS


@dataclass(frozen=True)
class Run:
    """Punches that may influence each other: first and last instant, and until when one of them
    could still be closed."""

    first: int
    last: int
    open_until: int


def runs(instants, shifts, rules, zone):
    """The runs of a set of punch instants, in order. Rejected or ignored punches may be among
    them: they can only join runs, never part them."""
    index = ShiftIndex(shifts, rules, zone)
    found, first, last, open_until = [], None, None, None
    for at in sorted({effective_time(instant, rules) for instant in instants}):
        if first is None or at > open_until:
            if first is not None:
                found.append(Run(first, last, open_until))
            first, open_until = at, at
        last = at
        open_until = max(open_until, limit_of(at, index.for_in(at), index, rules))
    if first is not None:
        found.append(Run(first, last, open_until))
    return found


def certain_from(instants, shifts, rules, zone, loaded_from):
    """Instant of the first punch from which on days do not depend on anything before
    `loaded_from`; None if there is none: load more. All punches from `loaded_from` on are given.
    """
    unknown_until = loaded_from + rules.max_session_minutes * 60
    return next(
        (run.first for run in runs(instants, shifts, rules, zone) if run.first > unknown_until),
        None,
    )


def needed_from(day, shifts, rules, zone):
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
    def dates(self):
        return dates_between(self.first, self.last)


def touched_by(at, instants, shifts, rules, zone, loaded_from=None, loaded_until=ALWAYS):
    """Dates whose day may change because a punch at `at` appears or goes: those of its run, the
    one before (shifts begin the evening before) and the one after (daily rest, blocks)."""
    longest = rules.max_session_minutes * 60
    run = next(
        run
        for run in runs([*instants, at], shifts, rules, zone)
        if run.first <= effective_time(at, rules) <= run.last
    )
    complete = (
        loaded_from is None or run.first > loaded_from + longest
    ) and run.open_until < loaded_until
    return Touched(
        zone.date_at(run.first) - timedelta(days=1),
        zone.date_at(max(run.last, min(run.open_until, run.last + longest))) + timedelta(days=1),
        complete,
    )


def touched_between(
    first, last, instants, shifts, rules, zone, loaded_from=None, loaded_until=ALWAYS
):
    """Dates that may change when anything on the dates `first` to `last` changed: punches that
    came or went, shifts that are others now. `instants` and `shifts`: as they are now.

    What was there before is not known, so every moment of those dates counts as a punch that
    could be open as long as a session may last; runs it could reach are concerned as a whole.
    """
    longest = rules.max_session_minutes * 60
    begin, end = zone.on(first, 0), zone.on(last, 1440) + longest
    hit = [
        run
        for run in runs(instants, shifts, rules, zone)
        if run.open_until >= begin and run.first <= end
    ]
    complete = loaded_from is None or all(run.first > loaded_from + longest for run in hit)
    complete = complete and end < loaded_until and all(r.open_until < loaded_until for r in hit)
    earliest = min([begin, *(run.first for run in hit)])
    latest = max([zone.on(last, 1440) - 1, *(run.last for run in hit)])
    return Touched(
        zone.date_at(earliest) - timedelta(days=1),
        zone.date_at(latest) + timedelta(days=1),
        complete,
    )
