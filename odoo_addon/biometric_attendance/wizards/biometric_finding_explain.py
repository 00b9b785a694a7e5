"""Dialog in which an administrator or HR officer explains findings; that alone closes them."""

from odoo import fields, models


class BiometricFindingExplain(models.TransientModel):
    _name = "biometric.finding.explain"
    _inherit = ["biometric.dialog"]
    _description = "Explain findings"

    finding_ids = fields.Many2many("biometric.audit.finding", readonly=True)
    explanation = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        self.finding_ids.action_explain(self.explanation)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
