"""Dialog of an approval: since when the terminals serve here, offered from their own logs."""

from odoo import api, fields, models
from odoo.tools import format_datetime


class BiometricDeviceApprove(models.TransientModel):
    _name = "biometric.device.approve"
    _inherit = ["biometric.dialog"]
    _description = "Approve a terminal"

    device_id = fields.Many2one(
        "biometric.device", "Terminal", readonly=True, ondelete="cascade", help="Empty: several"
    )
    device_ids = fields.Many2many("biometric.device", string="Terminals", readonly=True)
    in_service_from = fields.Datetime(
        "In service from",
        help="Before this nobody is reported absent, and what it recorded waits for a decision",
    )
    offer = fields.Text("Offered", readonly=True)
    elsewhere_note = fields.Char(related="device_id.elsewhere_note")

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        device = self.env["biometric.device"].browse(values.get("device_id"))
        if device:
            values["in_service_from"], values["offer"] = device._service_offer()
        else:
            devices = self._chosen(values.get("device_ids"))
            values["offer"] = "\n".join(map(self._offer_line, devices))
        return values

    @api.model
    def _chosen(self, commands):
        """The terminals of the context's default."""
        devices = self.env["biometric.device"]
        return devices.browse(self.new({"device_ids": commands or []}).device_ids._origin.ids)

    @api.model
    def _offer_line(self, device):
        since, why = device._service_offer()
        return f"{device.name}: {format_datetime(self.env, since)} ({why})"

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        devices = self.device_id or self.device_ids
        devices.check_access("write")
        for device in devices:
            since = self.in_service_from if self.device_id else device._service_offer()[0]
            if since and (since != device.in_service_from or not device.in_service_said):
                device.in_service_from = since
        devices.action_approve()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
