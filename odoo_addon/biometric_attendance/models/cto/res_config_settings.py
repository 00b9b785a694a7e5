"""Settings page: the date on the company."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_cto_from = fields.Date(related="company_id.biometric_cto_from", readonly=False)
