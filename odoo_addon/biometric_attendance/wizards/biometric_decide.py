"""Dialog that asks for the reason of a release, a discard, or another time at which punches count.

For another time it shows what is known: what stands beside the punch in the device's own order,
when it was received, and by how much a clock was off. Releasing into a year in which the device
was not there asks twice.
"""

from statistics import median

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..engine import wall
from ..models.mixins.biometric_words import offset_words, sentence


class BiometricDecide(models.TransientModel):
    _name = "biometric.decide"
    _inherit = ["biometric.dialog"]
    _description = "Release, discard or correct the time"

    verdict = fields.Selection(
        [("release", "Release"), ("discard", "Discard"), ("count_as", "Count as")],
        required=True,
        readonly=True,
    )
    punch_ids = fields.Many2many("biometric.punch", readonly=True)
    sighting_ids = fields.Many2many("biometric.sighting", readonly=True)
    evidence = fields.Text(compute="_compute_evidence")
    offset_seconds = fields.Integer("Clock difference (s)", compute="_compute_evidence")
    offset_text = fields.Char("Clock difference", compute="_compute_evidence")
    is_off = fields.Boolean("Clock off", compute="_compute_evidence")
    counts_at = fields.Datetime("Counted at")
    terminal_clock = fields.Char(
        "According to the terminal's clock", compute="_compute_terminal_clock"
    )
    warning = fields.Char(readonly=True)
    reason = fields.Char(required=True)

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        if values.get("verdict") == "count_as":
            punches = self._commanded(values.get("punch_ids"))
            if len(punches) == 1:
                values["counts_at"] = punches._between()[2]
        return values

    def _commanded(self, commands):
        ids = [
            one
            for command in commands or []
            for one in (command[2] if command[0] == 6 else [command[1]])
        ]
        return self.env["biometric.punch"].browse(ids)

    @api.depends("punch_ids", "verdict")
    def _compute_evidence(self):
        for dialog in self:
            # A form that is not saved yet holds stand-ins of the punches.
            punches = dialog.punch_ids._origin
            flags = dialog._skew_flags(punches)
            offsets = flags.mapped("offset_seconds")
            dialog.is_off = bool(punches) and flags.punch_id == punches
            dialog.offset_seconds = round(median(offsets)) if offsets else 0
            dialog.offset_text = offset_words(self.env, dialog.offset_seconds)
            dialog.evidence = dialog._words(flags)

    @api.depends("counts_at", "punch_ids")
    def _compute_terminal_clock(self):
        """What is known is told by the terminal's clock, the time itself by the reader's: whoever
        sits in another time zone sees both of it."""
        for dialog in self:
            device = dialog.punch_ids._origin.device_id[:1]
            zone = device.sudo()._zone_now() if device else False
            dialog.terminal_clock = (
                f"{format_datetime(self.env, dialog.counts_at, tz=zone)} ({zone})"
                if zone and dialog.counts_at
                else False
            )

    def _skew_flags(self, punches):
        return self.env["biometric.flag"].search(
            [("punch_id", "in", punches.ids), ("kind", "=", "skew")]
        )

    def _words(self, flags):
        punches = self.punch_ids._origin
        if self.is_off:
            first, last = flags.sorted("found_at")[:1], flags.sorted("found_at")[-1:]
            return self.env._(
                "Punches: %(count)s, received %(first)s to %(last)s. %(clock)s",
                count=len(flags),
                first=format_datetime(self.env, first.found_at),
                last=format_datetime(self.env, last.found_at),
                clock=sentence(punches.device_id[:1]._clock_words(self.offset_seconds)),
            )
        return len(punches) == 1 and punches._between_words()

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        decisions = self.env["biometric.decision"]
        if self.verdict == "release" and not self.warning and (words := self._odd_years()):
            return self._ask_again(words)
        if self.punch_ids:
            decisions._decide(self.punch_ids, self.verdict, self.reason, self._times())
        if self.sighting_ids:
            decisions._decide(self.sighting_ids, self.verdict, self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _times(self):
        """{punch id: instant} for the verdict count_as: with the offset, or the one time named."""
        if self.verdict != "count_as":
            return None
        if self.is_off:
            self._skew_flags(self.punch_ids)._check_one_clock()
            return {
                punch.id: fields.Datetime.subtract(punch._instant(), seconds=self.offset_seconds)
                for punch in self.punch_ids
            }
        if len(self.punch_ids) > 1:
            raise UserError(self.env._("Choose one punch; each was made at its own time."))
        return {self.punch_ids.id: self.counts_at}

    def _odd_years(self):
        """The sentence for punches of a year in which their device was not there; "" for none."""
        for punch in self.punch_ids:
            device = punch.device_id
            there = device.in_service_from or device.first_seen_at or device.create_date
            year = int(punch.wall_time[:4])
            if year < max(there.year, wall.FIRST_SANE_YEAR):
                return self.env._(
                    "This would count on %(day)s, years before %(device)s was installed "
                    "(%(there)s). Use “Count as” to enter when it was really made. "
                    "Release anyway?",
                    day=punch.wall_time,
                    device=device.name,
                    there=there.year,
                )
        return ""

    def _ask_again(self, words):
        self.warning = words
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "name": self.env._("Release"),
            "view_mode": "form",
            "target": "new",
        }
