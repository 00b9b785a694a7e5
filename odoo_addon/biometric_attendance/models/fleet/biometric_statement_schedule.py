"""When statements of completeness go out by themselves before payroll: per company, some days
before a period closes, while there is time to pull what is missing, and once it is closed.

The days payroll closes on are the company's own (payroll_calendar). Must not know what a statement
says.
"""

from odoo import api

from ...engine import payroll_calendar


class StatementSchedule:
    """Of biometric.agent: when its statement goes out. Mixed in by biometric_statement.py."""

    __slots__ = ()

    @api.model
    def _cron_payroll_statement(self):
        """Each branch's statement for the period that closes soon, and for the one that closed;
        each once, also when the server was off on the day itself."""
        for company in self.env["res.company"].search([("biometric_payroll_days", "!=", False)]):
            today = company._biometric_today()
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
