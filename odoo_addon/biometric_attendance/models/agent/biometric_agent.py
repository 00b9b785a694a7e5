"""The edge program of one branch: who it is, whether it may deliver, how it says it fares.

Owns its states and the administrator's buttons. Status columns are written by biometric.sync in
SQL; tokens and codes are in biometric.agent.token and biometric.pairing.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_partner import _tz_get

from ..mixins.biometric_words import date_in, day_words, offset_words, time_words

# Without a word for longer, what it said of itself is no longer so. It calls every ten seconds; the
# job that looks comes every 60 to 70 s (Odoo's own rhythm), so that the mail has left three minutes
# after the cut.
SILENT_SECONDS = 100


class BiometricAgent(models.Model):
    _name = "biometric.agent"
    _description = "Biometric agents"
    _inherit = ["mail.thread", "biometric.audited", "biometric.zones"]
    _order = "name, id"
    _audit_word = "agent"

    name = fields.Char(required=True, tracking=True, help="The branch, as your staff call it")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    place = fields.Char(help="Location of the Raspberry Pi, so that someone can find it")
    contact = fields.Char(
        "Contact person",
        help="A person at the branch, with a phone number; shown in mails about its alarms",
    )
    tz = fields.Selection(
        _tz_get,
        "Time zone",
        required=True,
        default=lambda self: self.env.company.partner_id.tz or self.env.user.tz or "UTC",
        help="Initial time zone of new terminals of this branch",
    )
    state = fields.Selection(
        [
            ("new", "Not paired"),
            ("waiting", "Waiting for approval"),
            ("active", "Active"),
            ("revoked", "Revoked"),
        ],
        default="new",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    public_key = fields.Char("Public key", readonly=True, copy=False, help="Ed25519, base64")
    fingerprint = fields.Char(
        "Key fingerprint",
        readonly=True,
        copy=False,
        help="Compare with the line `fingerprint` that the agent prints at the branch",
    )
    paired_at = fields.Datetime("Paired on", readonly=True, copy=False)
    paired_address = fields.Char("Paired from", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, copy=False, ondelete="restrict"
    )
    approved_at = fields.Datetime("Approved on", readonly=True, copy=False)
    batches_signed_since = fields.Datetime(
        "Signs its batches since",
        readonly=True,
        copy=False,
        help="From here on a batch without the signature of this agent's key is refused. "
        "Empty: its program is an earlier version that does not sign",
    )
    requests_signed_since = fields.Datetime(
        "Signs its requests since",
        readonly=True,
        copy=False,
        help="From here on messages without the signature of this agent's key prove nothing. "
        "Empty: its program is an earlier version that does not sign them",
    )
    # [[number, hash], …] of the audit heads it was shown last, newest last.
    offered_heads = fields.Json("Offered heads", readonly=True, copy=False)
    rotate_wanted = fields.Boolean("Token to be replaced", readonly=True, copy=False)

    # Status, as the agent said at its last sync.
    host_name = fields.Char("Host name", readonly=True, copy=False)
    host_os = fields.Char("Operating system", readonly=True, copy=False)
    host_arch = fields.Char("Processor", readonly=True, copy=False)
    agent_version = fields.Char("Version", readonly=True, copy=False)
    last_seen_at = fields.Datetime("Last contact", readonly=True, copy=False)
    last_address = fields.Char("Last address", readonly=True, copy=False)
    started_at = fields.Datetime("Started on", readonly=True, copy=False)
    uptime_seconds = fields.Integer("Running time (s)", readonly=True, copy=False)
    clock = fields.Selection(
        [("ok", "Trusted"), ("unsure", "Not sure")], "Agent clock", readonly=True, copy=False
    )
    clock_offset_seconds = fields.Integer(
        "Clock difference (s)",
        readonly=True,
        copy=False,
        help="Agent's clock less Odoo's, at the last sync",
    )
    clock_offset_text = fields.Char(
        "Difference from Odoo's clock",
        compute="_compute_clock_offset_text",
        help="At the last sync.",
    )
    queue_pending = fields.Integer("Undelivered", readonly=True, copy=False)
    queue_pending_text = fields.Char("Undelivered now", compute="_compute_queue_pending_text")
    queue_parked = fields.Integer("Parked", readonly=True, copy=False)
    queue_bytes = fields.Float("Queue size (bytes)", readonly=True, copy=False, digits=(20, 0))
    oldest_pending_at = fields.Datetime("Oldest undelivered", readonly=True, copy=False)
    disk_free_bytes = fields.Float(
        "Free disk space (bytes)", readonly=True, copy=False, digits=(20, 0)
    )
    disk_total_bytes = fields.Float("Disk size (bytes)", readonly=True, copy=False, digits=(20, 0))
    disk_free_percent = fields.Integer("Free disk space (%)", compute="_compute_disk_free_percent")
    last_errors = fields.Json("Last errors", readonly=True, copy=False)
    last_errors_text = fields.Text("Last errors", compute="_compute_last_errors_text")
    updates_itself = fields.Boolean(
        "Accepts updates",
        readonly=True,
        copy=False,
        help="Its program contains a root of trust for newer versions",
    )
    updates_fresh_at = fields.Datetime(
        "Last update check",
        readonly=True,
        copy=False,
        help="When it last verified update metadata that had not expired. None for 30 days: "
        "someone is blocking it, or nobody signs any more",
    )
    # Recent processes that used the token: [[started_at|host, address, last seen], …], newest last.
    instances = fields.Json(readonly=True, copy=False)

    device_ids = fields.One2many("biometric.device", "agent_id", "Terminal")
    device_count = fields.Integer("Number of terminals", compute="_compute_device_count")
    lane_ids = fields.One2many("biometric.lane", "agent_id")
    alarm_ids = fields.One2many(
        "biometric.alarm", "agent_id", domain=[("closed_at", "=", False)], string="Open alarms"
    )
    gap_count = fields.Integer("Number of gaps", compute="_compute_device_count")

    @api.depends("clock_offset_seconds", "last_seen_at")
    @api.depends_context("lang")
    def _compute_clock_offset_text(self):
        for agent in self:
            told = agent.last_seen_at and offset_words(self.env, agent.clock_offset_seconds)
            agent.clock_offset_text = told

    @api.depends("queue_pending", "last_seen_at", "state")
    @api.depends_context("lang", "tz")
    def _compute_queue_pending_text(self):
        for agent in self:
            agent.queue_pending_text = agent._figure_now(agent.queue_pending)

    def _figure_now(self, figure):
        """A figure that an agent, or none, told: of one that nobody hears it is not known; it is
        not what it said last."""
        seen = self.last_seen_at
        limit = fields.Datetime.subtract(fields.Datetime.now(), seconds=SILENT_SECONDS)
        if seen and seen >= limit and self.state == "active":
            return str(figure)
        if seen:
            zone = self.env.context.get("tz") or self.env.user.tz
            day = day_words(self.env, date_in(self.env, seen, zone))
            when = f"{day} {time_words(self.env, seen, zone)}"
            return self.env._("unknown since %s (your time)", when)
        return self.env._("unknown")

    @api.depends("disk_free_bytes", "disk_total_bytes")
    def _compute_disk_free_percent(self):
        for agent in self:
            total = agent.disk_total_bytes
            agent.disk_free_percent = round(100 * agent.disk_free_bytes / total) if total else 0

    @api.depends("last_errors")
    def _compute_last_errors_text(self):
        for agent in self:
            agent.last_errors_text = "\n".join(
                f"{row.get('at', '')}  {row.get('message', '')} (×{row.get('count', 1)})"
                for row in agent.last_errors or []
            )

    @api.depends("device_ids")
    def _compute_device_count(self):
        counts = dict(
            self.env["biometric.device"]._read_group(
                [("agent_id", "in", self.ids)], ["agent_id"], ["__count"]
            )
        )
        gaps = self.env["biometric.gap"]._count_by_agent(self)
        for agent in self:
            agent.device_count = counts.get(agent, 0)
            agent.gap_count = gaps.get(agent, 0)

    def write(self, vals):
        if "company_id" in vals:
            moved = self.filtered(
                lambda agent: agent.state != "new" and agent.company_id.id != vals["company_id"]
            )
            if moved:
                raise UserError(
                    self.env._("A paired agent stays in its company; revoke it and pair a new one.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        if any(agent.state != "new" or agent.lane_ids for agent in self):
            raise UserError(self.env._("Paired agents can be archived but not deleted."))

    # ------------------------------------------------------------------ buttons

    def action_pairing_code(self):
        """Open the dialog with a fresh one-time code; the code is shown once and kept hashed."""
        self.ensure_one()
        self.check_access("write")
        code = self.env["biometric.pairing"].sudo()._open(self)
        return self.env["biometric.pairing.show"]._action(self, code)

    def action_approve(self):
        """The administrator compared host name and fingerprint and says yes."""
        self.check_access("write")
        for agent in self:
            agent._check_waiting()
        self._approve()

    def _approve(self):
        for agent in self:
            reason = f"fingerprint {agent.fingerprint}"
            values = {
                "state": "active",
                "approved_by_id": self.env.uid,
                "approved_at": fields.Datetime.now(),
            }
            with self._because(reason):
                agent.sudo().write(values)

    def _check_waiting(self):
        self.ensure_one()
        if self.state != "waiting":
            raise UserError(self.env._("%s is not waiting for approval.", self.name))

    def action_revoke(self):
        """Kill the token now: the next request is refused. Capture at the branch goes on."""
        self.check_access("write")
        tokens = self.env["biometric.agent.token"].sudo()
        for agent in self:
            if agent.state == "new":
                raise UserError(self.env._("%s is not paired.", agent.name))
            tokens._revoke(agent)
            self.env["biometric.pairing"].sudo()._void(agent)
            agent.sudo().state = "revoked"

    def action_rotate(self):
        """Offer a new token with the next sync; the old one dies when the new one was used."""
        self.check_access("write")
        for agent in self:
            if agent.state != "active":
                raise UserError(self.env._("%s is not active.", agent.name))
            agent._audit("rotate", None, None)
            agent.sudo().rotate_wanted = True

    def action_open_gaps(self):
        """The gaps that the number on the form counts."""
        self.check_access("read")
        return self.env["biometric.gap"]._action_of_agents(self)

    def action_open_devices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_device_action"
        )
        return dict(
            action,
            domain=[("agent_id", "=", self.id)],
            context={
                "default_agent_id": self.id,
                "default_company_id": self.company_id.id,
            },
        )
