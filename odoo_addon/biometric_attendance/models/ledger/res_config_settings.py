"""The ledger's settings on the settings page, with a preview of what a purge would remove."""

from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_retention_months = fields.Integer(
        related="company_id.biometric_retention_months", readonly=False
    )
    biometric_retention_preview = fields.Char(compute="_compute_biometric_retention_preview")
    retention_wanted_months = fields.Integer(related="company_id.retention_wanted_months")
    retention_wanted_text = fields.Char(compute="_compute_retention_wanted_text")

    @api.depends("biometric_retention_months", "company_id")
    def _compute_biometric_retention_preview(self):
        for settings in self:
            months = settings.biometric_retention_months
            settings.biometric_retention_preview = (
                self._removed(settings.company_id, months) if months > 0 else ""
            )

    @api.depends("retention_wanted_months", "company_id")
    def _compute_retention_wanted_text(self):
        for settings in self:
            months, company = settings.retention_wanted_months, settings.company_id
            settings.retention_wanted_text = months and self.env._(
                "%(who)s asked for %(months)s months; it begins when another administrator says "
                "yes. %(removed)s",
                who=company.sudo().retention_wanted_by_id.name,
                months=months,
                removed=self._removed(company, months),
            )

    def _removed(self, company, months):
        found = company.sudo()._retention_preview(months)
        if not found["punches"]:
            return self.env._("No punch would be removed tonight.")
        return self.env._(
            "%(punches)s punches of %(pins)s PINs, from %(first)s to %(last)s, would be removed "
            "tonight.",
            **found,
        )

    def action_confirm_retention(self):
        self.company_id.action_confirm_retention()
        return {"type": "ir.actions.client", "tag": "reload"}
