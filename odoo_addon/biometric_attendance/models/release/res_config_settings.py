"""The switch of updates on the settings page."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_updates = fields.Boolean(related="company_id.biometric_updates", readonly=False)
