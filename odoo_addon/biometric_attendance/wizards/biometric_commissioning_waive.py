"""Dialog in which a check of a commissioning is waived, by a named person with a reason."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class BiometricCommissioningWaive(models.TransientModel):
    _name = "biometric.commissioning.waive"
    _inherit = ["biometric.dialog"]
    _description = "Waive a check"

    commissioning_id = fields.Many2one(
        "biometric.commissioning", required=True, readonly=True, ondelete="cascade"
    )
    key = fields.Selection("_selection_key", "Check", required=True)
    reason = fields.Char(required=True)

    @api.model
    def _selection_key(self):
        return [*self.env["biometric.commissioning.check"]._labels().items()]

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        test = self.commissioning_id
        open_keys = {row["key"] for row in test._found() if not row["ok"]}
        if self.key not in open_keys:
            raise UserError(
                self.env._(
                    "This check is not open: it has passed or belongs to another commissioning."
                )
            )
        test._waive(self.key, self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
