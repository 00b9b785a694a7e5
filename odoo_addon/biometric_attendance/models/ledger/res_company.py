"""Company settings of the ledger: how long raw punches stay, and the secret of erased keys.

Must not remove anything itself.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..mixins.settings_readers import SETTINGS_READERS


class ResCompany(models.Model):
    _inherit = "res.company"

    erased_key_secret = fields.Char(copy=False, groups="base.group_no_one")
    biometric_retention_months = fields.Integer(
        "Keep raw punches for (months)",
        groups=SETTINGS_READERS,
        help="0 keeps them for ever. Older punches are removed every night; the ledgers still "
        "verify. A person can be erased only as far back as this reaches.",
    )

    @api.constrains("biometric_retention_months")
    def _check_biometric_retention(self):
        for company in self.sudo():
            if company.biometric_retention_months < 0:
                raise ValidationError(self.env._("Months cannot be negative."))

    def _biometric_zone(self):
        """Name of the zone of the company's place: of its address, else of its working schedule.
        Never the reader's."""
        self.ensure_one()
        company = self.sudo()
        return company.partner_id.tz or company.resource_calendar_id.tz or "UTC"

    def _biometric_today(self):
        """The date at the place of the company, whoever asks and wherever the server stands."""
        return fields.Date.context_today(self.with_context(tz=self._biometric_zone()))

    def _biometric_cutoff(self):
        """First date whose punches must stay, or False: nothing is purged."""
        self.ensure_one()
        months = self.sudo().biometric_retention_months
        return bool(months) and fields.Date.subtract(self._biometric_today(), months=months)
