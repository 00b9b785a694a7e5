"""Employees as the day room sees them: whether their attendances are projected, and their days."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    biometric_projected = fields.Boolean(
        "Attendances come from terminals", readonly=True, copy=False, groups="hr.group_hr_user"
    )

    biometric_archived_on = fields.Date(
        "Archived on",
        readonly=True,
        copy=False,
        groups="hr.group_hr_user",
        help="Last day of employment of an archived person whose contract names none.",
    )

    def write(self, vals):
        moved = self.filtered(lambda one: "active" in vals and one.active != vals["active"])
        last_days = {one.id: one.sudo()._biometric_last_day() for one in moved}
        result = super().write(vals)
        stale = self.env["biometric.stale.day"].sudo()
        for one in moved:
            today = one.sudo().company_id._biometric_today()
            last = False if vals["active"] else today
            super(HrEmployee, one.sudo()).write({"biometric_archived_on": last})
            stale._mark_existing([one.id], (last_days[one.id] or today) + timedelta(days=1))
        if "company_id" in vals:
            stale._mark_existing(self.ids)
        return result

    def _biometric_last_day(self):
        """Last day of an archived person as far as archiving tells it; None for others. Who was
        archived before this was noted has the day of the last change."""
        self.ensure_one()
        if self.active:
            return None
        return self.biometric_archived_on or self.write_date.date()

    @api.model
    def _search(self, domain, *args, **kwargs):
        if self.env.context.get("biometric_skip_projected"):
            domain = Domain(domain) & Domain("biometric_projected", "=", False)
        return super()._search(domain, *args, **kwargs)

    def action_open_biometric_days(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_day_action"
        )
        return dict(action, domain=[("employee_id", "=", self.id)], context={})
