"""Audit heads as agents countersigned them: one a day and agent. Witnesses outside Odoo's reach.

Owns what an agent may sign, what the trail answers to an agent's own memory of it, and who is told
when the two differ. Must not judge the trail itself.
"""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import email_split

from ...contract import chain
from ...contract.signature import is_signed

# What an agent says when the trail it is shown contradicts its memory.
TAMPER_WORDS = ("audit_tamper", "audit_went_back")
MAX_TOLD = 20


class BiometricAuditWitness(models.Model):
    _name = "biometric.audit.witness"
    _description = "Countersigned audit heads"
    _log_access = False
    _order = "day desc, id desc"
    _rec_name = "seq"

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    agent_id = fields.Many2one("biometric.agent", required=True, ondelete="restrict", index=True)
    day = fields.Date(required=True)
    seq = fields.Integer("Number", required=True)
    hash = fields.Char(required=True)
    signature = fields.Char(required=True)
    public_key = fields.Char(
        "Public key", help="The signing key; an agent that is paired again has another one"
    )
    agrees = fields.Boolean(
        help="Whether Odoo's own trail had this hash at this number at that time"
    )
    received_at = fields.Datetime("Received on", required=True)

    _one_a_day = models.UniqueIndex("(agent_id, day)")

    @api.model
    def _keep(self, agent, rows, offered=None):
        """Keep correctly signed countersignatures of the agent's own company, under heads that it
        was offered ([[number, hash], …], None when nobody noted them) or that the trail holds.

        Returns the numbers of the heads that are neither.
        """
        shown, strange = {tuple(head) for head in offered or []}, []
        for row in rows:
            text = chain.audit_head_text(row["company_id"], row["seq"], row["hash"])
            if row["company_id"] != agent.company_id.id or not is_signed(
                agent.public_key, row["signature"], text
            ):
                continue
            if (row["seq"], row["hash"]) not in shown and not self._holds(row):
                strange.append(row["seq"])
                continue
            self.env.cr.execute(
                """INSERT INTO biometric_audit_witness
                       (company_id, agent_id, day, seq, hash, signature, public_key, agrees,
                        received_at)
                   SELECT %(company)s, %(agent)s, (now() AT TIME ZONE 'UTC')::date, %(seq)s,
                          %(hash)s, %(signature)s, %(key)s,
                          EXISTS (SELECT 1 FROM biometric_audit WHERE company_id = %(company)s
                                   AND seq = %(seq)s AND hash = %(hash)s),
                          now() AT TIME ZONE 'UTC'
                   ON CONFLICT (agent_id, day) DO UPDATE
                       SET seq = excluded.seq, hash = excluded.hash,
                           signature = excluded.signature,
                           public_key = excluded.public_key, agrees = excluded.agrees,
                           received_at = excluded.received_at
                       WHERE biometric_audit_witness.seq < excluded.seq""",
                {
                    "company": agent.company_id.id,
                    "agent": agent.id,
                    "seq": row["seq"],
                    "hash": row["hash"],
                    "signature": row["signature"],
                    "key": agent.public_key,
                },
            )
        return strange

    def _holds(self, row):
        return self._hash_by_seq(row["company_id"], [row["seq"]]).get(row["seq"]) == row["hash"]

    def _hash_by_seq(self, company_id, numbers):
        self.env.cr.execute(
            "SELECT seq, hash FROM biometric_audit WHERE company_id = %s AND seq = ANY(%s)",
            (company_id, numbers),
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _answers(self, agent, asked, doubted):
        """What a sync answers to an agent's memory. doubted: whether any agent of the company said
        of the trail what nobody explained yet."""
        return {
            "remembered": self._hashes(agent, asked),
            "audit_alarms": self._told_by_others(agent) if doubted else [],
        }

    @api.model
    def _hashes(self, agent, asked):
        """What the trail holds now at the numbers an agent remembers, in the order asked; nothing
        of another company. asked: [{"company_id", "seq"}]."""
        company_id = agent.company_id.id
        numbers = [row["seq"] for row in asked if row["company_id"] == company_id]
        held = self._hash_by_seq(company_id, numbers) if numbers else {}
        return [
            row | {"hash": held.get(row["seq"]) if row["company_id"] == company_id else None}
            for row in asked
        ]

    @api.model
    def _told_by_others(self, agent):
        """What other agents of the company said of the trail and nobody explained yet."""
        findings = self.env["biometric.audit.finding"].search(
            [
                ("company_id", "=", agent.company_id.id),
                ("code", "in", TAMPER_WORDS),
                ("explained_at", "=", False),
                ("place", "!=", f"agent {agent.id}"),
            ],
            limit=MAX_TOLD,
        )
        places = {place: int(place.removeprefix("agent ")) for place in findings.mapped("place")}
        names = {one.id: one.name for one in agent.browse(places.values())}
        return [
            {
                "agent_name": names[places[finding.place]],
                "code": finding.code,
                "message": finding.text,
            }
            for finding in findings
        ]

    @api.model
    def _heard(self, agent, errors):
        """An online agent remembers another trail than Odoo holds: a finding and a mail at once."""
        findings = self.env["biometric.audit.finding"]
        place = f"agent {agent.id}"
        told = {row["code"]: row["message"] for row in errors if row["code"] in TAMPER_WORDS}
        if not told:
            return
        known = findings.search(
            [
                ("company_id", "=", agent.company_id.id),
                ("place", "=", place),
                ("code", "in", list(told)),
            ],
            limit=len(TAMPER_WORDS),
        ).mapped("code")
        findings._found(
            agent.company_id.id,
            [{"code": code, "place": place, "text": text} for code, text in told.items()],
        )
        if fresh := [text for code, text in sorted(told.items()) if code not in known]:
            self._mail(agent, fresh)

    def _mail(self, agent, texts):
        """To the auditors of the company: who says it, what, and what to do with it."""
        addresses = email_split(agent.company_id.biometric_auditors or "")
        if not addresses:
            return
        self.env["mail.mail"].create(
            {
                "subject": self.env._(
                    "%(company)s: the audit trail differs from what %(agent)s recorded",
                    company=agent.company_id.name,
                    agent=agent.name,
                ),
                "email_to": ", ".join(addresses),
                "body_html": Markup("<p>%s</p><ul>%s</ul><p>%s</p>")
                % (
                    self.env._(
                        "The agent of %s stores the heads of the audit trail that it was "
                        "shown. What Odoo has now differs from them:",
                        agent.name,
                    ),
                    Markup().join(Markup("<li>%s</li>") % text for text in texts),
                    self.env._(
                        "Ask who restored a backup or worked on the database. At the "
                        "branch, “biometric-agent heads” prints what the agent has "
                        "stored; keep that file."
                    ),
                ),
                "auto_delete": False,
            }
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
