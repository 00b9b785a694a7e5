"""One agent's numbered record that it saw a punch, or a line it could not read. Append-only.

A bare leaf stands where a sighting is parked at the agent or was erased; the full sighting may
come later beside it, with the same leaf. Written by biometric.ingest alone.
"""

from odoo import api, fields, models

from ...contract import reject_line


class BiometricSighting(models.Model):
    _name = "biometric.sighting"
    _description = "Sightings"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "id desc"
    _rec_name = "seq"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    lane_id = fields.Many2one("biometric.lane", required=True, readonly=True, ondelete="restrict")
    seq = fields.Integer("Number", required=True, readonly=True)
    kind = fields.Selection(
        [("punch", "Punch"), ("reject", "Unreadable line"), ("leaf", "Bare leaf")],
        required=True,
        readonly=True,
    )
    punch_id = fields.Many2one("biometric.punch", readonly=True, ondelete="restrict")
    device_id = fields.Many2one("biometric.device", "Terminal", readonly=True, ondelete="restrict")
    reason = fields.Char(readonly=True)
    reason_text = fields.Char("Why", compute="_compute_reason_text")
    named_reason = fields.Char(
        "Reason for the missing content",
        readonly=True,
        help="For a bare leaf: the reason its agent gave under its signature, odoo:erased for "
        "a punch that was erased before it came again; empty if none was given",
    )
    named_signature = fields.Char(
        "Signature of the reason", readonly=True, help="Reason given by the agent"
    )
    named_key = fields.Char("Key of the reason", readonly=True, help="The key that signed it")
    raw = fields.Text("Raw line", readonly=True)
    verify = fields.Char("Verify code", readonly=True)
    work_code = fields.Char("Work code", readonly=True)
    extra = fields.Char("Further data", readonly=True)
    channel = fields.Selection(
        [("push", "Push"), ("poll", "Poll"), ("file", "File")], readonly=True
    )
    # Milliseconds are kept in the column: the leaf covers them.
    received_at = fields.Datetime("Received by agent", readonly=True)
    clock = fields.Selection([("ok", "Trusted"), ("unsure", "Not sure")], readonly=True)
    # Wall time read as if it were UTC, less received_at. A fact of the sighting; finds odd clocks.
    skew_seconds = fields.Float("Clock difference (s)", readonly=True, digits=(20, 0))
    verify_word = fields.Char("Recognised by", compute="_compute_verify_word", compute_sudo=True)
    salt = fields.Char(readonly=True)
    leaf = fields.Char(required=True, readonly=True)
    hash = fields.Char(required=True, readonly=True)

    _one_number = models.UniqueIndex("(lane_id, seq, (kind = 'leaf'))")
    _by_punch = models.Index("(punch_id) WHERE punch_id IS NOT NULL")
    _rejects = models.Index("(company_id, id) WHERE kind = 'reject'")
    _by_device = models.Index("(device_id, id) WHERE kind = 'reject'")
    # 10 hours: the least a stamp must be ahead before any zone can put it 24 hours in the future.
    _odd_clocks = models.Index("(company_id, id) WHERE skew_seconds > 36000")

    @api.depends("reason", "raw")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for sighting in self:
            sighting.reason_text = self._reason_words(sighting.reason, sighting.raw)

    @api.model
    def _reason_words(self, reason, raw):
        """Why a line could not be read, in words, and that it was withheld where it was; a reason
        of a later agent as it is."""
        words = {
            "empty_pin": self.env._("There is no PIN in the line"),
            "bad_pin": self.env._("Its PIN is not a number or text that a terminal allows"),
            "bad_time": self.env._("Its date or time does not exist"),
            "bad_field": self.env._("A column contains an invalid value"),
            "too_few_columns": self.env._("Columns are missing"),
            "ambiguous_pin": self.env._("Its PIN matches several people of the terminal"),
            "unknown_event": self.env._("It is an event without relevance for attendance"),
            "unreadable": self.env._("The record is damaged"),
        }.get(reason, reason)
        if not (raw or "").startswith(reject_line.WITHHELD):
            return words
        return self.env._("%s; withheld: it may hold personal data", words)

    @api.depends("verify", "device_id.verify_preset", "device_id.verify_map")
    @api.depends_context("lang")
    def _compute_verify_word(self):
        for sighting in self:
            device, code = sighting.device_id, sighting.verify
            word = device._verify_word(code) if device and code else ""
            sighting.verify_word = f"{word} ({code})" if word else code
