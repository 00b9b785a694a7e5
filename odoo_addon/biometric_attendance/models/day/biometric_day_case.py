"""One person's dates as the engine takes them: which dates belong together, by which punches and
rules, and the digest of all that a stored day comes from.

Owns what one person's gathered facts mean for dates. Reads no record; biometric.day.facts gathers.
"""

import json
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from ...engine import (
    ALWAYS,
    RECORD,
    Case,
    CaseInputs,
    Day,
    Known,
    RuleSet,
    certain_from,
    dates_between,
    dates_to_derive,
    day_record,
    effective_punches,
    in_sequence,
    needed_from,
    reached_instants,
    record_digest,
    touched_between,
)
from .biometric_plan import Plan

# Work of this many days before a date can matter to it: the longest session, and daily rest.
LOOK_BACK = timedelta(days=2)
# What is kept of a day besides the engine's record of it.
BESIDE = ("employee_id", "company_id", "rule_id", "rule_name", "shift_reason")


class Chosen(NamedTuple):
    """The rule set of a date: record id (None: built-in defaults), name, engine RuleSet."""

    rule_id: int | None
    name: str
    rules: RuleSet


class Result(NamedTuple):
    """One computed day and what it was computed with."""

    day: Day
    plan: Plan
    chosen: Chosen
    inputs: CaseInputs
    # Whether a terminal that the person may use stood there already.
    in_service: bool
    prepared: "Prepared"

    @property
    def record(self):
        """What the engine says is kept of the day, see engine/record.py."""
        facts = self.inputs.case.facts_of(self.day.work_date)
        return day_record(self.day, facts, self.in_service)


@dataclass
class Gathered:
    """Records of some people as engine values. Plans reach from `first` to `last`; punches whose
    terminal showed a date from `loaded_from` to `loaded_until`, None once everything is loaded.
    `decided`: adjustments in effect."""

    plans: dict
    punches: dict
    decided: dict
    mappings: dict
    book: object
    now: int
    first: date
    last: date
    loaded_from: date | None
    loaded_until: date | None


class PersonCase:
    """One employee's questions to what was gathered."""

    def __init__(self, employee, gathered):
        self.gathered = gathered
        self.plans = gathered.plans[employee.id]
        self.punches = gathered.punches.get(employee.id, [])
        self.decided = gathered.decided.get(employee.id, ())
        # raw and as decided: what is too much can only join runs, never part them
        self.instants = reached_instants(self.punches, self.decided)
        self.counted_at = {}
        if self.decided:
            moved = effective_punches(self.punches, in_sequence(self.decided))
            self.counted_at = {punch.identity: punch.at for punch in moved}
        self.mappings = gathered.mappings.get(employee.id, ())
        self.employee_id = employee.id
        self._chosen, self._rules, self._certain = {}, None, {}

    def chosen(self, day):
        found = self._chosen.get(day)
        if found is None:
            plan = self.plans[0]
            department, company = plan.department_by_date.get(day), plan.company_on(day)
            found = self._chosen[day] = Chosen(
                *self.gathered.book.find(company, self.employee_id, department, day)
            )
        return found

    def plan(self, day):
        if len(self.plans) == 1:
            return self.plans[0]
        return next((plan for plan in self.plans if plan.holds(day)), self.plans[-1])

    def _rule_sets(self):
        """Distinct rule sets of the loaded dates, by identity: punches are paired per object."""
        if self._rules is None:
            days = dates_between(self.gathered.first, self.gathered.last)
            found = [self.chosen(day).rules for day in days]
            self._rules = list({id(rules): rules for rules in found}.values())
        return self._rules

    def _loaded(self, plan):
        """Instants between which every punch is loaded, wherever on earth its terminal stands."""
        if self.gathered.loaded_from is None:
            return None, ALWAYS
        return (
            plan.zone.on(self.gathered.loaded_from, 2 * 1440),
            plan.zone.on(self.gathered.loaded_until - timedelta(days=1), 0),
        )

    def _known(self, plan, rules):
        return Known(self.instants, plan.shifts, rules, plan.zone, *self._loaded(plan))

    def touched(self, wanted):
        """The dates and those that changes on them can touch; None: more must be loaded."""
        targets = set(wanted)
        for plan in self.plans:
            for first, last in _blocks(wanted):
                for rules in self._rule_sets():
                    found = touched_between(first, last, self._known(plan, rules))
                    if not found.complete:
                        return None
                    targets.update(found.dates)
        return self.whole_weeks(targets, rounds=1)

    def whole_weeks(self, targets, rounds=1):
        """The dates that must be known to sum up the weeks and periods of the targets."""
        flexible = any(plan.flexible_weeks for plan in self.plans)
        if not flexible and not self.gathered.book.summing():
            return set(targets)
        summing = [rules for rules in self._rule_sets() if rules.sums_up or flexible]
        needed = set(targets)
        for _round in range(rounds):
            for rules in summing:
                needed.update(day for one in tuple(needed) for day in dates_to_derive(one, rules))
        return needed

    def groups(self, days, complete_until):
        """`[(plan, rules, complete until, dates)]`: one call of the engine each."""
        found = {}
        for day in sorted(days):
            complete = complete_until(self.mappings, day, self.gathered.now)
            plan, chosen = self.plan(day), self.chosen(day)
            key = (id(plan), id(chosen.rules), complete)
            found.setdefault(key, (plan, chosen.rules, complete, []))[3].append(day)
        return list(found.values())

    def certain_punches(self, plan, rules, first):
        """Punches from which on the date does not depend on what is not loaded."""
        if self.gathered.loaded_from is None:
            return self.punches
        start = self._certain_from(plan, rules)
        needed = needed_from(first - LOOK_BACK, plan.shifts, rules, plan.zone)
        # in order: the first that is needed must not lie before what is certain
        first_needed = bisect_left(self.instants, needed)
        if first_needed < len(self.instants) and self.instants[first_needed] < start:
            return None
        if not self.counted_at:
            return [punch for punch in self.punches if punch.at >= start]
        return [
            punch
            for punch in self.punches
            if max(punch.at, self.counted_at.get(punch.identity, punch.at)) >= start
        ]

    def _certain_from(self, plan, rules):
        """Instant from which on days are certain, ALWAYS where none is."""
        key = (id(plan), id(rules))
        if key not in self._certain:
            found = certain_from(self._known(plan, rules))
            self._certain[key] = ALWAYS if found is None else found
        return self._certain[key]

    def prepared(self, groups, targets, in_service):
        """The targets ready to be computed with their whole weeks."""
        whole = Case(groups, lambda day: self.chosen(day).rules)
        return Prepared(self, whole.inputs(), sorted(targets), in_service)


class Prepared:
    """Dates of one person before they are computed: what they come from, and on demand what comes
    out. `targets`: dates in order."""

    def __init__(self, person, inputs, targets, in_service):
        self._person, self._inputs, self.targets = person, inputs, targets
        self._serves, self._digests = in_service, {}

    @property
    def employee_id(self):
        return self._person.employee_id

    @property
    def company_ids(self):
        """Of every company that the person belonged to."""
        return {one for plan in self._person.plans for one in plan.belonging.company_ids}

    def in_service(self, day):
        return self._serves(self._person.mappings, day)

    def beside(self, day):
        """What is kept of a date besides the engine's word: whose it is, by which rule set."""
        return dict(zip(BESIDE, self._beside(day), strict=True))

    def _beside(self, day):
        """The same in the order of BESIDE."""
        person = self._person
        plan, chosen = person.plan(day), person.chosen(day)
        company, reason = plan.company_on(day), plan.reasons.get(day)
        return person.employee_id, company, chosen.rule_id, chosen.name, reason

    def department(self, day):
        return self._person.plan(day).department_by_date.get(day)

    def digest(self, day):
        """Digest of everything a stored day comes from: what the engine is handed, and what is
        kept beside its word. The same digest, the same row."""
        found = self._digests.get(day)
        if found is None:
            beside = (*self._beside(day), self.department(day), self.in_service(day))
            found = self._digests[day] = self._inputs.digest(day, beside)
        return found

    def results(self, days):
        """`[Result]` of these of the targets; nobody is computed for none."""
        if not days:
            return []
        case = self._inputs.case.only(days)
        built = case.days()
        return [
            Result(
                built[day],
                self._person.plan(day),
                self._person.chosen(day),
                self._inputs,
                self.in_service(day),
                self,
            )
            for day in days
        ]


# One encoder for all days: making one costs as much as writing a day.
derivation_text = json.JSONEncoder(sort_keys=True).encode


def fits_digest(row):
    """Whether a row of biometric.day as JSON fits the digest that was kept with it."""
    own = {name: row[name] for name in (*RECORD, *BESIDE)}
    own["derivation"] = derivation_text(own["derivation"])
    return record_digest(own) == row["digest"]


# What the database can tell of a stored row alone: every value that its own digest is made of.
_SEALED = tuple(sorted({*RECORD, *BESIDE}))


def sealed(inputs, digest, row):
    """SQL of what is kept as `inputs_digest`: digest of what a day comes from and of what the
    row says, so that one comparison tells both. `inputs`, `digest`: SQL of the two; `row`: name of
    a row of biometric.day. Where a server writes dates otherwise than before, days are computed
    once more."""
    values = ", ".join(f"{row}.{name}" for name in _SEALED)
    text = f"concat({inputs}, {digest}, ROW({values})::text)"
    return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')"


def _blocks(days):
    """`(first, last)` of the runs of dates without a hole."""
    first = last = None
    for day in sorted(days):
        if first is not None and (day - last).days > 1:
            yield first, last
            first = None
        if first is None:
            first = day
        last = day
    if first is not None:
        yield first, last
