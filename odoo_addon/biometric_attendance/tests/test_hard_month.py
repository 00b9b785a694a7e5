"""A month as HR closes it, its truth written down first: people of every kind of contract around
the end of daylight saving time, and what is found out when it is locked."""

from collections import Counter
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from .common import Lane
from .test_period import PeriodCase

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
WEEKDAYS = [day for day in (FIRST + timedelta(days=n) for n in range(31)) if day.weekday() < 5]
HOLIDAY, MOVED = date(2026, 10, 5), date(2026, 10, 6)
WORKED = [day for day in WEEKDAYS if day != HOLIDAY]
# 22 weekdays, of which one is a holiday.
FULL = 21 * 480


@tagged("post_install", "-at_install", "biometric_review")
class TestHardMonth(PeriodCase):
    def setUp(self):
        super().setUp()
        frozen = freeze_time(datetime(2026, 11, 4, 4))
        frozen.start()
        self.addCleanup(frozen.stop)
        self.group.active = False
        self.employee.active = False
        self.tower = self.make_device(self.agent, "SNT", tz="Europe/Berlin")
        self.tower.write(
            {"complete_until": "2026-11-03 00:00:00", "in_service_from": "2026-09-30 22:00:00"}
        )
        self.device.write({"state": "moved", "moved_at": "2026-09-30 00:00:00"})
        self.month = self.env["biometric.period.group"].create(
            {"name": "Month", "rhythm": "monthly", "anchor": "2026-10-01"}
        )
        periods = self.month.period_ids.filtered(lambda one: one.date_from >= FIRST)
        self.october, self.november = periods.sorted("date_from")[:2]
        self.env.company.partner_id.tz = "Europe/Berlin"
        self.office = self.schedule(
            "Office", range(5), (8, 12, "morning"), (12, 13, "lunch"), (13, 17, "afternoon")
        )
        self.lane = Lane("b" * 32)
        self.people = {}
        self.pins = {}

    def schedule(self, name, weekdays, *lines, **values):
        return self.env["resource.calendar"].create(
            {
                "name": name,
                "tz": "Europe/Berlin",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"{name} {weekday} {start}",
                                "dayofweek": str(weekday),
                                "hour_from": start,
                                "hour_to": end,
                                "day_period": period,
                            }
                        )
                        for weekday in weekdays
                        for start, end, period in lines
                    ),
                ],
                **values,
            }
        )

    def hire(self, name, pin, schedule, first=None, last=None, badge=None):
        person = self.env["hr.employee"].create(
            {
                "name": name,
                "date_version": "2026-01-01",
                "resource_calendar_id": schedule and schedule.id,
                "tz": "Europe/Berlin",
                "barcode": badge or name.upper(),
            }
        )
        if first or last:
            person.version_id.write(
                {"contract_date_start": first or date(2026, 1, 1), "contract_date_end": last}
            )
        self.people[person.barcode] = person
        if pin:
            self.pins[pin] = self.env["biometric.device.user"].create(
                {"device_id": self.tower.id, "pin": pin, "employee_id": person.id}
            )
        return person

    def tap(self, pin, days, *spans):
        """Each of these days: `(in, out)`, an out before its in is of the morning after."""
        rows = []
        for day in days:
            for begin, end in spans:
                after = day + timedelta(days=end <= begin)
                rows += [(f"{day} {begin}:00", "0"), (f"{after} {end}:00", "1")]
        self.store(
            self.agent,
            self.lane,
            *(
                self.lane.punch(
                    serial="SNT",
                    pin=pin,
                    wall=wall,
                    status=status,
                    received_at=f"{wall[:10]}T23:59:00.000Z",
                )
                for wall, status in rows
            ),
        )

    def told(self, export):
        """{(badge, pay code): minutes}, and {(badge, date, pay code): minutes}."""
        sums, days = Counter(), Counter()
        for row in self.rows(export):
            sums[row["employee_id"], row["pay_code"]] += int(row["minutes"])
            days[row["employee_id"], row["work_date"], row["pay_code"]] += int(row["minutes"])
        return dict(sums), dict(days)

    def play(self):
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Fair",
                "company_id": self.env.company.id,
                "date_from": "2026-10-04 22:00:00",
                "date_to": "2026-10-05 21:59:59",
            }
        )
        self.hire("Ann", "1", self.office)
        self.tap("1", WORKED, ("08:00", "17:00"))
        part = self.schedule("Part", (0, 2), (8, 12, "morning"))
        self.hire("Bob", "2", part)
        self.tap("2", [day for day in WORKED if day.weekday() in (0, 2)], ("08:00", "12:00"))
        night = self.env["biometric.shift"].create({"name": "Night", "start": 22.0, "end": 6.0})
        cora = self.hire("Cora", "3", False)
        nights = [date(2026, 10, number) for number in (23, 24, 31)]
        for day in nights:
            self.env["biometric.roster"].create(
                {"employee_id": cora.id, "date": day, "shift_id": night.id}
            )
        self.tap("3", nights, ("22:00", "06:00"))
        flexible = self.schedule(
            "Flexible", (), flexible_hours=True, hours_per_week=20, hours_per_day=4
        )
        self.hire("Dan", "4", flexible, date(2026, 10, 5), date(2026, 10, 25))
        monday = date(2026, 10, 5)
        for week in range(3):
            tuesday = monday + timedelta(days=7 * week + 1)
            self.tap("4", [tuesday, tuesday + timedelta(days=2)], ("09:00", "17:00"))
            self.tap("4", [tuesday + timedelta(days=4)], ("09:00", "13:00"))
        self.hire("Eve", "5", self.office, date(2026, 10, 12))
        self.tap("5", [day for day in WORKED if day >= date(2026, 10, 12)], ("08:00", "17:00"))
        self.hire("Finn", "6", self.office, None, date(2026, 10, 20))
        self.tap("6", [day for day in WORKED if day <= date(2026, 10, 20)], ("08:00", "17:00"))
        split = self.schedule("Split", range(5), (8, 12, "morning"), (16, 20, "afternoon"))
        self.hire("Gil", "7", split)
        usual = [day for day in WORKED if day != date(2026, 10, 14)]
        self.tap("7", usual, ("08:00", "12:00"), ("16:00", "20:00"))
        self.tap("7", [date(2026, 10, 14)], ("08:00", "12:10"), ("15:50", "20:00"))
        # Hal's PIN means Ida, all month long; Ida herself stays away
        self.hire("Ida", "9", self.office)
        self.hire("Hal", None, self.office)
        self.pins["8"] = self.env["biometric.device.user"].create(
            {"device_id": self.tower.id, "pin": "8", "employee_id": self.people["IDA"].id}
        )
        self.tap("8", WORKED, ("08:00", "17:00"))
        self.rebuild()
        return holiday

    def test_a_month_of_every_contract_and_what_came_out_when_it_was_locked(self):
        """Red when a night of 25 hours' day loses its hour, a week by the hours forgets a holiday,
        the split shift its edges, who came or left in the month a day; or when a month under the
        wrong PIN, and a holiday that moved, are not told as differences to the minute."""
        holiday = self.play()
        first = self.close(self.october)
        sums, days = self.told(first)
        self.assertEqual(
            sums,
            {
                ("ANN", "REG"): FULL,
                ("BOB", "REG"): 7 * 240,
                # eight hours, nine where three o'clock came twice, and the last night of October
                ("CORA", "REG"): 480 + 540 + 480,
                # the holiday takes four of the twenty hours of its week
                ("DAN", "REG"): 3 * 1200 - 240,
                ("DAN", "OT"): 240,
                ("EVE", "REG"): 15 * 480,
                ("FINN", "REG"): 13 * 480,
                ("GIL", "REG"): FULL,
                ("GIL", "OT"): 20,
                ("IDA", "REG"): FULL,
            },
        )
        self.assertEqual(days["DAN", "2026-10-10", "OT"], 240)
        self.assertEqual(days["CORA", "2026-10-24", "REG"], 540)

        self.pins["8"].employee_id = self.people["HAL"]
        holiday.write({"date_from": "2026-10-05 22:00:00", "date_to": "2026-10-06 21:59:59"})
        self.rebuild()
        with freeze_time(datetime(2026, 12, 4, 4)):
            self.tower.complete_until = "2026-12-03 00:00:00"
            second = self.close(self.november)
        sums, days = self.told(second)
        there = {(badge, "HOL"): 480 for badge in ("ANN", "DAN", "FINN", "GIL", "HAL")}
        self.assertEqual(
            sums,
            {
                **there,
                ("ANN", "REG"): -480,
                # on the holiday itself: its week owes sixteen hours and has twelve
                ("DAN", "REG"): -240,
                ("DAN", "OT"): -240,
                ("FINN", "REG"): -480,
                ("GIL", "REG"): -480,
                ("HAL", "REG"): FULL - 480,
                ("IDA", "REG"): -FULL,
            },
        )
        self.assertEqual(days["DAN", "2026-10-10", "REG"], 240)
        both = Counter()
        for export in (first, second):
            for key, minutes in self.told(export)[1].items():
                both[key] += minutes
        names = {"REG": "regular", "OT": "overtime", "HOL": "holiday"}
        now = Counter()
        for badge, person in self.people.items():
            for day in self.env["biometric.day"].search([("employee_id", "=", person.id)]):
                for code, name in names.items():
                    if minutes := day[f"{name}_minutes"]:
                        now[badge, str(day.date), code] += minutes
        self.assertEqual({key: value for key, value in both.items() if value}, dict(now))
