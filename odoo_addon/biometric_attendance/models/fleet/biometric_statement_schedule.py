"""When statements of completeness go out by themselves before payroll: per company, some days
before a period closes, while there is time to pull what is missing, and once it is closed.

The days payroll closes on are the company's own (payroll_calendar). Must not know what a statement
says.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine import payroll_calendar

MAX_DAYS_BEFORE = 14


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_payroll_days = fields.Char(
        "Payroll closes on",
        help="Days of the month, parted by commas: 15, 31. 31 is the end of every month. Empty: no "
        "statement before payroll, only the weekly one.",
    )
    biometric_statement_days_before = fields.Integer("Statement so many days before", default=2)
    biometric_statement_early_for = fields.Date(readonly=True, copy=False)
    biometric_statement_final_for = fields.Date(readonly=True, copy=False)

    @api.constrains("biometric_payroll_days", "biometric_statement_days_before")
    def _check_biometric_payroll_days(self):
        for company in self:
            try:
                payroll_calendar.parse(company.biometric_payroll_days)
            except ValueError as error:
                raise ValidationError(
                    self.env._("“%s” are no days of the month.", company.biometric_payroll_days)
                ) from error
            if not 0 <= company.biometric_statement_days_before <= MAX_DAYS_BEFORE:
                raise ValidationError(self.env._("0 to %s days before.", MAX_DAYS_BEFORE))


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    biometric_payroll_days = fields.Char(
        related="company_id.biometric_payroll_days", readonly=False
    )
    biometric_statement_days_before = fields.Integer(
        related="company_id.biometric_statement_days_before", readonly=False
    )


class BiometricAgent(models.Model):
    _inherit = "biometric.agent"

    @api.model
    def _cron_payroll_statement(self):
        """Each branch's statement for the period that closes soon, and for the one that closed;
        each once, also when the server was off on the day itself."""
        for company in self.env["res.company"].search([("biometric_payroll_days", "!=", False)]):
            today = fields.Date.context_today(
                self.with_context(tz=company.partner_id.tz or self.env.user.tz)
            )
            for stage, first, close in payroll_calendar.due(
                payroll_calendar.parse(company.biometric_payroll_days),
                company.biometric_statement_days_before,
                today,
                company.biometric_statement_early_for,
                company.biometric_statement_final_for,
            ):
                branches = self.search([("state", "=", "active"), ("company_id", "=", company.id)])
                branches._send_statement(first, close)
                company[f"biometric_statement_{stage}_for"] = close
