"""S13: weeks, seventh day, N-day periods, month tier, and expected days of a period."""

import unittest
from datetime import date, timedelta

import run_domain
from engine import weeks
from engine.instants import Zone
from engine.rules import RuleSet
from engine.values import Day


def period(first, *worked, **rules):
    """Result of consecutive dates with the given worked minutes."""
    start = date.fromisoformat(first)
    daily = [
        {"date": (start + timedelta(days=n)).isoformat()}
        | (item if isinstance(item, dict) else {"worked_minutes": item})
        for n, item in enumerate(worked)
    ]
    case = {
        "id": "T",
        "kind": "period",
        "rules": {"ot_daily_threshold_minutes": None} | rules,
        "daily": daily,
    }
    answer = run_domain.run(case)
    if "error" in answer:
        raise AssertionError(answer["error"])
    return answer["result"]


def totals(result):
    return tuple(result[f"{name}_minutes"] for name in ("regular", "overtime", "doubletime"))


def week_split(start, end, before, **rules):
    return run_domain.run(
        {
            "id": "T",
            "kind": "week_split",
            "schedule": {"tz": "America/New_York"},
            "rules": {"ot_daily_threshold_minutes": None, "ot_weekly_threshold_minutes": 2400}
            | rules,
            "session": [start, end],
            "straight_minutes_before": before,
        }
    )["result"]


class WeekTest(unittest.TestCase):
    def test_s13_equal_to_the_threshold_is_not_over_it(self):
        rules = {"ot_weekly_threshold_minutes": 2400}
        self.assertEqual(totals(period("2026-03-02", *[480] * 5, **rules)), (2400, 0, 0))
        self.assertEqual(totals(period("2026-03-02", *[480] * 4, 481, **rules)), (2400, 1, 0))

    def test_s13_daily_overtime_does_not_count_again(self):
        """4 x 10 h + 8 h: 8 h daily overtime, 40 h straight: nothing more."""
        result = period(
            "2026-03-02",
            600,
            600,
            600,
            600,
            480,
            ot_daily_threshold_minutes=480,
            ot_weekly_threshold_minutes=2400,
        )
        self.assertEqual(totals(result), (2400, 480, 0))

    def test_s13_the_excess_is_taken_from_the_latest_straight_minutes(self):
        result = period("2026-03-02", 540, 540, 540, 540, 540, ot_weekly_threshold_minutes=2400)
        self.assertEqual([day["overtime_minutes"] for day in result["days"]], [0, 0, 0, 0, 300])
        result = period("2026-03-02", 900, 900, 900, 60, ot_weekly_threshold_minutes=2400)
        self.assertEqual([day["overtime_minutes"] for day in result["days"]], [0, 0, 300, 60])

    def test_s13_week_start_moves_the_week(self):
        worked = [600] * 7
        monday = period("2026-03-02", *worked, ot_weekly_threshold_minutes=2400)
        sunday = period("2026-03-02", *worked, ot_weekly_threshold_minutes=2400, week_start="sun")
        self.assertEqual((totals(monday), totals(sunday)), ((2400, 1800, 0), (3000, 1200, 0)))
        self.assertEqual(
            [week["week_start"] for week in sunday["weeks"]], ["2026-03-01", "2026-03-08"]
        )

    def test_s13_seventh_day_of_the_week(self):
        rules = {
            "ot_daily_threshold_minutes": 480,
            "dt_daily_threshold_minutes": 720,
            "ot_weekly_threshold_minutes": 2400,
            "seventh_day_rule": True,
        }
        self.assertEqual(totals(period("2026-03-02", *[300] * 6, 600, **rules)), (1800, 480, 120))
        self.assertEqual(totals(period("2026-03-03", *[300] * 6, 600, **rules)), (2280, 120, 0))
        self.assertEqual(totals(period("2026-03-02", *[300] * 5, 0, 600, **rules)), (1980, 120, 0))

    def test_s13_held_overtime_of_the_seventh_day_stays_held(self):
        rules = {
            "ot_daily_threshold_minutes": 480,
            "seventh_day_rule": True,
            "ot_requires_approval": True,
        }
        result = period("2026-03-02", *[300] * 6, 600, **rules)
        self.assertEqual(
            (totals(result), result["overtime_unapproved_minutes"]), ((1800, 480, 0), 120)
        )
        lifted = period(
            "2026-03-02", *[300] * 6, {"worked_minutes": 600, "approved_ot_minutes": 60}, **rules
        )
        self.assertEqual(totals(lifted), (1800, 480, 60))

    def test_s13_seven_days_of_nine_hours_in_california(self):
        rules = {
            "ot_daily_threshold_minutes": 480,
            "dt_daily_threshold_minutes": 720,
            "ot_weekly_threshold_minutes": 2400,
            "seventh_day_rule": True,
        }
        self.assertEqual(totals(period("2026-03-02", *[540] * 7, **rules)), (2400, 1320, 60))

    def test_s13_leave_counts_toward_the_week_only_if_the_rule_set_says_so(self):
        days = [480, 480, 480, {"worked_minutes": 0, "leave_minutes": 480}, 600]
        rules = {"ot_weekly_threshold_minutes": 2400}
        self.assertEqual(totals(period("2026-03-02", *days, **rules)), (2040, 0, 0))
        rules["leave_counts_as_worked_for_ot"] = True
        self.assertEqual(totals(period("2026-03-02", *days, **rules)), (1920, 120, 0))

    def test_s13_days_off_of_their_own_class_do_not_count_as_straight(self):
        days = [*[480] * 5, {"worked_minutes": 300, "day_type": "rest_day"}]
        result = period("2026-03-02", *days, ot_weekly_threshold_minutes=2400)
        self.assertEqual((totals(result), result["rest_day_minutes"]), ((2400, 0, 0), 300))

    def test_s13_n_day_periods_have_one_threshold(self):
        rules = {"ot_period_days": 14, "ot_period_threshold_minutes": 6360}
        result = period("2026-03-02", *[480] * 14, 480, **rules)
        self.assertEqual(totals(result), (6840, 360, 0))
        self.assertEqual([part["overtime"] for part in result["periods"]], [360, 0])

    def test_s13_month_tier_is_an_overlay(self):
        days = [{"worked_minutes": 660}] * 23
        result = period(
            "2026-03-02", *days, ot_daily_threshold_minutes=480, ot_month_tier_minutes=3600
        )
        self.assertEqual(
            (result["overtime_minutes"], result["month_tiers"]), (4140, {"2026-03": 540})
        )

    def test_s13_a_session_over_the_boundary_is_split_there(self):
        later = week_split("2026-03-15T22:00:00-04:00", "2026-03-16T06:00:00-04:00", 2400)
        self.assertEqual(
            (later["previous_week_overtime_minutes"], later["next_week_overtime_minutes"]), (120, 0)
        )
        inside = week_split("2026-03-13T22:00:00-04:00", "2026-03-14T06:00:00-04:00", 2000)
        self.assertEqual(
            (
                inside["previous_week_minutes"],
                inside["next_week_minutes"],
                inside["previous_week_overtime_minutes"],
            ),
            (480, 0, 80),
        )

    def test_s13_week_boundary_has_a_time_of_day(self):
        rules = {"week_start": "sun", "week_start_time": "04:00"}
        result = week_split("2026-03-14T22:00:00-04:00", "2026-03-15T06:00:00-04:00", 0, **rules)
        self.assertEqual((result["previous_week_minutes"], result["next_week_minutes"]), (360, 120))

    def test_s13_the_boundary_is_local_on_the_night_of_the_clock_change(self):
        """Sunday 2026-11-01 20:00 to Monday 04:00: the week is an hour longer, not the session."""
        result = week_split("2026-11-01T20:00:00-05:00", "2026-11-02T04:00:00-05:00", 0)
        self.assertEqual((result["previous_week_minutes"], result["next_week_minutes"]), (240, 240))

    def test_long_weeks_and_short_weekly_rest_are_findings(self):
        result = period(
            "2026-03-02", *[600] * 7, max_weekly_minutes=2880, min_weekly_rest_minutes=2100
        )
        self.assertEqual(
            result["week_findings"], {"2026-03-02": ["weekly_hours_long", "weekly_rest_short"]}
        )
        calm = period(
            "2026-03-02", *[576] * 5, max_weekly_minutes=2880, min_weekly_rest_minutes=2100
        )
        self.assertEqual(calm["week_findings"], {"2026-03-02": []})

    def test_weekly_rest_equal_to_the_minimum_is_enough(self):
        """Saturday 10:00 to the end of Sunday."""
        for minimum, wanted in ((1440 + 840, []), (1440 + 841, ["weekly_rest_short"])):
            result = period("2026-03-02", *[600] * 6, min_weekly_rest_minutes=minimum)
            self.assertEqual(result["week_findings"], {"2026-03-02": wanted})

    def test_leave_counts_in_the_week_in_which_a_split_session_begins(self):
        zone, rules = Zone.named("UTC"), RuleSet()
        sunday = date(2026, 3, 8)
        span = (zone.on(sunday, 1320), zone.on(sunday, 1800), "regular")
        found = weeks.slices_of(sunday, [span], zone, rules, 3600)
        self.assertEqual(
            [(item.week, item.leave_seconds) for item in found],
            [(date(2026, 3, 2), 3600), (date(2026, 3, 9), 0)],
        )

    def test_weekly_hours_are_averaged(self):
        days = [*[700] * 5, 0, 0, *[300] * 5]
        rules = {"max_weekly_minutes": 2880, "averaging_weeks": 2}
        self.assertEqual(
            set(map(tuple, period("2026-03-02", *days, **rules)["week_findings"].values())), {()}
        )

    def test_a_rule_set_counts_from_the_week_of_its_validity_date(self):
        zone, old, new = (
            Zone.named("UTC"),
            RuleSet(),
            RuleSet.from_dict({"ot_weekly_threshold_minutes": 600, "max_weekly_minutes": 60}),
        )
        days = []
        for number in range(14):
            day = date(2026, 3, 2) + timedelta(days=number)
            span = (zone.on(day, 480), zone.on(day, 780), "regular")
            days.append(
                Day(
                    day,
                    "workday",
                    "present",
                    segments=(span,),
                    worked_minutes=300,
                    regular_minutes=300,
                )
            )
        derived, found = weeks.derive_days(
            days, zone, lambda day: new if day >= date(2026, 3, 9) else old
        )
        self.assertEqual(
            [sum(d.overtime_minutes for d in part) for part in (derived[:7], derived[7:])],
            [0, 1500],
        )
        self.assertEqual([week.findings for week in found], [(), ("weekly_hours_long",)])

    def test_dates_to_derive_cover_week_and_period(self):
        rules = RuleSet.from_dict(
            {
                "ot_period_days": 14,
                "ot_period_threshold_minutes": 1,
                "ot_period_anchor": "2026-03-02",
            }
        )
        dates = weeks.dates_to_derive(date(2026, 3, 11), rules)
        self.assertEqual((dates[0], dates[-1]), (date(2026, 3, 2), date(2026, 3, 16)))
        alone = weeks.dates_to_derive(date(2026, 3, 11), RuleSet())
        self.assertEqual((alone[0], alone[-1]), (date(2026, 3, 8), date(2026, 3, 16)))
        late = weeks.dates_to_derive(date(2026, 3, 3), rules)
        self.assertEqual(late[-1], date(2026, 3, 15))

    def test_next_week_begins_on_the_local_clock(self):
        zone = Zone.named("America/New_York")
        start = weeks.next_week_instant(date(2026, 3, 2), zone, RuleSet())
        self.assertEqual(zone.date_at(start), date(2026, 3, 9))
        self.assertEqual(zone.date_at(start - 1), date(2026, 3, 8))


class RosterTest(unittest.TestCase):
    def roster(self, **case):
        base = {
            "id": "T",
            "kind": "roster",
            "schedule": {"tz": "Asia/Manila"},
            "period": ["2026-03-02", "2026-03-08"],
            "workdays": [0, 1, 2, 3, 4],
            "minutes_per_day": 480,
        }
        return run_domain.run(base | case)["result"]

    def test_due_only_inside_employment_both_ends_included(self):
        result = self.roster(hired="2026-03-03", left="2026-03-05")
        self.assertEqual((result["expected_days"], result["scheduled_minutes"]), (3, 1440))
        self.assertEqual(result["calendar_days"], 3)
        span = self.roster(employment={"start": "2026-03-05"})
        self.assertEqual(span["expected_days"], 2)

    def test_leave_costs_nothing_on_days_off(self):
        result = self.roster(leave_range=["2026-03-06", "2026-03-08"])
        self.assertEqual((result["leave_minutes"], result["expected_days"]), (480, 5))

    def test_a_holiday_on_a_rest_day_is_no_expected_day(self):
        result = self.roster(holidays=["2026-03-07"], rules={"holiday_has_expected_hours": True})
        self.assertEqual((result["expected_days"], result["holidays"]), (5, 1))
        counted = self.roster(holidays=["2026-03-04"], rules={"holiday_has_expected_hours": True})
        self.assertEqual(counted["scheduled_minutes"], 2400)


if __name__ == "__main__":
    unittest.main()
