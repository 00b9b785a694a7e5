"""All punches of one employee, paired under one rule set and sorted by date (S0 to S5).

Owns what is read once for any number of dates. Counts no minute.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

from .adjustments import effective_punches, in_sequence
from .attribution import ShiftIndex
from .pairing import Asked, Pairs, pair
from .punches import in_order, without_double_taps
from .rules import RuleSet
from .values import Facts, Punch

Item = TypeVar("Item")


class Scan:
    """All punches of one employee, paired under one rule set, sorted by date."""

    def __init__(self, facts: Facts, rules: RuleSet) -> None:
        self.facts, self.rules = facts, rules
        self.adjustments = in_sequence(facts.adjustments)
        self.index = ShiftIndex.of(facts.due_shifts, rules, facts.zone)
        self.shifts_by_day = self.index.by_day
        punches = in_order(effective_punches(facts.punches, self.adjustments))
        self.tells_offsets = any(punch.offset_seconds is not None for punch in punches)
        kept, ignored = without_double_taps(punches, rules)
        self.asked = Asked(facts.as_of, facts.complete_until)
        pairs = self._paired(kept)
        self.open_until = pairs.open_until
        self.sessions = pairs.sessions
        self.findings = pairs.findings
        self.sessions_by_day = by_day(pairs.sessions, lambda session: session.day)
        self.unused_by_day = by_day(pairs.unused, lambda entry: entry.day)
        days = self._days_of(pairs)
        self.ignored_by_day = by_day(ignored, lambda entry: days[entry.of.order])

    def _paired(self, kept: Sequence[Punch]) -> Pairs:
        """Sessions of the kept punches. What was punched under this name before the first day of
        employment, outside every shift of it, is somebody else's: it opens nothing that a punch of
        that day could close."""
        hired = self.facts.employed_from
        if hired is None:
            return pair(kept, self.index, self.rules, self.asked)
        index = self.index
        older = {
            punch.order
            for punch in kept
            if index.unscheduled_date(punch.at) < hired and index.for_in(punch.at) is None
        }
        pairs = pair([p for p in kept if p.order not in older], index, self.rules, self.asked)
        if older:
            pairs.add(pair([p for p in kept if p.order in older], index, self.rules, self.asked))
        return pairs

    @staticmethod
    def _days_of(pairs: Pairs) -> dict[tuple[int, str, int, int, str, str], date]:
        """The date of every kept punch: a double tap belongs to that of the punch it repeats."""
        days = {punch.order: day for punch, _reason, day in pairs.unused}
        for session in pairs.sessions:
            for punch in (session.in_punch, session.out_punch):
                if punch:
                    days[punch.order] = session.day
        return days

    def previous_out(self, day: date, first_in: int) -> int | None:
        """End of the last work of an earlier date before `first_in`; None if it is not known."""
        ends = [
            s.end for s in self.sessions if s.day < day and s.start < first_in and s.end is not None
        ]
        outside = self.facts.previous_out
        return max(ends, default=None) if outside is None else max([*ends, outside])


def by_day(items: Iterable[Item], day_of: Callable[[Item], date]) -> dict[date, list[Item]]:
    found: dict[date, list[Item]] = {}
    for item in items:
        found.setdefault(day_of(item), []).append(item)
    return found
