"""Dialog in which an HR officer says why an account is not corrected. Who may decide, and that it
is kept, is the correction's own business."""

from odoo import fields, models


class BiometricCtoCorrectionRefuse(models.TransientModel):
    _name = "biometric.cto.correction.refuse"
    _inherit = ["biometric.dialog"]
    _description = "Refuse to correct a time account"

    correction_ids = fields.Many2many("biometric.cto.correction", readonly=True)
    answer = fields.Char("Explanation", required=True)

    def action_confirm(self):
        """Refuse them all, or none."""
        self.ensure_one()
        self.check_access("write")
        self.correction_ids.action_refuse(self.answer)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
