"""An approved use that takes other minutes: what returns, what is taken, what is owed."""

import unittest
from datetime import date
from random import Random

from engine.bank import Bank
from engine.bank_change import change_use
from engine.flex import Flex
from engine.rules import RuleSet


def on(text):
    return date.fromisoformat(f"2026-{text}")


def posted(ledger):
    return [(entry.kind, entry.minutes) for entry in ledger.entries]


class TestChangeUse(unittest.TestCase):
    def used(self, minutes=720, there=1000, until=None):
        ledger = Bank(RuleSet())
        ledger.opening("O", on("01-01"), there, until)
        ledger.use("U", on("02-01"), minutes, posted_on=on("01-20"))
        return ledger

    def test_more_less_and_nothing(self):
        ledger = self.used()
        for days, left in (([240], 760), ([1000], 0), ([], 1000), ([300, 0, 300], 400)):
            self.assertTrue(change_use(ledger, "U", on("02-01"), days, on("01-21")))
            self.assertEqual((ledger.balance, ledger.lots["O"].left), (left, left))
        self.assertTrue(ledger.holds("U"))

    def test_the_same_again_posts_nothing(self):
        ledger = self.used()
        self.assertTrue(change_use(ledger, "U", on("02-01"), [720], on("01-21")))
        self.assertEqual(posted(ledger), [("opening", 1000), ("usage", -720)])

    def test_more_than_there_is_changes_nothing(self):
        """Red if something is posted before it is known whether there is enough."""
        ledger = self.used()
        self.assertFalse(change_use(ledger, "U", on("02-01"), [1001], on("01-21")))
        self.assertEqual(posted(ledger), [("opening", 1000), ("usage", -720)])

    def test_a_lot_that_ended_since_serves_it_still(self):
        """Red if what returns ends before it is taken again, or does not end at all."""
        ledger = self.used(there=720, until=on("02-10"))
        self.assertTrue(change_use(ledger, "U", on("02-01"), [240], on("03-01")))
        told = [("usage_reversal", 720), ("usage", -240), ("expiry", -480)]
        self.assertEqual(posted(ledger)[-3:], told)
        again = Bank.replay(ledger.rules, ledger.entries)
        self.assertEqual((again.balance, again.taken("U")), (0, [("O", 240)]))

    def test_what_is_owed_is_paid_by_what_is_taken_less(self):
        """Red if a debt takes what is taken again, or grows smaller for nothing."""
        ledger = Bank(RuleSet())
        ledger.earn("A", on("01-02"), "workday", 720)
        ledger.use("U", on("02-01"), 720, posted_on=on("01-20"))
        ledger.correct_earn("A", on("01-21"), "workday", 620)
        self.assertEqual(ledger.owed, 100)
        self.assertFalse(change_use(ledger, "U", on("02-01"), [730], on("01-22")))
        self.assertTrue(change_use(ledger, "U", on("02-01"), [720], on("01-22")))
        self.assertTrue(change_use(ledger, "U", on("02-01"), [680], on("01-22")))
        self.assertEqual((ledger.owed, ledger.balance, ledger.lots["A"].left), (60, -60, 0))
        self.assertTrue(change_use(ledger, "U", on("02-01"), [240], on("01-22")))
        self.assertEqual((ledger.owed, ledger.balance, ledger.lots["A"].left), (0, 380, 380))

    def test_a_debt_stands_against_more_and_is_not_paid_by_the_same(self):
        """Red if more is taken past what is owed, or the same minutes out of other lots pay it."""
        ledger = Bank(RuleSet())
        ledger.earn("A", on("01-02"), "workday", 720)
        ledger.use("U", on("02-01"), 720, posted_on=on("01-20"))
        ledger.correct_earn("A", on("01-21"), "workday", 620)
        ledger.opening("B", on("01-21"), 300, on("03-01"))
        self.assertFalse(change_use(ledger, "U", on("02-01"), [730], on("01-22")))
        self.assertTrue(change_use(ledger, "U", on("02-01"), [720], on("01-22")))
        self.assertEqual((ledger.owed, ledger.taken("U")), (100, [("B", 300), ("A", 420)]))

    def test_what_ends_pays_no_debt(self):
        """Red if minutes of a lot that ended since pay what is owed, as they never do."""
        ledger = Bank(RuleSet())
        ledger.opening("O", on("01-01"), 720, on("02-10"))
        ledger.earn("A", on("01-02"), "workday", 100)
        ledger.use("U", on("02-01"), 720, posted_on=on("01-20"))
        ledger.use("V", on("02-02"), 100, posted_on=on("01-20"))
        ledger.correct_earn("A", on("01-21"), "workday", 0)
        self.assertTrue(change_use(ledger, "U", on("02-01"), [240], on("03-01")))
        self.assertEqual((ledger.owed, posted(ledger)[-1]), (100, ("expiry", -480)))

    def test_at_random_the_sums_hold_and_a_stored_ledger_says_the_same(self):
        """Red if balance, lots, debt and uses part for any order of changes."""
        rng = Random(2)
        for _turn in range(300):
            ledger = Bank(RuleSet())
            for number in range(3):
                ends = on(f"0{rng.randrange(2, 7)}-15")
                ledger.opening(f"O{number}", on("01-01"), rng.randrange(0, 900), ends)
            ledger.earn("A", on("01-02"), "workday", 300)
            for step in range(12):
                posted_on, use = on(f"0{1 + step // 2}-20"), rng.choice("UVW")
                day = on(f"0{rng.randrange(1, 7)}-{rng.randrange(10, 20)}")
                days = [rng.randrange(1, 400) for _day in range(rng.randrange(3))]
                before = len(ledger.entries)
                owed, held = ledger.owed, sum(part for _lot, part in ledger.taken(use))
                done = change_use(ledger, use, day, days, posted_on)
                own = [one for one in ledger.entries[before:] if one.source == use]
                if not done:
                    self.assertEqual(own, [])
                else:
                    self.assertEqual(sum(part for _lot, part in ledger.taken(use)), sum(days))
                    self.assertEqual(sum(one.minutes for one in own), held - sum(days))
                self.assertLessEqual(ledger.owed, owed)
                ledger.correct_earn("A", posted_on, "workday", rng.randrange(0, 600))
                lots = sum(lot.left for lot in ledger.lots.values())
                self.assertEqual(ledger.balance, lots - ledger.owed)
                self.assertTrue(all(lot.left >= 0 for lot in ledger.lots.values()))
            again = Bank.replay(ledger.rules, ledger.entries)
            self.assertEqual((again.lots, again.owed), (ledger.lots, ledger.owed))


class TestChangeOfFlex(unittest.TestCase):
    def test_a_debt_has_its_end_at_the_red_limit(self):
        """Red if a roster takes the account below the limit, or the same minutes post again."""
        flex = Flex(RuleSet(flex_account=True, flex_red_minutes=600))
        flex.use("U", on("02-01"), 240, on("01-20"))
        self.assertFalse(flex.change_use("U", on("02-01"), [720], on("01-21")))
        self.assertTrue(flex.change_use("U", on("02-01"), [240], on("01-21")))
        self.assertEqual(posted(flex), [("usage", -240)])
        self.assertTrue(flex.change_use("U", on("02-01"), [600], on("01-21")))
        self.assertTrue(flex.change_use("U", on("02-01"), [], on("01-21")))
        self.assertEqual((flex.balance, flex.taken("U")), (0, 0))
