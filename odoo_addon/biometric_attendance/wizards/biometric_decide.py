"""Dialog that asks for the reason of a release or discard."""

from odoo import fields, models


class BiometricDecide(models.TransientModel):
    _name = "biometric.decide"
    _description = "Release or discard"

    verdict = fields.Selection(
        [("release", "Release"), ("discard", "Discard")], required=True, readonly=True
    )
    punch_ids = fields.Many2many("biometric.punch", readonly=True)
    sighting_ids = fields.Many2many("biometric.sighting", readonly=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        decisions = self.env["biometric.decision"]
        if self.punch_ids:
            decisions._decide(self.punch_ids, self.verdict, self.reason)
        if self.sighting_ids:
            decisions._decide(self.sighting_ids, self.verdict, self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
