"""What the registry keeps of a person beside PINs: the areas they belonged to. These rows go with
an erasure. Must not know what else goes.
"""

from odoo import api, models


class BiometricRemoval(models.AbstractModel):
    _inherit = "biometric.removal"

    @api.model
    def _companies_about(self, employee):
        members = self.env["biometric.area.member"].search([("employee_id", "=", employee.id)])
        return super()._companies_about(employee) | members.company_id

    @api.model
    def _forget_rows(self, employee, register):
        self.env["biometric.area.member"].flush_model()
        self.env.cr.execute(
            """DELETE FROM biometric_area_member WHERE employee_id = %s AND company_id = %s
               RETURNING id""",
            (employee.id, self.env.company.id),
        )
        gone = [row[0] for row in self.env.cr.fetchall()]
        self._note_gone("biometric.area.member", gone, register)
        self.env.invalidate_all()
        return {**super()._forget_rows(employee, register), "biometric.area.member": gone}
