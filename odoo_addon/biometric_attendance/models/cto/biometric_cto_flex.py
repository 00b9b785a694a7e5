"""The flex account: worked less due of each computed day, its bands, its cut at settlement.

Owns which days are counted and who is told of a band. The sums are the engine's (engine/flex.py).
Runs as the system.
"""

from collections import defaultdict
from types import SimpleNamespace

from markupsafe import Markup

from odoo import api, models

from ...engine import blocks_pay, difference, settlement_before
from .terms import Locked


class BiometricCtoFlex(models.AbstractModel):
    _name = "biometric.cto.flex"
    _description = "Flex accounts"

    @api.model
    def _post_rows(self, rows, book):
        """Post the differences of these rows of biometric.day by the rules of a RuleBook."""
        by_company = defaultdict(list)
        for row in rows:
            _id, name, rules = book.find(
                row["company_id"], row["employee_id"], row["department_id"], row["date"]
            )
            minutes = row["status"] and difference(_counted(row), rules)
            if minutes is not None and row["status"]:
                minutes = 0 if blocks_pay(row["status"]) else minutes
                by_company[row["company_id"]].append((row, minutes, rules, name))
        for company_id, own in sorted(by_company.items()):
            self._post_company(self.env["res.company"].browse(company_id), own)

    def _post_company(self, company, judged):
        since, today = company.sudo().biometric_cto_from, company._biometric_today()
        judged = [one for one in judged if since and since <= one[0]["date"] <= today]
        if not judged:
            return
        locked = Locked(self.env, company)
        account = self.env["biometric.cto.account"]
        books = account._open(company, {row["employee_id"] for row, *_rest in judged}, "flex")
        before = {employee_id: book.band for employee_id, book in books.items()}
        for row, minutes, rules, name in sorted(judged, key=lambda one: one[0]["date"]):
            book, day, source = books[row["employee_id"]], row["date"], f"day:{row['date']}"
            book.use_rules(rules)
            late = source in book.latest or locked(row["employee_id"], day)
            book.flex.post(source, day, minutes, today if late else day)
            book.note(source, {"work_date": day, "rule_name": name})
        account._write_down(books.values())
        for employee_id, one in books.items():
            self._tell(company, employee_id, before[employee_id], one)

    @api.model
    def _settle(self, company):
        """Cut the accounts of a company whose settlement period is over; returns how many."""
        today = company._biometric_today()
        accounts = self.env["biometric.cto.account"].search(
            [("company_id", "=", company.id), ("kind", "=", "flex")]
        )
        people = accounts.employee_id
        rules = {one.id: accounts._rules_on(one, today) for one in people}
        due = [one.id for one in people if settlement_before(today, rules[one.id])]
        if not due:
            return 0
        books = accounts._open(company, due, "flex")
        for employee_id, book in books.items():
            book.use_rules(rules[employee_id])
            last = settlement_before(today, rules[employee_id])
            if book.rows and book.rows[0]["date"] <= last:
                book.flex.settle(last)
                book.note(f"settlement:{last}", {})
        return accounts._write_down(books.values())

    # ------------------------------------------------------------------ bands

    def _tell(self, company, employee_id, before, book):
        """Who is told when an account goes further from zero, whichever way: at yellow the person
        and who leads them, at red the HR officers too."""
        order = ("green", "yellow", "red")
        if order.index(book.band) <= order.index(before):
            return
        employee = self.env["hr.employee"].browse(employee_id)
        users = employee.user_id | employee.attendance_manager_id
        if book.band == "red":
            users |= self.env["biometric.duty"]._others("hr_officer", company, set())
        clock = self.env["biometric.cto.account"]._clock(book.flex.balance)
        for user in users.filtered("email"):
            there = self.with_context(lang=user.lang)
            words = there.env._
            text = words(
                "The flex account of %(who)s stands at %(balance)s.",
                who=employee.name,
                balance=clock,
            )
            if book.band == "yellow":
                text += " " + words("Talk about it and plan how it comes back.")
            else:
                text += " " + there.env["biometric.cto.account"]._at_the_limit(book.flex)
            self.env["mail.mail"].create(
                {
                    "subject": words("Flex account of %s", employee.name),
                    "email_to": user.email_formatted,
                    "body_html": Markup("<p>{}</p>").format(text),
                }
            )


def _counted(row):
    """What a difference is made of, numbers that are not known yet as none."""
    names = ("regular_minutes", "scheduled_minutes", "leave_minutes")
    return SimpleNamespace(**{name: row[name] or 0 for name in names})
