"""Employees as the day room sees them: whether their attendances are projected, and their days."""

from odoo import api, fields, models
from odoo.fields import Domain


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    biometric_projected = fields.Boolean(
        "Attendances come from terminals", readonly=True, copy=False, groups="hr.group_hr_user"
    )

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            self.env["biometric.stale.day"].sudo()._mark_existing(self.ids)
        return result

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
