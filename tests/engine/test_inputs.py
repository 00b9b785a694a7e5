"""Inputs of a day: what belongs to them, their digest, and the same days from their JSON.

Each test says which change turns it red.
"""

import hashlib
import json
import random
import unittest
from dataclasses import fields, replace
from datetime import date, timedelta

from engine import (
    RECORD,
    Case,
    Group,
    attribution,
    case_from_json,
    case_to_json,
    day_record,
    inputs,
    record_digest,
)
from engine.inputs import ENGINE_VERSION, Inputs
from engine.instants import Zone
from engine.rules import RuleSet
from engine.values import Adjustment, Facts, Leave, Punch, make_shift

from .world import random_rules, worlds

# Results of the worlds below by this version of the engine. Where they differ: raise
# ENGINE_VERSION in engine/inputs.py, so that no digest of before spares a recomputation.
ANSWERS = {1: "b53fbba5acc7031b988011a8cb93d4d13dce8a9fcdc8d8891ca4a3ed1aecf757"}
DAY = date(2026, 3, 4)
ZONE = Zone.named("Asia/Manila")


def case_of(facts, days, rules):
    return Case((Group(facts, rules, tuple(days)),), lambda _day: rules)


def records(case):
    return {day: day_record(found, case.facts_of(day)) for day, found in case.days().items()}


def asked(rng, facts, days):
    """The same at a moment somewhere in the days, as a job asks: not everything is over."""
    moment = facts.zone.on(rng.choice(days), rng.randrange(1440))
    return replace(facts, as_of=moment, complete_until=min(moment, facts.complete_until))


class NarrowedTest(unittest.TestCase):
    def test_what_is_left_out_cannot_matter(self):
        """Red if the inputs of a date lack a punch, shift, leave or moment that can change it."""
        unsure = 0
        for rng, facts, days in worlds(250, 23):
            rules = random_rules(rng, ot_weekly_threshold_minutes=None, seventh_day_rule=False)
            if rng.random() < 0.6:
                facts = asked(rng, facts, days)
            if rng.random() < 0.3:
                facts = replace(facts, employed_from=rng.choice(days), employed_until=days[-2])
            inputs = Inputs(facts, rules)
            for day, found in case_of(facts, days, rules).days().items():
                alone = case_of(inputs.of(day), [day], rules).days()[day]
                self.assertEqual(alone, found, (day, rules))
                unsure += found.waits_for is not None
        self.assertGreater(unsure, 100)

    def test_what_is_left_out_does_not_change_the_digest(self):
        """Red if a digest hangs on how far around a date was loaded."""
        for rng, facts, days in worlds(40, 24):
            rules = random_rules(rng)
            inputs = Inputs(facts, rules)
            for day in days:
                own = Inputs(inputs.of(day), rules).digest(day)
                self.assertEqual(own, inputs.digest(day), day)

    def test_time_that_cannot_matter_does_not_change_the_digest(self):
        """Red if every night gives a day of last month another digest."""
        for rng, facts, days in worlds(10, 25):
            rules = random_rules(rng)
            late = facts.zone.on(days[-1] + timedelta(days=60), 0)
            one = replace(facts, as_of=late, complete_until=late)
            two = replace(facts, as_of=late + 86_400, complete_until=late + 90_000)
            self.assertEqual(Inputs(one, rules).digest(DAY), Inputs(two, rules).digest(DAY))


class DecidedTest(unittest.TestCase):
    """Adjustments of a date among those of other dates and of punches."""

    def typed(self, rng, facts, days):
        """The facts with some decisions, near and far, on punches and on days."""
        decided, number = [], 0
        for day in rng.sample(days, 4):
            number += 1
            at = facts.zone.on(day, rng.randrange(300, 1300))
            decided.append(Adjustment("add_punch", str(number), number, at=at))
        for punch in rng.sample(facts.punches, min(3, len(facts.punches))):
            number += 1
            decided.append(Adjustment("void_punch", str(number), number, target=punch.identity))
        for day in rng.sample(days, 3):
            number += 1
            decided.append(Adjustment("excuse_late", str(number), number, day, minutes=10))
        first = facts.zone.on(days[1], 0)
        device = facts.punches[0].device if facts.punches else "1"
        decided.append(
            Adjustment(
                *("clock_correction", "900", 900),
                device=device,
                start=first,
                end=first + 86_400,
                seconds=rng.choice((-5400, -600, 600, 7200)),
            )
        )
        return replace(facts, adjustments=tuple(decided))

    def test_what_is_left_out_cannot_matter(self):
        """Red if a date's inputs lack a decision that can change it, or hold one of another date:
        its digest would hang on how much was loaded."""
        for rng, facts, days in worlds(120, 29):
            rules = random_rules(rng, ot_weekly_threshold_minutes=None, seventh_day_rule=False)
            facts = self.typed(rng, facts, days)
            inputs = Inputs(facts, rules)
            for day, found in case_of(facts, days, rules).days().items():
                own = inputs.of(day)
                alone = case_of(own, [day], rules).days()[day]
                self.assertEqual(alone, found, (day, rules))
                self.assertEqual(Inputs(own, rules).digest(day), inputs.digest(day), day)

    def test_a_decision_about_another_date_changes_no_digest(self):
        """Red if every approval gives all dates of a person another digest."""
        rules, at = RuleSet(), ZONE.on(DAY, 480)
        facts = Facts(zone=ZONE, punches=(Punch(at, "1", "a"), Punch(at + 32_400, "1", "b")))
        far = DAY + timedelta(days=30)
        other = (
            Adjustment("excuse_late", "1", 1, far, minutes=5),
            Adjustment("add_punch", "2", 2, at=ZONE.on(far, 480)),
        )
        decided = replace(facts, adjustments=other)
        self.assertEqual(Inputs(facts, rules).digest(DAY), Inputs(decided, rules).digest(DAY))


class EachInputTest(unittest.TestCase):
    """Red if the digest leaves one of the inputs out: each is changed in turn."""

    def setUp(self):
        at = ZONE.on(DAY, 480)
        self.facts = Facts(
            zone=ZONE,
            punches=(Punch(at, "1", "a", "in", "0", 1, 0), Punch(at + 32_400, "1", "b", "out")),
            shifts=(
                make_shift(
                    ZONE, "Day", DAY, "08:00", "17:00", [{"start": "12:00", "end": "13:00"}]
                ),
            ),
            leaves=(Leave(at, at + 3600),),
            day_types={DAY: "workday"},
            flexible_minutes={DAY: 480},
            flexible_weeks={DAY: (2400, 480)},
            approvals={DAY: 60},
            adjustments=(Adjustment("excuse_late", "A/1", 1, DAY, minutes=5),),
            complete_until=at + 36_000,
            as_of=at + 36_000,
            employed_from=None,
            employed_until=None,
            away=(),
            previous_out=at - 50_000,
        )
        self.rules = RuleSet()
        self.before = self.digest(self.facts)

    def digest(self, facts, rules=None):
        return Inputs(facts, rules or self.rules).digest(DAY)

    def changed(self, **values):
        self.assertNotEqual(self.digest(replace(self.facts, **values)), self.before, values)

    def test_a_punch_is_written_as_ever(self):
        """Red when a punch is told in another form: each kept day would be computed once more."""
        told = inputs._punch_text(Punch(1, "2", "a", "in", "0", 3, None, True))
        self.assertEqual(told, "(1, '2', 'a', 'in', '0', 3, None, True)")

    def test_every_fact(self):
        at, one = ZONE.on(DAY, 480), self.facts
        near = DAY + timedelta(days=1)
        other = {
            "zone": [Zone.named("Asia/Singapore")],
            "punches": [
                one.punches[:1],
                *[
                    (one.punches[0]._replace(**{name: value}), one.punches[1])
                    for name, value in {
                        "at": at + 60,
                        "device": "2",
                        "identity": "c",
                        "direction": None,
                        "state": "1",
                        "seq": 2,
                        "offset_seconds": 500,
                        "undecided": True,
                    }.items()
                ],
            ],
            "shifts": [
                (),
                (make_shift(ZONE, "Other", DAY, "08:00", "17:00"),),
                (replace(one.shifts[0], nominal_seconds=1),),
                (
                    replace(
                        one.shifts[0],
                        breaks=tuple(replace(b, paid=True) for b in one.shifts[0].breaks),
                    ),
                ),
            ],
            "leaves": [(), (Leave(at, at + 3600, False),), (Leave(at, at + 3660),)],
            "day_types": [{DAY: "holiday"}, {DAY: "workday", near: "holiday"}],
            "flexible_minutes": [{}, {DAY: 450}],
            "flexible_weeks": [{}, {DAY: (2300, 480)}],
            "approvals": [{}, {DAY: 30}],
            "adjustments": [(), (replace(one.adjustments[0], minutes=6),)],
            "complete_until": [at, at + 100],
            "as_of": [at, at + 100],
            "employed_from": [DAY, near],
            "employed_until": [DAY, DAY - timedelta(days=1)],
            "away": [((DAY, DAY),)],
            "previous_out": [None, at - 40_000],
        }
        self.assertEqual(set(other), {item.name for item in fields(Facts)})
        for name, values in other.items():
            for value in values:
                self.changed(**{name: value})

    def test_every_parameter_and_the_engine_itself(self):
        for parameters in ({"late_grace_minutes": 1}, {"rate_table": {"overtime": 150}}):
            self.assertNotEqual(self.digest(self.facts, RuleSet.from_dict(parameters)), self.before)
        from engine import inputs

        version = inputs.ENGINE_VERSION
        try:
            inputs.ENGINE_VERSION = version + 1
            self.assertNotEqual(self.digest(self.facts), self.before)
        finally:
            inputs.ENGINE_VERSION = version
        self.assertEqual(self.digest(self.facts), self.before)

    def test_what_the_keeper_writes_beside(self):
        """Red when a value that is kept besides the engine's word leaves the digest as it is."""
        inputs = case_of(self.facts, [DAY], self.rules).inputs()
        beside = [7, 1, None, "House", "schedule", None, True]
        digests = {inputs.digest(DAY), inputs.digest(DAY, beside)}
        for number, other in enumerate((8, 2, 3, "Mouse", None, 4, False)):
            digests.add(inputs.digest(DAY, [*beside[:number], other, *beside[number + 1 :]]))
        self.assertEqual(len(digests), 2 + len(beside))

    def test_a_week_is_told_by_all_its_dates(self):
        """Red if weekly overtime leaves the other dates of the week out of a date's digest."""
        for weekly, differs in ((2400, True), (None, False)):
            rules = RuleSet(ot_weekly_threshold_minutes=weekly)
            days = [DAY + timedelta(days=n) for n in range(-3, 5)]
            facts = replace(self.facts, flexible_weeks={})
            far = Punch(ZONE.on(days[-1], 600), "1", "far", "in")
            more = replace(facts, punches=(*facts.punches, far))
            one, two = (case_of(each, days, rules).inputs().digest(DAY) for each in (facts, more))
            self.assertEqual(one != two, differs)


class SharedTest(unittest.TestCase):
    """What a schedule brings along is laid out once for everybody who has it."""

    def test_people_of_one_schedule_stay_apart(self):
        """Red when a date is shared by people whose shifts, day type, zone or rules differ, or
        what was shared outlives its shifts."""
        answers = {}
        for _round in range(30):
            for name in ("Asia/Manila", "Europe/Berlin"):
                zone = Zone.named(name)
                for begins in ("08:00", "09:00"):
                    for kind in ("workday", "holiday"):
                        for early in (60, 120):
                            rules = RuleSet(check_in_early_window_minutes=early)
                            facts = Facts(
                                zone=zone,
                                punches=tuple(
                                    Punch(zone.on(DAY, at), "1", str(at)) for at in (485, 1020)
                                ),
                                shifts=(make_shift(zone, "Day", DAY, begins, "17:00"),),
                                day_types={DAY: kind},
                            )
                            found = Inputs(facts, rules)
                            key = (name, begins, kind, early)
                            own = (found.digest(DAY), case_of(facts, [DAY], rules).days()[DAY])
                            self.assertEqual(answers.setdefault(key, own), own)
                            due = 0 if kind == "holiday" else {"08:00": 540}.get(begins, 480)
                            self.assertEqual(own[1].scheduled_minutes, due)
        self.assertEqual(len({digest for digest, _day in answers.values()}), 16)

    def test_more_schedules_than_are_kept(self):
        """Red when what is forgotten to make room is missed, or more is kept than there is room."""
        before = inputs._DATES_KEPT, inputs._LAYOUTS_KEPT, attribution._KEPT
        inputs._DATES_KEPT = inputs._LAYOUTS_KEPT = attribution._KEPT = 3
        try:
            rules = RuleSet(check_in_early_window_minutes=77)
            for _rng, facts, days in worlds(20, 31):
                case = case_of(facts, days, rules)
                digests = [case.inputs().digest(day) for day in days]
                self.assertEqual(digests, [case.inputs().digest(day) for day in days])
                self.assertLessEqual(len(inputs._dates_of(facts.zone, rules)), 3)
                self.assertLessEqual(len(inputs._layouts_of(facts.zone, rules)), 3)
                self.assertLessEqual(len(attribution._indexes(facts.zone, rules)), 3)
        finally:
            inputs._DATES_KEPT, inputs._LAYOUTS_KEPT, attribution._KEPT = before

    def test_punches_out_of_order_are_put_in_order(self):
        """Red when two punches of one instant, or punches that come in another order, leave a
        digest or a day other than in order."""
        rng, rules = random.Random(3), RuleSet()
        for minutes in ((480, 480, 1020), (480, 480, 720, 720, 1020), (1020, 480)):
            punches = [Punch(ZONE.on(DAY, at), str(n), f"p{n}") for n, at in enumerate(minutes)]
            ordered = tuple(sorted(punches, key=lambda punch: punch.order))
            wanted = Inputs(Facts(zone=ZONE, punches=ordered), rules)
            for _turn in range(9):
                rng.shuffle(punches)
                found = Inputs(Facts(zone=ZONE, punches=tuple(punches)), rules)
                self.assertEqual(found.digest(DAY), wanted.digest(DAY))
                self.assertEqual(found.of(DAY), wanted.of(DAY))


class SomeTest(unittest.TestCase):
    def test_some_dates_come_out_as_with_all(self):
        """Red when a date that is computed alone comes out otherwise than among the others, or a
        week is torn apart."""
        for rng, facts, days in worlds(60, 28):
            rules = random_rules(rng)
            case = case_of(asked(rng, facts, days), days, rules)
            whole = case.days()
            wanted = rng.sample(days, 3)
            some = case.only(wanted).days()
            self.assertEqual(set(some), set(days) if case.sums_up else set(wanted))
            self.assertEqual(
                {day: some[day] for day in wanted}, {day: whole[day] for day in wanted}
            )
            self.assertEqual(set(records(case)[wanted[0]]), set(RECORD))


class CarriedTest(unittest.TestCase):
    def test_the_same_days_from_json(self):
        """Red if the written case lacks anything: days and digests must come out the same."""
        for rng, facts, days in worlds(120, 26):
            rules, later = random_rules(rng), random_rules(rng)
            facts = replace(
                asked(rng, facts, days) if rng.random() < 0.5 else facts,
                flexible_weeks={days[0]: (2400, 480)} if rng.random() < 0.3 else {},
                adjustments=(Adjustment("excuse_late", "A/1", 1, days[2], minutes=5),),
                away=((days[3], days[3]),) if rng.random() < 0.2 else (),
            )
            split = days[5]
            case = Case(
                (
                    Group(facts, rules, tuple(day for day in days if day < split)),
                    Group(
                        replace(facts, complete_until=facts.complete_until - 1),
                        later,
                        tuple(day for day in days if day >= split),
                    ),
                ),
                lambda day, parts=(rules, later), at=split: parts[day >= at],
            )
            written = json.loads(json.dumps(case_to_json(case)))
            self.assertEqual(len(written["facts"]), 1)
            read = case_from_json(written)
            self.assertEqual(records(read), records(case))
            for day in days:
                self.assertEqual(read.inputs().digest(day), case.inputs().digest(day))


class VersionTest(unittest.TestCase):
    def test_an_engine_that_answers_otherwise_is_another_version(self):
        """Red if a change of the engine changes results and ENGINE_VERSION stays."""
        digest = hashlib.sha256()
        for rng, facts, days in worlds(60, 27):
            case = case_of(asked(rng, facts, days), days, random_rules(rng))
            for record in records(case).values():
                digest.update(record_digest(record).encode())
        self.assertEqual(digest.hexdigest(), ANSWERS[ENGINE_VERSION])
