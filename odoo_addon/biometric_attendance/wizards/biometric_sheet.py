"""What is printed of days: the month sheet of a person and the compliance report of departments.

Owns the choice of dates and people and what the two pages show. Computes no time of its own.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import blocks_pay

SUMS = (
    "scheduled_minutes",
    "worked_minutes",
    "leave_minutes",
    "late_minutes",
    "early_leave_minutes",
    "undertime_minutes",
    "overtime_minutes",
    "doubletime_minutes",
    "rest_day_minutes",
    "rest_day_overtime_minutes",
    "holiday_minutes",
    "holiday_overtime_minutes",
    "overtime_unapproved_minutes",
    "night_minutes",
)
FINDINGS = ("meal_missing", "meal_short", "meal_late", "daily_rest_short")
WEEK_FINDINGS = ("weekly_hours_long", "weekly_rest_short")


class BiometricSheet(models.TransientModel):
    _name = "biometric.sheet"
    _inherit = ["biometric.dialog", "biometric.employee.choice"]
    _description = "Month sheets and compliance"

    kind = fields.Selection(
        [("month", "Month sheet per employee"), ("compliance", "Compliance per department")],
        default="month",
        required=True,
    )
    date_from = fields.Date("From", required=True, default=lambda s: s._last_month()[0])
    date_to = fields.Date("To", required=True, default=lambda s: s._last_month()[1])
    # Who left stays in the list: hidden, a list of leavers alone would be empty and mean everybody.
    employee_ids = fields.Many2many(
        "hr.employee",
        string="Employees",
        context={"active_test": False},
        help="Empty: everybody whose days you may see.",
    )
    department_ids = fields.Many2many(
        "hr.department", string="Departments", context={"active_test": False}
    )

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for sheet in self:
            if not 0 <= (sheet.date_to - sheet.date_from).days <= 366:
                raise ValidationError(self.env._("Choose between one day and one year."))

    def action_print(self):
        self.check_access("write")
        return self._report(self.kind).report_action(self)

    def action_show(self):
        """The same pages in the browser, where no PDF can be made."""
        self.check_access("write")
        report = self._report(self.kind)
        return {
            "type": "ir.actions.act_url",
            "url": f"/report/html/{report.report_name}/{self.id}",
            "target": "new",
        }

    @api.model
    def _report(self, kind):
        return self.env.ref(f"biometric_attendance.biometric_sheet_report_{kind}")

    # ------------------------------------------------------------------ what the pages ask

    def _days(self):
        """Days the reader may see: their own, their team's or everybody's."""
        domain = [("date", ">=", self.date_from), ("date", "<=", self.date_to)]
        if self.employee_ids:
            domain.append(("employee_id", "in", self.employee_ids.ids))
        if self.department_ids:
            domain.append(("department_id", "child_of", self.department_ids.ids))
        return self.env["biometric.day"].search(domain, order="company_id, employee_id, date")

    def _month_pages(self):
        """`[(employee, days, sums)]`, company by company: who moved has a sheet of each. Sums by
        field name."""
        return [
            (employee, days, {name: sum(days.mapped(name)) for name in SUMS})
            for own in self._days().grouped("company_id").values()
            for employee, days in own.grouped("employee_id").items()
        ]

    def _compliance_runs(self):
        """`[(company, pages)]`: what one company is shown holds nobody of another."""
        return [
            (company, self._compliance_pages(days))
            for company, days in self._days().grouped("company_id").items()
        ]

    def _compliance_pages(self, found):
        """`[(department, [row])]` of these days of one company, a row of counts and minutes per
        employee."""
        pages = []
        weeks = self._week_findings(found)
        for department, days in found.grouped("department_id").items():
            rows = [
                self._compliance_row(employee, own)
                | {
                    name: sum(
                        week.kind == name and week.department_id == department
                        for week in weeks.get(employee, ())
                    )
                    for name in WEEK_FINDINGS
                }
                for employee, own in days.grouped("employee_id").items()
            ]
            pages.append((department, sorted(rows, key=lambda row: row["employee"].name or "")))
        return sorted(pages, key=lambda page: page[0].complete_name or "")

    def _week_findings(self, days):
        """`{employee: findings}` of the weeks that begin within the dates, of whom and of the
        company that these days are of."""
        return (
            self.env["biometric.week.finding"]
            .search(
                [
                    ("employee_id", "in", days.employee_id.ids),
                    ("company_id", "in", days.company_id.ids),
                    ("week_start", ">=", self.date_from),
                    ("week_start", "<=", self.date_to),
                ]
            )
            .grouped("employee_id")
        )

    @api.model
    def _compliance_row(self, employee, days):
        codes = [code for day in days for code in (day.exceptions or "").split()]
        return {
            "employee": employee,
            "late_days": sum(bool(day.late_minutes) for day in days),
            "late_minutes": sum(days.mapped("late_minutes")),
            "early_days": sum(bool(day.early_leave_minutes) for day in days),
            "early_minutes": sum(days.mapped("early_leave_minutes")),
            "undertime_minutes": sum(days.mapped("undertime_minutes")),
            "absent_days": sum(day.status == "absent" for day in days),
            "unsettled_days": sum(blocks_pay(day.status) for day in days),
            "meal_days": sum(codes.count(code) for code in FINDINGS[:3]),
            "rest_days": codes.count("daily_rest_short"),
            "worked_minutes": sum(days.mapped("worked_minutes")),
        }

    @api.model
    def _hours(self, minutes):
        """Minutes as people read them: 8:05, and nothing for none."""
        if not minutes:
            return ""
        sign = "-" if minutes < 0 else ""
        return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"

    @api.model
    def _local(self, day, name):
        """Clock time in the zone the day was computed in."""
        zone = (day.derivation or {}).get("zone") or "UTC"
        moment = day[name]
        if not moment:
            return ""
        local = fields.Datetime.context_timestamp(self.with_context(tz=zone), moment)
        after = (local.date() - day.date).days
        return local.strftime("%H:%M") + (f" {after:+d}" if after else "")

    @api.model
    def _status(self, day):
        names = self.env["biometric.day"]._fields["status"]._description_selection(self.env)
        return dict(names).get(day.status, "")
