"""Everything the engine is handed for dates of one person, as one value: computed, and told apart
by digest.

Owns how groups of dates and the weeks they lie in come together. Knows no rule of time, and not
where facts come from.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from .day import build_days
from .inputs import Inputs, digest_of
from .rules import RuleSet
from .values import Day, Facts, Json
from .weeks import dates_to_derive, derive_days


@dataclass(frozen=True)
class Group:
    """Dates that are computed by the same facts and rules."""

    facts: Facts
    rules: RuleSet
    days: tuple[date, ...]


@dataclass(frozen=True)
class Case:
    """Dates of one person in groups, with the rule set of every date that a week may ask for."""

    groups: tuple[Group, ...]
    rules_for: Callable[[date], RuleSet]

    @cached_property
    def group_of(self) -> dict[date, Group]:
        return {day: group for group in self.groups for day in group.days}

    @cached_property
    def sums_up(self) -> bool:
        """Whether some date is judged with its whole week or period."""
        return any(group.rules.sums_up or group.facts.flexible_weeks for group in self.groups)

    def days(self) -> dict[date, Day]:
        """`{date: Day}` of all dates, weekly overtime in place. To be final of a date, its whole
        week and period must be among them where the case sums up."""
        built: dict[date, Day] = {}
        for group in self.groups:
            for day in build_days(group.facts, group.days, lambda _day, own=group.rules: own):
                built[day.work_date] = day
        if not self.sums_up:
            return built
        days, found = [built[day] for day in sorted(built)], dict[date, Day]()
        for zone in {id(group.facts.zone): group.facts.zone for group in self.groups}.values():
            for day in derive_days(days, zone, self.rules_for)[0]:
                if self.group_of[day.work_date].facts.zone is zone:
                    found[day.work_date] = day
        return found

    def only(self, days: Collection[date]) -> "Case":
        """The case of some of its dates; the same where these are judged by their whole weeks."""
        wanted = set(days)
        if self.sums_up or wanted == self.group_of.keys():
            return self
        groups = (
            replace(group, days=tuple(day for day in group.days if day in wanted))
            for group in self.groups
        )
        return Case(tuple(group for group in groups if group.days), self.rules_for)

    def facts_of(self, day: date) -> Facts:
        return self.group_of[day].facts

    def together(self, day: date) -> list[date]:
        """The dates of the case with which a date is judged, itself among them."""
        if not self.sums_up:
            return [day]
        found = {day}
        for rules in {id(group.rules): group.rules for group in self.groups}.values():
            found.update(dates_to_derive(day, rules))
        return sorted(found & self.group_of.keys())

    def inputs(self) -> "CaseInputs":
        return CaseInputs(self)


class CaseInputs:
    """Digests of what the dates of a case are computed from."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._inputs = {id(group): Inputs(group.facts, group.rules) for group in case.groups}
        self._known: dict[date, str] = {}

    def digest(self, day: date, beside: Sequence[Json] = ()) -> str:
        """Digest of a date, with its week and period where the case sums up. `beside`: what its
        keeper writes down besides what the engine says, in an order of its own."""
        own = [self._own(one) for one in self.case.together(day)]
        if len(own) == 1 and not beside:
            return own[0]
        return digest_of([day.isoformat(), *own, *([repr(tuple(beside))] if beside else [])])

    def _own(self, day: date) -> str:
        found = self._known.get(day)
        if found is None:
            group = self.case.group_of[day]
            found = self._known[day] = self._inputs[id(group)].digest(day)
        return found
