"""Days shown as Odoo's own attendances: one way, in batches, never read back.

Owns the rows of hr.attendance that carry `biometric_day_id` and nothing else there. A manual
attendance that overlaps is never touched; its day says so. Computes no time of its own.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from odoo import api, fields, models

from ...seams.job import Turn
from ...seams.sql_attendance import ATTENDANCES

# An attendance costs some 0.6 ms of processor: a batch stays below half a second.
DAYS_PER_BATCH = 400
# Where one thread runs all jobs, days that wait to be computed wait for this one at most so long:
# people look for the punch they made, not for its picture in Attendances.
YIELD_SECONDS = 1.0
# Odoo counts overtime by whole weeks.
AROUND = timedelta(days=8)


class BiometricProjection(models.AbstractModel):
    _name = "biometric.projection"
    _description = "Attendances shown from computed days"

    @api.model
    def _cron_project(self):
        """Bring attendances in step with days that changed, batch by batch."""
        aside = self.env["biometric.job"]._aside("projection", "hr.employee")
        turn = Turn(self.env, self._waiting_count(aside.resting))
        while turn.left > 0 and not (turn.spent > YIELD_SECONDS and self._days_wait()):
            days = self._waiting(DAYS_PER_BATCH, aside.resting)
            if not days or not self._project_aside(days, aside):
                break
            turn.done(len(days))

    @api.model
    def _project_aside(self, days, aside):
        """Project the days of whoever's can be; whether anything moved on."""
        by_person = days.grouped("employee_id")
        resting = len(aside.resting)
        done = aside.do(
            days.employee_id,
            lambda people: self._project(days.browse().union(*(by_person[one] for one in people))),
        )
        return bool(done) or len(aside.resting) > resting

    @api.model
    def _days_wait(self):
        return bool(self.env["biometric.stale.day"].sudo().search_count([], limit=1))

    @api.model
    def _waiting_count(self, resting=()):
        return self.env["biometric.day"].sudo().search_count(self._waiting_domain(resting))

    @api.model
    def _waiting(self, limit, resting=()):
        return (
            self.env["biometric.day"]
            .sudo()
            .search(self._waiting_domain(resting), limit=limit, order="employee_id, date")
        )

    @api.model
    def _waiting_domain(self, resting=()):
        return [
            ("employee_id", "not in", list(resting)),
            ("is_projected", "=", False),
            ("company_id.biometric_projection", "=", True),
        ]

    # ------------------------------------------------------------------ one batch

    @api.model
    def _project(self, days):
        """Make the projected attendances of these days equal to their sessions."""
        self._take_over(days.employee_id)
        latest = self._latest(days.filtered(_has_open))
        wanted = {day.id: self._sessions(day, latest) for day in days}
        manual, own = self._manual_spans(days, wanted), self._own(days)
        obsolete = self.env["hr.attendance"].browse()
        missing, conflicts = [], set()
        for day in days:
            left = set(wanted[day.id])
            for attendance in own[day.id]:
                span = (attendance.check_in, attendance.check_out or None)
                if span in left:
                    left.discard(span)
                else:
                    obsolete |= attendance
            for span in sorted(left):
                if any(_overlap(span, other) for other in manual[day.employee_id.id]):
                    conflicts.add(day.id)
                else:
                    missing.append(self._values(day, span))
        attendances = (
            self.env["hr.attendance"]
            .sudo()
            .with_context(
                biometric_projection=True,
                biometric_no_overtime=self._without_overtime(days),
                tracking_disable=True,
                mail_create_nolog=True,
            )
        )
        # a shifted session would overlap its own old row
        attendances.browse(obsolete.ids).unlink()
        attendances.create(missing)
        self._count_again(days)
        self._settle(days, conflicts)

    @api.model
    def _without_overtime(self, days):
        """Whether Odoo counts no overtime around these days, and has none counted: then it is not
        asked to, row by row."""
        dates = days.mapped("date")
        lines = self.env["hr.attendance.overtime.line"].sudo()
        counted = lines.search_count(
            [
                ("employee_id", "in", days.employee_id.ids),
                ("date", ">=", min(dates) - AROUND),
                ("date", "<=", max(dates) + AROUND),
            ],
            limit=1,
        )
        return not counted and not days.employee_id.sudo().version_ids.ruleset_id

    @api.model
    def _count_again(self, days):
        """A day may be worth something else with the same sessions."""
        days.invalidate_recordset(["attendance_ids"])
        shown = days.sudo().attendance_ids
        self.env.add_to_compute(shown._fields["worked_hours"], shown)

    @api.model
    def _own(self, days):
        """`{day id: attendances we made for it}`, one query per batch."""
        found = defaultdict(list)
        for attendance in days.sudo().attendance_ids:
            found[attendance.biometric_day_id.id].append(attendance)
        return found

    @staticmethod
    def _values(day, span):
        return {
            "employee_id": day.employee_id.id,
            "check_in": span[0],
            "check_out": span[1],
            "in_mode": "biometric",
            "out_mode": "biometric",
            "biometric_day_id": day.id,
        }

    @api.model
    def _sessions(self, day, latest):
        """`(check_in, check_out)` in UTC; open may be one of somebody at work, or of today at the
        place. latest: ids of last days with work."""
        spans = []
        if day.status == "outside_employment":
            return spans
        zone = (day.derivation or {}).get("zone") or "UTC"
        today = fields.Date.context_today(self.with_context(tz=zone))
        may_be_open = day.status == "at_work" or day.date >= today
        for session in (day.derivation or {}).get("sessions", ()):
            start, end = instant(session["in"]), instant(session["out"])
            if end and end > start:
                spans.append((start, end))
            elif end is None and may_be_open and day.id in latest:
                spans.append((start, None))
        # Odoo allows one open attendance, and nothing may begin after it
        open_spans = [span for span in spans if span[1] is None]
        return [span for span in spans if span[1]] + open_spans[-1:]

    @api.model
    def _latest(self, days):
        """Ids of the last day with work of each of these days' people."""
        if not days:
            return set()
        self.env["biometric.day"].flush_model(["employee_id", "date", "first_in_at"])
        self.env.cr.execute(
            """SELECT l.id FROM unnest(%s) e (id) CROSS JOIN LATERAL (
                   SELECT d.id FROM biometric_day d
                    WHERE d.employee_id = e.id AND d.first_in_at IS NOT NULL
                 ORDER BY d.date DESC LIMIT 1) l""",
            (days.employee_id.ids,),
        )
        return {row[0] for row in self.env.cr.fetchall()}

    @api.model
    def _manual_spans(self, days, wanted):
        """`{employee id: [(check_in, check_out or None)]}` of attendances that are not ours."""
        spans = [span for sessions in wanted.values() for span in sessions]
        found = defaultdict(list)
        if not spans:
            return found
        begin = min(span[0] for span in spans)
        self.env["hr.attendance"].flush_model()
        self.env.cr.execute(
            f"""SELECT employee_id, check_in, check_out FROM {ATTENDANCES} a
                 WHERE employee_id = ANY(%s) AND day_id IS NULL
                   AND (check_out IS NULL OR check_out > %s)""",
            (days.employee_id.ids, begin),
        )
        for employee_id, check_in, check_out in self.env.cr.fetchall():
            found[employee_id].append((check_in, check_out))
        return found

    @api.model
    def _forget(self, domain):
        """Remove attendances that were shown from days (call with sudo)."""
        self.env["hr.attendance"].with_context(biometric_projection=True).search(
            [("biometric_day_id", "!=", False), *domain]
        ).unlink()

    @api.model
    def _settle(self, days, conflicts):
        self.env.cr.execute(
            """UPDATE biometric_day SET is_projected = TRUE,
                      has_manual_attendance = NULLIF(id = ANY(%s), FALSE)
                WHERE id = ANY(%s)""",
            (list(conflicts), days.ids),
        )
        days.invalidate_recordset(["is_projected", "has_manual_attendance"])

    # ------------------------------------------------------------------ whose overtime is ours

    @api.model
    def _take_over(self, employees):
        """Odoo's own overtime rules stop counting for whom the day engine counts; what was set
        is remembered, so that switching off gives it back."""
        fresh = employees.sudo().filtered(lambda employee: not employee.biometric_projected)
        if not fresh:
            return
        fresh.write({"biometric_projected": True})
        for version in fresh.version_ids.filtered("ruleset_id"):
            version.write({"biometric_ruleset_id": version.ruleset_id.id, "ruleset_id": False})

    @api.model
    def _withdraw(self, company):
        """Remove our attendances of a company and nothing else; give overtime rules back."""
        su = self.sudo().with_context(active_test=False, biometric_projection=True)
        su.env["hr.attendance"].search(
            [
                ("biometric_day_id", "!=", False),
                ("biometric_day_id.company_id", "=", company.id),
            ]
        ).unlink()
        employees = su.env["hr.employee"].search(
            [("company_id", "=", company.id), ("biometric_projected", "=", True)]
        )
        for version in employees.version_ids.filtered("biometric_ruleset_id"):
            version.write(
                {"ruleset_id": version.biometric_ruleset_id.id, "biometric_ruleset_id": False}
            )
        employees.write({"biometric_projected": False})
        self.env.cr.execute(
            """UPDATE biometric_day SET is_projected = FALSE, has_manual_attendance = NULL
                WHERE company_id = %s""",
            (company.id,),
        )
        self.env["biometric.day"].invalidate_model()


def _has_open(day):
    return any(session["out"] is None for session in (day.derivation or {}).get("sessions", ()))


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=None) if text else None


def _overlap(left, right):
    return (right[1] is None or left[0] < right[1]) and (left[1] is None or right[0] < left[1])
