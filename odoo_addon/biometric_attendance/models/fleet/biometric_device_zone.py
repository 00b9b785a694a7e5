"""Which time zone a device's clock showed, from which wall time on. Punches never change for it.

Owns the preview of what a correction touches and the marking of the days it changes.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ...contract import wire
from ...engine import wall

END = "9999-12-31 23:59:59"


class DeviceZones:
    """Of biometric.device: the zones its clock showed. Mixed into its one class."""

    __slots__ = ()

    def _spans(self):
        """Sorted [(valid_from wall text, zone)]; the agent's zone when it has none."""
        self.ensure_one()
        spans = sorted((zone.valid_from, zone.tz) for zone in self.sudo().zone_ids)
        return spans or [(wall.BEGINNING, self._first_zone())]

    def _first_zone(self):
        self.ensure_one()
        device = self.sudo()
        return device.agent_id.tz or device.company_id.partner_id.tz or "UTC"

    def _zone_now(self):
        """Zone in force now: the span that the current wall time of the last one falls into."""
        self.ensure_one()
        spans = self._spans()
        now = fields.Datetime.now()
        zone = spans[0][1]
        for valid_from, name in spans:
            if valid_from == wall.BEGINNING or wall.to_instant(valid_from, name) <= now:
                zone = name
        return zone


class BiometricDeviceZone(models.Model):
    _name = "biometric.device.zone"
    _description = "Time zones of terminals over time"
    _check_company_auto = True
    _inherit = ["biometric.audited", "biometric.zones"]
    _order = "device_id, valid_from"
    _rec_name = "tz"
    _audit_word = "zone"
    _audit_right = "administrator"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
    )
    device_id = fields.Many2one(
        "biometric.device", "Terminal", required=True, ondelete="cascade", check_company=True
    )
    tz = fields.Selection(_tz_get, "Time zone", required=True)
    # Text, not a date-time: this is what the device's clock showed, and has no zone itself.
    valid_from = fields.Char(
        "From (terminal time)",
        required=True,
        default=wall.BEGINNING,
        size=19,
        help="YYYY-MM-DD HH:MM:SS in terminal time",
    )

    _one_start = models.UniqueIndex(
        "(device_id, valid_from)", "Another time zone of this terminal starts at the same time."
    )

    @api.constrains("valid_from")
    def _check_valid_from(self):
        for zone in self:
            try:
                wire.wall_time({"valid_from": zone.valid_from}, "valid_from")
            except wire.Malformed as error:
                raise ValidationError(
                    self.env._("The start of a time zone is entered as YYYY-MM-DD HH:MM:SS.")
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        # Before anything is looked up: who may not create learns nothing from the reason asked for.
        self.check_access("create")
        for vals in vals_list:
            device = self.env["biometric.device"].browse(vals.get("device_id"))
            vals["company_id"] = device.sudo().company_id.id
            self._need_reason(device, vals.get("valid_from") or wall.BEGINNING)
        zones = super().create(vals_list)
        zones._mark_days()
        zones.device_id._show_places_again()
        return zones

    def write(self, vals):
        self.check_access("write")
        if set(vals) & {"tz", "valid_from", "device_id"}:
            for zone in self:
                start = min(zone.valid_from, vals.get("valid_from") or zone.valid_from)
                self._need_reason(zone.device_id, start)
            self._mark_days()
            devices = self.device_id
            result = super().write(vals)
            self._mark_days()
            (devices | self.device_id)._show_places_again()
            return result
        return super().write(vals)

    def unlink(self):
        self.check_access("unlink")
        for zone in self:
            self._need_reason(zone.device_id, zone.valid_from)
        self._mark_days()
        devices = self.device_id
        result = super().unlink()
        devices._show_places_again()
        return result

    def _need_reason(self, device, start):
        """Past punches move only for a reason that stands in the trail."""
        if not self._count_punches(device, start):
            return
        reason = self._reason()
        if not reason:
            if self.env.su:
                return
            raise UserError(
                self.env._(
                    "There are punches from that date on. Use “Correct time zone” and enter "
                    "a reason."
                )
            )
        self._check_reason(reason)

    def _audit_subjects(self):
        return self.device_id._people()

    def _audit_days(self):
        """From the span's first date, and the one before it: the clock may have shown either."""
        first = fields.Date.to_date(self.valid_from[:10])
        return None if first.year < 2 else first - timedelta(days=1), None

    @staticmethod
    def _count_punches(device, start, end=END):
        device.env.cr.execute(
            """SELECT count(*) FROM biometric_punch
                WHERE device_id = %s AND wall_time >= %s AND wall_time < %s""",
            (device.id, start, end),
        )
        return device.env.cr.fetchone()[0]

    def _end(self):
        """Wall time at which the next span of the device begins."""
        self.ensure_one()
        later = self.search(
            [("device_id", "=", self.device_id.id), ("valid_from", ">", self.valid_from)],
            order="valid_from",
            limit=1,
        )
        return later.valid_from or END

    def _mark_days(self):
        for zone in self.sudo():
            zone.device_id._mark_all_stale(zone.valid_from[:10], zone._end()[:10])

    @api.model
    def _preview(self, device, tz, valid_from):
        """What a span `tz` from `valid_from` on would change: {punches, days, shift_minutes}.

        shift_minutes: how far the first affected punch moves; negative is earlier.
        """
        later = [start for start, _zone in device._spans() if start > valid_from]
        end = later[0] if later else END
        self.env.cr.execute(
            """SELECT count(*), count(DISTINCT wall_date), min(wall_time) FROM biometric_punch
                WHERE device_id = %s AND wall_time >= %s AND wall_time < %s""",
            (device.id, valid_from, end),
        )
        punches, days, first = self.env.cr.fetchone()
        shift = 0
        if first:
            old = wall.to_instant(first, wall.span_zone(device._spans(), first))
            shift = round((wall.to_instant(first, tz) - old).total_seconds() / 60)
        return {"punches": punches, "days": days, "shift_minutes": shift}
