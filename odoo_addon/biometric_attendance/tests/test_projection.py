"""Odoo's own attendances beside ours: one way, read-only, nothing else touched."""

from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Date
from odoo.tests import new_test_user, tagged

from .test_day import MONDAY, DayCase


@tagged("post_install", "-at_install", "biometric_day")
class TestProjection(DayCase):
    def project(self):
        self.rebuild()
        service = self.env["biometric.projection"].sudo()
        while days := service._waiting(500):
            service._project(days)

    def spans(self, employee=None):
        found = self.env["hr.attendance"].search(
            [("employee_id", "=", (employee or self.employee).id)], order="check_in"
        )
        return [(one.check_in, one.check_out) for one in found]

    def test_sessions_show_as_attendances_and_follow_the_day(self):
        self.punch_in(
            "2026-03-02 08:00:00",
            "2026-03-02 12:00:00",
            "2026-03-02 13:00:00",
            "2026-03-02 17:00:00",
        )
        self.project()
        morning = (datetime(2026, 3, 2), datetime(2026, 3, 2, 4))
        self.assertEqual(
            self.spans(), [morning, (datetime(2026, 3, 2, 5), datetime(2026, 3, 2, 9))]
        )
        attendance = self.env["hr.attendance"].search(
            [("employee_id", "=", self.employee.id)], order="check_in", limit=1
        )
        self.assertEqual(attendance.in_mode, "biometric")
        again = self.env["hr.attendance"].search([("employee_id", "=", self.employee.id)])
        self.project()
        self.assertEqual(
            again,
            self.env["hr.attendance"].search([("employee_id", "=", self.employee.id)]),
            "an unchanged day keeps its rows",
        )

    def test_no_native_overtime_is_counted_for_them(self):
        self.employee.version_ids.ruleset_id = self.env["hr.attendance.overtime.ruleset"].search(
            [], limit=1
        )
        before = self.employee.version_ids.ruleset_id
        self.assertTrue(before)
        self.punch_in("2026-03-02 06:00:00", "2026-03-02 20:00:00")
        self.project()
        self.assertFalse(
            self.env["hr.attendance.overtime.line"].search([("employee_id", "=", self.employee.id)])
        )
        self.env.company.biometric_projection = False
        self.assertEqual(self.employee.version_ids.ruleset_id, before)

    def test_a01_nobody_edits_a_projected_attendance(self):
        """A01. Red when hr.attendance.write stops asking whether a row is projected."""
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        self.project()
        officer = new_test_user(self.env, "att_admin", "hr_attendance.group_hr_attendance_manager")
        self.employee.user_id = officer
        attendance = self.env["hr.attendance"].search([("employee_id", "=", self.employee.id)])
        for one in (
            attendance,
            attendance.sudo(),
            attendance.with_user(officer),
            attendance.with_user(officer).with_context(biometric_projection=True),
        ):
            with self.assertRaises(AccessError):
                one.write({"check_out": datetime(2026, 3, 2, 11)})
            with self.assertRaises(AccessError):
                one.unlink()
        with self.assertRaises(AccessError):
            self.env["hr.attendance"].create(
                {
                    "employee_id": self.employee.id,
                    "check_in": datetime(2026, 3, 9),
                    "in_mode": "biometric",
                }
            )
        header = ["employee_id/.id", "check_in", "in_mode"]
        result = (
            self.env["hr.attendance"]
            .with_user(officer)
            .load(header, [[str(self.employee.id), "2026-03-10 00:00:00", "biometric"]])
        )
        self.assertFalse(result["ids"])

    def test_manual_attendance_is_kept_and_shown_as_a_conflict(self):
        manual = self.env["hr.attendance"].create(
            {
                "employee_id": self.employee.id,
                "check_in": datetime(2026, 3, 2, 3),
                "check_out": datetime(2026, 3, 2, 6),
            }
        )
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        self.project()
        self.assertEqual(self.spans(), [(manual.check_in, manual.check_out)])
        self.assertTrue(self.day().has_manual_attendance)
        self.assertEqual(self.day().worked_minutes, 480)

    def test_only_a_session_of_today_stays_open(self):
        self.punch_in("2026-03-02 08:00:00")
        self.project()
        self.assertEqual(self.spans(), [])
        today = Date.today()
        self.punch_in(f"{today} 00:01:00")
        self.project()
        self.assertEqual([end for _start, end in self.spans()], [False])

    def test_odoos_crons_skip_projected_employees(self):
        """Red when _search stops excluding them: the night shift then stops the job for all."""
        self.env.company.write(
            {"absence_management": True, "auto_check_out": True, "auto_check_out_tolerance": 0}
        )
        yesterday = Date.today() - timedelta(days=1)
        native = self.env["hr.employee"].create(
            {
                "name": "Native",
                "date_version": "2026-01-01",
                "contract_date_start": "2026-01-01",
                "resource_calendar_id": self.calendar.id,
            }
        )
        self.employee.contract_date_start = date(2026, 1, 1)
        self.punch_in(
            f"{yesterday - timedelta(days=1)} 21:00:00",
            f"{yesterday} 23:00:00",
            f"{Date.today()} 00:01:00",
        )
        self.env["biometric.rule"].create(
            {
                "name": "long duty",
                "valid_from": "2026-01-01",
                "parameters": {"max_session_minutes": 2000},
            }
        )
        self.project()
        before = self.spans()
        self.env["hr.attendance"]._cron_absence_detection()
        self.env["hr.attendance"]._cron_auto_check_out()
        self.assertEqual(self.spans(), before)
        self.assertTrue(native.exists())

    def test_switching_off_removes_ours_and_nothing_else(self):
        other = self.make_employee("Ben Cruz", "8")
        manual = self.env["hr.attendance"].create(
            {
                "employee_id": other.id,
                "check_in": datetime(2026, 3, 2, 3),
                "check_out": datetime(2026, 3, 2, 6),
            }
        )
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        self.project()
        self.env.company.biometric_projection = False
        self.assertEqual(
            (self.spans(), self.spans(other)), ([], [(manual.check_in, manual.check_out)])
        )
        self.assertEqual(self.day().worked_minutes, 480)
        self.project()
        self.assertEqual(self.spans(), [])
        self.env.company.biometric_projection = True
        self.project()
        self.assertEqual(len(self.spans()), 1)
        self.assertEqual(self.day(MONDAY).status, "present")
