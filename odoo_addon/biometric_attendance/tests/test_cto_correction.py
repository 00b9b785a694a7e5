"""Corrections of balances that were brought in wrongly: one asks, another posts, the ledger and the
trail tell of it."""

import base64

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .test_cto import CtoCase

REASON = "The sheet of March said 8 hours"


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoCorrection(CtoCase):
    def setUp(self):
        super().setUp()
        self.one, self.other = self.officer("one"), self.officer("other")

    def officer(self, login, role="hr_officer"):
        groups = f"base.group_user,biometric_attendance.group_{role}"
        return new_test_user(self.env, login, groups=groups)

    def brought_in(self, hours="80:00", expires="2026-12-31", **values):
        text = f"employee,hours,expires\n{self.employee.name},{hours},{expires}\n"
        wizard = self.env["biometric.cto.import"].create(
            {"data": base64.b64encode(text.encode()), "file_name": "b.csv", "on": "2026-03-01"}
            | values
        )
        wizard.action_try()
        wizard.action_import()
        return self.account(kind=values.get("kind", "bank")).entry_ids[0]

    def asked(self, minutes, **values):
        return (
            self.env["biometric.cto.correction"]
            .with_user(self.one)
            .create(
                {"employee_id": self.employee.id, "minutes": minutes, "reason": REASON} | values
            )
        )

    def verified(self):
        """Findings of a verification about time accounts."""
        check = self.env["biometric.audit.check"]._begin(self.env.company, "test")
        while check._step():
            pass
        found = self.env["biometric.audit.finding"].search([("place", "=like", "time account%")])
        return found.mapped("text")

    def test_one_asks_another_posts_and_the_proof_holds(self):
        """Red if it is posted at once, by who asked, twice, into another lot, or untold."""
        keep = self.brought_in("5:00", "2026-04-30")
        wrong = self.brought_in()
        wish = self.asked(-72 * 60, entry_id=wrong.id)
        self.assertEqual((wish.balance_minutes, wish.after_minutes), (5100, 780))
        self.assertEqual(self.account().balance_minutes, 5100)
        with self.assertRaisesRegex(UserError, "The requester of a change cannot decide"):
            wish.action_approve()
        with self.assertRaisesRegex(AccessError, "HR officer decides"):
            wish.with_user(self.officer("pay", "payroll_officer")).action_approve()
        wish.with_user(self.other).action_approve()
        last = self.account().entry_ids[0]
        self.assertEqual(
            (last.kind, last.minutes, last.moves, last.note, str(last.date)),
            ("opening", -4320, [[wrong.source, -4320]], REASON, "2026-03-10"),
        )
        self.assertEqual((wish.state, wish.decided_by_id), ("approved", self.other))
        self.assertEqual(self.account().balance_minutes, 780)
        self.assertEqual(keep.source, self.account().entry_ids.sorted("number")[0].source)
        with self.assertRaisesRegex(
            UserError, "This was already decided: make a new request instead"
        ):
            wish.with_user(self.other).action_approve()
        self.assertEqual(self.verified(), [])
        self.env.cr.execute("ALTER TABLE biometric_audit DISABLE TRIGGER USER")
        self.env.cr.execute(
            "DELETE FROM biometric_audit WHERE action = 'cto.opening' AND after LIKE '%-4320%'"
        )
        self.env.cr.execute("ALTER TABLE biometric_audit ENABLE TRIGGER USER")
        self.assertIn("tells of no such", " ".join(self.verified()))

    def test_nobody_corrects_their_own_account(self):
        wrong = self.brought_in()
        wish = self.asked(-60, entry_id=wrong.id)
        self.employee.user_id = self.other
        with self.assertRaisesRegex(UserError, "You cannot decide about yourself"):
            wish.with_user(self.other).action_approve()
        self.officer("third")
        with self.assertRaisesRegex(UserError, "You cannot decide about yourself"):
            wish.with_user(self.other).action_refuse("It is right as it is")
        self.assertEqual(wish.state, "requested")

    def test_what_was_taken_out_of_it_already_is_owed_and_settled_by_what_is_added(self):
        """Red if leave that was taken is rewritten, or a lot falls below zero."""
        wrong = self.brought_in("16:00")
        self.ask().action_approve()
        self.asked(-720, entry_id=wrong.id).with_user(self.other).action_approve()
        account = self.account()
        self.assertEqual((account.balance_minutes, account.owed_minutes), (-240, 240))
        self.asked(300, expires_on="2026-06-30").with_user(self.other).action_approve()
        account.invalidate_recordset()
        self.assertEqual((account.balance_minutes, account.owed_minutes), (60, 0))
        self.assertEqual(str(account.next_expiry), "2026-06-30")
        self.assertEqual(self.verified(), [])

    def test_a_flex_account_is_corrected_with_both_signs(self):
        self.brought_in("10:00", "", kind="flex")
        self.asked(-660, kind="flex").with_user(self.other).action_approve()
        self.assertEqual(self.account(kind="flex").balance_minutes, -60)
        self.assertEqual(self.verified(), [])

    def test_what_cannot_be_is_said_when_it_is_asked_for(self):
        wrong = self.brought_in("8:00", "2026-03-11")
        self.works()
        earned = self.account().entry_ids.filtered("choice")
        for words, minutes, values in (
            ("by how much", 0, {}),
            ("Only an imported balance", -5, {"entry_id": earned.id}),
            ("Only an imported balance", -5, {"entry_id": wrong.id, "kind": "flex"}),
            ("can have a last day", -5, {"expires_on": "2026-12-31"}),
            ("would already have expired", 5, {"expires_on": "2026-03-09"}),
            ("do not write the", 5, {"reason": "The letter of Mrs Reyes"}),
        ):
            with self.assertRaisesRegex(ValidationError, words):
                self.asked(minutes, **values)
        with self.assertRaisesRegex(UserError, "at least 10 characters"):
            self.asked(5, reason="oops")
        with self.assertRaisesRegex(UserError, "cannot be set manually"):
            self.asked(5, requested_by_id=self.other.id)
        wish = self.asked(-5, entry_id=wrong.id)
        with self.assertRaisesRegex(AccessError, "not allowed to modify"):
            wish.write({"minutes": -6})
        with (
            freeze_time("2026-03-14 04:00:00"),
            self.assertRaisesRegex(UserError, "has expired since"),
        ):
            wish.with_user(self.other).action_approve()

    def test_a_refusal_says_why_and_what_was_taken_back_stays(self):
        wrong = self.brought_in()
        wish, back = (self.asked(-5, entry_id=wrong.id) for _one in range(2))
        dialog = self.env["biometric.cto.correction.refuse"].with_user(self.other)
        dialog = dialog.create({"answer": "The sheet is right as it is"})
        dialog.sudo().correction_ids = wish
        dialog.action_confirm()
        self.assertEqual((wish.state, wish.answer), ("refused", "The sheet is right as it is"))
        back.action_cancel()
        with self.assertRaisesRegex(
            UserError, "This was already decided: make a new request instead"
        ):
            back.with_user(self.other).action_approve()
        with self.assertRaisesRegex(UserError, "cannot be changed: withdraw it"):
            back.sudo().unlink()
        self.assertEqual(self.account().balance_minutes, 4800)
