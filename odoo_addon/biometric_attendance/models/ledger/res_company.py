"""Company settings of the ledger: how long raw punches stay, and the secret of erased keys.

Must not remove anything itself.
"""

import hmac
import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.orm.models import NO_ACCESS


class ResCompany(models.Model):
    _inherit = "res.company"

    # Of no group: who reads it tries PINs against digests. Code of the ledger reads it under sudo.
    erased_key_secret = fields.Char(copy=False, groups=NO_ACCESS)
    biometric_retention_months = fields.Integer(
        "Keep raw punches for (months)",
        help="0 keeps them for ever. Older punches are removed every night; the ledgers still "
        "verify. A person can be erased only as far back as this reaches.",
    )

    @api.constrains("biometric_retention_months")
    def _check_biometric_retention(self):
        for company in self:
            if company.biometric_retention_months < 0:
                raise ValidationError(self.env._("Months cannot be negative."))

    def _biometric_secret(self):
        """The company's own secret in bytes; drawn when it is first needed, told to nobody."""
        company = self.sudo()
        if not company.erased_key_secret:
            company.erased_key_secret = secrets.token_hex(32)
        return company.erased_key_secret.encode()

    def _biometric_line_salt(self):
        """For the digests of lines that are withheld (contract/reject_line.py)."""
        return hmac.new(self._biometric_secret(), b"withheld lines", "sha256").hexdigest()

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
        if not self.biometric_retention_months:
            return False
        return fields.Date.subtract(self._biometric_today(), months=self.biometric_retention_months)
