"""An agent that replaces another takes over its terminals: asked at its approval, which cannot be
given without an answer. From then on orders go to it and what it tells of them counts.
"""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError

from .biometric_board import AGENT_LATE


class Takeover:
    """Of biometric.agent: what it takes over. Mixed into its one class (biometric_statement.py)."""

    __slots__ = ()

    def action_approve(self):
        """Where terminals of the company belong to other agents, the dialog that asks which of
        them it takes over; else the approval itself."""
        self.check_access("write")
        for agent in self:
            agent._check_waiting()
        asked = self.filtered(lambda agent: agent._terminals_of_others())
        if not asked:
            return super().action_approve()
        if len(self) > 1:
            raise UserError(
                self.env._(
                    "Approve one agent at a time: you are asked for each which terminals it "
                    "takes over."
                )
            )
        return self.action_compare()

    def action_compare(self):
        """The dialog that shows the fingerprint to compare, and asks what the agent takes over."""
        self.ensure_one()
        self.check_access("write")
        self._check_waiting()
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.agent.approve",
            "name": self.env._("Approve %s", self.name),
            "view_mode": "form",
            "target": "new",
            "context": {"default_agent_id": self.id},
        }

    def _approve_taking(self, devices):
        """Approve it and bind these terminals to it; none of their punches waits."""
        self.ensure_one()
        self.check_access("write")
        self._check_waiting()
        strange = devices - self._terminals_of_others()
        if strange:
            raise UserError(
                self.env._("%s is not a terminal of another agent here.", strange[0].display_name)
            )
        self._approve()
        with self._because(self.env._("%s replaces it", self.name)):
            devices.agent_id = self

    def _terminals_of_others(self):
        """Terminals of its company that it could take over, as the reader sees them."""
        self.ensure_one()
        return self.env["biometric.device"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("active", "waiting")),
                ("agent_id", "not in", (False, self.id)),
            ]
        )

    def _is_silent(self):
        """Nobody hears it any more: late on the board, revoked, put away."""
        self.ensure_one()
        limit = fields.Datetime.now() - timedelta(seconds=AGENT_LATE)
        alive = self.state == "active" and self.active and self.last_seen_at
        return not alive or self.last_seen_at < limit
