"""Company settings of days: whether Odoo's attendances show them."""

from odoo import fields, models

from ..mixins.settings_readers import SETTINGS_READERS


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_projection = fields.Boolean(
        "Show biometric days in Attendances",
        default=True,
        groups=SETTINGS_READERS,
        help="Sessions from terminals appear as read-only attendances in Odoo's own screens.",
    )

    def write(self, vals):
        switched = self.filtered(
            lambda company: (
                "biometric_projection" in vals
                and company.sudo().biometric_projection != bool(vals["biometric_projection"])
            )
        )
        result = super().write(vals)
        if switched and not vals["biometric_projection"]:
            for company in switched:
                self.env["biometric.projection"]._withdraw(company)
        return result
