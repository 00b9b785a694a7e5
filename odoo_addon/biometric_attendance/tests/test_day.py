"""Days in Odoo: from sightings to a stored day and a payroll file, and who may see them."""

import base64
import csv
import io
from datetime import date, datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import AddonCase, Lane

MONDAY = date(2026, 3, 2)


class DayCase(AddonCase, TransactionCase):
    """One branch in Manila with one terminal and one employee on a 40-hour schedule."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Office hours",
                "tz": "Asia/Manila",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"{weekday} {start}",
                                "dayofweek": str(weekday),
                                "hour_from": start,
                                "hour_to": end,
                                "day_period": period,
                            }
                        )
                        for weekday in range(5)
                        for start, end, period in (
                            (8, 12, "morning"),
                            (12, 13, "lunch"),
                            (13, 17, "afternoon"),
                        )
                    ),
                ],
            }
        )
        cls.agent, _token = cls.make_agent(tz="Asia/Manila")
        cls.device = cls.make_device(cls.agent, tz="Asia/Manila")
        cls.employee = cls.make_employee("Ana Reyes", "7")

    @classmethod
    def make_employee(cls, name, pin, **values):
        employee = cls.env["hr.employee"].create(
            {
                "name": name,
                "date_version": "2026-01-01",
                "resource_calendar_id": cls.calendar.id,
                "tz": "Asia/Manila",
                "barcode": f"B{pin}",
                **values,
            }
        )
        cls.env["biometric.device.user"].create(
            {
                "company_id": cls.env.company.id,
                "device_id": cls.device.id,
                "pin": pin,
                "employee_id": employee.id,
            }
        )
        return employee

    def setUp(self):
        super().setUp()
        self.without_commits()
        self.lane = Lane()

    def punch_in(self, *walls, pin="7", lane=None):
        lane = lane or self.lane
        self.store(
            self.agent,
            lane,
            *(
                lane.punch(
                    pin=pin,
                    wall=wall,
                    status=str(number % 2),
                    received_at=f"{wall[:10]}T23:59:00.000Z",
                )
                for number, wall in enumerate(walls)
            ),
        )

    def rebuild(self):
        """What the cron does, without its commits."""
        stale = self.env["biometric.stale.day"].sudo()
        while pairs := stale._pop(1000):
            self.env["biometric.day.rebuild"].sudo()._rebuild_stale(pairs)

    def day(self, on=MONDAY, employee=None):
        return self.env["biometric.day"].search(
            [("employee_id", "=", (employee or self.employee).id), ("date", "=", on)]
        )


@tagged("post_install", "-at_install", "biometric_day")
class TestDay(DayCase):
    def test_four_punches_make_a_day_of_eight_hours(self):
        self.punch_in(
            "2026-03-02 07:58:13",
            "2026-03-02 12:01:00",
            "2026-03-02 12:55:00",
            "2026-03-02 17:03:00",
        )
        self.rebuild()
        day = self.day()
        self.assertEqual(day.status, "present")
        self.assertEqual(day.worked_minutes, 4 * 60 + 3 + 4 * 60 + 8)
        self.assertEqual(day.break_minutes, 54)
        self.assertEqual(day.late_minutes, 0)
        self.assertEqual(day.scheduled_minutes, 480)
        # to the minute: the rule set truncates seconds before anything is computed
        self.assertEqual(day.first_in_at, datetime(2026, 3, 1, 23, 58))
        self.assertIn("Office hours", day.shift_reason)
        self.assertEqual(len(day.derivation["sessions"]), 2)
        # what the drawing of the day shows besides; red when a rebuild leaves either out
        self.assertEqual(day.derivation["zone"], "Asia/Manila")
        (shift,) = day.derivation["shifts"]
        self.assertEqual((shift["start"], shift["end"]), ("2026-03-02T00:00Z", "2026-03-02T09:00Z"))

    def test_late_punch_completes_an_incomplete_day(self):
        lane = Lane()
        self.device.complete_until = datetime(2026, 3, 3)
        self.punch_in("2026-03-02 08:10:00", lane=lane)
        self.rebuild()
        self.assertEqual(self.day().status, "incomplete")
        self.assertTrue(self.day().is_blocking)
        self.punch_in("2026-03-02 17:00:00", lane=lane)
        self.rebuild()
        day = self.day()
        self.assertEqual((day.status, day.late_minutes), ("present", 10))
        self.assertFalse(day.is_blocking)

    def test_recomputing_without_a_change_writes_nothing(self):
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        self.rebuild()
        before = self.day().computed_at
        self.assertEqual(
            self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, MONDAY)]), 0
        )
        self.assertEqual(self.day().computed_at, before)

    def test_leave_and_holiday_shape_the_plan(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Founders' Day",
                "company_id": self.env.company.id,
                "date_from": "2026-03-02 16:00:00",
                "date_to": "2026-03-03 15:59:59",
            }
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Doctor",
                "resource_id": self.employee.resource_id.id,
                "calendar_id": self.calendar.id,
                "date_from": "2026-03-04 00:00:00",
                "date_to": "2026-03-04 04:00:00",
            }
        )
        days = [date(2026, 3, 3), date(2026, 3, 4)]
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, day) for day in days])
        holiday, half = self.day(days[0]), self.day(days[1])
        self.assertEqual((holiday.day_type, holiday.status), ("holiday", "holiday"))
        self.assertIn("Founders' Day", holiday.shift_reason)
        self.assertEqual((half.scheduled_minutes, half.leave_minutes), (480, 240))

    def test_schedule_change_inside_a_period_counts_from_its_date(self):
        short = self.calendar.copy()
        short.name = "Mornings"
        short.attendance_ids.filtered(lambda line: line.day_period != "morning").unlink()
        self.employee.create_version(
            {"date_version": date(2026, 3, 4), "resource_calendar_id": short.id}
        )
        days = [date(2026, 3, 3), date(2026, 3, 4)]
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, day) for day in days])
        self.assertEqual([self.day(day).scheduled_minutes for day in days], [480, 240])
        self.assertIn("Mornings", self.day(days[1]).shift_reason)

    def test_night_shift_over_midnight_is_one_day(self):
        night = self.calendar.copy()
        night.write(
            {
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "n",
                                "dayofweek": str(weekday),
                                "hour_from": start,
                                "hour_to": end,
                                "day_period": "morning",
                            }
                        )
                        for weekday, start, end in ((0, 22, 24), (1, 0, 6))
                    ),
                ]
            }
        )
        guard = self.make_employee("Night Guard", "9", resource_calendar_id=night.id)
        self.punch_in("2026-03-02 21:55:00", "2026-03-03 06:05:00", pin="9")
        self.rebuild()
        day = self.day(MONDAY, guard)
        self.assertEqual(
            (day.status, day.worked_minutes, day.scheduled_minutes), ("present", 490, 480)
        )
        self.assertEqual(self.day(date(2026, 3, 3), guard).worked_minutes, 0)

    def test_absence_waits_until_the_device_is_complete(self):
        rebuild = self.env["biometric.day.rebuild"].sudo()
        rebuild._rebuild([(self.employee.id, MONDAY)])
        self.assertEqual(self.day().status, "pending")
        self.device.sudo().complete_until = datetime(2026, 3, 4)
        self.env.flush_all()
        rebuild._rebuild([(self.employee.id, MONDAY)])
        self.assertEqual(self.day().status, "absent")

    def test_nobody_is_absent_before_a_device_was_in_service(self):
        """Red when a device's proof is taken to reach back before its service. A second device
        that came later owes nothing for that time either."""
        rebuild = self.env["biometric.day.rebuild"].sudo()
        service = {"in_service_from": datetime(2026, 3, 3), "complete_until": datetime(2026, 3, 6)}
        self.device.sudo().write(service)
        self.env.flush_all()
        days = [MONDAY, date(2026, 3, 4)]
        rebuild._rebuild([(self.employee.id, day) for day in days])
        self.assertEqual([self.day(day).status for day in days], ["pending", "absent"])
        later = self.make_device(self.agent, serial="SN2", tz="Asia/Manila")
        later.sudo().in_service_from = datetime(2026, 3, 5)
        self.env["biometric.device.user"].map_pins([later.id], [["7", self.employee.id]])
        self.env.flush_all()
        rebuild._rebuild([(self.employee.id, day) for day in days])
        self.assertEqual([self.day(day).status for day in days], ["pending", "absent"])
        self.env["biometric.stale.day"].sudo()._pop(1000)
        self.env["biometric.stale.day"].sudo()._cron_fill()
        self.assertNotIn(
            (self.employee.id, MONDAY), self.env["biometric.stale.day"].sudo()._pop(1000)
        )

    def test_rule_set_of_the_person_wins_from_its_date(self):
        rules = self.env["biometric.rule"]
        rules.create(
            {"name": "Company", "valid_from": "2026-01-01", "parameters": {"late_grace_minutes": 5}}
        )
        rules.create(
            {
                "name": "Ana",
                "valid_from": "2026-03-03",
                "employee_ids": [Command.set(self.employee.ids)],
                "parameters": {"late_grace_minutes": 30},
            }
        )
        self.punch_in(
            "2026-03-02 08:20:00",
            "2026-03-02 17:00:00",
            "2026-03-03 08:20:00",
            "2026-03-03 17:00:00",
        )
        self.rebuild()
        tuesday = self.day(date(2026, 3, 3))
        self.assertEqual((self.day().late_minutes, tuesday.late_minutes), (20, 0))
        self.assertIn("Ana", tuesday.rule_name)

    def test_wrong_parameter_is_named(self):
        with self.assertRaisesRegex(ValidationError, "late_grace_minutes"):
            self.env["biometric.rule"].create(
                {"name": "Typo", "parameters": {"late_grace_minute": 5}}
            )

    def test_nobody_types_into_a_day(self):
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        self.rebuild()
        administrator = new_test_user(self.env, "boss", "biometric_attendance.group_administrator")
        pretender = self.day().with_user(administrator).with_context(biometric_rebuild=True)
        for day in (self.day(), self.day().sudo(), pretender):
            with self.assertRaises(AccessError):
                day.write({"worked_minutes": 1})

    def test_each_role_sees_its_days(self):
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        other = self.make_employee("Ben Cruz", "8")
        self.env["biometric.day.rebuild"].sudo()._rebuild([(other.id, MONDAY)])
        self.rebuild()
        ana = new_test_user(self.env, "ana", "base.group_user")
        chief = new_test_user(self.env, "chief", "biometric_attendance.group_approver")
        officer = new_test_user(self.env, "officer", "biometric_attendance.group_hr_officer")
        self.employee.user_id = ana
        other.attendance_manager_id = chief
        everybody = self.employee | other

        def seen(user):
            days = (
                self.env["biometric.day"]
                .with_user(user)
                .search([("employee_id", "in", everybody.ids), ("date", "=", MONDAY)])
            )
            return days.sudo().employee_id

        self.assertEqual(seen(ana), self.employee)
        self.assertEqual(seen(chief), other)
        self.assertEqual(seen(officer), everybody)
        with self.assertRaises(AccessError):
            seen(new_test_user(self.env, "stranger", "base.group_user"))


@tagged("post_install", "-at_install", "biometric_day")
class TestExport(DayCase):
    def test_file_holds_complete_days_and_says_what_is_missing(self):
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00", "2026-03-03 08:00:00")
        self.rebuild()
        export = self.env["biometric.export"].create(
            {"date_from": "2026-03-02", "date_to": "2026-03-03"}
        )
        export.action_generate()
        rows = list(csv.DictReader(io.StringIO(base64.b64decode(export.data).decode())))
        self.assertEqual(
            [(row["work_date"], row["pay_code"], row["minutes"]) for row in rows],
            [("2026-03-02", "REG", "480")],
        )
        self.assertEqual(
            (export.complete_days, export.blocked_days, export.total_minutes), (1, 1, 480)
        )
        with self.assertRaises(UserError):
            export.action_generate()
        with self.assertRaises(UserError):
            export.unlink()

    def test_a_day_outside_employment_is_not_paid(self):
        """Somebody punched after leaving: red where everything that does not block is paid."""
        self.employee.write(
            {"contract_date_start": "2026-01-01", "contract_date_end": "2026-03-02"}
        )
        self.punch_in(
            "2026-03-02 08:00:00",
            "2026-03-02 17:00:00",
            "2026-03-03 08:00:00",
            "2026-03-03 17:00:00",
        )
        self.rebuild()
        day = self.day(date(2026, 3, 3))
        self.assertEqual((day.status, day.worked_minutes), ("outside_employment", 0))
        self.assertTrue(day.is_blocking)
        export = self.env["biometric.export"].create(
            {"date_from": "2026-03-02", "date_to": "2026-03-03"}
        )
        export.action_generate()
        self.assertEqual(
            (export.complete_days, export.blocked_days, export.total_minutes), (1, 1, 480)
        )

    def test_export_waits_for_days_that_are_being_computed(self):
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        export = self.env["biometric.export"].create(
            {"date_from": "2026-03-02", "date_to": "2026-03-02"}
        )
        with self.assertRaisesRegex(UserError, "being computed"):
            export.action_generate()
