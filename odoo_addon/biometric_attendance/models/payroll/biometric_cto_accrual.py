"""Credit and payroll files: a day that a file holds is answered for."""

from odoo import api, models


class BiometricCtoAccrual(models.AbstractModel):
    _inherit = "biometric.cto.accrual"

    @api.model
    def _paid_in(self, employee, day):
        held = (
            self.env["biometric.export.day"]
            .sudo()
            .search(
                [
                    ("employee_id", "=", employee.id),
                    ("date", "=", day),
                    ("state", "in", ("paid", "changed")),
                ],
                limit=1,
            )
        )
        return held.export_id.name or super()._paid_in(employee, day)
