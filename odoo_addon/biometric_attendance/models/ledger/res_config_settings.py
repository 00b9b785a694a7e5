"""The ledger's settings on the settings page, with a preview of what a purge would remove."""

from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_retention_months = fields.Integer(
        related="company_id.biometric_retention_months", readonly=False
    )
    biometric_retention_preview = fields.Char(compute="_compute_biometric_retention_preview")

    @api.depends("biometric_retention_months", "company_id")
    def _compute_biometric_retention_preview(self):
        for settings in self:
            company = settings.company_id.sudo()
            months = settings.biometric_retention_months
            cutoff = months > 0 and fields.Date.subtract(company._biometric_today(), months=months)
            found = self.env["biometric.retention"].sudo()._preview(company, cutoff)
            settings.biometric_retention_preview = self.env._(
                "%(punches)s punches of %(people)s PINs before %(date)s would be removed tonight",
                punches=found["punches"],
                people=found["pins"],
                date=cutoff or "-",
            )
