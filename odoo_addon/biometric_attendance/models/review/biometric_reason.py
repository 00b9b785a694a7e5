"""Reason codes: the short list from which whoever asks for a correction chooses.

Owns the words. What was chosen stands on the adjustment; a code in use is archived, never removed.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError


class BiometricReason(models.Model):
    _name = "biometric.reason"
    _description = "Reasons of adjustments"
    _inherit = ["biometric.audited"]
    _order = "position, code"
    _audit_word = "reason"
    _audit_pay_fields = ()

    code = fields.Char(required=True, help="Short and in capitals, as used in rule sets: FORGOT.")
    name = fields.Char("Reason", required=True, translate=True)
    position = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for every company.")

    _one_code = models.UniqueIndex(
        "(COALESCE(company_id, 0), code)", "There is already a reason with this code."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        used = self.env["biometric.adjustment"].sudo()
        for reason in self:
            if used.search_count([("reason_id", "=", reason.id)], limit=1):
                raise UserError(
                    self.env._("“%s” is used in adjustments. Archive it instead.", reason.name)
                )
