"""What one date is computed from, and its digest: everything the engine is handed that can change
the result of that date, and nothing else.

Owns which punches, shifts and moments belong to a date and the written form of the digest. Computes
no minute. The digest may spare a recomputation; it never stands for one where a day is verified.
"""

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from functools import lru_cache
from operator import lt
from typing import NamedTuple, TypeAlias

from .adjustments import DAY_KINDS, STATED_KINDS, effective_punches, in_sequence
from .instants import DAY, Zone
from .reach import Known, needed_from, runs
from .rules import RuleSet
from .values import Adjustment, DayType, Facts, Leave, Punch, Shift

# Raised with every change of the engine that can change a result; tests/engine/test_inputs.py
# notices it.
ENGINE_VERSION = 1
# A date sees work of two days before (daily rest) and shifts that end two days later.
BACK, AHEAD = 2, 2
# No clock that is set back at midnight shows the date before for so many seconds.
_CHANGE = 4 * 3600


@lru_cache(maxsize=8192)
def _shift_text(shift: Shift) -> str:
    breaks = [(item.start, item.end, item.paid, item.mode) for item in shift.breaks]
    return repr((shift.identity, shift.start, shift.end, shift.nominal_seconds, breaks))


# All fields of a punch in their order: another order, and every digest is another.
_PUNCH_TEXT = f"({', '.join(['%r'] * len(Punch._fields))})"


def _punch_text(punch: Punch) -> str:
    # as repr of a plain tuple, which would have to be made first
    return _PUNCH_TEXT % punch


def _in_order(punches: Sequence[Punch]) -> Sequence[Punch]:
    """By their order. Mostly they come so, no two at one instant: then nothing else is asked."""
    at = [punch.at for punch in punches]
    if all(map(lt, at, at[1:])):
        return punches
    return sorted(punches, key=lambda punch: punch.order)


@lru_cache(maxsize=256)
def rules_text(rules: RuleSet) -> str:
    """The rule set as one text: equal rule sets, equal texts."""
    return json.dumps(rules.to_dict(), sort_keys=True, separators=(",", ":"))


def digest_of(texts: Iterable[str]) -> str:
    """SHA-256 over texts, each closed by a line feed, in hex."""
    return hashlib.sha256("\n".join([*texts, ""]).encode()).hexdigest()


# So many dates of one zone and rule set are kept: a year of forty working schedules. Rosters give
# everybody shifts of their own, which fill it and are forgotten.
_DATES_KEPT = 16_384


class _Date(NamedTuple):
    """What a date brings along, the same for every date near it: when it begins, from when a punch
    may be its own, when its last shift ends (or it begins), its shifts, and all of it as text."""

    midnight: int
    begin: int
    end: int
    shifts: list[Shift]
    text: str


# A date of one person by its ordinal, its type and its shifts, each by which object it is.
_DateKey: TypeAlias = tuple[int, DayType | None, tuple[int, ...]]


@lru_cache(maxsize=64)
def _dates_of(zone: Zone, rules: RuleSet) -> dict[_DateKey, _Date]:  # noqa: ARG001 - the key
    """What dates bring along in a zone under a rule set: shared by everybody who has the same
    schedule. An entry holds its shifts, so that no other object can get their identity."""
    return {}


class _Window(NamedTuple):
    """Dates in a row: what they bring along, when the last shift of the first three and of all of
    them ends (or the last of these dates begins, or ends), and all of it as text."""

    near: list[_Date]
    end: int
    close: int
    text: str


# So many schedules of one zone and rule set are kept laid out: some 200 KB each for a month.
_LAYOUTS_KEPT = 16


class _Layout:
    """The dates of one row of shifts and day types. Holds the shifts, so that no other object can
    get their identity."""

    def __init__(self, facts: Facts) -> None:
        self.day_types, self.shifts_by_day = facts.day_types, facts.shifts_by_day
        self.dates: dict[int, _Date] = {}
        self.windows: dict[tuple[int, int], _Window] = {}


# The same shifts, by which object each is, and the same types of dates.
_LayoutKey: TypeAlias = tuple[tuple[int, ...], tuple[tuple[date, DayType], ...]]


@lru_cache(maxsize=64)
def _layouts_of(zone: Zone, rules: RuleSet) -> dict[_LayoutKey, _Layout]:  # noqa: ARG001 - the key
    """What is laid out in a zone under a rule set: one for everybody who has the same schedule."""
    return {}


def _layout_of(facts: Facts, rules: RuleSet) -> _Layout:
    kept = _layouts_of(facts.zone, rules)
    key = (tuple([id(shift) for shift in facts.shifts]), tuple(facts.day_types.items()))
    found = kept.get(key)
    if found is None:
        if len(kept) >= _LAYOUTS_KEPT:
            kept.clear()
        found = kept[key] = _Layout(facts)
    return found


class Span(NamedTuple):
    """What of the facts belongs to a date: punches by position, ordinals of the dates around it and
    what they bring along, and the instant from which on no passing of time can change it."""

    low: int
    high: int
    first: int
    last: int
    window: _Window
    horizon: int

    @property
    def near(self) -> list[_Date]:
        return self.window.near

    @property
    def dates(self) -> range:
        return range(self.first, self.last + 1)


class Inputs:
    """The inputs of any date of one person under one rule set; what is shared is read once."""

    def __init__(self, facts: Facts, rules: RuleSet) -> None:
        self._facts, self._rules = facts, rules
        decided = in_sequence(facts.adjustments)
        # as decided: a typed punch reaches as far as any other, one taken out reaches nowhere
        self._punches = _in_order(effective_punches(facts.punches, decided))
        self._decided: dict[date, list[Adjustment]] = {}
        for item in decided:
            if item.kind in DAY_KINDS + STATED_KINDS and item.day is not None:
                self._decided.setdefault(item.day, []).append(item)
        self._at = [punch.at for punch in self._punches]
        self._texts = [_punch_text(punch) for punch in self._punches]
        # shifts outside employment are not due, and close nothing
        due = facts.due_shifts
        known = Known(self._at, due, rules, facts.zone)
        found = runs(known)
        self._first = [run.first for run in found]
        self._last = [run.last for run in found]
        self._open_until = [run.open_until for run in found]
        self._late = rules.check_out_late_window_minutes * 60
        # beyond the last end: a late window, the longest session, and a day to be sure
        self._slack = self._late + known.longest + DAY
        self._layout = _layout_of(facts, rules)
        self._shared = _dates_of(facts.zone, rules)
        # the same for every date, and as long as the rest: hashed once
        self._rules_hash = hashlib.sha256(f"{rules_text(rules)}\n".encode())
        self._undecided = self._always(())

    def _always(self, decided: Iterable[Adjustment]) -> str:
        decisions = [asdict(item) for item in decided]
        facts = self._facts
        return repr((ENGINE_VERSION, facts.zone.name, facts.previous_out, decisions))

    def digest(self, day: date) -> str:
        """Digest of what the daily rules see of a date; weeks join those of their dates."""
        facts, span = self._facts, self._span(day)
        decided = self._decided.get(day)
        always = self._always(decided) if decided else self._undecided
        own = (
            day.toordinal(),
            facts.flexible_minutes.get(day),
            facts.flexible_weeks.get(day),
            facts.approvals.get(day),
            min(facts.complete_until, span.horizon),
            min(facts.as_of, span.horizon),
            [(leave.start, leave.end, leave.paid) for leave in self._leaves(span)],
            *_employment(facts, span),
        )
        texts = [always, span.window.text, *self._texts[span.low : span.high], repr(own), ""]
        digest = self._rules_hash.copy()
        digest.update("\n".join(texts).encode())
        return digest.hexdigest()

    def of(self, day: date) -> Facts:
        """The facts without what cannot matter to a date: the date comes out the same."""
        facts, span = self._facts, self._span(day)
        hired, left, away = _employment(facts, span)
        return replace(
            facts,
            punches=tuple(self._punches[span.low : span.high]),
            shifts=tuple(shift for one in span.near for shift in one.shifts),
            leaves=tuple(self._leaves(span)),
            day_types={
                one: kind for one, kind in facts.day_types.items() if one.toordinal() in span.dates
            },
            flexible_minutes={one: n for one, n in facts.flexible_minutes.items() if one == day},
            flexible_weeks={one: week for one, week in facts.flexible_weeks.items() if one == day},
            approvals={one: n for one, n in facts.approvals.items() if one == day},
            adjustments=tuple(self._decided.get(day, ())),
            complete_until=min(facts.complete_until, span.horizon),
            as_of=min(facts.as_of, span.horizon),
            employed_from=hired,
            employed_until=left,
            away=away,
        )

    def _window(self, first: int, last: int) -> _Window:
        found = self._layout.windows.get((first, last))
        if found is None:
            known = self._layout.dates
            near = [known.get(one) or self._date(one) for one in range(first, last + 1)]
            last_end = max([one.end for one in near[: BACK + 1]])
            found = self._layout.windows[first, last] = _Window(
                near,
                max(near[-1].midnight, last_end + self._late),
                max(near[-1].midnight + DAY, *[one.end for one in near]),
                "\n".join([one.text for one in near]),
            )
        return found

    def _date(self, ordinal: int) -> _Date:
        day, layout = date.fromordinal(ordinal), self._layout
        kind, shifts = layout.day_types.get(day), layout.shifts_by_day.get(day, ())
        key = (ordinal, kind, tuple([id(shift) for shift in shifts]))
        found = self._shared.get(key)
        if found is None:
            if len(self._shared) >= _DATES_KEPT:
                self._shared.clear()
            found = self._shared[key] = self._new_date(day, kind, shifts)
        layout.dates[ordinal] = found
        return found

    def _new_date(self, day: date, kind: DayType | None, given: Sequence[Shift]) -> _Date:
        midnight = self._facts.zone.on(day, 0)
        shifts = sorted(given, key=lambda item: item.order)
        return _Date(
            midnight,
            needed_from(day, shifts, self._rules, self._facts.zone),
            max((shift.end for shift in shifts), default=midnight),
            shifts,
            repr((day.toordinal(), kind, [_shift_text(shift) for shift in shifts])),
        )

    def _leaves(self, span: Span) -> list[Leave]:
        if not self._facts.leaves:
            return []
        begin, end = span.near[0].midnight, span.near[-1].midnight + DAY
        return sorted(
            (leave for leave in self._facts.leaves if leave.start < end and leave.end > begin),
            key=lambda leave: (leave.start, leave.end, leave.paid),
        )

    def _span(self, day: date) -> Span:
        ordinal, at = day.toordinal(), self._at
        first, last = ordinal - BACK, ordinal + AHEAD
        window = self._window(first, last)
        near, latest, end = window.near, window.end, window.end
        low_at = near[0].begin
        low, high = bisect_left(self._open_until, low_at), bisect_right(self._first, end)
        if low < high:
            low_at, latest = min(low_at, self._first[low]), max(end, self._open_until[high - 1])
            end = max(end, self._last[high - 1])
        # a whole minute on either side: punches count by the minute, runs by what counts
        low, high = bisect_left(at, low_at - 60), bisect_right(at, end + 60)
        if low < high:
            # a punch well inside the date moves neither end
            zone = self._facts.zone
            if at[low] < near[BACK].midnight + _CHANGE:
                first = min(first, zone.date_at(at[low]).toordinal() - BACK)
            if at[high - 1] >= near[BACK + 1].midnight - _CHANGE:
                last = max(last, zone.date_at(at[high - 1]).toordinal() + AHEAD)
            window = self._window(first, last)
        return Span(low, high, first, last, window, max(latest, window.close) + self._slack)


def _employment(
    facts: Facts, span: Span
) -> tuple[date | None, date | None, tuple[tuple[date, date], ...]]:
    """First and last day of employment and the dates between two, as far as the span sees them."""
    hired, left = facts.employed_from, facts.employed_until
    if hired is None and left is None and not facts.away:
        return (None, None, ())
    first, last = date.fromordinal(span.first), date.fromordinal(span.last)
    day = timedelta(days=1)
    away = sorted(
        (max(begin, first), min(end, last))
        for begin, end in facts.away
        if begin <= last and end >= first
    )
    return (
        None if hired is None or hired <= first else min(hired, last + day),
        None if left is None or left >= last else max(left, first - day),
        tuple(away),
    )
