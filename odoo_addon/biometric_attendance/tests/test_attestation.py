"""Questions to people: who is asked, what an answer brings about, and that none is ever assumed."""

import re
from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Datetime
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models.review import biometric_attestation_ask as ask_module
from .review_case import WHY, ReviewCase
from .test_day import MONDAY

MEAL = "Were you given a meal break of 30 minutes?"
ANSWERS = (
    {"text": "Yes, and I chose to work through it"},
    {
        "text": "No, I was kept from it",
        "consequence": "pay_code",
        "pay_code": "MEAL",
        "minutes": 60,
    },
    {"text": "Something else happened", "consequence": "finding"},
)


class AttestationCase(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.asked = cls.env["biometric.attestation"]
        cls.device.sudo().in_service_from = "2026-01-01"

    def worked(self, *walls, on=MONDAY):
        """A whole day with a meal that the rule set misses."""
        if not self.env["biometric.rule"].search_count([("name", "=", "Meals")]):
            self.env["biometric.rule"].create(
                {
                    "name": "Meals",
                    "valid_from": "2026-01-01",
                    "parameters": {"meal_required_after_minutes": 300, "meal_min_minutes": 30},
                }
            )
        self.punch_in(*(f"{on} {wall}" for wall in walls or ("08:00:00", "17:00:00")))
        self.told_until(on + timedelta(days=3))
        return self.day(on)

    def told_until(self, on):
        """The terminal has told everything before a date; days follow, as after a sync."""
        self.device.complete_until = f"{on} 00:00:00"
        days = [MONDAY + timedelta(days=number) for number in range(14)]
        self.env["biometric.stale.day"].sudo()._mark([(self.employee.id, day) for day in days])
        self.rebuild()

    def question(self, event="meal", **values):
        return self.env["biometric.attestation.question"].create(
            {
                "name": "Meals",
                "event": event,
                "text": MEAL,
                "valid_from": "2026-01-01",
                "choice_ids": [(0, 0, dict(one)) for one in ANSWERS],
                **values,
            }
        )

    def ask_all(self, today=MONDAY + timedelta(days=1)):
        """The hourly job, on the day after."""
        company = type(self.env.company)
        with patch.object(company, "_biometric_today", lambda _self: today):
            self.asked.sudo()._ask_company(self.env.company)

    def found(self, **where):
        return self.asked.search(
            [("step", "=", "asked"), *[(k, "=", v) for k, v in where.items()]], order="id"
        )

    def one(self, user=None):
        (row,) = self.found()
        return row.with_user(user or self.ana)

    def codes(self, on=MONDAY):
        self.env.invalidate_all()
        return (self.day(on).exceptions or "").split()


@tagged("post_install", "-at_install", "biometric_review")
class TestAttestation(AttestationCase):
    def test_rv7_a_missing_meal_is_asked_about_once_with_its_words(self):
        """RV7, RC14. Red when it is asked twice, an answer is preselected, or a later change of the
        question reaches what was shown."""
        self.worked()
        question = self.question()
        self.ask_all()
        self.ask_all()
        row = self.one()
        self.assertEqual((row.state, row.choice, row.answer_text), ("open", 0, False))
        self.assertEqual((row.text, row.version), (MEAL, 1))
        question.text = "Another question"
        question.choice_ids[1].text = "Another answer"
        self.assertGreater(question.version, 1)
        self.env.invalidate_all()
        self.assertEqual(row.text, MEAL)
        self.assertEqual([one["text"] for one in row.choices], [one["text"] for one in ANSWERS])
        mail = self.env["mail.mail"].search([("email_to", "=", "ana@example.com")], limit=1)
        self.assertIn(MEAL, mail.body_html)
        self.assertIn("Nothing is assumed", mail.body_html)

    def test_rc14_an_answer_owes_a_pay_code_in_the_day_and_in_the_file(self):
        """RC14. Red when the premium is not in the canonical file, changes a minute of presence, or
        the day does not say it."""
        day = self.worked()
        before = self.numbers()
        self.question()
        self.ask_all()
        self.one().answer(2)
        self.assertEqual(self.numbers(), before)
        day = self.day()
        self.assertEqual(day.derivation["premiums"], [["MEAL", 60]])
        said = self.env["biometric.sentence"]._of_day(day)
        self.assertIn("Owed as stated by the employee: 1:00 as pay code MEAL.", said)
        self.rebuild()
        export = self.env["biometric.export"].create({"date_from": MONDAY, "date_to": MONDAY})
        export.with_user(self.pay).action_generate()
        lines = export._bytes("data").decode().splitlines()
        premium = [line for line in lines if ",MEAL,premium,60,1.00," in line]
        self.assertEqual(len(premium), 1, lines)
        (held,) = export.day_ids
        self.assertEqual(held.minutes["MEAL|premium"], 60)

    def test_rc14_a_premium_ends_when_the_meal_is_mended(self):
        """RC14. Red when a premium for a missed meal is paid beside the punches that show the meal,
        or it goes without anybody being told to look."""
        self.worked()
        self.question()
        self.ask_all()
        self.one().answer(2)
        self.assertEqual(self.day().derivation["premiums"], [["MEAL", 60]])
        for clock, way in (("12:00", "out"), ("12:40", "in")):
            asked = self.ask(self.ana, clock=clock, direction=way)
            asked.with_user(self.mia).approve()
        day = self.day()
        self.assertNotIn("premiums", day.derivation)
        self.assertIn("attested", self.codes())
        self.assertEqual(day.review_basket, "look_at")
        said = self.env["biometric.sentence"]._of_day(day)
        self.assertTrue(any("Not owed: 1:00 as pay code MEAL" in line for line in said), said)

    def test_rv7_a_finding_is_looked_at_and_nothing_is_nothing(self):
        """RV7. Red when a finding leaves the day clean, or `nothing` changes it."""
        self.worked("08:00:00", "12:00:00", "12:40:00", "17:00:00")
        self.question("out")
        self.ask_all()
        self.assertEqual(self.day().review_basket, "clean")
        row = self.one()
        row.answer(3)
        self.assertIn("attested", self.codes())
        self.assertEqual(self.day().review_basket, "look_at")
        self.assertEqual(row.current_text, ANSWERS[2]["text"])
        row.ask_change(1, "I pressed the wrong one")
        self.assertIn("attested", self.codes(), "a request changes nothing")
        self.assertEqual(row.state, "change")
        row.with_user(self.mia).decide_change(True, WHY)
        self.assertNotIn("attested", self.codes())
        self.assertEqual(row.current_text, ANSWERS[0]["text"])
        self.assertEqual(
            row.step_ids.sorted("id").mapped("step"), ["answered", "change_asked", "changed"]
        )

    def test_rv7_a_change_is_a_request_that_others_decide(self):
        """RV7, A02. Red when the person decides, somebody else answers, or a refusal counts."""
        self.worked()
        self.question()
        self.ask_all()
        row = self.one()
        for user in (self.mia, self.hal):
            with self.assertRaisesRegex(AccessError, "Only the person who was asked"):
                row.with_user(user).answer(1)
        row.answer(1)
        with self.assertRaisesRegex(UserError, "Request a change"):
            row.answer(2)
        with self.assertRaisesRegex(UserError, "at least 10 characters"):
            row.ask_change(2, "oh")
        row.ask_change(2, "I was kept from it after all")
        with self.assertRaisesRegex(AccessError, "do not decide"):
            row.decide_change(True, WHY)
        self.assertTrue(row.with_user(self.mia).can_decide)
        row.with_user(self.mia).decide_change(False, WHY)
        self.assertNotIn("premiums", self.day().derivation)
        with self.assertRaisesRegex(UserError, "No change is waiting"):
            row.with_user(self.mia).decide_change(True, WHY)
        self.assertEqual(row.state, "answered")

    def test_rv7_a_change_is_asked_for_by_the_person_about_an_answer(self):
        """RV7. Red when somebody else asks for it, before there is an answer, twice at once, or for
        an answer that was not shown."""
        self.worked()
        self.question()
        self.ask_all()
        row = self.one()
        with self.assertRefused("Choose one of the answers"):
            row.answer(0)
        with self.assertRefused("Answer it first"):
            row.ask_change(2, WHY)
        row.answer(1)
        for user in (self.mia, self.hal):
            with self.assertRefused("Only the person who was asked", AccessError):
                row.with_user(user).ask_change(2, WHY)
        row.ask_change(2, WHY)
        with self.assertRefused("decided first"):
            row.ask_change(3, WHY)

    def test_a02_who_may_decide_never_decides_about_the_own_answer(self):
        """A02. Red when the decision does not go through the one comparison of duties: HR officers
        would let an own other answer, and the pay that hangs on it, count."""
        self.worked()
        self.question()
        self.ask_all()
        row = self.one()
        row.answer(1)
        row.ask_change(2, WHY)
        row.env.user.sudo().group_ids += self.env.ref("biometric_attendance.group_hr_officer")
        with self.assertRefused("You cannot decide about yourself"):
            row.decide_change(True, WHY)
        self.assertEqual(row.step_ids.sorted("id")[-1].step, "change_asked")

    def test_whose_turn_it_is_is_said_to_them_alone(self):
        """RV7. Red when a form offers the answers to somebody else, or after the time; or the icon
        counts a change of one's own answer that others decide."""
        self.worked()
        self.question()
        self.ask_all()
        row = self.one()
        users = self.ana, self.mia, self.hal
        self.assertEqual([row.with_user(one).can_answer for one in users], [True, False, False])
        with patch.object(Datetime, "now", lambda: row.until + timedelta(minutes=1)):
            self.env.invalidate_all()
            self.assertFalse(row.can_answer)
        self.env.invalidate_all()
        row.answer(1)
        self.assertFalse(row.can_answer)
        row.ask_change(2, WHY)
        hr = self.env.ref("biometric_attendance.group_hr_officer")
        self.ana.sudo().group_ids += hr

        def counted(user):
            self.env.invalidate_all()
            return self.env["biometric.work"].with_user(user).get_systray()["changes"]

        self.assertEqual([counted(user) for user in users], [0, 1, 1])
        for user in self.env["biometric.duty"]._others("hr_officer", row.company_id, {self.ana.id}):
            user.sudo().group_ids -= hr
        self.assertEqual(counted(self.ana), 1, "the only one there is may")

    def test_rv7_no_answer_is_not_answered_and_never_a_default(self):
        """RV6, RV7. Red when silence does what an answer would, or the gate is not told."""
        self.worked()
        self.question(is_required=True)
        self.ask_all()
        period = self.env["biometric.period.group"].create(
            {"name": "All", "anchor": "2026-03-01", "company_id": self.env.company.id}
        )
        period._lay_out()
        march = period.period_ids.filtered(lambda one: str(one.date_from) == "2026-03-01")
        gate = self.asked.unanswered
        self.assertEqual([one["state"] for one in gate(self.env.company, march)], ["open"])
        row = self.one()
        # the instant that was told is the first one that is too late
        with patch.object(Datetime, "now", lambda: row.until):
            with self.assertRaisesRegex(UserError, "time to answer is over"):
                row.answer(2)
            self.assertEqual(
                [one["state"] for one in gate(self.env.company, march)], ["not_answered"]
            )
        with patch.object(Datetime, "now", lambda: row.until - timedelta(seconds=1)):
            self.ask_all()
            self.assertFalse(row.step_ids, "there is time yet")
        with patch.object(Datetime, "now", lambda: row.until + timedelta(minutes=1)):
            with self.assertRaisesRegex(UserError, "time to answer is over"):
                row.answer(2)
            self.ask_all()
            self.ask_all()
            (open_one,) = gate(self.env.company, march)
        self.assertEqual((open_one["state"], open_one["employee"]), ("not_answered", "Ana Reyes"))
        self.assertEqual(row.step_ids.mapped("step"), ["not_answered"])
        self.env.invalidate_all()
        self.assertEqual(row.state, "not_answered")
        self.assertNotIn("premiums", self.day().derivation)
        row.ask_change(2, "I was away and saw it today")
        row.with_user(self.hal).decide_change(True, WHY)
        self.assertEqual(self.day().derivation["premiums"], [["MEAL", 60]])
        self.assertEqual(gate(self.env.company, march), [])

    def test_lists_find_each_question_by_how_it_stands(self):
        """Red when a list shows a question under another state than its form."""
        self.worked()
        self.question()
        self.ask_all()
        row = self.one(self.mia)
        states = ("open", "answered", "change", "not_answered")

        def found_as(state):
            self.env.invalidate_all()
            self.assertEqual(row.state, state)
            shown = [one for one in states if row.search([("state", "in", [one])]) == row]
            self.assertEqual(shown, [state])
            self.assertEqual(row.search([("state", "=", state), ("step", "=", "asked")]), row)

        found_as("open")
        late = row.until + timedelta(minutes=1)
        with patch.object(Datetime, "now", lambda: late):
            found_as("not_answered")
        self.one().answer(1)
        found_as("answered")
        self.one().ask_change(2, "I was kept from it after all")
        found_as("change")
        row.decide_change(False, WHY)
        found_as("answered")

    def test_rv7_nobody_is_asked_about_a_day_that_is_not_whole(self):
        """RV7. Red when a terminal that still owes punches leads to a question."""
        self.worked()
        self.told_until(MONDAY)
        self.question("out")
        self.ask_all()
        self.assertFalse(self.found())

    def test_rv10_the_end_of_a_period_and_the_first_check_in_of_the_next(self):
        """RV10. Red when the period is asked about before it ends, before somebody comes again, or
        twice; or whoever was never there is asked."""
        self.make_employee("Ben Cruz", "8")
        self.worked()
        group = self.env["biometric.period.group"].create(
            {"name": "Weeks", "rhythm": "weekly", "anchor": MONDAY}
        )
        group._lay_out()
        self.question("period_end", text="Is this week right?")
        self.question("next_in", text="Do you agree with last week?")
        last = MONDAY + timedelta(days=6)
        self.ask_all(last)
        self.assertFalse(self.found())
        self.ask_all(last + timedelta(days=1))
        (row,) = self.found()
        self.assertEqual((row.event, row.date_from, row.date), ("period_end", MONDAY, last))
        self.punch_in(f"{last + timedelta(days=1)} 08:00:00")
        self.rebuild()
        self.ask_all(last + timedelta(days=1))
        self.ask_all(last + timedelta(days=2))
        self.assertEqual(self.found().mapped("event"), ["period_end", "next_in"])
        self.assertEqual(self.found().employee_id, self.employee)

    def test_a_row_is_never_changed_or_removed(self):
        """RV7. Red when the ORM under sudo or SQL may change what was asked or answered."""
        self.worked()
        self.question()
        self.ask_all()
        row = self.one()
        row.answer(2)
        for one in row.sudo() | row.sudo().step_ids:
            with self.assertRaisesRegex(UserError, "cannot be changed"):
                one.answer_text = "x"
            with self.assertRaisesRegex(UserError, "cannot be deleted"):
                one.unlink()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(psycopg2.Error, "never changed or removed"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("UPDATE biometric_attestation SET choice = 1")
        actions = self.env["biometric.audit"].search([("model", "=", "biometric.attestation")])
        self.assertEqual(
            set(actions.mapped("action")), {"attestation.asked", "attestation.answered"}
        )

    def test_a_question_needs_answers_that_say_what_they_owe(self):
        with self.assertRaisesRegex(ValidationError, "at least two answers"):
            self.question(choice_ids=[(0, 0, {"text": "Yes"})])
        for wrong, words in (
            ({"minutes": 60}, "enter their pay code"),
            ({"pay_code": "MEAL", "minutes": 0}, "from 1 to 1440"),
        ):
            choice = {"text": "No", "consequence": "pay_code", **wrong}
            with self.assertRaisesRegex(ValidationError, words):
                self.question(choice_ids=[(0, 0, choice), (0, 0, {"text": "Yes"})])

    def test_one_company_that_cannot_be_asked_does_not_stop_the_others(self):
        """Red when the job ends at the first company that raises."""
        other = self.env["res.company"].create({"name": "Other"})
        seen = []

        def turn(rows, company):
            if company == self.env.company:
                raise ValueError("broken")
            seen.append(company.id)
            return rows

        with (
            patch.object(ask_module.AttestationAsk, "_ask_company", turn),
            mute_logger("odoo.addons.biometric_attendance.models.mixins.biometric_job"),
        ):
            self.asked._cron_ask()
        self.assertIn(other.id, seen)
        told = self.env["biometric.incident"].search([("job", "=", "attestation")])
        self.assertEqual(told.subject_id, self.env.company.id)


@tagged("post_install", "-at_install", "biometric_review")
class TestAskedOut(AttestationCase):
    """“Left about 17:10?”, an hour after nobody can punch out any more."""

    forgot = MONDAY + timedelta(days=9)

    def weeks(self, until=None):
        for number in range(12):
            day = MONDAY + timedelta(days=number)
            if day.weekday() < 5 and day <= self.forgot:
                walls = [f"{day} 07:58:00", f"{day} 17:02:00"]
                self.punch_in(*(walls[:1] if day == self.forgot else walls))
        self.told_until(until or self.forgot + timedelta(days=3))
        self.env.company.sudo().biometric_ask_missing_out = True

    def ask_on(self, days=1):
        self.ask_all(self.forgot + timedelta(days=days))

    def test_yes_is_a_request_and_nothing_applies_alone(self):
        """Red when the answer changes a number, or asks for another time than was shown."""
        self.weeks()
        self.ask_on()
        self.ask_on()
        row = self.one()
        self.assertRegex(row.text, r"Did you leave about 5:02\sPM\?")
        row.answer(1)
        self.assertEqual(self.numbers(self.forgot)[0], "incomplete")
        asked = self.env["biometric.adjustment"].search([("date", "=", self.forgot)])
        self.assertEqual(
            (asked.kind, asked.direction, asked.state), ("add_punch", "out", "submitted")
        )
        self.assertEqual(str(asked.at), f"{self.forgot} 09:02:00")
        asked.with_user(self.mia).approve()
        self.assertEqual(self.numbers(self.forgot)[0], "present")

    def test_the_time_is_written_as_the_person_writes_it(self):
        """Red when whoever is asked reads a clock of another language than the question's."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.employee.lang = self.ana.lang = "de_DE"
        self.weeks()
        self.ask_on()
        row = self.one()
        self.assertIn("Sind Sie gegen 17:02 gegangen?", row.text)
        self.assertEqual(row.choices[0]["text"], "Ja, Gehen um 17:02 beantragen")

    def test_no_leaves_everything_as_it_is(self):
        self.weeks()
        self.ask_on()
        self.one().answer(2)
        self.assertFalse(
            self.env["biometric.adjustment"].search_count([("date", "=", self.forgot)])
        )

    def test_never_without_the_switch_while_a_terminal_owes_or_within_the_hour(self):
        """Red when any of these asks."""
        self.weeks(until=self.forgot)
        self.ask_on()
        self.assertFalse(self.found(), "the terminal owes punches")
        self.told_until(self.forgot + timedelta(days=3))
        day = self.day(self.forgot)
        self.assertEqual(day.status, "incomplete")
        end = Datetime.to_datetime(f"{self.forgot} 09:00:00")
        late = end + timedelta(minutes=360 + 30)
        with patch.object(ask_module.fields.Datetime, "now", lambda: late):
            self.assertFalse(self.asked._window_over(day), "half an hour after the window")
        with patch.object(ask_module.fields.Datetime, "now", lambda: late + timedelta(minutes=31)):
            self.assertTrue(self.asked._window_over(day))
        self.env.company.sudo().biometric_ask_missing_out = False
        self.ask_on()
        self.assertFalse(self.found(), "the company has it off")

    def test_whoever_asked_already_is_left_alone(self):
        """Red when somebody is asked although a request about the day waits, or not once it was
        refused."""
        self.weeks()
        asked = self.ask(self.ana, date=str(self.forgot), clock="17:05")
        self.ask_on()
        self.assertFalse(self.found())
        asked.with_user(self.mia).reject(WHY)
        self.env.invalidate_all()
        self.ask_on()
        self.assertEqual(len(self.found()), 1)

    def test_another_answer_about_a_check_out_is_a_correction(self):
        """Red when the answer of a missing check-out can be changed beside the request that it
        made: two ways to one day."""
        self.weeks()
        self.ask_on()
        row = self.one()
        row.answer(1)
        with self.assertRefused("Request a correction of the day instead"):
            row.ask_change(2, WHY)
        self.assertFalse(row._shown()[0]["may_change"])
        self.assertEqual(row.step_ids.mapped("step"), ["answered"])


@tagged("post_install", "-at_install", "biometric_review")
class TestAskedByLink(AttestationCase, HttpCase):
    def test_a_mail_leads_to_the_number_and_the_answer_is_marked(self):
        """RV7. Red when the mail's address opens without the number, another person's question can
        be answered, or it opens after the time to answer."""
        self.employee.write({"user_id": False, "work_email": "ana@home.example"})
        self.worked()
        self.question()
        links = self.env["biometric.personal.link"].with_user(self.hal)
        links._issue(self.employee, "4711", 30)
        self.ask_all()
        (row,) = self.found()
        mail = self.env["mail.mail"].search([("email_to", "=", "ana@home.example")], limit=1)
        token = re.search(r"/biometric_attendance/my/([\w-]+)", mail.body_html)[1]
        self.assertNotIn(token, row.sudo().token_hash)
        self.authenticate(None, None)
        path = f"/biometric_attendance/my/{token}"
        today = MONDAY + timedelta(days=2)
        company = type(self.env.company)
        self.startPatcher(patch.object(company, "_biometric_today", lambda _self: today))

        def send(**values):
            page = self.url_open(path)
            csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
            return self.url_open(path, data={"csrf_token": csrf, **values})

        self.assertNotIn(MEAL, self.url_open(path).text)
        page = send(number="4711").text
        self.assertIn(MEAL, page)
        self.assertNotIn("checked", page)
        self.assertIn("Choose one of the answers", send(question=str(row.id), choice="9").text)
        self.assertIn("Your answer has been recorded", send(question=str(row.id), choice="2").text)
        self.env.invalidate_all()
        answer = row.sudo().step_ids
        self.assertEqual((answer.choice, answer.by_link), (2, True))
        self.assertEqual(self.day().derivation["premiums"], [["MEAL", 60]])
        self.assertIn("nothing to answer", send(question=str(row.id + 1), choice="1").text)
        with (
            mute_logger("odoo.http"),
            patch.object(Datetime, "now", lambda: row.until + timedelta(minutes=1)),
        ):
            self.assertFalse(self.env["biometric.personal.link"].sudo()._of_token(token))
