"""States before their time, outside employment, numbers nobody knows yet, one punch a day."""

import unittest
from dataclasses import replace
from datetime import date

from engine.day import build_days
from engine.instants import Zone, epoch
from engine.payroll import Employee, day_lines
from engine.rules import RuleSet
from engine.values import RESULT_FIELDS, Facts, Leave, Punch, make_shift
from engine.weeks import derive_days

from .example import LUNCH, labelled, result, shift

ZONE = Zone.named("Asia/Manila")
DAY = date(2026, 3, 4)


def at(text):
    return f"2026-03-04T{text}:00+08:00"


def seen(*punches, now, **case):
    """Status and findings of the date as they are told at a time of it."""
    day = result(*punches, as_of=at(now), complete_until=at(now), **case)
    return day["status"], day["exceptions"]


class AtWorkTest(unittest.TestCase):
    """Nothing is missing or short before the window of the shift has closed."""

    def test_who_came_is_at_work_until_the_window_closes(self):
        """Turns red when an open session is judged before its window's end, or after it is not."""
        self.assertEqual(seen("08:00", now="08:01"), ("at_work", []))
        self.assertEqual(seen("08:00", now="22:59"), ("at_work", []))
        self.assertEqual(seen("08:00", now="23:00"), ("pending", []))
        told = result("08:00", as_of=at("23:30"), complete_until=at("23:30"))
        self.assertEqual((told["status"], told["exceptions"]), ("incomplete", ["missing_out"]))

    def test_on_days_off_and_without_a_shift_too(self):
        """Turns red when the kind of day is asked before who is at work."""
        for kind in ("rest_day", "holiday"):
            self.assertEqual(seen("08:00", now="12:00", day_type=kind)[0], "at_work", kind)
        self.assertEqual(
            seen("08:00", now="23:59", day_type="rest_day", shifts=[]), ("at_work", ["unscheduled"])
        )

    def test_every_method_that_needs_two_punches(self):
        for method in ("alternate", "strict", "first_last", "strict_first_last"):
            rules = {"pairing_method": method}
            self.assertEqual(
                seen(labelled("08:00", "in"), now="10:00", rules=rules)[0], "at_work", method
            )

    def test_who_is_out_for_lunch_is_neither_absent_nor_short(self):
        """Turns red when thresholds or undertime are judged while the shift runs."""
        rules = {"absent_below_minutes": 300, "half_day_below_minutes": 400}
        self.assertEqual(seen("08:00", "12:00", now="12:30", rules=rules)[0], "pending")
        self.assertEqual(seen("08:00", "12:00", now="12:30")[0], "pending")
        self.assertEqual(seen("08:00", "12:00", now="23:00", rules=rules)[0], "absent")
        self.assertEqual(seen("08:00", "17:00", now="17:01")[0], "present")

    def test_nobody_is_absent_before_the_window_has_closed(self):
        """Turns red when only the devices are asked and not the clock."""
        early = result(as_of=at("12:00"), complete_until="2026-03-06T00:00:00+08:00")
        self.assertEqual((early["status"], early["waits_for"]), ("pending", "window"))
        self.assertEqual(result(as_of=at("23:00"))["status"], "absent")

    def test_a_day_says_what_it_waits_for_and_until_when(self):
        """Turns red when the day is not asked again at the window's end."""
        for now, wanted in (("12:00", "window"), ("22:59", "window"), ("23:00", "devices")):
            day = result("08:00", as_of=at(now), complete_until=at("09:00"))
            self.assertEqual(day["waits_for"], wanted, now)
            self.assertEqual(day["waits_until"], "2026-03-04T15:00Z")
        settled = result("08:00", "17:00", as_of=at("17:30"), complete_until=at("09:00"))
        self.assertEqual((settled["waits_for"], settled["waits_until"]), (None, None))

    def test_a_decision_about_the_minutes_ends_the_waiting(self):
        decided = {"type": "set_minutes", "class": "regular", "minutes": 480}
        day = result("08:00", as_of=at("12:00"), adjustments=[{"id": "R1", "change": decided}])
        self.assertEqual((day["status"], day["worked_minutes"]), ("present", 480))


class KnownNumbersTest(unittest.TestCase):
    """A number that nobody can know yet is none, and is in no sum."""

    def test_of_a_day_that_is_not_judged_only_the_plan_and_the_arrival_are_known(self):
        """Turns red when undertime of a pending day stands anywhere."""
        waiting = result(shifts=[shift("08:00", "17:00", LUNCH)], as_of=at("07:00"))
        self.assertEqual(waiting["scheduled_minutes"], 480)
        for name in RESULT_FIELDS:
            self.assertIsNone(waiting[name], name)
        here = result("08:20", "12:00", "13:00", as_of=at("14:00"))
        self.assertEqual((here["status"], here["late_minutes"]), ("at_work", 20))
        for name in RESULT_FIELDS - {"late_minutes", "penalised_late_minutes"}:
            self.assertIsNone(here[name], name)

    def test_how_much_an_incomplete_day_is_short_is_not_known(self):
        day = result("08:00", "12:00", "13:00")
        self.assertEqual((day["status"], day["worked_minutes"]), ("incomplete", 240))
        self.assertIsNone(day["undertime_minutes"])

    def test_a_judged_day_knows_all(self):
        for punches in ((), ("08:00", "15:00")):
            self.assertNotIn(None, [result(*punches)[name] for name in RESULT_FIELDS])


class OutsideEmploymentTest(unittest.TestCase):
    """Kept, told, worth nothing: not to whoever left, not to who comes."""

    def days(self, *clocks, days, **facts):
        stamps = (f"2026-{clock.replace(' ', 'T')}:00+08:00" for clock in clocks)
        punches = tuple(Punch(epoch(text), identity=text) for text in stamps)
        known = Facts(zone=ZONE, punches=punches, **facts)
        rules = RuleSet()
        return build_days(known, days, lambda _day: rules)

    def test_after_the_last_day_nothing_is_payable(self):
        """Turns red when a punch after the last day is worth a minute."""
        shifts = tuple(
            make_shift(ZONE, f"S{n}", date(2026, 3, n), "08:00", "16:00") for n in (2, 3)
        )
        clocks = ("03-02 08:00", "03-02 16:00", "03-03 08:00", "03-03 17:00")
        last, after = self.days(
            *clocks,
            days=[date(2026, 3, 2), date(2026, 3, 3)],
            shifts=shifts,
            employed_until=date(2026, 3, 2),
        )
        self.assertEqual((last.status, last.regular_minutes), ("present", 480))
        self.assertEqual(after.status, "outside_employment")
        self.assertEqual(
            (after.worked_minutes, sum(after.buckets.values()), after.segments), (0, 0, ())
        )
        self.assertEqual(len(after.derivation["sessions"]), 1)
        self.assertEqual(day_lines(Employee("1"), [after]), [])

    def test_between_two_employments(self):
        """Turns red when only the first and the last day are asked."""
        gap = ((date(2026, 3, 3), date(2026, 3, 10)),)
        clocks = ("03-03 08:00", "03-03 17:00")
        (between,) = self.days(*clocks, days=[date(2026, 3, 3)], away=gap)
        self.assertEqual((between.status, between.worked_minutes), ("outside_employment", 0))
        self.assertIsNone(self.days(days=[date(2026, 3, 5)], away=gap)[0].status)

    def test_who_had_the_pin_before_opens_nothing_for_who_comes(self):
        """Turns red when a forgotten check-out of before the first day takes the first check-in."""
        clocks = ("03-03 20:00", "03-04 07:00", "03-04 16:00")
        before, first = self.days(*clocks, days=[date(2026, 3, 3), DAY], employed_from=DAY)
        self.assertEqual((before.status, before.worked_minutes), ("outside_employment", 0))
        self.assertEqual((first.status, first.worked_minutes), ("present", 540))

    def test_a_night_shift_of_the_last_day_is_paid_whole(self):
        plan = make_shift(ZONE, "N", DAY, "22:00", "06:00")
        last, after = self.days(
            "03-04 22:00",
            "03-05 06:00",
            days=[DAY, date(2026, 3, 5)],
            shifts=(plan,),
            employed_until=DAY,
        )
        self.assertEqual((last.worked_minutes, after.status), (480, None))


class ShortBreakTest(unittest.TestCase):
    """A tap out and in again is no lunch."""

    def worked(self, *clocks, **rules):
        window = LUNCH | {"mode": "auto_if_not_punched"}
        return result(
            "08:00", *clocks, "17:00", shifts=[shift("08:00", "17:00", window)], rules=rules
        )["worked_minutes"]

    def test_a_break_below_the_least_is_filled_up_to_the_planned_one(self):
        """Turns red when two minutes replace the planned hour."""
        self.assertEqual(self.worked(), 480)
        self.assertEqual(self.worked("12:04", "12:06"), 480)
        self.assertEqual(self.worked("12:00", "12:09"), 480)
        self.assertEqual(self.worked("12:00", "12:10"), 530)
        self.assertEqual(self.worked("11:30", "12:10"), 500)

    def test_the_least_is_a_parameter_and_breaks_add_up(self):
        self.assertEqual(self.worked("12:04", "12:06", punched_break_min_minutes=2), 538)
        self.assertEqual(self.worked("12:00", "12:06", "12:30", "12:36"), 528)


class OnePunchTest(unittest.TestCase):
    """`single`: one punch makes a day."""

    def day(self, *punches, counts="zero", **case):
        rules = {"pairing_method": "single", "single_counts": counts} | case.pop("rules", {})
        return result(*punches, rules=rules, **case)

    def test_one_punch_is_present_with_the_minutes_the_rule_says(self):
        """Turns red when the second punch is asked for, or lateness is judged."""
        plan = [shift("08:00", "17:00", LUNCH)]
        names = ("status", "worked_minutes", "undertime_minutes", "late_minutes", "exceptions")
        for counts, minutes in (("zero", 0), ("scheduled", 480)):
            for clocks in (("09:12",), ("07:55", "17:03"), ("16:59",)):
                day = self.day(*clocks, counts=counts, shifts=plan)
                self.assertEqual([day[name] for name in names], ["present", minutes, 0, 0, []])
        self.assertEqual(self.day(shifts=plan)["status"], "absent")

    def test_at_once_and_with_leave_left_out(self):
        now = self.day("08:10", counts="scheduled", as_of=at("08:11"))
        self.assertEqual((now["status"], now["worked_minutes"]), ("present", 540))
        morning = [{"start": at("08:00"), "end": at("12:00"), "paid": True}]
        half = self.day("13:10", counts="scheduled", leaves=morning)
        self.assertEqual((half["worked_minutes"], half["leave_minutes"]), (300, 240))

    def test_rounding_moves_nothing(self):
        """Turns red when a punch of no length is rounded into minutes."""
        rules = {"round_unit_minutes": 15, "round_in": "down", "round_out": "up"}
        self.assertEqual(self.day("08:07", rules=rules)["worked_minutes"], 0)

    def test_on_a_day_off_it_is_work_on_a_day_off(self):
        self.assertEqual(
            self.day("08:07", day_type="rest_day", shifts=[])["status"], "worked_rest_day"
        )

    def test_a_date_with_minutes_and_no_shift(self):
        facts = Facts(zone=ZONE, flexible_minutes={DAY: 450}, punches=(Punch(ZONE.on(DAY, 600)),))
        rules = RuleSet.from_dict({"pairing_method": "single", "single_counts": "scheduled"})
        (day,) = build_days(facts, [DAY], lambda _day: rules)
        self.assertEqual((day.worked_minutes, day.status), (450, "present"))
        (none,) = build_days(replace(facts, punches=()), [DAY], lambda _day: rules)
        self.assertEqual((none.worked_minutes, none.status), (0, "absent"))


class FlexibleWeekTest(unittest.TestCase):
    """A schedule that names hours and no times is judged over the week."""

    MONDAY = date(2026, 3, 2)
    WEEK = [date(2026, 3, 2 + n) for n in range(7)]

    def week(self, *weekdays, minutes=480, hours=1920, rules=None, **more):
        rules = RuleSet.from_dict(rules or {})
        punches = []
        for weekday in weekdays:
            start = ZONE.on(self.WEEK[weekday], 540)
            punches += [Punch(start), Punch(start + minutes * 60)]
        facts = Facts(
            zone=ZONE,
            punches=tuple(punches),
            flexible_weeks=dict.fromkeys(self.WEEK, (hours, 480)),
            **more,
        )
        days = build_days(facts, self.WEEK, lambda _day: rules)
        return derive_days(days, ZONE, rules)[0]

    def sums(self, days):
        names = ("scheduled_minutes", "regular_minutes", "overtime_minutes", "undertime_minutes")
        return [sum(getattr(day, name) for day in days) for name in names]

    def test_whichever_days_are_worked(self):
        """Turns red when the hours are laid on Monday, Tuesday …"""
        self.assertEqual(self.sums(self.week(0, 1, 4, 5)), [1920, 1920, 0, 0])
        self.assertEqual(self.sums(self.week(0, 1, 2, 3, 4)), [1920, 1920, 480, 0])
        self.assertEqual(self.sums(self.week(0, 1, 2)), [1920, 1440, 0, 480])
        self.assertEqual(self.sums(self.week(0, 1, 2, minutes=640)), [1920, 1920, 0, 0])

    def test_the_latest_is_beyond_and_the_last_date_is_short(self):
        days = self.week(0, 1, 2, 3, 4)
        self.assertEqual([day.overtime_minutes for day in days], [0, 0, 0, 0, 480, 0, 0])
        days = self.week(0)
        self.assertEqual([day.undertime_minutes for day in days], [0] * 6 + [1440])
        self.assertEqual([day.status for day in days], ["present"] + ["rest_day"] * 6)
        self.assertEqual(days[-1].exceptions, ("week_short",))
        self.assertEqual(self.week()[-1].status, "absent")

    def test_leave_and_holidays_shorten_what_is_due(self):
        leave = (Leave(ZONE.on(self.MONDAY, 0), ZONE.on(self.MONDAY, 2 * 1440)),)
        days = self.week(2, 3, leaves=leave)
        self.assertEqual(self.sums(days), [1920, 960, 0, 0])
        self.assertEqual(sum(day.leave_minutes for day in days), 960)
        whole = (Leave(ZONE.on(self.MONDAY, 0), ZONE.on(self.MONDAY, 7 * 1440)),)
        self.assertEqual(sum(day.leave_minutes for day in self.week(leaves=whole)), 1920)
        days = self.week(1, 2, 3, day_types={self.MONDAY: "holiday"})
        self.assertEqual(self.sums(days), [1440, 1440, 0, 0])

    def test_who_comes_in_the_middle_of_a_week_owes_a_part_of_it(self):
        days = self.week(5, 6, hours=2100, employed_from=date(2026, 3, 6))
        self.assertEqual(self.sums(days), [900, 900, 60, 0])

    def test_nothing_is_short_before_the_week_is_over(self):
        """Turns red when a week that still runs is judged."""
        now = ZONE.on(self.MONDAY, 6 * 1440 + 600)
        days = self.week(0, 1, as_of=now, complete_until=now)
        self.assertEqual(days[-1].status, "pending")
        self.assertEqual(self.sums(days)[3], 0)


if __name__ == "__main__":
    unittest.main()
