"""Small ledgers that days hang on beside punches, as rows for the nights and for the verifier.

A night takes up what the night before it saw last: until then a row of a lower id may still have
been on its way in an open transaction. Which models and columns, verifier/rows.py says. Must not
judge.
"""

from odoo import api, models
from odoo.tools import SQL

from ...verifier.rows import WITNESSED, Digest
from . import biometric_evidence


class BiometricWitnessedRows(models.AbstractModel):
    _name = "biometric.witnessed.rows"
    _description = "Records verified every night"

    @api.model
    def _of(self, name, company_id, low=0, high=2**31 - 1):
        """Rows of a model with ids from `low` to `high`, as JSON reads them, in their order."""
        model = self.env[name]
        model.flush_model()

        def page(last):
            return SQL(
                """SELECT t.id, to_jsonb(t) AS row FROM %s t
                    WHERE t.company_id = %s AND t.id > %s AND t.id <= %s ORDER BY t.id LIMIT %s""",
                SQL.identifier(model._table),
                company_id,
                last,
                high,
                biometric_evidence.PAGE,
            )

        pages = self.env["biometric.evidence"]._pages
        for row in pages(page, low - 1, lambda row: row["id"]):
            yield row["row"]

    @api.model
    def _digest(self, name, company_id, low, high):
        """[count, digest] of the rows with ids from `low` to `high`."""
        digest = Digest(name)
        for row in self._of(name, company_id, low, high):
            digest.add(row)
        return digest.said()

    @api.model
    def _tonight(self, company, before):
        """What a night says: ({model: [{"from", "to", "count", "digest"}]}, {model: newest id}).

        before: {model: newest id} that the night before it said.
        """
        rows, newest = {}, {}
        covered = {}
        for night in self.env["biometric.audit.night"]._said(company):
            for name, ranges in night.get("rows", {}).items():
                covered[name] = max([covered.get(name, 0), *(said["to"] for said in ranges)])
        for name in sorted(WITNESSED):
            self.env[name].flush_model()
            self.env.cr.execute(
                SQL(
                    "SELECT COALESCE(max(id), 0) FROM %s",
                    SQL.identifier(self.env[name]._table),
                )
            )
            newest[name] = self.env.cr.fetchone()[0]
            low, high = covered.get(name, 0) + 1, before.get(name, 0)
            if high >= low:
                count, digest = self._digest(name, company.id, low, high)
                rows[name] = [{"from": low, "to": high, "count": count, "digest": digest}]
        return rows, newest

    @api.model
    def _restated(self, company, name, ids):
        """{first id: [count, digest]} now of the ranges of nights that held these rows."""
        if not ids:
            return {}
        return {
            str(said["from"]): self._digest(name, company.id, said["from"], said["to"])
            for night in self.env["biometric.audit.night"]._said(company)
            for said in night.get("rows", {}).get(name, ())
            if any(said["from"] <= row_id <= said["to"] for row_id in ids)
        }
