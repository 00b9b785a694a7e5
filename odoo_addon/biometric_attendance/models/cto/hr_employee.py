"""Employees as the room of time accounts sees them: who may see whose balance."""

from odoo import models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    def _biometric_may_see_balance(self):
        """Whether the reader is the person, leads them, or holds a role that sees everybody of the
        person's company, and has that company on screen."""
        self.ensure_one()
        user = self.env.user
        if self.env.su or self.sudo().user_id == user:
            return True
        everybody = ("hr_officer", "payroll_officer", "auditor")
        person = self.sudo()
        if person.company_id in self.env.companies and any(
            user.has_group(f"biometric_attendance.group_{role}") for role in everybody
        ):
            return True
        return user in (person.leave_manager_id, person.attendance_manager_id)

    def action_open_biometric_account(self):
        """The person's time accounts."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_cto_account_action"
        )
        return dict(action, domain=[("employee_id", "=", self.id)], context={})
