"""Dialog that corrects a device's time zone: shows first what it moves, then asks why."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_partner import _tz_get

from ..contract import wire
from ..engine import wall


class BiometricZoneChange(models.TransientModel):
    _name = "biometric.zone.change"
    _inherit = ["biometric.dialog"]
    _description = "Correct time zone"

    device_id = fields.Many2one("biometric.device", "Terminal", required=True, readonly=True)
    tz = fields.Selection(_tz_get, "Time zone", required=True)
    valid_from = fields.Char(
        "From (terminal time)",
        required=True,
        default=wall.BEGINNING,
        help="YYYY-MM-DD HH:MM:SS in terminal time",
    )
    reason = fields.Char(required=True)
    preview = fields.Char("Changes", compute="_compute_preview")

    def _start(self):
        """The wall time as text, or UserError."""
        self.ensure_one()
        try:
            return wire.wall_time({"valid_from": self.valid_from or ""}, "valid_from")
        except wire.Malformed as error:
            raise UserError(self.env._("Enter the start as YYYY-MM-DD HH:MM:SS.")) from error

    @api.depends("device_id", "tz", "valid_from")
    def _compute_preview(self):
        for change in self:
            if not change.tz or not change.device_id:
                change.preview = False
                continue
            try:
                found = (
                    self.env["biometric.device.zone"]
                    .sudo()
                    ._preview(change.device_id, change.tz, change._start())
                )
            except UserError as error:
                change.preview = str(error)
                continue
            change.preview = self.env._(
                "Shift by %(minutes)s minutes: punches %(punches)s, days %(days)s",
                punches=found["punches"],
                days=found["days"],
                minutes=found["shift_minutes"],
            )

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        start = self._start()
        reason = self.env["biometric.audited"]._check_reason(self.reason)
        zones = self.env["biometric.device.zone"]
        span = zones.search([("device_id", "=", self.device_id.id), ("valid_from", "=", start)])
        with zones._because(reason):
            if span:
                span.tz = self.tz
            else:
                zones.create({"device_id": self.device_id.id, "tz": self.tz, "valid_from": start})
        return {"type": "ir.actions.client", "tag": "soft_reload"}
