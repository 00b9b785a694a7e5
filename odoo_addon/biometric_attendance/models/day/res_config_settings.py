"""The day room's settings on the settings page."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_projection = fields.Boolean(related="company_id.biometric_projection", readonly=False)
