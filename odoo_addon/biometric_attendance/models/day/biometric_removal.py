"""What the day room knows of a person who is erased: which companies they were in, and when. Days
stay, for they are records of what was paid; marks and what is shown of them go. Must not know what
else goes.
"""

from datetime import date

from odoo import api, models


class BiometricRemoval(models.AbstractModel):
    _inherit = "biometric.removal"

    @api.model
    def _companies_about(self, employee):
        # The company of a date that was corrected since may be in a day alone.
        days = self.env["biometric.day"]._read_group(
            [("employee_id", "=", employee.id)], ["company_id"]
        )
        found = super()._companies_about(employee) | self._spans(employee).company_id
        return found.union(*(company for (company,) in days))

    @api.model
    def _there_since(self, employee, company):
        spans = self._spans(employee).filtered(lambda span: span.company_id == company)
        began = max((span.valid_from or date.min for span in spans), default=date.min)
        return max(began, super()._there_since(employee, company))

    @api.model
    def _moved_away(self, companies):
        spans = self.env["biometric.employment.company"].search(
            [("company_id", "in", companies.ids)]
            + [("employee_id.company_id", "not in", companies.ids)]
        )
        return super()._moved_away(companies) | spans.employee_id

    @api.model
    def _forget_rows(self, employee, register):
        self.env["biometric.stale.day"]._forget(employee, self.env.company)
        return super()._forget_rows(employee, register)

    def _spans(self, employee):
        return self.env["biometric.employment.company"].search([("employee_id", "=", employee.id)])
