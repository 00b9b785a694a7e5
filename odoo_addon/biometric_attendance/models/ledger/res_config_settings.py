"""The ledger's settings on the settings page, with a preview of what a purge would remove."""

from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_retention_months = fields.Integer(
        related="company_id.biometric_retention_months", readonly=False
    )
    biometric_retention_preview = fields.Char(
        "Effect of the retention period", compute="_compute_biometric_retention_preview"
    )
    retention_wanted_months = fields.Integer(related="company_id.retention_wanted_months")
    retention_wanted_text = fields.Char(
        "Shorter retention", compute="_compute_retention_wanted_text"
    )

    @api.depends("biometric_retention_months", "company_id")
    def _compute_biometric_retention_preview(self):
        for settings in self:
            months = settings.biometric_retention_months
            settings.biometric_retention_preview = (
                settings.company_id._retention_removes(months) if months > 0 else ""
            )

    @api.depends("retention_wanted_months", "company_id")
    def _compute_retention_wanted_text(self):
        for settings in self:
            settings.retention_wanted_text = settings.company_id._retention_wanted_text()

    def action_confirm_retention(self):
        self.company_id.action_confirm_retention()
        return {"type": "ir.actions.client", "tag": "reload"}
