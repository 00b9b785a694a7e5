"""Company settings of the plan."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_device_limit = fields.Integer(
        "Devices in the plan",
        groups="base.group_system",
        help="0: no limit. Devices approved before it was lowered go on.",
    )
