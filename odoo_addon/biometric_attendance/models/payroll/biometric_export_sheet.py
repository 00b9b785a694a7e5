"""A payroll file for people: a workbook of its lines and of its sums, with names. Payroll numbers
and names are text cells, hours real numbers; nothing in it is a formula.

Owns that workbook alone. What the lines are, the file's bytes say.
"""

import csv
import io
from collections import Counter
from datetime import date

import xlsxwriter

PLAIN = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


class PeopleSheet:
    """Of biometric.export: its workbook for people. Mixed into its one class."""

    __slots__ = ()

    def action_sheet(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/biometric_attendance/payroll/{self.id}",
            "target": "download",
        }

    def _sheet(self):
        """`(name, bytes)` of the workbook; a look of an auditor is written down."""
        self.ensure_one()
        self.check_access("read")
        self._write_down_download()
        rows = list(csv.DictReader(io.StringIO(self._bytes("data").decode())))
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, PLAIN)
        forms = {
            "head": book.add_format({"bold": True}),
            "hours": book.add_format({"num_format": "0.00"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        names = self._names_by_number()
        self._sheet_lines(book.add_worksheet(self.env._("Lines")), forms, rows, names)
        self._sheet_sums(book.add_worksheet(self.env._("Totals")), forms, rows, names)
        book.set_properties({"title": self.name, "comments": f"SHA-256 {self.sha256}"})
        book.close()
        return f"{self.name}.xlsx", out.getvalue()

    def _names_by_number(self):
        """`{number in the file: name}`; by ours in files of before payroll numbers stood there."""
        people = self.env["hr.employee"].sudo().with_context(active_test=False)
        self.env.cr.execute(
            """SELECT DISTINCT COALESCE(payroll_number, lpad(employee_id::text, 6, '0')),
                      employee_id
                 FROM biometric_export_day WHERE export_id = %s""",
            (self.id,),
        )
        return {number: people.browse(one).name or "" for number, one in self.env.cr.fetchall()}

    def _sheet_lines(self, sheet, forms, rows, names):
        _ = self.env._
        head = [_("Payroll number"), _("Name"), _("Date"), _("Pay code"), _("Hours"), _("Minutes")]
        sheet.write_row(0, 0, [*head, _("Kind"), _("From file"), _("Dated")], forms["head"])
        for place, row in enumerate(rows, 1):
            sheet.write_string(place, 0, row["employee_id"])
            sheet.write_string(place, 1, names.get(row["employee_id"], ""))
            if row["work_date"]:
                day = date.fromisoformat(row["work_date"])
                sheet.write_datetime(place, 2, day, forms["date"])
            sheet.write_string(place, 3, row["pay_code"])
            if row["hours"]:
                sheet.write_number(place, 4, float(row["hours"]), forms["hours"])
            sheet.write_number(place, 5, int(row["minutes"]))
            for column, name in enumerate(("kind", "origin_batch", "origin_date"), 6):
                sheet.write_string(place, column, row[name])
        sheet.autofilter(0, 0, max(1, len(rows)), 8)
        sheet.freeze_panes(1, 0)

    def _sheet_sums(self, sheet, forms, rows, names):
        """Per person and pay code, to compare with what the payroll program shows."""
        _ = self.env._
        hundredths, minutes = Counter(), Counter()
        for row in rows:
            key = (row["employee_id"], row["pay_code"])
            hundredths[key] += round(float(row["hours"] or 0) * 100)
            minutes[key] += int(row["minutes"])
        head = [
            _("Payroll number"),
            _("Name"),
            _("Pay code"),
            _("Hours of the lines"),
            _("Minutes"),
        ]
        sheet.write_row(0, 0, head, forms["head"])
        for place, (number, code) in enumerate(sorted(minutes), 1):
            sheet.write_string(place, 0, number)
            sheet.write_string(place, 1, names.get(number, ""))
            sheet.write_string(place, 2, code)
            sheet.write_number(place, 3, hundredths[number, code] / 100, forms["hours"])
            sheet.write_number(place, 4, minutes[number, code])
        sheet.freeze_panes(1, 0)
