"""Dialog that shows what erasing a person would remove and keep, and asks for the reason."""

from odoo import api, fields, models


class BiometricErase(models.TransientModel):
    _name = "biometric.erase"
    _inherit = ["biometric.dialog"]
    _description = "Erase a person"

    employee_id = fields.Many2one("hr.employee", required=True)
    reason = fields.Char(required=True)
    preview = fields.Char("What happens", compute="_compute_preview")

    @api.depends("employee_id")
    def _compute_preview(self):
        for dialog in self:
            if not dialog.employee_id:
                dialog.preview = False
                continue
            found = self.env["biometric.erasure"].sudo()._preview(dialog.employee_id.sudo())
            dialog.preview = self.env._(
                "%(punches)s punches go now, %(kept)s stay until the retention period has passed; "
                "%(entries)s audit entries lose their content. %(files)s payroll files stay "
                "as they are, as records of what was paid: they state number and badge, no name",
                **found,
            )

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        request = self.env["biometric.erasure"]._request(self.employee_id, self.reason)
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.erasure",
            "res_id": request.id,
            "view_mode": "form",
        }
