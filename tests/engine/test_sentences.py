"""The sentences of a day hold every number: from them alone a day can be added up again."""

import json
import random
import unittest
from datetime import datetime

from engine.case import Case, Group
from engine.instants import epoch
from engine.record import day_record
from engine.sentences import sentences
from engine.values import BUCKET_FIELDS, Adjustment

from .world import random_facts, random_rules

DAYS = 1000
# Where more than spans of one presence decides what is worked.
NO_CHAIN = {"decided", "break_moved", "clamped", "not_counted"}


def random_days(count, seed):
    """`(kept values, day)` of so many days of random people under random rules, weeks and approved
    decisions included."""
    rng, made = random.Random(seed), 0
    while made < count:
        rules = random_rules(rng)
        facts, days = random_facts(rng)
        decided = tuple(
            Adjustment(kind, f"A{n}", n, day, minutes=minutes, pay_class="regular", to_class=to)
            for n, day in enumerate(days)
            if rng.random() < 0.1
            for kind, minutes, to in (
                rng.choice(
                    (("set_minutes", rng.randrange(1, 700), ""), ("reclassify", None, "overtime"))
                ),
            )
        )
        facts = type(facts)(**{**vars(facts), "adjustments": decided})
        case = Case((Group(facts, rules, tuple(days)),), lambda _day, rules=rules: rules)
        for day, result in case.days().items():
            if result is not None and day in days:
                made += 1
                yield day_record(result, case.facts_of(day)), result


def told(values):
    """The sentences as somebody far away gets them: through text, with nothing beside them."""
    return json.loads(json.dumps(sentences(values["derivation"])))


def length(parameters):
    begin, end = (epoch(datetime.fromisoformat(parameters[key])) for key in ("from", "to"))
    return end - begin


def minutes_of(lines):
    """Minutes by class from the `counted` sentences alone; seconds over are carried on."""
    minutes, passed = {}, 0
    for code, said in lines:
        if code == "counted":
            so_far, passed = passed, passed + said["seconds"]
            gained = passed // 60 - so_far // 60
            minutes[said["class"]] = minutes.get(said["class"], 0) + gained
    return minutes


def paid_span(session, lines):
    """A session's times after the moves that the sentences tell."""
    times = []
    for key, edge in (("from", "in"), ("to", "out")):
        rules = (f"snap_{edge}", f"round_{edge}")
        moved = {s["before"]: s["after"] for c, s in lines if c == "moved" and s["rule"] in rules}
        times.append(moved.get(session[key], session[key]))
    return times


class TestSentences(unittest.TestCase):
    def test_minutes_by_class_can_be_recomputed_from_the_sentences_alone(self):
        """Red if a segment, a class or a second is missing from them."""
        seen = set()
        for values, day in random_days(DAYS, 27):
            lines = told(values)
            found = minutes_of(lines)
            kept = {name: getattr(day, field) for name, field in BUCKET_FIELDS.items()}
            self.assertEqual({**dict.fromkeys(kept, 0), **found}, kept, day.work_date)
            self.assertEqual(sum(found.values()), day.worked_minutes)
            self.assertEqual({s["class"]: s["minutes"] for c, s in lines if c == "sum"}, found)
            seen |= {name for name, minutes in found.items() if minutes}
        self.assertLessEqual({"regular", "overtime", "rest_day", "holiday", "unapproved"}, seen)

    def test_every_length_that_is_said_is_that_of_its_times(self):
        lengths = 0
        for values, _day in random_days(200, 28):
            for _code, said in told(values):
                if said.get("seconds") is not None:
                    lengths += 1
                    self.assertEqual(said["seconds"], length(said))
        self.assertGreater(lengths, 500)

    def test_what_was_worked_is_presence_less_what_the_sentences_take_off(self):
        """Red if a rule took or gave minutes without a sentence: presence, moves, breaks and
        deductions lead to what is worked, and that is what is counted."""
        checked = 0
        for values, day in random_days(DAYS, 29):
            lines = told(values)
            if any(
                code in ("decided", "break_moved", "clamped", "not_counted")
                for code, _said in lines
            ):
                continue
            present = [said for code, said in lines if code == "present" and said["to"]]
            parts = values["derivation"].get("paid", [])
            if len(parts) != 1 or not present or day.status == "outside_employment":
                continue
            spans = [paid_span(session, lines) for session in present]
            if any(begin == end for begin, end in spans):
                continue  # rounded to nothing before the shift: no pause begins at it
            begin, end = spans[0][0], spans[-1][1]
            whole = length({"from": begin, "to": end})
            taken = sum(s["seconds"] for c, s in lines if c in ("unpaid_gap", "taken_off"))
            worked = sum(said["seconds"] for code, said in lines if code == "worked")
            counted = sum(said["seconds"] for code, said in lines if code == "counted")
            self.assertEqual(counted, worked, day.work_date)
            if whole >= 0 and worked:
                self.assertEqual(worked, whole - taken, day.work_date)
                checked += 1
        self.assertGreater(checked, 150)

    def test_a_day_in_the_order_in_which_it_came_about(self):
        derivation = {
            "shifts": [{"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T17:00:00Z"}],
            "sessions": [
                {"in": "2026-03-02T07:58:00Z", "out": "2026-03-02T17:30:00Z", "shift": "1"},
                {"in": "2026-03-02T18:00:00Z", "out": None, "shift": "1"},
            ],
            "ignored": [{"punch": "c", "at": "2026-03-02T07:58:20Z", "reason": "double_tap"}],
            "paid": [
                {
                    "shift": "1",
                    "moves": [["snap_in", "2026-03-02T07:58:00Z", "2026-03-02T08:00:00Z"]],
                    "deductions": [["meal", [["2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z"]]]],
                    "clamped_minutes": 2,
                }
            ],
            "segments": [["2026-03-02T08:00:00Z", "2026-03-02T12:00:00Z", "regular"]],
            "adjustments": ["ADJ/1"],
        }
        self.assertEqual(
            [code for code, _said in sentences(derivation)],
            ["planned", "present", "present", "left_out", "moved", "clamped", "taken_off"]
            + ["counted", "sum", "decided"],
        )
        said = dict(sentences(derivation))
        self.assertEqual(said["present"]["to"], None)
        self.assertEqual(said["taken_off"]["seconds"], 3600)
        self.assertEqual(said["sum"], {"class": "regular", "minutes": 240})

    def test_a_session_that_lay_wholly_outside_what_counts_is_said_to(self):
        session = {"in": "2026-03-02T05:00:00Z", "out": "2026-03-02T05:40:00Z", "shift": "1"}
        told_of = dict(sentences({"sessions": [session]}))
        self.assertEqual(told_of["not_counted"]["seconds"], 2400)
        paid = {"sessions": [session], "paid": [{"shift": "1"}]}
        self.assertNotIn("not_counted", dict(sentences(paid)))

    def test_a_day_of_which_nothing_is_known_says_nothing(self):
        self.assertEqual(sentences({}), [])


if __name__ == "__main__":
    unittest.main()
