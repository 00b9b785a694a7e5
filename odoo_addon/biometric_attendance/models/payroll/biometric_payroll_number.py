"""Under which number and name the payroll program knows a person, by company and dates.

Owns the rule which number holds on a date, and that no two people of a company share one. Where
nobody said one, the badge is it, or the registration number; never the number of a database row.
Which program asks, and for what, is the profile's.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...engine import program


class BiometricPayrollNumber(models.Model):
    _name = "biometric.payroll.number"
    _description = "Payroll number"
    _inherit = ["biometric.audited"]
    _order = "company_id, number, valid_from"
    _rec_name = "number"
    _audit_word = "payroll_number"
    _audit_right = "payroll_officer"

    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="Company whose payroll program uses this number.",
    )
    number = fields.Char(
        "Payroll number",
        required=True,
        help="The person's number or id in the payroll program, including leading zeros.",
    )
    first_name = fields.Char(
        "First name", help="As written in the payroll program. Empty: derived from the name."
    )
    last_name = fields.Char(
        "Last name", help="As written in the payroll program. Empty: derived from the name."
    )
    title = fields.Char(help="Job title in the payroll program, where it asks for one.")
    cost_center = fields.Char("Cost center")
    is_salaried = fields.Boolean(
        "Salaried",
        help="A fixed salary is paid by the payroll program itself. A profile can leave the "
        "regular hours of salaried people out, so that they are not paid twice.",
    )
    valid_from = fields.Date("From", help="Empty: always before.")
    valid_to = fields.Date("Until", help="Empty: no end.")

    @api.constrains("employee_id", "company_id", "number", "valid_from", "valid_to")
    def _check_one_of_each(self):
        for one in self:
            if one.valid_from and one.valid_to and one.valid_to < one.valid_from:
                raise ValidationError(self.env._("The dates end before they start."))
            if one.number != one.number.strip() or not one.number.isprintable():
                raise ValidationError(
                    self.env._("A payroll number has no spaces around it: “%s”.", one.number)
                )
            same = one._same_dates()
            own = Domain("employee_id", "=", one.employee_id.id)
            if twice := self.sudo().search(same & own, limit=1):
                raise ValidationError(
                    self.env._(
                        "%(who)s already has the payroll number %(number)s on these "
                        "dates. End it before the new one starts.",
                        who=one.employee_id.sudo().name,
                        number=twice.number,
                    )
                )
            if shared := self.sudo().search(same & Domain("number", "=", one.number), limit=1):
                raise ValidationError(
                    self.env._(
                        "%(number)s is already the payroll number of %(who)s. Two people "
                        "with the same number would be paid as one.",
                        number=one.number,
                        who=shared.employee_id.name,
                    )
                )

    def _same_dates(self):
        """Other rows of the company on some date of this one."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id.id) & Domain("id", "!=", self.id)
        if self.valid_to:
            domain &= Domain("valid_from", "=", False) | Domain("valid_from", "<=", self.valid_to)
        if self.valid_from:
            domain &= Domain("valid_to", "=", False) | Domain("valid_to", ">=", self.valid_from)
        return domain

    @api.model
    def _people(self, company, employees, day):
        """`({employee id: Person}, ids of salaried people)` as the company's program knows them on
        a date; of who left before it, as it knew them last, or as a file told them last. A person
        without any number is missing."""
        rows = self.sudo().search(
            [("company_id", "=", company.id), ("employee_id", "in", employees.ids)],
            order="valid_from NULLS FIRST, id",
        )
        said = {}
        for row in rows:
            if not row.valid_from or row.valid_from <= day:
                said[row.employee_id.id] = row
        found = {}
        told = self.env["biometric.export.day"].sudo()._last_numbers(company, employees.ids)
        for employee in employees.sudo():
            row = said.get(employee.id, self.browse())
            number = row.number or self._default_number(employee) or told.get(employee.id)
            if number:
                found[employee.id] = row._person(employee, number)
        return found, {key for key, row in said.items() if row.is_salaried}

    @api.model
    def _default_number(self, employee):
        """Badge, else the registration number of Odoo's payroll app where that is installed."""
        registered = "registration_number" in employee._fields and employee.registration_number
        return employee.barcode or registered or ""

    def _person(self, employee, number):
        first, _blank, last = (employee.legal_name or employee.name or "").rpartition(" ")
        return program.Person(
            number,
            self.first_name or first,
            self.last_name or last,
            self.title or "",
            self.cost_center or "",
        )
