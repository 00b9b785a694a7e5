"""The settings of a company on one page, for its biometric administrator.

Owns what is shown there and by whom it is changed: Odoo's own settings are for system
administrators, and whoever runs the terminals need not be one. Must not know what a setting means;
that is in its room, and the company checks it.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError

ADMINISTRATOR = "biometric_attendance.group_administrator"
RETENTION = "biometric_retention_months"


def setting(kind, name, **more):
    """A field that shows the company's of the same name and can be changed on the page."""
    return kind(related=f"company_id.{name}", readonly=False, **more)


class BiometricSettings(models.TransientModel):
    _name = "biometric.settings"
    _inherit = ["biometric.dialog"]
    _description = "Settings of biometric attendance"

    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    biometric_projection = setting(fields.Boolean, "biometric_projection")
    biometric_cto_from = setting(fields.Date, "biometric_cto_from")
    biometric_needs_yes = setting(fields.Boolean, "biometric_needs_yes")
    biometric_yes_days = setting(fields.Integer, "biometric_yes_days")
    biometric_answer_days = setting(fields.Integer, "biometric_answer_days")
    biometric_yield_minutes = setting(fields.Integer, "biometric_yield_minutes")
    biometric_ask_missing_out = setting(fields.Boolean, "biometric_ask_missing_out")
    biometric_needs_consent = setting(fields.Boolean, "biometric_needs_consent")
    biometric_remind_days = setting(fields.Integer, "biometric_remind_days")
    biometric_updates = setting(fields.Boolean, "biometric_updates")
    biometric_statement_weekday = setting(
        fields.Selection, "biometric_statement_weekday", required=True
    )
    biometric_statement_hour = setting(fields.Integer, "biometric_statement_hour")
    biometric_payroll_days = setting(fields.Char, "biometric_payroll_days")
    biometric_statement_days_before = setting(fields.Integer, "biometric_statement_days_before")
    biometric_auditors = setting(fields.Char, "biometric_auditors")
    biometric_notice = setting(fields.Selection, "biometric_notice", required=True)
    biometric_retention_months = setting(fields.Integer, RETENTION)
    retention_preview = fields.Char(
        "Effect of the retention period", compute="_compute_retention_preview"
    )
    retention_wanted_months = fields.Integer(related="company_id.retention_wanted_months")
    retention_wanted_text = fields.Char(
        "Shorter retention", compute="_compute_retention_wanted_text"
    )

    @api.depends_context("company")
    def _compute_company_id(self):
        self.company_id = self.env.company

    @api.depends(RETENTION)
    @api.depends_context("company")
    def _compute_retention_preview(self):
        for page in self:
            months = page.biometric_retention_months
            page.retention_preview = (
                self.env.company._retention_removes(months) if months > 0 else ""
            )

    @api.depends("retention_wanted_months")
    @api.depends_context("company")
    def _compute_retention_wanted_text(self):
        self.retention_wanted_text = self.env.company._retention_wanted_text()

    @api.model_create_multi
    def create(self, vals_list):
        rest = [self._apply(vals) for vals in vals_list]
        return super().create(rest)

    def write(self, vals):
        return super().write(self._apply(vals))

    @api.model
    def _apply(self, vals):
        """Writes what `vals` change of the company's settings; returns what is left of `vals`."""
        company = self.env.company
        names = self._settings() & vals.keys()
        shown = company.sudo()
        changed = {
            name: vals[name]
            for name in names
            if shown._fields[name].convert_to_cache(vals[name], shown) != shown[name]
        }
        if changed and not self.env.user.has_group(ADMINISTRATOR):
            raise AccessError(self.env._("Only biometric administrators can change the settings."))
        if RETENTION in changed:
            company._change_retention(changed.pop(RETENTION))
        if changed:
            shown.write(changed)
        return {name: value for name, value in vals.items() if name not in names}

    @api.model
    def _settings(self):
        """Names of what the page changes."""
        return {
            name
            for name, field in self._fields.items()
            if field.related and field.related.startswith("company_id.") and not field.readonly
        }

    def action_confirm_retention(self):
        self.env.company.action_confirm_retention()
        return {"type": "ir.actions.client", "tag": "reload"}

    def execute(self):
        """The page's Save: its values were written when it was saved."""
        return {"type": "ir.actions.client", "tag": "reload"}

    def cancel(self):
        """The page's Discard: shows what the company has."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_settings_action"
        )
