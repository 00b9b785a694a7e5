"""Dialog that orders a device to be read again over a window of its own time."""

from odoo import fields, models


class BiometricPull(models.TransientModel):
    _name = "biometric.pull"
    _description = "Read a window again"

    device_id = fields.Many2one("biometric.device", required=True, readonly=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("To", required=True, default=fields.Date.context_today)

    def action_confirm(self):
        self.ensure_one()
        self.env["biometric.command"]._give(
            self.device_id,
            "pull_window",
            {"from": f"{self.date_from} 00:00:00", "to": f"{self.date_to} 23:59:59"},
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}
