"""Agreements and orders that let overtime become time off: for whom, from when, by which paper.

Owns which agreement counts for a person on a date: the person's own before that of the company.
Must not know what a rule set makes of overtime.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .biometric_cto_entry import CHOICES


class BiometricCtoAgreement(models.Model):
    _name = "biometric.cto.agreement"
    _description = "Agreements on time off for overtime"
    _inherit = ["biometric.audited"]
    _order = "company_id, valid_from desc"
    _rec_name = "reference"
    _audit_word = "agreement"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    employee_id = fields.Many2one(
        "hr.employee",
        index=True,
        ondelete="restrict",
        help="Empty: everybody in the company without an agreement of their own.",
    )
    valid_from = fields.Date(
        "Valid from", required=True, default=lambda self: self.env.company._biometric_today()
    )
    valid_to = fields.Date("Valid until", help="Last date; empty: no end.")
    choice = fields.Selection(
        CHOICES,
        "Overtime becomes",
        required=True,
        default="time",
        help="Unless the employee chooses otherwise for a day.",
    )
    reference = fields.Char(
        required=True,
        help="Number or date of the agreement, the written request or the office order.",
    )

    @api.constrains("valid_from", "valid_to")
    def _check_dates(self):
        for one in self:
            if one.valid_to and one.valid_to < one.valid_from:
                raise ValidationError(self.env._("The agreement ends before it starts."))

    @api.constrains("company_id", "employee_id")
    def _check_company(self):
        for one in self:
            if one.employee_id and one.employee_id.sudo().company_id != one.company_id:
                raise ValidationError(
                    self.env._("%s works in another company.", one.employee_id.name)
                )

    @api.constrains("employee_id", "reference")
    def _check_nameless(self):
        for one in self:
            if self.env["biometric.audited"]._names_someone(one.reference, one.employee_id):
                raise ValidationError(
                    self.env._(
                        "Entries of the time account keep the reference permanently, "
                        "even after an erasure: do not write the person's name in it."
                    )
                )

    def _audit_subjects(self):
        return set(self.employee_id.ids)

    def _audit_days(self):
        return self.valid_from, self.valid_to or None

    @api.model_create_multi
    def create(self, vals_list):
        agreements = super().create(vals_list)
        agreements._post_days()
        return agreements

    def write(self, vals):
        result = super().write(vals)
        self._post_days()
        return result

    def _post_days(self):
        """Overtime that waited for the paper earns now."""
        for one in self:
            self.env["biometric.cto.accrual"].sudo()._sweep(
                one.company_id, one.valid_from, one.valid_to or None, one.employee_id.ids
            )

    @api.model
    def _book_of(self, company_id):
        """An AgreementBook of a company (call with sudo)."""
        self.env.cr.execute(
            """SELECT employee_id, valid_from, valid_to, choice, reference
                 FROM biometric_cto_agreement WHERE company_id = %s ORDER BY valid_from, id""",
            (company_id,),
        )
        return AgreementBook(self.env.cr.fetchall())


class AgreementBook:
    """Answers which agreement counts for a person on a date."""

    def __init__(self, rows):
        self._of = {}
        for employee_id, *row in rows:
            self._of.setdefault(employee_id, []).append(row)

    def find(self, employee_id, day):
        """`(choice, reference)`, or None; the latest begun of the person's own, else of all."""
        for owner in (employee_id, None):
            for first, last, choice, reference in reversed(self._of.get(owner, [])):
                if first <= day and (last is None or day <= last):
                    return choice, reference
        return None
