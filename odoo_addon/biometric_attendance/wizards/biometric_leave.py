"""Dialog before uninstalling: what is missing, the export laid here, and the second yes."""

import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..seams.binary import raw


class BiometricLeave(models.TransientModel):
    _name = "biometric.leave"
    _inherit = ["biometric.dialog"]
    _description = "Before uninstalling"

    data = fields.Binary("Export of the company", attachment=False)
    missing = fields.Char("Still to do", compute="_compute_missing")

    @api.depends_context("allowed_company_ids")
    def _compute_missing(self):
        for dialog in self:
            why = self.env["biometric.leaving"]._why_not(self.env.company)
            dialog.missing = why or self.env._("nothing: this company can be removed")

    def action_verify(self):
        self.ensure_one()
        try:
            data = raw(self.data)
        except (binascii.Error, ValueError) as error:
            raise UserError(self.env._("The file was not received completely.")) from error
        if not data:
            raise UserError(self.env._("Choose the file that “Export the company” made."))
        self.env["biometric.leaving"]._verify(self.env.company, data)
        # The file holds everything of the company; its digest is in the trail.
        self.data = False
        return self._again()

    def action_confirm(self):
        self.ensure_one()
        self.env["biometric.leaving"]._confirm(self.env.company)
        return self._again()

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
