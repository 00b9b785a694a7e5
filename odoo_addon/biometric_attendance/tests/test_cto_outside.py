"""Time accounts before the verifier of an export and the second script: an honest ledger has no
finding, each kind of forgery has one in both."""

import base64

from odoo.tests import new_test_user, tagged

from .test_day_proof import WEEK, ProofCase
from .test_second_script import TwoVerdicts

ENTRY = "UPDATE biometric_cto_entry SET"
ACCOUNT = "UPDATE biometric_cto_account SET"


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoOutside(TwoVerdicts, ProofCase):
    """Ana and Ben with an hour of credit a day, a lot brought in, an answer and a payout."""

    def setUp(self):
        super().setUp()
        self.rule.parameters = {
            "cto_eligible": True,
            "cto_cash_convertible": True,
            "ot_daily_threshold_minutes": 420,
        }
        self.company.biometric_cto_from = "2026-03-01"
        self.rebuild()
        lots = f"employee,hours,expires\n{self.ana.name},8:00,2099-12-31\n{self.ben.name},2:00,\n"
        wizard = self.env["biometric.cto.import"].create(
            {"data": base64.b64encode(lots.encode()), "file_name": "l.csv", "on": "2026-03-01"}
        )
        wizard.action_try()
        wizard.action_import()
        self.account(self.ana).entry_ids.filtered("choice")[0].action_take_pay()
        wish = (
            self.env["biometric.cto.payout"]
            .sudo()
            .create(
                {
                    "employee_id": self.ben.id,
                    "company_id": self.company.id,
                    "minutes": 90,
                    "requested_by_id": new_test_user(self.env, "asks").id,
                }
            )
        )
        wish.with_user(self.env.user).sudo(False).action_approve()
        self.night()
        self.night()

    def night(self):
        self.env["biometric.audit.night"]._night(self.company, "-1 second")
        self.seal()
        self.countersign()

    def owner(self, *statements):
        self.env.cr.execute("ALTER TABLE biometric_cto_entry DISABLE TRIGGER USER")
        super().owner(*statements)
        self.env.cr.execute("ALTER TABLE biometric_cto_entry ENABLE TRIGGER USER")

    def account(self, employee):
        return self.env["biometric.cto.account"].search([("employee_id", "=", employee.id)])

    def test_a92_the_export_verifies_and_each_forgery_shows_to_both(self):
        """A92. Red if one of them takes a ledger that was changed, cut, made anew or written by
        hand, or finds something in an honest one."""
        self.assertEqual(self.said(), (set(), set()))
        ana, ben = self.account(self.ana).id, self.account(self.ben).id
        last = f"account_id = {ana} AND number = (SELECT head_number FROM biometric_cto_account"
        last += f" WHERE id = {ana})"
        paid = f"WHERE account_id = {ben} AND kind = 'payout'"
        act = "DELETE FROM biometric_audit WHERE action ="
        self.each_code(
            {
                "a note": ("cto_hash", [f"{ENTRY} note = 'x' WHERE account_id = {ana}"]),
                "an instant": ("cto_hash", [f"{ENTRY} posted_at = now() WHERE account_id = {ana}"]),
                "minutes": ("cto_sum", [f"{ENTRY} minutes = 999 WHERE {last}"]),
                "a balance": ("cto_sum", [f"{ENTRY} balance_minutes = 999 WHERE {last}"]),
                "the balance shown": ("cto_balance", [f"{ACCOUNT} balance_minutes = 9"]),
                "what is owed": ("cto_balance", [f"{ACCOUNT} owed_minutes = 9"]),
                "a lot overdrawn": (
                    "cto_lot",
                    [f"{ENTRY} moves = '[[\"none\", -90]]' {paid}"],
                ),
                "a hole": (
                    "cto_number",
                    [f"DELETE FROM biometric_cto_entry WHERE account_id = {ana} AND number = 2"],
                ),
                "the end cut off": ("cto_end", [f"DELETE FROM biometric_cto_entry WHERE {last}"]),
                "the head": ("cto_end", [f"{ACCOUNT} head_hash = repeat('0', 64)"]),
                "another company": (
                    "cto_account",
                    [f"{ACCOUNT} company_id = 1 WHERE id = {ben}"],
                ),
                "an answer": ("cto_act", [f"{act} 'cto.answer'"]),
                "an opening": ("cto_act", [f"{act} 'cto.opening'"]),
                "a payout": ("cto_act", [f"{act} 'payout.change'"]),
            }
        )

    def test_a92_a_chain_made_anew_contradicts_the_nights(self):
        """A92. Red if whoever cuts the last entry off and mends the head gets through, also when
        nights pass since."""
        account = self.account(self.ben)
        rows = account.entry_ids.sorted("number")
        before = rows[-2]
        self.attack(
            f"DELETE FROM biometric_cto_entry WHERE id = {rows[-1].id}",
            f"{ACCOUNT} head_number = {before.number}, head_hash = '{before.hash}', "
            f"balance_minutes = {before.balance_minutes} WHERE id = {account.id}",
        )
        self.assertFound("row_night")
        self.night()
        self.night()
        self.assertFound("row_night")
        self.assertTrue(self.day(WEEK[0]).overtime_minutes)
