"""Which agents tell a terminal beside its own, and what a person answered to that.

A row is noted when an agent tells a terminal that another one of its company owns; it binds nothing
until a person answers: it moved to that agent, both hear it, or refuse. A terminal that gets
another agent keeps the former one here, bound until that moment. What counts by that is derived
(ledger/biometric_bound.py).
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

ADMINISTRATOR = "biometric_attendance.group_administrator"
# A word of another agent is noted again after this long.
AGAIN = "1 minute"

# Rows h that wait for an answer: nobody gave one, or the former agent told the terminal anew.
WAITS = """h.state = 'foreign' OR h.state = 'ended' AND h.told_at > h.until"""


class BiometricHearing(models.Model):
    _name = "biometric.hearing"
    _description = "Foreign terminals"
    _inherit = ["biometric.audited"]
    _check_company_auto = True
    _order = "told_at desc, id desc"
    _rec_name = "device_id"
    _audit_word = "hearing"
    _audit_right = "administrator"
    _audit_pay_fields = ("state", "until")

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    device_id = fields.Many2one(
        "biometric.device",
        "Terminal",
        required=True,
        readonly=True,
        ondelete="cascade",
        check_company=True,
    )
    agent_id = fields.Many2one(
        "biometric.agent",
        "Reported by",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    own_agent_id = fields.Many2one(related="device_id.agent_id", string="Its agent")
    state = fields.Selection(
        [
            ("foreign", "Waiting for an answer"),
            ("own", "It is the terminal's agent"),
            ("both", "Both agents receive it"),
            ("ended", "It was the terminal's agent"),
            ("refused", "Refused"),
        ],
        default="foreign",
        required=True,
        readonly=True,
    )
    until = fields.Datetime("Counted until", readonly=True, help="Data received before this counts")
    first_at = fields.Datetime("First reported", readonly=True)
    told_at = fields.Datetime("Last reported", readonly=True)
    waits = fields.Boolean(
        "Waiting for an answer", compute="_compute_waits", search="_search_waits"
    )
    waiting_count = fields.Integer("Waiting punches", compute="_compute_waiting_count")

    _one_pair = models.UniqueIndex("(device_id, agent_id)")

    @api.depends("state", "told_at", "until")
    def _compute_waits(self):
        for row in self:
            again = row.state == "ended" and row.told_at and row.told_at > row.until
            row.waits = row.state == "foreign" or bool(again)

    @api.model
    def _search_waits(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.flush_model()
        waiting = SQL("(SELECT h.id FROM biometric_hearing h WHERE %s)", SQL(WAITS))
        if set(value) == {True, False}:
            return []
        return [("id", "in" if True in value else "not in", waiting)]

    def _compute_waiting_count(self):
        counts = dict(
            self.env["biometric.quarantine"]
            .sudo()
            ._read_group(
                [
                    ("device_id", "in", self.device_id.ids),
                    ("reason", "=", "foreign_serial"),
                    ("company_id", "in", self.company_id.ids),
                ],
                ["device_id"],
                ["__count"],
            )
        )
        for row in self:
            row.waiting_count = counts.get(row.device_id, 0)

    @api.depends("device_id", "agent_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = self.env._(
                "%(device)s, reported by %(agent)s",
                device=row.device_id.name,
                agent=row.agent_id.name,
            )

    def _audit_subjects(self):
        return self.device_id._people()

    # ------------------------------------------------------------------ noted by the service

    @api.model
    def _note(self, agent, device_ids):
        """This agent tells terminals that are another's. Rows nobody answered yet bind nothing."""
        if not device_ids:
            return
        self.env.cr.execute(
            SQL(
                """INSERT INTO biometric_hearing
                       (company_id, device_id, agent_id, state, first_at, told_at)
                   SELECT d.company_id, d.id, %(agent)s, 'foreign', now() AT TIME ZONE 'UTC',
                          now() AT TIME ZONE 'UTC'
                     FROM biometric_device d
                    WHERE d.id = ANY(%(devices)s) AND d.state <> 'refused'
                    ORDER BY d.id
                       ON CONFLICT (device_id, agent_id) DO UPDATE
                      SET told_at = excluded.told_at,
                          first_at = COALESCE(biometric_hearing.first_at, excluded.first_at)
                    WHERE biometric_hearing.told_at IS NULL
                       OR biometric_hearing.told_at < excluded.told_at - %(again)s::interval""",
                agent=agent.id,
                devices=sorted(device_ids),
                again=AGAIN,
            )
        )
        self.invalidate_model()

    @api.model
    def _hears(self, agent, devices):
        """Those of these terminals that this agent may speak for: its own, those of nobody, and
        those that it hears too by a person's word."""
        others = devices.filtered(lambda device: device.agent_id and device.agent_id != agent)
        if not others:
            return devices
        both = self.search(
            [
                ("agent_id", "=", agent.id),
                ("device_id", "in", others.ids),
                ("state", "=", "both"),
            ]
        )
        return devices - (others - both.device_id)

    # ------------------------------------------------------------------ answers

    def action_moved_here(self):
        """The terminal serves at this agent from now on; what its former one saw so far counts."""
        self._check_answers()
        for row in self:
            with row._because(self.env._("it moved to %s", row.agent_id.name)):
                row.device_id.agent_id = row.agent_id

    def action_both(self):
        """Two agents hear it on purpose: what either tells counts."""
        self._answer("both")

    def action_refuse(self):
        """What this agent tells of it never counts; it is kept all the same."""
        self._answer("refused")

    def _check_answers(self):
        self.device_id.check_access("write")
        self.check_access("read")
        if answered := self.filtered(lambda row: not row.waits and row.state != "refused"):
            raise UserError(self.env._("%s: this was already answered.", answered[0].display_name))

    def _answer(self, state):
        self._check_answers()
        self.sudo().write({"state": state, "until": False})
        self.device_id._mark_all_stale()

    @api.model
    def _bind(self, device, former, now):
        """A terminal got another agent: the former one is remembered, bound until now."""
        rows = self.search([("device_id", "=", device.id)])
        rows.filtered(lambda row: row.agent_id == device.agent_id).write(
            {"state": "own", "until": False}
        )
        if not former:
            return
        known = rows.filtered(lambda row: row.agent_id == former)
        if known:
            known.write({"state": "ended", "until": now})
            return
        self.create(
            {
                "company_id": device.company_id.id,
                "device_id": device.id,
                "agent_id": former.id,
                "state": "ended",
                "until": now,
            }
        )


class DeviceAgents:
    """Of biometric.device: that it got another agent. Mixed into its one class."""

    __slots__ = ()

    def _agents_now(self):
        """{device: its agent}."""
        return {device: device.agent_id for device in self}

    def _after_agents(self, before):
        """before: `_agents_now` of before a write. Orders go to the new agent, punches that waited
        for it count; the session of the former one proves nothing of the new one's."""
        now = fields.Datetime.now()
        for device, former in before.items():
            if not former or device.agent_id == former:
                continue
            service = device.sudo()
            self.env["biometric.hearing"].sudo()._bind(service, former.sudo(), now)
            self.env["biometric.command"].sudo()._readdress(service, former.sudo())
            service.write({"unbroken_since": False, "upload_idle": False})
            device._mark_all_stale()
