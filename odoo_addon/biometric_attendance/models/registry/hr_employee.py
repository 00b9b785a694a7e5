"""What the addon needs of employees: their PINs, their team, and their right to see their own."""

from odoo import api, fields, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    biometric_user_ids = fields.One2many(
        "biometric.device.user",
        "employee_id",
        "PINs on terminals",
        groups="biometric_attendance.group_approver,biometric_attendance.group_hr_officer,"
        "biometric_attendance.group_payroll_officer,biometric_attendance.group_auditor",
    )

    biometric_area_member_ids = fields.One2many(
        "biometric.area.member",
        "employee_id",
        "Areas",
        groups="biometric_attendance.group_approver,biometric_attendance.group_hr_officer,"
        "biometric_attendance.group_auditor",
    )

    @api.model_create_multi
    def create(self, vals_list):
        employees = super().create(vals_list)
        employees.filtered("user_id")._biometric_grant_own_access()
        return employees

    def write(self, vals):
        result = super().write(vals)
        if vals.get("user_id"):
            self._biometric_grant_own_access()
        if vals.get("active") is False:
            why = self.env._("No longer employed")
            with self.env["biometric.audited"]._because(why):
                self.env["biometric.area.member"].sudo()._end(self)
        return result

    def unlink(self):
        """A person's areas end through the trail, not by a cascade of the table."""
        self.check_access("unlink")
        members = self.env["biometric.area.member"].sudo()
        members.search([("employee_id", "in", self.ids)]).unlink()
        return super().unlink()

    def _biometric_grant_own_access(self):
        """An employee with a login sees their own punches; nobody has to think of it."""
        group = self.env.ref("biometric_attendance.group_employee", raise_if_not_found=False)
        if not group:
            return
        users = self.sudo().user_id.filtered(lambda user: user._is_internal())
        (users - group.sudo().all_user_ids).write({"group_ids": [(4, group.id)]})

    @api.model
    def _biometric_team(self, users):
        """Employees whose attendance these users may review: below them in the organisation, or
        with one of them as attendance approver. Never the users' own records."""
        own = self.sudo().with_context(active_test=False).search([("user_id", "in", users.ids)])
        below = (
            self.sudo()
            .with_context(active_test=False)
            .search(
                [
                    "|",
                    ("parent_id", "child_of", own.ids),
                    ("attendance_manager_id", "in", users.ids),
                ]
                if own
                else [("attendance_manager_id", "in", users.ids)]
            )
        )
        return below - own

    def action_open_biometric_punches(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_punch_action"
        )
        return dict(action, domain=[("employee_id", "=", self.id)], context={})
