"""Dialog in which an administrator opens the company's fleet to support for some hours."""

from odoo import fields, models


class BiometricSupportGrant(models.TransientModel):
    _name = "biometric.support.grant"
    _inherit = ["biometric.dialog"]
    _description = "Grant support access"

    user_id = fields.Many2one("res.users", "Who has access", required=True)
    hours = fields.Integer(default=1, required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        self.env["biometric.support"]._grant(self.user_id, self.hours, self.reason)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_support_action"
        )
