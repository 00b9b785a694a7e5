"""What goes wrong in the fleet, told once when it begins and once when it is over.

An incident is opened by the first look that finds its cause, told by an activity and an e-mail,
kept quiet while it lasts, and closed with a message when the cause has been gone for a while (no
flapping). Looks at status only; opens nothing for devices that are not approved. Alarms that need
a person's explanation (tampering, clones) are biometric.alarm.
"""

import logging
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

KINDS = [
    ("agent_silent", "Agent silent"),
    ("device_silent", "Device silent"),
    ("storage", "Memory filling up"),
    ("gap", "Gap not closed"),
    ("clock", "Clock off"),
    ("reject", "Unreadable lines"),
]
LEVELS = (70, 85, 95)
# Minutes without a word; a terminal that is only read may be silent for two of its intervals.
AGENT_MINUTES, DEVICE_MINUTES = 15, 60
GAP_HOURS = 24
CLOCK_SECONDS = 120
# Gone this long before it is said to be over.
CALM = timedelta(minutes=10)
MAX_TOLD = 50


class Finding(NamedTuple):
    """One cause found now. `level` rises within one incident (storage) and is told again then."""

    kind: str
    agent_id: int
    device_id: int | None
    company_id: int
    level: int
    message: str


class BiometricIncident(models.Model):
    _name = "biometric.incident"
    _description = "Incidents of the fleet"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "closed_at desc, opened_at desc, id desc"
    _rec_name = "message"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    agent_id = fields.Many2one("biometric.agent", readonly=True, ondelete="cascade")
    device_id = fields.Many2one("biometric.device", readonly=True, ondelete="cascade")
    level = fields.Integer(readonly=True)
    message = fields.Char(readonly=True)
    opened_at = fields.Datetime(required=True, readonly=True)
    seen_at = fields.Datetime("Last found", readonly=True)
    closed_at = fields.Datetime(readonly=True)

    _one_open = models.UniqueIndex(
        "(kind, agent_id, (COALESCE(device_id, 0))) WHERE closed_at IS NULL"
    )

    # ------------------------------------------------------------------ looking

    @api.model
    def _cron_look(self):
        """Open, go on with, and close incidents; a failing mail server changes nothing of that."""
        now = fields.Datetime.now()
        known = {
            (row.kind, row.agent_id.id, row.device_id.id or None): row
            for row in self.search([("closed_at", "=", False)])
        }
        fresh = self.browse()
        for finding in self._findings(now):
            row = known.pop((finding.kind, finding.agent_id, finding.device_id), None)
            if row is None:
                fresh |= self._begin(finding, now)
            else:
                row._go_on(finding, now)
        for row in known.values():
            if now - row.seen_at >= CALM:
                row._end(now)
        fresh._tell_all()

    @api.model
    def _findings(self, now):
        """[Finding] of now; one query a kind. A device behind a silent agent is not told twice."""
        self.env.flush_all()
        found = []
        for kind, query in self._queries(now).items():
            self.env.cr.execute(query)
            for agent_id, device_id, company_id, level, words in self.env.cr.fetchall():
                message = self._words(kind, words)
                found.append(Finding(kind, agent_id, device_id, company_id, level, message))
        return found

    @api.model
    def _queries(self, now):
        """{kind: SQL of (agent, device, company, level, words)}."""
        agent_limit = now - timedelta(minutes=AGENT_MINUTES)
        alive = SQL("a.state = 'active' AND a.active AND a.last_seen_at >= %s", agent_limit)
        devices = SQL(
            """FROM biometric_device d JOIN biometric_agent a ON a.id = d.agent_id
                WHERE d.state = 'active' AND d.active AND %s""",
            alive,
        )
        return {
            "agent_silent": SQL(
                """SELECT a.id, NULL::integer, a.company_id, 0,
                          concat_ws('|', a.name, to_char(a.last_seen_at, 'YYYY-MM-DD HH24:MI'))
                     FROM biometric_agent a WHERE a.state = 'active' AND a.active
                      AND a.last_seen_at < %s""",
                agent_limit,
            ),
            "device_silent": SQL(
                """SELECT a.id, d.id, d.company_id, 0,
                          concat_ws('|', d.name, to_char(d.last_heard_at, 'YYYY-MM-DD HH24:MI'))
                     %s AND d.channel_push AND d.last_heard_at < %s""",
                devices,
                now - timedelta(minutes=DEVICE_MINUTES),
            ),
            "storage": SQL(
                """SELECT a.id, d.id, d.company_id, CASE WHEN d.storage_percent >= 95 THEN 95
                               WHEN d.storage_percent >= 85 THEN 85 ELSE 70 END,
                          concat_ws('|', d.name, d.storage_percent)
                     %s AND d.storage_percent >= %s""",
                devices,
                LEVELS[0],
            ),
            "clock": SQL(
                """SELECT a.id, d.id, d.company_id, 0,
                          concat_ws('|', d.name, d.clock_offset_seconds)
                     %s AND abs(d.clock_offset_seconds) > %s""",
                devices,
                CLOCK_SECONDS,
            ),
            "gap": SQL(
                """SELECT d.agent_id, d.id, d.company_id, 0,
                          concat_ws('|', d.name, to_char(min(g.window_from), 'YYYY-MM-DD HH24:MI'))
                     FROM biometric_gap g JOIN biometric_device d
                       ON d.id = g.device_id OR (g.device_id IS NULL AND d.agent_id = g.agent_id)
                    WHERE g.state = 'open' AND d.state = 'active' AND d.active
                      AND d.agent_id IS NOT NULL AND COALESCE(g.opened_at, g.window_from) < %s
                    GROUP BY d.agent_id, d.id, d.company_id, d.name""",
                now - timedelta(hours=GAP_HOURS),
            ),
            "reject": SQL(
                """SELECT d.agent_id, d.id, d.company_id, 0, concat_ws('|', d.name, count(*))
                     FROM biometric_sighting s JOIN biometric_device d ON d.id = s.device_id
                    WHERE s.kind = 'reject' AND d.state = 'active' AND d.active
                      AND d.agent_id IS NOT NULL AND NOT EXISTS (
                          SELECT 1 FROM biometric_decision c WHERE c.sighting_id = s.id)
                    GROUP BY d.agent_id, d.id, d.company_id, d.name"""
            ),
        }

    @api.model
    def _words(self, kind, words):
        _ = self.env._
        name, _bar, value = words.partition("|")
        texts = {
            "agent_silent": _("%(name)s: the agent is silent since %(value)s UTC"),
            "device_silent": _("%(name)s: the terminal is silent since %(value)s UTC"),
            "storage": _("%(name)s: its memory is %(value)s %% full"),
            "clock": _("%(name)s: its clock is %(value)s s off"),
            "gap": _("%(name)s: not proven complete since %(value)s UTC"),
            "reject": _("%(name)s: %(value)s unreadable lines wait for a decision"),
        }
        return texts[kind] % {"name": name, "value": value}

    # ------------------------------------------------------------------ telling

    @api.model
    def _begin(self, finding, now):
        return self.create({**finding._asdict(), "opened_at": now, "seen_at": now})

    def _go_on(self, finding, now):
        """The same cause again: silence, but for a level that rose."""
        self.ensure_one()
        values = {"seen_at": now, "message": finding.message}
        if finding.level > self.level:
            self.write({**values, "level": finding.level})
            self._tell_all()
        else:
            self.write(values)

    def _end(self, now):
        self.ensure_one()
        self.closed_at = now
        self.activity_ids.action_feedback(self.env._("It is over."))
        self._send(self.env._("Over: %s", self.message))

    def _tell_all(self):
        """An activity for each responsible person and one mail an incident. When a whole fleet
        falls over, the first ones are mailed and the rest is on the list."""
        if len(self) > MAX_TOLD:
            _logger.warning("%s incidents at once; %s are mailed", len(self), MAX_TOLD)
        for incident in self[:MAX_TOLD]:
            for user in incident._responsible():
                incident.activity_schedule(
                    "mail.mail_activity_data_todo", summary=incident.message, user_id=user.id
                )
            incident._send(incident.message)

    def _responsible(self):
        """Biometric administrators who may see the company."""
        self.ensure_one()
        group = self.env.ref("biometric_attendance.group_administrator")
        return group.all_user_ids.filtered(
            lambda user: (
                user.active
                and self.company_id in user.company_ids
                and user != self.env.ref("base.user_root")
            )
        )

    def _send(self, subject):
        """By mail, to whom it concerns; queued, so that no mail server holds up the look."""
        self.ensure_one()
        recipients = self._responsible().filtered("email").partner_id
        if recipients:
            self.message_post(
                subject=subject,
                body=subject,
                partner_ids=recipients.ids,
                message_type="notification",
                subtype_xmlid="mail.mt_comment",
            )
