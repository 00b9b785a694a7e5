"""Dialog in which a payroll officer says why banked time is not paid out. Who may decide, and that
it is kept, is the wish's own business."""

from odoo import fields, models


class BiometricCtoPayoutRefuse(models.TransientModel):
    _name = "biometric.cto.payout.refuse"
    _inherit = ["biometric.dialog"]
    _description = "Refuse to pay out banked time"

    payout_ids = fields.Many2many("biometric.cto.payout", readonly=True)
    reason = fields.Char("Explanation", required=True)

    def action_confirm(self):
        """Refuse them all, or none."""
        self.ensure_one()
        self.check_access("write")
        self.payout_ids.action_refuse(self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
