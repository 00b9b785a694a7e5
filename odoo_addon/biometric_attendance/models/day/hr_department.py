"""Departments as the day room sees them: a rule set may be for one. Must not know its rules."""

from odoo import api, models


class HrDepartment(models.Model):
    _inherit = "hr.department"

    @api.ondelete(at_uninstall=False)
    def _unlink_what_no_rule_set_names(self):
        self.env["biometric.rule"]._refuse_unlink_of_named("department_ids", self)
