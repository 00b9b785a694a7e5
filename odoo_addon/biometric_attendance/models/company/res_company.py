"""Company settings of the plan."""

from odoo import fields, models

from ..mixins.settings_readers import SETTINGS_READERS


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_device_limit = fields.Integer(
        "Terminals in the plan",
        groups="base.group_system",
        help="0: no limit. Terminals approved before it was lowered continue to work.",
    )
    # How far the job came that counts usage.
    biometric_usage_counted_at = fields.Datetime(
        "Usage counted on", readonly=True, copy=False, groups=SETTINGS_READERS
    )
