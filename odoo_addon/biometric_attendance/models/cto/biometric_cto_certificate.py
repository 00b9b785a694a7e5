"""Certificates of earned credit: for whom, for which dates, under which number.

Where a rule set credits on certificate, issuing one posts what its dates earned; elsewhere it is a
paper about what was credited. Never changed or removed: a wrong one is followed by another.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BiometricCtoCertificate(models.Model):
    _name = "biometric.cto.certificate"
    _description = "Certificates of earned credit"
    _inherit = ["biometric.audited", "biometric.append.only"]
    _order = "date_to desc, employee_id"
    _audit_word = "certificate"

    name = fields.Char("Number", required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="restrict")
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", required=True)
    entry_ids = fields.Many2many(
        "biometric.cto.entry", compute="_compute_entries", string="Earned in this period"
    )
    credited_minutes = fields.Integer("Credited", compute="_compute_entries")
    balance_minutes = fields.Integer("Balance", compute="_compute_entries")

    _number = models.UniqueIndex(
        "(company_id, name)", "A certificate with this number was already issued."
    )

    @api.constrains("date_from", "date_to", "employee_id")
    def _check_dates(self):
        for one in self:
            if one.date_to < one.date_from:
                raise ValidationError(self.env._("The certificate ends before it starts."))
            if one.date_to > one.company_id._biometric_today():
                raise ValidationError(
                    self.env._("Overtime that is still in the future cannot be certified.")
                )

    @api.depends("employee_id", "date_from", "date_to")
    def _compute_entries(self):
        entries = self.env["biometric.cto.entry"]
        for one in self:
            one.entry_ids = entries.search(
                [
                    ("employee_id", "=", one.employee_id.id),
                    ("company_id", "=", one.company_id.id),
                    ("kind", "in", ("accrual", "accrual_reversal")),
                    ("work_date", ">=", one.date_from),
                    ("work_date", "<=", one.date_to),
                ],
                order="work_date, number",
            )
            one.credited_minutes = sum(one.entry_ids.mapped("minutes"))
            account = self.env["biometric.cto.account"].search(
                [
                    ("employee_id", "=", one.employee_id.id),
                    ("company_id", "=", one.company_id.id),
                    ("kind", "=", "bank"),
                ],
                limit=1,
            )
            one.balance_minutes = account.balance_minutes

    def _audit_days(self):
        return self.date_from, self.date_to

    @api.model_create_multi
    def create(self, vals_list):
        certificates = super().create(vals_list)
        for one in certificates:
            self.env["biometric.cto.accrual"].sudo()._sweep(
                one.company_id, one.date_from, one.date_to, one.employee_id.ids
            )
        return certificates

    @api.model
    def _certified(self, company_id, employee_ids):
        """`{employee_id: [(first, last)]}` of what is certified."""
        self.flush_model()
        self.env.cr.execute(
            """SELECT employee_id, date_from, date_to FROM biometric_cto_certificate
                WHERE company_id = %s AND employee_id = ANY(%s)""",
            (company_id, list(employee_ids)),
        )
        found = {}
        for employee_id, first, last in self.env.cr.fetchall():
            found.setdefault(employee_id, []).append((first, last))
        return found
