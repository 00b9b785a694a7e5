"""The fleet's settings on the settings page."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_payroll_days = fields.Char(
        related="company_id.biometric_payroll_days", readonly=False
    )
    biometric_statement_weekday = fields.Selection(
        related="company_id.biometric_statement_weekday", readonly=False, required=True
    )
    biometric_statement_hour = fields.Integer(
        related="company_id.biometric_statement_hour", readonly=False
    )
    biometric_statement_days_before = fields.Integer(
        related="company_id.biometric_statement_days_before", readonly=False
    )
