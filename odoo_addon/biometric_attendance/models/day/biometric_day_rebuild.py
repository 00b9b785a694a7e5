"""Computes days: pops what is stale, asks for the days, keeps the results.

Owns the batch: its size and its upsert, and which dates get a row at all. What is loaded is
biometric.day.facts' part; every rule of time is in engine/. Runs as the system (sudo), from the
cron or for a named list of pairs.
"""

import hashlib
import json
from collections import defaultdict
from datetime import UTC, date, datetime

from psycopg2.extras import execute_values

from odoo import api, fields, models

from ...engine import WORKDAY, blocks_pay, epoch, iso
from ...engine import intervals as iv
from ...seams.job import Turn
from .biometric_day import MINUTE_FIELDS

# One slice of work: what one set of queries gathers, and how long a punch made now may wait for a
# backlog: 31 dates of 64 people, a second or two.
PAIRS_PER_SLICE = 2_000
DAYS_PER_SLICE = 42


class BiometricDayRebuild(models.AbstractModel):
    _name = "biometric.day.rebuild"
    _description = "Computation of attendance days"

    @api.model
    def _cron_rebuild(self):
        """Empties the stale queue slice by slice; what does not fit into this run stays queued."""
        stale = self.env["biometric.stale.day"].sudo()
        turn = Turn(self.env, stale.search_count([]))
        while pairs := stale._pop(PAIRS_PER_SLICE):
            self._rebuild_stale(pairs)
            if not turn.done(len(pairs)):
                break

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
            book = self.env["biometric.rule"].sudo()._book_of(employees)
            rows = []
            expected = self._expected(employees) if widen else None
            for employee, results in facts._computed(employees, dates_of, book, widen):
                if widen:
                    results = expected.only(employee, results)
                rows += [self._row(employee, result) for result in results]
            changed += self._keep(rows)
            self._after_slice(rows, book)
        return changed

    def _after_slice(self, rows, book):
        """What follows from stored days, changed or not: of the rules by which they were computed
        something else may have."""
        dates_of = defaultdict(set)
        for row in rows:
            dates_of[row["employee_id"]].add(row["date"])
        self.env["biometric.week.finding"].sudo()._follow(dates_of, book)

    def _slices(self, pairs):
        """`(employees, {employee_id: [dates]})` whose dates lie close together."""
        by_month = defaultdict(lambda: defaultdict(set))
        for employee_id, day in pairs:
            by_month[day.toordinal() // DAYS_PER_SLICE][employee_id].add(day)
        for _month, dates_of in sorted(by_month.items()):
            employees = (
                self.env["hr.employee"]
                .sudo()
                .with_context(active_test=False)
                .browse(sorted(dates_of))
                .exists()
            )
            if employees:
                yield employees, {key: sorted(days) for key, days in dates_of.items()}

    def _expected(self, employees):
        tracked = self.env["biometric.stale.day"].sudo()._tracked(employees.ids)
        self.env.cr.execute(
            "SELECT employee_id, date FROM biometric_day WHERE employee_id = ANY(%s)",
            (employees.ids,),
        )
        return _Expected(tracked, set(self.env.cr.fetchall()), epoch(fields.Datetime.now()))

    # ------------------------------------------------------------------ results out

    def _row(self, employee, result):
        """Column values of one engine Day; `digest` tells whether anything changed."""
        day, plan, chosen, waits_for, settles_at = result
        sessions = day.derivation.get("sessions", ())
        starts = [session["in"] for session in sessions if session.get("in_punch")]
        ends = [session["out"] for session in sessions if session.get("out_punch")]
        unknown = day.unknown
        row = {name: None if name in unknown else getattr(day, name) for name in MINUTE_FIELDS}
        row |= {
            "employee_id": employee.id,
            "company_id": plan.company_on(day.work_date),
            "department_id": plan.department_by_date.get(day.work_date),
            "date": day.work_date,
            "day_type": day.day_type,
            "status": day.status,
            "is_blocking": blocks_pay(day.status),
            "exceptions": " ".join(day.exceptions) or None,
            "first_in_at": _utc(min(starts)) if starts else None,
            "last_out_at": _utc(max(ends)) if ends and day.status != "at_work" else None,
            "due_at": _due_at(plan, day),
            "rule_id": chosen.rule_id,
            "rule_name": chosen.name,
            "shift_reason": plan.reasons.get(day.work_date),
            "waits_for": waits_for,
            "settles_at": None if settles_at is None else _naive(settles_at),
            # as text: the digest and the column need the same
            "derivation": json.dumps(dict(day.derivation) | _drawing(plan, day), sort_keys=True),
        }
        row["digest"] = _digest(row)
        return row

    def _keep(self, rows):
        """Insert or replace days; untouched where nothing changed. Returns how many changed. A day
        on which nobody is employed and nobody punched is none: its row goes."""
        gone = self._forget([row for row in rows if row["status"] is None])
        rows = [row for row in rows if row["status"] is not None]
        if not rows:
            return gone
        self._come_back(rows)
        names = [
            *rows[0],
            "is_projected",
            "computed_at",
            "create_uid",
            "write_uid",
            "create_date",
            "write_date",
        ]
        now, user = fields.Datetime.now(), self.env.uid
        values = [
            [row[name] for name in rows[0]] + [False, now, user, user, now, now] for row in rows
        ]
        updates = ", ".join(
            f"{name} = EXCLUDED.{name}"
            for name in names
            if name not in ("employee_id", "date", "create_uid", "create_date")
        )
        changed = execute_values(
            self.env.cr._obj,
            f"""INSERT INTO biometric_day AS d ({", ".join(names)}) VALUES %s
                ON CONFLICT (employee_id, date) DO UPDATE SET {updates}
                WHERE d.digest IS DISTINCT FROM EXCLUDED.digest
                RETURNING d.id""",
            values,
            page_size=500,
            fetch=True,
        )
        self.env["biometric.day"].invalidate_model()
        if changed:
            self._after_change()
        return len(changed) + gone

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
        at = fields.Datetime.add(min(ends), minutes=5)
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


def _due_at(plan, day):
    """When the date's first work that no leave covers begins; None where nothing is due."""
    if day.day_type != WORKDAY or not day.scheduled_minutes:
        return None
    due = [piece for shift in plan.shifts if shift.day == day.work_date for piece in shift.due]
    left = iv.subtract(iv.merge(due), iv.merge((leave.start, leave.end) for leave in plan.leaves))
    return _naive(left[0][0]) if left else None


def _naive(at):
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None)


def _utc(text):
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def _drawing(plan, day):
    """What the day's picture shows besides the engine's derivation: counted spans, shifts, zone."""
    return {
        "segments": [[iso(start), iso(end), name] for start, end, name in day.segments],
        "shifts": [
            {"shift": shift.identity, "start": iso(shift.start), "end": iso(shift.end)}
            for shift in plan.shifts
            if shift.day == day.work_date
        ],
        "zone": plan.zone.name,
    }


def _digest(row):
    def plain(value):
        return value.isoformat() if isinstance(value, (date, datetime)) else value

    text = json.dumps({name: plain(value) for name, value in row.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
