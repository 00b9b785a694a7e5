"""Keyed digests of punches that were removed: a terminal that uploads one again gets its
acknowledgement, and nothing is kept.

The secret is the company's own; without it nobody can try PINs against the digests. Each digest
names the removal that brought it, and counts only while an entry of the trail counts all of that
removal: a digest planted beside it makes nothing held. Must not know why a punch was removed.
"""

import hmac
import secrets

from psycopg2.extras import execute_values

from odoo import api, fields, models

# Digests of one batch that are taken up together; it is counted anew when one of it is asked for.
PIECE = 5000


class BiometricErasedKey(models.Model):
    _name = "biometric.erased.key"
    _description = "Keys of removed punches"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    digest = fields.Char(required=True, readonly=True, size=64)
    batch = fields.Char(readonly=True, size=32, help="The removal that included it")

    _one_digest = models.UniqueIndex("(company_id, digest)")
    _by_batch = models.Index("(company_id, batch)")

    @api.model
    def _digests(self, company, keys, *, make=False):
        """{digest: key}; {} for a company that never removed anything."""
        company = company.sudo()
        # of all that a company has this one alone: it is asked for with every batch
        company.fetch(["erased_key_secret"])
        if not company.erased_key_secret and not make:
            return {}
        secret = company._biometric_secret()
        return {hmac.new(secret, key.encode(), "sha256").hexdigest(): key for key in keys}

    @api.model
    def _remember(self, company, keys):
        """Keep the digests of removed punches; {batch: [count, digest]} of the new ones, which the
        entry of the removal has to hold."""
        batch = secrets.token_hex(16)
        rows = [(company.id, digest, batch) for digest in self._digests(company, keys, make=True)]
        if not rows:
            return {}
        execute_values(
            self.env.cr._obj,
            "INSERT INTO biometric_erased_key (company_id, digest, batch) VALUES %s "
            "ON CONFLICT DO NOTHING",
            rows,
            page_size=1000,
        )
        return self._summary(company, [batch])

    @api.model
    def _summary(self, company, batches=None):
        """{batch: [count, digest]} as the table stands; see biometric.evidence."""
        rows = self.env["biometric.evidence"]._erased_keys(company.id, batches)
        return {row["batch"]: [row["count"], row["digest"]] for row in rows}

    @api.model
    def _known(self, company, keys):
        """Those of `keys` that were removed, by removals that the trail counts."""
        digests = self._digests(company, keys)
        if not digests:
            return set()
        self.env.cr.execute(
            "SELECT digest, batch FROM biometric_erased_key "
            "WHERE company_id = %s AND digest = ANY(%s)",
            (company.id, list(digests)),
        )
        found = self.env.cr.fetchall()
        proven = self._proven(company, {batch for _digest, batch in found if batch})
        return {digests[digest] for digest, batch in found if batch in proven}

    def _proven(self, company, batches):
        """Those of `batches` whose digests are the ones that an entry counts."""
        if not batches:
            return set()
        self.env.cr.execute(
            """SELECT b.key, b.value FROM biometric_audit a,
                      jsonb_each(a.after::jsonb->'erased_keys') b
                WHERE a.company_id = %s AND a.after LIKE %s AND b.key = ANY(%s)
                  AND a.action IN ('person.erase', 'retention.purge', 'erased_key.take_up')""",
            (company.id, '%"erased_keys":%', list(batches)),
        )
        said = dict(self.env.cr.fetchall())
        stands = self._summary(company, list(batches))
        return {batch for batch in batches if said.get(batch) == stands[batch]}

    @api.model
    def _take_up(self, company, reason):
        """Digests of before count removals: in batches, each counted by an entry."""
        self.env.cr.execute(
            """UPDATE biometric_erased_key k SET batch = md5(%s || '/' || n.piece)
                 FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS piece
                         FROM biometric_erased_key WHERE company_id = %s AND batch IS NULL) n
                WHERE n.id = k.id""",
            (f"{company.id}", PIECE, company.id),
        )
        if self.env.cr.rowcount:
            self.env["biometric.audit"]._record(
                "erased_key.take_up",
                company,
                None,
                {"erased_keys": self._summary(company)},
                reason,
                company=company,
            )
