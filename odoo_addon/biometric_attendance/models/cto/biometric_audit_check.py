"""The time accounts' part of a verification: their chains, their sums, what the nights remember.
What is wrong, verifier/bank.py says.
"""

import json

from odoo import api, models

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
        """Every account of the company against its entries, and these against the last night."""
        company_id = self.company_id.id
        self.env.flush_all()
        accounts = {row["id"]: row for row in self._account_rows(company_id)}
        check, last = seal.AccountCheck(findings), None
        for row in self._entry_rows(company_id):
            if last not in (None, row["account_id"]):
                check.head(accounts.pop(last))
            last = row["account_id"]
            check.row(row)
        if last is not None:
            check.head(accounts.pop(last))
        for account in accounts.values():
            check.head(account)
        if said := self._account_night(company_id):
            heads = self.env["biometric.cto.night"].sudo()._heads(company_id, said["last"])
            seal.check_night(said, heads, findings)
        return check.count

    def _account_rows(self, company_id):
        self.env.cr.execute(
            """SELECT id, COALESCE(head_number, 0) AS head_number, head_hash, balance_minutes,
                      owed_minutes
                 FROM biometric_cto_account WHERE company_id = %s ORDER BY id""",
            (company_id,),
        )
        rows = self.env.cr.dictfetchall()
        return [row | {"head_hash": row["head_hash"] or seal.genesis(row["id"])} for row in rows]

    def _entry_rows(self, company_id):
        """Every entry of a company in the order of accounts and numbers, a page at a time."""
        after = (0, 0)
        while True:
            self.env.cr.execute(
                """SELECT e.*, a.kind AS account_kind FROM biometric_cto_entry e
                     JOIN biometric_cto_account a ON a.id = e.account_id
                    WHERE e.company_id = %s AND (e.account_id, e.number) > %s
                 ORDER BY e.account_id, e.number LIMIT %s""",
                (company_id, after, PAGE),
            )
            rows = self.env.cr.dictfetchall()
            if not rows:
                return
            yield from map(_as_text, rows)
            after = (rows[-1]["account_id"], rows[-1]["number"])

    def _account_night(self, company_id):
        """What the last night said of the accounts; None before the first, or where it is forged
        (the trail's own check says so)."""
        self.env.cr.execute(
            """SELECT after FROM biometric_audit WHERE company_id = %s AND action = %s
             ORDER BY id DESC LIMIT 1""",
            (company_id, seal.NIGHT),
        )
        row = self.env.cr.fetchone()
        try:
            said = json.loads(row[0]) if row else None
            return said if said is None or isinstance(said["last"], int) else None
        except (KeyError, TypeError, ValueError):
            return None
