"""Files of payroll programs: numbers of people, codes, what a correction tells, and their proof."""

import base64
import json
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .test_day import DayCase

WEEK = {"date_from": "2026-03-02", "date_to": "2026-03-06"}
CODES = {"REG": "200", "OT": "210"}


@tagged("post_install", "-at_install", "biometric_day")
class TestPayrollProgram(DayCase):
    def setUp(self):
        super().setUp()
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 18:00:00")
        self.rebuild()
        self.numbers = self.env["biometric.payroll.number"]
        self.lodas = self.profile(
            "lodas_stunden", CODES, company_code="10042", second_code="1234567"
        )

    def profile(self, program, codes, columns=None, **values):
        columns = columns or {}
        return self.env["biometric.payroll.profile"].create(
            {
                "name": f"Our {program}",
                "program": program,
                "code_ids": [
                    (0, 0, {"pay_code": ours, "text": theirs, "column": columns.get(ours, "extra")})
                    for ours, theirs in codes.items()
                ],
                **values,
            }
        )

    def number(self, number, employee=None, **values):
        person = employee or self.employee
        return self.numbers.create({"employee_id": person.id, "number": number, **values})

    def produced(self, profile, how="action_generate", **values):
        export = self.env["biometric.export"].create(WEEK | {"profile_id": profile.id} | values)
        getattr(export, how)()
        return export

    @staticmethod
    def text(export, encoding="cp1252"):
        return base64.b64decode(export.with_context(bin_size=False).program_data).decode(encoding)

    # ------------------------------------------------------------------ numbers

    def test_nobody_without_a_number_is_left_out(self):
        """Turns red when a person whom the program does not know is dropped from its file, or
        told by the number of a database row."""
        self.employee.barcode = False
        with self.assertRaisesRegex(UserError, "have no payroll number: Ana Reyes"):
            self.produced(self.lodas)
        self.employee.barcode = "118"
        export = self.produced(self.lodas)
        self.assertIn("1;01.03.2026;200;118;8,00;", self.text(export))

    def test_the_number_that_was_given_goes_before_the_badge(self):
        self.employee.barcode = "118"
        self.number("00042")
        self.assertIn(";00042;8,00;", self.text(self.produced(self.lodas)))

    def test_the_number_of_the_dates_is_told(self):
        """Turns red when a number holds before or after its dates."""
        self.number("1", valid_to="2026-02-28")
        self.number("2", valid_from="2026-03-01", valid_to="2026-03-31")
        self.number("3", valid_from="2026-04-01")
        people, _salaried = self.numbers._people(self.env.company, self.employee, date(2026, 3, 6))
        self.assertEqual(people[self.employee.id].number, "2")

    def test_two_people_with_one_number_are_refused(self):
        """Turns red when two people can be paid as one: by their rows, or by row and badge."""
        other = self.env["hr.employee"].create({"name": "Bea Cruz"})
        self.number("42")
        with self.assertRaisesRegex(
            ValidationError, "42 is already the payroll number of Ana Reyes"
        ):
            self.number("42", other)
        with self.assertRaisesRegex(ValidationError, "has the payroll number 42 on these dates"):
            self.number("43")

    def test_a_badge_that_is_another_persons_number_is_refused(self):
        other = self.env["hr.employee"].create({"name": "Bea Cruz", "barcode": "42"})
        self.number("42")
        export = self.env["biometric.export"].create(WEEK | {"profile_id": self.lodas.id})
        with self.assertRaisesRegex(UserError, r"share a payroll number.*Ana Reyes \(42\)"):
            export._check_numbers(
                self.employee | other,
                self.numbers._people(self.env.company, self.employee | other, date(2026, 3, 6))[0],
            )

    def test_another_companys_program_has_numbers_of_its_own(self):
        """Turns red when a number that one company uses is refused in another, whose program knows
        other people."""
        other = self.env["res.company"].create({"name": "Other"})
        self.number("42")
        self.number("42", self.env["hr.employee"].create({"name": "Bea"}), company_id=other.id)
        self.number("43", company_id=other.id)
        numbers = self.numbers.search([("number", "in", ("42", "43"))])
        self.assertEqual(len(numbers), 3)

    def test_who_left_keeps_the_number_that_a_file_told_last(self):
        """Turns red when a badge that was taken back refuses the correction of whoever left."""
        self.employee.barcode = "118"
        self.produced(self.lodas)
        self.employee.barcode = False
        self.punch_in("2026-03-02 19:00:00", "2026-03-02 20:00:00")
        self.rebuild()
        text = self.text(self.produced(self.lodas, "action_generate_changes"))
        self.assertIn(";210;118;1,00;", text)

    # ------------------------------------------------------------------ the file

    def test_a_pay_code_without_a_code_of_the_program_refuses_the_file(self):
        """Turns red when minutes without a code are dropped."""
        self.number("42")
        self.lodas.code_ids.filtered(lambda code: code.pay_code == "OT").unlink()
        with self.assertRaisesRegex(
            UserError, "No file for Our lodas_stunden: OT: these pay codes have no code"
        ):
            self.produced(self.lodas)
        self.assertFalse(
            self.env["biometric.export"].search([("state", "=", "done")]), "a file was kept"
        )

    def test_the_control_record_names_the_file_and_what_to_add_up(self):
        """Turns red when the file is not in the digest chain, or its hours are not said."""
        self.number("42")
        export = self.produced(self.lodas)
        control = json.loads(base64.b64decode(export.with_context(bin_size=False).control))
        said = control["program"]
        self.assertEqual(
            (said["profile"], said["version"], said["filename"]),
            ("lodas_stunden", self.lodas.version, export.program_filename),
        )
        self.assertEqual((said["hours_of_file"], said["hours_of_total"]), ("9.00", "9.00"))
        self.assertIn("each rounded once", said["add_up"])

    def test_the_regular_hours_of_salaried_people_can_be_left_out(self):
        self.number("42", is_salaried=True)
        self.lodas.salaried = "drop"
        text = self.text(self.produced(self.lodas))
        self.assertNotIn(";200;42;", text)
        self.assertIn(";210;42;1,00;", text)

    def test_a_correction_tells_the_difference_where_the_program_adds(self):
        self.number("42")
        self.produced(self.lodas)
        self.punch_in("2026-03-02 19:00:00")
        self.punch_in("2026-03-02 20:00:00")
        self.rebuild()
        export = self.produced(self.lodas, "action_generate_changes")
        self.assertIn(";210;42;1,00;", self.text(export))
        self.assertNotIn(";200;42;", self.text(export))

    def test_a_correction_tells_all_where_the_program_replaces(self):
        """Turns red when a program that overwrites gets the difference alone and pays only that."""
        self.number("AB12CD", first_name="Ana", last_name="Reyes")
        gusto = self.profile("gusto", {"REG": "", "OT": ""}, {"REG": "regular", "OT": "overtime"})
        self.produced(gusto)
        self.punch_in("2026-03-02 19:00:00")
        self.punch_in("2026-03-02 20:00:00")
        self.rebuild()
        text = self.text(self.produced(gusto, "action_generate_changes"), "utf-8")
        self.assertIn("Reyes,Ana,,AB12CD,8.00,2.00,", text)

    def test_hours_that_came_to_nothing_are_taken_back_where_the_program_replaces(self):
        """Turns red when a blank leaves the overtime that an earlier file wrote."""
        self.number("AB12CD", first_name="Ana", last_name="Reyes")
        gusto = self.profile("gusto", {"REG": "", "OT": ""}, {"REG": "regular", "OT": "overtime"})
        self.produced(gusto)
        held = self.env["biometric.export.day"].search(
            [("employee_id", "=", self.employee.id), ("state", "=", "paid")]
        )
        self.assertEqual(held.filtered("minutes").minutes["OT|overtime"], 60)
        self.punch_in("2026-03-02 16:00:00")
        self.punch_in("2026-03-02 17:00:00")
        self.rebuild()
        self.assertFalse(self.day().overtime_minutes)
        text = self.text(self.produced(gusto, "action_generate_changes"), "utf-8")
        self.assertRegex(text, r"Reyes,Ana,,AB12CD,\d\.\d\d,0\.00,")

    # ------------------------------------------------------------------ profile

    def test_a_program_brings_the_pay_codes_and_the_preview_says_what_is_missing(self):
        """Turns red when the form does not show at once what a file would be."""
        self.employee.barcode = "118"
        self.produced(self.env["biometric.payroll.profile"])
        form = Form(self.env["biometric.payroll.profile"])
        form.name = "Datev"
        form.program = "lug_month"
        form.company_code = "10042"
        form.second_code = "1234567"
        self.assertIn("these pay codes have no code", form.preview)
        # banked time that is paid has a code too
        self.assertEqual(form.save().code_ids[-1].pay_code, "CTO")
        with form.code_ids.edit(0) as line:
            self.assertEqual(line.pay_code, "REG")
            line.text = "200"
        with form.code_ids.edit(1) as line:
            line.text = "210"
        self.assertIn("118;200;;;8,00;;;;", form.preview)
        profile = form.save()
        before = profile.version
        profile.code_ids[0].text = "201"
        self.assertGreater(profile.version, before)

    def test_a_file_of_datev_begins_as_the_form_says(self):
        """Turns red when the choice does not reach preview and file, asks for numbers that the
        file does not hold, or stays behind as a column of another program."""
        self.employee.barcode = "118"
        self.produced(self.env["biometric.payroll.profile"])
        form = Form(self.env["biometric.payroll.profile"])
        form.name, form.program = "Datev", "lug_month"
        for place, text in enumerate(("200", "210")):
            with form.code_ids.edit(place) as line:
                line.text = text
        form.first_line = "headings"
        self.assertRegex(form.preview, r"PersNr;Lohnart;.*\n118;200;;;8,00;")
        form.first_line = "none"
        self.assertRegex(form.preview, r"txt\n\n118;200;;;8,00;")
        profile = form.save()
        profile.invalidate_recordset()
        self.assertEqual((profile.first_line, profile.columns), ("none", "first_line=none"))
        version = profile.version
        with Form(profile) as form:
            form.first_line = "headings"
        self.assertGreater(profile.version, version)
        entries = self.env["biometric.audit"].search([("action", "like", "payroll_profile.%")])
        self.assertTrue([one for one in entries if "first_line=headings" in str(one.after)])
        with self.assertRaisesRegex(ValidationError, "“all”: a file starts with client, headings"):
            profile.columns = "first_line=all"
        profile.columns = "first_line=headings"
        with Form(profile) as form:
            form.program = "silae"
            self.assertFalse(form.columns)
            form.columns = "Mat=matricule"
        self.assertEqual((profile.first_line, profile.columns), ("client", "Mat=matricule"))

    def test_before_there_is_a_file_the_preview_is_of_last_months_days(self):
        """Turns red when whoever sets a program up sees what a file would be only after the first
        one was made."""
        self.employee.barcode = "118"
        with freeze_time("2026-04-10 04:00:00"):
            form = Form(self.env["biometric.payroll.profile"])
            form.name = "Sage"
            form.program = "sage_ie"
            self.assertIn("these pay codes have no code", form.preview)
            for place, text in enumerate(("1", "3")):
                with form.code_ids.edit(place) as line:
                    line.text = text
            self.assertIn("2,118,1,,,8.00,", form.preview)
        with freeze_time("2026-06-10 04:00:00"):
            form = Form(self.env["biometric.payroll.profile"])
            form.program = "sage_ie"
            self.assertIn("no payroll file and no day of last month", form.preview)
        self.assertFalse(self.env["biometric.export"].search([]))

    def test_a_profile_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        profile = self.lodas.copy({"company_id": other.id})
        with self.assertRaisesRegex(ValidationError, "another company's payroll program"):
            self.env["biometric.export"].create(WEEK | {"profile_id": profile.id})

    def test_the_verifier_misses_and_finds_a_changed_file(self):
        """A62 Turns red when the program's file can be another than the one that was made."""
        self.number("42")
        export = self.produced(self.lodas)
        check = self.env["biometric.audit.check"]
        checked = check._begin(self.env.company, "the program's file")
        while checked._step():
            pass
        places = (
            self.env["biometric.audit.finding"]
            .search([])
            .filtered(lambda finding: export.name in (finding.place or ""))
        )
        self.assertFalse(places)
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "biometric.export"), ("res_field", "=", "program_data")]
        )
        with self.assertRaisesRegex(UserError, "payroll file cannot be changed"):
            attachment.write({"raw": b"1;01.03.2026;200;42;99,00;\r\n"})
