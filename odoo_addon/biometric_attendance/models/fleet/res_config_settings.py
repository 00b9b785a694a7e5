"""The fleet's settings on the settings page."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_payroll_days = fields.Char(
        related="company_id.biometric_payroll_days", readonly=False
    )
    biometric_statement_days_before = fields.Integer(
        related="company_id.biometric_statement_days_before", readonly=False
    )
