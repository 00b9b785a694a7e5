"""Odoo's own attendances beside ours: one way, read-only, nothing else touched."""

from datetime import date, datetime
from itertools import count
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
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

    def test_many_are_shown_by_few_statements(self):
        """Red when an attendance, a day or a person costs statements of its own. What differs
        between two numbers of people is what each of them costs."""
        people = [self.make_employee(f"P{number}", f"1{number:02d}") for number in range(24)]
        for day in range(2, 5):
            for number in range(24):
                self.punch_in(
                    *(
                        f"2026-03-0{day} {clock}:00"
                        for clock in ("08:00", "12:00", "13:00", "17:00")
                    ),
                    pin=f"1{number:02d}",
                )
        self.rebuild()
        service = self.env["biometric.projection"].sudo()
        costs = []
        for some in (people[:4], people[4:]):
            days = self.env["biometric.day"].search(
                [("employee_id", "in", [one.id for one in some])]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            service._project(days)
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - start)
        shown = self.env["hr.attendance"].search_count([("biometric_day_id", "!=", False)])
        self.assertEqual(shown, 144)
        self.assertLessEqual((costs[1] - costs[0]) / 96, 0.06, costs)
        latest = [(one.last_attendance_id.check_in, one.attendance_state) for one in people]
        self.assertEqual(latest, [(datetime(2026, 3, 4, 5), "checked_out")] * 24)

    def test_an_attendance_that_meets_another_is_refused_in_odoos_words(self):
        """Red when what is found at once is found otherwise than one by one: by projection nothing
        overlaps, whatever stands there already."""
        own = self.env["hr.attendance"].sudo().with_context(biometric_projection=True)
        rows = {
            "inside": (datetime(2026, 3, 2, 3), datetime(2026, 3, 2, 4)),
            "around": (datetime(2026, 3, 2, 1), datetime(2026, 3, 2, 9)),
            "before its end": (datetime(2026, 3, 2, 5), datetime(2026, 3, 2, 9)),
            "over its beginning": (datetime(2026, 3, 2, 1), datetime(2026, 3, 2, 3)),
        }
        mine = {"employee_id": self.employee.id, "in_mode": "biometric"}
        own.create(
            mine | {"check_in": datetime(2026, 3, 2, 2), "check_out": datetime(2026, 3, 2, 6)}
        )
        for name, (start, end) in rows.items():
            # a row that stayed would be the one before, and Odoo looks at that one alone
            savepoint = self.env.cr.savepoint(flush=False)
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "already checked in"):
                own.create(mine | {"check_in": start, "check_out": end})
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        after = {"check_in": datetime(2026, 3, 2, 6), "check_out": datetime(2026, 3, 2, 7)}
        own.create(mine | after)
        own.create(mine | {"check_in": datetime(2026, 3, 2, 8)})
        with self.assertRaisesRegex(ValidationError, "checked out since"):
            own.create(mine | {"check_in": datetime(2026, 3, 2, 9)})

    def test_odoo_is_asked_where_it_counts_overtime(self):
        """Red when the short way is taken though Odoo has overtime of that week, or counts some."""
        service = self.env["biometric.projection"].sudo()
        self.punch_in("2026-03-02 06:00:00", "2026-03-02 20:00:00")
        self.rebuild()
        day = self.day()
        service._take_over(self.employee)
        self.assertTrue(service._without_overtime(day))
        line = self.env["hr.attendance.overtime.line"].create(
            {"employee_id": self.employee.id, "date": "2026-03-06", "duration": 1}
        )
        self.assertFalse(service._without_overtime(day))
        line.unlink()
        self.assertTrue(service._without_overtime(day))
        self.employee.version_ids.ruleset_id = self.env["hr.attendance.overtime.ruleset"].search(
            [], limit=1
        )
        self.assertFalse(service._without_overtime(day))

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

    def test_odoos_own_totals_are_the_days_own(self):
        """Turns red when Odoo takes the schedule's lunch out of a session once more, or a changed
        rule changes the day and not the attendance it shows."""
        with freeze_time(datetime(2026, 3, 9, 12)):
            self.punch_in("2026-03-02 07:53:00", "2026-03-02 17:11:00")
            self.punch_in("2026-03-03 08:04:00", "2026-03-03 11:50:00")
            self.punch_in("2026-03-03 12:20:00", "2026-03-03 16:58:00")
            self.punch_in("2026-03-04 08:00:00", "2026-03-04 12:04:00")
            self.punch_in("2026-03-04 12:06:00", "2026-03-04 17:00:00")
            self.project()
            self.assertEqual(*self.totals())
            rule = {"round_unit_minutes": 15, "short_break_paid_max_minutes": 30}
            self.env["biometric.rule"].create(
                {"name": "Rounded", "valid_from": "2026-01-01", "parameters": rule}
            )
            self.project()
            shown, computed = self.totals()
            self.assertEqual(shown, computed)
            self.employee.invalidate_recordset()
            self.assertEqual(self.employee.hours_last_month, round(computed / 60, 2))

    def totals(self):
        mine = [("employee_id", "=", self.employee.id)]
        shown = sum(self.env["hr.attendance"].search(mine).mapped("worked_hours"))
        days = self.env["biometric.day"].search(mine)
        return round(shown * 60, 3), sum(days.mapped("worked_minutes"))

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
        self.assertIn(
            "This attendance was created from a biometric", result["messages"][0]["message"]
        )

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
        with freeze_time(datetime(2026, 3, 3, 4)):
            self.punch_in("2026-03-03 08:00:00")
            self.project()
        self.assertEqual([end for _start, end in self.spans()], [False])

    def test_today_is_that_of_the_place(self):
        """Turns red when the server's date closes the session of somebody who is at work: in Los
        Angeles the afternoon is tomorrow in UTC."""
        self.calendar.tz = "America/Los_Angeles"
        self.device.zone_ids.tz = "America/Los_Angeles"
        with freeze_time(datetime(2026, 3, 3, 0, 30)):
            self.punch_in("2026-03-02 08:00:00")
            self.project()
            self.assertEqual(self.day().status, "at_work")
        self.assertEqual(self.spans(), [(datetime(2026, 3, 2, 16), False)])

    def native(self, name, company):
        """Somebody without a terminal who forgot to check out today and was away yesterday."""
        calendar = self.calendar if company == self.env.company else company.resource_calendar_id
        employee = self.env["hr.employee"].create(
            {
                "name": name,
                "company_id": company.id,
                "tz": "Asia/Manila",
                "date_version": "2026-01-01",
                "contract_date_start": "2026-01-01",
                "resource_calendar_id": calendar.id,
            }
        )
        forgotten = self.env["hr.attendance"].create(
            {"employee_id": employee.id, "check_in": datetime(2026, 3, 4, 0, 30)}
        )
        return employee, forgotten

    def test_odoos_crons_skip_projected_employees_in_every_company(self):
        """Both jobs as Odoo runs them, over two companies, while a projected night shift covers the
        instant at which the absence job inserts its second, and another is open. Red when either
        _search stops excluding projected people: that shift then stops the job for everybody."""
        second = self.env["res.company"].create({"name": "Second"})
        (self.env.company | second).write(
            {"absence_management": True, "auto_check_out": True, "auto_check_out_tolerance": 0}
        )
        self.employee.contract_date_start = date(2026, 1, 1)
        with freeze_time("2026-03-04 16:30:00"):
            here, forgotten_here = self.native("Native here", self.env.company)
            there, forgotten_there = self.native("Native there", second)
            # 10:00 to 22:00 on Tuesday by the sun of Manila, and from Wednesday 23:30 on: open
            self.punch_in("2026-03-03 10:00:00", "2026-03-03 22:00:00", "2026-03-04 23:30:00")
            self.project()
            before = self.spans()
            self.assertEqual([end for _start, end in before], [datetime(2026, 3, 3, 14), False])
            attendances = type(self.env["hr.attendance"])
            absent, create = set(), attendances.create

            def noted(records, vals_list):
                absent.update(vals["employee_id"] for vals in vals_list)
                return create(records, vals_list)

            with patch.object(attendances, "create", noted):
                self.env["hr.attendance"]._cron_absence_detection()
            self.env["hr.attendance"]._cron_auto_check_out()
        self.assertEqual(self.spans(), before)
        self.assertTrue({here.id, there.id} <= absent)
        self.assertNotIn(self.employee.id, absent)
        self.assertTrue(forgotten_here.check_out and forgotten_there.check_out)
        self.assertEqual(self.day(date(2026, 3, 3)).status, "present")

    def test_showing_days_gives_way_to_days_that_wait(self):
        """One thread may run all jobs. Red when the projection goes on while days are stale."""
        for day in range(2, 7):
            self.punch_in(f"2026-03-0{day} 08:00:00", f"2026-03-0{day} 17:00:00")
        self.rebuild()
        shown = []

        def progress(_cron, processed=0, **_remaining):
            shown.append(processed)
            return 10

        addon = "odoo.addons.biometric_attendance"
        module = f"{addon}.models.day.biometric_projection"
        clock = patch(f"{addon}.seams.job.monotonic", side_effect=count(0, 0.3).__next__)
        stale = self.env["biometric.stale.day"].sudo()
        cron = type(self.env["ir.cron"])
        with (
            patch(f"{module}.DAYS_PER_BATCH", 2),
            patch.object(cron, "_commit_progress", progress),
            clock,
        ):
            stale._mark([(self.employee.id, MONDAY)])
            self.env["biometric.projection"]._cron_project()
            # one batch, then the turn is over
            self.assertEqual(shown, [0, 2])
            stale._pop(10)
            shown.clear()
            self.env["biometric.projection"]._cron_project()
            self.assertEqual(sum(shown), self.env["biometric.day"].search_count([]) - 2)

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
