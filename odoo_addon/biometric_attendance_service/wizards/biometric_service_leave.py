"""Dialog of a customer who leaves: stop the agents, lay the export here, say yes by name."""

import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.biometric_attendance.seams.binary import raw


class BiometricServiceLeave(models.TransientModel):
    _name = "biometric.service.leave"
    _inherit = ["biometric.dialog"]
    _description = "Leaving"

    tenant_id = fields.Many2one("biometric.service.tenant", required=True, readonly=True)
    is_stopped = fields.Boolean("Agents stopped", compute="_compute_progress")
    is_verified = fields.Boolean("Export verified", compute="_compute_progress")
    is_confirmed = fields.Boolean("Confirmed", compute="_compute_progress")
    data = fields.Binary("Export of the company", attachment=False)
    typed_name = fields.Char("Name of the company")

    @api.depends("tenant_id")
    def _compute_progress(self):
        for dialog in self:
            one = self.env["biometric.service.deletion"]._open(dialog.tenant_id)
            dialog.is_stopped = bool(one)
            dialog.is_verified = bool(one.verified_at)
            dialog.is_confirmed = bool(one.confirmed_at)

    def action_stop(self):
        self.ensure_one()
        self.check_access("write")
        self.env["biometric.service.deletion"]._stop_agents(self.tenant_id)
        return self._again()

    def action_verify(self):
        self.ensure_one()
        self.check_access("write")
        self.tenant_id._check_may_decide()
        try:
            data = raw(self.data)
        except (binascii.Error, ValueError) as error:
            raise UserError(self.env._("The file was not received completely.")) from error
        if not data:
            raise UserError(self.env._("Choose the file that “Export the company” made."))
        self._running()._verify(data)
        # The file holds everything of the company; its digest is kept.
        self.data = False
        return self._again()

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        self._running()._confirm(self.typed_name)
        return self._again()

    def _running(self):
        one = self.env["biometric.service.deletion"]._open(self.tenant_id)
        if not one:
            raise UserError(self.env._("First stop the agents."))
        return one.sudo(False)

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Leaving"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
