"""The screen Today: every number is as long as the list it opens, under the reader's rules."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .review_case import ReviewCase
from .test_day import MONDAY

# 08:40 in Manila: work began at 8.
NOW = datetime(2026, 3, 2, 0, 40)
SUNDAY = MONDAY - timedelta(days=1)


@tagged("post_install", "-at_install", "biometric_review")
class TestToday(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sewing = cls.env["hr.department"].create({"name": "Sewing"})
        cls.employee.department_id = cls.sewing
        cls.late = cls.make_employee("Ben Cruz", "8", department_id=cls.sewing.id)
        cls.missing = cls.make_employee("Cora Diaz", "9", attendance_manager_id=cls.mia.id)
        cls.away = cls.make_employee("Dan Evora", "10")
        cls.night = cls.make_employee("Eva Flores", "11")
        cls.device.sudo().write({"in_service_from": "2026-01-01"})
        cls.device.complete_until = "2026-03-02 00:00:00"
        cls.env.company.partner_id.tz = "Asia/Manila"
        cls.env["resource.calendar.leaves"].create(
            {
                "resource_id": cls.away.resource_id.id,
                "calendar_id": cls.calendar.id,
                "date_from": "2026-03-01 16:00:00",
                "date_to": "2026-03-02 15:59:59",
                "time_type": "leave",
            }
        )
        shift = cls.env["biometric.shift"].create({"name": "Night", "start": 22, "end": 10})
        cls.env["biometric.roster"].create(
            [
                {"employee_id": cls.night.id, "date": SUNDAY, "shift_id": shift.id},
                {"employee_id": cls.night.id, "date": MONDAY, "shift_id": False},
            ]
        )

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(NOW))
        self.punch_in("2026-03-02 07:58:00")
        self.punch_in("2026-03-02 08:25:00", pin="8")
        self.punch_in("2026-03-01 21:55:00", pin="11")
        self.people = self.employee | self.late | self.missing | self.away | self.night
        pairs = [(one.id, MONDAY) for one in self.people] + [(self.night.id, SUNDAY)]
        self.env["biometric.day.rebuild"].sudo()._rebuild(pairs)

    def today(self, user):
        self.env.invalidate_all()
        return self.env["biometric.today"].with_user(user).get_today()

    def listed(self, user, domain):
        self.env.invalidate_all()
        return self.env["biometric.day"].with_user(user).search(domain)

    def total(self, told, state):
        return sum(row["counts"][state] for row in told["departments"])

    def test_states_are_those_of_the_days(self):
        """Red when a night that began yesterday is left out, or a state is counted twice."""
        told = self.today(self.hal)
        expected = {
            "at_work": self.employee | self.late | self.night,
            "not_here": self.missing,
            "late": self.late,
            "on_leave": self.away,
            # the night worker's own Monday is a day off
            "off": self.night,
        }
        for state, domain in told["domains"].items():
            with self.subTest(state):
                people = expected.get(state, self.env["hr.employee"])
                self.assertEqual(self.listed(self.hal, domain).employee_id, people)
                self.assertEqual(self.total(told, state), len(people))

    def test_every_number_is_the_length_of_its_list(self):
        """Red when a number and its list are found by different rules."""
        for user in (self.hal, self.mia, self.pay):
            told = self.today(user)
            for row in told["departments"]:
                for state, count in row["counts"].items():
                    domain = [*told["domains"][state], ("department_id", "=", row["id"])]
                    with self.subTest(state, user=user.login, department=row["name"]):
                        self.assertEqual(len(self.listed(user, domain)), count)
            for row in told["branches"]:
                domain = [*told["domains"]["at_work"], ("branch_id", "=", row["id"])]
                self.assertEqual(len(self.listed(user, domain)), row["count"])
            for field, hours in (("here_in_hour", "here"), ("due_in_hour", "due")):
                for hour, count in enumerate(told["hours"][hours]):
                    with self.subTest(field, user=user.login, hour=hour):
                        self.assertEqual(len(self.listed(user, [(field, "=", hour)])), count)

    def test_an_approver_sees_their_team_alone(self):
        told = self.today(self.mia)
        self.assertEqual(self.total(told, "at_work"), 1)
        self.assertEqual([row["name"] for row in told["names"]["not_here"]], ["Cora Diaz"])
        self.assertEqual(told["names"]["late"], [])
        self.assertEqual(sum(row["count"] for row in told["branches"]), 1)

    def test_days_of_an_unticked_company_are_not_counted(self):
        other = self.env["res.company"].create({"name": "Next door"})
        self.hal.company_ids = [Command.link(other.id)]
        door = self.env["biometric.today"].with_user(self.hal).with_company(other)
        told = door.with_context(allowed_company_ids=other.ids).get_today()
        self.assertEqual((told["departments"], told["branches"]), ([], []))
        self.assertEqual(sum(told["hours"]["here"]), 0)

    def test_who_looks_after_nobody_is_told_where_their_own_time_is(self):
        for call in ("get_today", "get_trends"):
            with self.assertRefused("Your own days are under My time", AccessError):
                getattr(self.env["biometric.today"].with_user(self.ana), call)()

    def test_names_say_when_they_were_due(self):
        told = self.today(self.hal)
        (missing,) = told["names"]["not_here"]
        self.assertEqual((missing["name"], missing["minutes"]), ("Cora Diaz", 40))
        self.assertIn("8:00", missing["clock"])
        (late,) = told["names"]["late"]
        self.assertEqual((late["name"], late["minutes"]), ("Ben Cruz", 25))

    def test_people_are_at_the_branch_whose_terminal_they_came_in_at(self):
        """Red when the branch is that of the first punch, or a foreign one."""
        other, _token = self.make_agent("Branch Cebu", tz="Asia/Manila")
        there = self.make_device(other, "SN2", tz="Asia/Manila")
        self.env["biometric.device.user"].create(
            {"device_id": there.id, "pin": "8", "employee_id": self.late.id}
        )
        lane = type(self.lane)("cd" * 16)
        row = lane.punch(serial="SN2", pin="8", wall="2026-03-02 08:35:00", status="0")
        self.store(other, lane, row)
        gone = self.lane.punch(pin="8", wall="2026-03-02 08:30:00", status="1")
        self.store(self.agent, self.lane, gone)
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.late.id, MONDAY)])
        told = self.today(self.hal)
        self.assertEqual(
            {row["name"]: row["count"] for row in told["branches"]},
            {"Branch": 2, "Branch Cebu": 1},
        )
        self.assertEqual(self.day(employee=self.late).branch_id, other)
        self.assertFalse(self.day(employee=self.missing).branch_id)

    def test_hours_are_by_the_clock_of_the_place_and_the_night_reaches_into_them(self):
        """Red when an hour is another zone's or a night is cut at midnight, or when PostgreSQL
        compiles what it reads, which takes longer than reading it."""
        told = self.today(self.hal)["hours"]
        self.env.cr.execute("SHOW jit")
        self.assertEqual(self.env.cr.fetchone(), ("off",))
        self.assertEqual(told["now"], 8)
        # the night worker since midnight, Ana from 7 on, Ben from 8 on; nobody after now
        self.assertEqual(told["here"], [1] * 7 + [2, 3] + [0] * 15)
        # three of them are planned from 8 to 17, the night shift until 10; leave is no plan
        self.assertEqual(told["due"], [1] * 8 + [4, 4] + [3] * 7 + [0] * 7)

    def test_trends_add_up_to_the_days(self):
        """Red when a week begins on another day than the list's, or a department is lost."""
        told = self.env["biometric.today"].with_user(self.hal).get_trends()
        self.assertEqual(len(told["weeks"]), 8)
        week = told["weeks"][-1]
        self.assertTrue(week["from"] <= str(MONDAY) <= week["to"])
        (sewing,) = told["departments"]
        self.assertEqual((sewing["name"], sewing["late"]), ("Sewing", [0] * 7 + [25]))
        self.assertFalse(told["others"])
        domain = [("date", ">=", week["from"]), ("date", "<=", week["to"])]
        days = self.listed(self.hal, domain)
        self.assertEqual(told["overtime"][-1], sum(days.mapped("overtime_minutes")))
        self.assertEqual(told["held"][-1], sum(days.mapped("overtime_unapproved_minutes")))

    def test_departments_beyond_the_first_are_one_line_that_adds_up(self):
        for number in range(7):
            one = self.env["hr.department"].create({"name": f"Line {number}"})
            person = self.make_employee(f"Worker {number}", f"7{number}", department_id=one.id)
            self.punch_in(f"2026-03-02 08:{10 + number}:00", pin=f"7{number}")
            self.env["biometric.day.rebuild"].sudo()._rebuild([(person.id, MONDAY)])
        told = self.env["biometric.today"].with_user(self.hal).get_trends()
        self.assertEqual(len(told["departments"]), 6)
        # Sewing 25, then 16 to 12; what is left are 11 and 10
        self.assertEqual(told["others"]["late"][-1], 21)
        ids = told["others"]["ids"]
        week = told["weeks"][-1]
        span = [("date", ">=", week["from"]), ("date", "<=", week["to"]), ("late_minutes", ">", 0)]
        others = self.listed(self.hal, [*span, ("department_id", "not in", ids)])
        self.assertEqual(sum(others.mapped("late_minutes")), 21)

    def test_open_screens_hear_of_days_that_people_live_in(self):
        """Red when a change of today is not told, or a month computed again wakes every screen."""
        self.env["bus.bus"]._ensure_hooks()
        sent = self.env.cr.precommit.data["bus.bus.values"]
        sent.clear()
        rebuild = self.env["biometric.day.rebuild"].sudo()
        rebuild._rebuild([(self.missing.id, MONDAY - timedelta(days=n)) for n in (7, 14)])
        self.assertNotIn("biometric_attendance/day", str(sent))
        self.punch_in("2026-03-02 08:39:00", pin="9")
        sent.clear()
        rebuild._rebuild([(self.missing.id, MONDAY)])
        self.assertEqual(str(sent).count("biometric_attendance/day"), 2)


@tagged("post_install", "-at_install", "biometric_review")
class TestTodayFindings(ReviewCase):
    def test_findings_by_age_are_the_work_lists_own(self):
        """Red when an age is counted twice or left out, or payroll is shown what is not theirs."""
        self.device.sudo().write({"in_service_from": "2026-01-01"})
        self.device.complete_until = datetime.now()
        today = self.env.company._biometric_today()
        mondays = [today - timedelta(days=today.weekday() + 7 * n) for n in (1, 2, 3, 6)]
        for monday in mondays:
            self.punch_in(f"{monday} 07:58:00")
            self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, monday)])
        self.env.flush_all()
        work = self.env["biometric.work"].with_user(self.hal)
        rows = self.env["biometric.today"].with_user(self.hal).get_trends()["findings"]
        ages = [(today - monday).days for monday in mondays]
        for row in rows:
            inside = [
                age
                for age in ages
                if row["from"] <= age and (row["to"] is None or age <= row["to"])
            ]
            self.assertEqual((row["count"], work.search_count(row["domain"])), (len(inside),) * 2)
        self.assertEqual(sum(row["count"] for row in rows), 4)
        payroll = self.env["biometric.today"].with_user(self.pay)
        self.assertFalse(payroll.get_trends()["findings"])
