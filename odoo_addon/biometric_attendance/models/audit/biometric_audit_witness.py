"""Audit heads as agents countersigned them: one a day and agent. Witnesses outside Odoo's reach."""

from odoo import api, fields, models

from ...contract import chain
from ...contract.signature import is_signed


class BiometricAuditWitness(models.Model):
    _name = "biometric.audit.witness"
    _description = "Countersigned audit heads"
    _log_access = False
    _order = "day desc, id desc"
    _rec_name = "seq"

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    agent_id = fields.Many2one("biometric.agent", required=True, ondelete="restrict", index=True)
    day = fields.Date(required=True)
    seq = fields.Integer(required=True)
    hash = fields.Char(required=True)
    signature = fields.Char(required=True)
    public_key = fields.Char(help="The key that signed; an agent paired again has another one")
    agrees = fields.Boolean(help="Whether Odoo's own trail had this hash at this number then")
    received_at = fields.Datetime(required=True)

    _one_a_day = models.UniqueIndex("(agent_id, day)")

    @api.model
    def _keep(self, agent, rows):
        """Keep correctly signed countersignatures of the agent's own company."""
        for row in rows:
            text = chain.audit_head_text(row["company_id"], row["seq"], row["hash"])
            if row["company_id"] != agent.company_id.id or not is_signed(
                agent.public_key, row["signature"], text
            ):
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

    # What an agent says when the trail it is shown contradicts its memory.
    _TAMPER_WORDS = ("audit_tamper", "audit_went_back")

    @api.model
    def _heard(self, agent, errors):
        """An online agent remembers more than Odoo's trail holds: a finding at once."""
        for error in errors:
            if error["code"] in self._TAMPER_WORDS:
                self.env["biometric.audit.finding"]._found(
                    agent.company_id.id,
                    [
                        {
                            "code": error["code"],
                            "place": f"agent {agent.id}",
                            "text": error["message"],
                        }
                    ],
                )
