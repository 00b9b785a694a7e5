"""What payroll keeps of a person who is erased: their numbers and names in payroll programs go.
Produced files stay as they were handed over. Must not know what else goes."""

from odoo import api, models


class BiometricRemoval(models.AbstractModel):
    _inherit = "biometric.removal"

    @api.model
    def _rows_about(self, employee):
        numbers = self.env["biometric.payroll.number"]
        return [
            *super()._rows_about(employee),
            numbers.search([("employee_id", "=", employee.id)]),
        ]

    @api.model
    def _forget_rows(self, employee, register):
        about = super()._forget_rows(employee, register)
        self.env.cr.execute(
            """DELETE FROM biometric_payroll_number
                WHERE employee_id = %s AND company_id = %s RETURNING id""",
            (employee.id, self.env.company.id),
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        self._note_gone("biometric.payroll.number", ids, register)
        self.env.invalidate_all()
        return {**about, "biometric.payroll.number": ids}
