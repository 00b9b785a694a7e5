"""S6 to S9: rounding, snapping, clamping, gaps, deductions."""

import unittest

from .example import LUNCH, labelled, result, shift


class RoundingTest(unittest.TestCase):
    def worked(self, *punches, **rules):
        return result(*punches, rules=rules)["worked_minutes"]

    def test_s6_nearest_cuts_off_up_to_the_default_remainder(self):
        """Red if any unit's default moves: 15 -> 7, 10 -> 4, 6 -> 2, 5 -> 2."""
        for unit, down in ((15, 7), (10, 4), (6, 2), (5, 2)):
            for minute, wanted in ((down, 0), (down + 1, unit)):
                day = result("08:00", f"17:{minute:02d}", rules={"round_unit_minutes": unit})
                self.assertEqual(day["worked_minutes"], 540 + wanted, (unit, minute))

    def test_s6_a_given_remainder_replaces_the_default(self):
        self.assertEqual(
            self.worked("08:00", "17:10", round_unit_minutes=15, round_down_max_minutes=10), 540
        )
        self.assertEqual(
            self.worked("08:00", "17:11", round_unit_minutes=15, round_down_max_minutes=10), 555
        )

    def test_s6_up_and_down_are_unconditional_but_leave_exact_times(self):
        rules = {"round_unit_minutes": 15, "round_in": "up", "round_out": "down"}
        self.assertEqual(self.worked("08:01", "16:59", **rules), 510)
        self.assertEqual(self.worked("08:00", "17:00", **rules), 540)

    def test_s6_edges_leave_the_punches_between_alone(self):
        punches = ("08:04", "12:04", "12:34", "17:04")
        self.assertEqual(self.worked(*punches, round_unit_minutes=15), 510)
        self.assertEqual(
            self.worked(
                "08:04", "12:09", "12:38", "17:04", round_unit_minutes=15, round_scope="all"
            ),
            510,
        )

    def test_s6_rounding_lets_no_two_sessions_overlap(self):
        """Red if a session that was rounded up reaches into the next, rounded down: the minute in
        between is told as sixteen that were given."""
        rules = {"round_unit_minutes": 15, "round_scope": "all"}
        rules |= {"round_in": "down", "round_out": "up"}
        day = result("08:00", "12:07", "12:08", "17:00", rules=rules)
        self.assertEqual((day["worked_minutes"], day["rounding_minutes"]), (540, 1))

    def test_s6_lateness_is_judged_on_the_real_punch(self):
        day = result("08:05", "16:56", rules={"round_unit_minutes": 15})
        self.assertEqual(
            (day["worked_minutes"], day["late_minutes"], day["early_leave_minutes"]), (540, 5, 4)
        )
        rounded = result(
            "08:05", "16:56", rules={"round_unit_minutes": 15, "compliance_basis": "rounded"}
        )
        self.assertEqual((rounded["late_minutes"], rounded["early_leave_minutes"]), (0, 0))

    def test_s6_rounding_is_on_the_local_clock_of_a_quarter_hour_zone(self):
        """Red if an instant is rounded in UTC: 08:10 in Kathmandu is 02:25 UTC."""
        day = result(
            {"t": "2026-03-04T08:10:00+05:45", "dev": "A"},
            {"t": "2026-03-04T17:00:00+05:45", "dev": "A"},
            tz="Asia/Kathmandu",
            rules={"round_unit_minutes": 60},
        )
        self.assertEqual(day["worked_minutes"], 540)

    def test_s6_snapping_is_inclusive_comes_first_and_is_not_rounded_again(self):
        rules = {"snap_in_minutes": 5, "snap_out_minutes": 5, "round_unit_minutes": 15}
        shifts = [shift("08:05", "17:05")]
        self.assertEqual(
            result("08:10", "17:00", shifts=shifts, rules=rules)["worked_minutes"], 540
        )
        self.assertEqual(
            result("08:11", "16:59", shifts=shifts, rules=rules)["worked_minutes"], 525
        )

    def test_s6_snapping_knows_only_the_edges(self):
        day = result(
            "08:03",
            "12:00",
            "12:58",
            "16:58",
            shifts=[shift("08:00", "12:00"), shift("13:00", "17:00", id="S2")],
            rules={"snap_in_minutes": 5, "snap_out_minutes": 5},
        )
        self.assertEqual(day["per_shift"], {"S1": 240, "S2": 240})

    def test_s6_a_cut_at_a_boundary_is_not_rounded(self):
        shifts = [shift("06:00", "14:07"), shift("14:07", "20:00", id="S2")]
        day = result("06:00", "20:00", shifts=shifts, rules={"round_unit_minutes": 15})
        self.assertEqual(day["per_shift"], {"S1": 487, "S2": 353})

    def test_s6_break_length_is_rounded_by_itself(self):
        rules = {"round_break_unit_minutes": 15}
        self.assertEqual(
            result("08:00", "12:00", "12:37", "17:00", rules=rules)["break_minutes"], 30
        )
        day = result("08:00", "12:00", "12:38", "17:00", rules=rules)
        self.assertEqual((day["break_minutes"], day["worked_minutes"]), (45, 495))

    def test_s6_a_grown_break_takes_from_before_if_there_is_not_enough_after(self):
        day = result("08:00", "16:00", "16:10", "16:13", rules={"round_break_unit_minutes": 15})
        self.assertEqual((day["worked_minutes"], day["break_minutes"]), (478, 15))

    def test_s6_rounding_never_turns_a_session_round(self):
        day = result(
            "08:01",
            "08:05",
            rules={"round_unit_minutes": 15, "round_in": "up", "round_out": "down"},
        )
        self.assertEqual((day["worked_minutes"], day["status"]), (0, "present"))

    def test_rounding_and_clamping_are_told_apart(self):
        day = result("07:30", "17:05", rules={"round_unit_minutes": 10, "pre_shift_work": "ignore"})
        self.assertEqual(
            (day["rounding_minutes"], day["clamped_minutes"], day["worked_minutes"]), (5, 30, 550)
        )

    def test_s7_ignored_early_and_late_work_is_clamped_to_the_schedule(self):
        rules = {"pre_shift_work": "ignore", "post_shift_work": "ignore"}
        day = result("07:30", "17:45", rules=rules)
        self.assertEqual((day["worked_minutes"], day["clamped_minutes"]), (540, 75))
        away = result("06:30", "07:30", "08:00", "17:00", rules=rules)
        self.assertEqual((away["worked_minutes"], away["break_minutes"]), (540, 0))

    def test_s7_unscheduled_work_is_not_clamped(self):
        self.assertEqual(
            result(
                "08:00",
                "09:00",
                shifts=[],
                rules={"pre_shift_work": "ignore", "post_shift_work": "ignore"},
            )["worked_minutes"],
            60,
        )


class BreakTest(unittest.TestCase):
    def test_s8_a_short_break_is_paid_up_to_and_including_the_limit(self):
        rules = {"short_break_paid_max_minutes": 20}
        paid = result("08:00", "10:00", "10:20", "17:00", rules=rules)
        self.assertEqual(
            (paid["worked_minutes"], paid["paid_break_minutes"], paid["break_minutes"]),
            (540, 20, 0),
        )
        longer = result("08:00", "10:00", "10:21", "17:00", rules=rules)
        self.assertEqual(
            (longer["worked_minutes"], longer["paid_break_minutes"], longer["break_minutes"]),
            (519, 0, 21),
        )

    def test_s8_gaps_of_unscheduled_work_are_unpaid(self):
        day = result(
            "08:00",
            "10:00",
            "10:10",
            "12:00",
            shifts=[],
            rules={"short_break_paid_max_minutes": 20},
        )
        self.assertEqual((day["worked_minutes"], day["break_minutes"]), (230, 10))

    def test_s8_the_gap_of_a_split_shift_is_no_break(self):
        day = result(
            "08:00",
            "12:00",
            "13:00",
            "17:00",
            shifts=[shift("08:00", "12:00"), shift("13:00", "17:00", id="S2")],
        )
        self.assertEqual((day["worked_minutes"], day["break_minutes"]), (480, 0))

    def test_s9_auto_takes_only_what_was_worked_inside_the_window(self):
        day = result("08:00", "12:05", "12:50", "17:00", shifts=[shift("08:00", "17:00", LUNCH)])
        self.assertEqual((day["worked_minutes"], day["break_minutes"]), (480, 60))

    def test_s9_auto_if_not_punched_looks_for_an_unpaid_gap_in_the_window(self):
        window = LUNCH | {"mode": "auto_if_not_punched"}
        shifts = [shift("08:00", "17:00", window)]
        self.assertEqual(result("08:00", "17:00", shifts=shifts)["worked_minutes"], 480)
        self.assertEqual(
            result("08:00", "12:30", "12:45", "17:00", shifts=shifts)["worked_minutes"], 525
        )
        elsewhere = result("08:00", "14:00", "14:30", "17:00", shifts=shifts)
        self.assertEqual((elsewhere["worked_minutes"], elsewhere["break_minutes"]), (450, 90))
        short = result(
            "08:00",
            "12:30",
            "12:45",
            "17:00",
            shifts=shifts,
            rules={"short_break_paid_max_minutes": 20},
        )
        self.assertEqual((short["worked_minutes"], short["paid_break_minutes"]), (480, 15))

    def test_s9_punched_and_paid_windows_take_nothing(self):
        for window in (LUNCH | {"mode": "punched"}, LUNCH | {"paid": True}):
            day = result("08:00", "17:00", shifts=[shift("08:00", "17:00", window)])
            self.assertEqual((day["worked_minutes"], day["break_minutes"]), (540, 0))
        self.assertEqual(day["scheduled_minutes"], 540)

    def test_s9_a_window_may_lie_after_the_shift(self):
        supper = {"start": "18:00", "end": "18:30"}
        day = result("08:00", "20:00", shifts=[shift("08:00", "17:00", supper)])
        self.assertEqual((day["worked_minutes"], day["scheduled_minutes"]), (690, 540))

    def test_s9_duration_rule_has_a_cliff(self):
        rules = {"meal_after_minutes": 300, "meal_minutes": 60}
        self.assertEqual(result("08:00", "13:00", rules=rules)["worked_minutes"], 300)
        day = result("08:00", "13:01", rules=rules)
        self.assertEqual((day["worked_minutes"], day["break_minutes"]), (241, 60))

    def test_s9_base_counts_without_unpaid_gaps(self):
        rules = {"meal_after_minutes": 300, "meal_minutes": 60}
        self.assertEqual(
            result("08:00", "10:00", "11:00", "14:00", rules=rules)["worked_minutes"], 300
        )

    def test_s9_top_up_takes_only_what_is_missing(self):
        rules = {"meal_after_minutes": 360, "meal_minutes": 30, "meal_mode": "top_up"}
        day = result("08:00", "12:00", "12:20", "17:00", rules=rules)
        self.assertEqual((day["worked_minutes"], day["break_minutes"]), (510, 30))
        long = result("08:00", "12:00", "12:40", "17:00", rules=rules)
        self.assertEqual((long["worked_minutes"], long["break_minutes"]), (500, 40))

    def test_s9_top_up_sees_what_a_window_has_taken(self):
        rules = {"meal_after_minutes": 360, "meal_minutes": 75, "meal_mode": "top_up"}
        day = result("08:00", "17:00", shifts=[shift("08:00", "17:00", LUNCH)], rules=rules)
        self.assertEqual((day["worked_minutes"], day["break_minutes"]), (465, 75))

    def test_s8_a_gap_may_begin_at_a_session_of_no_length(self):
        punches = (labelled("08:00:00", "in"), labelled("08:00:20", "out"), "08:30", "17:00")
        self.assertEqual(result(*punches)["break_minutes"], 30)
        clamped = result(*punches, rules={"pre_shift_work": "ignore"})
        self.assertEqual((clamped["break_minutes"], clamped["worked_minutes"]), (30, 510))

    def test_s9_the_meal_is_taken_directly_after_its_minutes_or_at_the_end(self):
        """22:00-06:30 with 30 minutes after six hours: 04:00-04:30 leaves the night."""
        rules = {"meal_after_minutes": 360, "meal_minutes": 30, "night_window": ["22:00", "06:00"]}
        day = result("22:00", "03-05 06:30", shifts=[shift("22:00", "06:30")], rules=rules)
        self.assertEqual((day["worked_minutes"], day["night_minutes"]), (480, 450))
        short = result("22:00", "03-05 04:10", shifts=[shift("22:00", "06:30")], rules=rules)
        spans = short["derivation"]["paid"][0]["deductions"][0][1]
        self.assertEqual(spans, [["2026-03-04T19:40Z", "2026-03-04T20:10Z"]])

    def test_s9_no_deduction_without_work(self):
        day = result("12:10", "12:40", shifts=[shift("08:00", "17:00", LUNCH)])
        self.assertEqual((day["worked_minutes"], day["break_minutes"]), (0, 30))


class MealFindingTest(unittest.TestCase):
    RULES = {
        "meal_required_after_minutes": 300,
        "second_meal_required_after_minutes": 600,
        "meal_min_minutes": 30,
    }

    def found(self, *punches, **rules):
        return [
            name
            for name in result(*punches, rules=self.RULES | rules)["exceptions"]
            if name.startswith("meal")
        ]

    def test_s10_a_meal_is_due_beyond_the_limit_only(self):
        self.assertEqual(self.found("08:00", "13:00"), [])
        self.assertEqual(self.found("08:00", "13:01"), ["meal_missing"])

    def test_s10_short_late_and_good_meals(self):
        self.assertEqual(self.found("08:00", "12:00", "12:29", "17:00"), ["meal_short"])
        self.assertEqual(self.found("08:00", "13:00", "13:30", "17:00"), [])
        self.assertEqual(self.found("08:00", "13:01", "13:31", "17:00"), ["meal_late"])

    def test_s10_a_paid_short_break_is_no_meal(self):
        self.assertEqual(
            self.found("08:00", "10:00", "10:20", "17:00", short_break_paid_max_minutes=20),
            ["meal_missing"],
        )

    def test_s10_second_meal(self):
        self.assertEqual(self.found("06:00", "10:00", "10:30", "16:30"), [])
        self.assertEqual(self.found("06:00", "10:00", "10:30", "16:31"), ["meal_missing"])
        self.assertEqual(self.found("06:00", "10:00", "10:30", "15:00", "15:30", "17:31"), [])

    def test_s10_off_by_default(self):
        self.assertEqual(result("08:00", "20:00")["exceptions"], [])


if __name__ == "__main__":
    unittest.main()
