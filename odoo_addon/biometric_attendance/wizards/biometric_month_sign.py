"""Dialog that asks why a supervisor signs a monthly record that its person did not certify.

Owns the question. Who may sign is biometric.month.record.
"""

from odoo import fields, models


class BiometricMonthSign(models.TransientModel):
    _name = "biometric.month.sign"
    _inherit = ["biometric.dialog"]
    _description = "Sign without the employee"

    record_ids = fields.Many2many("biometric.month.record", required=True)
    text = fields.Char("Why", required=True, help="Shown on the document and in the audit trail.")

    def action_confirm(self):
        """Sign with these words."""
        self.ensure_one()
        self.record_ids.sign(self.text)
        return {"type": "ir.actions.act_window_close"}
