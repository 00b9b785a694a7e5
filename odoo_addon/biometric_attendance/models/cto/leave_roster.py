"""What the roster makes of time off out of a time account: what is due on its dates, and what
follows where the roster of approved time off changes.

Owns the minutes of dates on the roster and the change of a debit. Which dates changed, whoever
changed them says (biometric_roster.py); what a date's plan is says biometric.schedule.
"""

from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...engine import WORKDAY, change_use
from ...engine import intervals as iv


class LeaveRoster:
    """Of hr.leave: what the roster makes of it. Mixed into its one class."""

    __slots__ = ()

    # ------------------------------------------------------------------ what is due

    def _biometric_rostered(self):
        """`{date: minutes due}` of the dates of whole days that are on the person's roster; nothing
        of half days and hours. The same minutes as the day counts as leave."""
        self.ensure_one()
        if self.request_unit_half or self.request_unit_hours:
            return {}
        person = self.sudo().employee_id._origin
        first, last = self.request_date_from, self.request_date_to
        if not (person and first and last):
            return {}
        return self._biometric_roster_due(person, first, last, self.ids)

    @api.model
    def _biometric_roster_due(self, person, first, last, without=()):
        """`{date: minutes due}` of the dates of a person that are on the roster; without: ids of
        requests that are looked at."""
        domain = [("employee_id", "in", person.ids), ("date", ">=", first), ("date", "<=", last)]
        rows = self.env["biometric.roster"].sudo()._read_group(domain, ["date:day"])
        if not rows:
            return {}
        schedule = self.env["biometric.schedule"].sudo()
        plans = schedule._plans(person, first, last, without)[person.id]
        return {day: self._biometric_due(plans, day) for (day,) in rows}

    @api.model
    def _biometric_due(self, plans, day):
        """Minutes of work that a plan has on a date, less other time off; none on rest days, public
        holidays and outside employment."""
        plan = next((one for one in plans if one.holds(day)), plans[-1])
        if plan.day_types.get(day, WORKDAY) != WORKDAY or plan.is_outside(day):
            return 0
        due = iv.merge(piece for shift in plan.shifts if shift.day == day for piece in shift.due)
        others = iv.merge((leave.start, leave.end) for leave in plan.leaves)
        return iv.total(iv.subtract(due, others)) // 60

    def _biometric_minutes(self, rostered=None):
        """All that the request takes, as it is shown; rostered: what the roster says, once read."""
        rostered = self._biometric_rostered() if rostered is None else rostered
        if not rostered:
            return round(self.number_of_hours * 60)
        dates, found = self._biometric_dates(), rostered
        if len(rostered) < len(dates):
            found = self._biometric_scheduled() | rostered
        return sum(found[day] for day in dates)

    # ------------------------------------------------------------------ the roster changes

    @api.model
    def _biometric_follow_roster(self, dates):
        """The plan of `{(employee id, date)}` changed: approved time off takes what is due now."""
        if not dates:
            return
        days = [day for _employee, day in dates]
        leaves = self.sudo().search(
            Domain("employee_id", "in", sorted({employee for employee, _day in dates}))
            & Domain("holiday_status_id.biometric_account", "!=", False)
            & Domain("state", "=", "validate")
            & Domain("request_unit_half", "=", False)
            & Domain("request_unit_hours", "=", False)
            & Domain("request_date_from", "<=", max(days))
            & Domain("request_date_to", ">=", min(days)),
            order="employee_id, request_date_from, id",
        )
        for leave in leaves:
            own = {(leave.employee_id.id, day) for day in leave._biometric_dates()} & dates
            if own:
                leave._biometric_change_debit(min(day for _employee, day in own))

    def _biometric_change_debit(self, day):
        """Take what is due now instead of what was taken. day: the first date that changed."""
        account = self.env["biometric.cto.account"].sudo()
        employee, source = self.employee_id, self._biometric_source()
        company = self._biometric_debited_company()
        book = account._open(company, [employee.id], self._kind())[employee.id]
        first, days = self._biometric_days()
        today = company._biometric_today()
        posted = max(today, book.last_date or today)
        book.use_rules(account._rules_on(employee, today))
        band = book.flex and book.band
        stored = len(book.entries)
        if book.flex:
            book.use_rules(account._rules_on(employee, first))
            done = book.flex.change_use(source, first, days, posted)
        else:
            done = change_use(book.bank, source, first, days, posted)
        if not done:
            raise UserError(self._biometric_roster_words(book, day, first, sum(days)))
        if len(book.entries) == stored:
            return
        note = self.env._("The roster of its dates was changed")
        book.note(source, {"leave_number": self.id, "use_date": first, "note": note})
        account._write_down([book])
        if book.flex:
            self.env["biometric.cto.flex"].sudo()._tell(company, employee.id, band, book)

    def _biometric_debited_company(self):
        """The company out of whose account it was taken; the person's where nothing was."""
        entry = self.env["biometric.cto.entry"].sudo()
        taken = entry.search(
            [
                ("employee_id", "=", self.employee_id.id),
                ("source", "=", self._biometric_source()),
                ("account_id.kind", "=", self._kind()),
            ],
            order="id desc",
            limit=1,
        )
        return taken.company_id or self.employee_id.company_id

    def _biometric_roster_words(self, book, day, first, asked):
        """Why a roster cannot be, and what to do about it."""
        account = self.env["biometric.cto.account"]
        there, _ends = account._alive(self.employee_id, self._kind(), first, book)
        held = book.held(self._biometric_source())
        return self.env._(
            "%(who)s has approved time off on %(day)s that is taken out of a time account. With "
            "this roster it takes %(asked)s, but %(there)s is available. Refuse the time off first "
            "or plan another shift.",
            who=self.employee_id.name,
            day=format_date(self.env, day),
            asked=account._clock(asked),
            there=account._clock(there + held),
        )
