"""What is wrong in the fleet right now and since when: one incident a cause, one message when it
opens and one when it is over.

A link that comes and goes must not fill mailboxes: an incident closes only after QUIET minutes
without trouble, and the same trouble within AGAIN minutes of its closing takes it up again in
silence. An agent that is silent speaks for its devices. Judges nothing itself: the board does.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, email_split

QUIET = timedelta(minutes=15)
AGAIN = timedelta(minutes=60)
KINDS = [
    ("silence", "Silent or late"),
    ("clone", "Two machines with one token"),
    ("storage", "Memory or disk nearly full"),
    ("gap", "Not proven complete"),
]
_KIND_OF = {"late": "silence", "dead": "silence", "clone": "clone", "storage": "storage"}
_KIND_OF["gap"] = "gap"


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_alert_addresses = fields.Char(
        "Alerts to", help="E-mail addresses, separated by commas, that learn of incidents"
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_alert_addresses = fields.Char(
        related="company_id.biometric_alert_addresses", readonly=False
    )


class BiometricIncident(models.Model):
    _name = "biometric.incident"
    _description = "Incidents"
    _log_access = False
    _order = "closed_at desc nulls first, id desc"
    _rec_name = "kind"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    agent_id = fields.Many2one("biometric.agent", readonly=True, ondelete="cascade")
    device_id = fields.Many2one("biometric.device", readonly=True, ondelete="cascade")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    status = fields.Char(readonly=True, help="What the board says of it")
    cause = fields.Char(readonly=True)
    since_at = fields.Datetime("Since", readonly=True)
    opened_at = fields.Datetime("Noticed", required=True, readonly=True)
    seen_at = fields.Datetime("Last seen", required=True, readonly=True)
    closed_at = fields.Datetime(readonly=True)
    message_count = fields.Integer(readonly=True)

    _of_agent = models.Index("(agent_id, kind, id) WHERE agent_id IS NOT NULL")
    _of_device = models.Index("(device_id, kind, id) WHERE device_id IS NOT NULL")

    @api.model
    def _cron_watch(self):
        self._watch(fields.Datetime.now())

    @api.model
    def _watch(self, now):
        """Compare what the board says with what is known. Returns incidents that spoke."""
        self.env.flush_all()
        trouble = self._trouble(now)
        known = self._known(now)
        spoke = self.browse()
        for key, facts in trouble.items():
            incident = known.get(key)
            if incident:
                incident.write(
                    {**facts, "seen_at": now, "closed_at": False, "since_at": incident.since_at}
                )
                continue
            model, record_id, kind = key
            incident = self.create(
                {
                    **facts,
                    f"{model}_id": record_id,
                    "kind": kind,
                    "company_id": self.env[f"biometric.{model}"].browse(record_id).company_id.id,
                    "opened_at": now,
                    "seen_at": now,
                }
            )
            incident._speak(self.env._("began"))
            spoke |= incident
        for key, incident in known.items():
            if key not in trouble and not incident.closed_at and now - incident.seen_at >= QUIET:
                incident.closed_at = now
                incident._speak(self.env._("is over"))
                spoke |= incident
        return spoke

    def _known(self, now):
        """{(model, record id, kind): open or lately closed incident}"""
        recent = self.search(
            ["|", ("closed_at", "=", False), ("closed_at", ">", now - AGAIN)], order="id"
        )
        return {
            (("agent", one.agent_id.id) if one.agent_id else ("device", one.device_id.id))
            + (one.kind,): one
            for one in recent
        }

    def _trouble(self, now):
        """{(model, record id, kind): status, cause and since when}"""
        devices = self.env["biometric.device"].sudo()
        found, silent = {}, set()
        for agent in devices._board_agents(now):
            kind = _KIND_OF.get(agent["status"])
            if agent["state"] != "active" or not kind:
                continue
            if kind in ("silence", "clone"):
                silent.add(agent["id"])
            found["agent", agent["id"], kind] = self._facts(agent, agent["since_at"], now)
        self.env.cr.execute(
            SQL(
                """SELECT * FROM (%s) j
                    WHERE j.status IN ('late', 'dead', 'storage', 'gap') ORDER BY j.id""",
                devices._board_judged(now),
            )
        )
        for row in self.env.cr.dictfetchall():
            if row["agent_id"] in silent:
                continue
            since, cause = devices._board_cause(row, now)
            facts = {"status": row["status"], "cause": cause, "since_at": since or now}
            found["device", row["id"], _KIND_OF[row["status"]]] = facts
        return found

    @staticmethod
    def _facts(agent, since, now):
        since = fields.Datetime.to_datetime(since[:19].replace("T", " ")) if since else now
        return {"status": agent["status"], "cause": agent["cause"], "since_at": since}

    def _speak(self, word):
        """One message: on the record, and to the addresses of the company."""
        self.ensure_one()
        record = self.agent_id or self.device_id
        kind = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        subject = f"{record.display_name}: {kind} {word}"
        body = self.env._("%(cause)s. Since %(since)s UTC.", cause=self.cause, since=self.since_at)
        record.sudo().message_post(body=f"{subject}. {body}")
        addresses = email_split(self.company_id.biometric_alert_addresses or "")
        if addresses:
            self.env["mail.mail"].sudo().create(
                {"subject": subject, "email_to": ", ".join(addresses), "body_html": body}
            )
        self.message_count += 1
