"""Whatever a day depends on marks exactly the days it can touch, and no other."""

from datetime import date

from odoo import Command
from odoo.tests import tagged

from .test_day import DayCase

DAYS = [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6)]


@tagged("post_install", "-at_install", "biometric_day")
class TestStale(DayCase):
    def setUp(self):
        super().setUp()
        self.other = self.make_employee("Ben Cruz", "8")
        self.env["biometric.day.rebuild"].sudo()._rebuild(
            [(person.id, day) for person in self.employee | self.other for day in DAYS]
        )
        self.popped()

    def popped(self):
        """{employee: sorted dates} of what is stale now."""
        self.env.flush_all()
        found = {}
        for employee_id, day in self.env["biometric.stale.day"].sudo()._pop(10_000):
            found.setdefault(employee_id, []).append(day)
        return found

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
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.env.company.id,
                "date_from": "2026-03-02 16:00:00",
                "date_to": "2026-03-03 15:59:59",
            }
        )
        expected = DAYS[:3]
        self.assertEqual(self.popped(), {self.employee.id: expected, self.other.id: expected})

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

    def test_new_version_marks_from_its_date(self):
        self.employee.create_version({"date_version": DAYS[3]})
        self.assertEqual(self.popped(), {self.employee.id: DAYS[3:]})

    def test_rule_set_marks_its_people_from_its_date(self):
        rule = self.env["biometric.rule"].create(
            {"name": "Ana", "valid_from": DAYS[3], "employee_ids": [Command.set(self.employee.ids)]}
        )
        self.assertEqual(self.popped(), {self.employee.id: DAYS[3:]})
        rule.parameters = {"late_grace_minutes": 5}
        self.assertEqual(self.popped(), {self.employee.id: DAYS[3:]})
        rule.employee_ids = [Command.clear()]
        self.assertEqual(self.popped(), {self.employee.id: DAYS[3:], self.other.id: DAYS[3:]})

    def test_punch_marks_its_date_and_neighbours(self):
        self.punch_in("2026-03-04 08:00:00")
        self.assertEqual(self.popped(), {self.employee.id: DAYS[1:4]})

    def test_mapping_marks_the_days_of_its_punches(self):
        self.punch_in("2026-03-04 08:00:00", pin="99")
        self.assertEqual(self.popped(), {})
        self.env["biometric.device.user"].map_pins([self.device.id], [["99", self.other.id]])
        self.assertEqual(self.popped(), {self.other.id: DAYS[1:4]})

    def test_employee_zone_marks_all_their_days(self):
        self.other.tz = "Asia/Tokyo"
        self.assertEqual(self.popped(), {self.other.id: DAYS})
