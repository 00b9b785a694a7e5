"""Dialog in which an administrator explains an alarm; that alone closes it."""

from odoo import fields, models


class BiometricAlarmExplain(models.TransientModel):
    _name = "biometric.alarm.explain"
    _inherit = ["biometric.dialog"]
    _description = "Explain alarm"

    alarm_ids = fields.Many2many("biometric.alarm", readonly=True)
    explanation = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        self.alarm_ids.action_explain(self.explanation)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
