"""Compliance per department: who was late, absent, short of meals or rests, and what is open.

Owns columns and words. Counts come from biometric.sheet, how pages are filled from paper.py.
"""

from odoo import api, models
from odoo.tools import format_date

from .paper import Column, Table

MINUTES = ("worked_minutes", "late_minutes", "early_minutes", "undertime_minutes")
COUNTS = (
    "worked_minutes",
    "late_days",
    "late_minutes",
    "early_days",
    "early_minutes",
    "undertime_minutes",
    "absent_days",
    "meal_days",
    "rest_days",
    "weekly_hours_long",
    "weekly_rest_short",
    "unsettled_days",
)


class CompliancePrint(models.AbstractModel):
    _name = "report.biometric_attendance.compliance"
    _inherit = ["biometric.paper"]
    _description = "Compliance per department"

    @api.model
    def _sheets(self, docids):
        return [
            self._compliance(sheet, *run)
            for sheet in self.env["biometric.sheet"].browse(docids)
            for run in sheet._compliance_runs() or [(self.env.companies, [])]
        ]

    @api.model
    def _compliance(self, sheet, companies, pages):
        _ = self.env._
        columns = self._columns()
        tables = [
            Table(
                columns,
                [self._row(sheet, row["employee"].name, row) for row in rows],
                title=department.complete_name or _("No department"),
                sums=self._row(
                    sheet, _("Total"), {name: sum(row[name] for row in rows) for name in COUNTS}
                ),
            )
            for department, rows in pages
        ]
        period = _(
            "%(first)s to %(last)s",
            first=format_date(self.env, sheet.date_from),
            last=format_date(self.env, sheet.date_to),
        )
        remarks = [] if tables else [_("No days in this period.")]
        return self._sheet(
            ", ".join(companies.sudo().mapped("name")),
            _("Compliance"),
            _("Compliance per department"),
            [period],
            tables,
            remarks=remarks,
        )

    @api.model
    def _columns(self):
        _ = self.env._
        return [
            Column(_("Employee"), 198),
            Column(_("Worked"), 78, True),
            Column(_("Late days"), 58, True),
            Column(_("Late"), 64, True),
            Column(_("Early days"), 60, True),
            Column(_("Left early"), 64, True),
            Column(_("Under"), 64, True),
            Column(_("Absent days"), 70, True),
            Column(_("Meal exceptions"), 82, True),
            Column(_("Short rests"), 60, True),
            Column(_("Long weeks"), 60, True),
            Column(_("Short weekly rests"), 68, True),
            Column(_("Not settled"), 74, True),
        ]

    @api.model
    def _row(self, sheet, name, values):
        return [
            name or "",
            *(
                sheet._hours(values[key]) if key in MINUTES else str(values[key] or "")
                for key in COUNTS
            ),
        ]
