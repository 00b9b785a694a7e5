"""Company settings of the registry room."""

from odoo import fields, models

from ..mixins.settings_readers import SETTINGS_READERS


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_needs_consent = fields.Boolean(
        "Nobody is enrolled without consent",
        groups=SETTINGS_READERS,
        help="Enrolment lists and writing people to terminals skip, with a message, everybody "
        "who has neither consented nor chosen a card or PIN.",
    )
