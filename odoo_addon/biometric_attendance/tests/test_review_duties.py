"""Levels, hours, deputies, the employee's yes, and days that are approved: who, when, of what."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Datetime
from odoo.tests import Form, tagged
from odoo.tools.translate import code_translations

from .review_case import WHY, ReviewCase
from .test_day import MONDAY


@tagged("post_install", "-at_install", "biometric_review")
class TestReviewDuties(ReviewCase):
    def setUp(self):
        super().setUp()
        self.device.complete_until = "2026-03-12 00:00:00"
        self.punch_in(f"{MONDAY} 08:00:00")
        self.rebuild()

    def level(self, number, who, **values):
        return self.env["biometric.approval.level"].create({"level": number, "who": who, **values})

    def steps(self, one):
        return one.sudo().step_ids.sorted("id").mapped("action")

    def test_levels_are_passed_in_their_order(self):
        """Red when one level is enough where two are written, or the second may decide first."""
        self.level(1, "approver")
        self.level(2, "user", user_id=self.pay.id)
        asked = self.ask(self.ana)
        with self.assertRaisesRegex(AccessError, "is decided by"):
            asked.with_user(self.pay).approve()
        asked.with_user(self.mia).approve()
        self.assertEqual((asked.state, self.numbers()[0]), ("submitted", "incomplete"))
        asked.with_user(self.pay).approve()
        self.assertEqual((asked.state, self.numbers()[0]), ("approved", "present"))
        self.assertEqual(self.steps(asked), ["submit", "pass", "approve", "effect"])

    def test_the_nearest_department_and_kind_count(self):
        """Red when the company's level counts beside a department's own."""
        team = self.env["hr.department"].create({"name": "Line 1"})
        below = self.env["hr.department"].create({"name": "Line 1a", "parent_id": team.id})
        self.employee.department_id = below
        self.level(1, "hr")
        self.level(1, "user", user_id=self.pay.id, department_id=team.id)
        self.assertIn(self.pay, self.ask(self.ana).decider_ids)
        self.level(1, "user", user_id=self.ida.id, department_id=team.id, kind="excuse_late")
        self.assertNotIn(self.ida, self.ask(self.ana).decider_ids)

    def test_rv9_what_is_late_passes_on_and_says_who(self):
        """RV9. Red when hours run on days off, nobody is named, or the next may not decide."""
        self.level(1, "approver", hours=4)
        second = self.level(2, "user", user_id=self.pay.id)
        self.env.company.resource_calendar_id = self.calendar
        self.env.company.partner_id.country_id = False
        zone = ZoneInfo(self.env.company._biometric_zone())
        friday = datetime(2026, 3, 6, 22, 0, tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
        four = self.env["biometric.approval.level"].new({"hours": 4})
        due = four._due(self.env.company, friday)
        monday = due.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        self.assertEqual(monday, datetime(2026, 3, 9, 2, 0), "two hours on Friday, two on Monday")
        asked = self.ask(self.ana)
        asked._move({"due_at": Datetime.subtract(Datetime.now(), hours=1)})
        self.assertTrue(asked.is_late)
        self.env["biometric.adjustment"]._cron_escalate()
        self.assertEqual(asked.level, second.level)
        late = asked.sudo().step_ids.filtered(lambda step: step.action == "escalate")
        self.assertIn(self.mia.name, late.text)
        asked.with_user(self.pay).approve()
        self.assertEqual(asked.state, "approved")

    def test_rv9_passing_on_skips_no_level(self):
        """RV9. Red when whoever is late, or HR, puts a request into effect that a named user above
        has not seen, or that user's yes is not enough for the levels below."""
        self.level(1, "approver", hours=4)
        self.level(2, "hr", hours=4)
        self.level(3, "user", user_id=self.pay.id)

        def late(times, clock="17:00"):
            asked = self.ask(self.ana, clock=clock)
            for _turn in range(times):
                asked._move({"due_at": Datetime.subtract(Datetime.now(), hours=1)})
                self.env["biometric.adjustment"]._cron_escalate()
            self.assertEqual(asked.level, 1 + times)
            return asked

        asked = late(2)
        self.assertLessEqual(self.mia | self.hal | self.pay, asked.sudo().decider_ids)
        asked.with_user(self.mia).approve()
        self.assertEqual((asked.state, asked.level, asked._passed()), ("submitted", 2, 1))
        asked.with_user(self.hal).approve()
        self.assertEqual((asked.state, asked.level, asked._passed()), ("submitted", 3, 2))
        with self.assertRaisesRegex(AccessError, "is decided by"):
            asked.with_user(self.ida).approve()
        asked.with_user(self.pay).approve()
        self.assertEqual((asked.state, self.numbers()[0]), ("approved", "present"))
        highest = late(2, "17:40")
        highest.with_user(self.pay).approve()
        self.assertEqual(highest.state, "approved", "who is above decides for those below")
        named = late(2, "18:20")
        named.with_user(self.hal).approve()
        self.assertEqual((named.state, named._passed()), ("submitted", 2))

    def test_a_deputy_decides_from_date_to_date(self):
        """Red when a deputy's dates do not count."""
        self.level(1, "user", user_id=self.mia.id)
        today = self.env.company._biometric_today()
        row = {"user_id": self.mia.id, "deputy_id": self.pay.id}
        asked = self.ask(self.ana)
        yesterday = today - timedelta(days=1)
        self.env["biometric.deputy"].create({**row, "date_from": yesterday, "date_to": yesterday})
        self.assertNotIn(self.pay, asked.sudo().decider_ids)
        self.env["biometric.deputy"].create({**row, "date_from": today, "date_to": today})
        self.assertIn(self.pay, asked.sudo().decider_ids)
        asked.with_user(self.pay).approve()
        self.assertEqual(self.numbers()[0], "present")

    def test_a_deputy_is_named_for_oneself_and_of_the_company(self):
        """Red when an approver makes somebody decide in another's place, or whoever has no login
        in the company any more decides, or reads in a mail what waits there."""
        today = self.env.company._biometric_today()
        dates = {"date_from": today, "date_to": today}
        deputies = self.env["biometric.deputy"].with_user(self.mia)
        with self.assertRefused("'create' access to", AccessError):
            deputies.create({"user_id": self.hal.id, "deputy_id": self.mia.id, **dates})
        other = self.env["res.company"].create({"name": "Elsewhere"})
        far = {"company_id": other.id, "company_ids": [(6, 0, other.ids)]}
        self.pay.write({"company_ids": [(4, other.id)]})
        one = deputies.create({"deputy_id": self.pay.id, **dates})
        asked = self.ask(self.ana)
        self.assertIn(self.pay, asked.sudo().decider_ids)
        self.pay.write(far)
        asked.sudo()._show_deciders()
        self.assertNotIn(self.pay, asked.sudo().decider_ids)
        one.unlink()
        with self.assertRaisesRegex(ValidationError, "no login in .* could not decide anything"):
            deputies.create({"deputy_id": self.pay.id, **dates})

    def test_rc3_a_change_waits_for_the_employees_yes(self):
        """RC3. Red when it counts before the yes, a dispute lets it through, or silence is an
        agreement without a mark."""
        self.env.company.biometric_needs_yes = True
        asked = self.ask(self.hal)
        asked.with_user(self.ida).approve()
        self.assertEqual((asked.state, asked.awaits_answer), ("submitted", True))
        self.assertEqual(self.numbers()[0], "incomplete")
        asked.with_user(self.ana).answer(True)
        self.assertEqual((asked.state, self.numbers()[0]), ("approved", "present"))
        other = self.ask(self.hal, clock="18:00")
        other.with_user(self.ida).approve()
        other.with_user(self.ana).answer(False, "I left at five that day")
        other._move({"due_at": Datetime.subtract(Datetime.now(), hours=1)})
        self.env["biometric.adjustment"]._cron_answers()
        self.assertEqual(other.state, "submitted", "a dispute is no silence")
        silent = self.ask(self.hal, clock="18:30")
        silent.with_user(self.ida).approve()
        silent._move({"due_at": Datetime.subtract(Datetime.now(), hours=1)})
        self.env["biometric.adjustment"]._cron_answers()
        self.assertEqual(silent.state, "approved")
        self.assertIn("without_answer", self.steps(silent))

    def test_what_is_taken_back_waits_for_no_yes(self):
        """Red when a request that was taken back while it waited for the person's yes is put into
        effect, or tried again and again, once the time for it is over."""
        self.env.company.biometric_needs_yes = True
        taken = self.ask(self.hal)
        taken.with_user(self.ida).approve()
        taken.with_user(self.hal).withdraw()
        self.assertFalse(taken.awaits_answer)
        with self.assertRefused("nothing to answer"):
            taken.with_user(self.ana).answer(True)
        # as earlier releases left it
        self.env.cr.execute("SET LOCAL biometric.allow_change = 'on'")
        self.env.cr.execute(
            "UPDATE biometric_adjustment SET awaits_answer = true, due_at = %s WHERE id = %s",
            (Datetime.subtract(Datetime.now(), hours=1), taken.id),
        )
        self.env.cr.execute("SET LOCAL biometric.allow_change = 'off'")
        self.env.invalidate_all()
        adjustments = self.env["biometric.adjustment"]
        with patch.object(type(adjustments), "_take_effect") as effect:
            adjustments._cron_answers()
        effect.assert_not_called()

    def test_rc3_whoever_asked_by_link_is_not_asked_for_their_yes(self):
        """RC3. Red when somebody without a login has to agree to what they asked for."""
        self.env.company.biometric_needs_yes = True
        self.employee.user_id = False
        today = self.env.company._biometric_today()
        link, _token = (
            self.env["biometric.personal.link"].with_user(self.hal)._issue(self.employee, "4711", 9)
        )
        values = {"kind": "add_punch", "date": str(today - timedelta(days=2)), "clock": "17:00"}
        asked = link.sudo()._ask({**values, "reason_text": WHY}).sudo(False)
        asked.with_user(self.mia).approve()
        self.assertEqual((asked.state, asked.awaits_answer), ("approved", False))

    def test_only_ones_own_open_request_is_withdrawn(self):
        """Red when an officer or approver makes somebody's request vanish without deciding it."""
        asked = self.ask(self.ana)
        for user in (self.hal, self.mia):
            with self.assertRefused("Only your own open requests"):
                asked.with_user(user).withdraw()
        asked.with_user(self.ana).withdraw()
        self.assertEqual(asked.state, "rejected")
        with self.assertRefused("Only your own open requests"):
            asked.with_user(self.ana).withdraw()

    def test_a_reversal_is_asked_for_once(self):
        """Red when two reversals of one correction wait beside each other."""
        asked = self.ask(self.ana)
        asked.with_user(self.mia).approve()
        asked.with_user(self.hal).reverse(WHY)
        with self.assertRefused("already being reversed"):
            asked.with_user(self.ida).reverse(WHY)

    def test_what_was_taken_back_is_not_taken_back_again(self):
        """Red when a reversal that waits is approved though the real punch, or another reversal
        handed in at the same moment, took its correction back."""
        self.device.complete_until = f"{MONDAY} 04:00:00"
        asked = self.ask(self.hal, clock="17:10")
        asked.with_user(self.ida).approve()
        back = asked.browse(asked.with_user(self.hal).reverse(WHY))
        self.later("17:02:00")
        self.env.invalidate_all()
        self.assertEqual(asked.state, "reversed")
        with self.assertRefused("is already reversed. Reject this request"):
            back.with_user(self.ida).approve()
        self.assertEqual(self.steps(asked).count("reverse"), 1)
        back.with_user(self.ida).reject(WHY)
        self.assertEqual(back.state, "rejected")

    def test_rv6_a_dispute_brings_the_day_back(self):
        """RV6. Red when somebody else answers, silence counts as an answer, or a disputed day is
        not in the first basket."""
        asked = self.ask(self.hal)
        asked.with_user(self.ida).approve()
        self.assertNotIn("agree", self.steps(asked))
        self.assertEqual(self.day().review_basket, "clean")
        with self.assertRaisesRegex(AccessError, "Only the person concerned can answer"):
            asked.with_user(self.hal).answer(True)
        asked.with_user(self.ana).answer(False, "I left at six, not at five")
        self.env.invalidate_all()
        self.assertEqual(self.day().review_basket, "must_fix")
        self.env.company.biometric_answer_days = 1
        with self.assertRaisesRegex(UserError, "time to answer is over"):
            late = self.ask(self.hal, clock="18:00")
            late.with_user(self.ida).approve()
            self.env.cr.execute("SET LOCAL biometric.allow_change = 'on'")
            self.env.cr.execute(
                "UPDATE biometric_adjustment SET decided_at = now() - interval '3 days'"
                " WHERE id = %s",
                (late.id,),
            )
            late.invalidate_recordset()
            late.with_user(self.ana).answer(True)

    def test_a_typed_punch_gives_way_to_the_real_one(self):
        """Red when both count, the typed one is withdrawn without a step, or a far one is."""
        self.device.complete_until = f"{MONDAY} 04:00:00"
        asked = self.ask(self.hal, clock="17:10")
        asked.with_user(self.ida).approve()
        self.assertTrue(asked.is_provisional)
        self.assertEqual(self.numbers()[1], 490)
        self.later("17:02:00")
        self.env.invalidate_all()
        self.assertEqual(asked.state, "reversed")
        self.assertEqual(self.numbers()[1], 482)
        reversal = asked.search([("reverses_id", "=", asked.id)])
        self.assertEqual(self.steps(reversal), ["submit", "yield", "effect"])
        mails = self.env["mail.mail"].search([]).mapped("body_html")
        self.assertTrue(any("own punch arrived" in body for body in mails))

    def later(self, clock):
        """The terminal tells a punch after what was decided."""
        self.env.cr.execute("SET LOCAL biometric.allow_change = 'on'")
        self.env.cr.execute(
            "UPDATE biometric_adjustment SET decided_at = decided_at - interval '1 day'"
            " WHERE decided_at IS NOT NULL"
        )
        self.env.cr.execute("SET LOCAL biometric.allow_change = 'off'")
        self.env.invalidate_all()
        self.punch_in(f"{MONDAY} {clock}", lane=self.lane)
        self.rebuild()

    def test_a_typed_punch_far_from_the_real_one_asks(self):
        """Red when a punch an hour away takes the typed one out, or nobody is asked."""
        self.device.complete_until = f"{MONDAY} 04:00:00"
        asked = self.ask(self.hal, clock="17:10")
        asked.with_user(self.ida).approve()
        self.later("18:10:00")
        self.rebuild()
        self.assertEqual(asked.state, "approved")
        self.assertEqual(self.steps(asked).count("question"), 1)

    def spoken(self, act):
        """({address: body}) of an act that a job does in English, where Ana reads German and Hal
        English."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.ana.lang = self.employee.lang = "de_DE"
        question = (
            "The terminal reported a punch at %(real)s; the manual one is still there. "
            "Which one is correct?"
        )
        german = {
            question: "Das Terminal meldet %(real)s. Was stimmt?",
            "The terminal's own punch arrived: %s.": "Das Terminal meldet nun %s.",
        }
        real = code_translations.get_python_translations

        def translations(module, lang):
            return german if lang == "de_DE" else real(module, lang)

        before = self.env["mail.mail"].search([])
        with patch.object(code_translations, "get_python_translations", translations):
            act()
        mails = self.env["mail.mail"].search([]) - before
        return {mail.email_to: mail.body_html for mail in mails}

    def test_what_came_of_a_typed_punch_is_said_in_each_readers_language(self):
        """Red when the question, or that a typed punch gave way, is worded in the language of the
        job that saw the real one, on record or in a mail; or a clock reads as the terminal's."""
        for typed, real, german, english, action in (
            (
                "17:10",
                "18:10:00",
                "Das Terminal meldet 02.03.2026 18:10:00 (Asia/Manila). Was stimmt?",
                "The terminal reported a punch at 03/02/2026 18:10:00 (Asia/Manila)",
                "question",
            ),
            (
                "20:10",
                "20:05:00",
                "Das Terminal meldet nun 02.03.2026 20:05:00 (Asia/Manila).",
                "own punch arrived: 03/02/2026 20:05:00 (Asia/Manila).",
                "yield",
            ),
        ):
            self.device.complete_until = f"{MONDAY} 04:00:00"
            asked = self.ask(self.hal, clock=typed)
            asked.with_user(self.ida).approve()
            told = self.spoken(partial(self.later, real))
            with self.subTest(action):
                self.assertIn(german, told["ana@example.com"])
                self.assertIn(english, told["hal@example.com"])
                rows = asked | asked.search([("reverses_id", "=", asked.id)])
                step = rows.sudo().step_ids.filtered(lambda one, a=action: one.action == a)
                self.assertEqual(step.text, german)

    # ------------------------------------------------------------------ days

    def clean_days(self):
        for day in (3, 4):
            on = f"2026-03-0{day}"
            self.punch_in(f"{on} 08:00:00", f"{on} 17:00:00", lane=self.lane)
        self.rebuild()
        return self.env["biometric.day"].search(
            [("employee_id", "=", self.employee.id), ("date", "<=", "2026-03-04")]
        )

    def test_rv2_all_clean_days_are_approved_and_taken_back(self):
        """RV2, RV3. Red when a day that must be fixed goes along, the sum is another than what is
        approved, a day has no entry, or taking back leaves one."""
        days = self.clean_days()
        approvals = self.env["biometric.day.approval"].with_user(self.hal)
        told = approvals.sum_of(days.ids)
        self.assertEqual((told["days"], told["people"], told["worked_minutes"]), (2, 1, 960))
        self.assertEqual(told["left_out"], {"must_fix": 1})
        done = approvals.approve_days(days.ids)
        self.assertEqual(done["days"], 2)
        entries = self.env["biometric.audit"].search([("action", "=", "approval.approve")])
        self.assertEqual(len(entries), 2)
        self.assertTrue(all(done["bulk"] in entry.after for entry in entries))
        self.env.invalidate_all()
        self.assertEqual(days.with_user(self.hal).mapped("is_day_approved").count(True), 2)
        self.assertEqual(approvals.sum_of(days.ids)["left_out"], {"approved": 2, "must_fix": 1})
        self.assertEqual(approvals.take_back(done["bulk"]), 2)
        self.env.invalidate_all()
        self.assertFalse(any(days.with_user(self.hal).mapped("is_day_approved")))

    def test_rv3_a_punch_that_only_the_push_knows_is_resolved_never_waved_through(self):
        """RV3. Red when a day with an unwitnessed punch is clean, goes along in bulk or is
        confirmed, or stays so after a person decided the punch."""
        days = self.clean_days()
        on = date(2026, 3, 3)
        punch = self.env["biometric.punch"].search([("wall_date", "=", on)], limit=1)
        flag = {"company_id": punch.company_id.id, "device_id": punch.device_id.id}
        self.env["biometric.flag"].create(
            flag | {"punch_id": punch.id, "kind": "unwitnessed", "found_at": "2026-03-03 12:00:00"}
        )
        self.env.invalidate_all()
        self.assertEqual(self.day(on).review_basket, "must_fix")
        self.assertIn("not in the terminal's own log", self.day(on).review_text)
        approvals = self.env["biometric.day.approval"].with_user(self.hal)
        self.assertEqual(approvals.sum_of(days.ids)["left_out"], {"must_fix": 2})
        with self.assertRaisesRegex(UserError, "has to be fixed first"):
            approvals.confirm_day(self.day(on).id, WHY)
        decisions = self.env["biometric.decision"].with_user(self.hal)
        decisions._decide(punch, "release", "seen at the door that morning")
        self.rebuild()
        self.env.invalidate_all()
        self.assertEqual(self.day(on).review_basket, "clean")

    def test_an_approved_day_that_changes_asks_again(self):
        """Pinned decisions. Red when an approval widens to what nobody saw, or is lost."""
        days = self.clean_days()
        self.env["biometric.day.approval"].with_user(self.hal).approve_days(days.ids)
        on = date(2026, 3, 3)
        self.punch_in("2026-03-03 18:30:00", "2026-03-03 18:50:00", lane=self.lane)
        self.rebuild()
        self.env.invalidate_all()
        self.assertEqual(self.day(on).review_basket, "look_at")
        self.assertIn("→", self.day(on).review_text)
        self.assertEqual(len(self.env["biometric.day.approval"].search([("date", "=", on)])), 1)

    def test_rv3_an_absence_is_confirmed_alone_and_a_missing_punch_never(self):
        """RV3. Red when confirming takes a day that blocks pay, or an absence goes in bulk."""
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, date(2026, 3, 5))])
        absent = self.day(date(2026, 3, 5))
        self.assertEqual(absent.status, "absent")
        approvals = self.env["biometric.day.approval"].with_user(self.hal)
        self.assertEqual(approvals.sum_of(absent.ids)["left_out"], {"look_at": 1})
        with self.assertRaisesRegex(UserError, "has to be fixed first"):
            approvals.confirm_day(self.day().id, WHY)
        approvals.confirm_day(absent.id, "absent without notice, talked to her")
        self.env.invalidate_all()
        self.assertEqual(self.day(date(2026, 3, 5)).review_basket, "clean")

    def test_the_dialog_asks(self):
        """Red when the dialog of a day cannot hand a request in, or shows what the reader may not
        ask for."""
        action = self.day().with_user(self.ana).action_correct()
        dialog = self.env["biometric.correct"].with_user(self.ana).with_context(action["context"])
        kinds = [name for name, _label in dialog._kinds()]
        self.assertNotIn("set_minutes", kinds)
        with Form(dialog) as form:
            form.clock = "17:00"
            form.reason_id = self.env.ref("biometric_attendance.reason_forgot")
        form.save().action_confirm()
        asked = self.env["biometric.adjustment"].search([("employee_id", "=", self.employee.id)])
        self.assertEqual((asked.state, asked.requested_by_id), ("submitted", self.ana))
        said = self.env["biometric.adjustment.say"].with_user(self.mia)
        said.create(
            {"adjustment_ids": [(6, 0, asked.ids)], "verdict": "reject", "text": WHY}
        ).action_confirm()
        self.assertEqual(asked.state, "rejected")
