"""From records to computed days in memory: what is loaded, how far back, and by which rules.

Owns the reach: how many punches must be read so that a day does not depend on where reading
began, and which other dates a change can touch. Writes nothing; biometric.day.rebuild keeps days,
biometric.trial compares them. Runs as the system (sudo).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from odoo import api, fields, models

from ...engine import (
    ALWAYS,
    Case,
    CaseInputs,
    Day,
    Facts,
    Group,
    Known,
    Punch,
    RuleSet,
    certain_from,
    dates_between,
    dates_to_derive,
    day_record,
    effective_punches,
    epoch,
    in_sequence,
    needed_from,
    reached_instants,
    touched_between,
)
from .biometric_plan import Plan

# Enough of a key to name a punch of one person in a derivation.
KEY_DIGITS = 16
# Days loaded around the dates asked for; those for whom it is not enough are read again from
# further back, in the end from their first punch on.
NEAR, FAR = 10, 60
# Work of this many days before a date can matter to it: the longest session, and daily rest.
LOOK_BACK = timedelta(days=2)
FIRST = date(1, 1, 1)


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


class BiometricDayFacts(models.AbstractModel):
    _name = "biometric.day.facts"
    _description = "Facts of attendance days"

    @api.model
    def _computed(self, employees, dates_of, book, widen=False):
        """Yield `(employee, [Result])` for `{employee_id: dates}`, by the rules of a RuleBook.

        widen: the dates are those on which something changed; results of every date that the
        change can touch come too, whole weeks and periods included.
        """
        span = max((rules.ot_period_days or 7 for rules in book.summing()), default=-1) + 1
        if self.sudo().env["biometric.schedule"]._any_flexible(employees):
            span = max(span, 8)
        margin = NEAR + 3 * span
        waiting = employees
        for reach in (margin, margin + FAR, None):
            if not waiting:
                return
            first = min(min(dates_of[employee.id]) for employee in waiting)
            last = max(max(dates_of[employee.id]) for employee in waiting)
            gathered = self._gather(waiting, first, last, margin, reach, book)
            again = []
            for employee in waiting:
                results = self._employee_days(employee, dates_of[employee.id], gathered, widen)
                if results is None:
                    again.append(employee.id)
                else:
                    yield employee, results
            waiting = employees.browse(again)
        if waiting:
            raise ValueError(f"days of employees {waiting.ids} cannot be computed for certain")

    # ------------------------------------------------------------------ records in

    def _gather(self, employees, first, last, margin, reach, book):
        """Everything the engine needs for these people, in a fixed number of queries."""
        su = self.sudo()
        begin = FIRST if reach is None else first - timedelta(days=reach)
        end = date.max if reach is None else last + timedelta(days=reach)
        decided = su._decided(employees)
        # a clock that was corrected by days moves punches from beyond what is asked for
        beyond = timedelta(seconds=_farthest(decided))
        reads = (FIRST, date.max) if reach is None else (begin - beyond, end + beyond)
        punches, earliest, latest = defaultdict(list), first, last
        for row in su.env["biometric.punch"]._usable(employees.ids, *reads):
            punches[row.employee_id].append(self._punch(row))
            earliest = min(earliest, row.instant.date())
            latest = max(latest, row.instant.date())
        if reach is not None:
            decided = {one: _near(own, begin, end) for one, own in decided.items()}
        for item in (item for own in decided.values() for item in own if item.at is not None):
            typed = datetime.fromtimestamp(item.at, UTC).date()
            earliest, latest = min(earliest, typed), max(latest, typed)
        around = timedelta(days=margin)
        plan_first, plan_last = min(earliest, first) - around, max(latest, last) + around
        return Gathered(
            plans=su.env["biometric.schedule"]._plans(employees, plan_first, plan_last),
            punches=punches,
            decided=decided,
            mappings=su._mappings(employees, begin, end),
            book=book,
            now=epoch(fields.Datetime.now()),
            first=plan_first,
            last=plan_last,
            loaded_from=None if reach is None else begin,
            loaded_until=None if reach is None else end,
        )

    @api.model
    def _decided(self, employees):  # noqa: ARG002 - whoever extends it asks them
        """`{employee_id: (engine Adjustment, ...)}` in effect; the review room says which."""
        return {}

    @staticmethod
    def _punch(row):
        # the key, not the row's id: the derivation must not depend on the order of arrival
        return Punch(
            at=epoch(row.instant),
            device=str(row.device_id),
            identity=row.key[:KEY_DIGITS],
            direction=row.direction,
            state=row.state,
            seq=row.seq,
            offset_seconds=row.offset_seconds,
            undecided=row.fold_undecided,
        )

    def _mappings(self, employees, begin, end):
        """`{employee_id: [(from, to, first date in service, complete before this epoch)]}`.

        A date for which a punch of a wrong clock waits is never complete: nobody is called absent
        while a person has still to say when it was."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT u.employee_id, u.valid_from, u.valid_to, d.id, d.complete_until
                 FROM biometric_device_user u
                 JOIN biometric_device d ON d.id = u.device_id
                WHERE u.employee_id = ANY(%s) AND d.state IN ('active', 'moved')""",
            [employees.ids],
        )
        rows, found = self.env.cr.fetchall(), defaultdict(list)
        service = self.env["biometric.device"].browse({row[3] for row in rows})._first_days()
        for employee_id, since, last, device_id, until in rows:
            begins = service.get(device_id, FIRST)
            row = (since or FIRST, last or date.max, begins, epoch(until) if until else 0)
            found[employee_id].append(row)
        waiting = self.env["biometric.punch"]._waiting_dates(employees.ids, begin, end)
        for employee_id, day in waiting:
            found[employee_id].append((day - timedelta(days=1), day, FIRST, 0))
        return found

    @staticmethod
    def _in_service(mappings, day):
        """Whether a device that the person may use on a date stood there already."""
        mapped = [row for row in mappings if row[0] <= day <= row[1]]
        return not mapped or any(row[2] <= day for row in mapped)

    @staticmethod
    def _complete_until(mappings, day, now):
        """Before this instant every device the person may use on a date is complete. Never later
        than now: what a day still holds cannot have been punched yet. A device proves nothing of
        the time before its service, so a date on which none served yet is never complete."""
        mapped = [row for row in mappings if row[0] <= day <= row[1]]
        if not mapped:
            return min(now, ALWAYS)
        return min(now, min((row[3] for row in mapped if row[2] <= day), default=0))

    # ------------------------------------------------------------------ one employee

    def _employee_days(self, employee, wanted, gathered, widen):
        """Results in order of date; None if more must be loaded to be certain."""
        case = _Case(employee, gathered)
        targets = case.touched(wanted) if widen else set(wanted)
        if targets is None:
            return None
        needed = case.whole_weeks(targets)
        if min(needed) < gathered.first or max(needed) > gathered.last:
            return None
        groups = []
        for plan, rules, complete, days in case.groups(needed, self._complete_until):
            punches = case.certain_punches(plan, rules, min(days))
            if punches is None:
                return None
            facts = self._facts(plan, punches, case.decided, (complete, gathered.now))
            groups.append(Group(facts, rules, tuple(days)))
        return case.results(tuple(groups), targets, self._in_service)

    def _facts(self, plan, punches, decided, times):
        """What the engine is told about one person. `times`: complete until, and now."""
        complete_until, now = times
        return Facts(
            zone=plan.zone,
            punches=tuple(punches),
            shifts=tuple(plan.shifts),
            leaves=tuple(plan.leaves),
            day_types=plan.day_types,
            flexible_minutes=plan.flexible_minutes,
            flexible_weeks=plan.flexible_weeks,
            adjustments=decided,
            complete_until=complete_until,
            as_of=now,
            employed_from=plan.employed_from,
            employed_until=plan.employed_until,
            away=plan.away,
        )


class _Case:
    """One employee's questions to what was gathered."""

    def __init__(self, employee, gathered):
        self.gathered = gathered
        self.plans = gathered.plans[employee.id]
        self.punches = gathered.punches.get(employee.id, [])
        self.decided = gathered.decided.get(employee.id, ())
        # raw and as decided: what is too much can only join runs, never part them
        self.instants = reached_instants(self.punches, self.decided)
        moved = effective_punches(self.punches, in_sequence(self.decided))
        self.counted_at = {punch.identity: punch.at for punch in moved}
        self.mappings = gathered.mappings.get(employee.id, ())
        self.employee_id = employee.id
        self._chosen = {}
        self._rules = None

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
        return next((plan for plan in self.plans if plan.holds(day)), self.plans[-1])

    def _rule_sets(self):
        """Distinct rule sets of the loaded dates, by identity: punches are paired per object."""
        if self._rules is None:
            days = dates_between(self.gathered.first, self.gathered.last)
            found = {id(self.chosen(day).rules): self.chosen(day).rules for day in days}
            self._rules = list(found.values())
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
        known = self._known(plan, rules)
        if known.loaded_from is None:
            return self.punches
        start = certain_from(known)
        start = ALWAYS if start is None else start
        needed = needed_from(first - LOOK_BACK, plan.shifts, rules, plan.zone)
        if any(needed <= at < start for at in self.instants):
            return None
        return [
            punch
            for punch in self.punches
            if max(punch.at, self.counted_at.get(punch.identity, punch.at)) >= start
        ]

    def results(self, groups, targets, in_service):
        """Results of the targets, computed with their whole weeks."""
        whole = Case(groups, lambda day: self.chosen(day).rules)
        days, inputs = whole.days(), whole.inputs()
        return [
            Result(
                days[day],
                self.plan(day),
                self.chosen(day),
                inputs,
                in_service(self.mappings, day),
            )
            for day in sorted(targets)
        ]


def _farthest(decided):
    """Seconds by which the boldest correction of a clock moves a punch."""
    return max((abs(item.seconds) for own in decided.values() for item in own), default=0)


def _near(decided, begin, end):
    """Adjustments that can matter to what is loaded from `begin` to `end`."""
    first, last = (epoch(datetime.combine(day, time.min)) for day in (begin, end))
    return tuple(
        item
        for item in decided
        if (item.day is None or begin <= item.day <= end)
        and (item.at is None or first <= item.at <= last)
    )


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
