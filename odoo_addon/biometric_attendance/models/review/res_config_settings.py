"""The review room's settings on the settings page."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_needs_yes = fields.Boolean(related="company_id.biometric_needs_yes", readonly=False)
    biometric_yes_days = fields.Integer(related="company_id.biometric_yes_days", readonly=False)
    biometric_answer_days = fields.Integer(
        related="company_id.biometric_answer_days", readonly=False
    )
    biometric_yield_minutes = fields.Integer(
        related="company_id.biometric_yield_minutes", readonly=False
    )
    biometric_ask_missing_out = fields.Boolean(
        related="company_id.biometric_ask_missing_out", readonly=False
    )
    biometric_remind_days = fields.Integer(
        related="company_id.biometric_remind_days", readonly=False
    )
