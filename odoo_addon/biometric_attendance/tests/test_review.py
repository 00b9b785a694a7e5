"""Adjustments on real days: who asks, who decides, and what of it counts."""

import hashlib
import json

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .review_case import WHY, ReviewCase
from .test_day import MONDAY


@tagged("post_install", "-at_install", "biometric_review")
class TestReviewContext(ReviewCase, HttpCase):
    """Words of the context that silence Odoo's own tracking, sent by RPC."""

    silent = (
        "tracking_disable",
        "mail_notrack",
        "mail_create_nolog",
        "mail_create_nosubscribe",
        "install_mode",
        "import_file",
        "module",
    )

    def rpc(self, user, model, method, *args):
        """The answer of a call by that user with every such word in its context."""
        self.authenticate(user.login, user.login)
        context = dict.fromkeys(self.silent, True)
        return self.url_open(
            "/web/dataset/call_kw",
            json={
                "jsonrpc": "2.0",
                "method": "call",
                "params": {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": {"context": context},
                },
            },
        ).json()

    def test_a07_no_word_of_the_context_keeps_an_edit_out_of_the_trail(self):
        """A07. Red when one of these words lets an edit go by without its entry, opens a row that
        is never edited, or spares the employee's mail."""
        self.punch_in(f"{MONDAY} 08:00:00")
        self.rebuild()
        day = self.day()
        asked = {"kind": "add_punch", "employee_id": self.employee.id, "date": str(MONDAY)}
        asked |= {"clock": "17:00", "reason_text": WHY}
        answer = self.rpc(self.ida, "biometric.adjustment", "request", asked)
        number = answer["result"]
        self.rpc(self.hal, "biometric.adjustment", "approve", [number])
        self.env.invalidate_all()
        self.assertEqual(self.numbers(), ("present", 480, 0))
        entries = self.env["biometric.audit"].search([("res_id", "=", number)], order="id")
        entries = entries.filtered(lambda one: one.model == "biometric.adjustment")
        self.assertEqual(
            [(one.action, one.user_id) for one in entries],
            [("adjustment.submit", self.ida.id), ("adjustment.approve", self.hal.id)],
        )
        mails = self.env["mail.mail"].search([("email_to", "=", "ana@example.com")])
        self.assertTrue(mails)
        count = self.env["biometric.audit"].search_count([])
        for model, row, values in (
            ("biometric.day", day.id, {"worked_minutes": 600}),
            ("biometric.adjustment", number, {"minutes": 3}),
            ("biometric.punch", day.search([], limit=1).id, {"wall_time": f"{MONDAY} 07:00:00"}),
        ):
            with mute_logger("odoo.http", "odoo.addons.base.models.ir_model"):
                answer = self.rpc(self.hal, model, "write", [row], values)
            self.assertIn("error", answer, model)
        self.env.invalidate_all()
        self.assertEqual(self.numbers(), ("present", 480, 0))
        self.assertEqual(self.env["biometric.audit"].search_count([]), count)
        keeper = self.make_user("adm", "administrator")
        self.rpc(keeper, "biometric.device", "write", self.device.ids, {"place": "Gate 9"})
        self.env.invalidate_all()
        entry = self.env["biometric.audit"].search([], limit=1)
        self.assertEqual(
            (entry.action, entry.user_id, json.loads(entry.after)),
            ("device.change", keeper.id, {"place": "Gate 9"}),
        )


@tagged("post_install", "-at_install", "biometric_review")
class TestReview(ReviewCase):
    def incomplete(self):
        self.device.complete_until = "2026-03-05 00:00:00"
        self.punch_in(f"{MONDAY} 08:00:00")
        self.rebuild()

    def long_day(self):
        self.device.complete_until = "2026-03-05 00:00:00"
        self.punch_in(f"{MONDAY} 08:20:00", f"{MONDAY} 19:00:00")
        self.rebuild()

    def entries(self, one):
        return self.env["biometric.audit"].search(
            [("model", "=", "biometric.adjustment"), ("res_id", "=", one.id)], order="id"
        )

    def test_a01_a_request_decided_by_another_completes_the_day(self):
        """A01, RV4, example A01_review. Red when a request has an effect, an approval has none, or
        one of both leaves no entry."""
        self.incomplete()
        asked = self.ask(self.ana)
        self.assertEqual(self.numbers(), ("incomplete", 0, 0))
        self.assertEqual(asked.state, "submitted")
        asked.with_user(self.mia).approve()
        self.assertEqual(asked.state, "approved")
        self.assertEqual(self.numbers(), ("present", 480, 0))
        actions = self.entries(asked).mapped("action")
        self.assertEqual(actions, ["adjustment.submit", "adjustment.approve"])
        self.assertFalse(self.day().self_approved)

    def test_a02_whoever_asks_does_not_decide(self):
        """A02. Red when the requester is not compared, or the refused attempt leaves no trace."""
        self.incomplete()
        asked = self.ask(self.hal)
        with (
            self.enter_registry_test_mode(),
            self.assertRaisesRegex(UserError, "The requester of a change cannot decide"),
        ):
            asked.approve()
        self.assertEqual(self.numbers(), ("incomplete", 0, 0))
        self.assertIn("adjustment.refused", self.entries(asked).mapped("action"))
        asked.with_user(self.ida).approve()
        self.assertEqual(self.numbers(), ("present", 480, 0))

    def test_a03_nobody_decides_about_their_own_day(self):
        """A03. Red when a subordinate's request about the approver is decided by the approver."""
        boss = self.make_employee("Mia Lim", "8", user_id=self.mia.id)
        self.employee.parent_id = boss
        self.punch_in(f"{MONDAY} 08:00:00", pin="8")
        self.rebuild()
        asked = self.ask(self.hal, employee=boss)
        with self.assertRaisesRegex(AccessError, "is decided by"):
            asked.with_user(self.mia).approve()
        asked.with_user(self.ida).approve()
        self.assertEqual(self.numbers(employee=boss)[0], "present")

    def test_a04_the_only_officer_may_and_it_shows(self):
        """A04. Red when the only one stands before a refusal, or the mark is not on the adjustment,
        its entry and the day."""
        (self.ida | self.mia).active = False
        self.employee.attendance_manager_id = False
        self.incomplete()
        asked = self.ask(self.hal)
        asked.approve()
        self.assertTrue(asked.self_approved)
        self.assertTrue(self.entries(asked)[-1].self_approved)
        self.assertEqual(self.numbers(), ("present", 480, 0))
        self.assertTrue(self.day().self_approved)

    def test_a05_the_employee_reads_old_new_who_and_why(self):
        """A05, RV6. Red when an outcome is not told, or without one of the four."""
        self.incomplete()
        asked = self.ask(self.hal)
        before = self.env["mail.mail"].search([])
        asked.with_user(self.ida).approve()
        mail = (self.env["mail.mail"].search([]) - before).filtered(
            lambda mail: mail.email_to == "ana@example.com"
        )
        for words in ("Incomplete", "Present", "Worked 8:00", self.ida.name, WHY):
            self.assertIn(words, mail.body_html)

    def test_a06_a_reason_explains_something(self):
        """A06. Red when an empty or one-character reason is taken."""
        self.incomplete()
        for words in ("", "   ", "x", False):
            with self.assertRaisesRegex(UserError, "reason of at least 10 characters"):
                self.ask(self.ana, reason_text=words)
        asked = self.ask(self.ana)
        with self.assertRaisesRegex(UserError, "reason of at least 10 characters"):
            asked.with_user(self.mia).reject("no")

    def test_a08_nothing_submitted_is_changed_or_removed(self):
        """A08, A10, A11. Red when the ORM under sudo, SQL or TRUNCATE touches a submitted row or a
        step, or when an approval could be taken out by moving its state back."""
        self.incomplete()
        asked = self.ask(self.ana)
        asked.with_user(self.mia).approve()
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            asked.sudo().write({"minutes": 3})
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            asked.sudo().unlink()
        for statement in (
            "UPDATE biometric_adjustment SET minutes = 5",
            "UPDATE biometric_adjustment SET state = 'submitted'",
            "UPDATE biometric_adjustment SET state = 'rejected'",
            "DELETE FROM biometric_adjustment",
            "TRUNCATE biometric_adjustment CASCADE",
            "UPDATE biometric_adjustment_step SET text = 'x'",
            "DELETE FROM biometric_adjustment_step",
        ):
            with (
                self.subTest(statement),
                self.assertRaisesRegex(psycopg2.Error, "never changed or removed"),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)

    def test_a_reversal_brings_the_first_result_back(self):
        """Example A05_review. Red when a reversal has no effect, needs no second person, or the
        first adjustment is gone."""
        self.incomplete()
        asked = self.ask(self.ana)
        asked.with_user(self.hal).approve()
        (again,) = asked.with_user(self.hal).reverse("the gate log was another person")
        again = self.as_user(self.hal).browse(again)
        with self.assertRaisesRegex(UserError, "cannot decide"):
            again.approve()
        again.with_user(self.ida).approve()
        self.assertEqual(self.numbers(), ("incomplete", 0, 0))
        self.assertEqual((asked.state, again.state), ("reversed", "approved"))

    def test_rv4_each_kind_changes_nothing_until_it_is_approved(self):
        """RV4 for every kind: the digest of the day stands while it is open, and moves when it is
        approved. Red when one kind has no effect, or an effect too early."""
        self.device.complete_until = "2026-03-05 00:00:00"
        lane = self.lane
        self.punch_in(f"{MONDAY} 08:20:00", f"{MONDAY} 12:40:00", f"{MONDAY} 16:30:00", lane=lane)
        ben = self.make_employee("Ben Cruz", "8")
        self.rebuild()
        punch = self.env["biometric.punch"].search(
            [("wall_time", "=", f"{MONDAY} 12:40:00"), ("device_id", "=", self.device.id)]
        )
        for values in (
            {"kind": "add_punch", "clock": "17:40"},
            {"kind": "void_punch", "punch_id": punch.id},
            {"kind": "set_minutes", "pay_class": "regular", "minutes": 400},
            {"kind": "reclassify", "pay_class": "regular", "to_class": "overtime", "minutes": 20},
            {"kind": "excuse_late"},
            {"kind": "remap", "punch_id": punch.id, "to_employee_id": ben.id},
            {
                "kind": "clock_correction",
                "employee_id": False,
                "device_id": self.device.id,
                "window_from": f"{MONDAY} 00:10:00",
                "window_to": f"{MONDAY} 00:30:00",
                "seconds": -900,
            },
        ):
            with self.subTest(values["kind"]), self.env.cr.savepoint() as savepoint:
                before = self.digest()
                asked = self.as_user(self.hal).browse(
                    self.as_user(self.hal).request(
                        {
                            "employee_id": self.employee.id,
                            "date": str(MONDAY),
                            "reason_text": WHY,
                            **values,
                        }
                    )
                )
                self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, MONDAY)])
                self.assertEqual(self.digest(), before)
                asked.with_user(self.ida).approve()
                self.rebuild()
                self.assertNotEqual(self.digest(), before)
                savepoint.close(rollback=True)
            self.env.invalidate_all()

    def digest(self):
        self.env.invalidate_all()
        return self.day().digest

    def test_overtime_is_held_until_approved_and_only_what_was_approved(self):
        """O12, pinned decisions: red when approval frees nothing, all instead of a part, or widens
        by itself when the day grows."""
        self.env["biometric.rule"].create(
            {
                "name": "Office",
                "valid_from": "2026-01-01",
                "parameters": {"ot_requires_approval": True},
            }
        )
        self.device.complete_until = "2026-03-05 00:00:00"
        self.punch_in(f"{MONDAY} 08:00:00", f"{MONDAY} 19:00:00")
        self.rebuild()
        self.assertEqual(self.day().overtime_unapproved_minutes, 120)
        self.ask(self.mia, "approve_ot", minutes=90).with_user(self.hal).approve()
        day = self.day()
        self.assertEqual((day.overtime_minutes, day.overtime_unapproved_minutes), (90, 30))
        rest = self.ask(self.mia, "approve_ot")
        self.assertEqual(rest.minutes, 30)
        rest.with_user(self.hal).approve()
        self.env.invalidate_all()
        day = self.day()
        self.assertEqual((day.overtime_minutes, day.overtime_unapproved_minutes), (120, 0))
        self.punch_in(f"{MONDAY} 19:15:00", f"{MONDAY} 20:00:00", lane=self.lane)
        self.rebuild()
        self.env.invalidate_all()
        day = self.day()
        self.assertEqual((day.overtime_minutes, day.overtime_unapproved_minutes), (120, 45))
        self.assertEqual(day.review_basket, "look_at")
        self.assertIn("0:45", day.review_text)

    def test_c19_an_excuse_keeps_the_fact(self):
        """C19. Red when excused lateness changes what was late or worked."""
        self.long_day()
        worked = self.day().worked_minutes
        self.ask(self.ana, "excuse_late").with_user(self.mia).approve()
        self.env.invalidate_all()
        day = self.day()
        self.assertEqual((day.late_minutes, day.penalised_late_minutes), (20, 0))
        self.assertEqual(day.worked_minutes, worked)

    def test_rv8_whoever_approves_needs_no_right_to_edit(self):
        """RV8. Red when approving asks for a write."""
        self.incomplete()
        asked = self.ask(self.ana)
        for operation in ("write", "create", "unlink"):
            self.assertFalse(asked.with_user(self.mia).has_access(operation))
        asked.with_user(self.mia).approve()
        self.assertEqual(asked.state, "approved")

    def test_who_may_ask_what_about_whom(self):
        """Red when somebody asks about a stranger, an employee for what HR alone may, or a payroll
        officer about anybody."""
        ben = self.make_employee("Ben Cruz", "8")
        for user, kind, employee, values in (
            (self.ana, "add_punch", ben, {}),
            (self.mia, "add_punch", ben, {}),
            (self.pay, "add_punch", self.employee, {}),
            (self.ana, "set_minutes", self.employee, {"pay_class": "regular", "minutes": 60}),
        ):
            with (
                self.subTest(user.login),
                self.assertRaisesRegex(AccessError, "You are not allowed to request"),
            ):
                self.ask(user, kind, employee, **values)

    def test_the_evidence_of_a_day_holds_what_it_was_made_of(self):
        """Red when a punch, a step, a refusal or the trail is left out, when the history played
        again gives another set than the ledger, or when a reader without a role for it gets it."""
        self.incomplete()
        asked = self.ask(self.hal)
        with self.enter_registry_test_mode():
            try:
                asked.approve()
            except UserError as error:
                self.assertIn("cannot decide", str(error))
        asked.with_user(self.ida).approve()
        wrong = self.ask(self.hal, clock="18:00")
        wrong.with_user(self.ida).reject("nobody saw them there")
        self.env["biometric.audit"]._seal(1000)
        evidence = self.env["biometric.day.evidence"]
        with self.assertRaisesRegex(AccessError, "for HR officers and auditors"):
            evidence.with_user(self.mia)._file(self.day().with_user(self.mia))
        name, data = evidence.with_user(self.hal)._file(self.day().with_user(self.hal))
        pack = json.loads(data)
        self.assertIn(str(MONDAY), name)
        (punch,) = pack["punches"]
        self.assertEqual((punch["serial"], punch["wall_time"]), ("SN1", f"{MONDAY} 08:00:00"))
        self.assertEqual((len(punch["key"]), punch["sightings"][0]["channel"]), (64, "push"))
        history = pack["history"]
        self.assertEqual(history["in_effect_by_history"], [asked.id])
        self.assertEqual(history["in_effect_by_ledger"], [asked.id])
        self.assertEqual([row[0] for row in history["refused"]], [str(asked.id)])
        self.assertEqual(pack["day"]["worked_minutes"], 480)
        self.assertTrue(all(entry["hash"] for entry in pack["trail"]))
        self.assertEqual(pack["payroll_files"], [])
        entry = self.env["biometric.audit"].search([("action", "=", "evidence.write")], limit=1)
        self.assertIn(hashlib.sha256(data).hexdigest(), entry.after)

    def test_state_against_trail(self):
        """A09, A12 for adjustments. Red when a step moves what its entry does not say, or a row
        written past the ORM goes unnoticed."""
        self.incomplete()
        asked = self.ask(self.ana)
        asked.with_user(self.mia).approve()
        self.env["biometric.audit"]._seal(1000)
        said = self.env["biometric.state"]._entries("biometric.adjustment", self.env.company.id)
        last = [row for row in said if row["subject"] == asked.id][-1]
        self.assertIn('"state":"approved"', last["after"].replace(" ", ""))
