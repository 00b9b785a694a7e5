"""Heads of lanes as their agents signed them: one a day and lane. A witness outside the chain.

Verifies the Ed25519 signature with the key that travelled at pairing. Must not move a lane.
"""

from odoo import api, fields, models

from ...contract import chain
from ...contract.signature import is_signed


class BiometricLaneHead(models.Model):
    _name = "biometric.lane.head"
    _description = "Signed lane heads"
    _log_access = False
    _order = "day desc, id desc"

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    lane_id = fields.Many2one("biometric.lane", required=True, ondelete="restrict", index=True)
    day = fields.Date(required=True)
    seq = fields.Integer("Number", required=True)
    hash = fields.Char(required=True)
    signature = fields.Char(required=True)
    public_key = fields.Char(
        "Public key", help="The signing key; an agent that is paired again has another one"
    )
    signed_at = fields.Datetime("Received", required=True)

    _one_a_day = models.UniqueIndex("(lane_id, day)")

    @api.model
    def _keep(self, lane, seq, digest, signature):
        """Keep the newest head of the day. `lane`: one biometric.lane record."""
        self.env.cr.execute(
            """INSERT INTO biometric_lane_head
                   (company_id, lane_id, day, seq, hash, signature, public_key, signed_at)
               SELECT %s, %s, (now() AT TIME ZONE 'UTC')::date, %s, %s, %s, %s,
                      now() AT TIME ZONE 'UTC'
               ON CONFLICT (lane_id, day) DO UPDATE
                   SET seq = excluded.seq, hash = excluded.hash, signature = excluded.signature,
                       public_key = excluded.public_key, signed_at = excluded.signed_at
                   WHERE biometric_lane_head.seq < excluded.seq""",
            (
                lane.company_id.id,
                lane.id,
                seq,
                digest,
                signature,
                lane.agent_id.public_key,
            ),
        )

    @api.model
    def _check(self, agent, lane_name, seq, digest, signature):
        return is_signed(agent.public_key, signature, chain.head_text(lane_name, seq, digest))
