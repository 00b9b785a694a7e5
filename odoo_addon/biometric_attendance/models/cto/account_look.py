"""What a time account shows: what is alive on a date, which lots end when, what a forecast says.

Owns words and the shape of the panel's answer. Changes nothing.
"""

from datetime import date, timedelta

from odoo import api, fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...engine import FOREVER, available, forecast, rights_of

# Days before a lot ends on which its owner is told.
WARNED_DAYS = (60, 30, 7)
# Newest entries that the panel shows; the list behind it has all.
SHOWN = 50
# Columns of an entry that it shows besides those its account is continued from.
PANEL = ("id", "balance_minutes", "work_date", "choice", "note")
# How far a request of so many working hours may reach.
SPAN_DAYS = 62


class AccountLook:
    """Of biometric.cto.account: what it shows. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _clock(self, minutes):
        """`8 h 5 min`, `-1 h 0 min`."""
        hours, rest = divmod(abs(minutes), 60)
        text = self.env._("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)
        return f"-{text}" if minutes < 0 else text

    @api.model
    def _rules_on(self, employee, day):
        """The engine's rule set of a person on a date."""
        person = employee.sudo()
        book = self.env["biometric.rule"].sudo()._book_of(person)
        _id, _name, rules = book.find(person.company_id.id, person.id, person.department_id.id, day)
        return rules

    @api.model
    def _alive(self, employee, kind, day=None, book=None):
        """`(minutes that can be used on a date, (first end, minutes of it) or None)`."""
        company = employee.company_id
        day = day or company._biometric_today()
        book = book or self._look(company, [employee.id], kind)[employee.id]
        if book.flex:
            return book.flex.balance, None
        lots = [lot for lot in book.bank.lots.values() if lot.left and lot.expires_on >= day]
        ends = [lot.expires_on for lot in lots if lot.expires_on != FOREVER]
        first = min(ends, default=None)
        part = sum(lot.left for lot in lots if lot.expires_on == first)
        return available(book.bank, day), (first, part) if first else None

    @api.model
    def _rights(self, employee, company):
        """Rights to time off of a person that are open; none where the rule set opens none."""
        book = self._look(company, employee.ids)[employee.id]
        rights, _closed = open_rights(book, self._rules_on(employee, company._biometric_today()))
        return rights

    @api.model
    def _at_the_limit(self, flex):
        """What is stopped at the red limit, on the side where the account stands."""
        _ = self.env._
        if flex.balance < 0:
            return _(
                "The limit is reached: no more time off can be taken from the account "
                "until time is worked back."
            )
        return {
            "pay_cash": _(
                "The limit is reached: time worked beyond it is not added but paid with "
                "the next payroll file. Plan time off."
            ),
            "forfeit": _(
                "The limit is reached: time worked beyond it is neither added nor paid. "
                "Plan time off."
            ),
            "count": _("The limit is reached. Plan how to reduce the balance."),
        }[flex.rules.flex_beyond_red]

    # ------------------------------------------------------------------ the panel

    @api.model
    def get_panel_data(self, employee_id=None):
        """All that the panel shows of a person's accounts, in one answer; of the reader without a
        number. AccessError for whoever may not see that person."""
        self.check_access("read")
        employee = self.env["hr.employee"].sudo().browse(employee_id or self._own_id()).exists()
        if not employee:
            return {"accounts": [], "name": ""}
        self._check_may_see(employee)
        return {
            "employee_id": employee.id,
            "name": employee.name,
            "is_own": employee.user_id == self.env.user,
            "today": str(employee.company_id._biometric_today()),
            "accounts": [self.sudo()._panel_of(one) for one in self._visible(employee)],
        }

    @api.model
    def _own_id(self):
        return self.env.user.employee_id.id

    @api.model
    def _check_may_see(self, employee):
        """The record rules decide; somebody without an account is judged like their days are."""
        if employee.user_id == self.env.user or self._visible(employee):
            return
        if not employee.with_env(self.env)._biometric_may_see_balance():
            raise AccessError(
                self.env._("You are not allowed to see the time accounts of this person.")
            )

    @api.model
    def _asked(self, employee_id):
        """The employee of a number, where the reader may see their accounts."""
        self.check_access("read")
        employee = self.env["hr.employee"].sudo().browse(employee_id).exists()
        if not employee:
            raise UserError(self.env._("This number does not exist. Open the account again."))
        self._check_may_see(employee)
        # what is asked for is of the company the person is in now
        elsewhere = employee.company_id not in self.env.companies
        if elsewhere and not employee.with_env(self.env)._biometric_may_see_balance():
            raise AccessError(
                self.env._("You are not allowed to see the time accounts of this person.")
            )
        return employee

    @api.model
    def _visible(self, employee):
        return self.search([("employee_id", "=", employee.id)], order="company_id, kind", limit=20)

    def _panel_of(self, account):
        account = account.sudo()
        book = self._books_of(account)
        today = account.company_id._biometric_today()
        rules = self._rules_on(account.employee_id, today)
        bands = dict(self._fields["band"]._description_selection(self.env))
        answer = {
            "id": account.id,
            "kind": account.kind,
            "company": account.company_id.name,
            "balance": account.balance_minutes,
            "owed": account.owed_minutes,
            "band": account.band or False,
            "band_label": bands.get(account.band, ""),
            "entries": [self._entry_words(row) for row in reversed(book.rows[-SHOWN:])],
            "more": max(0, len(book.rows) - SHOWN),
            "lots": [],
            "rights": [],
            "convertible": False,
        }
        book.use_rules(rules)
        if book.flex:
            stopped = self._at_the_limit(book.flex) if account.band == "red" else ""
            answer |= {"stopped": stopped}
        else:
            answer |= self._bank_words(account, book, rules, today)
        return answer

    @api.model
    def _books_of(self, account):
        row = account.read(["head_number", "head_hash", "kind"])[0]
        row |= {"employee_id": account.employee_id.id, "company_id": account.company_id.id}
        return self._books([row], PANEL)[account.employee_id.id]

    def _bank_words(self, account, book, rules, today):
        planned = self._planned(account.employee_id)
        left = (lot for lot in book.bank.lots.values() if lot.left)
        lots = sorted(left, key=lambda lot: lot.order)
        ends = sorted({lot.expires_on for lot in lots if lot.expires_on != FOREVER})
        rights, closed = open_rights(book, rules)
        return {
            "lots": [
                {
                    "source": lot.name,
                    "earned_on": str(lot.earned_on),
                    "expires_on": False if lot.expires_on == FOREVER else str(lot.expires_on),
                    "left": lot.left,
                }
                for lot in lots
            ],
            "losses": [self._loss(book.bank, end, planned, today) for end in ends[:3]],
            "rights": [
                {
                    "opened_on": str(right.opened_on),
                    "last_on": str(right.last_on),
                    "answer_on": str(right.answer_on),
                    "minutes": right.minutes,
                }
                for right in rights
            ],
            "closed": closed,
            "convertible": rules.cto_cash_convertible,
        }

    @staticmethod
    def _loss(bank, end, planned, today):
        """What is lost the day after a lot's end unless more is taken than is planned."""
        _balance, lost = forecast(bank, end + timedelta(days=1), planned)
        return {"date": str(end), "minutes": lost, "days": (end - today).days}

    @api.model
    def _planned(self, employee):
        """`[(source, date, minutes)]` of requests that no approval has debited yet."""
        leaves = (
            self.env["hr.leave"]
            .sudo()
            .search(
                [
                    ("employee_id", "=", employee.id),
                    ("holiday_status_id.biometric_account", "=", "bank"),
                    ("state", "in", ("confirm", "validate1")),
                ],
                limit=200,
            )
        )
        return [
            (one._biometric_source(), one.request_date_from, one._biometric_minutes())
            for one in leaves
        ]

    def _entry_words(self, row):
        labels = dict(
            self.env["biometric.cto.entry"]._fields["kind"]._description_selection(self.env)
        )
        return {
            "id": row["id"],
            "date": str(row["date"]),
            "kind": row["kind"],
            "label": labels[row["kind"]],
            "minutes": row["minutes"],
            "balance": row["balance_minutes"],
            "work_date": str(row["work_date"] or ""),
            "expires_on": str(row["expires_on"] or ""),
            "choice": row["choice"] or "",
            "over": row["over_minutes"] or 0,
            "note": row["note"] or self._reason_words(row),
        }

    def _reason_words(self, row):
        """Why an entry that nobody asked for stands there."""
        _ = self.env._
        words = {
            "red": _("beyond the limit"),
            "expiry": _("its last day has passed"),
            "correction": _("the day was corrected"),
        }
        return words.get(row["reason"] or "", "")

    # ------------------------------------------------------------------ forecast

    @api.model
    def get_forecast(self, employee_id, day):
        """`{"balance", "lost"}` in minutes on a date (text), under planned time off and expiry."""
        employee = self._asked(employee_id)
        then = fields.Date.to_date(day) or date.max
        company = employee.company_id
        book = self.sudo()._look(company, [employee.id])[employee.id]
        book.use_rules(self._rules_on(employee, company._biometric_today()))
        balance, lost = forecast(book.bank, then, self._planned(employee))
        return {"balance": balance, "lost": lost}

    @api.model
    def action_request(self, employee_id, minutes):
        """A request for time off of the right length, ready to be sent: whole working days from
        tomorrow on as far as they go, else hours of the first."""
        employee = self._asked(employee_id)
        company = employee.company_id
        kind = (
            self.env["hr.leave.type"]
            .sudo()
            .search(
                Domain("biometric_account", "=", "bank")
                & Domain("company_id", "in", [False, company.id]),
                limit=1,
            )
        )
        context = {
            "default_employee_id": employee.id,
            "default_holiday_status_id": kind.id,
            **self._span(employee, company._biometric_today() + timedelta(days=1), minutes, kind),
        }
        return {
            "type": "ir.actions.act_window",
            "res_model": "hr.leave",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }

    @api.model
    def _span(self, employee, first, minutes, kind):
        """Dates and hours, as a request of a kind takes them, of at most so many minutes."""
        begin = fields.Datetime.to_datetime(first)
        work = employee._list_work_time_per_day(begin, begin + timedelta(days=SPAN_DAYS))
        due = {day: round(hours * 60) for day, hours in work[employee.id]}
        if kind.request_unit == "day":
            last = first + timedelta(days=SPAN_DAYS - 1)
            due |= self.env["hr.leave"]._biometric_roster_due(employee, first, last)
        days = [(day, length) for day, length in sorted(due.items()) if length]
        if not days:
            return {"default_request_date_from": str(first), "default_request_date_to": str(first)}
        start, last, left = days[0][0], None, minutes
        for day, length in days:
            if left < length:
                break
            last, left = day, left - length
        dates = {
            "default_request_date_from": str(start),
            "default_request_date_to": str(last or start),
        }
        return dates if last else dates | self._hours(employee, start, minutes)

    @api.model
    def _hours(self, employee, day, minutes):
        """The first so many minutes of a working day by its schedule, its breaks left out."""
        lines = employee.resource_calendar_id.attendance_ids.filtered(
            lambda line: line.dayofweek == str(day.weekday()) and line.day_period != "lunch"
        ).sorted("hour_from")
        if not lines:
            return {}
        end = lines[0].hour_from
        for line in lines:
            part = min(minutes, round((line.hour_to - line.hour_from) * 60))
            end, minutes = line.hour_from + part / 60, minutes - part
            if not minutes:
                break
        return {
            "default_request_unit_hours": True,
            "default_request_hour_from": lines[0].hour_from,
            "default_request_hour_to": end,
        }


def open_rights(book, rules):
    """`(rights, minutes still closed)` of a book where the rule set opens rights at a threshold."""
    return rights_of(book.entries, rules) if rules.cto_opens_at_minutes else ([], 0)
