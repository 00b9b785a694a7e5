"""Computes days: pops what is stale, asks for the days, keeps the results.

Owns the batch: its size and its upsert, and which dates get a row at all. What is loaded is
biometric.day.facts' part; every rule of time is in engine/. Runs as the system (sudo), from the
cron or for a named list of pairs.
"""

from bisect import bisect_right
from collections import defaultdict
from datetime import date, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, split_every

from ...engine import MINUTES, epoch, record_digest
from ...seams.behind import Behind
from ...seams.collector import no_search_for_cycles
from ...seams.job import Turn
from .biometric_day_case import BESIDE, derivation_text, sealed
from .biometric_day_columns import Keeping, array

# One slice of work: what one set of queries gathers, and how long a punch made now may wait for a
# backlog: 31 dates of 64 people, a second or two.
PAIRS_PER_SLICE = 2_000
DAYS_PER_SLICE = 42
# However many people are asked for, so many are in memory at once: some 40 MB with their month.
PEOPLE_PER_SLICE = 250
# One statement keeps so many, a megabyte or two of text, while the next are computed.
ROWS_PER_STATEMENT = 1_000
# Columns of days that stand, for what follows from days: all but their story.
FOLLOWED = (*BESIDE, "date", "department_id", "status", "waits_for", "settles_at", *MINUTES)


class Gone:
    """Up to when punches are gone for good: by who was erased where, and by companies' retention.
    Days up to there are records: computed again they would come out empty, and be paid back.
    Everything is read at once: while days are computed the database is busy."""

    def __init__(self, rebuild, prepared):
        provable = rebuild.env["biometric.day.check"]._provable_from
        company = rebuild.env["res.company"].browse
        self.erased = rebuild._erased_until([one.employee_id for one in prepared])
        companies = {company_id for one in prepared for company_id in one.company_ids}
        self.purged = {one: provable(company(one)) for one in sorted(companies)}

    def has(self, result):
        day, company_id = result.day.work_date, result.plan.company_on(result.day.work_date)
        erased = self.erased.get((result.prepared.employee_id, company_id), date.min)
        return day <= erased or day < self.purged[company_id]


class BiometricDayRebuild(models.AbstractModel):
    _name = "biometric.day.rebuild"
    _description = "Computation of attendance days"

    @api.model
    def _cron_rebuild(self):
        """Empties the stale queue slice by slice; what does not fit into this run stays queued."""
        stale = self.env["biometric.stale.day"].sudo()
        turn = Turn(self.env, stale.search_count([]))
        aside = self.env["biometric.job"]._aside("days", "hr.employee")
        while pairs := stale._pop(PAIRS_PER_SLICE, aside.resting):
            left = self._rebuild_aside(pairs, aside)
            stale._mark(left)
            if not turn.done(len(pairs)) or len(left) == len(pairs):
                break

    def _rebuild_aside(self, pairs, aside):
        """The same of whoever can be computed; returns the pairs of the others."""
        dates_of = defaultdict(list)
        for employee_id, day in pairs:
            dates_of[employee_id].append(day)
        people = self.env["hr.employee"].sudo().browse(sorted(dates_of)).exists()

        def rebuild(some):
            self._rebuild_stale([(one, day) for one in some.ids for day in dates_of[one]])

        left = people - aside.do(people, rebuild)
        return [(one, day) for one in left.ids for day in dates_of[one]]

    @api.model
    def _rebuild(self, pairs):
        """Compute exactly the days of `(employee_id, date)` pairs, whether or not they have a row
        yet; returns how many rows changed."""
        return self._run(pairs, widen=False)

    @api.model
    def _rebuild_stale(self, pairs):
        """Compute the days that a change on these `(employee_id, date)` can touch. Dates without a
        row get one if somebody worked or the person was tracked then. Returns the rows changed."""
        return self._run(pairs, widen=True)

    def _run(self, pairs, widen):
        changed = 0
        facts = self.env["biometric.day.facts"].sudo()
        for employees, dates_of in self._slices(pairs):
            with no_search_for_cycles():
                changed += self._run_slice(facts, employees, dates_of, widen)
        return changed

    def _run_slice(self, facts, employees, dates_of, widen):
        book = self.env["biometric.rule"].sudo()._book_of(employees)
        ready = list(facts._prepared(employees, dates_of, book, widen))
        standing = self._standing([prepared for _employee, prepared in ready])
        expected = self._expected(ready) if widen else None
        due = [
            (employee, prepared, days)
            for employee, prepared in ready
            if (days := [day for day in prepared.targets if (employee.id, day) not in standing])
        ]
        rows, changed = self._keep(self._rows(due, expected))
        self._come_back(standing.values())
        self._after_slice([*rows, *standing.values()], book)
        return changed

    def _rows(self, due, expected):
        """Yield the rows of `(employee, Prepared, dates)`, each person's computed when asked for.
        Asks the database nothing between two of them: it is keeping the rows before."""
        if not due:
            return
        gone = Gone(self, [prepared for _employee, prepared, _days in due])
        for employee, prepared, days in due:
            results = [one for one in prepared.results(days) if not gone.has(one)]
            if expected:
                results = expected.only(employee, results)
            for result in results:
                yield self._row(result)

    def _check_still_computed(self, company, day):
        """Refuse what would be decided about a day that is a record: nothing would follow."""
        until = self.env["biometric.day.check"]._provable_from(company)
        if day < until:
            raise UserError(
                self.env._(
                    "Punches before %(until)s were deleted under the retention policy of "
                    "%(company)s: days up to that date stay as they were paid and cannot "
                    "be changed.",
                    until=format_date(self.env, until),
                    company=company.name,
                )
            )

    def _erased_until(self, employee_ids):
        """`{(employee id, company id): last date}` of who was erased in a company: up to there the
        punches are gone, and days of who goes on elsewhere would come out empty."""
        self.env["biometric.erasure"].flush_model()
        self.env.cr.execute(
            """SELECT person_number, company_id, max(done_at)::date FROM biometric_erasure
                WHERE done_at IS NOT NULL AND state <> 'declined' AND person_number = ANY(%s)
             GROUP BY 1, 2""",
            (employee_ids,),
        )
        return {(person, company): day for person, company, day in self.env.cr.fetchall()}

    def _standing(self, ready):
        """`{(employee_id, date): row}` of stored days that would come out as they stand: they come
        from the same inputs, and fit their own digest. Spares a computation; whoever proves days
        never asks here.

        OFFSET 0 holds the planner to the index of one person's date: for some thousands of dates it
        would read all days of the database, for each slice again."""
        if not any(one.targets for one in ready):
            return {}
        keys = {
            "people": array([one.employee_id for one in ready for _day in one.targets]),
            "days": array([day for one in ready for day in one.targets]),
            "digests": array([one.digest(day) for one in ready for day in one.targets]),
        }
        self.env.cr.execute(
            f"""SELECT {", ".join(f"d.{name}" for name in FOLLOWED)}
                 FROM unnest(%(people)s::int[], %(days)s::date[], %(digests)s::text[])
                   k (employee_id, date, digest)
                 JOIN LATERAL (SELECT * FROM biometric_day
                                WHERE employee_id = k.employee_id AND date = k.date OFFSET 0) d
                   ON d.inputs_digest = {sealed("k.digest", "d.digest", "d")}""",
            keys,
        )
        prepared = {one.employee_id: one for one in ready}
        standing = {}
        for values in self.env.cr.fetchall():
            row = dict(zip(FOLLOWED, values, strict=True))
            employee_id, day = row["employee_id"], row["date"]
            if prepared[employee_id].department(day) == row["department_id"]:
                row["settles_at"] = row["settles_at"] and row["settles_at"].isoformat()
                standing[employee_id, day] = row
        return standing

    @api.model
    def _distrust(self, wrong):
        """Days that a proof found wrong (of biometric.day.check): whoever computes them next
        really does."""
        if wrong:
            self.env.cr.execute(
                """UPDATE biometric_day d SET inputs_digest = ''
                     FROM unnest(%s, %s) w (employee_id, date)
                    WHERE d.employee_id = w.employee_id AND d.date = w.date""",
                ([one.employee_id for one in wrong], [one.date for one in wrong]),
            )
            self.env["biometric.day"].invalidate_model(["inputs_digest"])

    def _after_slice(self, rows, book):
        """What follows from stored days, changed or not: of the rules by which they were computed
        something else may have."""
        dates_of = defaultdict(set)
        for row in rows:
            dates_of[row["employee_id"]].add(row["date"])
        self.env["biometric.week.finding"].sudo()._follow(dates_of, book)

    @api.model
    def _recomputed(self, pairs):
        """Yield `(employee, [Result])` of exactly these pairs; nothing is kept."""
        facts = self.env["biometric.day.facts"].sudo()
        for employees, dates_of in self._slices(pairs):
            book = self.env["biometric.rule"].sudo()._book_of(employees)
            yield from facts._computed(employees, dates_of, book)

    def _slices(self, pairs):
        """`(employees, {employee_id: [dates]})` whose dates lie close together."""
        pairs = list(pairs)
        parts, begins = [], []
        for day in sorted({day for _employee_id, day in pairs}):
            if not begins or (day - begins[-1]).days >= DAYS_PER_SLICE:
                begins.append(day)
                parts.append(defaultdict(set))
        for employee_id, day in pairs:
            parts[bisect_right(begins, day) - 1][employee_id].add(day)
        for dates_of in parts:
            employees = (
                self.env["hr.employee"]
                .sudo()
                .with_context(active_test=False)
                .browse(sorted(dates_of))
                .exists()
            )
            for start in range(0, len(employees), PEOPLE_PER_SLICE):
                some = employees[start : start + PEOPLE_PER_SLICE]
                yield some, {one: sorted(dates_of[one]) for one in some.ids}

    def _expected(self, ready):
        days = [day for _employee, prepared in ready for day in prepared.targets]
        ids = [employee.id for employee, _prepared in ready]
        tracked = self.env["biometric.stale.day"].sudo()._tracked(ids)
        self.env.cr.execute(
            """SELECT employee_id, date FROM biometric_day
                WHERE employee_id = ANY(%s) AND date BETWEEN %s AND %s""",
            (ids, min(days, default=None), max(days, default=None)),
        )
        return _Expected(tracked, set(self.env.cr.fetchall()), epoch(fields.Datetime.now()))

    # ------------------------------------------------------------------ results out

    @api.model
    def _values(self, result):
        """What is kept of one Result: what the engine says, whose it is, by which rule set."""
        return result.record | result.prepared.beside(result.day.work_date)

    @api.model
    def _row(self, result, **kept):
        """Column values of one Result, `kept` in place of its own. `digest` is that of all of them
        but the department, which Odoo empties by itself where one is removed; `inputs_digest` tells
        what it came from."""
        day, row = result.day.work_date, self._values(result) | kept
        # as text: the digest and the column need the same
        row["derivation"] = derivation_text(row["derivation"])
        row["digest"] = record_digest(row)
        row["inputs_digest"] = result.prepared.digest(day)
        row["department_id"] = result.prepared.department(day)
        row["date"] = day
        return row

    def _keep(self, rows):
        """Insert or replace days; untouched where nothing changed. `rows` may be computed as they
        are asked for: the database keeps some while the next are. Returns them and how many
        changed. A day on which nobody is employed and nobody punched is none: its row goes."""
        kept, gone, keeping = [], [], None
        asked = {"now": fields.Datetime.now(), "user": self.env.uid}
        with Behind(self.env.cr) as behind:
            for some in split_every(ROWS_PER_STATEMENT, rows, list):
                gone += [row for row in some if row["status"] is None]
                days = [row for row in some if row["status"] is not None]
                if not days:
                    continue
                kept += days
                keeping = keeping or Keeping(self.env["biometric.day"], days[0])
                more = len(some) == ROWS_PER_STATEMENT
                keep = behind.begin if more else behind.execute
                keep(keeping.sql, keeping.values(days) | asked)
        changed = behind.changed
        if kept:
            self._come_back(kept)
            self.env["biometric.day"].invalidate_model()
        if changed:
            self._after_change()
        return kept + gone, changed + self._forget(gone)

    def _note_digests(self, rows):
        """Of days that stand as these rows say: what they come from, written down where it is not
        what it was."""
        seal = sealed("v.inputs", "v.digest", "d")
        names = ("employee_id", "date", "inputs_digest", "digest")
        self.env.cr.execute(
            f"""UPDATE biometric_day d SET inputs_digest = {seal}, digest = v.digest
                 FROM unnest(%s::int[], %s::date[], %s, %s) v (employee_id, date, inputs, digest)
                WHERE d.employee_id = v.employee_id AND d.date = v.date
                  AND (d.inputs_digest, d.digest) IS DISTINCT FROM ({seal}, v.digest)""",
            [[row[name] for row in rows] for name in names],
        )

    def _forget(self, rows):
        if not rows:
            return 0
        self.env.cr.execute(
            """SELECT d.id FROM biometric_day d
                 JOIN unnest(%s, %s) g (employee_id, date) USING (employee_id, date)""",
            ([row["employee_id"] for row in rows], [row["date"] for row in rows]),
        )
        days = [row[0] for row in self.env.cr.fetchall()]
        if days:
            self.env["biometric.projection"].sudo()._forget([("biometric_day_id", "in", days)])
            self.env.cr.execute("DELETE FROM biometric_day WHERE id = ANY(%s)", (days,))
            self.env["biometric.day"].invalidate_model()
        return len(days)

    def _come_back(self, rows):
        """The cron that finds settled days runs when the first of these windows closes."""
        ends = [row["settles_at"] for row in rows if row["waits_for"] == "window"]
        cron = self.env.ref(
            "biometric_attendance.ir_cron_biometric_day_missing", raise_if_not_found=False
        )
        if not ends or not cron:
            return
        # to the full five minutes: one call for all who go home at about the same time
        at = fields.Datetime.add(datetime.fromisoformat(min(ends)), minutes=5)
        at = at.replace(minute=at.minute // 5 * 5, second=0, microsecond=0)
        triggers = self.env["ir.cron.trigger"].sudo()
        if not triggers.search_count([("cron_id", "=", cron.id), ("call_at", "=", at)], limit=1):
            cron.sudo()._trigger(at)

    def _after_change(self):
        """What follows from changed days: Odoo's attendances are brought in step by their cron."""
        cron = self.env.ref(
            "biometric_attendance.ir_cron_biometric_projection", raise_if_not_found=False
        )
        if cron:
            cron.sudo()._trigger()


class _Expected:
    """Which dates get a row: those that have one, those with work, and those of tracked people
    up to today."""

    def __init__(self, tracked, existing, now):
        self._tracked, self._existing, self._now = tracked, existing, now

    def only(self, employee, results):
        return [result for result in results if self._wants(employee, result)]

    def _wants(self, employee, result):
        day = result.day
        if (employee.id, day.work_date) in self._existing or day.derivation.get("sessions"):
            return True
        if day.derivation.get("ignored") or day.worked_minutes:
            return True
        first, last = self._tracked.get(employee.id, (date.max, date.min))
        today = result.plan.zone.date_at(self._now)
        return bool(day.status) and first <= day.work_date <= min(last, today)
