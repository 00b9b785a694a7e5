"""Dialog of the provider's staff: sign a customer up."""

from odoo import fields, models

from odoo.addons.base.models.res_partner import _tz_get


class BiometricServiceNew(models.TransientModel):
    _name = "biometric.service.new"
    _inherit = ["biometric.dialog"]
    _description = "Sign up a customer"

    company = fields.Char(required=True)
    owner = fields.Char("Name of its administrator", required=True)
    email = fields.Char("E-mail address of its administrator", required=True)
    country_id = fields.Many2one("res.country", required=True)
    tz = fields.Selection(_tz_get, "Time zone", required=True)
    branch = fields.Char("First branch")
    plan_id = fields.Many2one("biometric.service.plan", required=True)
    # Lives in the browser only: a code is never written to the database.
    line = fields.Char("Enter this at the branch", store=False, readonly=True)

    def action_sign_up(self):
        self.ensure_one()
        self.check_access("write")
        made = self.env["biometric.service.tenant"].sign_up(
            {
                "company": self.company,
                "owner": self.owner,
                "email": self.email,
                "country": self.country_id.code,
                "tz": self.tz,
                "branch": self.branch,
                "plan": self.plan_id.id,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Signed up: %s", self.company),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_line": made["line"]},
        }
