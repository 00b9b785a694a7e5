"""Rule sets, presets, warnings; who may change a day and what a change does (invariant 14)."""

import ast
import json
import unittest
from dataclasses import fields
from datetime import date

import run_domain
from engine.day import build_days
from engine.effect import NOT_IN_EFFECT, without_effect
from engine.instants import Zone, minute_of, wall_of
from engine.lint import lint
from engine.regimes import REGIMES
from engine.review import Review, answer_days
from engine.rules import RuleError, RuleSet
from engine.values import Adjustment, Facts, make_shift

from .addon_tree import Engine, engine_files, reached_by_odoo
from .example import result, shift, tap


class RuleSetTest(unittest.TestCase):
    def refused(self, **values):
        with self.assertRaises(RuleError) as caught:
            RuleSet.from_dict(values)
        return str(caught.exception)

    def test_every_parameter_survives_json(self):
        for regime in REGIMES.values():
            rules = RuleSet.from_dict(regime["rules"])
            self.assertEqual(RuleSet.from_dict(json.loads(json.dumps(rules.to_dict()))), rules)
        self.assertEqual(set(RuleSet().to_dict()), {item.name for item in fields(RuleSet)})

    def test_bad_values_are_named(self):
        for values, word in (
            ({"late_grace_minutes": -1}, "late_grace_minutes"),
            ({"late_grace_minutes": 1.5}, "late_grace_minutes"),
            ({"late_grace_minutes": True}, "late_grace_minutes"),
            ({"late_grace_minutes": "5"}, "late_grace_minutes"),
            ({"pairing_method": "guess"}, "strict_first_last"),
            ({"night_window": ["22:00"]}, "night_window"),
            ({"night_window": ["22:00", "22:00"]}, "night_window"),
            ({"day_boundary": "24:00"}, "day_boundary"),
            ({"day_boundary": []}, "day_boundary"),
            ({"ot_daily_threshold_minutes": "shift"}, "ot_daily_threshold_minutes"),
            ({"cto_multiplier_workday": 0}, "cto_multiplier_workday"),
            ({"cto_multiplier_workday": "1/0"}, "cto_multiplier_workday"),
            ({"cto_usage_block_minutes": []}, "cto_usage_block_minutes"),
            ({"ot_period_anchor": "2026-02-30"}, "ot_period_anchor"),
            ({"ot_period_days": 28}, "together"),
            ({"round_unit_minutes": 5, "round_down_max_minutes": 5}, "round_down_max_minutes"),
            (
                {"ot_daily_threshold_minutes": 480, "dt_daily_threshold_minutes": 300},
                "dt_daily_threshold_minutes",
            ),
            ({"averaging_weeks": 4}, "max_weekly_minutes"),
            ({"rate_table": [1]}, "rate_table"),
            ({"reason_codes": "x"}, "reason_codes"),
            ({"profile": ""}, "profile"),
            ({"seventh_day_rule": 1}, "seventh_day_rule"),
        ):
            self.assertIn(word, self.refused(**values), values)

    def test_factors_are_exact(self):
        rules = RuleSet.from_dict({"cto_multiplier_workday": 1.1})
        self.assertEqual(
            (rules.cto_multiplier_workday.numerator, rules.cto_multiplier_workday.denominator),
            (11, 10),
        )

    def test_night_window_in_any_usual_form(self):
        forms = (
            ["22:00", "06:00"],
            "22:00-06:00",
            {"start": "22:00", "end": "06:00"},
            {"from": "22:00", "to": "06:00"},
        )
        self.assertEqual(
            {RuleSet.from_dict({"night_window": form}).night_window for form in forms},
            {(1320, 360)},
        )

    def test_review_and_export_parameters_answer_to_their_prefix(self):
        self.assertFalse(RuleSet.from_dict({"review_four_eyes": False}).four_eyes)


class LintTest(unittest.TestCase):
    def names(self, shifts=(), **values):
        return [(level, name) for level, name, _text in lint(RuleSet.from_dict(values), shifts)]

    def test_defaults_are_quiet(self):
        self.assertEqual(self.names(), [])

    def test_each_warning(self):
        for values, wanted in (
            (
                {"round_unit_minutes": 5, "round_in": "up", "round_out": "down"},
                ("warning", "round_in"),
            ),
            ({"round_unit_minutes": 30}, ("warning", "round_unit_minutes")),
            (
                {"round_unit_minutes": 15, "round_down_max_minutes": 10},
                ("warning", "round_down_max_minutes"),
            ),
            ({"duplicate_window_seconds": 120}, ("warning", "duplicate_window_seconds")),
            ({"snap_in_minutes": 20}, ("warning", "snap_in_minutes")),
            ({"meal_after_minutes": 300, "meal_minutes": 60}, ("notice", "meal_minutes")),
            ({"missing_out": "shift_end"}, ("notice", "missing_out")),
            ({"cto_eligible": True}, ("notice", "cto_expiry_policy")),
            ({"pairing_method": "strict"}, ("notice", "pairing_method")),
        ):
            self.assertEqual(self.names(**values), [wanted], values)

    def test_rc13_rounding_that_reaches_a_meal_is_an_error(self):
        """RC13. Red when rules that require a meal may round its punches, or rounding of the first
        and the last punch of the day is called an error too."""
        for values, names in (
            ({"round_unit_minutes": 5, "round_scope": "all"}, ["round_scope"]),
            ({"round_break_unit_minutes": 5}, ["round_break_unit_minutes"]),
            ({"round_unit_minutes": 5, "round_scope": "edges"}, []),
            ({"round_unit_minutes": 0, "round_scope": "all"}, []),
        ):
            errors = [("error", name) for name in names]
            self.assertEqual(self.names(meal_required_after_minutes=300, **values), errors, values)
            self.assertEqual(self.names(**values), [], "without a meal to protect")

    def test_a_rate_is_in_whole_percent_of_a_class(self):
        """Red when a rate that was meant as a factor, is no number, or is of no class is taken
        without a word: people are paid by it."""
        for rates, level, words in (
            ({"overtime": 1.25}, "error", "overtime is 1.25. A rate is in whole percent"),
            ({"overtime": "abc"}, "error", "from 0 to 1000: 125 pays a quarter more"),
            ({"overtime": -25}, "error", "overtime is -25"),
            ({"overtime": True}, "error", "overtime is True"),
            ({"overtime": 1001}, "error", "overtime is 1001"),
            ({"doubletime": 2}, "warning", "paid at 2 percent. 200 is double, not 2"),
            ({"overtiem": 125}, "warning", "no class overtiem, .* cto_payout, doubletime, "),
        ):
            ((found, name, text),) = lint(RuleSet.from_dict({"rate_table": rates}))
            self.assertEqual((found, name), (level, "rate_table"))
            self.assertRegex(text, words)
        quiet = {"night": 10, "overtime": 125, "holiday": 0, "doubletime": 1000, "cto_payout": 100}
        self.assertEqual(self.names(rate_table=quiet), [])

    def test_no_preset_contradicts_itself(self):
        for name, values in REGIMES.items():
            found = lint(RuleSet.from_dict(values["rules"]))
            self.assertNotIn("error", [level for level, _name, _text in found], name)
            self.assertNotIn("rate_table", [named for _level, named, _text in found], name)

    def test_overlapping_windows(self):
        zone, day = Zone.named("Asia/Manila"), date(2026, 3, 4)
        shifts = [
            make_shift(zone, "A", day, "06:00", "10:00"),
            make_shift(zone, "B", day, "12:00", "16:00"),
        ]
        self.assertEqual(self.names(shifts), [("warning", "check_out_late_window_minutes")])
        self.assertEqual(
            self.names(shifts, check_out_late_window_minutes=60, check_in_early_window_minutes=60),
            [],
        )


class InputTest(unittest.TestCase):
    def test_local_times_are_strict(self):
        for text in ("8", "08:0", "08:60", "24:01", "-1:00", "08:00:00", None, "٠٨:٠٠"):
            with self.assertRaises(ValueError, msg=text):
                minute_of(text)
        self.assertEqual(minute_of("24:00"), 1440)

    def test_wall_times_carry_no_offset(self):
        with self.assertRaises(ValueError):
            wall_of("2026-03-04T08:00:00+08:00")

    def test_unknown_zone(self):
        with self.assertRaisesRegex(ValueError, "unknown time zone"):
            Zone.named("Mars/Base")

    def test_unknown_break_mode_day_type_and_adjustment(self):
        for case in (
            {
                "shifts": [
                    shift("08:00", "17:00", {"start": "12:00", "end": "13:00", "mode": "nap"})
                ]
            },
            {"day_type": "feast"},
            {"adjustments": [{"type": "bribe"}]},
            {"adjustments": [{"type": "set_minutes", "minutes": 3}]},
        ):
            with self.assertRaises(AssertionError):
                result("08:00", **case)

    def test_a_decision_must_say_what_its_kind_needs(self):
        """Red if what is missing surfaces as arithmetic with nothing."""
        day = date(2026, 3, 4)
        for decision, words in (
            (Adjustment("add_punch", "A1"), "add_punch 'A1' must say at which instant"),
            (Adjustment("clock_correction", "A2", end=5), "must say from when on"),
            (Adjustment("clock_correction", "A3", start=5), "must say until when"),
            (
                Adjustment("set_minutes", "A4", day=day, pay_class="regular"),
                "set_minutes 'A4' must say how many minutes",
            ),
        ):
            facts = Facts(zone=Zone.named("UTC"), adjustments=(decision,))
            with self.assertRaisesRegex(ValueError, words):
                build_days(facts, [day], lambda _day: RuleSet())


class AdjustmentTest(unittest.TestCase):
    def test_excused_lateness_changes_only_what_is_penalised(self):
        day = result("08:20", "17:00", adjustments=[{"type": "excuse_late"}])
        self.assertEqual(
            (day["late_minutes"], day["penalised_late_minutes"], day["worked_minutes"]),
            (20, 0, 520),
        )
        partly = result("08:20", "17:00", adjustments=[{"type": "excuse_late", "minutes": 15}])
        self.assertEqual(partly["penalised_minutes"], 5)

    def test_void_and_direction_and_clock(self):
        voided = result(
            "08:00",
            "09:00",
            "17:00",
            adjustments=[{"type": "void_punch", "t": "2026-03-04T09:00:00+08:00"}],
        )
        self.assertEqual((voided["worked_minutes"], voided["exceptions"]), (540, []))
        turned = result(
            tap("08:00", dir="out"),
            tap("17:00", dir="out"),
            rules={"pairing_method": "strict"},
            adjustments=[{"type": "set_direction", "dir": "in", "t": "2026-03-04T08:00:00+08:00"}],
        )
        self.assertEqual(turned["worked_minutes"], 540)
        moved = result(
            "08:00",
            "17:10",
            adjustments=[
                {
                    "type": "clock_correction",
                    "dev": "A",
                    "from": "2026-03-04T12:00:00+08:00",
                    "to": "2026-03-05T00:00:00+08:00",
                    "seconds": -600,
                }
            ],
        )
        self.assertEqual((moved["worked_minutes"], moved["late_minutes"]), (540, 0))

    def test_targets_are_exact(self):
        """Another device, another punch, the end of the interval: untouched."""

        def at(clock):
            return f"2026-03-04T{clock}:00+08:00"

        punches = (
            tap("08:00", "A", id="one"),
            tap("09:00", "B", id="two"),
            tap("12:00", "A", id="three"),
            tap("17:00", "B", id="four"),
        )
        by_name = result(
            *punches,
            adjustments=[
                {"type": "void_punch", "punch": "two"},
                {"type": "void_punch", "punch": "three"},
            ],
        )
        self.assertEqual(by_name["worked_minutes"], 540)
        other = result(*punches, adjustments=[{"type": "void_punch", "t": at("09:00"), "dev": "A"}])
        self.assertEqual(other["worked_minutes"], 360)
        moved = result(
            *punches,
            adjustments=[
                {
                    "type": "clock_correction",
                    "dev": "A",
                    "from": at("08:00"),
                    "to": at("12:00"),
                    "seconds": 600,
                }
            ],
        )
        self.assertEqual(moved["resolved_utc"][0], "2026-03-04T00:00Z")
        self.assertEqual((moved["worked_minutes"], moved["late_minutes"]), (350, 10))

    def test_adding_minutes_to_a_class_keeps_the_partition(self):
        day = result(
            "08:00",
            "17:00",
            adjustments=[{"type": "set_minutes", "class": "overtime", "minutes": 90}],
        )
        self.assertEqual(
            (day["worked_minutes"], day["regular_minutes"], day["overtime_minutes"]), (630, 540, 90)
        )
        self.assertEqual(
            day["segments"][-1], ["2026-03-04T09:00Z", "2026-03-04T10:30Z", "overtime"]
        )
        same = result(
            "08:00",
            "17:00",
            adjustments=[{"type": "set_minutes", "class": "regular", "minutes": 540}],
        )
        self.assertEqual(same["worked_minutes"], 540)

    def test_approved_overtime_by_decision(self):
        day = result(
            "08:00",
            "18:00",
            rules={"ot_requires_approval": True},
            adjustments=[{"type": "approve_ot", "minutes": 45}],
        )
        self.assertEqual((day["overtime_minutes"], day["overtime_unapproved_minutes"]), (45, 15))

    def test_reclassified_minutes_are_the_latest(self):
        day = result(
            "08:00",
            "17:00",
            adjustments=[
                {"type": "reclassify", "from": "regular", "to": "overtime", "minutes": 60}
            ],
        )
        self.assertEqual((day["regular_minutes"], day["overtime_minutes"]), (480, 60))
        self.assertEqual(day["segments"][-1][0], "2026-03-04T08:00Z")

    def test_set_minutes_settles_an_incomplete_day(self):
        day = result(
            "08:00", adjustments=[{"type": "set_minutes", "class": "regular", "minutes": 480}]
        )
        self.assertEqual(
            (day["worked_minutes"], day["regular_minutes"], day["status"]), (480, 480, "present")
        )
        self.assertEqual(day["exceptions"], ["missing_out"])
        less = result(
            "08:00",
            "17:00",
            adjustments=[{"type": "set_minutes", "class": "regular", "minutes": 500}],
        )
        self.assertEqual((less["worked_minutes"], less["undertime_minutes"]), (500, 40))


class ReviewTest(unittest.TestCase):
    CHANGE = {"type": "add_punch", "t": "2026-03-04T17:00:00+08:00", "dir": "out"}

    def play(self, *actions, **case):
        return run_domain.run(
            {
                "id": "T",
                "kind": "review",
                "employee_user": "emp",
                "actions": list(actions),
                "schedule": {"tz": "Asia/Manila", "work_date": "2026-03-04", "shifts": [shift()]},
                "punches": [tap("08:00")],
            }
            | case
        )["result"]

    def request(self, name="R1", by="mgr", reason="gate log"):
        return {"do": "request", "id": name, "by": by, "reason": reason, "change": self.CHANGE}

    def approve(self, by, of="R1"):
        return {"do": "approve", "of": of, "by": by}

    def test_invariant_14_what_is_not_approved_has_no_effect(self):
        for actions in (
            [self.request()],
            [self.request(), {"do": "reject", "of": "R1", "by": "hr"}],
            [self.request(), self.approve("mgr")],
            [self.request(by="emp"), self.approve("emp")],
            [self.request(reason=" "), self.approve("hr")],
        ):
            played = self.play(*actions)
            self.assertEqual(played["before"], played["after"])
            self.assertEqual((played["applied"], played["audit_entries"]), ([], len(actions)))

    def test_four_eyes_exclude_requester_and_subject(self):
        for by in ("mgr", "emp"):
            played = self.play(self.request(), self.approve(by))
            self.assertEqual(played["rejected"], [["R1", "four_eyes"]])
        played = self.play(self.request(), self.approve("mgr"), rules={"four_eyes": False})
        self.assertEqual(played["applied"], ["R1"])

    def test_what_waits_is_listed(self):
        played = self.play(self.request(), self.request("R2"), self.approve("hr", "R2"))
        self.assertEqual((played["pending"], played["applied"]), (["R1"], ["R2"]))
        unknown = self.play(self.approve("hr", "R9"), self.request(), self.request())
        self.assertEqual(unknown["rejected"], [["R9", "unknown"], ["R1", "exists"]])

    def test_nothing_is_deleted_or_edited_but_the_attempt_is_kept(self):
        """Red if the attempt leaves no entry or touches the request."""
        review = Review(RuleSet(), "emp")
        review.request("R1", "mgr", "forgot", {"type": "add_punch"})
        for action in ("delete", "edit"):
            self.assertEqual(review.forbid(action, "R1", "mgr").refused, "not_allowed")
        self.assertEqual([request.identity for request in review.open()], ["R1"])
        self.assertEqual(len(review.entries), 3)

    def test_a_decision_is_made_once(self):
        played = self.play(
            self.request(),
            self.approve("hr"),
            self.approve("hr2"),
            {"do": "reject", "of": "R1", "by": "hr"},
        )
        self.assertEqual(played["applied"], ["R1"])
        self.assertEqual(played["rejected"], [["R1", "not_open"], ["R1", "not_open"]])

    def test_a_reversal_needs_a_second_person_too(self):
        reverse = {"do": "reverse", "id": "V1", "of": "R1", "by": "hr", "reason": "wrong person"}
        base = [self.request(), self.approve("hr")]
        self.assertEqual(self.play(*base, reverse)["applied"], ["R1"])
        self.assertEqual(self.play(*base, reverse | {"approved_by": "hr"})["applied"], ["R1"])
        self.assertEqual(self.play(*base, reverse, self.approve("hr2", "V1"))["applied"], [])
        done = self.play(
            *base, reverse | {"approved_by": "hr2"}, reverse | {"id": "V2", "approved_by": "hr2"}
        )
        self.assertEqual(done["rejected"], [["V2", "not_approved"]])
        self.assertEqual(done["states"], {"R1": "reversed", "V1": "approved"})

    def test_the_rule_set_says_how_long_an_answer_may_take(self):
        """Red if days of a rule set count that asks for no answer, or do not where it asks."""
        asks = RuleSet.from_dict({"employee_ack": True, "ack_days": 3})
        self.assertEqual((answer_days(asks, 14), answer_days(RuleSet(), 14)), (3, 14))

    def test_reason_codes(self):
        rules = {"reason_codes": ["FORGOT", "DEVICE"]}
        refused = self.play(self.request(reason="because"), rules=rules)
        self.assertEqual(refused["rejected"], [["R1", "reason_code"]])
        played = self.play(self.request(reason="FORGOT: gate log"), self.approve("hr"), rules=rules)
        self.assertEqual(played["applied"], ["R1"])


class EffectTest(unittest.TestCase):
    """One list says what decides nothing yet, and it is true."""

    # A Batch has a profile of its own.
    SAME_NAME = {"profile"}

    def asked(self):
        """Attributes that code asks for which Odoo's side reaches."""
        engine = Engine(engine_files())
        books = ("rules", "lint", "regimes", "effect")
        return {
            node.attr
            for name in reached_by_odoo(engine)
            if name.split(".")[0] not in books
            for body in engine.bodies[name]
            for node in ast.walk(body)
            if isinstance(node, ast.Attribute)
        }

    def test_what_is_not_listed_is_asked_for_and_what_is_listed_is_not(self):
        """Turns red when a parameter loses its consumer, or gets one and stays on the list."""
        asked = self.asked() - self.SAME_NAME
        asked |= {"code_map"} if "codes" in asked else set()
        silent = {item.name for item in fields(RuleSet)} - asked
        self.assertEqual(silent, set(NOT_IN_EFFECT))

    def test_only_what_a_rule_set_sets_is_told(self):
        self.assertEqual(without_effect(RuleSet()), [])
        rules = RuleSet.from_dict({"profile": "own", "ot_month_tier_minutes": 60})
        names = [name for name, _why in without_effect(rules)]
        self.assertEqual(names, ["ot_month_tier_minutes", "profile"])
        held = RuleSet.from_dict({"ot_requires_approval": True, "four_eyes": False})
        self.assertEqual(without_effect(held), [])


if __name__ == "__main__":
    unittest.main()
