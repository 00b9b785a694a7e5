"""Reminders before a pay period closes and once after it: whoever can mend something is told what.

Owns when who is reminded of how many days and requests. What is wrong with a day, its basket says.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import api
from odoo.tools import email_normalize, format_date

# Days of one period that a reminder sorts; more are counted in the mail as what they are: many.
MOST_DAYS = 20_000
# So many people a mail names.
NAMED = 12
# How long after its end a period that is open is still reminded of.
LATEST = timedelta(days=14)


class PeriodReminder:
    """Of biometric.period: its reminders. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _cron_remind(self):
        """Every morning: periods that close soon, and those that have ended and are not locked."""
        aside = self.env["biometric.job"]._aside("remind", self._name)
        for company in self.env["res.company"].sudo().search([]):
            today = company._biometric_today()
            soon = today + timedelta(days=company.biometric_remind_days)
            due = self.sudo().search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "open"),
                    ("date_to", "<=", soon),
                    ("date_to", ">=", today - LATEST),
                ],
                limit=200,
            )
            for period in aside.due(due):
                stage = "ended" if period.date_to < today else "closing"
                if company.biometric_remind_days and period.reminded != stage:
                    aside.do(period, lambda one, told=stage: one._remind_of(told))

    def _remind_of(self, stage):
        self._remind()
        self._note_reminded(stage)

    def _note_reminded(self, stage):
        """Which reminder was sent is no act of anybody: it stands beside the period."""
        self.env.cr.execute(
            "UPDATE biometric_period SET reminded = %s WHERE id = %s", (stage, self.id)
        )
        self.invalidate_recordset(["reminded"])

    def _remind(self):
        """One mail to whoever can mend something; returns how many."""
        self.ensure_one()
        told = self._by_reader()
        for user, (people, requests) in told.items():
            address = email_normalize(user.email or "")
            if not address:
                continue
            speaking = self.with_context(lang=user.lang or "en_US", tz=user.tz)
            speaking._mail_reminder(address, people, requests)
        return len(told)

    def _by_reader(self):
        """`{user: [{employee: days that must be fixed}, open requests]}`; HR reads of everybody of
        whom nobody else does."""
        found = defaultdict(lambda: [defaultdict(int), 0])
        officers = self.env["biometric.approval.level"]._officers(self.company_id)
        # of who came in the middle of it, the first days are the former company's
        here = [("company_id", "=", self.company_id.id)]
        days = self.env["biometric.day"].search(
            [
                *here,
                ("employee_id", "in", self._people().ids),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
            ],
            limit=MOST_DAYS,
        )
        for day in days:
            if day.review_basket != "must_fix":
                continue
            approver = day.employee_id.attendance_manager_id or day.employee_id.parent_id.user_id
            approver = approver.filtered(lambda one: self.company_id in one.company_ids)
            for user in approver or officers:
                found[user][0][day.employee_id] += 1
        waiting = self.env["biometric.adjustment"].search(
            [
                *here,
                ("employee_id", "in", self._people().ids),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
                ("state", "=", "submitted"),
            ],
            limit=MOST_DAYS,
        )
        for one in waiting:
            for user in one.decider_ids:
                found[user][1] += 1
        return found

    def _unanswered_of(self, people):
        """Questions that payroll needs an answer to, of the people a mail names."""
        rows = self.env["biometric.attestation"].unanswered(self.company_id, self)
        return [row for row in rows if row["employee_id"] in {one.id for one in people}]

    def _mail_reminder(self, address, people, requests):
        names = sorted((one.name, count) for one, count in people.items())
        body = self.env["ir.qweb"]._render(
            "biometric_attendance.period_reminder",
            {
                "period": self.display_name,
                "end": format_date(self.env, self.date_to),
                "over": self.date_to < self.company_id._biometric_today(),
                "days": sum(count for _name, count in names),
                "names": names[:NAMED],
                "more": max(0, len(names) - NAMED),
                "requests": requests,
                "unanswered": len(self._unanswered_of(people)),
            },
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.env._("Before %s closes", self.display_name),
                "email_to": address,
                "body_html": body,
                "auto_delete": True,
            }
        )
