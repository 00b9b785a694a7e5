"""Shift templates and the roster: who works which shift on which date, before any schedule.

Owns the plan people make by hand. Turning it into shift occurrences is biometric.schedule's part.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine import (
    REST_DAY,
    WORKDAY,
    clock_text,
    make_shift,
)


class BiometricShift(models.Model):
    _name = "biometric.shift"
    _description = "Shift Template"
    _inherit = ["biometric.day.source", "biometric.audited"]
    _order = "company_id, sequence, name"
    _audit_word = "shift"
    _audit_fields = (
        "name",
        "company_id",
        "start",
        "end",
        "break_start",
        "break_end",
        "break_paid",
        "active",
    )
    _day_fields = ("start", "end", "break_start", "break_end", "break_paid", "name")

    name = fields.Char(required=True)
    code = fields.Char(size=8, help="Short name for rosters in files, as N2 for the second night.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    start = fields.Float(required=True, default=8.0, help="Local time of the employee's zone.")
    end = fields.Float(
        required=True, default=17.0, help="Not after the start: on the following day."
    )
    break_start = fields.Float("Break from")
    break_end = fields.Float("Break to", help="The same as its start: no break.")
    break_paid = fields.Boolean("Paid break")
    duration_minutes = fields.Integer("Working time", compute="_compute_duration_minutes")

    _one_code = models.UniqueIndex(
        "(company_id, lower(code)) WHERE code IS NOT NULL",
        "Another shift of this company has this code.",
    )

    @api.depends("start", "end", "break_start", "break_end", "break_paid")
    def _compute_duration_minutes(self):
        for shift in self:
            worked = (_minutes(shift.end) - _minutes(shift.start)) % 1440 or 1440
            pause = 0 if shift.break_paid else shift._break_minutes()
            shift.duration_minutes = worked - pause

    def _break_minutes(self):
        return (_minutes(self.break_end) - _minutes(self.break_start)) % 1440

    @api.constrains("start", "end", "break_start", "break_end")
    def _check_times(self):
        for shift in self:
            times = (shift.start, shift.end, shift.break_start, shift.break_end)
            if any(not 0 <= _minutes(value) <= 1440 for value in times):
                raise ValidationError(self.env._("The times of a shift lie from 00:00 to 24:00."))
            length = (_minutes(shift.end) - _minutes(shift.start)) % 1440 or 1440
            begin = (_minutes(shift.break_start) - _minutes(shift.start)) % 1440
            if shift._break_minutes() and begin + shift._break_minutes() > length:
                raise ValidationError(self.env._("The break lies outside the shift."))

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
        for row in self.env["biometric.roster"].search([("shift_id", "in", self.ids)]):
            row._mark_days_stale()


class BiometricRoster(models.Model):
    _name = "biometric.roster"
    _description = "Roster"
    _check_company_auto = True
    _inherit = ["biometric.day.source", "biometric.audited"]
    _order = "date desc, employee_id"
    _rec_name = "display_name"
    _audit_word = "roster"
    _audit_fields = ("employee_id", "date", "shift_id")

    employee_id = fields.Many2one(
        "hr.employee", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(
        "res.company", related="employee_id.company_id", store=True, index=True
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

    @api.depends("employee_id", "date", "shift_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = (
                f"{row.employee_id.name or ''}: {row.shift_id.name or self.env._('day off')}"
            )

    @api.constrains("employee_id", "date", "shift_id")
    def _check_day_off(self):
        for row in self:
            others = self.search(
                [
                    ("employee_id", "=", row.employee_id.id),
                    ("date", "=", row.date),
                    ("id", "!=", row.id),
                ]
            )
            if others and (not row.shift_id or not all(others.mapped("shift_id"))):
                raise ValidationError(
                    self.env._(
                        "%(employee)s cannot have both a shift and a day off on %(date)s.",
                        employee=row.employee_id.name,
                        date=row.date,
                    )
                )

    def _mark_days_stale(self):
        """A shift of one date can reach into both neighbours."""
        stale = self.env["biometric.stale.day"]
        for row in self:
            stale._mark_existing(
                row.employee_id.ids, row.date - timedelta(days=1), row.date + timedelta(days=1)
            )


class BiometricSchedule(models.AbstractModel):
    _inherit = "biometric.schedule"

    @api.model
    def _apply_roster(self, plans, start, end):
        rows = self.env["biometric.roster"].search(
            [("employee_id", "in", list(plans)), ("date", ">=", start), ("date", "<=", end)],
            order="employee_id, date, id",
        )
        for (employee, day), own in rows.grouped(
            lambda row: (row.employee_id.id, row.date)
        ).items():
            for plan in plans[employee]:
                self._take_roster(plan, day, own.shift_id.sorted("start"))

    def _take_roster(self, plan, day, shifts):
        plan.shifts = [shift for shift in plan.shifts if shift.day != day] + [
            shift._occurrence(plan.zone, day, number) for number, shift in enumerate(shifts, 1)
        ]
        plan.flexible_minutes.pop(day, None)
        plan.day_types[day] = WORKDAY if shifts else REST_DAY
        plan.reasons[day] = self.env._(
            "roster: %s", ", ".join(shifts.mapped("name")) or self.env._("day off")
        )


class BiometricRosterAssign(models.TransientModel):
    _name = "biometric.roster.assign"
    _inherit = ["biometric.employee.choice"]
    _description = "Assign or copy shifts"

    mode = fields.Selection(
        [("assign", "Assign a shift"), ("copy", "Copy a week")], default="assign", required=True
    )
    employee_ids = fields.Many2many("hr.employee", string="Employees", required=True)
    shift_id = fields.Many2one("biometric.shift", help="Empty: days off.")
    date_from = fields.Date(required=True, default=fields.Date.context_today)
    date_to = fields.Date(required=True, default=fields.Date.context_today)
    monday = fields.Boolean(default=True)
    tuesday = fields.Boolean(default=True)
    wednesday = fields.Boolean(default=True)
    thursday = fields.Boolean(default=True)
    friday = fields.Boolean(default=True)
    saturday = fields.Boolean()
    sunday = fields.Boolean()
    source_week = fields.Date("A date of the week to copy", default=fields.Date.context_today)
    replace = fields.Boolean("Replace what is there", default=True)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for wizard in self:
            if wizard.date_to < wizard.date_from:
                raise ValidationError(self.env._("The dates end before they begin."))
            if (wizard.date_to - wizard.date_from).days > 366:
                raise ValidationError(self.env._("At most one year at a time."))

    def action_apply(self):
        """Write the roster rows; returns the roster of these dates."""
        self.ensure_one()
        rows = self._assigned() if self.mode == "assign" else self._copied()
        roster = self.env["biometric.roster"]
        existing = roster.search(
            [
                ("employee_id", "in", self.employee_ids.ids),
                ("date", "in", sorted({row["date"] for row in rows})),
            ]
        )
        if self.replace:
            existing.unlink()
        else:
            taken = {(row.employee_id.id, row.date) for row in existing}
            rows = [row for row in rows if (row["employee_id"], row["date"]) not in taken]
        roster.create(rows)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_roster_action"
        )
        return action | {
            "domain": [
                ("employee_id", "in", self.employee_ids.ids),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
            ]
        }

    def _dates(self):
        wanted = [
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        ]
        span = (self.date_to - self.date_from).days + 1
        days = [self.date_from + timedelta(days=number) for number in range(span)]
        return days if self.mode == "copy" else [day for day in days if wanted[day.weekday()]]

    def _assigned(self):
        return [
            {"employee_id": employee.id, "date": day, "shift_id": self.shift_id.id}
            for employee in self.employee_ids
            for day in self._dates()
        ]

    def _copied(self):
        """The pattern of the source week, repeated over the dates, weekday by weekday."""
        monday = self.source_week - timedelta(days=self.source_week.weekday())
        source = self.env["biometric.roster"].search(
            [
                ("employee_id", "in", self.employee_ids.ids),
                ("date", ">=", monday),
                ("date", "<", monday + timedelta(days=7)),
            ]
        )
        pattern = source.grouped(lambda row: (row.employee_id.id, row.date.weekday()))
        return [
            {"employee_id": employee.id, "date": day, "shift_id": row.shift_id.id}
            for employee in self.employee_ids
            for day in self._dates()
            for row in pattern.get((employee.id, day.weekday()), ())
        ]


def _minutes(hours):
    return round(hours * 60)
