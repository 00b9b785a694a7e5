"""What time accounts keep of a person who is erased: minutes stay, why a payout was refused goes.
Must not know what else goes."""

from odoo import api, models


class BiometricRemoval(models.AbstractModel):
    _inherit = "biometric.removal"

    @api.model
    def _rows_about(self, employee):
        wishes = self.env["biometric.cto.payout"].search([("employee_id", "=", employee.id)])
        return [*super()._rows_about(employee), wishes]

    @api.model
    def _forget_rows(self, employee, register):
        about = super()._forget_rows(employee, register)
        self.env.cr.execute(
            """UPDATE biometric_cto_payout SET reason = NULL
                WHERE employee_id = %s AND company_id = %s RETURNING id""",
            (employee.id, self.env.company.id),
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        self.env.invalidate_all()
        return {**about, "biometric.cto.payout": ids}
