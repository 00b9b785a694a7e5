"""Computes days: pops what is stale, gathers facts, asks the engine, keeps the results.

Owns the batch: its size, its queries, its upsert. Takes and gives records; every rule of time is in
engine/. Runs as the system (sudo), from the cron or for a named list of pairs.
"""

import hashlib
import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from psycopg2.extras import Json, execute_values

from odoo import api, fields, models

from ..engine.day import build_days
from ..engine.instants import epoch, iso
from ..engine.values import ALWAYS, Facts, Punch, state_direction
from ..engine.weeks import dates_to_derive, derive_days
from .biometric_day import BLOCKING, MINUTE_FIELDS

# One slice of work: what one set of queries gathers. 31 dates of 200 people stay below 100 MB.
PAIRS_PER_SLICE = 6_000
DAYS_PER_SLICE = 42
# Punches this many days around a date can belong to one of its sessions.
REACH = timedelta(days=2)
# Enough of a key to name a punch of one person in a derivation.
KEY_DIGITS = 16


class BiometricDayRebuild(models.AbstractModel):
    _name = "biometric.day.rebuild"
    _description = "Computation of attendance days"

    @api.model
    def _cron_rebuild(self):
        """Empties the stale queue slice by slice; what does not fit into this run stays queued."""
        stale = self.env["biometric.stale.day"].sudo()
        remaining = stale.search_count([])
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        while pairs := stale._pop(PAIRS_PER_SLICE):
            self._rebuild(pairs)
            if not self.env["ir.cron"]._commit_progress(len(pairs)):
                break

    @api.model
    def _rebuild(self, pairs):
        """Compute the days of `(employee_id, date)` pairs; returns how many rows changed."""
        changed = 0
        for employees, dates_of in self._slices(self._whole_weeks(pairs)):
            changed += self._rebuild_slice(employees, dates_of)
        return changed

    def _whole_weeks(self, pairs):
        """The pairs and, where a rule set sums up weeks or periods, all dates of those."""
        rules = self.env["biometric.rule"].sudo()._in_force()
        summing = rules.summing()
        if not summing:
            return pairs
        whole = set(pairs)
        for employee_id, day in pairs:
            for rule_set in summing:
                whole.update((employee_id, date) for date in dates_to_derive(day, rule_set))
        return whole

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
            yield employees, {key: sorted(days) for key, days in dates_of.items()}

    def _rebuild_slice(self, employees, dates_of):
        first = min(days[0] for days in dates_of.values())
        last = max(days[-1] for days in dates_of.values())
        gathered = self._gather(employees, first, last)
        rows = []
        for employee in employees:
            rows += self._employee_rows(employee, dates_of[employee.id], gathered)
        return self._keep(rows)

    def _employee_rows(self, employee, days, gathered):
        plan = gathered["plans"][employee.id]
        facts = self._facts(employee, plan, gathered)

        def chosen(day):
            return gathered["rules"].find(
                employee.company_id.id, employee.id, plan.department_by_date.get(day), day
            )

        built = build_days(facts, days, lambda day: chosen(day)[2])
        built, _weeks = derive_days(built, plan.zone, chosen(days[-1])[2])
        return [self._row(employee, plan, day, chosen(day.work_date)) for day in built]

    # ------------------------------------------------------------------ records in

    def _gather(self, employees, first, last):
        """Everything the engine needs for these people and dates, in a fixed number of queries."""
        su = self.sudo()
        punches = defaultdict(list)
        for row in su.env["biometric.punch"]._usable(employees.ids, first - REACH, last + REACH):
            punches[row.employee_id].append(self._punch(row))
        return {
            "plans": su.env["biometric.schedule"]._plans(employees, first, last),
            "punches": punches,
            "rules": su.env["biometric.rule"]._in_force(set(employees.company_id.ids)),
            "complete": su._complete_until(employees),
        }

    @staticmethod
    def _punch(row):
        # the key, not the row's id: the derivation must not depend on the order of arrival
        return Punch(
            at=epoch(row.instant),
            device=str(row.device_id),
            identity=row.key[:KEY_DIGITS],
            direction=state_direction(row.status),
            state=row.status,
            seq=row.seq,
            undecided=row.fold_undecided,
        )

    def _complete_until(self, employees):
        """`{employee_id: epoch}`: before this every device the person may use is complete.

        No entry for somebody whose devices have never been proven complete.
        """
        self.env.cr.execute(
            """SELECT u.employee_id, bool_and(d.complete_until IS NOT NULL),
                      min(d.complete_until)
                 FROM biometric_device_user u
                 JOIN biometric_device d ON d.id = u.device_id
                WHERE u.employee_id = ANY(%s) AND d.state = 'active'
             GROUP BY u.employee_id""",
            [employees.ids],
        )
        return {
            employee: epoch(instant) if proven else 0
            for employee, proven, instant in self.env.cr.fetchall()
        }

    def _facts(self, employee, plan, gathered):
        return Facts(
            zone=plan.zone,
            punches=tuple(gathered["punches"].get(employee.id, ())),
            shifts=tuple(plan.shifts),
            leaves=tuple(plan.leaves),
            day_types=plan.day_types,
            flexible_minutes=plan.flexible_minutes,
            complete_until=gathered["complete"].get(employee.id, ALWAYS),
            employed_from=plan.employed_from,
            employed_until=plan.employed_until,
        )

    # ------------------------------------------------------------------ results out

    def _row(self, employee, plan, day, chosen):
        """Column values of one engine Day; `digest` tells whether anything changed."""
        rule_id, rule_name, _rules = chosen
        sessions = day.derivation.get("sessions", ())
        starts = [session["in"] for session in sessions if session.get("in_punch")]
        ends = [session["out"] for session in sessions if session.get("out_punch")]
        row = {name: getattr(day, name) for name in MINUTE_FIELDS}
        row |= {
            "employee_id": employee.id,
            "company_id": employee.company_id.id,
            "department_id": plan.department_by_date.get(day.work_date),
            "date": day.work_date,
            "day_type": day.day_type,
            "status": day.status,
            "is_blocking": day.status in BLOCKING,
            "exceptions": " ".join(day.exceptions) or None,
            "first_in_at": _utc(min(starts)) if starts else None,
            "last_out_at": _utc(max(ends)) if ends else None,
            "rule_id": rule_id,
            "rule_name": rule_name,
            "shift_reason": plan.reasons.get(day.work_date),
            "derivation": dict(day.derivation) | _drawing(plan, day),
        }
        row["digest"] = _digest(row)
        return row

    def _keep(self, rows):
        """Insert or replace days; untouched where nothing changed. Returns how many changed."""
        if not rows:
            return 0
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
            [Json(row[name]) if name == "derivation" else row[name] for name in rows[0]]
            + [False, now, user, user, now, now]
            for row in rows
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
            self._after_change([row[0] for row in changed])
        return len(changed)

    def _after_change(self, day_ids):
        """What follows from changed days: Odoo's attendances are brought in step by their cron."""
        cron = self.env.ref(
            "biometric_attendance.ir_cron_biometric_projection", raise_if_not_found=False
        )
        if cron:
            cron.sudo()._trigger()


def _utc(text):
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def _drawing(plan, day):
    """What the day's picture shows besides the engine's derivation: counted spans, shifts, zone."""
    return {
        "segments": day.to_dict()["segments"],
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
