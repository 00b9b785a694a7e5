"""Each regime with a bank by its own numbers: a case and the paragraph that it is read from.

Red on any change of a preset. None of it is legal advice.
"""

import unittest
from datetime import date

from engine.bank import Bank
from engine.bank_limits import rights_of
from engine.classes import above_contingent, compensated_by
from engine.flex import Flex, band_of, settlement_before
from engine.regimes import REGIMES
from engine.rules import RuleSet


def on(text):
    return date.fromisoformat(f"2026-{text}")


def bank(name):
    return Bank(RuleSet.from_dict(REGIMES[name]["rules"]))


class RegimeBankTest(unittest.TestCase):
    def test_philippines_government(self):
        """CSC-DBM JC 2 s.2004, 5.1-5.6: by order, 1.0 and 1.5, 40 h a month, 120 h in all, until
        the end of the following year, in blocks of 4 and 8 h, five days in a row, never cash."""
        ledger = bank("ph_government")
        ledger.earn("none", on("03-01"), "workday", 60)
        ledger.earn("A", on("03-04"), "rest_day", 480, authority="Order 1")
        self.assertEqual((ledger.balance, ledger.refused), (0, [("none", "authority_ref")]))
        ledger.certify("A", on("03-31"))
        self.assertEqual(ledger.balance, 720)
        self.assertEqual(ledger.lots["A"].expires_on, date(2027, 12, 31))
        ledger.earn("B", on("03-05"), "workday", 1800, authority="Order 1")
        ledger.certify("B", on("03-31"))
        self.assertEqual((ledger.balance, ledger.overflows["B"].reason), (2400, "month_cap"))
        ledger.use("U", on("04-06"), 300)
        ledger.pay_out("P", on("04-06"), 60)
        self.assertEqual(ledger.refused[1:], [("U", "block"), ("P", "not_convertible")])

    def test_public_agencies_of_the_united_states(self):
        """29 CFR 553.20-.28: time and a half, 240 or 480 h, what is above is paid, all is paid at
        the end."""
        for name, cap in (("us_public", 14400), ("us_public_safety", 28800)):
            ledger = bank(name)
            ledger.earn("A", on("03-04"), "workday", cap, authority="Agreement of 2025")
            self.assertEqual(ledger.balance, cap)
            self.assertEqual(ledger.overflows["A"].overtime_minutes, cap - cap * 2 // 3)
            ledger.terminate(on("12-01"))
            self.assertEqual((ledger.entries[-1].kind, ledger.balance), ("payout", 0))

    def test_california_state(self):
        """CSU: quarter hours, credited in the following month."""
        ledger = bank("california_state")
        ledger.earn("A", on("03-04"), "workday", 67, authority="MOU")
        ledger.advance(on("03-31"))
        self.assertEqual(ledger.balance, 0)
        ledger.advance(on("04-01"))
        self.assertEqual((ledger.balance, ledger.entries[0].on), (90, on("04-01")))

    def test_british_columbia(self):
        """ESA s.42: at the employee's written request, as overtime wages, paid whenever asked."""
        ledger = bank("british_columbia")
        ledger.earn("A", on("03-04"), "holiday", 60, authority="Request of 2 January")
        ledger.pay_out("P", on("03-05"), 90)
        self.assertEqual((ledger.balance, ledger.refused), (0, []))

    def test_canada_federal(self):
        """Canada Labour Code s.174: within three months of the pay period's end, else paid."""
        ledger = bank("canada_federal")
        ledger.earn("A", on("03-04"), "workday", 60, authority="Agreement", period_end=on("03-15"))
        self.assertEqual(ledger.lots["A"].expires_on, on("06-15"))
        ledger.advance(on("06-16"))
        self.assertEqual((ledger.entries[-1].kind, ledger.balance), ("payout", 0))

    def test_time_off_in_lieu(self):
        """Hour for hour on every day; six months, then paid."""
        ledger = bank("toil")
        ledger.earn("A", on("01-31"), "holiday", 100)
        self.assertEqual((ledger.balance, ledger.lots["A"].expires_on), (100, on("07-31")))
        ledger.advance(on("08-01"))
        self.assertEqual(ledger.entries[-1].kind, "payout")

    def test_flex_account(self):
        """By agreement (BetrVG s.87(1) 2): bands of half a week and a week, cut at year's end."""
        rules = RuleSet.from_dict(REGIMES["germany_flex"]["rules"])
        account = Flex(rules)
        account.post("A", on("03-04"), 2500)
        self.assertEqual([one.minutes for one in account.entries], [2500, -100])
        self.assertEqual(
            [band_of(n, rules) for n in (1200, -1201, 2400)], ["green", "yellow", "red"]
        )
        self.assertEqual(settlement_before(date(2027, 1, 2), rules), on("12-31"))
        account.settle(on("12-31"))
        self.assertEqual(account.balance, 2400)

    def test_compulsory_rest_in_france(self):
        """L3121-30, D3121-18 ff.: above 220 h a year, beside its pay; opens at 7 h, two months to
        take it, an answer within 7 days; not lost."""
        ledger = bank("france_cor")
        year = [("A", 13_000), ("B", 600)]
        above = above_contingent(year, ledger.rules)
        self.assertEqual(above, {"A": 0, "B": 400})
        self.assertEqual(compensated_by("time", ledger.rules), "both")
        ledger.earn("A", on("03-04"), "workday", 400)
        self.assertEqual(rights_of(ledger.entries, ledger.rules), ([], 400))
        ledger.earn("B", on("03-11"), "workday", 20)
        rights, closed = rights_of(ledger.entries, ledger.rules)
        self.assertEqual((rights[0].minutes, rights[0].last_on, closed), (420, on("05-11"), 0))
        ledger.advance(date(2028, 1, 1))
        self.assertEqual(ledger.balance, 420)


if __name__ == "__main__":
    unittest.main()
