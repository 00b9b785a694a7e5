"""S10 and S15: late, early, undertime, leave, rest, status."""

import unittest
from dataclasses import replace
from datetime import date

from engine.day import build_days
from engine.gate import GateFacts, blockers
from engine.instants import Zone
from engine.rules import RuleSet
from engine.status import JUDGED_BY_DEVICES, PAYING, STATUSES, UNJUDGED, UNSETTLED, blocks_pay
from engine.values import Facts, Leave, Punch, make_shift

from .example import LUNCH, labelled, result, shift, tap

FULL_LEAVE = [
    {"start": "2026-03-04T08:00:00+08:00", "end": "2026-03-04T17:00:00+08:00", "paid": True}
]
MORNING = [{"start": "2026-03-04T08:00:00+08:00", "end": "2026-03-04T12:00:00+08:00", "paid": True}]


def built(facts, day):
    return build_days(facts, [day], lambda _day: RuleSet())[0]


class ComplianceTest(unittest.TestCase):
    def test_s10_grace_is_inclusive_and_beyond_it_all_counts(self):
        rules = {"late_grace_minutes": 5, "early_leave_grace_minutes": 5}
        day = result("08:05", "16:55", rules=rules)
        self.assertEqual((day["late_minutes"], day["early_leave_minutes"]), (0, 0))
        self.assertEqual((day["worked_minutes"], day["undertime_minutes"]), (530, 10))
        over = result("08:06", "16:54", rules=rules)
        self.assertEqual((over["late_minutes"], over["early_leave_minutes"]), (6, 6))
        excess = result("08:06", "16:54", rules=rules | {"late_count_from": "grace_end"})
        self.assertEqual((excess["late_minutes"], excess["early_leave_minutes"]), (1, 1))

    def test_s10_unpaid_breaks_are_not_due(self):
        """13:30 is 4 h 30 after the start, but only 4 h of them are due before 13:00 lunch ends."""
        day = result("13:30", "17:00", shifts=[shift("08:00", "17:00", LUNCH)])
        self.assertEqual(day["late_minutes"], 270)
        away = result("08:00", "12:30", shifts=[shift("08:00", "17:00", LUNCH)])
        self.assertEqual(away["early_leave_minutes"], 240)

    def test_s10_long_lunch_is_undertime_not_lateness(self):
        window = LUNCH | {"mode": "auto_if_not_punched"}
        day = result("08:00", "12:00", "13:30", "17:00", shifts=[shift("08:00", "17:00", window)])
        self.assertEqual(
            (day["late_minutes"], day["early_leave_minutes"], day["undertime_minutes"]), (0, 0, 30)
        )

    def test_s10_per_shift_and_summed(self):
        shifts = [shift("08:00", "12:00"), shift("13:00", "17:00", id="S2")]
        day = result("08:10", "11:55", "13:20", "16:45", shifts=shifts)
        self.assertEqual((day["late_minutes"], day["early_leave_minutes"]), (30, 20))

    def test_s10_leave_in_the_afternoon_moves_the_expected_end(self):
        leave = [{"start": "2026-03-04T13:00:00+08:00", "end": "2026-03-04T17:00:00+08:00"}]
        day = result("08:00", "12:00", shifts=[shift("08:00", "17:00", LUNCH)], leaves=leave)
        self.assertEqual(
            (
                day["early_leave_minutes"],
                day["undertime_minutes"],
                day["leave_minutes"],
                day["status"],
            ),
            (0, 0, 240, "present"),
        )

    def test_s10_nothing_on_rest_days_and_holidays(self):
        for kind in ("rest_day", "holiday"):
            day = result("10:00", "12:00", day_type=kind)
            self.assertEqual(
                (
                    day["late_minutes"],
                    day["early_leave_minutes"],
                    day["undertime_minutes"],
                    day["scheduled_minutes"],
                ),
                (0, 0, 0, 0),
            )

    def test_s10_a_missing_out_is_no_early_leave(self):
        day = result("08:10")
        self.assertEqual((day["late_minutes"], day["early_leave_minutes"]), (10, 0))

    def test_s10_rounded_basis_knows_no_leaving_time_of_an_open_session(self):
        day = result(
            "08:05",
            "12:00",
            "13:00",
            rules={"compliance_basis": "rounded", "round_unit_minutes": 15},
        )
        self.assertEqual((day["late_minutes"], day["early_leave_minutes"]), (0, 0))

    def test_s10_staying_late_hides_undertime_only_by_quantity(self):
        self.assertEqual(result("09:00", "18:00")["undertime_minutes"], 0)
        day = result("09:00", "18:00", rules={"ot_basis": "outside_shift"})
        self.assertEqual((day["undertime_minutes"], day["overtime_minutes"]), (60, 60))

    def test_s10_nominal_basis_keeps_clock_minutes(self):
        punches = (
            {"t": "2026-03-07T23:00:00-05:00", "dev": "A"},
            {"t": "2026-03-08T07:30:00-04:00", "dev": "A"},
        )
        case = {
            "tz": "America/New_York",
            "work_date": "2026-03-07",
            "shifts": [shift("23:00", "07:30")],
        }
        self.assertEqual(result(*punches, **case)["undertime_minutes"], 0)
        day = result(*punches, rules={"dst_scheduled_basis": "nominal"}, **case)
        self.assertEqual((day["scheduled_minutes"], day["undertime_minutes"]), (510, 60))

    def test_s10_daily_rest_is_real_time_and_equal_is_enough(self):
        rules = {"min_daily_rest_minutes": 660}
        shifts = [shift("14:00", "22:00", id="Y", date="2026-03-03"), shift("08:00", "16:00")]
        enough = result("03-03 14:00", "03-03 21:00", "08:00", "16:00", shifts=shifts, rules=rules)
        self.assertEqual(enough["exceptions"], [])
        short = result("03-03 14:00", "03-03 21:01", "08:00", "16:00", shifts=shifts, rules=rules)
        self.assertEqual(short["exceptions"], ["daily_rest_short"])
        told = result("08:00", "16:00", rules=rules, previous_out="2026-03-03T22:00:00+08:00")
        self.assertEqual(told["exceptions"], ["daily_rest_short"])
        both = result(
            "03-03 14:00",
            "03-03 21:01",
            "08:00",
            "16:00",
            shifts=shifts,
            rules=rules,
            previous_out="2026-03-03T10:00:00+08:00",
        )
        self.assertEqual(both["exceptions"], ["daily_rest_short"])
        first = result(
            "03-03 14:00",
            "03-03 21:01",
            "08:00",
            "16:00",
            shifts=shifts,
            rules=rules,
            work_date="2026-03-03",
            previous_out="2026-03-02T10:00:00+08:00",
        )
        self.assertEqual(first["exceptions"], [])

    def test_clock_drift_beyond_the_limit_is_flagged(self):
        self.assertEqual(result(tap("08:00", clock_offset_seconds=120), "17:00")["exceptions"], [])
        for offset in (-121, 121):
            day = result(tap("08:00", clock_offset_seconds=offset), "17:00")
            found = (day["exceptions"], day["worked_minutes"])
            self.assertEqual(found, (["clock_drift"], 540), offset)


class StatusTest(unittest.TestCase):
    def status(self, *punches, **case):
        return result(*punches, **case)["status"]

    def test_s15_absent_only_behind_every_watermark(self):
        """Red if `later than` becomes `not before`, or the latest device decides."""
        self.assertEqual(self.status(last_sync={"A": "2026-03-04T23:00:00+08:00"}), "pending")
        self.assertEqual(self.status(last_sync={"A": "2026-03-04T23:00:01+08:00"}), "absent")
        self.assertEqual(
            self.status(
                last_sync={"A": "2026-03-05T08:00:00+08:00", "B": "2026-03-04T12:00:00+08:00"}
            ),
            "pending",
        )
        self.assertEqual(
            self.status(last_sync={"A": "2026-03-05T08:00:00+08:00", "B": None}), "pending"
        )
        self.assertEqual(self.status(), "absent")

    def test_s15_thresholds_absent_wins_and_equal_is_not_below(self):
        rules = {"absent_below_minutes": 120, "half_day_below_minutes": 300}
        for out, wanted in (
            ("09:59", "absent"),
            ("10:00", "half_day"),
            ("12:59", "half_day"),
            ("13:00", "present"),
        ):
            self.assertEqual(self.status("08:00", out, rules=rules), wanted, out)

    def test_s10_holiday_hours_are_expected_only_if_the_rule_set_says_so(self):
        rules = {"holiday_has_expected_hours": True}
        for kind, wanted in (("holiday", 540), ("rest_day", 0), ("workday", 540)):
            self.assertEqual(result(day_type=kind, rules=rules)["scheduled_minutes"], wanted)
        for settings, wanted in (({}, 0), (rules, 540)):
            day = result(day_type="holiday", rules=settings)
            self.assertEqual((day["undertime_minutes"], day["late_minutes"]), (wanted, 0))

    def test_flexible_minutes_give_way_to_shifts_and_to_employment(self):
        zone, day = Zone.named("Asia/Manila"), date(2026, 3, 4)
        plan = make_shift(zone, "S1", day, "08:00", "12:00")
        facts = Facts(zone=zone, flexible_minutes={day: 480}, shifts=(plan,))
        self.assertEqual(built(facts, day).scheduled_minutes, 240)
        gone = replace(facts, shifts=(), employed_until=date(2026, 3, 3))
        self.assertEqual(built(gone, day).scheduled_minutes, 0)

    def test_s15_nothing_is_due_on_a_flexible_day_but_its_minutes(self):
        zone, day = Zone.named("Asia/Manila"), date(2026, 3, 4)
        facts = Facts(zone=zone, flexible_minutes={day: 480})
        empty = built(facts, day)
        self.assertEqual((empty.status, empty.undertime_minutes), ("absent", 480))
        leave = Leave(zone.on(day, 0), zone.on(day, 1440))
        off = built(replace(facts, leaves=(leave,)), day)
        self.assertEqual((off.status, off.leave_minutes), ("on_leave", 480))
        start = zone.on(day, 600)
        punches = (Punch(start), Punch(start + 9 * 3600))
        worked = built(replace(facts, punches=punches), day)
        self.assertEqual((worked.regular_minutes, worked.overtime_minutes), (480, 60))

    def test_s15_leave_without_anything_due_is_still_leave(self):
        self.assertEqual(self.status(shifts=[], leaves=FULL_LEAVE), "on_leave")
        self.assertEqual(self.status("08:00", "09:00", shifts=[], leaves=FULL_LEAVE), "conflict")

    def test_s15_leave_counts_for_the_thresholds(self):
        rules = {"absent_below_minutes": 300}
        self.assertEqual(self.status("12:00", "13:00", rules=rules, leaves=MORNING), "present")
        rules = {"half_day_below_minutes": 480}
        self.assertEqual(self.status("12:00", "17:00", rules=rules, leaves=MORNING), "present")

    def test_s15_leave_holiday_and_rest_day(self):
        self.assertEqual(self.status(leaves=FULL_LEAVE), "on_leave")
        self.assertEqual(self.status(leaves=FULL_LEAVE, day_type="holiday"), "holiday")
        self.assertEqual(result(leaves=FULL_LEAVE, day_type="holiday")["leave_minutes"], 0)
        self.assertEqual(self.status(day_type="rest_day"), "rest_day")
        self.assertEqual(self.status("08:00", "17:00", day_type="rest_day"), "worked_rest_day")
        self.assertEqual(self.status("08:00", "17:00", day_type="holiday"), "worked_holiday")

    def test_s15_punches_during_full_leave_are_a_conflict(self):
        day = result("08:00", "12:00", leaves=FULL_LEAVE)
        self.assertEqual((day["status"], day["exceptions"]), ("conflict", ["work_during_leave"]))
        partly = result("11:00", "17:00", leaves=MORNING)
        self.assertEqual(
            (partly["status"], partly["exceptions"]), ("present", ["work_during_leave"])
        )

    def test_s15_incomplete_comes_before_everything(self):
        self.assertEqual(self.status("08:00", leaves=FULL_LEAVE), "incomplete")
        self.assertEqual(self.status("08:00", day_type="holiday"), "incomplete")

    def test_s15_whole_day_leave_by_date(self):
        day = result(leaves=[{"start": "2026-03-03", "end": "2026-03-05"}])
        self.assertEqual((day["status"], day["leave_minutes"]), ("on_leave", 540))

    def test_s15_half_a_day_of_leave_without_punches_is_still_absent(self):
        self.assertEqual(self.status(leaves=MORNING), "absent")

    def test_s15_the_last_window_of_a_split_shift_must_be_complete(self):
        shifts = [shift("08:00", "12:00"), shift("13:00", "17:00", id="S2")]
        self.assertEqual(
            self.status(shifts=shifts, last_sync="2026-03-04T22:59:00+08:00"), "pending"
        )

    def test_s15_outside_employment_only_a_punch_makes_a_status_and_nothing_is_due(self):
        day = result("08:00", "17:00", hired="2026-03-05")
        self.assertEqual(day["status"], "outside_employment")
        self.assertEqual((day["scheduled_minutes"], day["exceptions"]), (0, ["unscheduled"]))
        self.assertIsNone(result(hired="2026-03-05")["status"])
        self.assertEqual(self.status("08:00", "17:00", left="2026-03-04"), "present")

    def test_s15_a_workday_without_shift_and_punch_has_nothing_to_miss(self):
        self.assertEqual(self.status(shifts=[]), "rest_day")

    def test_s15_a_lone_out_counts_as_a_punch(self):
        self.assertEqual(
            self.status(
                labelled("17:00", "out"), rules={"pairing_method": "strict"}, last_sync={"A": None}
            ),
            "incomplete",
        )


class PayTest(unittest.TestCase):
    """Which days are paid, stated once."""

    def test_only_what_is_listed_pays(self):
        """Red if a status is let in or left out."""
        blocking = {status for status in STATUSES if blocks_pay(status)}
        self.assertEqual(
            blocking, {"outside_employment", "at_work", "incomplete", "conflict", "pending"}
        )
        for names in (PAYING, UNJUDGED, UNSETTLED, JUDGED_BY_DEVICES):
            self.assertLessEqual(names, set(STATUSES))

    def test_an_unknown_or_empty_status_blocks(self):
        """Red if the rule is a list of what blocks."""
        for status in ("at_home", "Present", "present ", "", None, False):
            self.assertTrue(blocks_pay(status), status)

    def test_the_gate_names_what_it_does_not_know(self):
        days = [{"date": "2026-03-02", "status": status} for status in ("at_work", "", None)]
        self.assertEqual(
            [reason for _who, _date, reason in blockers(GateFacts(days=tuple(days)))],
            ["at_work", "status_missing", "status_missing"],
        )


if __name__ == "__main__":
    unittest.main()
