"""When statements of completeness go out by themselves before payroll: per company, some days
before a period closes, while there is time to pull what is missing, and once it is closed.

The days payroll closes on are the company's own (payroll_calendar). Must not know what a statement
says.
"""

from odoo import api

from ...engine import payroll_calendar
from ...seams.job import Turn


class StatementSchedule:
    """Of biometric.agent: when its statement goes out. Mixed in by biometric_statement.py."""

    __slots__ = ()

    @api.model
    def _cron_payroll_statement(self):
        """Each branch's statement for the period that closes soon, and for the one that closed;
        each once, also when the server was off on the day itself. What does not fit into this turn
        goes out in the next."""
        aside = self.env["biometric.job"]._aside("payroll_statement", "biometric.agent")
        due = self._due_statements()
        turn = Turn(self.env, sum(len(branches) for *_period, branches in due))
        for company, stage, first, close, branches in due:

            def mail(branch, stage=stage, first=first, close=close):
                branch._send_statement(first, close)
                branch.statement_period = f"{stage} {close}"

            left = branches.filtered(lambda branch: branch.id in aside.resting)
            for branch in branches - left:
                left |= branch - aside.do(branch, mail)
                if not turn.done(1):
                    return
            # Whoever was set aside is due until it went out.
            if not left:
                company[f"biometric_statement_{stage}_for"] = close

    @api.model
    def _due_statements(self):
        """[(company, stage, first, close, branches that have not got theirs)]."""
        found = []
        aside = self.env["biometric.job"]._aside("payroll_statement", "res.company")
        companies = self.env["res.company"].search([("biometric_payroll_days", "!=", False)])
        for one in companies.filtered(lambda company: company.id not in aside.resting):
            aside.do(one, lambda company: found.extend(self._due_of(company)))
        return found

    @api.model
    def _due_of(self, company):
        """The same of one company."""
        found = []
        today = company._biometric_today()
        for stage, first, close in payroll_calendar.due(
            payroll_calendar.parse(company.biometric_payroll_days),
            company.biometric_statement_days_before,
            today,
            company.biometric_statement_early_for,
            company.biometric_statement_final_for,
        ):
            branches = self.search([("state", "=", "active"), ("company_id", "=", company.id)])
            left = branches.filtered(
                lambda branch, sent=f"{stage} {close}": branch.statement_period != sent
            )
            found.append((company, stage, first, close, left))
        return found
