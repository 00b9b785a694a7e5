"""Dialog in which a named person accepts gaps with a reason."""

from odoo import fields, models


class BiometricGapAccept(models.TransientModel):
    _name = "biometric.gap.accept"
    _inherit = ["biometric.dialog"]
    _description = "Accept gaps"

    gap_ids = fields.Many2many("biometric.gap", readonly=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        self.gap_ids.action_accept(self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
