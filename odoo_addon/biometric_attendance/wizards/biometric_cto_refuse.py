"""Dialog in which whoever refuses time off out of a time account says why."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.cto.hr_leave import REASONS


class BiometricCtoRefuse(models.TransientModel):
    _name = "biometric.cto.refuse"
    _inherit = ["biometric.dialog"]
    _description = "Refuse time off from a time account"

    leave_ids = fields.Many2many("hr.leave", readonly=True)
    reason = fields.Selection(REASONS, required=True)
    text = fields.Char("Explanation", required=True)

    def action_confirm(self):
        """Refuse them all; who may not is stopped by Time Off itself."""
        self.ensure_one()
        if len((self.text or "").strip()) < 10:
            raise UserError(self.env._("Explain briefly: the law requires more than a refusal."))
        self.leave_ids.check_access("read")
        if not all(leave.can_refuse for leave in self.leave_ids):
            raise UserError(self.env._("You cannot refuse this time off."))
        self.leave_ids.sudo().write(
            {"biometric_refusal": self.reason, "biometric_refusal_text": self.text.strip()}
        )
        self.leave_ids.action_refuse()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
