"""What goes wrong in the fleet, told once when it begins and once when it is over.

An incident is opened by the first look that finds its cause, told by an activity and an e-mail,
kept quiet while it lasts, and closed with a message when the cause has been gone for a while (no
flapping). Silence begins where the device board says late, and is told once it is more than a blip.
Looks at status only; opens nothing for devices that are not approved. Alarms that need a person's
explanation (tampering, clones) are biometric.alarm.
"""

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...seams.job import go_round
from ..mixins.biometric_dialog import READ_AS
from .biometric_board import AGENT_LATE, CARRIED, DEVICE_LATE, PATIENCE
from .biometric_hearing import WAITS
from .biometric_incident_lines import IncidentLines
from .biometric_incident_words import IncidentWords

_logger = logging.getLogger(__name__)

KINDS = [
    ("agent_silent", "Agent not responding"),
    ("device_silent", "Terminal not responding"),
    ("storage", "Memory filling up"),
    ("gap", "Gap not closed"),
    ("clock", "Clock off"),
    ("reject", "Unreadable lines"),
    ("loss", "Lost at the agent"),
    ("foreign", "Reported by another agent"),
    ("set_aside", "Skipped by a job"),
]
JOB_NAMES = [
    ("days", "Computing days"),
    ("fill", "Finding missing days"),
    ("projection", "Showing days in Attendances"),
    ("completeness", "Proof of completeness"),
    ("look", "Checking for incidents"),
    ("statement", "Weekly statement"),
    ("payroll_statement", "Statement before payroll"),
    ("seal", "Sealing the audit trail"),
    ("night", "Nightly verification"),
    ("verify", "Verifying the ledgers"),
    ("purge", "Retention"),
    ("erase", "Erasing a person"),
    ("notice", "Daily notice"),
    ("usage", "Counting usage"),
    ("month_run", "Files of monthly records"),
    ("period_gate", "Checking pay periods"),
    ("deliver", "Delivering payroll files"),
    ("attestation", "Questions to employees about their days"),
    ("review", "Requests waiting too long"),
    ("period", "Creating pay periods"),
    ("remind", "Reminders before a period ends"),
    ("areas", "Mapping the PINs of areas"),
]
LEVELS = (70, 85, 95)
# Silence is told by the look that finds it, where Odoo itself was there to hear. After its own
# absence (the look before is older than two of its turns) everybody is silent, and has this long to
# call.
BLIP = timedelta(minutes=2)
ABSENT = timedelta(seconds=150)
BLIP_KINDS = ("agent_silent", "device_silent")
# When a terminal was last heard of on any channel that it uses.
HEARD = "COALESCE(d.last_heard_at, d.polled_at)"
GAP_HOURS = 24
CLOCK_SECONDS = 120
# Gone this long before it is said to be over.
CALM = timedelta(minutes=10)
# What a job set aside and never met again: what should have been done went away.
FORGOTTEN = timedelta(days=2)
MAX_TOLD = 50


class Finding(NamedTuple):
    """One cause found now. `level` rises within one incident (storage) and is told again then;
    `facts` are its name and figures; `since`: when it began by the facts, or None."""

    kind: str
    agent_id: int
    device_id: int | None
    company_id: int
    level: int
    facts: list
    since: datetime | None


class BiometricIncident(IncidentLines, IncidentWords, models.Model):
    _name = "biometric.incident"
    _description = "Incidents of the fleet"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "closed_at desc, opened_at desc, id desc"
    _rec_name = "message"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    agent_id = fields.Many2one("biometric.agent", readonly=True, ondelete="cascade")
    device_id = fields.Many2one("biometric.device", "Terminal", readonly=True, ondelete="cascade")
    level = fields.Integer(readonly=True)
    message = fields.Char(readonly=True)
    facts = fields.Json(readonly=True, help="Its name and figures, used in the text of mails")
    opened_at = fields.Datetime(
        "Since", required=True, readonly=True, help="Start according to the connection"
    )
    found_at = fields.Datetime("Found", readonly=True)
    gone_at = fields.Datetime(
        "Resolved on", readonly=True, help="No longer found; it may come back"
    )
    seen_at = fields.Datetime("Last found", readonly=True)
    told_at = fields.Datetime("Notified on", readonly=True)
    closed_at = fields.Datetime("Resolved on", readonly=True)
    # Of what a job set aside (biometric.job).
    job = fields.Selection(JOB_NAMES, readonly=True)
    subject_model = fields.Char("Model", readonly=True)
    subject_id = fields.Integer(readonly=True)
    subject = fields.Char("Skipped", compute="_compute_subject")
    retry_at = fields.Datetime("Next retry", readonly=True)

    _one_open = models.UniqueIndex(
        "(kind, agent_id, (COALESCE(device_id, 0))) WHERE closed_at IS NULL"
    )

    _one_aside = models.UniqueIndex(
        "(job, subject_model, subject_id) WHERE closed_at IS NULL AND kind = 'set_aside'"
    )

    @api.depends("subject_model", "subject_id")
    def _compute_subject(self):
        """Its name, for who may read it."""
        for incident in self:
            model = READ_AS.get(incident.subject_model, incident.subject_model)
            known = model in self.env
            subject = self.env[model].browse(incident.subject_id).exists() if known else None
            readable = subject and subject.has_access("read")
            incident.subject = subject.display_name if readable else False

    def action_try_again(self):
        """Button: its job meets it again now, as when the cause was mended."""
        self.env["biometric.agent"].check_access("write")
        self.check_access("read")
        now = fields.Datetime.now()
        for incident in self.filtered(lambda row: row.job and not row.closed_at):
            incident.sudo().retry_at = now
            self.env["biometric.job"]._wake(incident.job, now)

    # ------------------------------------------------------------------ looking

    @api.model
    def _cron_look(self):
        """Open, go on with, and close incidents, company by company in turns; a failing mail server
        changes nothing of that."""
        now = fields.Datetime.now()
        before = self.env.context.get("lastcall")
        listened = bool(before) and now - before < ABSENT
        found = self._found(now)
        opened = self.search([("closed_at", "=", False)]).company_id
        aside = self.env["biometric.job"]._aside("look", "res.company")

        def look(companies):
            for company in companies:
                self._look(company.id, found[company.id], now, listened)

        go_round(
            self.env,
            "look",
            {*found, *opened.ids} - aside.resting,
            lambda ids: aside.do(self.env["res.company"].browse(ids), look),
        )

    @api.model
    def _look(self, company_id, findings, now, listened):
        """Bring the incidents of one company in step with what was found there. `listened`: Odoo
        was there to hear since the look before."""
        opened = self.search([("closed_at", "=", False), ("company_id", "=", company_id)])
        aside = opened.filtered(lambda row: row.kind == "set_aside")
        known = {
            (row.kind, row.agent_id.id, row.device_id.id or None): row for row in opened - aside
        }
        told = self.browse()
        for finding in findings:
            row = known.pop((finding.kind, finding.agent_id, finding.device_id), None)
            if row is None:
                row, rose = self._begin(finding, now), False
            else:
                rose = row._go_on(finding, now)
            if rose or (not row.told_at and row._is_due(now, listened)):
                told |= row
        for row in known.values():
            if not row.gone_at:
                row.gone_at = now
            if now - row.seen_at >= CALM:
                row._end(row.gone_at)
        for row in aside:
            if now - row.retry_at >= FORGOTTEN:
                row._end(now)
        told._tell_all(now)

    @api.model
    def _found(self, now):
        """{company id: [Finding]} of now; one query a kind. A device behind a silent agent is
        not told twice."""
        self.env.flush_all()
        found = defaultdict(list)
        for kind, query in self._queries(now).items():
            self.env.cr.execute(query)
            for row in self.env.cr.fetchall():
                finding = Finding(kind, *row)
                found[finding.company_id].append(finding)
        return found

    @api.model
    def _queries(self, now):
        """{kind: SQL of (agent, device, company, level, [facts], since)}."""
        return {**self._status_queries(now), **self._ledger_queries(now)}

    @api.model
    def _status_queries(self, now):
        """By what agents say of themselves and of their terminals."""
        agent_limit = now - timedelta(seconds=AGENT_LATE)
        alive = SQL("a.state = 'active' AND a.active AND a.last_seen_at >= %s", agent_limit)
        devices = SQL(
            """FROM biometric_device d JOIN biometric_agent a ON a.id = d.agent_id
                WHERE d.state = 'active' AND d.active AND %s""",
            alive,
        )
        return {
            "agent_silent": SQL(
                """SELECT a.id, NULL::integer, a.company_id, 0,
                          jsonb_build_array(a.name), a.last_seen_at
                     FROM biometric_agent a WHERE a.state = 'active' AND a.active
                      AND a.last_seen_at < %s""",
                agent_limit,
            ),
            "device_silent": SQL(
                """SELECT a.id, d.id, d.company_id, 0,
                          jsonb_build_array(d.name, CASE WHEN %s THEN 'read' END), %s
                     %s AND (%s < %s - %s OR NOT d.channel_push AND d.heard_state = 'silent')""",
                SQL(CARRIED, now=SQL("%s::timestamp", now)),
                SQL(HEARD),
                devices,
                SQL(HEARD),
                SQL("%s::timestamp", now - timedelta(seconds=DEVICE_LATE)),
                SQL(PATIENCE),
            ),
            "storage": SQL(
                """SELECT a.id, d.id, d.company_id, CASE WHEN d.storage_percent >= 95 THEN 95
                               WHEN d.storage_percent >= 85 THEN 85 ELSE 70 END,
                          jsonb_build_array(d.name, d.storage_percent), NULL::timestamp
                     %s AND d.storage_percent >= %s""",
                devices,
                LEVELS[0],
            ),
            "clock": SQL(
                """SELECT a.id, d.id, d.company_id, 0,
                          jsonb_build_array(d.name, d.clock_offset_seconds), d.clock_off_since
                     %s AND abs(d.clock_offset_seconds) > %s""",
                devices,
                CLOCK_SECONDS,
            ),
        }

    @api.model
    def _ledger_queries(self, now):
        """By what is stored, and by what is missing of it."""
        return {
            "gap": SQL(
                """SELECT d.agent_id, d.id, d.company_id, 0,
                          jsonb_build_array(d.name), min(g.window_from)
                     FROM biometric_gap g JOIN biometric_device d
                       ON d.id = g.device_id OR (g.device_id IS NULL AND d.agent_id = g.agent_id)
                    WHERE g.state = 'open' AND g.kind <> 'lost' AND d.state = 'active' AND d.active
                      AND d.agent_id IS NOT NULL AND COALESCE(g.opened_at, g.window_from) < %s
                    GROUP BY d.agent_id, d.id, d.company_id, d.name""",
                now - timedelta(hours=GAP_HOURS),
            ),
            "reject": SQL(
                """SELECT d.agent_id, d.id, d.company_id, 0, jsonb_build_array(d.name, count(*)),
                          min(s.received_at)
                     FROM biometric_sighting s JOIN biometric_device d ON d.id = s.device_id
                    WHERE s.kind = 'reject' AND d.state = 'active' AND d.active
                      AND d.agent_id IS NOT NULL AND NOT EXISTS (
                          SELECT 1 FROM biometric_decision c WHERE c.sighting_id = s.id)
                    GROUP BY d.agent_id, d.id, d.company_id, d.name"""
            ),
            # One an agent, not one a terminal: it is one machine.
            "loss": SQL(
                """SELECT a.id, NULL::integer, a.company_id, 0,
                          jsonb_build_array(
                              a.name, max(g.cause), max(g.seq_to - g.seq_from + 1)),
                          min(g.window_from)
                     FROM biometric_gap g JOIN biometric_agent a ON a.id = g.agent_id
                    WHERE g.state = 'open' AND g.kind = 'lost'
                    GROUP BY a.id, a.company_id, a.name"""
            ),
            "foreign": SQL(
                """SELECT h.agent_id, d.id, h.company_id, 0, jsonb_build_array(d.name, a.name),
                          h.first_at
                     FROM biometric_hearing h JOIN biometric_device d ON d.id = h.device_id
                     JOIN biometric_agent a ON a.id = h.agent_id
                    WHERE d.state = 'active' AND d.active AND (%s)""",
                SQL(WAITS),
            ),
        }

    # ------------------------------------------------------------------ telling

    @api.model
    def _begin(self, finding, now):
        values = finding._asdict()
        since = min(values.pop("since") or now, now)
        opened = self.create(
            {
                **values,
                "message": self._message_of(finding),
                "opened_at": since.replace(microsecond=0),
                "found_at": now,
                "seen_at": now,
            }
        )
        self.env["biometric.bus"]._tell("work", opened.company_id, {})
        return opened

    def _go_on(self, finding, now):
        """The same cause again. Returns whether its level rose, which is told again."""
        self.ensure_one()
        rose = finding.level > self.level
        values = {
            "seen_at": now,
            "gone_at": False,
            "facts": finding.facts,
            "message": self._message_of(finding),
        }
        if self.gone_at and not self.told_at:
            values["found_at"] = now
        self.write(values | ({"level": finding.level} if rose else {}))
        return rose

    def _is_due(self, now, listened):
        """Silence that Odoo's own absence explains waits for a word first."""
        self.ensure_one()
        found = self.found_at or self.opened_at
        return self.kind not in BLIP_KINDS or (listened and found == now) or now - found >= BLIP

    def _end(self, at):
        """Over since `at`, whenever that is told."""
        self.ensure_one()
        self.closed_at = at
        self.env["biometric.bus"]._tell("work", self.company_id, {})
        self.activity_ids.action_feedback(self.env._("Resolved."))
        if self.told_at:
            self._mail_all()

    def _tell_all(self, now):
        """An activity and one mail for each responsible person. When a whole fleet falls over, the
        first ones are mailed and the rest is on the list."""
        if len(self) > MAX_TOLD:
            _logger.warning("%s incidents at once; %s are mailed", len(self), MAX_TOLD)
        self.told_at = now
        for incident in self[:MAX_TOLD]:
            # The mail below says it; Odoo's own about the activity would be a second one.
            quiet = incident.with_context(mail_activity_quick_update=True)
            for user in incident._responsible():
                quiet.activity_schedule(
                    "mail.mail_activity_data_todo", summary=incident.message, user_id=user.id
                )
            incident._mail_all()

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
