"""What time accounts keep of a person who is erased: minutes stay, why a payout was refused and
what was said about a correction goes.
Must not know what else goes."""

from odoo import api, models
from odoo.tools import SQL

# Where people wrote about somebody's account, and into which columns.
SPOKEN = (
    ("biometric.cto.payout", ("reason",)),
    ("biometric.cto.correction", ("reason", "answer")),
)


class BiometricRemoval(models.AbstractModel):
    _inherit = "biometric.removal"

    @api.model
    def _rows_about(self, employee):
        rows = [
            self.env[name].search([("employee_id", "=", employee.id)]) for name, _words in SPOKEN
        ]
        return [*super()._rows_about(employee), *rows]

    @api.model
    def _forget_rows(self, employee, register):
        about = super()._forget_rows(employee, register)
        for name, words in SPOKEN:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s WHERE employee_id = %s AND company_id = %s RETURNING id",
                    SQL.identifier(self.env[name]._table),
                    SQL(", ").join(SQL("%s = NULL", SQL.identifier(word)) for word in words),
                    employee.id,
                    self.env.company.id,
                )
            )
            about = {**about, name: [row[0] for row in self.env.cr.fetchall()]}
        self.env.invalidate_all()
        return about
