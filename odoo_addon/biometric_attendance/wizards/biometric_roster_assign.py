"""Dialog that writes many roster rows at once: one shift over dates, or a week copied on.

Owns which rows are meant. What a row may be is the roster's own check.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class BiometricRosterAssign(models.TransientModel):
    _name = "biometric.roster.assign"
    _inherit = ["biometric.dialog", "biometric.employee.choice"]
    _description = "Assign or copy shifts"

    mode = fields.Selection(
        [("assign", "Assign a shift"), ("copy", "Copy a week")], default="assign", required=True
    )
    employee_ids = fields.Many2many(
        "hr.employee", string="Employees", required=True, context={"active_test": False}
    )
    shift_id = fields.Many2one("biometric.shift", help="Empty: days off.")
    date_from = fields.Date(
        "From", required=True, default=lambda self: self.env.company._biometric_today()
    )
    date_to = fields.Date(
        "To", required=True, default=lambda self: self.env.company._biometric_today()
    )
    monday = fields.Boolean(default=True)
    tuesday = fields.Boolean(default=True)
    wednesday = fields.Boolean(default=True)
    thursday = fields.Boolean(default=True)
    friday = fields.Boolean(default=True)
    saturday = fields.Boolean()
    sunday = fields.Boolean()
    source_week = fields.Date(
        "A date of the week to copy", default=lambda self: self.env.company._biometric_today()
    )
    replace = fields.Boolean("Replace existing", default=True)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for wizard in self:
            if wizard.date_to < wizard.date_from:
                raise ValidationError(self.env._("The dates end before they start."))
            if (wizard.date_to - wizard.date_from).days > 366:
                raise ValidationError(self.env._("At most one year at a time."))

    def action_apply(self):
        """Bring the roster in step; returns the roster of these dates. What would change nothing
        is refused with the reason, and the dialog stays."""
        self.ensure_one()
        self.check_access("write")
        wishes = self._assigned() if self.mode == "assign" else self._copied()
        if not wishes:
            raise UserError(self._why_nothing())
        roster = self.env["biometric.roster"]
        if not self.replace:
            taken = roster.search(
                [
                    ("employee_id", "in", self.employee_ids.ids),
                    ("date", "in", sorted({day for _employee, day in wishes})),
                ]
            )
            for row in taken:
                wishes.pop((row.employee_id.id, row.date), None)
        added, removed, _same = roster._bring_in_step(wishes)
        if not added and not removed:
            raise UserError(self._why_same(wishes))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_roster_action"
        )
        return action | {
            "views": [(False, "calendar"), (False, "list")],
            "domain": [
                ("employee_id", "in", self.employee_ids.ids),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
            ],
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
        return {
            (employee.id, day): self.shift_id
            for employee in self.employee_ids
            for day in self._dates()
        }

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
        return {
            (employee.id, day): pattern[employee.id, day.weekday()].shift_id
            for employee in self.employee_ids
            for day in self._dates()
            if (employee.id, day.weekday()) in pattern
        }

    def _why_nothing(self):
        if self.mode == "copy":
            return self.env._(
                "Nothing was changed: in the week of %s none of these people is on the roster. "
                "Choose a week that has one.",
                format_date(self.env, self.source_week),
            )
        return self.env._(
            "Nothing was changed: none of the weekdays you ticked lies between these dates."
        )

    def _why_same(self, wishes):
        if not wishes:
            return self.env._(
                "Nothing was changed: all of these dates already have a roster entry. "
                "Tick Replace existing to change them."
            )
        return self.env._("Nothing was changed: the roster already says so on all of these dates.")
