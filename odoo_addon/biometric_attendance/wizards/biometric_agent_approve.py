"""Dialog of an agent's approval: its fingerprint, and which terminals of others it takes over.
Those of an agent that is silent are ticked; nothing is approved before somebody has said so."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class BiometricAgentApprove(models.TransientModel):
    _name = "biometric.agent.approve"
    _inherit = ["biometric.dialog"]
    _description = "Approve an agent"

    agent_id = fields.Many2one("biometric.agent", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="agent_id.company_id")
    host_name = fields.Char(related="agent_id.host_name")
    fingerprint = fields.Char(related="agent_id.fingerprint")
    answer = fields.Selection(
        [("takes", "Takes over these terminals"), ("none", "Takes over no terminals")],
        "Terminals of other agents",
    )
    device_ids = fields.Many2many(
        "biometric.device",
        string="Takes over terminals",
        domain="[('company_id', '=', company_id), ('state', 'in', ('active', 'waiting')), "
        "('agent_id', 'not in', (False, agent_id))]",
    )
    silent_names = fields.Char("Agents not responding", compute="_compute_silent_names")
    has_others = fields.Boolean("Other agents have terminals", compute="_compute_has_others")

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        agent = self.env["biometric.agent"].browse(values.get("agent_id"))
        if agent and "device_ids" in names:
            values["device_ids"] = [(6, 0, self._left_alone(agent).ids)]
        return values

    @api.model
    def _left_alone(self, agent):
        """Terminals whose agent is silent: probably those of the machine that this one replaces."""
        return agent._terminals_of_others().filtered(lambda device: device.agent_id._is_silent())

    @api.depends("agent_id")
    def _compute_silent_names(self):
        for dialog in self:
            agents = dialog._left_alone(dialog.agent_id).agent_id if dialog.agent_id else ()
            dialog.silent_names = ", ".join(agent.name for agent in agents)

    @api.depends("agent_id")
    def _compute_has_others(self):
        for dialog in self:
            dialog.has_others = bool(dialog.agent_id and dialog.agent_id._terminals_of_others())

    def action_confirm(self):
        self.ensure_one()
        if not self.answer and self.has_others:
            raise UserError(
                self.env._("Select the terminals it takes over, or that it takes over none.")
            )
        if self.answer == "takes" and not self.device_ids:
            raise UserError(
                self.env._("Tick the terminals it takes over, or choose that it takes over none.")
            )
        taken = self.device_ids if self.answer == "takes" else self.device_ids.browse()
        self.agent_id._approve_taking(taken)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
