"""The time accounts' part of a verification: their chains, their sums, the acts behind them. What
is wrong, verifier/bank.py says.
"""

from itertools import chain

from odoo import api, models
from odoo.tools import SQL

from ...verifier import bank as seal
from .biometric_cto_account import _as_text

PAGE = 20_000


class BiometricAuditCheck(models.Model):
    _inherit = "biometric.audit.check"

    @api.model
    def _begin(self, company, asked_by):
        check = super()._begin(company, asked_by)
        check.pieces = [*check.pieces, ["accounts"]]
        return check

    def _check_accounts(self, findings):
        """Every account of the company against its entries, and these against the trail."""
        company_id = self.company_id.id
        self.env.flush_all()
        rows, told = self._account_rows(company_id), self._told(company_id)
        check = seal.AccountCheck(company_id, rows, told, findings)
        for row in self._entry_rows(company_id):
            check.row(row)
        check.close()
        return check.count

    def _told(self, company_id):
        """What the trail says of acts on accounts, also what waits for its number."""
        evidence, told = self.env["biometric.evidence"], seal.Told()
        sealed = evidence._audit(company_id, seal.LEARNED)
        for row in chain(sealed, evidence._said_unsealed(company_id, seal.LEARNED)):
            told.learn(row)
        return told

    def _account_rows(self, company_id):
        self.env.cr.execute(
            """SELECT id, kind, head_number, head_hash, balance_minutes, owed_minutes
                 FROM biometric_cto_account WHERE company_id = %s""",
            (company_id,),
        )
        return self.env.cr.dictfetchall()

    def _entry_rows(self, company_id):
        """Every entry of a company in the order of ids."""

        def page(last):
            return SQL(
                """SELECT * FROM biometric_cto_entry WHERE company_id = %s AND id > %s
                 ORDER BY id LIMIT %s""",
                company_id,
                last,
                PAGE,
            )

        pages = self.env["biometric.evidence"]._pages
        return map(_as_text, pages(page, 0, lambda row: row["id"], PAGE))
