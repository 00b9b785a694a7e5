"""Shift templates and the roster: who works which shift on which date, before any schedule.

Owns the plan people make by hand. Turning it into shift occurrences is biometric.schedule's part.
"""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...engine import clock_text, make_shift


class BiometricShift(models.Model):
    _name = "biometric.shift"
    _description = "Shift Template"
    _inherit = ["biometric.day.source", "biometric.audited"]
    _order = "company_id, sequence, name"
    _audit_word = "shift"
    _day_fields = ("start", "end", "break_start", "break_end", "break_paid", "name")

    name = fields.Char(required=True)
    code = fields.Char(
        size=8,
        copy=False,
        help="Short name for rosters in files, such as N2 for the second night.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    start = fields.Float(required=True, default=8.0, help="Local time of the employee's zone.")
    end = fields.Float(
        required=True, default=17.0, help="If not after the start: on the following day."
    )
    break_start = fields.Float("Break from")
    break_end = fields.Float("Break to", help="Same as the start: no break.")
    break_paid = fields.Boolean("Paid break")
    duration_minutes = fields.Integer("Working time", compute="_compute_duration_minutes")

    _one_code = models.UniqueIndex(
        "(company_id, lower(code)) WHERE code IS NOT NULL",
        "Another shift of this company has this code.",
    )

    def _audit_subjects(self):
        """Whose roster names the shift."""
        rows = self.env["biometric.roster"].sudo().search([("shift_id", "=", self.id)])
        return set(rows.employee_id.ids)

    @api.depends("start", "end", "break_start", "break_end", "break_paid")
    def _compute_duration_minutes(self):
        for shift in self:
            pause = 0 if shift.break_paid else shift._break_minutes()
            shift.duration_minutes = shift._length_minutes() - pause

    def _length_minutes(self):
        """From its start to its end, breaks included."""
        return (_minutes(self.end) - _minutes(self.start)) % 1440 or 1440

    def _span(self):
        """`(begin, end)` in minutes from midnight of its date; an end after 1440 is on the
        following one."""
        return _minutes(self.start), _minutes(self.start) + self._length_minutes()

    def _break_minutes(self):
        return (_minutes(self.break_end) - _minutes(self.break_start)) % 1440

    @api.constrains("start", "end", "break_start", "break_end")
    def _check_times(self):
        for shift in self:
            times = (shift.start, shift.end, shift.break_start, shift.break_end)
            if any(not 0 <= _minutes(value) <= 1440 for value in times):
                raise ValidationError(
                    self.env._("The times of a shift have to be between 00:00 and 24:00.")
                )
            length = shift._length_minutes()
            begin = (_minutes(shift.break_start) - _minutes(shift.start)) % 1440
            if shift._break_minutes() and begin + shift._break_minutes() > length:
                raise ValidationError(self.env._("The break is outside the shift."))

    def _occurrence(self, zone, day, number):
        """The engine's shift on a date."""
        breaks = []
        if self._break_minutes():
            breaks.append(
                {
                    "start": clock_text(_minutes(self.break_start)),
                    "end": clock_text(_minutes(self.break_end)),
                    "paid": self.break_paid,
                    "mode": "auto_if_not_punched",
                }
            )
        return make_shift(
            zone,
            f"roster-{self.id}/{day.isoformat()}/{number}",
            day,
            clock_text(_minutes(self.start)),
            clock_text(_minutes(self.end)),
            breaks,
        )

    def _mark_days_stale(self):
        self.env["biometric.roster"].search([("shift_id", "in", self.ids)])._mark_days_stale()

    def _hours_text(self):
        """`22:00 – 06:00 +1`, the end on the following date marked."""
        start, end = round(self.start * 60), round(self.end * 60)
        text = f"{start // 60:02d}:{start % 60:02d} – {end // 60:02d}:{end % 60:02d}"
        return f"{text} +1" if end <= start else text


class BiometricRoster(models.Model):
    _name = "biometric.roster"
    _description = "Roster"
    _check_company_auto = True
    _inherit = ["biometric.day.source", "biometric.audited", "biometric.place.period"]
    _order = "date desc, employee_id"
    _rec_name = "display_name"
    _audit_word = "roster"

    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        index=True,
        help="The person's company on that date.",
    )
    department_id = fields.Many2one(related="employee_id.department_id")
    date = fields.Date(required=True, index=True)
    shift_id = fields.Many2one(
        "biometric.shift",
        ondelete="restrict",
        check_company=True,
        help="Empty: a day off, whatever the working schedule says.",
    )

    _one_a_day = models.UniqueIndex(
        "(employee_id, date, (COALESCE(shift_id, 0)))",
        "This person already has this shift on that date.",
    )

    weekday = fields.Char(compute="_compute_weekday")
    hours = fields.Char(compute="_compute_hours")

    def _audit_days(self):
        """A shift of one date can reach into both neighbours."""
        return self.date - timedelta(days=1), self.date + timedelta(days=1)

    @api.model
    def _period_zones(self, _bounds):
        """A plan goes by the date at its company's place."""
        companies = self.env["res.company"].sudo().search([])
        return self._zones_of(companies, lambda one: one._biometric_zone(), "company_id")

    @api.depends("employee_id", "date")
    def _compute_company_id(self):
        people = self.employee_id.sudo()
        belongings = self.env["biometric.employment.company"].sudo()._belongings(people)
        for row in self:
            belonging = belongings.get(row.employee_id.id)
            row.company_id = belonging.company_on(row.date or date.max) if belonging else False

    @api.depends("employee_id", "date", "shift_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = (
                f"{row.employee_id.sudo().name or ''}: {row.shift_id.name or self.env._('day off')}"
            )

    @api.constrains("employee_id", "date", "shift_id")
    def _check_day_off(self):
        self.flush_model(["employee_id", "date", "shift_id"])
        self.env.cr.execute(
            """SELECT employee_id, date FROM biometric_roster
                WHERE (employee_id, date) IN (
                      SELECT employee_id, date FROM biometric_roster WHERE id = ANY(%s))
                GROUP BY employee_id, date
               HAVING count(*) > 1 AND count(shift_id) < count(*)
                ORDER BY date, employee_id LIMIT 1""",
            [self.ids],
        )
        for employee, day in self.env.cr.fetchall():
            raise ValidationError(
                self.env._(
                    "%(employee)s cannot have both a shift and a day off on %(date)s.",
                    employee=self.env["hr.employee"].sudo().browse(employee).name,
                    date=day,
                )
            )

    def _mark_days_stale(self):
        """A shift of one date can reach into both neighbours."""
        pairs = [(row.employee_id.id, row.date) for row in self]
        self.env["biometric.stale.day"]._mark_around(pairs)

    @api.model
    def _bring_in_step(self, wishes):
        """Make the roster say what is wished: `{(employee id, date): shifts}`, where no shifts are
        a day off and None is nothing at all, so that the schedule counts. What is right already
        stays. Returns (rows added, ids of rows that went, rows that stayed)."""
        if not wishes:
            return self.browse(), [], self.browse()
        days = [day for _employee, day in wishes]
        there = self.search(
            [
                ("employee_id", "in", list({employee for employee, _day in wishes})),
                ("date", ">=", min(days)),
                ("date", "<=", max(days)),
            ]
        ).grouped(lambda row: (row.employee_id.id, row.date))
        gone, same, values = self.browse(), self.browse(), []
        for (employee, day), shifts in wishes.items():
            rows = there.get((employee, day), self.browse())
            wanted = set() if shifts is None else set(shifts.ids) or {False}
            right = rows.filtered(lambda row, wanted=wanted: row.shift_id.id in wanted)
            gone |= rows - right
            same |= right
            values += [
                {"employee_id": employee, "date": day, "shift_id": shift}
                for shift in sorted(wanted - {row.shift_id.id for row in right})
            ]
        removed = gone.ids
        gone.unlink()
        return self.create(values), removed, same

    def _note_company(self, company):
        """The person moved from `company`: the row stands in another trail from now on."""
        if self.company_id != company:
            self._audit_move(company, self._audit_values())

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_weekday(self):
        for row in self:
            row.weekday = row.date and format_date(self.env, row.date, date_format="EEE")

    @api.depends("shift_id.start", "shift_id.end")
    @api.depends_context("lang")
    def _compute_hours(self):
        for row in self:
            shift = row.shift_id
            row.hours = shift._hours_text() if shift else self.env._("Day off")


def _minutes(hours):
    return round(hours * 60)
