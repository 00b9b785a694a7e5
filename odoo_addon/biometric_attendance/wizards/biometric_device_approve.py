"""Dialog of an approval: since when the terminal serves here, offered from its own log."""

from odoo import api, fields, models


class BiometricDeviceApprove(models.TransientModel):
    _name = "biometric.device.approve"
    _description = "Approve a terminal"

    device_id = fields.Many2one("biometric.device", required=True, readonly=True)
    in_service_from = fields.Datetime(
        "In service from",
        help="Before this nobody is called absent, and what it recorded waits for a person",
    )
    offer = fields.Char("Offered", readonly=True)
    elsewhere_note = fields.Char(related="device_id.elsewhere_note")

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        device = self.env["biometric.device"].browse(values.get("device_id"))
        if device:
            values["in_service_from"], values["offer"] = device._service_offer()
        return values

    def action_confirm(self):
        self.ensure_one()
        device = self.device_id
        device.check_access("write")
        if self.in_service_from and (
            self.in_service_from != device.in_service_from or not device.in_service_said
        ):
            device.in_service_from = self.in_service_from
        device.action_approve()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
