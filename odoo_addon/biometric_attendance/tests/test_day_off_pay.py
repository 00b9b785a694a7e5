"""What days off are worth: minutes written by hand first, on the day and in the payroll file."""

from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from .test_day import MONDAY
from .test_day_off import DayOffCase
from .test_migrations import script
from .test_period import PeriodCase

DAYS = [MONDAY + timedelta(days=number) for number in range(14)]
ABSENT, FREE = ("absent", 480, 0, 0, 480), ("rest_day", 0, 0, 0, 0)
OFF, HOLIDAY = ("on_leave", 480, 480, 0, 0), ("holiday", 0, 0, 0, 0)


def half(period):
    periods = {"request_date_from_period": period, "request_date_to_period": period}
    return {"request_unit_half": True, **periods}


@tagged("post_install", "-at_install", "biometric_day")
class TestDayOffMinutes(DayOffCase):
    def setUp(self):
        super().setUp()
        # a public holiday of one schedule is entered by the clock of whoever enters it
        self.env.user.tz = "Asia/Manila"
        self.number = 20

    def person(self, **values):
        self.number += 1
        return self.make_employee(f"Ben {self.number}", str(self.number), **values)

    def flexible(self):
        values = {"name": "Flexible", "tz": "Asia/Manila", "flexible_hours": True}
        return self.env["resource.calendar"].create(
            values | {"hours_per_day": 8, "hours_per_week": 40}
        )

    def paid(self, day, employee):
        return self.day(day, employee).paid_leave_minutes

    def test_half_a_day_without_a_schedule_is_half_of_its_shift(self):
        """Red when half a day off of somebody without a working schedule takes the whole shift: of
        them Odoo stores half a day as its whole date, and twice the time asked for was paid."""
        for shift, period, walls in (
            (self.early, "am", ("10:00", "14:00")),
            (self.late, "pm", ("14:00", "18:00")),
        ):
            ben = self.person(resource_calendar_id=False)
            self.plan(shift, DAYS[1], employee=ben)
            self.take_off(DAYS[1], employee=ben, hours=half(period), request_unit="half_day")
            clocks = [f"{DAYS[1]} {wall}:00" for wall in walls]
            self.punch_in(*clocks, pin=str(self.number))
            found = self.told(DAYS[1], employee=ben)
            self.assertEqual(found, [("present", 480, 240, 240, 0)])
            self.assertFalse(self.day(DAYS[1], ben).exceptions)

    def test_a_whole_date_off_takes_nothing_of_the_night_before(self):
        """Red when the date off of somebody without a schedule, midnight to midnight, takes the
        morning of a night that was worked: it would be paid twice."""
        ben = self.person(resource_calendar_id=False)
        self.plan(self.night, DAYS[0], DAYS[1], employee=ben)
        self.take_off(DAYS[1], employee=ben)
        clocks = f"{DAYS[0]} 22:00:00", f"{DAYS[1]} 06:00:00"
        self.punch_in(*clocks, pin=str(self.number))
        self.assertEqual(self.told(*DAYS[:2], employee=ben), [("present", 480, 0, 480, 0), OFF])
        self.assertFalse(self.day(DAYS[0], ben).exceptions)

    def test_who_moved_has_the_holidays_of_the_company_of_the_date(self):
        """Red when a person who went to another company has its holidays of before, keeps those of
        the company that was left, or loses a leave that was granted there."""
        second = self.env["res.company"].create({"name": "Second"})
        self.calendar.company_id = False
        ben = self.person()
        self.take_off(DAYS[2], employee=ben)
        self.told(*DAYS[:5], employee=ben)
        with freeze_time("2026-03-04 08:00:00"):
            ben.write({"company_id": second.id, "resource_calendar_id": self.calendar.id})
        for company, days in ((self.env.company, DAYS[1:4:2]), (second, DAYS[0:5:4])):
            for day in days:
                eve = day - timedelta(days=1)
                self.holiday(f"{eve} 16:00:00", f"{day} 15:59:59").company_id = company
        statuses = [row[0] for row in self.told(*DAYS[:5], employee=ben)]
        self.assertEqual(statuses, ["absent", "holiday", "on_leave", "absent", "holiday"])

    def test_an_afternoon_off_for_all_is_half_of_flexible_hours(self):
        """Red when hours without times count as lying all over the date: an afternoon off for all
        was a whole day of leave, from noon a whole holiday, and a morning a whole day."""
        ben = self.person(resource_calendar_id=self.flexible().id)
        self.holiday(f"{DAYS[1]} 04:00:00", f"{DAYS[1]} 15:59:59")
        self.holiday(f"{DAYS[1]} 16:00:00", f"{DAYS[2]} 04:00:00")
        self.holiday(f"{DAYS[3]} 05:00:00", f"{DAYS[3]} 15:59:59")
        self.holiday(f"{DAYS[4]} 09:00:00", f"{DAYS[4]} 15:59:59")
        self.holiday(f"{DAYS[7]} 00:00:00", f"{DAYS[7]} 09:00:00")
        found = [row[2] for row in self.told(*DAYS[1:5], employee=ben)]
        self.assertEqual(found, [240, 240, 180, 0])
        self.assertEqual(self.told(DAYS[7], employee=ben)[0][0], "holiday")

    def test_a_holiday_and_a_leave_are_paid_once(self):
        """Red when a leave counts on a holiday, or half a holiday and a leave of the same date are
        added up, or half a holiday is unpaid because the leave around it is."""
        self.holiday(f"{DAYS[0]} 16:00:00", f"{DAYS[1]} 15:59:59")
        self.holiday(f"{DAYS[3]} 05:00:00", f"{DAYS[3]} 15:59:59")
        ana, ben, eve = self.person(), self.person(), self.person()
        self.plan(self.night, *DAYS[:4], employee=eve)
        for who, unpaid in ((ana, False), (ben, True), (eve, False)):
            self.take_off(DAYS[0], DAYS[3], employee=who, unpaid=unpaid)
            found = self.told(*DAYS[:4], employee=who)
            self.assertEqual(found, [OFF, HOLIDAY, OFF, OFF], who.name)
        self.assertEqual([self.paid(day, ana) for day in DAYS[:4]], [480, 0, 480, 480])
        self.assertEqual([self.paid(day, ben) for day in DAYS[:4]], [0, 0, 0, 240])

    def test_a_holiday_of_one_schedule_is_nobody_elses(self):
        """Red when a holiday of one working schedule is a day off for everybody, or not of whoever
        follows it over night."""
        other = self.calendar.copy({"name": "Other"})
        ben, eve = self.person(resource_calendar_id=other.id), self.person()
        zed = self.person(resource_calendar_id=other.id)
        self.plan(self.night, DAYS[1], employee=zed)
        begin, end = f"{DAYS[0]} 16:00:00", f"{DAYS[1]} 15:59:59"
        self.holiday(begin, end, calendar_id=other.id)
        found = [self.told(DAYS[1], employee=who)[0] for who in (ben, zed, eve)]
        self.assertEqual(found, [HOLIDAY, HOLIDAY, ABSENT])

    def test_two_leaves_on_one_date_are_paid_each_as_it_is(self):
        """Red when paid hours make the unpaid ones of the same date paid."""
        ben = self.person()
        self.take_off(DAYS[1], employee=ben, hours=half("am"), request_unit="half_day")
        hours = {"request_hour_from": 13, "request_hour_to": 15}
        self.take_off(DAYS[1], employee=ben, hours=hours, request_unit="hour", unpaid=True)
        self.assertEqual(self.told(DAYS[1], employee=ben), [("absent", 480, 360, 0, 120)])
        self.assertEqual(self.paid(DAYS[1], ben), 240)

    def test_leaves_of_long_and_split_shifts_and_from_a_rest_day(self):
        """Red when a duty of 24 hours loses its night, hours off count a break between shifts, or a
        leave that begins on a Saturday takes nothing of the shift there."""
        shifts = self.env["biometric.shift"]
        duty, morning, evening = shifts.create(
            [
                {"name": name, "start": start, "end": end}
                for name, start, end in (("D", 8, 8), ("M", 8, 12), ("E", 16, 20))
            ]
        )
        ben, eve, zed = self.person(), self.person(), self.person()
        self.plan(duty, DAYS[0], DAYS[2], employee=ben)
        self.rest(DAYS[1], DAYS[3], employee=ben)
        self.take_off(DAYS[2], DAYS[3], employee=ben)
        found = self.told(*DAYS[:4], employee=ben)
        off = ("on_leave", 1440, 1440, 0, 0)
        self.assertEqual(found, [("absent", 1440, 0, 0, 1440), FREE, off, FREE])
        self.plan(morning, DAYS[0], employee=eve)
        self.plan(evening, DAYS[0], employee=eve)
        hours = {"request_hour_from": 10, "request_hour_to": 17}
        self.take_off(DAYS[0], employee=eve, hours=hours, request_unit="hour")
        self.assertEqual(self.told(DAYS[0], employee=eve), [("absent", 480, 180, 0, 300)])
        self.plan(self.night, DAYS[5], employee=zed)
        self.take_off(DAYS[5], DAYS[7], employee=zed)
        self.assertEqual(self.told(*DAYS[5:8], employee=zed), [OFF, FREE, OFF])

    def test_a_night_off_is_as_long_as_the_night(self):
        """Red when a night off in which clocks change has eight hours."""
        york = self.calendar.copy({"name": "York", "tz": "America/New_York"})
        for saturday, minutes in ((DAYS[5], 420), (date(2026, 10, 31), 540)):
            ben = self.person(resource_calendar_id=york.id, tz="America/New_York")
            self.plan(self.night, saturday, employee=ben)
            self.take_off(saturday, saturday + timedelta(2), employee=ben)
            found = self.told(saturday, employee=ben)
            self.assertEqual(found, [("on_leave", minutes, minutes, 0, 0)])

    def test_who_worked_on_a_day_off_is_paid_by_nobody_until_it_is_cleared(self):
        """Red when work on a day off is paid beside the day off, at any hour of that date."""
        for begin, end in (("08:00", "17:00"), ("18:00", "20:00")):
            ben = self.person()
            self.take_off(DAYS[0], employee=ben)
            clocks = f"{DAYS[0]} {begin}:00", f"{DAYS[0]} {end}:00"
            self.punch_in(*clocks, pin=str(self.number))
            self.assertEqual(self.told(DAYS[0], employee=ben)[0][0], "conflict")
            self.assertTrue(self.day(DAYS[0], ben).is_blocking)

    def test_a_departure_stated_before_archiving_counts(self):
        """Red when archiving ends employment with the click where the departure date was already
        there, not given by the same dialog."""
        ben = self.person()
        with freeze_time("2026-03-02 03:00:00"):
            ben.departure_date = "2026-03-05"
        with freeze_time("2026-03-03 03:00:00"):
            ben.active = False
        away = self.env["biometric.employment.break"].search([("employee_id", "=", ben.id)])
        self.assertEqual((away.date_from, away.date_to), (DAYS[4], False))

    def test_who_is_active_again_is_employed_though_odoo_names_a_departure(self):
        """Red when a departure that an import left standing outlives the return: whoever was back
        worked for nothing."""
        ben = self.person()
        with freeze_time("2026-03-03 03:00:00"):
            ben.write({"active": False, "departure_date": "2026-03-03"})
        with freeze_time("2026-03-05 03:00:00"):
            ben.write({"active": True})
        self.assertEqual(ben.departure_date, DAYS[1])
        plan = self.env["biometric.schedule"].sudo()._plans(ben, DAYS[0], DAYS[4])[ben.id][0]
        outside = [plan.is_outside(day) for day in DAYS[:5]]
        self.assertEqual(outside, [False, False, True, False, False])
        ben.departure_date = DAYS[3]
        plan = self.env["biometric.schedule"].sudo()._plans(ben, DAYS[0], DAYS[4])[ben.id][0]
        self.assertEqual([plan.is_outside(day) for day in DAYS[2:5]], [True, False, True])


@tagged("post_install", "-at_install", "biometric_review")
class TestDayOffInFiles(DayOffCase, PeriodCase):
    """Ana's week was paid; what was off is another thing afterwards."""

    def lines(self, export):
        return [
            (row["work_date"], row["pay_code"], int(row["minutes"]), row["kind"])
            for row in self.rows(export)
        ]

    def prepare(self, *worked):
        for day in worked:
            self.work(day)
        self.env["biometric.day.rebuild"].sudo()._rebuild(
            [(self.employee.id, day) for day in DAYS[:7]]
        )
        self.rebuild()

    def corrections(self):
        """(what the cockpit says of earlier days, what the next file holds of them)"""
        self.env.invalidate_all()
        said = self.next_week.with_user(self.pay).get_cockpit_data(self.next_week.id)
        held = [line for line in self.lines(self.close(self.next_week)) if line[3] == "correction"]
        return said["corrections"], held

    def test_a_leave_refused_after_its_file_is_taken_back(self):
        """Red when a leave that was paid stays paid once it is refused, or an unpaid half day is in
        a file."""
        leave = self.take_off(DAYS[1])
        halves = {"request_unit": "half_day", "unpaid": True}
        self.take_off(DAYS[2], hours=half("am"), **halves)
        self.punch_in(f"{DAYS[2]} 13:00:00", f"{DAYS[2]} 17:00:00")
        self.prepare(DAYS[3], DAYS[4])
        first = [(day, code, minutes) for day, code, minutes, _kind in self.lines(self.close())]
        worked = [(str(DAYS[0]), "REG", 480), (str(DAYS[1]), "LV", 480), (str(DAYS[2]), "REG", 240)]
        worked += [(str(day), "REG", 480) for day in DAYS[3:5]]
        self.assertEqual(first, worked)
        leave.action_refuse()
        self.rebuild()
        self.work(DAYS[7])
        self.rebuild()
        said, held = self.corrections()
        self.assertEqual(said, {"days": 1, "people": 1, "minutes": -480})
        self.assertEqual(held, [(str(DAYS[1]), "LV", -480, "correction")])

    def test_a_closed_week_of_before_the_upgrade_is_mended_in_the_next_file(self):
        """Red when a day off that was paid by the hours of the schedule stays so after the upgrade,
        or the cockpit does not say that earlier days come with the file."""
        self.plan(self.late, DAYS[1])
        self.take_off(DAYS[1])
        schedule = type(self.env["biometric.schedule"])
        former = patch.object(
            schedule, "_days_off", staticmethod(lambda _plan, span, _first, _last: [span])
        )
        with former:
            self.prepare(*DAYS[2:5])
            self.assertIn((str(DAYS[1]), "LV", 180, "regular"), self.lines(self.close()))
        self.work(DAYS[7])
        self.rebuild()
        script("19.0.1.6.0", "post-dates-off").migrate(self.env.cr, "19.0.1.5.0")
        self.rebuild()
        self.assertEqual(self.week.state, "exported")
        said, held = self.corrections()
        self.assertEqual(said, {"days": 1, "people": 1, "minutes": 300})
        self.assertEqual(held, [(str(DAYS[1]), "LV", 300, "correction")])
