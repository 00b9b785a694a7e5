"""Whether a company's agents may be offered newer versions of their program."""

from odoo import fields, models

from ..mixins.settings_readers import SETTINGS_READERS


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_updates = fields.Boolean(
        "Agents update themselves",
        groups=SETTINGS_READERS,
        help="Off: no agent of the company is offered a newer version, whatever was uploaded. "
        "On: agents download what a release offers them, verify the signatures of two "
        "people, test it, and return to the previous version automatically if it does "
        "not work.",
    )
