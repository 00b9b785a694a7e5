"""Dialog: a terminal goes to another place of its company, where its PINs mean other people."""

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_partner import _tz_get


class BiometricDeviceMove(models.TransientModel):
    _name = "biometric.device.move"
    _inherit = ["biometric.dialog"]
    _description = "Move a terminal to another place"

    device_id = fields.Many2one("biometric.device", "Terminal", required=True, readonly=True)
    company_id = fields.Many2one(related="device_id.company_id")
    place = fields.Char("New place")
    agent_id = fields.Many2one(
        "biometric.agent", "New agent", domain="[('company_id', '=', company_id)]"
    )
    work_location_id = fields.Many2one("hr.work.location", "New work location")
    tz = fields.Selection(_tz_get, "Time zone there", help="Empty: unchanged")
    first_day = fields.Date(
        "First day there", required=True, help="Mappings of the old place end on the day before"
    )

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        device = self.device_id
        device.check_access("write")
        if not (self.place or self.agent_id or self.work_location_id or self.tz):
            raise UserError(self.env._("Enter where the terminal goes."))
        if self.tz and self.tz != device.tz:
            self.env["biometric.device.zone"].create(
                {
                    "device_id": device.id,
                    "tz": self.tz,
                    "valid_from": f"{self.first_day} 00:00:00",
                }
            )
        values = {name: self[name] for name in ("place",) if self[name]}
        values |= {name: self[name].id for name in ("agent_id", "work_location_id") if self[name]}
        device._move_to_place(self.first_day, values)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
