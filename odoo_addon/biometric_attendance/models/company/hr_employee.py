"""The employee's form as the company room sees it: the way to one person's data."""

from odoo import models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    def action_export_biometric_data(self):
        """Download what is held about this person."""
        self.ensure_one()
        self.env["biometric.person.export"]._check_may(self)
        return {
            "type": "ir.actions.act_url",
            "url": f"/biometric_attendance/person/{self.id}",
            "target": "download",
        }
