"""The nightly work on time accounts: expiry, credits whose date has come, settlement, warnings.

Owns when each is done. A company at a time, each in a transaction of its own.
"""

from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.tools import format_date

from ...engine import forecast
from ...seams.job import go_round
from .account_look import WARNED_DAYS

# A credit waits for the first of the next month at the longest; days that an agreement or a
# certificate decided since are posted by them.
SWEPT_DAYS = 62


class BiometricCtoNight(models.AbstractModel):
    _name = "biometric.cto.night"
    _description = "Nightly processing of time accounts"

    @api.model
    def _cron_night(self):
        """Once a day for every company that has a bank."""
        companies = self.env["res.company"].sudo().search([("biometric_cto_from", "!=", False)])
        go_round(self.env, "cto", companies.ids, self._companies)

    @api.model
    def _companies(self, company_ids):
        for company in self.env["res.company"].browse(company_ids):
            self._night(company)

    @api.model
    def _night(self, company):
        """The night of one company."""
        today = company._biometric_today()
        self._expire(company, today)
        since = max(company.biometric_cto_from, today - timedelta(days=SWEPT_DAYS))
        self.env["biometric.cto.accrual"].sudo()._sweep(company, since)
        self.env["biometric.cto.flex"].sudo()._settle(company)
        self._warn(company, today)
        self.env["biometric.cto.rights"].sudo()._escalate(company, today)

    @api.model
    def _expire(self, company, today):
        """Close lots whose last day is over; returns the number of entries."""
        accounts = self.env["biometric.cto.account"].sudo()
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT employee_id FROM biometric_cto_account
                WHERE company_id = %s AND kind = 'bank' AND next_expiry < %s""",
            (company.id, today),
        )
        people = [row[0] for row in self.env.cr.fetchall()]
        if not people:
            return 0
        books = accounts._open(company, people)
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        for employee_id, book in books.items():
            rules = accounts._rules_on(employees.browse(employee_id), today)
            book.use_rules(rules)
            book.bank.advance(today)
        return accounts._write_down(books.values())

    # ------------------------------------------------------------------ warnings

    @api.model
    def _warn(self, company, today):
        """Tell people 60, 30 and 7 days before a lot ends how much they would lose."""
        for days in WARNED_DAYS:
            end = today + timedelta(days=days)
            self.env.cr.execute(
                """SELECT DISTINCT employee_id FROM biometric_cto_entry
                    WHERE company_id = %s AND expires_on = %s""",
                (company.id, end),
            )
            employees = (
                self.env["hr.employee"].sudo().browse([row[0] for row in self.env.cr.fetchall()])
            )
            for employee in employees.exists():
                self._warn_one(company, employee, end)

    def _warn_one(self, company, employee, end):
        accounts = self.env["biometric.cto.account"].sudo()
        book = accounts._look(company, [employee.id])[employee.id]
        book.use_rules(accounts._rules_on(employee, end))
        planned = accounts._planned(employee)
        _balance, lost = forecast(book.bank, end + timedelta(days=1), planned)
        user = employee.user_id
        if lost <= 0 or not user.email:
            return
        there = self.with_context(lang=user.lang).env
        clock = accounts.with_env(there)._clock(lost)
        action = "action-biometric_attendance.biometric_cto_own_action"
        said = there._(
            "You will lose %(time)s on %(date)s unless you take it before.",
            time=clock,
            date=format_date(there, end + timedelta(days=1)),
        )
        ask = there._("Request time off of this length")
        self.env["mail.mail"].sudo().create(
            {
                "subject": there._("Time off that ends on %s", format_date(there, end)),
                "email_to": user.email_formatted,
                "body_html": Markup("<p>{}</p><p><a href='{}/odoo/{}'>{}</a></p>").format(
                    said, accounts.get_base_url(), action, ask
                ),
            }
        )
