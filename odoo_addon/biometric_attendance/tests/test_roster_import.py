"""A roster from a file: whole or not at all, faults by line, and the plan that is given out."""

import base64
import io
from datetime import date

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .test_day import MONDAY, DayCase

TUESDAY = date(2026, 3, 3)


@tagged("post_install", "-at_install", "biometric_day")
class TestRosterImport(DayCase):
    def setUp(self):
        super().setUp()
        shifts = self.env["biometric.shift"]
        self.early = shifts.create({"name": "Early", "code": "E", "start": 6.0, "end": 14.0})
        self.night = shifts.create({"name": "Night", "code": "N2", "start": 22.0, "end": 6.0})
        self.employee.barcode = "0041"
        self.ben = self.make_employee("Ben Cruz", "8")
        # no rights in Employees: what the role is given by this addon must be enough
        self.officer = new_test_user(
            self.env, "roster_hr", "base.group_user,biometric_attendance.group_hr_officer"
        )

    def upload(self, text, **values):
        data = text if isinstance(text, bytes) else text.encode()
        wizard = self.env["biometric.roster.import"].with_user(self.officer)
        wizard = wizard.create({"data": base64.b64encode(data), "file_name": "r.csv", **values})
        wizard.action_import()
        return wizard

    def rows(self):
        people = self.employee | self.ben
        found = self.env["biometric.roster"].search([("employee_id", "in", people.ids)])
        return sorted((row.employee_id.name, row.date, row.shift_id.code or "off") for row in found)

    def test_rows_resolve_badge_name_code_and_day_off(self):
        """Red if a badge, a name, a code, a shift's name or OFF is no longer understood."""
        wizard = self.upload(
            "employee;date;shift\n0041;2026-03-02;N2\nben cruz;2026-03-02;early\n"
            "Ben Cruz;03/03/2026;OFF\n"
        )
        self.assertFalse(wizard.faults)
        self.assertEqual(
            self.rows(),
            [
                ("Ana Reyes", MONDAY, "N2"),
                ("Ben Cruz", MONDAY, "E"),
                ("Ben Cruz", TUESDAY, "off"),
            ],
        )
        self.assertEqual((wizard.added_count, wizard.employee_count), (3, 2))

    def test_faults_are_told_by_line_and_nothing_is_imported(self):
        """Red if a line's number is off by one, or if the good lines are kept."""
        twin = self.make_employee("Ben Cruz", "9")
        wizard = self.upload(
            "employee,date,shift\n"
            "0041,2026-03-02,E\n"
            "\n"
            "0041,2026-03-03,N3\n"
            "Nobody Here,2026-03-03,E\n"
            "Ben Cruz,2026-03-03,E\n"
            "0041,yesterday,E\n"
            "0041,2026-03-02,OFF\n"
            "0041,2026-03-04,\n"
        )
        self.assertEqual(
            wizard.faults.split("\n"),
            [
                "line 4: no shift 'N3'",
                "line 5: no employee 'Nobody Here'",
                "line 6: several employees are called 'Ben Cruz': use the badge",
                "line 7: no date 'yesterday'",
                "line 8: 0041 on 2026-03-02 is already in line 2",
                "line 9: no shift; write OFF for a day off",
            ],
        )
        self.assertEqual((self.rows(), wizard.state), ([], "choose"))
        self.assertTrue(twin.exists())

    def test_a_plan_replaces_what_differs_and_leaves_the_rest(self):
        roster = self.env["biometric.roster"]
        kept, gone, untouched = roster.create(
            [
                {"employee_id": self.employee.id, "date": MONDAY, "shift_id": self.early.id},
                {"employee_id": self.employee.id, "date": TUESDAY, "shift_id": self.early.id},
                {"employee_id": self.ben.id, "date": TUESDAY, "shift_id": self.early.id},
            ]
        )
        wizard = self.upload(
            "Employee,Name,2026-03-02,2026-03-03\n0041,ANA  reyes,E,N2\nBen Cruz,,OFF,\n"
        )
        self.assertEqual((wizard.added_count, wizard.removed_count, wizard.same_count), (2, 1, 1))
        for way, number in (("added", 2), ("replaced", 1), ("same", 1)):
            action = getattr(wizard, f"action_open_{way}")()
            shown = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(len(shown), number, way)
            if way == "replaced":
                self.assertEqual(shown.res_id, gone.id)
        shown = roster.search(wizard.action_open_employees()["domain"])
        self.assertEqual(len(shown.employee_id), wizard.employee_count)
        self.assertTrue(kept.exists() and untouched.exists())
        self.assertFalse(gone.exists())
        self.assertEqual(
            self.rows(),
            [
                ("Ana Reyes", MONDAY, "E"),
                ("Ana Reyes", TUESDAY, "N2"),
                ("Ben Cruz", MONDAY, "off"),
                ("Ben Cruz", TUESDAY, "E"),
            ],
        )

    def test_two_shifts_of_one_date_are_taken_the_same_twice_is_a_fault(self):
        self.upload("employee,date,shift\n0041,2026-03-02,E\n0041,2026-03-02,N2\n")
        self.assertEqual(self.rows(), [("Ana Reyes", MONDAY, "E"), ("Ana Reyes", MONDAY, "N2")])
        wizard = self.upload("employee,date,shift\n0041,2026-03-02,E\n0041,2026-03-02,E\n")
        self.assertIn("line 3", wizard.faults)

    def test_what_is_no_roster_is_refused_whole(self):
        for text in (
            b"",
            b"name,shift\nAna,E\n",
            b"employee,monday\n0041,E\n",
            b"employee,date,shift\n",
            b"employee,date,shift\n\xff\xfe,2026-03-02,E\n",
            b'employee,date,shift\n"0041,2026-03-02,E\n',
            b"employee,date,shift\n" + b"0" * (2 * 1024 * 1024),
        ):
            with self.subTest(text[:40]), self.assertRaisesRegex(UserError, "roster|assignment"):
                self.upload(text)
        self.assertEqual(self.rows(), [])

    def test_the_plan_given_out_can_be_given_back(self):
        """Red if the plan names somebody or a shift as the import does not understand it."""
        self.ben.write({"name": "=Ben", "barcode": False})
        roster = self.env["biometric.roster"]
        for shift in (self.night, self.early):
            roster.create({"employee_id": self.ben.id, "date": MONDAY, "shift_id": shift.id})
        wizard = self.env["biometric.roster.import"].with_user(self.officer)
        wizard = wizard.create({"week_of": TUESDAY})
        plan = base64.b64decode(wizard.template).decode("utf-8-sig")
        self.assertEqual(wizard.template_name, "roster-2026-03-02.csv")
        self.assertTrue(plan.startswith("employee,name,2026-03-02,2026-03-03,"))
        self.assertIn("\r\n'0041,Ana Reyes,,", plan)
        self.assertIn("\r\n'=Ben,'=Ben,E+N2,", plan)
        again = self.upload(plan)
        self.assertEqual((again.faults, again.same_count, again.added_count), (False, 2, 0))
        self.upload(plan.replace("'0041,Ana Reyes,,", "'0041,Ana Reyes,E,"))
        self.assertIn(("Ana Reyes", MONDAY, "E"), self.rows())

    def test_zeros_that_a_spreadsheet_took_away(self):
        """Turns red when 17 for badge 0017 is refused, or somebody who has badge 17 gets the shift
        of the one named in the line."""
        self.employee.barcode = "0017"
        wizard = self.upload("employee,date,shift\n17,2026-03-02,E\n")
        self.assertFalse(wizard.faults)
        self.assertEqual(self.rows(), [("Ana Reyes", MONDAY, "E")])
        self.ben.barcode = "17"
        plan = "employee,name,2026-03-03\n{},{},N2\n"
        self.assertFalse(self.upload(plan.format("17", "Ana Reyes")).faults)
        self.assertEqual(self.rows()[-1], ("Ana Reyes", TUESDAY, "N2"))
        self.assertFalse(self.upload(plan.format("17", "ben cruz")).faults)
        self.assertEqual(self.rows()[-1], ("Ben Cruz", TUESDAY, "N2"))
        self.assertEqual(
            self.upload("employee,date,shift\n17,2026-03-04,E\n").faults,
            "line 2: '17' is the badge of Ben Cruz or Ana Reyes, ignoring zeros: "
            "spreadsheets remove leading zeros; add the name next to it",
        )
        self.assertEqual(
            self.upload(plan.format("0017", "Ben Cruz")).faults,
            "line 2: badge 0017 is Ana Reyes, but the line names Ben Cruz",
        )

    def test_the_workbook_keeps_zeros_and_comes_back(self):
        """Turns red when the plan as a workbook writes a badge as a number, or is not taken."""
        self.employee.barcode = "0017"
        wizard = self.env["biometric.roster.import"].with_user(self.officer)
        wizard = wizard.create({"week_of": TUESDAY})
        data = base64.b64decode(wizard.sheet)
        book = openpyxl.load_workbook(io.BytesIO(data))
        sheet = book.active
        cell = next(one for one in sheet["A"] if one.value == "0017")
        self.assertEqual((cell.data_type, cell.number_format), ("s", "@"))
        sheet.cell(cell.row, 3, "N2")
        out = io.BytesIO()
        book.save(out)
        self.assertFalse(self.upload(out.getvalue()).faults)
        self.assertEqual(self.rows(), [("Ana Reyes", MONDAY, "N2")])
        with self.assertRaisesRegex(UserError, "damaged"):
            self.upload(data[:300])

    def test_two_shifts_of_a_company_cannot_share_a_code(self):
        shifts = self.env["biometric.shift"]
        with self.assertRaises(Exception) as raised, self.env.cr.savepoint():
            shifts.create({"name": "Other", "code": "n2"})
            self.env.flush_all()
        self.assertIn("one_code", str(raised.exception))

    def test_only_hr_may_import(self):
        chief = new_test_user(self.env, "roster_chief", "biometric_attendance.group_approver")
        with self.assertRaises(AccessError):
            self.env["biometric.roster.import"].with_user(chief).create({})
