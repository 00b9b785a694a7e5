"""How days read on screen, the ways from a day to its punches, and whom a dialog may name."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..models.mixins.biometric_words import day_words, span_words
from .test_day import MONDAY, DayCase

HR = "base.group_user,biometric_attendance.group_hr_officer"


@tagged("post_install", "-at_install", "biometric_day")
class TestScreenTexts(DayCase):
    def test_clock_times_are_those_of_the_employees_zone_whoever_reads(self):
        """Red if the reader's zone is used, or a night's end loses its date."""
        shift = self.env["biometric.shift"].create({"name": "Night", "start": 22, "end": 6})
        self.env["biometric.roster"].create(
            {"employee_id": self.employee.id, "date": MONDAY, "shift_id": shift.id}
        )
        self.punch_in("2026-03-02 21:58:00", "2026-03-03 06:02:00")
        self.rebuild()
        self.env.user.tz = "America/New_York"
        day = self.day()
        texts = (day.weekday, day.in_clock, day.out_clock)
        clean = [text.replace("\u202f", " ") for text in texts]
        self.assertEqual(clean, ["Mon", "9:58 PM", "6:02 AM +1"])
        self.assertEqual(day.calendar_title, "Ana Reyes 8:04")

    @freeze_time("2026-06-01")
    def test_a_date_says_its_year_where_it_matters(self):
        """Red when a screen shows a date of another year without it, or every date with it.
        tests/owl/format_test.ts expects the same words of TypeScript."""
        self.env.user.tz = "Asia/Manila"
        day, last = date(2026, 3, 2), date(2025, 12, 31)
        self.assertEqual(day_words(self.env, day), "Mar 2")
        self.assertEqual(day_words(self.env, day, weekday=True), "Mon, Mar 2")
        self.assertEqual(day_words(self.env, last), "Dec 31, 2025")
        self.assertEqual(day_words(self.env, last, weekday=True), "Wed, Dec 31, 2025")
        self.assertEqual(span_words(self.env, last, day), "Dec 31, 2025 – Mar 2")
        self.assertEqual(day_words(self.env, False), "")
        self.env["res.lang"]._activate_lang("es_ES")
        self.assertEqual(day_words(self.env(context={"lang": "es_ES"}), day), "2 mar")

    def test_a_day_without_work_shows_its_status(self):
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, MONDAY)])
        day = self.day()
        self.assertEqual((day.in_clock, day.out_clock), (False, False))
        self.assertIn(day.status, ("pending", "absent"))
        self.assertEqual(day.calendar_title, f"Ana Reyes {day.status.capitalize()}")

    def test_a_day_leads_to_its_own_punches_and_no_others(self):
        """Red if a punch that was left out of the day, or one of the next day, is confused."""
        self.punch_in(
            "2026-03-02 08:00:00",
            "2026-03-02 08:00:09",
            "2026-03-02 17:00:00",
            "2026-03-03 08:00:00",
        )
        self.rebuild()
        action = self.day().action_open_punches()
        punches = self.env["biometric.punch"].search(action["domain"], order="wall_time")
        self.assertEqual(
            punches.mapped("wall_time"),
            ["2026-03-02 08:00:00", "2026-03-02 08:00:09", "2026-03-02 17:00:00"],
        )
        self.assertEqual(punches.mapped("key_pressed"), ["In (0)", "Out (1)", "In (0)"])

    def test_filters_of_a_chief_find_the_team_the_department_and_the_unmapped(self):
        """Red if a filter takes in the chief's own days, or people of another department."""
        chief = new_test_user(
            self.env, "screen_chief", "base.group_user,biometric_attendance.group_approver"
        )
        office, plant = self.env["hr.department"].create([{"name": "Office"}, {"name": "Plant"}])
        own = self.make_employee("Chief", "20", user_id=chief.id, department_id=office.id)
        ben = self.make_employee("Ben", "21", parent_id=own.id, department_id=plant.id)
        self.env["biometric.day.rebuild"].sudo()._rebuild(
            [(person.id, MONDAY) for person in own | ben]
        )
        days = self.env["biometric.day"].with_user(chief)
        for name, people in (
            ("in_my_team", ben),
            ("in_my_department", own),
            ("is_unmapped", self.env["hr.employee"]),
        ):
            self.assertEqual(days.search([(name, "=", True)]).sudo().employee_id, people, name)
            others = days.search([(name, "=", False)])
            self.assertEqual(others, days.search([]) - days.search([(name, "=", True)]), name)
            self.assertEqual(days.search([]).filtered(name).sudo().employee_id, people, name)
        ben.sudo().biometric_user_ids.employee_id = False
        self.assertEqual(days.search([("is_unmapped", "=", True)]).sudo().employee_id, ben)

    def test_employees_are_named_in_dialogs_without_rights_in_employees(self):
        """What the form sends, an empty list too. Red without biometric.employee.choice."""
        officer = new_test_user(self.env, "dialog_hr", HR)
        everybody = new_test_user(
            self.env, "dialog_own", "base.group_user,biometric_attendance.group_employee"
        )
        empty, one = [Command.set([])], [Command.link(self.employee.id)]
        for user, model, values in (
            (everybody, "biometric.sheet", {}),
            (officer, "biometric.trial", {"kind": "rule"}),
            (officer, "biometric.roster.assign", {}),
            (officer, "biometric.rule", {"name": "Named", "state": "draft"}),
        ):
            with self.subTest(model):
                records = self.env[model].with_user(user)
                record = records.create({**values, "employee_ids": empty})
                self.assertFalse(record.env.su)
                record.write({"employee_ids": one})
                self.assertEqual(record.sudo().employee_ids, self.employee)

    def test_nobody_is_named_whom_the_reader_may_not_see(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.env["hr.employee"].create({"name": "Stranger", "company_id": other.id})
        officer = new_test_user(self.env, "stranger_hr", HR)
        rules = self.env["biometric.rule"].with_user(officer)
        with self.assertRaises(AccessError):
            rules.create({"name": "X", "employee_ids": [Command.link(stranger.id)]})
        rule = rules.create({"name": "X"})
        with self.assertRaises(AccessError):
            rule.write({"employee_ids": [Command.set(stranger.ids)]})
        with self.assertRaises(ValueError):
            rule.write({"employee_ids": [Command.create({"name": "Made up"})]})
