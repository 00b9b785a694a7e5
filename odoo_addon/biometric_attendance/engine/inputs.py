"""What one date is computed from, and its digest: everything the engine is handed that can change
the result of that date, and nothing else.

Owns which punches, shifts and moments belong to a date and the written form of the digest. Computes
no minute. The digest may spare a recomputation; it never stands for one where a day is verified.
"""

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from .instants import dates_between
from .reach import Known, needed_from, runs
from .rules import RuleSet
from .values import Facts, Leave, Punch, Shift

# Raised with every change of the engine that can change a result; tests/engine/test_inputs.py
# notices it.
ENGINE_VERSION = 1
# A date sees work of two days before (daily rest) and shifts that end two days later.
BACK, AHEAD = timedelta(days=2), timedelta(days=2)
_DAY_MINUTES = 1440


_text = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@lru_cache(maxsize=8192)
def _shift_text(shift: Shift) -> str:
    breaks = [[item.start, item.end, item.paid, item.mode] for item in shift.breaks]
    own = [shift.identity, shift.day.isoformat(), shift.start, shift.end]
    return _text([*own, shift.nominal_seconds, breaks])


def _punch_text(punch: Punch) -> str:
    own = [punch.at, punch.device, punch.identity, punch.direction, punch.state, punch.seq]
    return _text([*own, punch.offset_seconds, punch.undecided])


def rules_text(rules: RuleSet) -> str:
    """The rule set as one text: equal rule sets, equal texts."""
    return json.dumps(rules.to_dict(), sort_keys=True, separators=(",", ":"))


def digest_of(texts: Iterable[str]) -> str:
    """SHA-256 over texts, each closed by a line feed, in hex."""
    return hashlib.sha256("".join(f"{text}\n" for text in texts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Span:
    """What of the facts belongs to a date: punches by position, the dates around it with their
    shifts, and the instant from which on no passing of time can change it."""

    low: int
    high: int
    dates: list[date]
    shifts: list[Shift]
    horizon: int


class Inputs:
    """The inputs of any date of one person under one rule set; what is shared is read once."""

    def __init__(self, facts: Facts, rules: RuleSet) -> None:
        self._facts, self._rules = facts, rules
        self._punches: Sequence[Punch] = sorted(facts.punches, key=lambda punch: punch.order)
        self._at = [punch.at for punch in self._punches]
        self._texts = [_punch_text(punch) for punch in self._punches]
        # shifts outside employment are not due, and close nothing
        due = [shift for shift in facts.shifts if facts.employs(shift.day)]
        known = Known(self._at, due, rules, facts.zone)
        found = runs(known)
        self._first = [run.first for run in found]
        self._last = [run.last for run in found]
        self._open_until = [run.open_until for run in found]
        self._longest = known.longest
        self._late = rules.check_out_late_window_minutes * 60
        self._shifts: dict[date, list[Shift]] = {}
        for shift in sorted(facts.shifts, key=lambda item: item.order):
            self._shifts.setdefault(shift.day, []).append(shift)
        self._rules_text = rules_text(rules)
        decisions = [asdict(item) for item in facts.adjustments]
        self._decisions = json.dumps(decisions, sort_keys=True, default=str)

    def digest(self, day: date) -> str:
        """Digest of what the daily rules see of a date; weeks join those of their dates."""
        facts, span = self._facts, self._span(day)
        hired, left, away = _employment(facts, span)
        rest = [
            *(ENGINE_VERSION, facts.zone.name, day.isoformat()),
            [[leave.start, leave.end, leave.paid] for leave in self._leaves(span)],
            [facts.day_types.get(one) for one in span.dates],
            facts.flexible_minutes.get(day),
            facts.flexible_weeks.get(day),
            facts.approvals.get(day),
            *(min(facts.complete_until, span.horizon), min(facts.as_of, span.horizon)),
            *(hired and hired.isoformat(), left and left.isoformat()),
            [[first.isoformat(), last.isoformat()] for first, last in away],
            facts.previous_out,
        ]
        return digest_of(
            [
                self._rules_text,
                self._decisions,
                *self._texts[span.low : span.high],
                *[_shift_text(shift) for shift in span.shifts],
                _text(rest),
            ]
        )

    def of(self, day: date) -> Facts:
        """The facts without what cannot matter to a date: the date comes out the same."""
        facts, span = self._facts, self._span(day)
        hired, left, away = _employment(facts, span)
        return replace(
            facts,
            punches=tuple(self._punches[span.low : span.high]),
            shifts=tuple(span.shifts),
            leaves=tuple(self._leaves(span)),
            day_types={one: kind for one, kind in facts.day_types.items() if one in span.dates},
            flexible_minutes={one: n for one, n in facts.flexible_minutes.items() if one == day},
            flexible_weeks={one: week for one, week in facts.flexible_weeks.items() if one == day},
            approvals={one: n for one, n in facts.approvals.items() if one == day},
            complete_until=min(facts.complete_until, span.horizon),
            as_of=min(facts.as_of, span.horizon),
            employed_from=hired,
            employed_until=left,
            away=away,
        )

    def _leaves(self, span: Span) -> list[Leave]:
        if not self._facts.leaves:
            return []
        zone = self._facts.zone
        begin, end = zone.on(span.dates[0], 0), zone.on(span.dates[-1], _DAY_MINUTES)
        return sorted(
            (leave for leave in self._facts.leaves if leave.start < end and leave.end > begin),
            key=lambda leave: (leave.start, leave.end, leave.paid),
        )

    def _span(self, day: date) -> Span:
        zone, late = self._facts.zone, self._late
        near = self._shifts_of(dates_between(day - BACK, day))
        begin = needed_from(day - BACK, near, self._rules, zone)
        end = max([zone.on(day, 2 * _DAY_MINUTES), *(shift.end + late for shift in near)])
        low = bisect_left(self._open_until, begin)
        high = bisect_right(self._first, end)
        low_at, high_at, latest = begin, end, end
        if low < high:
            low_at, high_at = min(begin, self._first[low]), max(end, self._last[high - 1])
            latest = max(end, self._open_until[high - 1])
        # a whole minute on either side: punches count by the minute, runs by what counts
        low, high = bisect_left(self._at, low_at - 60), bisect_right(self._at, high_at + 60)
        first, last = day - BACK, day + AHEAD
        if low < high:
            first = min(first, zone.date_at(self._at[low]) - BACK)
            last = max(last, zone.date_at(self._at[high - 1]) + AHEAD)
        dates = dates_between(first, last)
        shifts = self._shifts_of(dates)
        latest = max([latest, zone.on(last, _DAY_MINUTES), *(shift.end for shift in shifts)])
        return Span(low, high, dates, shifts, latest + late + self._longest + _DAY_MINUTES * 60)

    def _shifts_of(self, dates: Iterable[date]) -> list[Shift]:
        return [shift for day in dates for shift in self._shifts.get(day, ())]


def _employment(
    facts: Facts, span: Span
) -> tuple[date | None, date | None, tuple[tuple[date, date], ...]]:
    """First and last day of employment and the dates between two, as far as the span sees them."""
    day, first, last = timedelta(days=1), span.dates[0], span.dates[-1]
    hired, left = facts.employed_from, facts.employed_until
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
