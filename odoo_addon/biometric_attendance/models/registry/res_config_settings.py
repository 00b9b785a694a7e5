"""The registry room's settings on the settings page."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_needs_consent = fields.Boolean(
        related="company_id.biometric_needs_consent", readonly=False
    )
