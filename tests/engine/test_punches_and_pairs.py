"""S0 to S5: which punches count, whose they are, which sessions they form."""

import unittest

from .example import LUNCH, labelled, result, shift, tap


class IdentityTest(unittest.TestCase):
    def test_s0_a_replay_is_not_an_ignored_punch(self):
        """Red if in_order() stops dropping equal events."""
        day = result("08:00", "08:00", "17:00", "17:00")
        self.assertEqual((day["worked_minutes"], day["ignored_punches"]), (540, 0))

    def test_s0_a_replay_under_another_number_is_the_same_event(self):
        """Red if in_order() tells events apart by the number that a device or lane gave them."""
        again = [{"local": "2026-03-04T08:00:00", "seq": seq, "dev": "A"} for seq in (1, 7)]
        day = result(*again, {"local": "2026-03-04T17:00:00", "seq": 8, "dev": "A"})
        self.assertEqual((day["worked_minutes"], day["ignored_punches"]), (540, 0))

    def test_s0_another_state_at_the_same_instant_is_another_event(self):
        day = result(tap("08:00", state=0), tap("08:00", state=4), "17:00")
        self.assertEqual((day["worked_minutes"], day["ignored_punches"]), (540, 1))

    def test_s1_order_is_by_instant_not_by_position(self):
        self.assertEqual(result("17:00", "08:00")["worked_minutes"], 540)

    def test_s1_device_order_decides_an_ambiguous_hour_and_the_rest_is_marked(self):
        stamps = [
            {"local": f"2026-11-01T{clock}:00", "seq": seq, "dev": "A"}
            for seq, clock in enumerate(("00:30", "01:10", "02:20", "02:50"), 1)
        ]
        day = result(
            *stamps, tz="America/New_York", work_date="2026-11-01", shifts=[shift("00:30", "03:00")]
        )
        self.assertEqual(day["resolved_utc"][1], "2026-11-01T05:10Z")
        self.assertEqual(len(day["derivation"]["undecided"]), 1)

    def test_s1_a_local_time_that_never_was_keeps_the_offset_before_the_gap(self):
        stamps = [
            {"local": f"2026-03-08T{clock}:00", "seq": seq, "dev": "A"}
            for seq, clock in enumerate(("01:30", "02:30"), 1)
        ]
        day = result(
            *stamps, tz="America/New_York", work_date="2026-03-08", shifts=[shift("01:00", "05:00")]
        )
        self.assertEqual(day["resolved_utc"], ["2026-03-08T06:30Z", "2026-03-08T07:30Z"])
        self.assertEqual(day["worked_minutes"], 60)

    def test_s1_a_device_keeps_the_zone_of_its_span(self):
        stamps = [
            {"local": "2026-03-04T08:00:00", "seq": 1, "dev": "A"},
            {"local": "2026-03-04T18:00:00", "seq": 2, "dev": "A"},
        ]
        day = result(
            *stamps,
            zone_spans=[
                {"dev": "A", "tz": "Asia/Manila"},
                {"dev": "A", "tz": "Asia/Tokyo", "from": "2026-03-04T12:00:00"},
            ],
        )
        self.assertEqual(day["resolved_utc"], ["2026-03-04T00:00Z", "2026-03-04T09:00Z"])
        self.assertEqual(day["worked_minutes"], 540)


class DoubleTapTest(unittest.TestCase):
    def test_s2_a_gap_below_the_window_is_ignored_equal_to_it_is_kept(self):
        """Red if `<` becomes `<=`."""
        below = result("08:00:00", "08:00:59", "17:00")
        self.assertEqual((below["worked_minutes"], below["ignored_punches"]), (540, 1))
        equal = result("08:00:00", "08:01:00", "17:00")
        self.assertEqual((equal["ignored_punches"], equal["exceptions"]), (0, ["missing_out"]))

    def test_s2_compares_with_the_last_kept_punch_not_the_last_ignored(self):
        day = result("08:00:00", "08:00:50", "08:01:40", "17:00")
        self.assertEqual(day["ignored_punches"], 1)

    def test_s2_known_opposite_directions_are_both_kept(self):
        day = result(
            labelled("08:00:00", "in"),
            labelled("08:00:20", "out"),
            labelled("08:00:55", "in"),
            labelled("17:00", "out"),
            rules={"pairing_method": "strict"},
        )
        self.assertEqual(
            (day["worked_minutes"], day["ignored_punches"], day["exceptions"]), (540, 0, [])
        )

    def test_s2_scope_device_keeps_the_tap_at_another_terminal(self):
        day = result(
            tap("08:00:00", "A"),
            tap("08:00:30", "B"),
            tap("17:00", "A"),
            rules={"duplicate_scope": "device"},
        )
        self.assertEqual((day["ignored_punches"], day["exceptions"]), (0, ["missing_out"]))

    def test_s2_window_zero_keeps_everything(self):
        day = result("08:00:00", "08:00:01", "17:00", rules={"duplicate_window_seconds": 0})
        self.assertEqual(day["ignored_punches"], 0)

    def test_later_label_wins_only_where_the_rule_set_says_so(self):
        punches = (labelled("08:00", "in"), labelled("17:00:00", "in"), labelled("17:00:08", "out"))
        plain = result(*punches)
        self.assertEqual(plain["exceptions"], ["missing_out"])
        day = result(*punches, rules={"duplicate_labels": "later_label"})
        self.assertEqual((day["worked_minutes"], day["exceptions"]), (540, []))
        self.assertEqual(day["derivation"]["ignored"][0]["reason"], "label_corrected")

    def test_later_label_keeps_a_short_real_break_and_the_last_of_a_burst(self):
        rules = {"duplicate_labels": "later_label"}
        lunch = result(
            labelled("08:00", "in"),
            labelled("12:00:00", "out"),
            labelled("12:00:40", "in"),
            labelled("17:00", "out"),
            rules=rules,
        )
        self.assertEqual((lunch["worked_minutes"], lunch["exceptions"]), (540, []))
        burst = result(
            labelled("08:00:00", "in"),
            labelled("08:00:20", "out"),
            labelled("08:00:50", "in"),
            labelled("17:00", "out"),
            rules=rules,
        )
        self.assertEqual((burst["worked_minutes"], burst["exceptions"]), (540, []))

    def test_s3_seconds_are_cut_off_after_duplicates_are_judged(self):
        day = result("08:00:59", "17:00:01")
        self.assertEqual((day["worked_minutes"], day["late_minutes"]), (540, 0))
        exact = result("08:00:59", "17:00:01", rules={"punch_precision": "second"})
        self.assertEqual(exact["worked_minutes"], 539)


class AttributionTest(unittest.TestCase):
    def test_s4_an_out_at_the_end_of_the_window_closes_one_later_does_not(self):
        self.assertEqual(result("08:00", "23:00")["worked_minutes"], 900)
        late = result("08:00", "23:01")
        self.assertEqual(
            (late["worked_minutes"], late["exceptions"], late["status"]),
            (0, ["missing_out", "unscheduled"], "incomplete"),
        )

    def test_s4_the_longest_session_limits_an_unscheduled_one(self):
        self.assertEqual(result("01:00", "17:00", shifts=[])["worked_minutes"], 960)
        self.assertEqual(result("01:00", "17:01", shifts=[])["worked_minutes"], 0)

    def test_s4_early_window_is_inclusive_and_what_is_earlier_is_unscheduled(self):
        inside = result("06:00", "17:00")
        self.assertEqual((inside["per_shift"], inside["exceptions"]), ({"S1": 660}, []))
        outside = result("05:59", "07:00", "08:00", "17:00")
        self.assertEqual((outside["per_shift"]["S1"], outside["worked_minutes"]), (540, 601))
        self.assertEqual(outside["exceptions"], ["unscheduled"])

    def test_s4_a_session_over_midnight_belongs_to_the_date_of_the_shift(self):
        day = result("22:00", "03-05 06:00", shifts=[shift("22:00", "06:00")])
        self.assertEqual((day["worked_minutes"], day["status"]), (480, "present"))

    def test_s4_unscheduled_work_belongs_to_the_date_of_its_in(self):
        day = result("23:00", "03-05 02:00", shifts=[])
        self.assertEqual(day["worked_minutes"], 180)
        following = result("23:00", "03-05 02:00", shifts=[], work_date="2026-03-05")
        self.assertEqual(following["worked_minutes"], 0)

    def test_s4_day_boundary_moves_unscheduled_work_to_the_day_before(self):
        rules = {"day_boundary": "05:00"}
        self.assertEqual(
            result("03-05 04:59", "03-05 06:59", shifts=[], rules=rules)["worked_minutes"], 120
        )
        self.assertEqual(
            result("03-05 05:00", "03-05 07:00", shifts=[], rules=rules)["worked_minutes"], 0
        )

    def test_s4_yesterdays_open_night_shift_takes_this_mornings_out(self):
        shifts = [shift("22:00", "06:00", id="N", date="2026-03-03"), shift("07:00", "15:00")]
        day = result("03-03 22:00", "06:10", "07:00", "15:00", shifts=shifts)
        self.assertEqual(day["worked_minutes"], 480)
        self.assertEqual(day["per_shift"], {"N": 490, "S1": 480})

    def test_s4_contiguous_shifts_are_one_block_cut_at_the_boundary(self):
        shifts = [shift("06:00", "14:00"), shift("14:00", "20:00", id="S2")]
        day = result("05:55", "20:05", shifts=shifts)
        self.assertEqual(day["per_shift"], {"S1": 485, "S2": 365})
        self.assertEqual(
            (day["late_minutes"], day["early_leave_minutes"], day["break_minutes"]), (0, 0, 0)
        )
        apart = [shift("06:00", "14:00"), shift("14:30", "20:00", id="S2")]
        self.assertEqual(
            result("05:55", "14:05", "14:25", "20:05", shifts=apart)["per_shift"],
            {"S1": 490, "S2": 340},
        )

    def test_s4_block_end_counts_for_closing(self):
        shifts = [shift("06:00", "10:00"), shift("10:00", "14:00", id="S2")]
        rules = {"check_out_late_window_minutes": 30}
        self.assertEqual(
            result("06:00", "14:30", shifts=shifts, rules=rules)["worked_minutes"], 510
        )
        self.assertEqual(
            result("06:00", "14:31", shifts=shifts, rules=rules)["exceptions"],
            ["missing_out", "unscheduled"],
        )

    def test_s4_a_block_over_two_dates_gives_each_date_its_minutes(self):
        shifts = [shift("22:00", "06:00"), shift("06:00", "10:00", id="S2", date="2026-03-05")]
        day = result("22:00", "03-05 10:00", shifts=shifts)
        self.assertEqual((day["worked_minutes"], day["per_shift"]), (480, {"S1": 480, "S2": 240}))

    def test_s4_state_less_methods_go_by_distance_to_the_schedule(self):
        shifts = [shift("08:00", "12:00"), shift("13:00", "17:00", id="S2")]
        rules = {"pairing_method": "first_last"}
        day = result("08:00", "12:20", "12:40", "17:00", shifts=shifts, rules=rules)
        self.assertEqual(day["per_shift"], {"S1": 260, "S2": 260})
        tie = result("08:00", "12:30", "17:00", shifts=shifts, rules=rules)
        self.assertEqual(
            (tie["per_shift"], tie["exceptions"]), ({"S1": 270, "S2": 0}, ["missing_out"])
        )

    def test_s4_an_in_at_the_end_of_a_shift_belongs_to_the_next_one(self):
        shifts = [shift("08:00", "12:00"), shift("12:30", "16:30", id="S2")]
        day = result("08:00", "11:50", "12:00", "16:30", shifts=shifts)
        self.assertEqual(day["per_shift"], {"S1": 230, "S2": 270})

    def test_s4_an_in_in_the_late_window_belongs_to_the_shift_that_ended_last(self):
        shifts = [shift("06:00", "08:00"), shift("09:00", "11:00", id="S2")]
        self.assertEqual(result("12:00", "12:30", shifts=shifts)["per_shift"], {"S1": 0, "S2": 30})
        last = result("23:00")
        self.assertEqual(last["exceptions"], ["missing_out"])
        self.assertEqual(result("23:01")["exceptions"], ["missing_out", "unscheduled"])

    def test_s4_an_out_exactly_at_an_inner_boundary_opens_nothing_in_the_next_shift(self):
        shifts = [shift("06:00", "14:00"), shift("14:00", "20:00", id="S2")]
        day = result("06:00", "14:00", shifts=shifts)
        self.assertEqual((len(day["sessions"]), day["early_leave_minutes"]), (1, 0))

    def test_s4_a_lone_out_tells_about_the_shift_that_runs_or_ended_last(self):
        rules = {"pairing_method": "strict"}
        night = shift("22:00", "06:00", id="N", date="2026-03-03")
        for clock, wanted in (
            ("05:00", []),
            ("06:00", []),
            ("07:00", []),
            ("08:01", ["missing_in"]),
        ):
            day = result(labelled(clock, "out"), shifts=[night, shift()], rules=rules)
            self.assertEqual(day["exceptions"], wanted, clock)
        shifts = [shift("01:00", "02:00", id="N", date="2026-03-03"), shift("03:00", "04:00")]
        self.assertEqual(
            result(labelled("05:00", "out"), shifts=shifts, rules=rules)["exceptions"],
            ["missing_in"],
        )


class PairingTest(unittest.TestCase):
    def test_s5_an_odd_punch_leaves_the_day_incomplete_and_is_worth_nothing(self):
        day = result("08:00", "12:00", "13:00")
        self.assertEqual(
            (day["worked_minutes"], day["status"], day["exceptions"]),
            (240, "incomplete", ["missing_out"]),
        )

    def test_s5_states_of_the_break_and_overtime_keys(self):
        day = result(
            tap("08:00", state=0),
            tap("12:00", state=2),
            tap("13:00", state=3),
            tap("17:00", state=1),
            tap("18:00", state=4),
            tap("19:00", state=5),
            rules={"pairing_method": "strict"},
        )
        self.assertEqual(
            (day["worked_minutes"], day["break_minutes"], day["exceptions"]), (540, 120, [])
        )

    def test_s5_alternate_knows_no_labels(self):
        day = result(labelled("08:00", "out"), labelled("17:00", "out"))
        self.assertEqual((day["worked_minutes"], day["exceptions"]), (540, []))

    def test_s5_double_in_keeps_the_first_or_the_last(self):
        punches = (labelled("08:00", "in"), labelled("09:00", "in"), labelled("17:00", "out"))
        first = result(*punches, rules={"pairing_method": "strict"})
        self.assertEqual((first["worked_minutes"], first["exceptions"]), (540, ["double_in"]))
        last = result(*punches, rules={"pairing_method": "strict", "double_in": "keep_last"})
        self.assertEqual((last["worked_minutes"], last["exceptions"]), (480, ["double_in"]))
        self.assertEqual(last["derivation"]["ignored"][0]["reason"], "double_in")

    def test_s5_a_lone_out_is_a_missing_in_and_blocks(self):
        day = result(labelled("17:00", "out"), rules={"pairing_method": "strict"})
        self.assertEqual((day["exceptions"], day["status"]), (["missing_in"], "incomplete"))

    def test_s5_strict_next_day_out_does_not_close_yesterdays_in(self):
        day = result(
            labelled("03-03 08:00", "in"),
            labelled("17:00", "out"),
            rules={"pairing_method": "strict"},
            shifts=[shift(id="Y", date="2026-03-03"), shift()],
        )
        self.assertEqual((day["exceptions"], day["worked_minutes"]), (["missing_in"], 0))

    def test_s5_first_last_ignores_what_lies_between(self):
        day = result("08:00", "12:00", "13:00", "16:00", rules={"pairing_method": "first_last"})
        self.assertEqual(
            (day["worked_minutes"], day["break_minutes"], day["exceptions"]), (480, 0, [])
        )
        single = result("08:00", rules={"pairing_method": "first_last"})
        self.assertEqual(single["exceptions"], ["missing_out"])

    def test_s5_strict_first_last_takes_the_first_in_and_the_last_out(self):
        punches = (
            labelled("07:50", "out"),
            labelled("08:30", "in"),
            labelled("10:00", "out"),
            labelled("13:30", "out"),
            labelled("14:00", "in"),
        )
        day = result(*punches, rules={"pairing_method": "strict_first_last"})
        self.assertEqual((day["worked_minutes"], day["exceptions"]), (300, []))

    def test_s5_unscheduled_halves_of_strict_first_last(self):
        rules = {"pairing_method": "strict_first_last"}
        lone_out = result(labelled("12:00", "out"), shifts=[], rules=rules)
        self.assertEqual(lone_out["exceptions"], ["missing_in"])
        lone_in = result(labelled("12:00", "in"), shifts=[], rules=rules)
        self.assertEqual(lone_in["exceptions"], ["missing_out", "unscheduled"])

    def test_s5_first_last_over_a_block_is_one_presence(self):
        shifts = [shift("06:00", "14:00"), shift("14:00", "20:00", id="S2")]
        day = result("06:00", "20:00", shifts=shifts, rules={"pairing_method": "first_last"})
        self.assertEqual((day["per_shift"], day["exceptions"]), ({"S1": 480, "S2": 360}, []))

    def test_s5_first_last_over_a_block_is_no_longer_than_a_session_may_last(self):
        """Red if the join asks for neighbours only: 14 hours would close yesterday's session."""
        shifts = [shift("06:00", "14:00"), shift("14:00", "20:00", id="S2")]
        rules = {"pairing_method": "first_last", "max_session_minutes": 839}
        day = result("06:00", "20:00", shifts=shifts, rules=rules)
        self.assertEqual((day["worked_minutes"], day["exceptions"]), (0, ["missing_out"]))
        self.assertEqual(day["status"], "incomplete")

    def test_s5_an_assumed_out_stays_visible(self):
        day = result(
            "08:00", rules={"missing_out": "shift_end"}, shifts=[shift("08:00", "17:00", LUNCH)]
        )
        self.assertEqual(
            (day["worked_minutes"], day["status"], day["exceptions"]),
            (480, "present", ["missing_out_assumed"]),
        )
        self.assertEqual(day["early_leave_minutes"], 0)

    def test_s5_nothing_is_assumed_while_an_out_may_still_arrive(self):
        """Red if the watermark is not asked."""
        rules = {"missing_out": "shift_end"}
        open_day = result("08:00", rules=rules, last_sync={"A": "2026-03-04T23:00:00+08:00"})
        self.assertEqual((open_day["exceptions"], open_day["status"]), ([], "pending"))
        closed = result("08:00", rules=rules, last_sync={"A": "2026-03-04T23:00:01+08:00"})
        self.assertEqual(closed["worked_minutes"], 540)

    def test_s5_nothing_is_assumed_after_the_end_of_the_shift(self):
        for clock in ("17:00", "17:30"):
            day = result(clock, rules={"missing_out": "shift_end"})
            self.assertEqual((day["worked_minutes"], day["exceptions"]), (0, ["missing_out"]))


if __name__ == "__main__":
    unittest.main()
