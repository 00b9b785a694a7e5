"""A terminal, known by its serial number: whose it is, whether it may count, how it fares.

Status columns are written by biometric.sync in SQL. The first time zone span is made at approval;
later ones through biometric.device.zone. Must not know how punches are stored.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...contract import wire
from ...engine import wall
from .biometric_board import DeviceBoard
from .biometric_device_arrival import DeviceArrival
from .biometric_device_checks import DeviceChecks
from .biometric_device_codes import STATUS_CHOICES, VERIFY_CHOICES, DeviceCodes
from .biometric_device_meanings import DeviceMeanings
from .biometric_device_plan import CLEANUP, DEFAULT_SILENCE, DevicePlan
from .biometric_device_reads import DeviceReads
from .biometric_device_service import DeviceService
from .biometric_device_zone import DeviceZones
from .biometric_hearing import DeviceAgents

ADMINISTRATOR = "biometric_attendance.group_administrator"


class BiometricDevice(
    DeviceArrival,
    DeviceZones,
    DeviceService,
    DeviceCodes,
    DeviceMeanings,
    DevicePlan,
    DeviceReads,
    DeviceChecks,
    DeviceBoard,
    DeviceAgents,
    models.Model,
):
    _name = "biometric.device"
    _description = "Biometric terminals"
    _check_company_auto = True
    _inherit = ["mail.thread", "biometric.audited", "biometric.device.place.time"]
    _order = "name, id"
    _rec_names_search = ["name", "serial"]
    _audit_word = "device"

    name = fields.Char(required=True, tracking=True)
    serial = fields.Char("Serial number", required=True, index=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    agent_id = fields.Many2one(
        "biometric.agent",
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    place = fields.Char()
    state = fields.Selection(
        [
            ("waiting", "Waiting for approval"),
            ("active", "Active"),
            ("refused", "Refused"),
            ("moved", "Moved away"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    in_service_from = fields.Datetime(
        "In service from",
        copy=False,
        help="What it recorded before this time waits for a decision. Empty: since its first "
        "contact.",
    )
    in_service_said = fields.Boolean(
        "In service date entered", copy=False, help="The in-service date was entered by a person"
    )
    moved_at = fields.Datetime("Moved", readonly=True, copy=False)
    back_at = fields.Datetime("In service again since", readonly=True, copy=False)
    zone_ids = fields.One2many("biometric.device.zone", "device_id", readonly=True)
    tz = fields.Char("Time zone now", compute="_compute_tz")
    dialect = fields.Char("Dialect (set)", help="Protocol dialect; empty: detected by the agent")
    status_preset = fields.Selection(
        STATUS_CHOICES,
        "Meaning of status codes",
        default="standard",
        required=True,
    )
    channel_push = fields.Boolean("Push", default=True)
    channel_poll = fields.Boolean("Poll", help="The agent reads it on port 4370 as well")
    settings = fields.Json(
        help="Further settings passed on to the agent; names as in its own guide"
    )
    status_map = fields.Json(
        "Meaning of status codes (table)", help="Meaning per status code, overriding the preset"
    )
    verify_preset = fields.Selection(
        VERIFY_CHOICES,
        "Meaning of verify codes",
        default="newer",
        required=True,
    )
    verify_map = fields.Json(
        "Meaning of verify codes (table)", help="Meaning per verify code, overriding the preset"
    )
    status_meanings = fields.Text(
        "Other status codes",
        compute="_compute_status_meanings",
        inverse="_inverse_status_meanings",
        help="Meaning of codes on this terminal where it differs from the table chosen above. "
        "One code per line: 4 = Out for a break",
    )
    verify_meanings = fields.Text(
        "Other verify codes",
        compute="_compute_verify_meanings",
        inverse="_inverse_verify_meanings",
        help="Meaning of codes on this terminal where it differs from the table chosen above. "
        "One code per line: 15 = face",
    )
    user_ids = fields.One2many("biometric.device.user", "device_id")

    # Status, as its agent said.
    heard_state = fields.Selection(
        [("heard", "Connected"), ("silent", "Not responding")],
        "Connection",
        readonly=True,
        copy=False,
    )
    peer = fields.Char("Address", readonly=True, copy=False)
    family = fields.Char(readonly=True, copy=False)
    detected_dialect = fields.Char("Dialect (found)", readonly=True, copy=False)
    first_seen_at = fields.Datetime("First seen", readonly=True, copy=False)
    last_heard_at = fields.Datetime("Last contact", readonly=True, copy=False)
    last_punch_at = fields.Datetime("Last punch", readonly=True, copy=False)
    unbroken_since = fields.Datetime("Push uninterrupted since", readonly=True, copy=False)
    upload_idle = fields.Boolean("Upload idle", readonly=True, copy=False)
    facts = fields.Json(readonly=True, copy=False)
    clock_offset_seconds = fields.Integer("Clock difference (s)", readonly=True, copy=False)
    # [[point, found]] of its redacted report, as its agent made it last.
    report = fields.Json(readonly=True, copy=False)
    report_at = fields.Datetime("Report made", readonly=True, copy=False)
    report_text = fields.Text("Report", compute="_compute_report_text")
    clock_offset_text = fields.Char("Its clock", compute="_compute_clock_offset_text")
    pending = fields.Integer("Undelivered", readonly=True, copy=False)
    pending_text = fields.Char("Undelivered now", compute="_compute_pending_text")
    rejects = fields.Integer("Unreadable lines", readonly=True, copy=False)
    discarded_biometrics = fields.Integer("Discarded templates", readonly=True, copy=False)
    storage_percent = fields.Integer("Memory used (%)", readonly=True, copy=False)
    complete_until = fields.Datetime(
        "Complete until",
        readonly=True,
        copy=False,
        help="Everything it recorded before this time is confirmed to be in Odoo or was accepted",
    )
    proven_until = fields.Datetime("Confirmed until", readonly=True, copy=False)

    punch_count = fields.Integer("Number of punches", compute="_compute_counts")
    to_map_count = fields.Integer("PINs to map", compute="_compute_counts")
    gap_ids = fields.One2many("biometric.gap", "device_id")
    command_ids = fields.One2many("biometric.command", "device_id")
    active_elsewhere = fields.Boolean(
        "Active in another company",
        compute="_compute_active_elsewhere",
        groups="base.group_system",
    )

    _one_serial = models.UniqueIndex(
        "(company_id, serial)", "This serial number is already known in the company."
    )
    polled_at = fields.Datetime("Last read", readonly=True, copy=False)
    complete_read_at = fields.Datetime(
        "Last complete read",
        readonly=True,
        copy=False,
        help="Start of the last read that got every record the terminal counts",
    )
    oldest_pending_at = fields.Datetime("Oldest undelivered", readonly=True, copy=False)
    clock_set_at = fields.Datetime(
        "Clock set",
        readonly=True,
        copy=False,
        help="When the agent reported another change of its clock, according to the "
        "terminal's own log",
    )
    clock_off_since = fields.Datetime(
        "Clock off since", readonly=True, copy=False, help="By punches arriving in real time"
    )
    carrier = fields.Selection(
        [("push", "Push"), ("poll", "Reading")],
        "Imported by",
        readonly=True,
        copy=False,
        help="Reading takes over while push has stopped, and pauses when push works again",
    )
    carrier_since = fields.Datetime("Imported by USB since", readonly=True, copy=False)
    carrier_reason = fields.Char("Reason", readonly=True, copy=False)
    facts_text = fields.Text("Terminal information", compute="_compute_facts_text")
    poll_host = fields.Char(
        "Address for reading",
        help="Address of the terminal in the branch's network. With it the agent can read the "
        "terminal on port 4370: on schedule, or when push stops.",
    )
    poll_port = fields.Integer("Port", default=4370)
    poll_transport = fields.Selection(
        [("tcp", "TCP"), ("udp", "UDP")], "Transport", default="tcp", required=True
    )
    comm_key = fields.Char(
        "New comm key",
        compute="_compute_comm_key",
        inverse="_inverse_comm_key",
        groups=ADMINISTRATOR,
        help="A number, as set at the terminal (Comm. > Comm Key). It is not shown again.",
    )
    comm_key_secret = fields.Char("Comm key (encrypted)", groups=fields.NO_ACCESS, copy=False)
    comm_key_set = fields.Boolean("Comm key is set", readonly=True, copy=False)
    poll_minutes = fields.Integer("Read every (minutes)", default=60)
    poll_times = fields.Char(
        "Or at these times",
        help="06:00, 13:30 on the terminal's clock; these times replace the interval",
    )
    quiet_hours = fields.Char(
        "Hours without reading",
        help="07:30-09:30, 16:30-18:00: the terminal is not read during these hours",
    )
    poll_live = fields.Boolean(
        "Live",
        help="The agent stays connected and reads within about a minute after a punch. Only for a "
        "terminal that serves no other program on this port.",
    )
    silence_seconds = fields.Integer(
        "Not responding after (seconds)",
        default=DEFAULT_SILENCE,
        help="If the terminal is silent for longer, its push counts as stopped: reading takes "
        "over if it has an address. The minimum is three missed connections.",
    )
    cleanup_when = fields.Selection(CLEANUP, "Clear its memory", default="never", required=True)
    cleanup_percent = fields.Integer("Full at (%)", default=80)
    cleanup_days = fields.Integer("Days", default=30)
    cleanup_hours = fields.Char("Quiet hours for it", help="02:00-04:00: hours when nobody punches")
    security_note = fields.Char("Security note", compute="_compute_security_note")
    moved_note = fields.Char("Note about the move", compute="_compute_moved_note")
    elsewhere_note = fields.Char(
        "Note about another company", compute="_compute_elsewhere_note", groups=ADMINISTRATOR
    )

    @api.depends("zone_ids.tz", "zone_ids.valid_from")
    def _compute_tz(self):
        for device in self:
            device.tz = device._zone_now() if device.zone_ids else False

    @api.depends("pending", "agent_id.last_seen_at", "agent_id.state")
    @api.depends_context("lang", "tz")
    def _compute_pending_text(self):
        for device in self:
            device.pending_text = device.sudo().agent_id._figure_now(device.pending)

    def _compute_counts(self):
        """What the reader may not see counts nothing: the terminal itself he may open."""
        users, punches = self.env["biometric.device.user"], self.env["biometric.punch"]
        to_map = {}
        if users.has_access("read"):
            to_map = dict(
                users._read_group(
                    [("device_id", "in", self.ids), ("employee_id", "=", False)],
                    ["device_id"],
                    ["__count"],
                )
            )
        may_count = punches.has_access("read")
        for device in self:
            device.punch_count = may_count and punches.search_count(
                [("device_id", "=", device.id)], limit=10000
            )
            device.to_map_count = to_map.get(device, 0)

    def _compute_active_elsewhere(self):
        """Nothing is stored: only a system administrator who looks learns of the other company."""
        others = (
            self.env["biometric.device"]
            .sudo()
            .with_context(active_test=False)
            ._read_group(
                [("serial", "in", self.mapped("serial")), ("state", "=", "active")],
                ["serial", "company_id"],
            )
        )
        for device in self:
            device.active_elsewhere = any(
                serial == device.serial and company != device.company_id
                for serial, company in others
            )

    @api.constrains("serial")
    def _check_serial(self):
        for device in self:
            try:
                wire.serial({"serial": device.serial})
            except wire.Malformed as error:
                raise ValidationError(
                    self.env._(
                        "A serial number has 1 to 64 letters, digits, dots, dashes or underscores."
                    )
                ) from error

    def write(self, vals):
        kept = {"serial": set(self.mapped("serial")), "company_id": set(self.company_id.ids)}
        moved = any(name in vals and now != {vals[name]} for name, now in kept.items())
        if moved and self._has_sightings():
            raise UserError(
                self.env._("A terminal with punches keeps its serial number and its company.")
            )
        agents = self._agents_now() if "agent_id" in vals else {}
        result = super().write(vals)
        self._after_write(vals)
        self._after_agents(agents)
        return result

    def unlink(self):
        """Its zones end through the trail, not by the table's own cascade."""
        self.check_access("unlink")
        self.sudo().zone_ids.unlink()
        return super().unlink()

    def _has_sightings(self):
        sightings = self.env["biometric.sighting"].sudo()
        return bool(sightings.search_count([("device_id", "in", self.ids)], limit=1))

    def _channels(self):
        self.ensure_one()
        wanted = {"push": self.channel_push, "poll": self.channel_poll}
        return [name for name in wanted if wanted[name]]

    # ------------------------------------------------------------------ buttons

    def action_approve(self):
        """Its punches count from now on, those that waited included."""
        self.check_access("write")
        for device in self:
            if device.state == "active":
                continue
            if device.state == "moved":
                device._come_back()
                continue
            device._begin_after_elsewhere()
            if not device.zone_ids:
                self.env["biometric.device.zone"].sudo().create(
                    {
                        "device_id": device.id,
                        "company_id": device.company_id.id,
                        "tz": device._first_zone(),
                        "valid_from": wall.BEGINNING,
                    }
                )
            device.sudo().state = "active"
            device._mark_all_stale()

    def action_refuse(self):
        self.check_access("write")
        for device in self.filtered(lambda one: one.state != "refused"):
            device.sudo().state = "refused"
            device._mark_all_stale()

    def _mark_all_stale(self, wall_from=None, wall_to=None):
        """Every day that a usable punch of these devices can touch is computed again."""
        self.env["biometric.stale.day"].sudo()._mark_punches(
            device_ids=self.ids, wall_from=wall_from, wall_to=wall_to
        )

    def action_command(self):
        """Button of the form; the command's name comes with the button. Opens its progress."""
        self.ensure_one()
        name = self.env.context.get("biometric_command")
        command = self.env["biometric.command"]._give(self, name, {})
        return self.env["biometric.pull"]._open(self, command)

    @api.depends("report")
    def _compute_report_text(self):
        for device in self:
            points = device.report or []
            device.report_text = "\n".join(f"{point}: {found}" for point, found in points)

    def _keep_report(self, points):
        """What its agent tells of it, redacted there by construction."""
        self.sudo().write({"report": points, "report_at": fields.Datetime.now()})

    def watch(self):
        """A form shows these devices; called again while it is open. Needs the right to read."""
        self.check_access("read")
        self.env["biometric.watch"].sudo()._note(self.sudo().agent_id)
        return True
