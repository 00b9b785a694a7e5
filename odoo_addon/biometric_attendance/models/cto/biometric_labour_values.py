"""Movements of the bank of hours for Brazil's AEJ. Owns that part alone."""

from odoo import models

# 1: hours that came into the bank; 2: hours that were taken from it.
CREDIT, DEBIT = "1", "2"


class BiometricLabourValues(models.AbstractModel):
    _inherit = "biometric.labour.values"

    def _bank_moves(self, person, company, span, link):
        _person, _company, first, last = span
        entries = (
            self.env["biometric.cto.entry"]
            .sudo()
            .search(
                [
                    ("employee_id", "=", person.id),
                    ("company_id", "=", company.id),
                    ("date", ">=", first),
                    ("date", "<=", last),
                    ("minutes", "!=", 0),
                ],
                order="date, id",
                limit=20_000,
            )
        )
        moves = [
            ("07", link, "3", one.date, abs(one.minutes), CREDIT if one.minutes > 0 else DEBIT)
            for one in entries
        ]
        return [*super()._bank_moves(person, company, span, link), *moves]
