"""The audit room's settings on the settings page."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_notice = fields.Selection(
        related="company_id.biometric_notice", readonly=False, required=True
    )
    biometric_auditors = fields.Char(related="company_id.biometric_auditors", readonly=False)
