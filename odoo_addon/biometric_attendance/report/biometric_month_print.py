"""The month sheet of a person, which both sides sign: a line per day, sums, what is open.

Owns columns and words. Days and sums come from biometric.sheet, how pages are filled from paper.py.
"""

from odoo import api, models
from odoo.tools import format_date

from .paper import Column, Table

OVERTIME = (
    "overtime_minutes",
    "doubletime_minutes",
    "rest_day_overtime_minutes",
    "holiday_overtime_minutes",
)
# Minutes of a day in the order of the columns; a tuple is added up.
MINUTES = (
    ("scheduled_minutes",),
    ("worked_minutes",),
    ("leave_minutes",),
    ("late_minutes",),
    ("early_leave_minutes",),
    ("undertime_minutes",),
    OVERTIME,
    ("night_minutes",),
)


class MonthPrint(models.AbstractModel):
    _name = "report.biometric_attendance.month_sheet"
    _inherit = ["biometric.paper"]
    _description = "Month sheet"

    @api.model
    def _sheets(self, docids):
        return [
            self._month(sheet, *page)
            for sheet in self.env["biometric.sheet"].browse(docids)
            for page in sheet._month_pages() or [()]
        ]

    @api.model
    def _month(self, sheet, employee=None, days=None, sums=None):
        _ = self.env._
        period = _(
            "%(first)s to %(last)s",
            first=format_date(self.env, sheet.date_from),
            last=format_date(self.env, sheet.date_to),
        )
        if not employee:
            companies = ", ".join(self.env.companies.mapped("name"))
            return self._sheet(
                companies, _("Month sheet"), _("No days in this period."), [period], []
            )
        table = Table(
            self._columns(),
            [self._row(sheet, day) for day in days],
            sums=[_("Total"), "", "", "", *self._minutes(sheet, sums), ""],
        )
        return self._sheet(
            days[-1].company_id.sudo().name,
            _("Month sheet"),
            employee.name,
            [days[-1].department_id.name, period],
            [table],
            remarks=self._remarks(sheet, days, sums),
            signatures=[_("Employee, date"), _("Approved, date")],
        )

    @api.model
    def _columns(self):
        _ = self.env._
        return [
            Column(_("Date"), 146),
            Column(_("Status"), 100),
            Column(_("In"), 52),
            Column(_("Out"), 74),
            Column(_("Due"), 64, True),
            Column(_("Worked"), 72, True),
            Column(_("Leave"), 60, True),
            Column(_("Late"), 54, True),
            Column(_("Early"), 54, True),
            Column(_("Undertime"), 74, True),
            Column(_("Overtime"), 70, True),
            Column(_("Night"), 56, True),
            Column(_("Exceptions"), 124, is_apart=True),
        ]

    @api.model
    def _row(self, sheet, day):
        return [
            f"{day.weekday} {format_date(self.env, day.date)}",
            f"{sheet._status(day)} *" if day.self_approved else sheet._status(day),
            sheet._local(day, "first_in_at"),
            sheet._local(day, "last_out_at"),
            *self._minutes(sheet, day),
            day.exception_text or "",
        ]

    @api.model
    def _minutes(self, sheet, values):
        """Hours as printed, of a day or of sums by field name."""
        return [sheet._hours(sum(values[name] for name in names)) for names in MINUTES]

    @api.model
    def _remarks(self, sheet, days, sums):
        _ = self.env._
        remarks = []
        if sums["overtime_unapproved_minutes"]:
            hours = sheet._hours(sums["overtime_unapproved_minutes"])
            remarks.append(
                _("Overtime to approve: %s; it is included in Worked, not in Overtime.", hours)
            )
        blocking = len(days.filtered("is_blocking"))
        if blocking:
            remarks.append(_("Not settled, days not payable yet: %s.", blocking))
        if own := len(days.filtered("self_approved")):
            remarks.append(
                _(
                    "* Self-approved: days that depend on a decision the employee made alone: %s.",
                    own,
                )
            )
        rules = ", ".join(sorted(set(days.mapped("rule_name")) - {False}))
        remarks.append(
            _(
                "Times in the employee's time zone; +1: on the following date. Due: "
                "planned minutes. Counted by: %s.",
                rules,
            )
        )
        return remarks
