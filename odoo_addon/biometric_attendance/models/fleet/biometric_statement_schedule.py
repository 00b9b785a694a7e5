"""When statements of completeness go out by themselves: every week on the company's day and hour;
before payroll some days before a period closes, while there is time to pull what is missing, and
once it is closed.

The days payroll closes on are the company's own (payroll_calendar). Must not know what a statement
says.
"""

from datetime import timedelta
from zoneinfo import ZoneInfoNotFoundError

from odoo import api, fields

from ...engine import payroll_calendar, wall
from ...seams.job import Turn


class StatementSchedule:
    """Of biometric.agent: when its statement goes out. Mixed in by biometric_statement.py."""

    __slots__ = ()

    def _weekly_moment(self, now):
        """(date, naive UTC instant) of the company's last weekly moment at or before `now`."""
        self.ensure_one()
        company = self.company_id
        zone = company.partner_id.tz or "UTC"
        shown = fields.Datetime.context_timestamp(self.with_context(tz=zone), now)
        back = (shown.weekday() - int(company.biometric_statement_weekday)) % 7
        if not back and shown.hour < company.biometric_statement_hour:
            back = 7
        day = shown.date() - timedelta(days=back)
        hour = f"{day} {company.biometric_statement_hour:02d}:00:00"
        return day, wall.to_instant(hour, zone)

    def _is_weekly_due(self, now):
        """Its moment has come, it has not gone out for it, and the branch was there then: neither
        an installation nor a server that starts is a reason to mail."""
        self.ensure_one()
        day, moment = self._weekly_moment(now)
        began = self.approved_at or self.create_date
        if began and began > moment:
            return False
        return not self.statement_sent_on or self.statement_sent_on < day

    def _is_weekly_due_or_unknown(self, now):
        """Also where that cannot be said, its zone being none: it raises in its own turn."""
        try:
            return self._is_weekly_due(now)
        except (ZoneInfoNotFoundError, ValueError):
            return True

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

            ready = aside.due(branches)
            left = branches - ready
            for branch in ready:
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
        aside.each(companies, lambda company: found.extend(self._due_of(company)))
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
