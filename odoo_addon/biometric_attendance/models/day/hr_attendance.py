"""Odoo's attendances as the projection of our days: flagged, read-only, left alone by Odoo's crons.

Owns the protection of projected rows. What goes into them is biometric_projection's business.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...seams.sql_attendance import ATTENDANCES
from .biometric_projection import instant

# What Odoo may still write there by itself: computed columns that follow from ours.
FREE_FIELDS = {
    "overtime_hours",
    "overtime_status",
    "validated_overtime_hours",
    "expected_hours",
    "worked_hours",
    "date",
}


class HrAttendance(models.Model):
    _inherit = "hr.attendance"

    biometric_day_id = fields.Many2one(
        "biometric.day",
        "Biometric day",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        help="Created from punches of a terminal. Change it through an adjustment of the day.",
    )
    in_mode = fields.Selection(
        selection_add=[("biometric", "Biometric terminal")],
        ondelete={"biometric": lambda records: records._forget_biometric_mode("in_mode")},
    )
    out_mode = fields.Selection(
        selection_add=[("biometric", "Biometric terminal")],
        ondelete={"biometric": lambda records: records._forget_biometric_mode("out_mode")},
    )

    def _forget_biometric_mode(self, name):
        """On uninstall: what terminals recorded stays, as ordinary attendances."""
        self.with_context(biometric_projection=True).sudo().write({name: "technical"})

    @api.model_create_multi
    def create(self, vals_list):
        if not self._may_project() and any(
            vals.get("biometric_day_id")
            or "biometric" in (vals.get("in_mode"), vals.get("out_mode"))
            for vals in vals_list
        ):
            self._refuse_by_hand()
        return super().create(vals_list)

    def write(self, vals):
        ours = self.sudo().filtered("biometric_day_id")
        changes = set(vals) - FREE_FIELDS
        claims = bool(vals.get("biometric_day_id")) or "biometric" in (
            vals.get("in_mode"),
            vals.get("out_mode"),
        )
        if (ours and changes or claims) and not self._may_project():
            self._refuse_by_hand()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_projected(self):
        if self.sudo().filtered("biometric_day_id") and not self._may_project():
            self._refuse_by_hand()

    def _may_project(self):
        """The projection runs as the system; a context key alone, as RPC can send it, is not
        enough."""
        return bool(self.env.su and self.env.context.get("biometric_projection"))

    def _refuse_by_hand(self):
        raise AccessError(
            self.env._(
                "This attendance was created from a biometric terminal. Change what the "
                "day is computed from: punches, shifts, mappings."
            )
        )

    # ------------------------------------------------------------------ many at once

    @api.constrains("check_in", "check_out", "employee_id")
    def _check_validity(self):
        """Odoo asks for each attendance whether it meets another, with two or three searches; of
        projected ones one statement finds those that do, and Odoo says so in its own words."""
        if not self._may_project():
            return super()._check_validity()
        self.flush_model(["check_in", "check_out", "employee_id"])
        self.env.cr.execute(
            f"""SELECT a.id FROM {ATTENDANCES} a
                 WHERE a.id = ANY(%s) AND EXISTS (
                       SELECT 1 FROM {ATTENDANCES} o
                        WHERE o.employee_id = a.employee_id AND o.id <> a.id
                          AND (o.check_in <= a.check_in AND o.check_out > a.check_in
                               OR o.check_in > a.check_in AND o.check_in < a.check_out
                               OR o.check_out IS NULL AND a.check_out IS NULL))""",
            (self.ids,),
        )
        meeting = self.browse([row[0] for row in self.env.cr.fetchall()])
        return super(HrAttendance, meeting)._check_validity()

    def _update_overtime(self, attendance_domain=None):
        """Nothing to count where the projection knows that no rule of Odoo's counts."""
        if self._may_project() and self.env.context.get("biometric_no_overtime"):
            return None
        return super()._update_overtime(attendance_domain)

    # ------------------------------------------------------------------ Odoo's own totals

    def _get_worked_hours_in_range(self, start_dt, end_dt):
        """Hours of a projected attendance are those of its day: Odoo would take the lunch of the
        schedule out of them once more, and knows no rule of ours."""
        self.ensure_one()
        if not self.sudo().biometric_day_id:
            return super()._get_worked_hours_in_range(start_dt, end_dt)
        bounds = (max(self.check_in, start_dt), min(self.check_out, end_dt))
        return self.sudo()._minutes_of_day(bounds) / 60

    def _minutes_of_day(self, bounds):
        """Worked minutes of the day that this attendance shows, within `bounds` (UTC). All of the
        day's together show its own: work that rounding or a paid break laid between two sessions
        is shown by the one before it."""
        day = self.biometric_day_id
        starts = sorted(day.attendance_ids.mapped("check_in"))
        number = starts.index(self.check_in)
        whole = bounds[0] <= self.check_in and bounds[1] >= self.check_out
        passed = own = 0
        for begin, end, _class in (day.derivation or {}).get("segments", ()):
            first, last = instant(begin), instant(end)
            before = passed // 60
            passed += round((last - first).total_seconds())
            if max(0, sum(start <= first for start in starts) - 1) != number:
                continue
            if whole:
                own += passed // 60 - before
            else:
                inside = min(last, bounds[1]) - max(first, bounds[0])
                own += max(0, round(inside.total_seconds())) // 60
        return own

    # ------------------------------------------------------------------ Odoo's own crons

    def _cron_auto_check_out(self):
        """Invents no check-out for people whose days come from terminals."""
        return super(
            HrAttendance, self.with_context(biometric_skip_projected=True)
        )._cron_auto_check_out()

    def _cron_absence_detection(self):
        """Inserts no one-second attendance for them: one night shift of theirs would stop it."""
        return super(
            HrAttendance, self.with_context(biometric_skip_projected=True)
        )._cron_absence_detection()

    @api.model
    def _search(self, domain, *args, **kwargs):
        if self.env.context.get("biometric_skip_projected"):
            domain = Domain(domain) & Domain("employee_id.biometric_projected", "=", False)
        return super()._search(domain, *args, **kwargs)
