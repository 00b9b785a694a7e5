"""From records to computed days in memory: what is loaded, how far back, and by which rules.

Owns the reach: how many punches must be read so that a day does not depend on where reading
began, and which other dates a change can touch. Writes nothing; biometric.day.rebuild keeps days,
biometric.trial compares them. Runs as the system (sudo).
"""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

from odoo import api, fields, models

from ...engine import (
    Facts,
    Group,
    Punch,
    epoch,
    wall,
)
from .biometric_day_case import Gathered, PersonCase

# Enough of a key to name a punch of one person in a derivation.
KEY_DIGITS = 16
# Days loaded around the dates asked for; those for whom it is not enough are read again from
# further back, in the end from their first punch on.
NEAR, FAR = 10, 60
FIRST = date(1, 1, 1)


class BiometricDayFacts(models.AbstractModel):
    _name = "biometric.day.facts"
    _description = "Facts of attendance days"

    @api.model
    def _computed(self, employees, dates_of, book, widen=False):
        """Yield `(employee, [Result])` for `{employee_id: dates}`, by the rules of a RuleBook:
        every date is really computed."""
        for employee, prepared in self._prepared(employees, dates_of, book, widen):
            yield employee, prepared.results(prepared.targets)

    @api.model
    def _prepared(self, employees, dates_of, book, widen=False):
        """Yield `(employee, Prepared)`; nothing is computed yet.

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
                ready = self._employee_days(employee, dates_of[employee.id], gathered, widen)
                if ready is None:
                    again.append(employee.id)
                else:
                    yield employee, ready
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
        for own in punches.values():
            # in order
            earliest = min(earliest, wall.utc(own[0].at).date())
            latest = max(latest, wall.utc(own[-1].at).date())
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
        # by position: naming the fields takes half as long again
        return Punch(
            row.at,
            str(row.device_id),
            row.key[:KEY_DIGITS],
            row.direction,
            row.state,
            row.seq,
            row.offset_seconds,
            row.fold_undecided,
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
        mapped = False
        for since, last, begins, _until in mappings:
            if since <= day <= last:
                if begins <= day:
                    return True
                mapped = True
        return not mapped

    @staticmethod
    def _complete_until(mappings, day, now):
        """Before this instant every device the person may use on a date is complete. Never later
        than now: what a day still holds cannot have been punched yet. A device proves nothing of
        the time before its service, so a date on which none served yet is never complete."""
        mapped, times = False, [now]
        for since, last, begins, until in mappings:
            if since <= day <= last:
                mapped = True
                if begins <= day:
                    times.append(until)
        if mapped and len(times) == 1:
            return min(now, 0)
        return min(times)

    # ------------------------------------------------------------------ one employee

    def _employee_days(self, employee, wanted, gathered, widen):
        """The dates prepared; None if more must be loaded to be certain."""
        case = PersonCase(employee, gathered)
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
        return case.prepared(tuple(groups), targets, self._in_service)

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
