"""Days do not depend on where reading began, in which order punches came, or when the cron ran."""

import os
import random
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import Lane
from .test_day import MONDAY, DayCase

# Random orders of delivery, beside the two that come first; the campaign plays a hundred.
RANDOM = int(os.environ.get("BIOMETRIC_ORDERS") or 1)

STORED = (
    "employee_id",
    "date",
    "status",
    "exceptions",
    "worked_minutes",
    "regular_minutes",
    "overtime_minutes",
    "late_minutes",
    "digest",
)


def walls(day, *times):
    return [f"{day} {time}:00" for time in times]


class ReachCase(DayCase):
    def unscheduled(self, name="Free Lance", pin="21"):
        return self.make_employee(name, pin, resource_calendar_id=False)

    def state(self, employees):
        days = self.env["biometric.day"].search(
            [("employee_id", "in", employees.ids)], order="employee_id, date"
        )
        return [tuple(str(day[name]) for name in STORED) for day in days]

    def from_scratch(self, employees):
        """The same people and dates, computed again in one piece from empty tables."""
        days = self.env["biometric.day"].search([("employee_id", "in", employees.ids)])
        pairs = [(day.employee_id.id, day.date) for day in days]
        self.env.cr.execute("DELETE FROM biometric_day WHERE id = ANY(%s)", (days.ids,))
        self.env["biometric.day"].invalidate_model()
        self.env["biometric.day.rebuild"].sudo()._rebuild(pairs)
        return self.state(employees)


@tagged("post_install", "-at_install", "biometric_day")
class TestReach(ReachCase):
    def test_a_forgotten_punch_turns_the_whole_week_of_somebody_without_shifts(self):
        """Red if only the neighbours of a punch are computed again, or if punches are loaded from
        a fixed number of days before."""
        free = self.unscheduled()
        week = [MONDAY + timedelta(days=number) for number in range(5)]
        stamps = [wall for day in week for wall in walls(day, "08:00", "17:00")]
        forgotten = stamps.pop(0)
        self.punch_in(*stamps, pin="21")
        self.rebuild()
        turned = self.state(free)
        self.punch_in(forgotten, pin="21")
        self.rebuild()
        right = self.state(free)
        self.assertNotEqual(turned, right)
        self.assertEqual([self.day(day, free).worked_minutes for day in week], [540] * 5)
        self.assertEqual(self.from_scratch(free), right)

    def test_a_long_chain_of_punches_is_read_from_its_beginning(self):
        """40 days on duty without a pause longer than a session: the last day needs the first
        punch. Red if loading stops after the first or second attempt."""
        free = self.unscheduled()
        first = date(2026, 1, 5)
        days = [first + timedelta(days=number) for number in range(80)]
        self.punch_in(*(wall for day in days for wall in walls(day, "08:00", "17:00")), pin="21")
        self.rebuild()
        last = self.day(days[-1], free)
        self.assertEqual((last.status, last.worked_minutes), ("present", 540))
        self.env["biometric.day.rebuild"].sudo()._rebuild([(free.id, days[-1])])
        self.assertEqual(self.day(days[-1], free).worked_minutes, 540)

    def test_weekly_overtime_is_right_whichever_day_changed_last(self):
        """Red if a day at the edge of what was derived is kept from half a week."""
        self.env["biometric.rule"].create(
            {
                "name": "Forty hours",
                "valid_from": "2026-01-01",
                "parameters": {
                    "ot_daily_threshold_minutes": None,
                    "ot_weekly_threshold_minutes": 2400,
                },
            }
        )
        for start in (MONDAY, MONDAY + timedelta(days=7)):
            for number in (4, 0, 3, 1, 2):
                day = start + timedelta(days=number)
                self.punch_in(*walls(day, "08:00", "18:00"))
                self.rebuild()
        overtime = [
            self.day(MONDAY + timedelta(days=number)).overtime_minutes for number in range(12)
        ]
        # 9 hours a day after the scheduled break: the last five hours of each week
        self.assertEqual(overtime, [0, 0, 0, 0, 300, 0, 0, 0, 0, 0, 0, 300])

    def test_each_date_goes_by_its_zone(self):
        """Red if one zone is used for all dates of a batch."""
        tokyo = self.calendar.copy()
        tokyo.tz = "Asia/Tokyo"
        moved = date(2026, 3, 9)
        self.employee.create_version({"date_version": moved, "resource_calendar_id": tokyo.id})
        self.punch_in(*walls(MONDAY, "08:00", "17:00"), *walls(moved, "08:00", "16:00"))
        self.rebuild()
        # the terminal shows Manila: 08:00 there is 09:00 in Tokyo
        self.assertEqual((self.day().late_minutes, self.day(moved).late_minutes), (0, 60))


@tagged("post_install", "-at_install", "biometric_orders")
class TestOrders(ReachCase):
    def test_r23_any_order_of_delivery_gives_the_same_days(self):
        """R23, I4. 5,000 punches of 30 days, delivered as they were made, backwards and in random
        orders with the cron running at random moments. Red if a neighbour is left out, if a day
        depends on row ids, or if punches are loaded from a fixed date."""
        rng = random.Random(23)
        people = self.env["hr.employee"]
        for number in range(20):
            pin = str(100 + number)
            person = self.make_employee(
                f"Person {number}",
                pin,
                **({"resource_calendar_id": False} if number % 4 == 0 else {}),
            )
            person.sudo().biometric_user_ids.write(
                {"valid_from": "2026-03-01", "valid_to": "2026-04-02"}
            )
            people |= person
        lane = Lane("cd" * 16)
        rows = []
        stamps = []
        for number in range(20):
            for day in (date(2026, 3, 2) + timedelta(days=step) for step in range(30)):
                stamps += self.habits(rng, str(100 + number), day)
        rng.shuffle(stamps)
        for pin, wall in stamps[:5000]:
            rows.append(
                lane.punch(
                    pin=pin,
                    wall=wall,
                    status=rng.choice("01"),
                    channel=rng.choice(("push", "poll")),
                    received_at="2026-04-02T00:00:00.000Z",
                )
            )
        self.assertEqual(len(rows), 5000)
        results = set()
        with freeze_time("2026-04-03 12:00:00"):
            ordered = sorted(rows, key=lambda row: row["wall_time"])
            for given in (
                ordered,
                ordered[::-1],
                *(self.shuffled(rng, rows) for _ in range(RANDOM)),
            ):
                results.add(self.delivered(rng, lane, given, people))
        self.assertEqual(len(results), 1)

    @staticmethod
    def habits(rng, pin, day):
        """About nine punches of one person and date: work, two breaks, taps, things forgotten."""
        minutes = [
            480 + rng.randrange(-20, 20),
            600,
            615,
            720 + rng.randrange(10),
            770 + rng.randrange(20),
            900,
            912,
            1020 + rng.randrange(90),
        ]
        minutes = [minute for minute in minutes if rng.random() > 0.03]
        stamps = [f"{day} {m // 60:02d}:{m % 60:02d}:{rng.randrange(60):02d}" for m in minutes]
        stamps += [f"{stamp[:17]}59" for stamp in stamps if rng.random() < 0.12]
        return [(pin, stamp) for stamp in dict.fromkeys(stamps)]

    @staticmethod
    def shuffled(rng, rows):
        return rng.sample(rows, len(rows))

    def delivered(self, rng, lane, rows, people):
        """State after one delivery in this order, undone afterwards."""
        with self.env.cr.savepoint() as savepoint:
            rest = list(rows)
            while rest:
                size = rng.randrange(200, 1000)
                batch, rest = rest[:size], rest[size:]
                self.store(self.agent, lane, *batch)
                if rng.random() < 0.1:
                    self.rebuild()
            self.rebuild()
            self.env["biometric.stale.day"].sudo()._cron_fill()
            self.rebuild()
            state = self.state(people)
            savepoint.close(rollback=True)
        self.env.invalidate_all()
        self.assertGreater(len(state), 600)
        return hash(tuple(state))


@tagged("post_install", "-at_install", "biometric_day")
class TestMissing(ReachCase):
    def setUp(self):
        super().setUp()
        # the moment is Thursday noon in Manila
        self.frozen = freeze_time("2026-03-05 04:00:00")
        self.frozen.start()
        self.addCleanup(self.frozen.stop)

    def fill(self):
        self.env.flush_all()
        self.env["biometric.stale.day"].sudo()._cron_fill()
        self.rebuild()

    def statuses(self):
        days = self.env["biometric.day"].search(
            [("employee_id", "=", self.employee.id)], order="date"
        )
        return {day.date.day: day.status for day in days}

    def test_days_of_tracked_people_exist_without_punches(self):
        """Red if only punches make days, or if the future or the time before counts."""
        self.employee.sudo().biometric_user_ids.valid_from = MONDAY
        self.device.sudo().complete_until = datetime(2026, 3, 4, 20)
        self.fill()
        # Wednesday's window ends at 23:00 in Manila, 15:00 UTC; Thursday goes on
        self.assertEqual(self.statuses(), {2: "absent", 3: "absent", 4: "absent", 5: "pending"})

    def test_nobody_is_absent_today_even_without_a_device_to_wait_for(self):
        """Red if somebody without terminals counts as complete for all time."""
        self.employee.sudo().biometric_user_ids.unlink()
        today = date(2026, 3, 5)
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, today)])
        self.assertEqual(self.day(today).status, "pending")

    def test_pending_days_are_judged_once_the_devices_are_complete(self):
        """Red if completeness that comes inside a date is not noticed, or if it is noticed again
        and again."""
        self.employee.sudo().biometric_user_ids.valid_from = date(2026, 3, 4)
        self.device.sudo().complete_until = datetime(2026, 3, 4, 14)
        self.fill()
        self.assertEqual(self.statuses(), {4: "pending", 5: "pending"})
        self.device.sudo().complete_until = datetime(2026, 3, 4, 15, 1)
        self.fill()
        self.assertEqual(self.statuses(), {4: "absent", 5: "pending"})
        self.env["biometric.stale.day"].sudo()._cron_fill()
        self.assertFalse(self.env["biometric.stale.day"].sudo().search_count([]))

    def test_an_absence_is_taken_back_when_a_gap_turns_up(self):
        """Red if only the date of the new instant is marked."""
        self.employee.sudo().biometric_user_ids.valid_from = MONDAY
        device = self.device.sudo()
        device.proven_until = device.complete_until = datetime(2026, 3, 5, 3)
        self.fill()
        self.assertEqual(self.statuses()[3], "absent")
        self.env["biometric.gap"].sudo().create(
            {
                "company_id": device.company_id.id,
                "agent_id": self.agent.id,
                "device_id": device.id,
                "kind": "silence",
                "window_from": datetime(2026, 3, 3, 1),
                "window_to": datetime(2026, 3, 3, 9),
                "opened_at": datetime(2026, 3, 5),
            }
        )
        self.env["biometric.completeness"].sudo()._update_devices(device)
        self.rebuild()
        self.assertEqual(self.statuses(), {2: "absent", 3: "pending", 4: "pending", 5: "pending"})

    def test_service_begins_on_the_date_of_the_terminal(self):
        """Red if the date of UTC is taken: somebody absent the day before the terminal stood
        there, or a day that no completeness settles."""
        self.employee.sudo().biometric_user_ids.valid_from = MONDAY
        device = self.device.sudo()
        for zone, since, statuses in (
            # Wednesday 7:30 in Manila is Tuesday in UTC
            ("Asia/Manila", datetime(2026, 3, 3, 23, 30), {2: "pending", 3: "pending"}),
            # Tuesday 20:00 in Bogota is Wednesday in UTC
            ("America/Bogota", datetime(2026, 3, 4, 1), {2: "pending", 3: "absent"}),
        ):
            with self.subTest(zone):
                device.zone_ids.tz = zone
                device.write({"in_service_from": since, "complete_until": False})
                self.fill()
                device.complete_until = datetime(2026, 3, 5, 3)
                self.fill()
                found = {day: self.statuses()[day] for day in statuses}
                self.assertEqual(found, statuses)
                self.assertEqual(self.statuses()[4], "absent")

    def test_a_mapping_that_ended_waits_for_nobody(self):
        self.employee.sudo().biometric_user_ids.write(
            {"valid_from": MONDAY, "valid_to": date(2026, 3, 3)}
        )
        self.fill()
        self.assertEqual(list(self.statuses()), [2, 3])
