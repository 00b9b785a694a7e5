"""Time off that is taken out of a time account: asked for, debited on approval, given back.

Owns which minutes a request asks for on which date, and when the account moves. Whether it may,
the engine says; what the roster makes of it, leave_roster.py; the request itself is Odoo's.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ...engine import dates_between
from .leave_roster import LeaveRoster

# What a person says about refusing: the law asks whether it was more than inconvenient.
REASONS = [
    ("disrupts", "Operations would be unduly disrupted"),
    ("staffing", "Too few people that day"),
    ("notice", "Requested too late"),
    ("other", "Another reason"),
]
# A change of these changes what the account holds.
_TAKEN = {"state", "request_date_from", "request_date_to", "date_from", "date_to", "employee_id"}
_TAKEN |= {"holiday_status_id", "request_hour_from", "request_hour_to"}
_TAKEN |= {"request_date_from_period", "request_date_to_period", "number_of_hours"}


class HrLeave(LeaveRoster, models.Model):
    _inherit = "hr.leave"

    biometric_account = fields.Selection(related="holiday_status_id.biometric_account")
    biometric_balance_text = fields.Char(
        "Balance on that day", compute="_compute_biometric_balance_text"
    )
    biometric_refusal = fields.Selection(REASONS, "Reason for refusal", readonly=True, copy=False)
    biometric_refusal_text = fields.Char("Refusal explained", readonly=True, copy=False)
    biometric_granted_at = fields.Datetime("Granted", readonly=True, copy=False)

    @api.depends(
        "employee_id", "request_date_from", "request_date_to", "holiday_status_id", "state"
    )
    def _compute_biometric_balance_text(self):
        for leave in self:
            leave.biometric_balance_text = False
            if leave.biometric_account and leave.employee_id and leave.request_date_from:
                leave.biometric_balance_text = leave.sudo()._biometric_balance_words()

    def _biometric_balance_words(self):
        """The balance at the date of the leave, and what of it ends next."""
        account = self.env["biometric.cto.account"]
        day = self.request_date_from
        minutes, ends = account._alive(self.employee_id, self.biometric_account, day)
        words = account._clock(minutes)
        if rostered := self._biometric_rostered():
            words = self.env._(
                "%(time)s; by the roster this time off takes %(asked)s",
                time=words,
                asked=account._clock(self._biometric_minutes(rostered)),
            )
        if not ends:
            return words
        return self.env._(
            "%(time)s, of which %(part)s can be used until %(date)s",
            time=words,
            part=account._clock(ends[1]),
            date=format_date(self.env, ends[0]),
        )

    # ------------------------------------------------------------------ what it asks for

    def _biometric_days(self):
        """`(first date, [minutes of each date from then on])` that the request takes: of a date on
        the person's roster what is due there, of others what their schedule says; a date between on
        which nothing is due has 0. Half days, hours and part-timers are what their schedule makes
        of them. No minutes where the roster says that nothing is due."""
        self.ensure_one()
        dates = self._biometric_dates()
        found = rostered = self._biometric_rostered()
        if len(rostered) < len(dates):
            found = self._biometric_scheduled()
            self._biometric_check_hours(sum(found[day] for day in dates))
            found = found | rostered
        least = 0 if rostered else 1
        while len(dates) > least and not found[dates[0]]:
            dates.pop(0)
        while len(dates) > least and not found[dates[-1]]:
            dates.pop()
        return (dates or self._biometric_dates())[0], [found[day] for day in dates]

    def _biometric_dates(self):
        return dates_between(self.request_date_from, self.request_date_to)

    def _biometric_scheduled(self):
        """`{date: minutes}` that the request takes by the person's schedule, as Odoo counts them;
        0 for others."""
        if self.request_date_from == self.request_date_to:
            return {self.request_date_from: round(self.number_of_hours * 60)}
        calendar = self.resource_calendar_id
        found = defaultdict(int)
        per_day = self.employee_id._list_work_time_per_day(
            self.date_from, self.date_to, domain=self._biometric_others(), calendar=calendar
        )
        for day, hours in per_day[self.employee_id.id]:
            found[day] += round(hours * 60)
        return found

    def _biometric_check_hours(self, minutes):
        """Whether the dates are the hours that Odoo shows."""
        total = round(self.number_of_hours * 60)
        if minutes != total:
            clock = self.env["biometric.cto.account"]._clock
            raise UserError(
                self.env._(
                    "The hours of this time off (%(total)s) do not match its days "
                    "(%(days)s). Request each part separately.",
                    total=clock(total),
                    days=clock(minutes),
                )
            )

    def _biometric_others(self):
        """Absences that shorten a day besides this one, as Odoo counts them."""
        return [
            ("time_type", "=", "leave"),
            ("company_id", "in", [False, self.employee_id.company_id.id]),
            "|",
            ("holiday_id", "=", False),
            ("holiday_id", "not in", self.ids),
        ]

    def _biometric_source(self):
        return f"leave:{self.id}"

    def _check_validity(self):
        result = super()._check_validity()
        for leave in self.filtered(
            lambda one: one.biometric_account and one.state in ("confirm", "validate1")
        ):
            leave.sudo()._biometric_check_cover()
        return result

    def _biometric_check_cover(self):
        """Whether the account covers it at its date, beside what was asked for earlier."""
        account = self.env["biometric.cto.account"]
        book = account._look(self.employee_id.company_id, [self.employee_id.id], self._kind())
        book = book[self.employee_id.id]
        if book.holds(self._biometric_source()):
            return  # on its way back from approved: what it took returns with the state
        earlier = self.search(
            [
                ("employee_id", "=", self.employee_id.id),
                ("holiday_status_id.biometric_account", "=", self.biometric_account),
                ("state", "in", ("confirm", "validate1")),
                ("id", "<", self.id),
            ],
            order="id",
        )
        for leave in earlier:
            leave._biometric_take(book)
        if refusal := self._biometric_take(book):
            self.env["biometric.cto.refusal"]._keep(self, refusal)
            raise ValidationError(self._biometric_words(refusal, book))

    def _kind(self):
        return self.biometric_account or self.holiday_status_id.biometric_account

    def _biometric_take(self, book):
        """Post the request into a book; the name of what stands against it, or an empty text."""
        first, days = self._biometric_days()
        if not days:
            return ""
        asked = self.create_date.date() if self.create_date else fields.Date.today()
        today = self.employee_id.company_id._biometric_today()
        book.use_rules(self.env["biometric.cto.account"]._rules_on(self.employee_id, first))
        source = self._biometric_source()
        if book.flex:
            refusal = book.flex.use(source, first, sum(days), max(today, book.last_date or today))
        else:
            refused = len(book.bank.refused)
            posted = max(today, book.last_date or today)
            per_day = days if len(days) > 1 else None
            # what is entered afterwards gave no notice, whoever entered it
            noticed = asked if first >= today else None
            late = first < today and self._biometric_was_late(first)
            book.bank.use(source, first, sum(days), per_day, noticed, posted, late)
            new = book.bank.refused[refused:]
            refusal = new[0][1] if new else ""
        if not refusal:
            facts = {"leave_number": self.id, "use_date": first, "requested_on": asked}
            book.note(source, facts)
        return refusal

    def _biometric_was_late(self, day):
        """Whether the person came late or left early on a day that is over."""
        found = (
            self.env["biometric.day"]
            .sudo()
            .search([("employee_id", "=", self.employee_id.id), ("date", "=", day)], limit=1)
        )
        return bool(found.worked_minutes and (found.late_minutes or found.early_leave_minutes))

    def _biometric_words(self, refusal, book):
        """What stands against a request, and what to do about it."""
        _ = self.env._
        account = self.env["biometric.cto.account"]
        first, days = self._biometric_days()
        minutes, _ends = account._alive(self.employee_id, self._kind(), first, book)
        words = {
            "insufficient": _(
                "%(who)s has %(there)s available on %(day)s, but this time off takes "
                "%(asked)s. Request less time or a later date.",
                who=self.employee_id.name,
                there=account._clock(minutes),
                day=format_date(self.env, first),
                asked=account._clock(sum(days)),
            ),
            "block": _(
                "According to the rule set this time off can only be taken in whole "
                "blocks; %s is not one.",
                ", ".join(account._clock(day) for day in days if day),
            ),
            "consecutive_days": _(
                "The rule set allows fewer consecutive days; this request is for %s.",
                len([day for day in days if day]),
            ),
            "lateness": _(
                "According to the rule set this time off cannot make up for late arrival."
            ),
            "notice": _("According to the rule set this time off has to be requested earlier."),
            "not_open": _(
                "The minutes required before time off can be taken have not been reached yet."
            ),
        }
        return words[refusal]

    # ------------------------------------------------------------------ approval and return

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves.filtered(lambda one: one.state == "validate")._biometric_debit()
        return leaves

    def write(self, vals):
        if not _TAKEN & set(vals):
            return super().write(vals)
        before = {leave.id: leave._biometric_taken() for leave in self.sudo()}
        result = super().write(vals)
        for leave in self.sudo():
            old, new = before[leave.id], leave._biometric_taken()
            if old != new:
                if old:
                    leave._biometric_give_back(old)
                if new:
                    leave._biometric_debit()
        return result

    def unlink(self):
        for leave in self.sudo():
            if taken := leave._biometric_taken():
                leave._biometric_give_back(taken)
        return super().unlink()

    def _biometric_taken(self):
        """What an approved request takes of which account, for comparison; None of others."""
        self.ensure_one()
        if self.state != "validate" or not self._kind():
            return None
        first, days = self._biometric_days()
        return self.employee_id, self._kind(), first, tuple(days)

    def _biometric_debit(self):
        account = self.env["biometric.cto.account"].sudo()
        for leave in self.sudo().filtered(lambda one: one._kind()):
            employee = leave.employee_id
            book = account._open(employee.company_id, [employee.id], leave._kind())[employee.id]
            if book.holds(leave._biometric_source()):
                continue
            book.use_rules(account._rules_on(employee, employee.company_id._biometric_today()))
            band = book.flex and book.band
            if refusal := leave._biometric_take(book):
                self.env["biometric.cto.refusal"]._keep(leave, refusal)
                raise UserError(leave._biometric_words(refusal, book))
            account._write_down([book])
            leave.biometric_granted_at = fields.Datetime.now()
            if book.flex:
                flex = self.env["biometric.cto.flex"].sudo()
                flex._tell(employee.company_id, employee.id, band, book)

    def _biometric_give_back(self, taken):
        """What was taken returns to the same lots."""
        employee, kind, first, _days = taken
        account = self.env["biometric.cto.account"].sudo()
        book = account._open(employee.company_id, [employee.id], kind)[employee.id]
        source = self._biometric_source()
        if not book.holds(source):
            return
        today = employee.company_id._biometric_today()
        today = max(today, book.last_date or today)
        book.use_rules(account._rules_on(employee, today))
        (book.bank or book.flex).cancel_use(source, today)
        note = dict(REASONS).get(self.biometric_refusal)
        book.note(source, {"leave_number": self.id, "use_date": first, "note": note})
        account._write_down([book])

    def _get_leaves_on_public_holiday(self):
        """Whom the roster expects on a date without hours by the schedule does take time off."""
        found = super()._get_leaves_on_public_holiday()
        return found.filtered(
            lambda one: not (one.biometric_account and any(one._biometric_rostered().values()))
        )

    def action_refuse(self):
        """Refusing time off out of a time account needs a reason: a dialog asks for it."""
        silent = self.filtered(lambda one: one.biometric_account and not one.biometric_refusal)
        if silent:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Reason for refusal"),
                "res_model": "biometric.cto.refuse",
                "view_mode": "form",
                "target": "new",
                "context": {"default_leave_ids": self.ids},
            }
        return super().action_refuse()
