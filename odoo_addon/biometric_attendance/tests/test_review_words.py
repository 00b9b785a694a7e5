"""Mails of review: whose clock and language they speak; whoever has no login gets them as well."""

from datetime import datetime
from unittest.mock import patch

from odoo.fields import Datetime
from odoo.tests import tagged

from .review_case import WHY, ReviewCase, plain
from .test_attestation import MEAL, AttestationCase
from .test_day import MONDAY

# 9:30 in the evening of 2 March in Manila.
UNTIL = datetime(2026, 3, 2, 13, 30)


@tagged("post_install", "-at_install", "biometric_review")
class TestReviewWords(ReviewCase):
    def setUp(self):
        super().setUp()
        self.device.complete_until = "2026-03-05 00:00:00"
        self.punch_in(f"{MONDAY} 08:00:09")
        self.rebuild()

    def mailed(self, act):
        """`{address: body}` of the mails that an act brings about."""
        before = self.env["mail.mail"].search([])
        act()
        mails = self.env["mail.mail"].search([]) - before
        return {mail.email_to: plain(mail.body_html) for mail in mails}

    def test_a_request_says_until_when_by_the_deciders_clock_and_names_it(self):
        """RV9. Red when the instant is UTC's, has no zone, or is the employee's own."""
        self.mia.tz = "Europe/Berlin"
        asked = self.ask(self.ana)
        asked._move({"due_at": UNTIL})
        body = self.mailed(lambda: asked._tell_deciders())["mia@example.com"]
        self.assertIn("Please decide before 03/02/2026 2:30 PM (Europe/Berlin)", body)

    def test_a_change_that_waits_for_a_yes_says_until_when_by_the_persons_clock(self):
        """RC3. Red when whoever is asked cannot tell by which clock."""
        self.env.company.biometric_needs_yes = True
        self.ana.tz = "Asia/Manila"
        asked = self.ask(self.hal)
        asked.with_user(self.ida).approve()
        asked._move({"due_at": UNTIL})
        body = self.mailed(lambda: asked._tell_employee())["ana@example.com"]
        self.assertIn("not answered before 03/02/2026 9:30 PM (Asia/Manila)", body)

    def test_a_punch_in_words_has_its_date_as_the_language_writes_it(self):
        """Red when a request names a punch by the terminal's own text."""
        punch = self.env["biometric.punch"].search([("wall_date", "=", MONDAY)])
        asked = self.ask(self.mia, "void_punch", punch_id=punch.id)
        self.assertEqual(asked.change_text, "Ignore a punch: 03/02/2026 08:00:09")
        self.env["res.lang"]._activate_lang("de_DE")
        german = asked.with_context(lang="de_DE").change_text
        self.assertIn("02.03.2026 08:00:09", german)
        self.assertNotIn("2026-03-02", german)

    def test_whoever_has_no_login_is_told_at_their_own_address(self):
        """A05, RV6. Red when only logins hear what became of their days."""
        self.employee.write({"user_id": False, "work_email": "ana@home.example"})
        asked = self.ask(self.hal)
        told = self.mailed(lambda: asked.with_user(self.ida).approve())
        self.assertIn(WHY, told["ana@home.example"])


@tagged("post_install", "-at_install", "biometric_review")
class TestAttestationWords(AttestationCase):
    def mail_to(self, address):
        return self.env["mail.mail"].search([("email_to", "=", address)], limit=1)

    def test_a_question_says_until_when_by_the_persons_clock_and_names_it(self):
        """RV7. Red when the mail leaves the zone out; the screen of the person does."""
        self.worked()
        self.question(hours=5)
        with patch.object(Datetime, "now", lambda: datetime(2026, 3, 3, 8, 30)):
            self.ask_all()
        row = self.one()
        self.assertEqual(plain(row._shown()[0]["until"]), "03/03/2026 9:30 PM")
        body = plain(self.mail_to("ana@example.com").body_html)
        self.assertIn("before 03/03/2026 9:30 PM (Asia/Manila)", body)

    def test_whoever_has_no_login_is_asked_by_the_page_behind_a_link(self):
        """RV7. Red when a mail leads somebody without a login to a screen that needs one."""
        self.employee.write({"user_id": False, "work_email": "ana@home.example"})
        self.worked()
        self.question()
        self.ask_all()
        body = self.mail_to("ana@home.example").body_html
        self.assertIn(MEAL, body)
        self.assertIn("/biometric_attendance/my/", body)
        self.assertNotIn("/odoo/", body)
        self.assertIn("asks for the number that HR gave you", body)
