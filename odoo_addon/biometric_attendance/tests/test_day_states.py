"""Days before their time and outside employment, and numbers that nobody knows yet."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_day import MONDAY, DayCase

TUESDAY = date(2026, 3, 3)
# 08:10 in Manila on MONDAY
MORNING = datetime(2026, 3, 2, 0, 10)
WINDOW_END = datetime(2026, 3, 2, 15)


class StateCase(DayCase):
    def at(self, moment, *walls, complete=None):
        """The world at a moment: who punched before it, what is computed then."""
        with freeze_time(moment):
            if walls:
                self.punch_in(*walls)
            if complete:
                self.device.in_service_from = datetime(2026, 1, 1)
                self.device.complete_until = complete
                self.env.flush_all()
            self.env["biometric.stale.day"].sudo()._mark([(self.employee.id, MONDAY)])
            self.rebuild()
            return self.day()

    def sums(self, *names):
        (found,) = self.env["biometric.day"]._read_group(
            [("employee_id", "=", self.employee.id)], [], [f"{name}:sum" for name in names]
        )
        return found


@tagged("post_install", "-at_install", "biometric_day")
class TestPresence(StateCase):
    def test_who_came_is_at_work_since_then_and_nothing_is_short(self):
        """Turns red when an open day is judged before its shift's window has closed."""
        day = self.at(MORNING, "2026-03-02 08:05:00")
        self.assertEqual((day.status, day.exceptions, day.late_minutes), ("at_work", False, 5))
        self.assertTrue(day.is_blocking)
        with freeze_time(MORNING):
            self.assertIn("At work since 8:05", day.waiting_text)
        self.assertEqual((day.waits_for, day.settles_at), ("window", WINDOW_END))
        self.assertEqual(self.sums("undertime_minutes", "worked_minutes"), (False, False))

    def test_the_window_closes_and_the_day_is_computed_by_itself(self):
        """Turns red when only the devices' completeness marks a day again."""
        day = self.at(MORNING, "2026-03-02 08:05:00")
        stale = self.env["biometric.stale.day"].sudo()
        with freeze_time(WINDOW_END - timedelta(seconds=1)):
            stale._cron_fill()
            self.assertFalse(stale.search_count([]))
        with freeze_time(WINDOW_END):
            stale._cron_fill()
            self.rebuild()
        day.invalidate_recordset()
        self.assertEqual((day.status, day.waits_for), ("pending", "devices"))
        calls = self.env["ir.cron.trigger"].search(
            [
                (
                    "cron_id",
                    "=",
                    self.env.ref("biometric_attendance.ir_cron_biometric_day_missing").id,
                )
            ]
        )
        self.assertIn(datetime(2026, 3, 2, 15, 5), calls.mapped("call_at"))

    def test_when_every_terminal_has_told_all_a_check_out_is_missing(self):
        self.at(MORNING, "2026-03-02 08:05:00")
        day = self.at(datetime(2026, 3, 3), complete=datetime(2026, 3, 3))
        self.assertEqual((day.status, day.exceptions), ("incomplete", "missing_out"))
        self.assertEqual(self.sums("undertime_minutes"), (False,))

    def test_presence_is_a_filter_and_a_group(self):
        """Turns red when the database and the record say different things."""
        late = self.make_employee("Ben Cruz", "8")
        days = self.env["biometric.day"]
        with freeze_time(MORNING):
            self.punch_in("2026-03-02 08:05:00")
            pairs = [(self.employee.id, MONDAY), (late.id, MONDAY)]
            self.env["biometric.day.rebuild"].sudo()._rebuild(pairs)
            ours = [("employee_id", "in", (self.employee | late).ids), ("date", "=", MONDAY)]
            grouped = dict(days._read_group(ours, ["presence"], ["__count"]))
            self.assertEqual(grouped, {"at_work": 1, "not_here": 1})
            self.assertEqual(self.day(employee=late).presence, "not_here")
            self.assertEqual(days.search([*ours, ("presence", "=", "at_work")]), self.day())
            self.assertEqual(
                days.search([*ours, ("presence", "!=", "at_work")]), self.day(employee=late)
            )
        with freeze_time(MORNING - timedelta(hours=1)):
            days.invalidate_model()
            self.assertEqual(self.day(employee=late).presence, "expected")
            self.assertEqual(days.search([*ours, ("presence", "=", "expected")]).employee_id, late)

    def test_a_day_before_any_terminal_served_says_so_and_what_to_do(self):
        """Turns red when such a day waits without a reason, or for the wrong one."""
        self.device.in_service_from = datetime(2026, 3, 9)
        pairs = [(self.employee.id, MONDAY)]
        self.env["biometric.day.rebuild"].sudo()._rebuild(pairs)
        day = self.day()
        self.assertEqual((day.status, day.waits_for), ("pending", "service"))
        self.assertIn("In service from", day.waiting_text)
        self.assertIn(self.device.display_name, day.waiting_text)


@tagged("post_install", "-at_install", "biometric_day")
class TestKnownNumbers(StateCase):
    def test_a_pending_day_adds_nothing_to_any_sum(self):
        """Turns red when a number that a view hides is stored: all columns of minutes are read."""
        with freeze_time(datetime(2026, 3, 1, 22)):
            self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, MONDAY)])
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_jsonb(d) FROM biometric_day d WHERE id = %s", (self.day().id,)
        )
        row = self.env.cr.fetchone()[0]
        known = {name for name, value in row.items() if name.endswith("_minutes") and value}
        self.assertEqual((row["status"], known), ("pending", {"scheduled_minutes"}))
        self.assertEqual((row["undertime_minutes"], row["worked_minutes"]), (None, None))

    def test_the_sheet_people_sign_has_no_undertime_of_days_to_come(self):
        with freeze_time(datetime(2026, 3, 2, 22)):
            self.punch_in("2026-03-02 08:00:00", "2026-03-02 16:00:00")
            pairs = [(self.employee.id, date(2026, 3, day)) for day in range(2, 7)]
            self.env["biometric.day.rebuild"].sudo()._rebuild(pairs)
            sheet = self.env["biometric.sheet"].create(
                {
                    "date_from": "2026-03-02",
                    "date_to": "2026-03-06",
                    "employee_ids": [Command.set(self.employee.ids)],
                }
            )
            ((_employee, _days, sums),) = sheet._month_pages()
        self.assertEqual((sums["undertime_minutes"], sums["scheduled_minutes"]), (60, 2400))


@tagged("post_install", "-at_install", "biometric_day")
class TestOutsideEmployment(StateCase):
    def leave(self, last):
        self.employee.write({"contract_date_start": "2026-01-01", "contract_date_end": last})

    def test_after_the_last_day_punches_are_kept_told_and_never_shown_as_attendance(self):
        """Turns red when a punch after leaving pays, becomes an attendance or is seen by nobody."""
        self.leave("2026-03-02")
        walls = [f"2026-03-0{day} {hour}:00:00" for day in (2, 3) for hour in ("08", "17")]
        self.punch_in(*walls)
        self.rebuild()
        day = self.day(TUESDAY)
        self.assertEqual(
            (day.status, day.worked_minutes, day.is_blocking), ("outside_employment", 0, True)
        )
        self.assertEqual(self.day().regular_minutes, 480)
        service = self.env["biometric.projection"].sudo()
        while days := service._waiting(500):
            service._project(days)
        shown = self.env["hr.attendance"].search([("employee_id", "=", self.employee.id)])
        self.assertEqual({one.check_in.date() for one in shown}, {date(2026, 3, 2)})
        told = self.env["biometric.quarantine"].search(
            [("pin", "=", "7"), ("reason", "=", "outside_employment")]
        )
        self.assertEqual(sorted(told.mapped("wall_time")), walls[2:])
        self.assertIn("PINs and employees", day.waiting_text)

    def test_the_newcomer_is_paid_once_the_pin_is_theirs(self):
        """Turns red when the leaver keeps a day that the PIN's new owner worked."""
        self.leave("2026-03-02")
        self.punch_in("2026-03-03 08:00:00", "2026-03-03 17:00:00")
        self.rebuild()
        self.assertEqual(self.day(TUESDAY).status, "outside_employment")
        newcomer = self.env["hr.employee"].create(
            {"name": "Cleo Diaz", "resource_calendar_id": self.calendar.id, "tz": "Asia/Manila"}
        )
        newcomer.version_id.date_version = date(2026, 3, 3)
        self.env["biometric.device.user"]._map_one(self.device, "7", newcomer.id, TUESDAY)
        self.rebuild()
        self.assertEqual(self.day(TUESDAY, newcomer).worked_minutes, 480)
        self.assertFalse(self.day(TUESDAY), "nothing is left of it with the leaver")

    def test_before_hire_and_between_two_contracts(self):
        version = self.employee.version_id
        version.write({"contract_date_start": "2026-01-01", "contract_date_end": "2026-02-27"})
        self.employee.create_version(
            {
                "date_version": date(2026, 3, 9),
                "contract_date_start": date(2026, 3, 9),
                "contract_date_end": False,
            }
        )
        for day in ("2025-12-30", "2026-03-02", "2026-03-09"):
            self.punch_in(f"{day} 08:00:00", f"{day} 17:00:00")
        self.rebuild()
        found = {
            day.date.isoformat(): day.status
            for day in self.env["biometric.day"].search([("employee_id", "=", self.employee.id)])
        }
        self.assertEqual(found["2025-12-30"], "outside_employment")
        self.assertEqual(found["2026-03-02"], "outside_employment")
        self.assertEqual(found["2026-03-09"], "present")

    def test_a_day_that_nobody_worked_or_owed_is_none(self):
        """Turns red when a leaver's empty days stay and block payroll for ever."""
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, TUESDAY)])
        self.assertTrue(self.day(TUESDAY))
        self.leave("2026-03-02")
        self.rebuild()
        self.assertFalse(self.day(TUESDAY))


@tagged("post_install", "-at_install", "biometric_day")
class TestFlexible(StateCase):
    """F19: what is due is the schedule's own week, whichever days are worked."""

    def setUp(self):
        super().setUp()
        flexible = self.env["resource.calendar"].create(
            {"name": "32 hours", "schedule_type": "flexible", "tz": "Asia/Manila"}
        )
        flexible.write({"hours_per_week": 32, "hours_per_day": 8, "full_time_required_hours": 40})
        self.employee.version_id.resource_calendar_id = flexible
        self.device.in_service_from = datetime(2026, 1, 1)
        self.device.complete_until = datetime(2026, 4, 1)

    def totals(self, *days):
        for day in days:
            self.punch_in(f"2026-03-{day:02d} 08:00:00", f"2026-03-{day:02d} 16:00:00")
        self.rebuild()
        pairs = [(self.employee.id, date(2026, 3, day)) for day in range(2, 9)]
        self.env["biometric.day.rebuild"].sudo()._rebuild(pairs)
        week = self.env["biometric.day"].search(
            [
                ("employee_id", "=", self.employee.id),
                ("date", ">=", "2026-03-02"),
                ("date", "<=", "2026-03-08"),
            ]
        )
        names = ("scheduled_minutes", "overtime_minutes", "undertime_minutes")
        return tuple(sum(week.mapped(name)) for name in names)

    def test_five_days_of_four(self):
        """Turns red when the company's full time is the person's week."""
        self.assertEqual(self.totals(2, 3, 4, 5, 6), (1920, 480, 0))

    def test_other_days_than_the_first_four(self):
        """Turns red when the hours are laid on Monday, Tuesday …"""
        self.assertEqual(self.totals(2, 3, 6, 7), (1920, 0, 0))

    def test_too_few(self):
        self.assertEqual(self.totals(2, 3), (1920, 0, 960))

    def test_a_late_punch_changes_the_whole_week(self):
        """Turns red when only the punch's own day is computed again."""
        self.assertEqual(self.totals(2, 3, 4, 5), (1920, 0, 0))
        self.punch_in("2026-03-06 08:00:00", "2026-03-06 16:00:00")
        self.rebuild()
        overtime = self.env["biometric.day"].search(
            [("employee_id", "=", self.employee.id), ("overtime_minutes", ">", 0)]
        )
        self.assertEqual(overtime.mapped("date"), [date(2026, 3, 6)])
        self.assertEqual(overtime.scheduled_minutes, 0)
