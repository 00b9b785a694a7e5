"""What is taken off is a date, whatever shift lies on it: leaves and public holidays of people
whose work does not lie where the company's schedule has it."""

from datetime import date, timedelta

from odoo.tests import tagged

from .test_day import MONDAY, DayCase
from .test_migrations import script

DAYS = [MONDAY + timedelta(days=number) for number in range(7)]


class DayOffCase(DayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shifts = cls.env["biometric.shift"]
        cls.night = shifts.create({"name": "Night", "start": 22.0, "end": 6.0})
        cls.early = shifts.create({"name": "Early", "start": 6.0, "end": 14.0})
        cls.late = shifts.create({"name": "Late", "start": 14.0, "end": 22.0})

    def plan(self, shift, *days, employee=None):
        self.env["biometric.roster"].create(
            [
                {
                    "employee_id": (employee or self.employee).id,
                    "date": day,
                    "shift_id": shift.id,
                }
                for day in days
            ]
        )

    def rest(self, *days, employee=None):
        self.plan(self.env["biometric.shift"], *days, employee=employee)

    def take_off(self, first, last=None, employee=None, hours=None, **kind):
        """A leave as its screen makes it, approved."""
        kinds = self.env["hr.leave.type"]
        values = {"name": "Vacation", "requires_allocation": False, "leave_validation_type": "hr"}
        leave = self.env["hr.leave"].create(
            {
                "employee_id": (employee or self.employee).id,
                "holiday_status_id": kinds.create(values | kind).id,
                "request_date_from": first,
                "request_date_to": last or first,
                **(hours or {}),
            }
        )
        leave.action_approve()
        return leave

    def holiday(self, begin, end, **values):
        """A public holiday, its instants in UTC."""
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Founders' Day",
                "company_id": self.env.company.id,
                "date_from": begin,
                "date_to": end,
                **values,
            }
        )

    def told(self, *days, employee=None):
        """[(status, due, leave, worked, short)] of these dates, computed anew."""
        employee = employee or self.employee
        self.device.complete_until = "2026-03-20 00:00:00"
        self.device.in_service_from = "2026-02-01 00:00:00"
        self.env["biometric.day.rebuild"].sudo()._rebuild([(employee.id, day) for day in days])
        self.env.invalidate_all()
        found = [self.day(day, employee) for day in days]
        return [
            (
                day.status,
                day.scheduled_minutes,
                day.leave_minutes,
                day.worked_minutes,
                day.undertime_minutes,
            )
            for day in found
        ]


@tagged("post_install", "-at_install", "biometric_day")
class TestLeaveOfADate(DayOffCase):
    """The company works 8 to 17; the roster says otherwise. Odoo stores a day off as 8 to 17."""

    def test_a_day_off_takes_the_whole_shift_of_its_date(self):
        """Red when a leave of whole days is its hours by the schedule: who is on the roster from 6,
        from 14 or over night lost two hours, five, or all of a paid day."""
        self.plan(self.early, DAYS[0])
        self.plan(self.late, DAYS[1])
        self.plan(self.night, DAYS[2])
        self.take_off(DAYS[0], DAYS[2])
        self.assertEqual(self.told(*DAYS[:3]), [("on_leave", 480, 480, 0, 0)] * 3)

    def test_a_day_off_takes_nothing_of_the_night_before(self):
        """Red when the morning after a night that was worked counts as leave, or a night off ends
        at midnight."""
        self.plan(self.night, DAYS[0], DAYS[1])
        self.rest(DAYS[2])
        self.take_off(DAYS[1])
        self.punch_in("2026-03-02 22:00:00", "2026-03-03 06:00:00")
        self.assertEqual(
            self.told(*DAYS[:3]),
            [("present", 480, 0, 480, 0), ("on_leave", 480, 480, 0, 0), ("rest_day", 0, 0, 0, 0)],
        )
        self.assertNotIn("work_during_leave", self.day(DAYS[0]).exceptions or "")

    def test_who_has_no_schedule_has_the_night_off(self):
        """Red when a leave of somebody without a schedule ends at midnight."""
        ben = self.make_employee("Ben Cruz", "8", resource_calendar_id=False)
        self.plan(self.night, DAYS[1], employee=ben)
        self.rest(DAYS[2], employee=ben)
        self.take_off(DAYS[1], employee=ben)
        found = self.told(DAYS[1], DAYS[2], employee=ben)
        self.assertEqual(found, [("on_leave", 480, 480, 0, 0), ("rest_day", 0, 0, 0, 0)])

    def test_hours_and_half_days_stay_what_was_asked_for(self):
        """Red when two hours off become a day off."""
        self.plan(self.late, DAYS[0])
        hours = {"request_hour_from": 14, "request_hour_to": 16}
        self.take_off(DAYS[0], hours=hours, request_unit="hour")
        self.punch_in("2026-03-02 16:00:00", "2026-03-02 22:00:00")
        self.assertEqual(self.told(DAYS[0]), [("present", 480, 120, 360, 0)])

    def test_the_grid_marks_the_dates_that_are_off(self):
        """Red when the morning after a night off stands as a day off in the roster grid."""
        self.plan(self.night, DAYS[1])
        self.take_off(DAYS[1])
        grid = self.env["biometric.roster.grid"].open_grid(str(MONDAY))
        (person,) = (one for one in grid["people"] if one["id"] == self.employee.id)
        first = [cell["date"] for cell in grid["days"]].index(str(DAYS[0])) + 1
        marked = [cell["leave"] for cell in person["cells"][first : first + 3]]
        self.assertEqual(marked, [False, True, False])


@tagged("post_install", "-at_install", "biometric_day")
class TestHolidayOfADate(DayOffCase):
    """Tuesday is a public holiday in Manila."""

    def setUp(self):
        super().setUp()
        self.tuesday = ("2026-03-02 16:00:00", "2026-03-03 15:59:59")

    def test_a_night_that_begins_on_a_holiday_is_one(self):
        """Red when a holiday must cover a shift to its end: night shifts never had one; who stayed
        at home was absent, who worked was paid without it."""
        self.plan(self.night, *DAYS[:3])
        self.holiday(*self.tuesday)
        self.punch_in("2026-03-02 22:00:00", "2026-03-03 06:00:00")
        self.assertEqual(
            self.told(*DAYS[:2]), [("present", 480, 0, 480, 0), ("holiday", 0, 0, 0, 0)]
        )
        self.punch_in("2026-03-03 22:00:00", "2026-03-04 06:00:00")
        self.assertEqual(self.told(DAYS[1]), [("worked_holiday", 0, 0, 480, 0)])
        self.assertEqual((self.day(DAYS[1]).holiday_minutes, self.day().holiday_minutes), (480, 0))

    def test_by_the_calendar_the_holiday_ends_at_midnight(self):
        """Red when where minutes go by the calendar a night of the eve loses its holiday, or the
        holiday's own night keeps it after midnight."""
        self.env["biometric.rule"].create(
            {
                "name": "By the calendar",
                "valid_from": "2026-01-01",
                "parameters": {"day_class_attribution": "calendar"},
            }
        ).action_adopt()
        self.plan(self.night, *DAYS[:3])
        self.holiday(*self.tuesday)
        self.punch_in("2026-03-02 22:00:00", "2026-03-03 06:00:00")
        self.punch_in("2026-03-03 22:00:00", "2026-03-04 06:00:00")
        self.told(*DAYS[:2])
        minutes = [(self.day(day).holiday_minutes, self.day(day).regular_minutes) for day in DAYS]
        self.assertEqual(minutes[:2], [(360, 120), (120, 360)])

    def test_a_holiday_is_its_date_at_a_branch_in_another_zone(self):
        """Red when a holiday written at the head office is an instant: at a branch hours to the
        west it began the evening before and ended in the late shift."""
        self.env.company.partner_id.tz = "Asia/Manila"
        west = self.calendar.copy({"tz": "Asia/Dubai"})
        ben = self.make_employee("Ben Cruz", "8", resource_calendar_id=west.id, tz="Asia/Dubai")
        self.plan(self.late, *DAYS[:2], employee=ben)
        self.holiday(*self.tuesday)
        found = self.told(*DAYS[:2], employee=ben)
        self.assertEqual(found, [("absent", 480, 0, 0, 480), ("holiday", 0, 0, 0, 0)])

    def test_a_company_in_another_zone_has_its_holidays_there(self):
        """Red when days keep the date that a holiday had by the company's zone of before: whichever
        way it moves, its address, its schedule, or another schedule."""
        company = self.env.company
        company.partner_id.tz = False
        company.resource_calendar_id = self.calendar
        holiday = self.holiday(*self.tuesday)
        west = self.calendar.copy({"tz": "Asia/Dubai"})
        ben = self.make_employee("Ben Cruz", "8", resource_calendar_id=west.id, tz="Asia/Dubai")
        self.plan(self.late, *DAYS[:2], employee=ben)
        self.told(*DAYS[:2], employee=ben)

        def types():
            self.rebuild()
            self.env.invalidate_all()
            return [self.day(day, ben).day_type for day in DAYS[:2]]

        self.assertEqual(types(), ["workday", "holiday"])
        company.partner_id.tz = "Asia/Tokyo"
        self.assertEqual(types(), ["workday", "workday"])
        company.partner_id.tz = False
        self.assertEqual(types(), ["workday", "holiday"])
        company.resource_calendar_id = self.calendar.copy({"tz": "Asia/Tokyo"})
        self.assertEqual(types(), ["workday", "workday"])
        company.resource_calendar_id.tz = "Asia/Manila"
        self.assertEqual(types(), ["workday", "holiday"])
        self.assertTrue(holiday.exists())

    def test_a_part_of_a_day_stays_one(self):
        """Red when an afternoon off for all becomes a holiday."""
        self.holiday("2026-03-03 05:00:00", "2026-03-03 15:59:59")
        self.punch_in("2026-03-03 08:00:00", "2026-03-03 12:00:00")
        self.assertEqual(self.told(DAYS[1]), [("present", 480, 240, 240, 0)])
        self.assertEqual(self.day(DAYS[1]).day_type, "workday")

    def test_a_holiday_moved_after_pay_was_told_comes_as_a_difference(self):
        """Red when the old date keeps its premium or the new one gets none, in a file of nights; or
        when what was paid twice is taken back once, because the class is gone from the day."""
        self.env["biometric.rule"].create(
            {
                "name": "Holidays twice",
                "valid_from": "2026-01-01",
                "parameters": {"rate_table": {"holiday": 200}},
            }
        ).action_adopt()
        self.plan(self.night, *DAYS[:4])
        holiday = self.holiday(*self.tuesday)
        for day in DAYS[:3]:
            self.punch_in(f"{day} 22:00:00", f"{day + timedelta(days=1)} 06:00:00")
        self.rebuild()
        self.told(*DAYS[:4])
        self.rebuild()
        dates = {"date_from": "2026-03-01", "date_to": "2026-03-04"}
        first = self.env["biometric.export"].create(dates)
        first.action_generate()
        holiday.write({"date_from": "2026-03-03 16:00:00", "date_to": "2026-03-04 15:59:59"})
        self.rebuild()
        second = self.env["biometric.export"].create(dates)
        second.action_generate_changes()
        held = self.env["biometric.export.day"].search([("export_id", "=", second.id)])
        twice = {"HOL|holiday": "2.00"}
        self.assertEqual(
            [(row.date, row.minutes, row.factors) for row in held.sorted("date")],
            [
                (date(2026, 3, 3), {"HOL|holiday": -480, "REG|regular": 480}, twice),
                (date(2026, 3, 4), {"HOL|holiday": 480, "REG|regular": -480}, twice),
            ],
        )


@tagged("post_install", "-at_install", "biometric_day")
class TestUpgradeOfDatesOff(DayOffCase):
    def test_days_off_of_before_are_computed_again(self):
        """Red when an upgraded database keeps what hours said of days off: the nightly proof would
        call each such day tampered with."""
        quiet, off, feast, left = (DAYS[number] for number in (0, 2, 4, 6))
        self.take_off(off)
        self.holiday("2026-03-05 16:00:00", "2026-03-06 15:59:59")
        ben = self.make_employee("Ben Cruz", "8")
        ben.departure_date = DAYS[5]
        rebuild = self.env["biometric.day.rebuild"].sudo()
        rebuild._rebuild([(self.employee.id, day) for day in DAYS])
        self.punch_in(f"{left} 08:00:00", f"{left} 17:00:00", pin="8")
        self.rebuild()
        migration, stale = script("19.0.1.6.0", "post-dates-off"), self.env["biometric.stale.day"]
        migration.migrate(self.env.cr, None)
        self.assertFalse(stale.search_count([]))
        migration.migrate(self.env.cr, "19.0.1.5.0")
        marked = {(row.employee_id, row.date) for row in stale.search([])}
        self.assertLessEqual({(self.employee, off), (self.employee, feast), (ben, left)}, marked)
        self.assertNotIn((self.employee, quiet), marked)
