"""What a person stated about a day: minutes owed under a pay code, and a finding.

Each test says which change turns it red.
"""

import unittest
from dataclasses import replace
from datetime import date, timedelta

from engine import sentences
from engine.day import build_days
from engine.inputs import Inputs
from engine.instants import Zone
from engine.payroll import Employee, premium_lines
from engine.rules import RuleSet
from engine.values import Adjustment, Facts, Punch, make_shift

DAY = date(2026, 3, 4)
ZONE = Zone.named("Asia/Manila")
RULES = RuleSet()


def facts(*stated):
    punches = tuple(
        Punch(ZONE.on(DAY, minute), "1", f"p{minute}", way)
        for minute, way in ((480, "in"), (1020, "out"))
    )
    return Facts(ZONE, punches, (make_shift(ZONE, "s", DAY, "08:00", "17:00"),), adjustments=stated)


def day_of(known):
    (found,) = build_days(known, [DAY], lambda _day: RULES)
    return found


def premium(code="MEAL", minutes=60, day=DAY, identity="attestation:1"):
    return Adjustment("premium", identity, day=day, target=code, minutes=minutes)


class StatedTest(unittest.TestCase):
    def test_rc14_a_premium_stands_beside_the_minutes(self):
        """RC14. Red if it is worked time, is left out, or one of another date counts."""
        plain, found = day_of(facts()), day_of(facts(premium()))
        self.assertEqual(found.derivation["premiums"], [["MEAL", 60]])
        self.assertEqual(found, replace(plain, derivation=found.derivation))
        other = day_of(facts(premium(day=DAY + timedelta(days=1))))
        self.assertEqual(other, plain)

    def test_rc14_premiums_of_one_code_add_up(self):
        """RC14. Red if the second answer replaces the first, or codes come as answered."""
        found = day_of(
            facts(premium(), premium("BREAK", 10, identity="z"), premium("MEAL", 5, identity="3"))
        )
        self.assertEqual(found.derivation["premiums"], [["BREAK", 10], ["MEAL", 65]])
        told = [given for code, given in sentences(found.derivation) if code == "stated"]
        self.assertEqual(told, [{"code": "BREAK", "minutes": 10}, {"code": "MEAL", "minutes": 65}])
        lines = premium_lines(Employee("1"), DAY, found.derivation["premiums"])
        self.assertEqual(
            [(line.pay_code, line.pay_class, line.minutes) for line in lines],
            [("BREAK", "premium", 10), ("MEAL", "premium", 65)],
        )

    def test_rc14_a_meal_premium_ends_with_the_missed_meal(self):
        """RC14. Red if a premium stays when punches show the meal, is lost while they do not, goes
        unnoticed, or takes a premium of another ground with it."""
        stated = replace(premium(), kind="meal_premium"), premium("OTHER", 5, identity="b")
        meals = RuleSet.from_dict({"meal_required_after_minutes": 300, "meal_min_minutes": 30})

        def found(*extra):
            known = facts(*stated)
            known = replace(known, punches=(*known.punches, *extra))
            (day,) = build_days(known, [DAY], lambda _day: meals)
            return day

        missed = found()
        self.assertEqual(missed.derivation["premiums"], [["MEAL", 60], ["OTHER", 5]])
        self.assertNotIn("premiums_off", missed.derivation)
        self.assertNotIn("attested", missed.exceptions)
        meal = [
            Punch(ZONE.on(DAY, minute), "1", f"p{minute}", way)
            for minute, way in ((720, "out"), (760, "in"))
        ]
        mended = found(*meal)
        self.assertEqual(mended.derivation["premiums"], [["OTHER", 5]])
        self.assertEqual(mended.derivation["premiums_off"], [["MEAL", 60]])
        self.assertIn("attested", mended.exceptions)
        told = dict(sentences(mended.derivation))
        self.assertEqual(told["stated_off"], {"code": "MEAL", "minutes": 60})

    def test_rv7_a_finding_is_of_its_day_and_no_status(self):
        """RV7. Red if it is lost, or changes what the day is."""
        finding = Adjustment("finding", "attestation:1", day=DAY, target="attested")
        found = day_of(facts(finding))
        self.assertIn("attested", found.exceptions)
        self.assertEqual(found.status, day_of(facts()).status)

    def test_a_statement_changes_the_digest_of_its_day_alone(self):
        """Red if a day is spared its recomputation though somebody answered."""
        plain, stated = Inputs(facts(), RULES), Inputs(facts(premium()), RULES)
        self.assertNotEqual(plain.digest(DAY), stated.digest(DAY))
        after = DAY + timedelta(days=1)
        self.assertEqual(plain.digest(after), stated.digest(after))

    def test_a_premium_says_how_many_minutes(self):
        with self.assertRaisesRegex(ValueError, "must say how many minutes"):
            day_of(facts(premium(minutes=None)))


if __name__ == "__main__":
    unittest.main()
