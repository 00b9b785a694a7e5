"""What must hold for every employee, rule set and order of arrival: the invariants of the engine.

Each test names the invariant it holds and, where it is not plain, the change that turns it red.
The ledger's and the file's own invariants stand in test_bank.py and test_payroll.py.
"""

import unittest
from dataclasses import replace
from datetime import timedelta

from engine import weeks
from engine.day import build_days
from engine.instants import Zone, epoch
from engine.rounding import default_round_down_max, round_clock
from engine.rules import RuleSet
from engine.status import STATUSES
from engine.values import Adjustment, Facts, Punch, make_shift
from plain_day import day_text

from .world import random_rules, worlds


def build(facts, days, rules):
    return build_days(facts, days, lambda _day: rules)


def texts(facts, days, rules):
    return [day_text(day) for day in build(facts, days, rules)]


def overtime(day):
    return (
        day.overtime_minutes
        + day.doubletime_minutes
        + day.rest_day_overtime_minutes
        + day.holiday_overtime_minutes
    )


class InvariantTest(unittest.TestCase):
    def test_invariant_1_order_and_repetition_of_deliveries_change_no_byte(self):
        """Red if identity (S0) keeps the first delivery instead of the smallest name."""
        for rng, facts, days in worlds(120, 1):
            rules = random_rules(rng)
            wanted = texts(facts, days, rules)
            punches = [*facts.punches, *rng.sample(facts.punches, len(facts.punches) // 2)]
            again = [p._replace(identity=p.identity + "~again") for p in facts.punches[:5]]
            punches += again
            shifts, leaves = list(facts.shifts), list(facts.leaves)
            for items in (punches, shifts, leaves):
                rng.shuffle(items)
            mixed = replace(
                facts, punches=tuple(punches), shifts=tuple(shifts), leaves=tuple(leaves)
            )
            self.assertEqual(texts(mixed, days, rules), wanted)

    def test_invariant_2_late_arrival_then_recompute_equals_all_from_the_start(self):
        """Red if a build keeps anything from an earlier one."""
        for rng, facts, days in worlds(40, 2):
            rules = random_rules(rng)
            half = replace(facts, punches=facts.punches[::2])
            build(half, days, rules)
            late = replace(half, punches=half.punches + facts.punches[1::2])
            self.assertEqual(texts(late, days, rules), texts(facts, days, rules))

    def test_invariant_3_minutes_are_a_partition(self):
        """Red if release() forgets a bucket or night leaves the paid intervals."""
        for rng, facts, days in worlds(250, 3):
            rules = random_rules(rng)
            built = build(facts, days, rules)
            derived, _weeks = weeks.derive_days(built, facts.zone, rules)
            for before, day in zip(built, derived, strict=True):
                self.assertEqual(sum(day.buckets.values()), day.worked_minutes)
                self.assertEqual(day.worked_minutes, before.worked_minutes)
                self.assertGreaterEqual(min(day.buckets.values()), 0)
                self.assertLessEqual(day.night_minutes, day.worked_minutes)
                seconds = sum(end - start for start, end, _name in day.segments)
                self.assertEqual(seconds // 60, day.worked_minutes)

    def test_invariant_3_worked_and_break_fill_first_in_to_last_out_per_shift(self):
        """Red if a break of one shift reaches into another or a deduction is lost."""
        rules = RuleSet.from_dict(
            {"short_break_paid_max_minutes": 20, "meal_after_minutes": 300, "meal_minutes": 45}
        )
        checked = 0
        for _rng, facts, days in worlds(120, 4):
            for day in build(facts, days, rules):
                spans = {}
                for session in day.derivation.get("sessions", []):
                    if session["out"]:
                        spans.setdefault(session["shift"], []).append(session)
                wanted = sum(epoch(own[-1]["out"]) - epoch(own[0]["in"]) for own in spans.values())
                self.assertEqual(day.worked_minutes + day.break_minutes, wanted // 60)
                checked += len(spans) > 1
        self.assertGreater(checked, 50)

    def test_invariant_4_the_zone_label_does_not_matter(self):
        """Schedule shifted alike; red if a duration is taken from wall clocks."""
        rules = RuleSet.from_dict({"meal_after_minutes": 300, "meal_minutes": 30})
        manila, karachi = Zone.named("Asia/Manila"), Zone.named("Asia/Karachi")
        for _rng, facts, days in worlds(60, 5, zone_name="Asia/Manila"):
            here = [make_shift(manila, day, day, "09:00", "18:00") for day in days]
            there = [make_shift(karachi, day, day, "06:00", "15:00") for day in days]
            self.assertEqual([s.start for s in here], [s.start for s in there])
            left = build(replace(facts, shifts=tuple(here), leaves=()), days, rules)
            right = build(replace(facts, zone=karachi, shifts=tuple(there), leaves=()), days, rules)
            for one, other in zip(left, right, strict=True):
                if "unscheduled" not in one.exceptions + other.exceptions:
                    self.assertEqual(one.worked_minutes, other.worked_minutes)

    def test_invariant_5_a_matched_pair_at_one_instant_changes_nothing(self):
        """Red if an IN is ordered before an OUT at the same instant."""
        rules = RuleSet.from_dict({"pairing_method": "strict"})
        zone = Zone.named("Europe/Berlin")
        for rng, _facts, days in worlds(60, 6):
            day = days[0]
            shift = make_shift(zone, "S1", day, "08:00", "17:00")
            punches = (Punch(shift.start, "A", "1", "in"), Punch(shift.end, "A", "2", "out"))
            middle = shift.start + 60 * rng.randrange(5, 500)
            pair = (Punch(middle, "A", "3", "in"), Punch(middle, "A", "4", "out"))
            (plain,) = build(Facts(zone=zone, punches=punches, shifts=(shift,)), [day], rules)
            (split,) = build(
                Facts(zone=zone, punches=punches + pair, shifts=(shift,)), [day], rules
            )
            self.assertEqual(replace(split, derivation={}), replace(plain, derivation={}))

    def test_invariant_6_raising_a_limit_moves_minutes_one_way_only(self):
        for rng, facts, days in worlds(120, 7):
            base = random_rules(
                rng,
                ot_daily_threshold_minutes=420,
                ot_min_minutes=0,
                ot_requires_approval=False,
                ot_basis="quantity",
                ot_round_unit_minutes=0,
                night_window=("22:00", "06:00"),
            )
            for change, measure in (
                ({"late_grace_minutes": 20}, lambda d: d.late_minutes),
                ({"early_leave_grace_minutes": 20}, lambda d: d.early_leave_minutes),
                ({"ot_daily_threshold_minutes": 500}, overtime),
                ({"night_window": (23 * 60, 5 * 60)}, lambda d: d.night_minutes),
            ):
                before = build(facts, days, base)
                after = build(facts, days, replace(base, **change))
                for one, other in zip(before, after, strict=True):
                    self.assertLessEqual(measure(other), measure(one), change)

    def test_invariant_7_rounding_moves_less_than_a_unit_and_favours_nobody(self):
        """`nearest` over every minute of the hour; red if 7 of 15 rounds up."""
        zone = Zone.named("Asia/Kathmandu")
        for unit in (5, 6, 10, 15):
            start = zone.on(worlds(1, 8).__next__()[2][0], 0)
            moves = []
            for minute in range(60):
                at = start + minute * 60
                moved = round_clock(at, unit, default_round_down_max(unit), "nearest", zone) - at
                self.assertLess(abs(moved), unit * 60)
                moves.append(moved)
            self.assertLessEqual(abs(sum(moves)) / len(moves), 30 if unit % 2 == 0 else 0)

    def test_invariant_8_taking_an_adjustment_back_restores_every_byte(self):
        """Red if an adjustment writes into the punches it was given."""
        for rng, facts, days in worlds(80, 9):
            if not facts.punches:
                continue
            rules, day = random_rules(rng), rng.choice(days)
            target = rng.choice(facts.punches)
            raw = facts.punches
            decisions = (
                Adjustment("void_punch", "1", 1, target=target.identity),
                Adjustment("set_direction", "2", 2, target=target.identity, direction="in"),
                Adjustment("add_punch", "3", 3, at=target.at + 7_200, direction="out"),
                Adjustment(
                    "clock_correction", "4", 4, device="A", start=0, end=1 << 40, seconds=-300
                ),
                Adjustment("excuse_late", "5", 5, day=day),
                Adjustment(
                    "reclassify",
                    "6",
                    6,
                    day=day,
                    pay_class="regular",
                    to_class="overtime",
                    minutes=30,
                ),
                Adjustment("set_minutes", "7", 7, day=day, pay_class="regular", minutes=300),
            )
            wanted = texts(facts, days, rules)
            for decision in decisions:
                adjusted = build(replace(facts, adjustments=(decision,)), days, rules)
                for built in adjusted:
                    self.assertEqual(sum(built.buckets.values()), built.worked_minutes)
            self.assertIs(facts.punches, raw)
            self.assertEqual(texts(facts, days, rules), wanted)
            mixed = rng.sample(decisions, len(decisions))
            self.assertEqual(
                texts(replace(facts, adjustments=tuple(mixed)), days, rules),
                texts(replace(facts, adjustments=decisions), days, rules),
            )

    def test_invariant_12_one_status_inside_employment_and_none_outside(self):
        for rng, facts, days in worlds(80, 10):
            limited = replace(facts, employed_from=days[2], employed_until=days[-3])
            for built in build(limited, days, random_rules(rng)):
                if days[2] <= built.work_date <= days[-3]:
                    self.assertIn(built.status, STATUSES)
                else:
                    told = {"sessions", "ignored"} & set(built.derivation)
                    self.assertEqual(built.status, "outside_employment" if told else None)
                    self.assertEqual((built.scheduled_minutes, built.worked_minutes), (0, 0))

    def test_invariant_13_a_changed_day_moves_weekly_overtime_only_in_its_week(self):
        """Red if the excess is carried from one week into the next."""
        for rng, facts, days in worlds(60, 11, dates=21):
            rules = random_rules(
                rng,
                ot_weekly_threshold_minutes=1800,
                punch_precision="minute",
                day_class_attribution="shift_start",
            )
            built = build(facts, days, rules)
            changed = rng.randrange(7, 14)
            other = list(built)
            other[changed] = replace(
                built[changed], worked_minutes=0, paid_leave_minutes=0
            ).with_segments((), {})
            before, _weeks = weeks.derive_days(built, facts.zone, rules)
            after, _weeks = weeks.derive_days(other, facts.zone, rules)
            touched = {
                weeks.week_of_instant(at, facts.zone, rules)
                for segment in built[changed].segments
                for at in (segment[0], segment[1] - 1)
            }
            touched.add(weeks.week_start_of(days[changed], rules))
            reach = {week + timedelta(days=n) for week in touched for n in range(-1, 8)}
            for one, another in zip(before, after, strict=True):
                if one.work_date not in reach:
                    self.assertEqual(day_text(one), day_text(another))


if __name__ == "__main__":
    unittest.main()
