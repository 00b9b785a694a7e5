"""S11, S12, S14 and both clock-change nights: where each minute goes."""

import unittest

from .example import result, shift


def minutes(day, *names):
    return tuple(day[f"{name}_minutes"] for name in names)


class ClassTest(unittest.TestCase):
    def test_s11_beyond_the_scheduled_minutes_is_overtime(self):
        self.assertEqual(minutes(result("08:00", "18:00"), "regular", "overtime"), (540, 60))

    def test_s11_early_work_moves_the_threshold_to_an_earlier_minute(self):
        day = result("07:00", "17:00", rules={"ot_daily_threshold_minutes": 480})
        self.assertEqual(day["segments"][0][1], "2026-03-04T07:00Z")

    def test_s11_doubletime(self):
        day = result(
            "06:00",
            "20:00",
            rules={"ot_daily_threshold_minutes": 480, "dt_daily_threshold_minutes": 720},
        )
        self.assertEqual(minutes(day, "regular", "overtime", "doubletime"), (480, 240, 120))

    def test_s11_days_off_have_their_own_threshold(self):
        for kind in ("rest_day", "holiday"):
            day = result("08:00", "18:00", day_type=kind)
            self.assertEqual(
                minutes(day, kind, f"{kind}_overtime", "regular", "overtime"), (480, 120, 0, 0)
            )
        plain = result(
            "08:00", "18:00", day_type="rest_day", rules={"ot_threshold_offday_minutes": None}
        )
        self.assertEqual(minutes(plain, "rest_day", "rest_day_overtime"), (600, 0))

    def test_s11_no_separate_classes_and_no_daily_threshold(self):
        day = result(
            "08:00",
            "20:00",
            day_type="rest_day",
            rules={"off_day_classification": "none", "ot_daily_threshold_minutes": None},
        )
        self.assertEqual(minutes(day, "regular", "overtime"), (720, 0))

    def test_s11_calendar_attribution_changes_the_class_at_midnight(self):
        """Two hours of a workday, then a holiday; the day's counter runs on."""
        case = {
            "shifts": [shift("22:00", "08:00")],
            "schedule": {"day_types": {"2026-03-05": "holiday"}},
        }
        rules = {"day_class_attribution": "calendar", "ot_daily_threshold_minutes": 480}
        day = result("22:00", "03-05 08:00", rules=rules, **case)
        self.assertEqual(minutes(day, "regular", "holiday", "holiday_overtime"), (120, 360, 120))
        by_start = result("22:00", "03-05 08:00", rules={"ot_daily_threshold_minutes": 480}, **case)
        self.assertEqual(minutes(by_start, "regular", "overtime", "holiday"), (480, 120, 0))

    def test_s11_outside_shift_counts_minutes_before_and_after(self):
        rules = {"ot_basis": "outside_shift"}
        self.assertEqual(
            minutes(result("07:00", "17:30", rules=rules), "regular", "overtime"), (540, 90)
        )
        self.assertEqual(
            minutes(result("10:00", "18:00", rules=rules), "regular", "overtime"), (420, 60)
        )
        off = result("08:00", "18:00", shifts=[], day_type="rest_day", rules=rules)
        self.assertEqual(minutes(off, "rest_day", "rest_day_overtime"), (480, 120))

    def test_s11_outside_a_shift_on_a_day_off(self):
        day = result("07:00", "18:00", day_type="holiday", rules={"ot_basis": "outside_shift"})
        self.assertEqual(minutes(day, "holiday", "holiday_overtime"), (540, 120))

    def test_s11_outside_a_shift_without_any_shift_goes_by_quantity(self):
        """Red if a date without shifts counts as outside of all of them."""
        rules = {"ot_basis": "outside_shift", "ot_daily_threshold_minutes": 480}
        day = result("08:00", "18:00", shifts=[], rules=rules)
        self.assertEqual(minutes(day, "regular", "overtime"), (480, 120))

    def test_s11_schedule_threshold_on_days_off(self):
        """Without separate classes the day off has its own number, and a date has one: a night
        shift that begins on a holiday goes by that of days off, past midnight too."""
        plain = result(
            "08:00",
            "18:00",
            day_type="rest_day",
            rules={"off_day_classification": "none", "ot_threshold_offday_minutes": 500},
        )
        self.assertEqual(minutes(plain, "regular", "overtime"), (500, 100))
        night = result(
            "22:00",
            "03-05 08:00",
            day_type="holiday",
            shifts=[shift("22:00", "07:00")],
            rules={"day_class_attribution": "calendar"},
        )
        self.assertEqual(minutes(night, "holiday", "regular", "overtime"), (120, 360, 120))

    def test_s11_a_date_has_one_threshold_whichever_class_its_minutes_have(self):
        """Red if a minute past midnight asks for the threshold of its own date."""
        lunch = {"start": "22:00", "end": "23:00", "mode": "auto"}
        day = result(
            "18:00",
            "03-05 04:00",
            day_type="holiday",
            shifts=[shift("18:00", "04:00", lunch)],
            rules={"day_class_attribution": "calendar", "ot_threshold_offday_minutes": 480},
        )
        names = ("holiday", "regular", "overtime", "holiday_overtime")
        self.assertEqual(minutes(day, *names), (300, 180, 60, 0))
        into = result(
            "18:00",
            "03-05 04:00",
            schedule={"day_types": {"2026-03-05": "holiday"}},
            shifts=[shift("18:00", "02:00")],
            rules={"day_class_attribution": "calendar", "ot_threshold_offday_minutes": 600},
        )
        self.assertEqual(minutes(into, *names), (120, 360, 0, 120))

    def test_s11_doubletime_below_the_overtime_threshold_wins(self):
        day = result("08:00", "17:00", rules={"dt_daily_threshold_minutes": 300})
        self.assertEqual(minutes(day, "regular", "overtime", "doubletime"), (300, 0, 240))
        equal = result("08:00", "18:00", rules={"dt_daily_threshold_minutes": 540})
        self.assertEqual(minutes(equal, "regular", "overtime", "doubletime"), (540, 0, 60))

    def test_s11_leave_counts_as_worked_only_if_the_rule_set_says_so(self):
        leave = [
            {"start": "2026-03-04T08:00:00+08:00", "end": "2026-03-04T12:00:00+08:00", "paid": True}
        ]
        self.assertEqual(minutes(result("12:00", "19:00", leaves=leave), "overtime"), (0,))
        rules = {"leave_counts_as_worked_for_ot": True}
        self.assertEqual(
            minutes(result("12:00", "19:00", leaves=leave, rules=rules), "overtime"), (120,)
        )
        leave[0]["paid"] = False
        self.assertEqual(
            minutes(result("12:00", "19:00", leaves=leave, rules=rules), "overtime"), (0,)
        )


class ReleaseTest(unittest.TestCase):
    NAMES = ("overtime", "overtime_dropped", "overtime_unapproved", "worked")

    def test_s12_below_the_minimum_everything_is_dropped_and_stays_visible(self):
        rules = {"ot_min_minutes": 30}
        self.assertEqual(
            minutes(result("08:00", "17:29", rules=rules), *self.NAMES), (0, 29, 0, 569)
        )
        self.assertEqual(
            minutes(result("08:00", "17:30", rules=rules), *self.NAMES), (30, 0, 0, 570)
        )

    def test_s12_the_remainder_of_the_unit_is_dropped(self):
        rules = {"ot_round_unit_minutes": 15}
        self.assertEqual(
            minutes(result("08:00", "17:44", rules=rules), *self.NAMES), (30, 14, 0, 584)
        )

    def test_s12_approval_releases_and_holds(self):
        rules = {"ot_requires_approval": True, "ot_round_unit_minutes": 15}
        day = result("08:00", "19:10", rules=rules, approved_ot_minutes=60)
        self.assertEqual(minutes(day, *self.NAMES), (60, 10, 60, 670))
        self.assertEqual(day["exceptions"], ["overtime_unapproved"])
        self.assertEqual(
            [name for _s, _e, name in day["segments"]],
            ["regular", "overtime", "unapproved", "dropped"],
        )
        free = result("08:00", "19:00", rules=rules, approved_ot_minutes=500)
        self.assertEqual(minutes(free, *self.NAMES), (120, 0, 0, 660))

    def test_s12_overtime_of_days_off_is_released_alike(self):
        day = result("08:00", "17:20", day_type="holiday", rules={"ot_round_unit_minutes": 60})
        self.assertEqual(
            minutes(day, "holiday", "holiday_overtime", "overtime_dropped"), (480, 60, 20)
        )

    def test_buckets_always_add_up(self):
        day = result(
            "06:10",
            "22:00",
            rules={
                "ot_daily_threshold_minutes": 480,
                "dt_daily_threshold_minutes": 720,
                "ot_round_unit_minutes": 50,
                "ot_requires_approval": True,
            },
            approved_ot_minutes=300,
        )
        self.assertEqual(sum(day["buckets"].values()), day["worked_minutes"])
        self.assertEqual(day["buckets"]["doubletime"], 60)


class CreditTest(unittest.TestCase):
    def credit(self, *punches, **case):
        return result(*punches, cto_class=True, **case)["cto_delta_minutes"]

    def test_credit_by_class_of_day(self):
        self.assertEqual(self.credit("08:00", "18:00"), 60)
        self.assertEqual(self.credit("08:00", "18:00", day_type="rest_day"), 900)
        self.assertEqual(self.credit("08:00", "11:01", day_type="holiday"), 271)
        self.assertEqual(self.credit("08:00", "18:00", day_type="holiday"), 900)
        self.assertEqual(
            self.credit("08:00", "19:00", rules={"dt_daily_threshold_minutes": 600}), 120
        )
        self.assertEqual(result("08:00", "18:00", cto_class=False)["cto_delta_minutes"], 0)

    def test_credit_rounds_the_input_before_the_multiplier(self):
        rules = {"cto_input_round_unit_minutes": 15, "cto_multiplier_workday": 1.5}
        self.assertEqual(self.credit("08:00", "17:37", rules=rules), 45)
        self.assertEqual(self.credit("08:00", "17:38", rules=rules), 67)


class NightTest(unittest.TestCase):
    RULES = {"night_window": ["22:00", "06:00"]}

    def night(self, *punches, **case):
        return result(*punches, rules=self.RULES | case.pop("rules", {}), **case)["night_minutes"]

    def test_s14_both_ends_of_the_night(self):
        self.assertEqual(self.night("04:30", "08:00", shifts=[shift("06:00", "14:00")]), 90)
        self.assertEqual(self.night("20:00", "03-05 01:00", shifts=[shift("20:00", "04:00")]), 180)
        self.assertEqual(self.night("21:00", "03-05 07:00", shifts=[shift("21:00", "07:00")]), 480)

    def test_s14_two_nights_of_a_24_hour_duty(self):
        day = result(
            "05:00",
            "03-05 05:00",
            shifts=[shift("05:00", "05:00")],
            rules=self.RULES | {"max_session_minutes": 1560},
        )
        self.assertEqual((day["worked_minutes"], day["night_minutes"]), (1440, 480))

    def test_s14_breaks_at_night_are_not_night_work(self):
        window = {"start": "02:00", "end": "03:00"}
        self.assertEqual(
            self.night("22:00", "03-05 06:00", shifts=[shift("22:00", "06:00", window)]), 420
        )

    def test_s14_a_window_inside_one_date(self):
        self.assertEqual(
            self.night(
                "00:00",
                "08:00",
                shifts=[shift("00:00", "08:00")],
                rules={"night_window": "00:00-05:00"},
            ),
            300,
        )

    def test_s14_the_night_has_seven_or_nine_real_hours(self):
        for day, start, end, hours in (
            ("2026-03-07", "2026-03-07T21:00:00-05:00", "2026-03-08T07:00:00-04:00", 7),
            ("2026-10-31", "2026-10-31T21:00:00-04:00", "2026-11-01T07:00:00-05:00", 9),
        ):
            found = result(
                {"t": start, "dev": "A"},
                {"t": end, "dev": "A"},
                work_date=day,
                tz="America/New_York",
                shifts=[shift("21:00", "07:00")],
                rules=self.RULES,
            )
            self.assertEqual(found["night_minutes"], hours * 60)
            self.assertEqual(found["worked_minutes"], (hours + 2) * 60)
            self.assertEqual((found["undertime_minutes"], found["overtime_minutes"]), (0, 0))

    def test_half_hour_clock_change_of_lord_howe(self):
        found = result(
            {"t": "2026-10-03T22:00:00+10:30", "dev": "A"},
            {"t": "2026-10-04T06:00:00+11:00", "dev": "A"},
            work_date="2026-10-03",
            tz="Australia/Lord_Howe",
            shifts=[shift("22:00", "06:00")],
            rules=self.RULES,
        )
        self.assertEqual(
            (found["worked_minutes"], found["scheduled_minutes"], found["night_minutes"]),
            (450, 450, 450),
        )


if __name__ == "__main__":
    unittest.main()
