"""Of a terminal: when it was accepted last, and whether something happened since that asks for it
to be tried again. Owns that rule; must not know what a commissioning looks at."""

from odoo import api, fields, models


class BiometricDevice(models.Model):
    _inherit = "biometric.device"

    commissioned_at = fields.Datetime("Accepted", compute="_compute_commissioned")
    commissioning_due = fields.Char("To be tested", compute="_compute_commissioned")

    @api.depends("moved_at", "back_at", "state", "agent_id.approved_at")
    @api.depends_context("lang")
    def _compute_commissioned(self):
        last = dict(
            self.env["biometric.commissioning"]
            .sudo()
            ._read_group(
                [("device_id", "in", self.ids), ("state", "=", "passed")],
                ["device_id"],
                ["ended_at:max"],
            )
        )
        updated = dict(
            self.env["biometric.update"]
            .sudo()
            ._read_group(
                [("agent_id", "in", self.sudo().agent_id.ids), ("state", "=", "confirmed")],
                ["agent_id"],
                ["ended_at:max"],
            )
        )
        for device in self:
            at = last.get(device)
            device.commissioned_at = at
            device.commissioning_due = (
                device._why_due(at, updated.get(device.sudo().agent_id))
                if device.state == "active"
                else False
            )

    def _why_due(self, at, updated_at):
        if not at:
            return self.env._("It has not been tested with a test person yet.")
        agent = self.sudo().agent_id
        if any(since and since > at for since in (self.moved_at, self.back_at, agent.approved_at)):
            return self.env._("It was moved, or its agent was replaced, since the test.")
        if updated_at and updated_at > at:
            return self.env._("Its agent was updated since the test.")
        return False

    def action_commission(self):
        """A new commissioning of this terminal, for the reason that is due."""
        self.ensure_one()
        occasion = "first" if not self.commissioned_at else "replacement"
        agent = self.sudo().agent_id
        moved = (self.moved_at, self.back_at, agent.approved_at)
        if self.commissioned_at and not any(one and one > self.commissioned_at for one in moved):
            occasion = "update" if self.commissioning_due else "other"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Commissioning"),
            "res_model": "biometric.commissioning",
            "view_mode": "form",
            "context": {"default_device_id": self.id, "default_occasion": occasion},
        }
