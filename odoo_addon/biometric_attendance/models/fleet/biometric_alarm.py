"""Things that must not be overlooked: tampering, clones, replaced tokens. One open row a cause.

Raised by the service, closed only by a person who explains it (audited). Must not decide anything.
"""

from odoo import api, fields, models

KINDS = [
    ("seq_conflict", "Number of a lane used twice"),
    ("chain_broken", "The chain of a lane is broken"),
    ("head_conflict", "Agent and Odoo disagree about a lane"),
    ("bad_signature", "Lane head with a wrong signature"),
    ("unsigned_batch", "Batch without the agent's signature"),
    ("bad_batch", "Batch with a wrong signature"),
    ("unsigned_request", "Request without the agent's signature"),
    ("bad_request", "Request with a wrong signature"),
    ("unoffered_head", "Signature for a head that was never offered"),
    ("clone", "Two agents with one token"),
    ("old_token", "Replaced token used again"),
]


# What two machines in one lane do to its numbers: told as the clone they are.
OF_CLONES = ("seq_conflict", "chain_broken", "head_conflict")


class BiometricAlarm(models.Model):
    _name = "biometric.alarm"
    _description = "Alarms"
    _inherit = ["biometric.audited"]
    _log_access = False
    _order = "id desc"
    _rec_name = "kind"
    _audit_word = "alarm"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    agent_id = fields.Many2one("biometric.agent", required=True, index=True, ondelete="restrict")
    lane_id = fields.Many2one("biometric.lane", ondelete="restrict")
    kind = fields.Selection(KINDS, required=True)
    message = fields.Char()
    opened_at = fields.Datetime("Opened on", required=True)
    closed_at = fields.Datetime("Closed on")
    closed_by_id = fields.Many2one("res.users", "Closed by", ondelete="restrict")
    explanation = fields.Char()

    _one_open = models.UniqueIndex("(agent_id, kind) WHERE closed_at IS NULL")

    @api.model
    def _raise(self, kind, agent, message, lane_id=None):
        """Open an alarm unless one of this kind is open for the agent, or a clone explains it."""
        if kind in OF_CLONES and self.search_count(
            [("agent_id", "=", agent.id), ("kind", "=", "clone"), ("closed_at", "=", False)],
            limit=1,
        ):
            return self.browse()
        self.env.cr.execute(
            """INSERT INTO biometric_alarm (company_id, agent_id, lane_id, kind, message, opened_at)
               VALUES (%s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC')
               ON CONFLICT (agent_id, kind) WHERE closed_at IS NULL DO NOTHING RETURNING id""",
            (agent.company_id.id, agent.id, lane_id, kind, message),
        )
        row = self.env.cr.fetchone()
        self.invalidate_model()
        return self.browse(row and row[0])

    def action_explain(self, explanation):
        """Close with an explanation of a named person."""
        explanation = self._check_reason(explanation)
        self.env["biometric.agent"].check_access("write")
        for alarm in self:
            alarm.check_access("read")
            alarm.sudo().write(
                {
                    "closed_at": fields.Datetime.now(),
                    "closed_by_id": self.env.uid,
                    "explanation": explanation,
                }
            )
            alarm._audit(
                "explain", {"kind": alarm.kind, "message": alarm.message}, None, explanation
            )

    def action_open_explain(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.alarm.explain",
            "name": self.env._("Explain alarm"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_alarm_ids": [(6, 0, self.ids)]},
        }
