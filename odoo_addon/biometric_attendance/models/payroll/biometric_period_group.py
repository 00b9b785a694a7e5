"""For which payroll program the files of a pay group are made. Owns that choice alone."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BiometricPeriodGroup(models.Model):
    _inherit = "biometric.period.group"

    profile_id = fields.Many2one(
        "biometric.payroll.profile",
        "Payroll program",
        ondelete="restrict",
        help="The file is produced when a period is closed. Empty: the company's only program.",
    )

    @api.constrains("profile_id", "company_id")
    def _check_profile(self):
        for group in self:
            if group.profile_id and group.profile_id.company_id != group.company_id:
                raise ValidationError(
                    self.env._("%s is another company's payroll program.", group.profile_id.name)
                )
