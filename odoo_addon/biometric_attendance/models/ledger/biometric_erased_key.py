"""Keyed digests of punches that were removed: a terminal that uploads one again gets its
acknowledgement, and nothing is kept.

The secret is the company's own; without it nobody can try PINs against the digests. Must not know
why a punch was removed.
"""

import hmac
import secrets

from psycopg2.extras import execute_values

from odoo import api, fields, models


class BiometricErasedKey(models.Model):
    _name = "biometric.erased.key"
    _description = "Keys of removed punches"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    digest = fields.Char(required=True, readonly=True, size=64)

    _one_digest = models.UniqueIndex("(company_id, digest)")

    @api.model
    def _digests(self, company, keys, *, make=False):
        """{digest: key}; {} for a company that never removed anything."""
        company = company.sudo()
        if not company.erased_key_secret:
            if not make:
                return {}
            company.erased_key_secret = secrets.token_hex(32)
        secret = company.erased_key_secret.encode()
        return {hmac.new(secret, key.encode(), "sha256").hexdigest(): key for key in keys}

    @api.model
    def _remember(self, company, keys):
        rows = [(company.id, digest) for digest in self._digests(company, keys, make=True)]
        if rows:
            execute_values(
                self.env.cr._obj,
                "INSERT INTO biometric_erased_key (company_id, digest) VALUES %s "
                "ON CONFLICT DO NOTHING",
                rows,
                page_size=1000,
            )

    @api.model
    def _known(self, company, keys):
        """Those of `keys` that were removed."""
        digests = self._digests(company, keys)
        if not digests:
            return set()
        self.env.cr.execute(
            "SELECT digest FROM biometric_erased_key WHERE company_id = %s AND digest = ANY(%s)",
            (company.id, list(digests)),
        )
        return {digests[digest] for (digest,) in self.env.cr.fetchall()}
