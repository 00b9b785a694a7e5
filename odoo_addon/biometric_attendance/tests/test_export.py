"""Payroll files: a day is paid once, what changed since comes as a difference."""

import base64
import csv
import io
import json
from datetime import date, datetime

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.payroll.biometric_export_make import Parts
from .test_day import MONDAY, DayCase

WEEK = {"date_from": "2026-03-02", "date_to": "2026-03-06"}


@tagged("post_install", "-at_install", "biometric_day")
class TestExport(DayCase):
    def setUp(self):
        super().setUp()
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        self.rebuild()

    def produced(self, how="action_generate", **values):
        export = self.env["biometric.export"].create(WEEK | values)
        getattr(export, how)()
        return export

    @staticmethod
    def lines(export):
        rows = csv.DictReader(io.StringIO(base64.b64decode(export.data).decode()))
        names = ("work_date", "pay_code", "minutes", "kind", "origin_date")
        return [tuple(row[name] for name in names) for row in rows]

    def test_the_same_period_again_is_refused_with_file_date_and_people(self):
        """Turns red when a day of an earlier file can stand in a second one."""
        first = self.produced()
        for values in ({}, {"date_to": "2026-03-31"}):
            draft = self.env["biometric.export"].create(WEEK | values)
            self.assertIn(first.name, draft.earlier_text)
            with self.assertRaisesRegex(
                UserError, f"{first.name}, produced .* people: 1 .Ana Reyes"
            ):
                draft.action_generate()
            with self.assertRaisesRegex(UserError, "Nothing is new or changed"):
                draft.action_generate_changes()

    def test_a_difference_holds_what_is_new_and_what_changed(self):
        """Turns red when a changed day comes whole, or a new one as a difference."""
        first = self.produced()
        self.punch_in("2026-03-03 08:00:00", "2026-03-03 17:00:00", "2026-03-02 12:00:00")
        self.punch_in("2026-03-02 14:30:00")
        self.rebuild()
        self.assertEqual(self.day().worked_minutes, 390)
        second = self.produced("action_generate_changes")
        self.assertEqual(
            self.lines(second),
            [
                ("2026-03-02", "REG", "-90", "correction", "2026-03-02"),
                ("2026-03-03", "REG", "480", "regular", ""),
            ],
        )
        self.assertEqual(
            (second.kind, second.total_minutes, second.complete_days), ("correction", 390, 2)
        )
        with self.assertRaisesRegex(UserError, "Nothing is new or changed"):
            self.produced("action_generate_changes")
        self.assertIn(
            first.name,
            second.with_context(bin_size=False) and base64.b64decode(second.data).decode(),
        )

    def test_all_files_together_pay_what_the_days_say(self):
        """Turns red when a difference is taken from the last file instead of from all."""
        self.produced()
        for wall in ("12:00:00", "13:30:00", "15:00:00", "16:00:00"):
            self.punch_in(f"2026-03-02 {wall}")
            self.rebuild()
            if not self.day().is_blocking:
                self.produced("action_generate_changes")
        paid = sum(self.env["biometric.export"].search([]).mapped("total_minutes"))
        self.assertEqual(paid, self.day().worked_minutes)

    def test_a_rule_set_can_hold_back_what_would_be_taken_back(self):
        """Turns red when `negative_policy` is accepted and ignored, or what is held is not said."""
        self.env["biometric.rule"].create(
            {"name": "Holds", "valid_from": "2026-01-01", "parameters": {"negative_policy": "hold"}}
        )
        self.rebuild()
        self.produced()
        self.punch_in("2026-03-02 14:30:00")
        self.punch_in("2026-03-02 16:00:00")
        self.rebuild()
        self.assertEqual(self.day().worked_minutes, 390)
        with self.assertRaisesRegex(UserError, "90 minutes would be deducted .days: 1."):
            self.produced("action_generate_changes")
        self.punch_in("2026-03-03 08:00:00", "2026-03-03 17:00:00")
        self.rebuild()
        second = self.produced("action_generate_changes")
        self.assertEqual(self.lines(second), [("2026-03-03", "REG", "480", "regular", "")])
        self.assertEqual(second.held_minutes, 90)
        control = json.loads(base64.b64decode(second.control))
        self.assertEqual(control["held_back"], [["B7", "2026-03-02", "REG", -90]])

    def test_what_was_paid_to_a_leaver_is_taken_back(self):
        self.produced()
        self.employee.write(
            {"contract_date_start": "2026-01-01", "contract_date_end": "2026-03-01"}
        )
        self.rebuild()
        self.assertEqual(self.day().status, "outside_employment")
        second = self.produced("action_generate_changes")
        self.assertEqual([line[2] for line in self.lines(second)], ["-480"])

    def vanish(self):
        """Ana's only day becomes somebody else's: her PIN was theirs."""
        newcomer = self.env["hr.employee"].create(
            {
                "name": "Cleo Diaz",
                "date_version": "2026-01-01",
                "resource_calendar_id": self.calendar.id,
                "tz": "Asia/Manila",
                "barcode": "C9",
            }
        )
        self.env["biometric.device.user"]._map_one(self.device, "7", newcomer.id, MONDAY)
        self.employee.write(
            {"contract_date_start": "2026-01-01", "contract_date_end": "2026-03-01"}
        )
        self.rebuild()
        self.assertFalse(self.day())

    def test_a_paid_day_that_is_no_more_is_taken_back_and_paid_to_whose_it_is(self):
        """Turns red when a day that was paid and then vanished, its PIN being somebody else's,
        keeps its pay."""
        self.produced()
        self.vanish()
        second = self.produced("action_generate_changes")
        self.assertEqual(
            sorted(self.lines(second)),
            [
                ("2026-03-02", "REG", "-480", "correction", "2026-03-02"),
                ("2026-03-02", "REG", "480", "regular", ""),
            ],
        )

    def test_what_is_taken_back_has_the_factor_that_it_was_paid_with(self):
        """Turns red when a class that is gone from a day, or a day that is gone, is taken back
        without its factor: a premium was paid at 1.30 and taken back at 1."""
        rule = self.env["biometric.rule"].create(
            {
                "name": "At night",
                "valid_from": "2026-01-01",
                "parameters": {
                    "night_window": ["16:00", "20:00"],
                    "rate_table": {"regular": 130, "night": 25},
                },
            }
        )
        rule.action_adopt()
        self.rebuild()

        def factors(export):
            rows = csv.DictReader(io.StringIO(base64.b64decode(export.data).decode()))
            return [(row["pay_code"], row["minutes"], row["factor"]) for row in rows]

        paid = [("ND", "60", "0.25"), ("REG", "480", "1.30")]
        self.assertEqual(sorted(factors(self.produced())), paid)
        self.punch_in("2026-03-02 15:00:00")
        punch = self.env["biometric.punch"].search([("wall_time", "=", "2026-03-02 17:00:00")])
        self.env["biometric.decision"]._decide(punch, "discard", "not of that day")
        self.rebuild()
        second = self.produced("action_generate_changes")
        self.assertEqual(sorted(factors(second)), [("ND", "-60", "0.25"), ("REG", "-120", "1.30")])
        self.vanish()
        third = sorted(factors(self.produced("action_generate_changes")))
        self.assertEqual([one for one in third if one[1] < "0"], [("REG", "-360", "1.30")])

    def test_what_a_vanished_day_paid_is_held_back_where_the_rule_set_holds(self):
        """Turns red when `negative_policy: hold` is asked of days that are there alone: one that is
        gone would take pay back that the rule set keeps."""
        self.env["biometric.rule"].create(
            {"name": "Holds", "valid_from": "2026-01-01", "parameters": {"negative_policy": "hold"}}
        )
        self.rebuild()
        self.produced()
        self.vanish()
        second = self.produced("action_generate_changes")
        self.assertEqual(self.lines(second), [("2026-03-02", "REG", "480", "regular", "")])
        self.assertEqual(second.held_minutes, 480)
        control = json.loads(base64.b64decode(second.control))
        self.assertEqual(control["held_back"], [["B7", "2026-03-02", "REG", -480]])

    def test_files_of_another_company_neither_stand_in_the_way_nor_are_named(self):
        """Turns red when the look for earlier files forgets whose they are."""
        first = self.produced()
        second = self.env["res.company"].create({"name": "Second"})
        self.env.user.company_ids |= second
        draft = self.env["biometric.export"].create(WEEK | {"company_id": second.id})
        self.assertFalse(draft.earlier_text)
        with self.assertRaisesRegex(UserError, "nobody in Second has a day in this period"):
            draft.action_generate()
        self.assertEqual(len(self.lines(first)), 1)

    def test_a_file_of_nothing_is_not_made_and_says_why(self):
        """Turns red when a period without a payable day becomes an empty file, or the reason is
        not the right one of the two."""
        with self.assertRaisesRegex(UserError, "nobody in .* has a day in this period"):
            self.produced(date_from="2026-02-02", date_to="2026-02-06")
        self.punch_in("2026-03-09 08:00:00")
        self.rebuild()
        days = self.env["biometric.day"].search([("date", ">=", "2026-03-09")])
        self.assertTrue(all(days.mapped("is_blocking")))
        with self.assertRaisesRegex(UserError, f"all days of the period .{len(days)}. are"):
            self.produced(date_from="2026-03-09", date_to="2026-03-13")

    def test_the_people_of_a_file_are_a_list(self):
        """Turns red when the number of people opens other days than those in the file."""
        export = self.produced()
        action = export.action_open_people()
        found = self.env["biometric.export.day"].search(action["domain"])
        self.assertEqual(len(found.employee_id), export.employee_count)
        self.assertEqual(action["context"], {"group_by": "employee_id"})

    def test_a_period_that_is_not_over_is_refused(self):
        """Turns red when today can be in a file, or the day is that of another zone."""
        self.env.company.resource_calendar_id.tz = "Asia/Manila"
        draft = self.env["biometric.export"].create(WEEK)
        refused = self.assertRaisesRegex(UserError, "not over: it ends on 03/06/2026")
        with freeze_time(datetime(2026, 3, 6, 15, 59)), refused:
            draft.action_generate()
        with freeze_time(datetime(2026, 3, 6, 16, 0)):
            draft.action_generate()
        self.assertEqual(draft.state, "done")

    def test_days_left_out_are_a_list_with_names_and_a_way_to_the_day(self):
        self.punch_in("2026-03-03 08:00:00")
        self.rebuild()
        export = self.produced()
        action = export.action_open_left_out()
        left_out = self.env[action["res_model"]].search(action["domain"])
        row = left_out.filtered(lambda one: one.date == date(2026, 3, 3))
        self.assertEqual((row.employee_id, row.date), (self.employee, date(2026, 3, 3)))
        self.assertEqual((row.state, row.status), ("left_out", "pending"))
        self.assertEqual(row.action_open_day()["res_id"], self.day(date(2026, 3, 3)).id)
        held = self.env[action["res_model"]].search(export.action_open_days()["domain"])
        self.assertEqual(held.mapped("total_minutes"), [480])

    def test_two_at_the_same_moment_pay_once(self):
        """Turns red when only the look before the file keeps a day single."""
        first = self.produced()
        second = self.env["biometric.export"].create(WEEK)
        rows = self.env["biometric.export.day"]
        quiet = mute_logger("odoo.sql_db")
        none = self.day().browse()
        parts = Parts(self.day(), self.day(), none, none, [])
        with self.assertRaises(UniqueViolation), quiet, self.env.cr.savepoint():
            rows._note_file(second, parts, [], {})
        paid = rows.search([("export_id", "=", first.id), ("state", "=", "paid")])
        self.assertEqual(paid.mapped("total_minutes"), [480])
        with self.assertRaisesRegex(UserError, "Day of a payroll file cannot be deleted"):
            rows.search([]).unlink()

    def test_files_of_before_are_taken_over_from_their_lines(self):
        """Turns red when an upgrade forgets what earlier files paid."""
        first = self.produced()
        self.env.cr.execute("SET LOCAL biometric.allow_change = 'on'")
        self.env.cr.execute("DELETE FROM biometric_export_day")
        self.env.cr.execute("SET LOCAL biometric.allow_change = ''")
        rows = [(f"{self.employee.id:06d}", "2026-03-02", "REG", "regular", "480")]
        self.env["biometric.export.day"]._take_over(first, rows)
        with self.assertRaisesRegex(UserError, first.name):
            self.produced()
