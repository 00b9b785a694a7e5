"""One event at one terminal, exactly as the terminal stated it. Append-only.

Holds no instant, no employee and no state: all three are derived (biometric.usable), so that a
wrong zone or mapping is mended there. Written by biometric.ingest alone.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ..mixins.biometric_team import TeamReader
from .biometric_flag import FLAGS, KINDS
from .biometric_own import OwnPunches
from .biometric_punch_order import PunchOrder
from .biometric_usable import UsablePunches


class BiometricPunch(TeamReader, UsablePunches, OwnPunches, PunchOrder, models.Model):
    _name = "biometric.punch"
    _description = "Punches"
    _inherit = ["biometric.append.only", "biometric.place.period", "biometric.look"]
    _period_date = "wall_date"
    _log_access = False
    _order = "wall_time desc, id desc"
    _rec_name = "wall_time"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    device_id = fields.Many2one(
        "biometric.device", "Terminal", required=True, readonly=True, ondelete="restrict"
    )
    key = fields.Char(required=True, readonly=True, size=64, help="Event fingerprint")
    serial = fields.Char("Serial number", required=True, readonly=True)
    pin = fields.Char("PIN", required=True, readonly=True)
    wall_time = fields.Char(
        "Terminal time",
        required=True,
        readonly=True,
        size=19,
        help="Time shown by the terminal's clock; no time zone",
    )
    wall_date = fields.Date("Day", required=True, readonly=True)
    status = fields.Char(readonly=True)
    stored_at = fields.Datetime("Stored", required=True, readonly=True)
    sighting_ids = fields.One2many("biometric.sighting", "punch_id", readonly=True)
    decision_ids = fields.One2many("biometric.decision", "punch_id", readonly=True)
    employee_id = fields.Many2one(
        "hr.employee",
        compute="_compute_employee_id",
        search="_search_employee_id",
        compute_sudo=True,
    )
    # For the search panel: found through the terminal, never stored here.
    agent_id = fields.Many2one(related="device_id.agent_id")
    # For record rules: live search, whatever the rule cache holds.
    own_user_id = fields.Many2one(
        "res.users", "User of the employee", compute="_compute_own", search="_search_own"
    )
    team_user_id = fields.Many2one(
        "res.users", "Approver", compute="_compute_team", search="_search_team"
    )
    channels = fields.Char(compute="_compute_channels", compute_sudo=True)
    verify_word = fields.Char("Recognised by", compute="_compute_verify_word", compute_sudo=True)

    _one_key = models.UniqueIndex("(company_id, key)")
    _by_pin = models.Index("(device_id, pin, wall_date)")
    _by_day = models.Index("(device_id, wall_date)")
    _by_time = models.Index("(company_id, wall_time DESC, id DESC)")

    @api.model
    def _period_zones(self, _bounds):
        """A punch's place is that of its terminal."""
        devices = self.env["biometric.device"].sudo().with_context(active_test=False).search([])
        return self._zones_of(devices, lambda one: one._zone_now(), "device_id")

    # Punch p means the employee of device user u on its wall date.
    _MAPPED = SQL(
        """FROM biometric_punch p JOIN biometric_device_user u
             ON u.device_id = p.device_id AND u.pin = p.pin AND u.employee_id IS NOT NULL
            AND p.wall_date >= COALESCE(u.valid_from, '0001-01-01'::date)
            AND p.wall_date <= COALESCE(u.valid_to, '9999-12-31'::date)"""
    )

    witness = fields.Selection(
        [*KINDS, ("carried", "USB file, not confirmed")],
        compute="_compute_witness",
        search="_search_witness",
        compute_sudo=True,
    )

    def _compute_employee_id(self):
        self.env["biometric.device.user"].flush_model()
        self.env.cr.execute(
            SQL("SELECT p.id, u.employee_id %s WHERE p.id = ANY(%s)", self._MAPPED, self.ids)
        )
        employees = dict(self.env.cr.fetchall())
        for punch in self:
            punch.employee_id = employees.get(punch.id)

    @api.model
    def _search_employee_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["biometric.device.user"].flush_model()
        found = SQL(
            "(SELECT p.id %s WHERE u.employee_id = ANY(%s))",
            self._MAPPED,
            [item for item in value if item],
        )
        if False in value:
            mapped = SQL("(SELECT p.id %s)", self._MAPPED)
            return ["|", ("id", "in", found), ("id", "not in", mapped)]
        return [("id", "in", found)]

    @api.depends_context("uid")
    def _compute_own(self):
        """For a record rule, as `team_user_id`: whose own the punch is."""
        for punch in self:
            punch.own_user_id = punch.sudo().employee_id.user_id

    @api.model
    def _search_own(self, operator, value):
        if operator != "in":
            return NotImplemented
        employees = (
            self.env["hr.employee"]
            .sudo()
            .with_context(active_test=False)
            .search([("user_id", "in", list(value))])
        )
        return [("employee_id", "in", employees.ids)]

    @api.depends("sighting_ids")
    def _compute_channels(self):
        for punch in self:
            punch.channels = ", ".join(sorted(set(punch.sighting_ids.mapped("channel"))))

    @api.depends("sighting_ids.verify_word")
    def _compute_verify_word(self):
        for punch in self:
            punch.verify_word = punch._best_sighting().verify_word

    @api.depends("sighting_ids", "decision_ids")
    def _compute_witness(self):
        self.env.cr.execute(
            SQL("SELECT punch_id, kind FROM (%s) f WHERE punch_id = ANY(%s)", FLAGS, self.ids)
        )
        kinds = dict(self.env.cr.fetchall())
        for punch in self:
            punch.witness = kinds.get(punch.id)

    @api.model
    def _search_witness(self, operator, value):
        if operator != "in":
            return NotImplemented
        kinds = [kind for kind in value if kind]
        wanted = SQL("(SELECT punch_id FROM (%s) f WHERE kind = ANY(%s))", FLAGS, kinds)
        if False in value:
            flagged = SQL("(SELECT punch_id FROM (%s) f)", FLAGS)
            return ["|", ("id", "in", wanted), ("id", "not in", flagged)]
        return [("id", "in", wanted)]
