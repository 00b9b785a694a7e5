"""Rights to time off that a law opens at a threshold: nothing of them is lost by time, so who does
not see to them in time is told.

Owns when and whom. Which rights are open, the engine says (rights_of).
"""

from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.tools import format_date

from .account_look import open_rights


class BiometricCtoRights(models.AbstractModel):
    _name = "biometric.cto.rights"
    _description = "Pending time off entitlements"

    @api.model
    def _escalate(self, company, today):
        """Tell of rights whose last day was yesterday, and of requests that yesterday was the last
        day to answer."""
        account = self.env["biometric.cto.account"].sudo()
        people = account.search(
            [("company_id", "=", company.id), ("kind", "=", "bank"), ("balance_minutes", ">", 0)]
        ).employee_id
        rule_book = self.env["biometric.rule"].sudo()._book_of(people)
        rules = {}
        for one in people:
            place = (company.id, one.id, one.department_id.id, today)
            found = rule_book.find(*place)[2]
            if found.cto_opens_at_minutes:
                rules[one.id] = found
        if not rules:
            return
        yesterday = today - timedelta(days=1)
        books = account._look(company, list(rules))
        for employee in people.filtered(lambda one: one.id in rules):
            rights, _closed = open_rights(books[employee.id], rules[employee.id])
            for right in rights:
                if right.last_on == yesterday:
                    self._tell_of_right(company, employee, right)
        self._tell_of_requests(company, rules, yesterday)

    def _tell_of_right(self, company, employee, right):
        def words(there):
            return there._(
                "%(time)s of %(who)s was pending since %(opened)s and had to be taken by "
                "%(last)s. Nothing is lost: the employer must request that it is taken "
                "within one year.",
                time=there["biometric.cto.account"]._clock(right.minutes),
                who=employee.name,
                opened=format_date(there, right.opened_on),
                last=format_date(there, right.last_on),
            )

        self._tell(company, employee, words, employee.user_id)

    def _tell_of_requests(self, company, rules, yesterday):
        waiting = (
            self.env["hr.leave"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", list(rules)),
                    ("holiday_status_id.biometric_account", "=", "bank"),
                    ("state", "in", ("confirm", "validate1")),
                ],
                limit=10_000,
            )
        )
        for leave in waiting:
            employee = leave.employee_id
            days = timedelta(days=rules[employee.id].cto_answer_days)
            if leave.create_date.date() + days == yesterday:
                self._tell_of_request(company, employee, leave)

    def _tell_of_request(self, company, employee, leave):
        def words(there):
            return there._(
                "%(who)s requested time off from %(first)s on %(asked)s. It should have "
                "been answered by yesterday: approve it, or refuse it with a reason.",
                who=employee.name,
                asked=format_date(there, leave.create_date),
                first=format_date(there, leave.request_date_from),
            )

        self._tell(company, employee, words, self.env["res.users"])

    def _tell(self, company, employee, words, more):
        """Who leads the person, the HR officers, and `more`, each in their language."""
        # who leads them may have been moved to another company: theirs is not told
        leads = employee.leave_manager_id | employee.attendance_manager_id
        users = more | leads.filtered(lambda one: company in one.company_ids)
        users |= self.env["biometric.duty"]._others("hr_officer", company, set())
        for user in users.filtered("email"):
            there = self.with_context(lang=user.lang).env
            self.env["mail.mail"].sudo().create(
                {
                    "subject": there._("Time off of %s is waiting", employee.name),
                    "email_to": user.email_formatted,
                    "body_html": Markup("<p>{}</p>").format(words(there)),
                }
            )
