"""Company settings of the registry room."""

from odoo import fields, models

from ..mixins.settings_readers import SETTINGS_READERS


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_needs_consent = fields.Boolean(
        "Nobody is enrolled without consent",
        groups=SETTINGS_READERS,
        help="Enrolment lists and writing people to terminals leave out whoever has neither agreed "
        "nor chosen a card or PIN, and say so.",
    )
