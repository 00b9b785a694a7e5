"""Dialog of the second administrator: what was asked for, what would go, and the yes.

Settings open for system administrators alone; whoever runs the terminals need not be one. Who may
say yes, and what follows, is the company's.
"""

from odoo import api, fields, models


class BiometricRetentionConfirm(models.TransientModel):
    _name = "biometric.retention.confirm"
    _inherit = ["biometric.dialog"]
    _description = "Confirm shorter retention"

    text = fields.Char("Request", compute="_compute_text")
    is_asked = fields.Boolean("Confirmation pending", compute="_compute_text")

    @api.depends_context("allowed_company_ids")
    def _compute_text(self):
        for dialog in self:
            asked = self.env.company._retention_wanted_text()
            dialog.is_asked = bool(asked)
            dialog.text = asked or self.env._("Nobody requested a shorter retention.")

    def action_confirm(self):
        self.ensure_one()
        self.env.company.action_confirm_retention()
        return {"type": "ir.actions.act_window_close"}
