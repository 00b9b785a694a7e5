"""Whatever a day depends on marks exactly the days it can touch, and no other.

Each test goes red when its source stops marking (its class in biometric_stale_sources, or the call
named in the test), and when it marks one date or one person more.
"""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.fields import Date
from odoo.tests import tagged

from .common import Lane
from .test_day import DayCase

DAYS = [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6)]


class StaleCase(DayCase):
    """Ana and Ben have the five days of a week computed; nothing is stale."""

    def setUp(self):
        super().setUp()
        self.other = self.make_employee("Ben Cruz", "8")
        self.compute(self.employee | self.other)

    def compute(self, people):
        self.env["biometric.day.rebuild"].sudo()._rebuild(
            [(person.id, day) for person in people for day in DAYS]
        )
        self.popped()

    def popped(self):
        """{employee: sorted dates} of what is stale now."""
        self.env.flush_all()
        found = {}
        for employee_id, day in self.env["biometric.stale.day"].sudo()._pop(10_000):
            found.setdefault(employee_id, []).append(day)
        return found

    def marked(self, ana=(), ben=()):
        """What must be stale now, by person; nothing else may be."""
        expected = {self.employee.id: list(ana), self.other.id: list(ben)}
        self.assertEqual(self.popped(), {who: days for who, days in expected.items() if days})


@tagged("post_install", "-at_install", "biometric_day")
class TestStaleSchedules(StaleCase):
    def test_schedule_line_marks_the_days_of_those_who_follow_it(self):
        other_calendar = self.calendar.copy()
        self.other.create_version(
            {"date_version": DAYS[2], "resource_calendar_id": other_calendar.id}
        )
        self.popped()
        other_calendar.attendance_ids[0].hour_from = 8.5
        self.assertEqual(self.popped(), {self.other.id: DAYS[2:]})
        self.calendar.attendance_ids[0].hour_from = 7.5
        self.assertEqual(self.popped(), {self.employee.id: DAYS, self.other.id: DAYS[:2]})

    def test_zone_and_kind_of_a_schedule_mark_its_followers(self):
        own = self.calendar.copy()
        self.other.resource_calendar_id = own
        self.popped()
        own.tz = "Asia/Tokyo"
        self.marked(ben=DAYS)
        own.flexible_hours = True
        self.marked(ben=DAYS)
        own.active = False
        self.marked()

    def test_a_schedule_of_two_weeks_marks_its_followers(self):
        self.calendar.switch_calendar_type()
        self.marked(DAYS, DAYS)
        self.calendar.attendance_ids[0].unlink()
        self.marked(DAYS, DAYS)

    def test_marking_leaves_odoos_own_computation_alone(self):
        """Red when marking flushes everything: a half day then counts as a whole one, because the
        schedule it belongs to is not complete yet."""
        halves = [("morning", 5), ("afternoon", 3)]
        calendar = self.env["resource.calendar"].create(
            {
                "name": "By duration",
                "duration_based": True,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": period,
                                "dayofweek": "0",
                                "day_period": period,
                                "duration_hours": hours,
                            }
                        )
                        for period, hours in halves
                    ),
                ],
            }
        )
        self.assertEqual(calendar.attendance_ids.mapped("duration_days"), [0.5, 0.5])

    def test_switching_the_schedule_of_a_version_marks_that_version_only(self):
        second = self.employee.create_version({"date_version": DAYS[1]})
        self.employee.create_version({"date_version": DAYS[3]})
        self.popped()
        second.resource_calendar_id = self.calendar.copy()
        self.marked(DAYS[1:3])
        second.date_version = DAYS[2]
        self.marked(DAYS[1:2])
        second.unlink()
        self.marked(DAYS[2:3])

    def test_department_marks_the_dates_of_its_version(self):
        version = self.employee.create_version({"date_version": DAYS[3]})
        self.popped()
        version.department_id = self.env["hr.department"].create({"name": "Kitchen"})
        self.marked(DAYS[3:])

    def test_a_version_marks_from_its_date_what_it_changes(self):
        self.employee.create_version({"date_version": DAYS[3]})
        self.marked()
        self.employee.create_version({"date_version": DAYS[2], "resource_calendar_id": False})
        self.marked(DAYS[2:3])

    def test_dates_of_a_contract_mark_what_lies_between_old_and_new(self):
        version = self.employee.version_ids
        version.contract_date_start = DAYS[2]
        self.marked(DAYS[:2])
        version.contract_date_start = DAYS[3]
        self.marked(DAYS[2:3])
        version.contract_date_end = DAYS[3]
        self.marked(DAYS[4:])
        version.write({"contract_date_start": False, "contract_date_end": False})
        self.marked([*DAYS[:3], DAYS[4]])

    def test_leaving_marks_what_follows_the_last_day(self):
        self.other.version_ids.departure_date = DAYS[3]
        self.marked(ben=DAYS[4:])

    def test_archiving_a_person_marks_the_dates_after(self):
        """What somebody worked is paid, archived or not; after that day nobody is employed."""
        self.employee.active = False
        self.marked()
        self.employee.active = True
        self.marked()
        with freeze_time("2026-03-03 06:00:00"):
            self.employee.active = False
        self.marked(DAYS[2:])
        self.employee.active = True
        self.marked(DAYS[2:])

    def test_another_company_marks_the_days_from_the_move_on(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.other.sudo().biometric_user_ids.unlink()
        self.popped()
        with freeze_time("2026-03-05 06:00:00"):
            self.other.company_id = company
        self.marked(ben=DAYS[3:])
        move = self.env["biometric.employment.company"].search(
            [("employee_id", "=", self.other.id), ("valid_from", "!=", False)]
        )
        self.assertEqual(move.valid_from, DAYS[3])
        move.valid_from = DAYS[1]
        self.marked(ben=DAYS[1:3])

    def test_a_time_outside_employment_marks_its_dates_before_and_after(self):
        away = self.env["biometric.employment.break"].create(
            {"employee_id": self.other.id, "date_from": DAYS[1], "date_to": DAYS[2]}
        )
        self.marked(ben=DAYS[1:3])
        away.date_to = DAYS[3]
        self.marked(ben=DAYS[1:4])
        away.unlink()
        self.marked(ben=DAYS[1:4])

    def test_the_zone_of_a_person_counts_where_no_schedule_has_one(self):
        self.other.tz = "Asia/Tokyo"
        self.marked()
        self.other.create_version({"date_version": DAYS[3], "resource_calendar_id": False})
        self.popped()
        self.other.resource_id.tz = "Asia/Manila"
        self.marked(ben=DAYS[3:])

    def test_roster_marks_its_date_and_neighbours_and_a_template_all_it_is_used_on(self):
        shift = self.env["biometric.shift"].create({"name": "Early", "start": 6.0, "end": 14.0})
        self.marked()
        row = self.env["biometric.roster"].create(
            {"employee_id": self.employee.id, "date": DAYS[1], "shift_id": shift.id}
        )
        self.marked(DAYS[:3])
        shift.start = 5.0
        self.marked(DAYS[:3])
        row.date = DAYS[2]
        self.marked(DAYS[:4])
        row.unlink()
        self.marked(DAYS[1:4])

    def test_archiving_a_shift_template_changes_no_day_it_was_given_to(self):
        """It can be given to nobody any more; who has it works it."""
        shift = self.env["biometric.shift"].create({"name": "Early", "start": 6.0, "end": 14.0})
        self.env["biometric.roster"].create(
            {"employee_id": self.employee.id, "date": DAYS[1], "shift_id": shift.id}
        )
        self.rebuild()
        shift.active = False
        self.marked()
        self.compute(self.employee)
        self.assertEqual(self.day(DAYS[1]).shift_reason, "roster: Early")


@tagged("post_install", "-at_install", "biometric_day")
class TestStaleAbsences(StaleCase):
    def test_personal_leave_marks_its_dates_of_its_person(self):
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Doctor",
                "resource_id": self.employee.resource_id.id,
                "date_from": "2026-03-04 01:00:00",
                "date_to": "2026-03-04 05:00:00",
            }
        )
        self.assertEqual(self.popped(), {self.employee.id: DAYS[1:4]})
        leave.date_to = "2026-03-05 05:00:00"
        self.assertEqual(self.popped(), {self.employee.id: DAYS[1:5]})
        leave.unlink()
        self.assertEqual(self.popped(), {self.employee.id: DAYS[1:5]})

    def test_public_holiday_marks_everybody_of_the_company(self):
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.env.company.id,
                "date_from": "2026-03-02 16:00:00",
                "date_to": "2026-03-03 15:59:59",
            }
        )
        expected = DAYS[:3]
        self.marked(expected, expected)
        holiday.name = "Founders' day"
        self.marked(expected, expected)
        holiday.unlink()
        self.marked(expected, expected)

    def test_public_holiday_of_a_schedule_marks_its_followers(self):
        own = self.calendar.copy()
        self.other.create_version({"date_version": DAYS[2], "resource_calendar_id": own.id})
        self.popped()
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.env.company.id,
                "calendar_id": own.id,
                "date_from": "2026-03-02 16:00:00",
                "date_to": "2026-03-04 15:59:59",
            }
        )
        self.marked(ben=DAYS[2:4])
        holiday.calendar_id = self.calendar
        self.marked(DAYS[:4], DAYS[:4])

    def test_public_holiday_of_another_company_marks_nobody_here(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["resource.calendar.leaves"].with_company(company).create(
            {
                "name": "Holiday",
                "date_from": "2026-03-02 16:00:00",
                "date_to": "2026-03-03 15:59:59",
            }
        )
        self.marked()

    def test_leave_marks_when_approved_refused_and_when_its_kind_changes(self):
        kind = self.env["hr.leave.type"].create(
            {"name": "Sick", "requires_allocation": False, "leave_validation_type": "hr"}
        )
        unpaid = kind.copy({"name": "Unpaid", "unpaid": True})
        leave = self.env["hr.leave"].create(
            {
                "employee_id": self.employee.id,
                "holiday_status_id": kind.id,
                "request_date_from": DAYS[2],
                "request_date_to": DAYS[2],
            }
        )
        self.marked()
        leave.action_approve()
        touched = DAYS[1:4]
        self.marked(touched)
        self.rebuild()
        self.compute(self.employee)
        self.assertEqual(self.day(DAYS[2]).paid_leave_minutes, 480)
        unpaid.unpaid = False
        self.marked()
        unpaid.unpaid = kind.unpaid = True
        self.marked(touched)
        self.compute(self.employee)
        self.assertEqual(self.day(DAYS[2]).paid_leave_minutes, 0)
        kind.name = "Illness"
        self.marked()
        leave.with_context(leave_skip_state_check=True).holiday_status_id = unpaid
        self.marked(touched)
        leave.action_refuse()
        self.marked(touched)


@tagged("post_install", "-at_install", "biometric_day")
class TestStaleRules(StaleCase):
    def test_rule_set_marks_its_people_from_its_date(self):
        rule = self.env["biometric.rule"].create(
            {"name": "Ana", "valid_from": DAYS[3], "employee_ids": [Command.set(self.employee.ids)]}
        )
        self.assertEqual(self.popped(), {self.employee.id: DAYS[3:]})
        rule.parameters = {"late_grace_minutes": 5}
        self.assertEqual(self.popped(), {self.employee.id: DAYS[3:]})
        rule.employee_ids = [Command.clear()]
        self.assertEqual(self.popped(), {self.employee.id: DAYS[3:], self.other.id: DAYS[3:]})

    def test_rule_set_of_a_department_marks_the_dates_spent_there(self):
        kitchen = self.env["hr.department"].create({"name": "Kitchen"})
        self.other.create_version({"date_version": DAYS[2], "department_id": kitchen.id})
        self.compute(self.other)
        rule = self.env["biometric.rule"].create(
            {"name": "Kitchen", "valid_from": DAYS[0], "department_ids": [Command.set(kitchen.ids)]}
        )
        self.marked(ben=DAYS[2:])
        rule.valid_from = DAYS[3]
        self.marked(ben=DAYS[2:])
        rule.active = False
        self.marked(ben=DAYS[3:])

    def test_where_a_week_begins_moves_whole_weeks(self):
        """Red when a changed parameter marks nothing, or only the dates from today on."""
        rule = self.env["biometric.rule"].create(
            {
                "name": "Weeks",
                "valid_from": "2026-01-01",
                "parameters": {"ot_weekly_threshold_minutes": 900, "week_start": "wed"},
            }
        )
        for number in range(2, 6):
            self.punch_in(f"2026-03-0{number} 08:00:00", f"2026-03-0{number} 17:00:00")
        self.rebuild()
        overtime = [self.day(day).overtime_minutes for day in DAYS[:4]]
        # Monday and Tuesday are 960, Wednesday and Thursday too: the last hour of each pair
        self.assertEqual(overtime, [0, 60, 0, 60])
        rule.parameters = rule.parameters | {"week_start": "mon"}
        own = self.env["biometric.day"].search([("employee_id", "=", self.employee.id)])
        self.marked(sorted(own.mapped("date")), DAYS)
        rule._mark_days_stale()
        self.rebuild()
        overtime = [self.day(day).overtime_minutes for day in DAYS[:4]]
        self.assertEqual(overtime, [0, 60, 480, 480])

    def test_a_draft_marks_nothing_until_it_counts(self):
        rule = self.env["biometric.rule"].create(
            {"name": "Draft", "state": "draft", "valid_from": DAYS[2]}
        )
        rule.parameters = {"late_grace_minutes": 5}
        self.marked()
        rule.action_adopt()
        self.marked(DAYS[2:], DAYS[2:])


@tagged("post_install", "-at_install", "biometric_day")
class TestStalePunches(StaleCase):
    def test_punch_marks_its_date_and_neighbours(self):
        self.punch_in("2026-03-04 08:00:00")
        self.assertEqual(self.popped(), {self.employee.id: DAYS[1:4]})

    def test_mapping_marks_the_days_of_its_punches(self):
        self.punch_in("2026-03-04 08:00:00", pin="99")
        self.assertEqual(self.popped(), {})
        self.device.complete_until = datetime(2026, 3, 10)
        self.env["biometric.roster"].create(
            [{"employee_id": self.other.id, "date": day, "shift_id": False} for day in DAYS]
        )
        self.compute(self.other)
        self.env["biometric.device.user"].map_pins([self.device.id], [["99", self.other.id]])
        # all rest days: none was judged by what is complete
        self.marked(ben=DAYS[1:4])

    def test_the_validity_of_a_mapping_marks_what_it_takes_and_gives(self):
        for day in DAYS:
            self.punch_in(f"{day} 08:00:00", f"{day} 17:00:00")
        self.rebuild()
        self.popped()
        mapping = self.employee.sudo().biometric_user_ids
        mapping.valid_to = DAYS[3]
        # the last date falls away; it and its neighbours were touched by its punches
        self.assertIn(DAYS[4], self.popped()[self.employee.id])
        self.rebuild()
        mapping.valid_from = DAYS[4] if mapping.valid_to is False else DAYS[1]
        self.assertIn(DAYS[0], self.popped()[self.employee.id])

    def test_a_mapping_marks_absences_that_another_device_may_disprove(self):
        """Absent was said when the terminals of then were complete; the new one is not. Red when
        device users mark the days of punches only."""
        self.device.complete_until = datetime(2026, 3, 6)
        self.compute(self.other)
        judged = [day for day in DAYS if self.day(day, self.other).status == "absent"]
        self.assertEqual(judged, DAYS[:4])
        gate = self.make_device(self.agent, "SN2", tz="Asia/Manila")
        self.popped()
        self.env["biometric.device.user"].map_pins(
            gate.ids, [["8", self.other.id, DAYS[1].isoformat()]]
        )
        self.marked(ben=DAYS[1:])
        self.compute(self.other)
        self.assertEqual(self.day(DAYS[0], self.other).status, "absent")
        self.assertEqual(self.day(DAYS[1], self.other).status, "pending")

    def test_a_gap_takes_absences_back_on_the_same_date_too(self):
        """Red when a device that went back by hours marks nothing."""
        self.device.write(
            {"complete_until": datetime(2026, 3, 3, 20), "proven_until": datetime(2026, 3, 3, 20)}
        )
        self.compute(self.employee | self.other)
        self.assertEqual(self.day(DAYS[1]).status, "absent")
        self.env["biometric.gap"].sudo().create(
            {
                "company_id": self.device.company_id.id,
                "agent_id": self.agent.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": datetime(2026, 3, 3, 8),
                "window_to": datetime(2026, 3, 3, 9),
                "opened_at": datetime(2026, 3, 3, 20),
            }
        )
        self.env["biometric.completeness"].sudo()._update_devices(self.device)
        # it is Wednesday, 04:00 in Manila, from where all had told
        self.marked(DAYS[:4], DAYS[:4])
        self.compute(self.employee)
        self.assertEqual(self.day(DAYS[1]).status, "pending")

    def test_days_that_became_complete_are_marked_at_once(self):
        """Turns red when a day that a terminal's new proof settles waits for the look of the night,
        or when a date is marked on which somebody could not use the terminal any more."""
        self.employee.sudo().biometric_user_ids.valid_to = DAYS[1]
        self.device.write(
            {"complete_until": datetime(2026, 3, 3, 3), "proven_until": datetime(2026, 3, 4, 3)}
        )
        self.popped()
        self.env["biometric.completeness"].sudo()._update_devices(self.device)
        self.marked(DAYS[:2], DAYS[:3])

    def test_todays_days_are_computed_before_a_backlog(self):
        """Red when marks are popped in the order they came alone."""
        stale = self.env["biometric.stale.day"].sudo()
        stale._mark((self.employee.id, day) for day in DAYS)
        today = Date.today()
        stale._mark([(self.other.id, today)])
        self.assertEqual(stale._pop(1), [(self.other.id, today)])
        self.marked(DAYS)

    def test_a_zone_span_marks_the_days_of_its_punches(self):
        self.punch_in("2026-03-02 08:00:00", "2026-03-05 08:00:00")
        self.rebuild()
        zones = self.env["biometric.device.zone"]
        zone = zones.create(
            {"device_id": self.device.id, "tz": "Asia/Tokyo", "valid_from": f"{DAYS[2]} 00:00:00"}
        )
        self.marked(DAYS[2:])
        zone.tz = "Asia/Seoul"
        self.marked(DAYS[2:])
        zone.unlink()
        self.marked(DAYS[2:])

    def test_refusing_and_approving_a_device_mark_the_days_of_its_punches(self):
        self.punch_in("2026-03-02 08:00:00")
        self.rebuild()
        beside = [DAYS[0] - timedelta(days=1), *DAYS[:2]]
        self.device.action_refuse()
        self.marked(beside)
        self.device.action_approve()
        self.marked(beside)

    def test_discarding_and_releasing_mark_the_days_of_the_punch(self):
        self.punch_in("2026-03-03 08:00:00", "2026-03-05 08:00:00")
        self.rebuild()
        punch = self.env["biometric.punch"].search([("wall_time", "=", "2026-03-03 08:00:00")])
        for verdict in ("discard", "release"):
            self.env["biometric.decide"].create(
                {
                    "verdict": verdict,
                    "punch_ids": [Command.set(punch.ids)],
                    "reason": "the clock was being tested",
                }
            ).action_confirm()
            self.marked(DAYS[:3])

    def test_the_same_punch_on_another_channel_marks_only_what_it_can_move(self):
        """Every sighting of a punch says the same, but which of two in one second came first, an
        hour shown twice, and a stamp from the future. Red when ingest marks new keys only."""
        second = Lane("cd" * 16)
        plain = {"wall": "2026-03-03 08:00:00", "received_at": "2026-03-03T00:00:05.000Z"}
        twins = [
            {
                "wall": "2026-03-05 08:00:00",
                "status": status,
                "received_at": "2026-03-05T00:00:05.000Z",
            }
            for status in "10"
        ]
        self.store(
            self.agent,
            self.lane,
            *(self.lane.punch(channel="poll", **values) for values in (plain, *twins)),
        )
        self.marked(DAYS)
        self.store(self.agent, second, second.punch(channel="push", **plain))
        self.marked()
        self.store(
            self.agent,
            second,
            *(second.punch(channel="push", **values) for values in reversed(twins)),
        )
        self.marked(DAYS[2:])

    def test_a_carried_file_marks_as_a_push_does(self):
        self.store(
            self.agent,
            self.lane,
            self.lane.punch(
                channel="file",
                wall="2026-03-04 08:00:00",
                received_at="2026-03-20T00:00:00.000Z",
            ),
        )
        self.marked(DAYS[1:4])
