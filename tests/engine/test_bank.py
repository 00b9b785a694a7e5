"""The compensatory bank: caps, expiry, use, reversal, debt; invariants 6 (caps) and 9."""

import random
import unittest
from datetime import date, timedelta
from types import SimpleNamespace

from engine.bank import Bank
from engine.bank_entries import Entry
from engine.bank_limits import FOREVER, add_months, expiry_date, rights_of
from engine.bank_look import available, forecast
from engine.bank_opening import correct_opening
from engine.classes import above_contingent, earning_minutes, kept_from_pay
from engine.flex import Flex, band_of, difference, settlement_before
from engine.rules import RuleError, RuleSet

PH = {
    "cto_cap_per_month_minutes": 2400,
    "cto_balance_cap_minutes": 7200,
    "cto_expiry_policy": "end_of_year_plus",
    "cto_expiry_value": 1,
    "cto_usage_block_minutes": [240, 480],
    "cto_max_consecutive_days": 5,
}


def on(text):
    return date.fromisoformat(f"2026-{text}")


def bank(**rules):
    return Bank(RuleSet.from_dict(rules))


def entries(ledger):
    return [(entry.kind, entry.minutes) for entry in ledger.entries]


class OpeningTest(unittest.TestCase):
    def test_a_correction_leaves_the_wrong_lot_first_and_what_was_taken_is_owed(self):
        """Red if another lot loses first, one falls below zero, or what is added pays no debt."""
        ledger = bank()
        ledger.opening("early", on("03-01"), 60, on("06-30"))
        ledger.opening("wrong", on("03-01"), 600, on("12-31"))
        correct_opening(ledger, "less", on("03-02"), -500, None, "wrong")
        self.assertEqual([ledger.lots[name].left for name in ("early", "wrong")], [60, 100])
        correct_opening(ledger, "more", on("03-02"), -200, None, "wrong")
        self.assertEqual((ledger.balance, ledger.owed), (-40, 40))
        correct_opening(ledger, "back", on("03-03"), 100, on("12-31"))
        self.assertEqual((ledger.balance, ledger.owed, ledger.lots["back"].left), (60, 0, 60))
        late = bank()
        late.opening("over", on("03-01"), 60, on("03-31"))
        correct_opening(late, "less", on("04-02"), -30)
        self.assertEqual(entries(late)[1:], [("expiry", -60), ("opening", -30)])
        self.assertEqual(late.owed, 30)
        again = Bank.replay(RuleSet(), ledger.entries)
        self.assertEqual((again.balance, again.owed, again.lots), (60, 0, ledger.lots))


class CreditTest(unittest.TestCase):
    def test_an_unknown_day_class_earns_nothing(self):
        """Red if any other word counts as a workday."""
        with self.assertRaisesRegex(ValueError, "unknown day class 'feast'"):
            bank().earn("A", on("03-04"), "feast", 60)

    def test_a_ledger_that_moves_a_lot_nobody_opened_is_refused(self):
        usage = Entry("usage", -60, on("03-05"), "U", (("A", -60),))
        with self.assertRaisesRegex(ValueError, "usage of 'U': no entry opened 'A'"):
            Bank.replay(RuleSet(), [usage])

    def test_the_multiplier_comes_before_the_caps_and_is_floored(self):
        ledger = bank(cto_cap_per_month_minutes=100)
        ledger.earn("A", on("03-04"), "rest_day", 67)
        self.assertEqual((ledger.balance, ledger.overflows), (100, {}))
        ledger.earn("B", on("03-05"), "workday", 1)
        self.assertEqual((ledger.balance, ledger.overflows["B"].reason), (100, "month_cap"))

    def test_month_room_is_per_calendar_month_and_net_of_reversals(self):
        ledger = bank(cto_cap_per_month_minutes=300)
        ledger.earn("A", on("03-30"), "workday", 300)
        ledger.earn("B", on("04-01"), "workday", 300)
        self.assertEqual(ledger.balance, 600)
        ledger.correct_earn("A", on("04-02"), "workday", 100)
        ledger.earn("C", on("03-31"), "workday", 250)
        self.assertEqual(ledger.month_credited("2026-03"), 300)
        self.assertEqual(ledger.overflows["C"].minutes, 50)

    def test_the_same_source_again_is_a_no_op_a_changed_one_posts_the_difference(self):
        """Red if a second posting looks for new room instead."""
        ledger = bank(cto_balance_cap_minutes=400)
        ledger.earn("A", on("03-04"), "workday", 500)
        ledger.use("U", on("03-05"), 300)
        ledger.earn("A", on("03-04"), "workday", 500)
        self.assertEqual(entries(ledger), [("accrual", 400), ("usage", -300)])
        ledger.earn("A", on("03-04"), "workday", 600)
        self.assertEqual(entries(ledger)[2:], [("accrual", 200)])

    def test_overflow_in_cash_is_converted_back_to_overtime(self):
        """Room 90 credits 60 overtime at 1.5; the other 40 of 100 go to pay."""
        ledger = bank(
            cto_balance_cap_minutes=90, cto_over_cap="pay_cash", cto_multiplier_workday=1.5
        )
        ledger.earn("A", on("03-04"), "workday", 100)
        self.assertEqual((ledger.balance, ledger.overflows["A"].overtime_minutes), (90, 40))

    def test_expiry_comes_before_a_credit_on_the_same_date(self):
        ledger = bank(cto_balance_cap_minutes=500)
        ledger.opening("O", on("01-01"), 500, on("03-31"))
        ledger.earn("A", on("04-01"), "workday", 500)
        self.assertEqual(entries(ledger), [("opening", 500), ("expiry", -500), ("accrual", 500)])
        self.assertEqual(ledger.entries[1].on, on("04-01"))

    def test_credit_next_month_or_on_certificate(self):
        ledger = bank(cto_credit_timing="next_month_first")
        ledger.earn("A", on("03-04"), "workday", 100)
        ledger.advance(on("03-31"))
        self.assertEqual(ledger.balance, 0)
        ledger.correct_earn("A", on("03-31"), "workday", 90)
        ledger.advance(on("04-01"))
        self.assertEqual((ledger.balance, ledger.entries[0].on), (90, on("04-01")))
        waiting = bank(cto_credit_timing="on_certificate")
        waiting.earn("A", on("03-04"), "workday", 100)
        waiting.use("U", on("03-05"), 50)
        self.assertEqual(waiting.refused, [("U", "insufficient")])
        waiting.certify("A", on("03-06"))
        self.assertEqual(waiting.balance, 100)

    def test_authority_is_asked_for_where_required(self):
        ledger = bank(cto_requires_authority_ref=True)
        ledger.earn("A", on("03-04"), "workday", 100)
        ledger.earn("B", on("03-04"), "workday", 100, authority="Office order 7")
        self.assertEqual((ledger.balance, ledger.refused), (100, [("A", "authority_ref")]))


class ExpiryTest(unittest.TestCase):
    def test_policies(self):
        day = date(2026, 1, 31)
        for policy, value, wanted in (
            ("none", 0, FOREVER),
            ("end_of_year_plus", 0, date(2026, 12, 31)),
            ("end_of_year_plus", 1, date(2027, 12, 31)),
            ("months_after_earn", 1, date(2026, 2, 28)),
            ("months_after_earn", 25, date(2028, 2, 29)),
            ("days_after_earn", 364, date(2027, 1, 30)),
            ("months_after_period_end", 3, date(2026, 4, 30)),
        ):
            rules = RuleSet.from_dict({"cto_expiry_policy": policy, "cto_expiry_value": value})
            self.assertEqual(expiry_date(day, rules), wanted, (policy, value))
        rules = RuleSet.from_dict(
            {"cto_expiry_policy": "months_after_period_end", "cto_expiry_value": 3}
        )
        self.assertEqual(expiry_date(day, rules, date(2026, 2, 14)), date(2026, 5, 14))
        self.assertEqual(add_months(date(2026, 12, 31), 2), date(2027, 2, 28))

    def test_a_lot_is_usable_through_its_last_day(self):
        for day, balance in (("03-31", 260), ("04-01", 0)):
            ledger = bank()
            ledger.opening("O", on("01-01"), 500, on("03-31"))
            ledger.use("U", on(day), 240)
            self.assertEqual(ledger.balance, balance)

    def test_use_is_judged_on_the_date_of_use_not_of_the_request(self):
        ledger = bank()
        ledger.opening("O", on("01-01"), 500, on("03-31"))
        ledger.use("U", on("04-01"), 240, requested_on=on("03-20"))
        self.assertEqual(ledger.refused, [("U", "insufficient")])
        ledger.use("V", on("03-31"), 480, per_day=[240, 240], requested_on=on("03-20"))
        self.assertEqual(ledger.refused[1:], [("V", "insufficient")])

    def test_expiry_may_be_paid(self):
        ledger = bank(cto_on_expiry="pay_cash")
        ledger.opening("O", on("01-01"), 500, on("03-31"))
        ledger.advance(on("04-01"))
        self.assertEqual(entries(ledger)[1], ("payout", -500))


class UseTest(unittest.TestCase):
    def test_earliest_expiry_first_then_earliest_earned(self):
        ledger = bank()
        ledger.opening("late", on("01-01"), 100, on("12-31"))
        ledger.opening("never", on("01-01"), 100)
        ledger.opening("soon", on("02-01"), 100, on("06-30"))
        ledger.use("U", on("03-01"), 150)
        self.assertEqual(
            {name: lot.left for name, lot in ledger.lots.items()},
            {"late": 50, "never": 100, "soon": 0},
        )

    def test_limits_of_a_request(self):
        ledger = Bank(RuleSet.from_dict(PH | {"cto_notice_days": 3}))
        ledger.opening("O", on("01-01"), 7000)
        ledger.use("a", on("03-02"), 300)
        ledger.use("b", on("03-02"), 600, per_day=[480, 120])
        ledger.use("c", on("03-02"), 720)
        ledger.use("d", on("03-02"), 2880, per_day=[480] * 6)
        ledger.use("e", on("03-12"), 240, requested_on=on("03-10"))
        ledger.use("f", on("03-13"), 7000, per_day=None)
        self.assertEqual(
            ledger.refused,
            [
                ("a", "block"),
                ("b", "block"),
                ("d", "consecutive_days"),
                ("e", "notice"),
                ("f", "block"),
            ],
        )
        self.assertEqual(ledger.balance, 6280)

    def test_a_bare_total_may_be_made_of_blocks_but_no_request_is_empty(self):
        ledger = bank(cto_usage_block_minutes=[240, 480], cto_max_consecutive_days=2)
        ledger.opening("O", on("01-01"), 7000)
        for name, minutes, refused in (
            ("a", 960, []),
            ("b", 1200, ["consecutive_days"]),
            ("c", 500, ["block"]),
            ("d", 120, ["block"]),
        ):
            before = len(ledger.refused)
            ledger.use(name, on("03-02"), minutes)
            self.assertEqual([reason for _n, reason in ledger.refused[before:]], refused, name)
        free = bank()
        free.opening("O", on("01-01"), 100)
        free.use("zero", on("03-02"), 0)
        free.use("part", on("03-02"), 10, per_day=[10, 0])
        free.use("one", on("03-02"), 1)
        self.assertEqual((free.refused, free.balance), ([("zero", "block"), ("part", "block")], 99))

    def test_a_cancelled_use_returns_to_its_lots_and_expires_at_once_if_they_are_dead(self):
        ledger = bank()
        ledger.opening("soon", on("01-01"), 100, on("03-31"))
        ledger.opening("late", on("01-01"), 100, on("12-31"))
        ledger.use("U", on("03-30"), 150)
        ledger.cancel_use("U", on("04-05"))
        self.assertEqual(entries(ledger)[3:], [("usage_reversal", 150), ("expiry", -100)])
        self.assertEqual((ledger.balance, ledger.lots["late"].left), (100, 100))
        ledger.cancel_use("U", on("04-06"))
        self.assertEqual(ledger.refused, [("U", "unknown")])

    def test_payout_only_where_convertible(self):
        ledger = bank(cto_cash_convertible=True)
        ledger.opening("O", on("01-01"), 100)
        ledger.pay_out("P", on("02-01"), 60)
        self.assertEqual(entries(ledger)[1], ("payout", -60))
        strict = bank()
        strict.opening("O", on("01-01"), 100)
        strict.pay_out("P", on("02-01"), 60)
        self.assertEqual(strict.refused, [("P", "not_convertible")])

    def test_termination_closes_with_one_entry(self):
        for rule, kind in (("forfeit", "forfeit"), ("pay_cash", "payout")):
            ledger = bank(cto_on_termination=rule)
            ledger.opening("O", on("01-01"), 100)
            ledger.opening("P", on("01-02"), 50)
            ledger.terminate(on("02-01"))
            self.assertEqual((entries(ledger)[2:], ledger.balance), ([(kind, -150)], 0))

    def test_a_pay_period_decides_the_expiry_and_may_be_told_later(self):
        ledger = bank(cto_expiry_policy="months_after_period_end", cto_expiry_value=3)
        ledger.earn("A", on("03-04"), "workday", 60, period_end=on("03-14"))
        ledger.earn("A", on("03-04"), "workday", 90)
        self.assertEqual(ledger.lots["A"].expires_on, on("06-14"))

    def test_a_use_of_a_stored_ledger_can_be_cancelled_once(self):
        """Red if replay() forgets which lots a use came from."""
        ledger = bank()
        ledger.opening("O", on("01-01"), 100)
        ledger.use("U", on("02-01"), 60)
        again = Bank.replay(ledger.rules, ledger.entries)
        again.cancel_use("U", on("02-02"))
        self.assertEqual((again.balance, again.lots["O"].left), (100, 100))
        third = Bank.replay(again.rules, again.entries)
        third.cancel_use("U", on("02-03"))
        self.assertEqual(third.refused, [("U", "unknown")])

    def test_a_stored_credit_is_not_posted_again_and_time_does_not_run_back(self):
        ledger = bank(cto_expiry_policy="days_after_earn", cto_expiry_value=10)
        ledger.earn("A", on("03-01"), "workday", 60)
        ledger.advance(on("04-01"))
        again = Bank.replay(ledger.rules, ledger.entries)
        again.earn("A", on("03-01"), "workday", 60)
        self.assertEqual(again.entries, ledger.entries)
        again.earn("B", on("03-01"), "workday", 60)
        self.assertEqual([entry.kind for entry in again.entries[2:]], ["accrual", "expiry"])

    def test_a_stored_credit_that_was_cut_is_not_posted_again_when_there_is_room(self):
        """Red if an entry forgets what its source asked for, or a replay what found no room."""
        ledger = bank(cto_balance_cap_minutes=400)
        ledger.earn("A", on("03-04"), "workday", 500)
        ledger.earn("B", on("03-04"), "workday", 60)
        ledger.use("U", on("03-05"), 300)
        kept = list(ledger.overflows.values())
        again = Bank.replay(ledger.rules, ledger.entries, overflows=kept)
        for one in (ledger, again):
            one.earn("A", on("03-04"), "workday", 500)
            one.earn("B", on("03-04"), "workday", 60)
        self.assertEqual(entries(ledger), [("accrual", 400), ("usage", -300)])
        self.assertEqual(again.entries, ledger.entries)
        self.assertEqual(again.overflows, ledger.overflows)


class DebtTest(unittest.TestCase):
    def test_what_expired_was_never_taken_and_makes_no_debt(self):
        """Red if a correction after the expiry looks only at what the lot still holds."""
        ledger = bank(cto_expiry_policy="days_after_earn", cto_expiry_value=30)
        ledger.earn("A", on("03-01"), "workday", 480)
        ledger.use("U", on("03-10"), 300)
        ledger.advance(on("05-01"))
        ledger.correct_earn("A", on("05-02"), "workday", 360)
        self.assertEqual(
            entries(ledger)[2:], [("expiry", -180), ("expiry", 120), ("accrual_reversal", -120)]
        )
        self.assertEqual((ledger.balance, ledger.owed, ledger.lots["A"].left), (0, 0, 0))
        ledger.correct_earn("A", on("05-03"), "workday", 200)
        self.assertEqual((ledger.balance, ledger.owed), (-100, 100))

    def test_a_reversal_takes_the_lot_then_others_then_becomes_a_debt(self):
        ledger = bank()
        ledger.earn("A", on("03-01"), "workday", 300)
        ledger.earn("B", on("03-02"), "workday", 100)
        ledger.use("U", on("03-03"), 350)
        ledger.correct_earn("A", on("03-04"), "workday", 0)
        self.assertEqual((ledger.balance, ledger.owed), (-250, 250))
        ledger.cancel_use("U", on("03-05"))
        self.assertEqual((ledger.balance, ledger.owed), (100, 0))

    def test_a_correction_to_the_same_or_a_higher_value(self):
        ledger = bank()
        ledger.earn("A", on("03-01"), "workday", 300)
        ledger.correct_earn("A", on("03-04"), "workday", 300)
        self.assertEqual(len(ledger.entries), 1)
        ledger.correct_earn("A", on("03-04"), "rest_day", 300)
        self.assertEqual((entries(ledger)[1], ledger.lots["A"].left), (("accrual", 150), 450))
        ledger.correct_earn("Z", on("03-04"), "workday", 1)
        self.assertEqual(ledger.refused, [("Z", "unknown")])

    def test_time_returned_to_a_lot_on_its_last_day_settles_the_debt(self):
        ledger = bank()
        ledger.opening("O", on("01-01"), 100, on("03-31"))
        ledger.earn("A", on("03-01"), "workday", 50)
        ledger.use("U", on("03-02"), 150)
        ledger.correct_earn("A", on("03-03"), "workday", 0)
        ledger.cancel_use("U", on("03-31"))
        self.assertEqual((ledger.owed, ledger.balance, ledger.lots["O"].left), (0, 100, 50))

    def test_use_waits_until_the_debt_is_settled(self):
        ledger = bank()
        ledger.earn("A", on("03-01"), "workday", 300)
        ledger.use("U", on("03-03"), 300)
        ledger.correct_earn("A", on("03-04"), "workday", 200)
        ledger.earn("B", on("03-05"), "workday", 60)
        ledger.use("V", on("03-06"), 10)
        self.assertEqual((ledger.owed, ledger.refused), (40, [("V", "insufficient")]))


class LimitTest(unittest.TestCase):
    def test_a_wish_to_be_paid_has_caps_of_a_calendar_year(self):
        """Red if what was paid at expiry counts, or last year's wishes do."""
        ledger = bank(
            cto_cash_convertible=True,
            cto_payout_cap_minutes=300,
            cto_payouts_per_year=2,
            cto_on_expiry="pay_cash",
            cto_expiry_policy="days_after_earn",
            cto_expiry_value=30,
        )
        ledger.earn("A", on("01-01"), "workday", 600)
        ledger.advance(on("02-10"))
        ledger.opening("B", on("03-01"), 1000)
        ledger.pay_out("P1", on("03-02"), 200)
        ledger.pay_out("P2", on("03-03"), 101)
        ledger.pay_out("P3", on("03-04"), 100)
        ledger.pay_out("P4", on("03-05"), 1)
        ledger.pay_out("P5", date(2027, 1, 2), 300)
        ledger.pay_out("P6", date(2027, 1, 3), 0)
        self.assertEqual(ledger.refused, [("P2", "payout_cap"), ("P4", "payouts"), ("P6", "block")])
        self.assertEqual(ledger.balance, 400)

    def test_who_owes_is_not_paid(self):
        """Red if a debt leaves room for a wish to be paid."""
        ledger = bank(cto_cash_convertible=True)
        ledger.earn("A", on("01-01"), "workday", 100)
        ledger.use("U", on("01-02"), 100)
        ledger.correct_earn("A", on("01-03"), "workday", 40)
        ledger.pay_out("P", on("01-04"), 10)
        self.assertEqual((ledger.owed, available(ledger, on("01-04"))), (60, 0))
        self.assertEqual(ledger.refused, [("P", "insufficient")])

    def test_a_right_opens_at_seven_hours_and_names_its_last_date(self):
        """Red if closed minutes may be taken, or a right forgets when it opened."""
        ledger = bank(cto_opens_at_minutes=420)
        ledger.earn("A", on("01-05"), "workday", 300)
        ledger.use("U1", on("01-06"), 60)
        ledger.earn("B", on("01-07"), "workday", 180)
        ledger.earn("C", on("01-09"), "workday", 100)
        ledger.use("U2", on("01-10"), 210)
        rights, closed = rights_of(ledger.entries, ledger.rules)
        self.assertEqual(ledger.refused, [("U1", "not_open")])
        self.assertEqual(closed, 100)
        self.assertEqual(
            [(one.opened_on, one.last_on, one.answer_on, one.minutes) for one in rights],
            [(on("01-07"), on("03-07"), on("01-14"), 270)],
        )

    def test_time_off_makes_up_for_lateness_only_where_the_rules_say_so(self):
        for allowed, refused in ((False, [("U", "lateness")]), (True, [])):
            ledger = bank(cto_may_offset_lateness=allowed)
            ledger.opening("O", on("01-01"), 100)
            ledger.use("U", on("01-05"), 30, offsets_lateness=True)
            self.assertEqual(ledger.refused, refused)

    def test_a_free_day_between_two_of_a_request_takes_nothing(self):
        """Red if a lot that ends on Saturday pays for Monday, or Sunday counts as a day."""
        ledger = bank(cto_max_consecutive_days=2)
        ledger.opening("A", on("01-01"), 480, on("01-10"))
        ledger.opening("B", on("01-01"), 480)
        ledger.use("U", on("01-09"), 720, [480, 0, 0, 240])
        self.assertEqual(ledger.refused, [])
        self.assertEqual(ledger.lots["B"].left, 240)
        ledger.use("V", on("01-12"), 0, [0, 0])
        self.assertEqual(ledger.refused, [("V", "block")])

    def test_a_forecast_changes_nothing_and_tells_what_is_lost(self):
        """Red if a planned leave beyond the date counts, or the ledger is touched."""
        ledger = bank(cto_expiry_policy="days_after_earn", cto_expiry_value=30)
        ledger.earn("A", on("01-01"), "workday", 600)
        planned = [("L1", on("01-20"), 240), ("L2", on("03-01"), 240)]
        self.assertEqual(forecast(ledger, on("01-31"), planned), (360, 0))
        self.assertEqual(forecast(ledger, on("02-01"), planned), (0, 360))
        self.assertEqual(ledger.balance, 600)


class FlexTest(unittest.TestCase):
    def rules(self, **more):
        return RuleSet.from_dict({"flex_account": True, **more})

    def test_differences_of_both_signs_and_a_changed_day(self):
        """Red if a day is posted twice, or a changed one whole."""
        account = Flex(self.rules())
        account.post("D1", on("01-05"), 60)
        account.post("D2", on("01-06"), -90)
        account.post("D1", on("01-05"), 60)
        account.post("D1", on("01-05"), 45, on("01-09"))
        self.assertEqual(account.balance, -45)
        self.assertIsNone(difference(SimpleNamespace(), RuleSet()))
        day = SimpleNamespace(regular_minutes=300, scheduled_minutes=480, leave_minutes=240)
        self.assertEqual(difference(day, self.rules()), 60)
        self.assertEqual([entry.minutes for entry in account.entries], [60, -90, -15])
        again = Flex(self.rules(), account.entries)
        again.post("D2", on("01-06"), -90)
        self.assertEqual(again.entries, account.entries)
        account.post("D0", on("01-04"), 5)
        self.assertEqual(account.entries[-1].on, on("01-09"), "no entry before the one before it")
        self.assertEqual(account.use("L", on("01-12"), 0, on("01-09")), "block")

    def test_bands_have_both_signs_and_red_begins_where_it_stops(self):
        rules = self.rules(flex_yellow_minutes=600, flex_red_minutes=1200)
        found = [band_of(minutes, rules) for minutes in (600, 601, -601, 1199, 1200, -1200, -5000)]
        self.assertEqual(found, ["green", *["yellow"] * 3, *["red"] * 3])
        self.assertEqual(band_of(0, self.rules(flex_red_minutes=0)), "green")
        self.assertEqual(band_of(10**6, self.rules()), "green")

    def test_nothing_is_built_up_beyond_red(self):
        """Red if a minute beyond the limit stays in the account, one below it is paid, one is paid
        twice, or a debt is stopped."""
        for beyond, kind in (("pay_cash", "payout"), ("forfeit", "forfeit")):
            account = Flex(self.rules(flex_red_minutes=100, flex_beyond_red=beyond))
            account.post("D1", on("01-05"), 90)
            account.post("D2", on("01-06"), 60)
            account.post("D2", on("01-06"), 60)
            account.post("D3", on("01-07"), 30)
            stopped = [(one.kind, one.minutes, one.source) for one in account.entries if one.reason]
            self.assertEqual(stopped, [(kind, -50, "D2"), (kind, -30, "D3")])
            self.assertEqual(account.balance, 100)
            account.post("D4", on("01-08"), -400)
            account.post("D5", on("01-09"), 60)
            self.assertEqual(account.balance, -240)
            self.assertEqual(account.use("U", on("01-12"), 1, on("01-09")), "insufficient")
        counting = Flex(self.rules(flex_red_minutes=100, flex_beyond_red="count"))
        counting.post("D1", on("01-05"), 500)
        self.assertEqual((counting.balance, len(counting.entries)), (500, 1))
        brought_in = Flex(self.rules(flex_red_minutes=100))
        brought_in.opening("O", on("01-01"), 300)
        brought_in.post("D1", on("01-05"), 20)
        self.assertEqual(brought_in.balance, 300)

    def test_the_cut_takes_what_is_above_the_carry_once(self):
        """Red if a debt is cut, or days after the settlement are."""
        for over, kind in (("forfeit", "settlement"), ("pay_cash", "payout")):
            account = Flex(self.rules(flex_carry_minutes=600, flex_over_carry=over))
            account.opening("O", on("01-01"), 900)
            account.post("D", on("02-02"), 120)
            account.settle(on("01-31"))
            account.settle(on("01-31"))
            self.assertEqual(account.entries[-1].kind, kind)
            self.assertEqual(account.balance, 720)
            account.post("D0", on("01-30"), 60, on("02-03"))
            account.settle(on("01-31"))
            self.assertEqual((account.entries[-1].kind, account.balance), ("difference", 780))
        owing = Flex(self.rules(flex_carry_minutes=600))
        owing.opening("O", on("01-01"), -900)
        owing.settle(on("01-31"))
        self.assertEqual(owing.balance, -900)

    def test_settlement_periods(self):
        for period, last in (
            ("month", on("04-30")),
            ("quarter", on("03-31")),
            ("year", date(2025, 12, 31)),
            ("none", None),
        ):
            rules = self.rules(flex_settlement=period)
            self.assertEqual(settlement_before(on("05-17"), rules), last)

    def test_a_red_limit_below_the_yellow_is_refused(self):
        with self.assertRaisesRegex(RuleError, "flex_red_minutes must not be below"):
            self.rules(flex_yellow_minutes=600, flex_red_minutes=500)


class ContingentTest(unittest.TestCase):
    def test_what_lies_above_it_earns_in_the_order_of_days(self):
        """Red if a minute inside earns, or the sum depends on which day was changed."""
        hundred, large = RuleSet(cto_contingent_minutes=100), RuleSet(cto_contingent_minutes=900)
        days = [("A", 80), ("B", 40), ("C", 30)]
        self.assertEqual(above_contingent(days, hundred), {"A": 0, "B": 20, "C": 30})
        changed = [("A", 60), *days[1:]]
        self.assertEqual(above_contingent(changed, hundred), {"A": 0, "B": 0, "C": 30})
        self.assertEqual(above_contingent(days, RuleSet()), dict(days))
        self.assertEqual(sum(above_contingent(days, large).values()), 0)


class CompensatedTest(unittest.TestCase):
    def test_dearer_minutes_are_compensated_last(self):
        """Red if a minute that time off stands for is paid as well."""
        day = SimpleNamespace(
            overtime_minutes=120,
            doubletime_minutes=60,
            rest_day_minutes=0,
            rest_day_overtime_minutes=0,
            holiday_minutes=480,
            holiday_overtime_minutes=0,
        )
        self.assertEqual(earning_minutes(day), {"workday": 180, "holiday": 480})
        self.assertEqual(
            kept_from_pay(day, {"workday": 150, "holiday": 480}),
            {"overtime_minutes": 120, "doubletime_minutes": 30, "holiday_minutes": 480},
        )


class LedgerInvariantTest(unittest.TestCase):
    def play(self, seed, rules):
        rng, ledger, day = random.Random(seed), Bank(rules), on("01-05")
        for number in range(40):
            day += timedelta(days=rng.randrange(0, 25))
            name = f"{number:03d}"
            before = {lot.name: lot.left for lot in ledger.lots.values()}
            choice = rng.randrange(5)
            if choice <= 1:
                ledger.earn(
                    name, day, rng.choice(("workday", "rest_day", "holiday")), rng.randrange(600)
                )
            elif choice == 2:
                ledger.use(name, day, rng.choice((60, 240, 480)))
                self.no_dead_lot_was_used(ledger, name, day)
            elif choice == 3 and before:
                ledger.correct_earn(rng.choice(sorted(before)), day, "workday", rng.randrange(600))
            elif ledger._uses:
                ledger.cancel_use(rng.choice(sorted(ledger._uses)), day)
            yield ledger

    def no_dead_lot_was_used(self, ledger, name, day):
        last = ledger.entries[-1] if ledger.entries else None
        if last and last.kind == "usage" and last.source == name:
            for lot, _minutes in last.moves:
                self.assertGreaterEqual(ledger.lots[lot].expires_on, day)

    def test_invariant_9_balance_is_entries_is_lots_minus_owed(self):
        """Red if any operation moves a lot without an entry."""
        rules = RuleSet.from_dict(
            {
                "cto_cap_per_month_minutes": 1500,
                "cto_balance_cap_minutes": 2400,
                "cto_expiry_policy": "months_after_earn",
                "cto_expiry_value": 3,
            }
        )
        for seed in range(60):
            for ledger in self.play(seed, rules):
                left = [lot.left for lot in ledger.lots.values()]
                self.assertEqual(ledger.balance, sum(left) - ledger.owed)
                self.assertGreaterEqual(min(left, default=0), 0)
                for entry in ledger.entries:
                    self.assertEqual(entry.minutes, sum(m for _lot, m in entry.moves) - entry.owed)
                self.assertLessEqual(max(ledger._months.values(), default=0), 1500)
                if ledger.entries and ledger.entries[-1].kind == "accrual":
                    self.assertLessEqual(ledger.balance, 2400)

    def test_invariant_9_a_stored_ledger_can_be_continued(self):
        rules = RuleSet.from_dict(
            {
                "cto_expiry_policy": "months_after_earn",
                "cto_expiry_value": 3,
                "cto_balance_cap_minutes": 2400,
            }
        )
        for seed in range(60, 90):
            *_rest, ledger = self.play(seed, rules)
            again = Bank.replay(rules, ledger.entries)
            for one in (ledger, again):
                one.earn("next", date(2029, 1, 1), "workday", 120)
                one.use("last", date(2029, 1, 2), 60)
            self.assertEqual(again.entries, ledger.entries)
            self.assertEqual((again.owed, again.lots), (ledger.owed, ledger.lots))

    def test_invariant_6_raising_a_cap_never_lowers_the_balance_of_credits(self):
        rng = random.Random(5)
        for _round in range(50):
            earns = [
                (f"{n:02d}", on("03-01") + timedelta(days=n), rng.randrange(500)) for n in range(20)
            ]
            balances = []
            for cap in (300, 900, 2400, 6000):
                ledger = bank(cto_balance_cap_minutes=cap, cto_cap_per_month_minutes=cap)
                for name, day, minutes in earns:
                    ledger.earn(name, day, "workday", minutes)
                balances.append(ledger.balance)
            self.assertEqual(balances, sorted(balances))


if __name__ == "__main__":
    unittest.main()
