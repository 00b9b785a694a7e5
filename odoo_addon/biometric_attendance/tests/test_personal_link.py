"""People without a login: a link, a number, and nothing but their own."""

import base64
import re

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .review_case import ReviewCase, plain
from .test_day import MONDAY


@tagged("post_install", "-at_install", "biometric_review")
class TestPersonalLink(ReviewCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.today = self.env.company._biometric_today()
        self.device.complete_until = f"{self.today} 00:00:00"
        self.employee.user_id = False
        self.other = self.make_employee("Ben Cruz", "8")
        for pin in ("7", "8"):
            self.punch_in(f"{self.day_ago(3)} 08:00:00", pin=pin, lane=self.lane)
        self.rebuild()
        self.link, self.token = (
            self.env["biometric.personal.link"]
            .with_user(self.hal)
            ._issue(self.employee, "4711", 30)
        )
        self.path = f"/biometric_attendance/my/{self.token}"
        self.authenticate(None, None)

    def day_ago(self, days):
        return str(Datetime.subtract(Datetime.to_datetime(str(self.today)), days=days).date())

    def send(self, **values):
        """The page after a form was sent, as a browser does."""
        page = self.url_open(self.path)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        return self.url_open(self.path, data={"csrf_token": token, **values})

    def test_a_number_opens_own_days_and_nothing_else(self):
        """Red when the link alone opens anything, somebody else's day shows, or the page may be
        kept."""
        page = self.url_open(self.path)
        self.assertNotIn("Ana Reyes", page.text)
        self.assertIn("Your number", page.text)
        for header, words in (("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")):
            self.assertIn(words, page.headers[header])
        page = self.send(number="4711")
        self.assertIn("Ana Reyes", page.text)
        self.assertIn("Missing check-out", page.text)
        self.assertNotIn("Ben Cruz", page.text)
        stored = self.link.sudo()
        self.assertNotIn(self.token, (stored.token_hash, stored.number_hash))

    def test_five_wrong_numbers_close_it(self):
        """Red when somebody may go on guessing."""
        for number in ("1", "2", "3", "4"):
            self.assertIn("Wrong number", self.send(number=number).text)
        self.assertIn("Ana Reyes", self.send(number="4711").text)
        self.assertEqual(self.link.sudo().tries, 0, "the right one begins to count anew")
        self.authenticate(None, None)
        for number in ("1", "2", "3", "4"):
            self.assertIn("Wrong number", self.send(number=number).text)
        self.send(number="5")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(self.path).status_code, 404)
        self.assertFalse(self.link.sudo()._works())
        entries = self.env["biometric.audit"].search([("model", "=", self.link._name)])
        self.assertEqual(set(entries.mapped("action")), {"link.issue", "link.close"})

    def test_s74_what_opens_it_is_readable_by_no_group(self):
        """S74. Red when an officer reads salt and hash, where four digits are found in seconds, on
        the screen, by a search, in an export or in the person's own data."""
        secret = ("token_hash", "number_salt", "number_hash")
        for user in (self.hal, self.make_user("aud", "auditor")):
            link = self.link.with_user(user)
            self.assertFalse({*secret} & {*link.fields_get()})
            for name in secret:
                with self.assertRaises(AccessError):
                    link.read([name])
                with self.assertRaises(AccessError):
                    link.search([(name, "=like", "a%")])
            answer = self.env["biometric.person.export"].with_user(user)._readable(link.sudo())
            self.assertFalse({*secret} & {*answer})

    def test_it_ends_with_time_employment_or_a_click(self):
        """Red when an old link, one of somebody who left, or one that was closed still opens."""
        links = self.env["biometric.personal.link"].sudo()
        self.assertTrue(links._of_token(self.token))
        self.assertFalse(links._of_token(self.token + "x"))
        self.link.sudo().expires_at = Datetime.subtract(Datetime.now(), hours=1)
        self.assertFalse(links._of_token(self.token))
        self.link.sudo().expires_at = Datetime.add(Datetime.now(), hours=1)
        self.employee.active = False
        self.assertFalse(links._of_token(self.token))
        self.employee.active = True
        self.employee.departure_date = self.day_ago(1)
        self.assertFalse(links._of_token(self.token), "who left yesterday")
        self.employee.departure_date = self.today
        self.assertTrue(links._of_token(self.token), "on the last day it still works")
        self.link.with_user(self.hal).action_close()
        self.assertFalse(links._of_token(self.token))

    def test_own_punches_how_a_day_came_about_and_a_proposed_time(self):
        """Red when whoever has no login sees less of a day than in My time, another's punch, or
        has to find the time of a forgotten punch alone."""
        for ago in range(4, 32):
            for pin in ("7", "8"):
                walls = (f"{self.day_ago(ago)} 07:58:11", f"{self.day_ago(ago)} 17:02:00")
                self.punch_in(*walls, pin=pin, lane=self.lane)
        self.punch_in(f"{self.day_ago(2)} 06:13:13", pin="8", lane=self.lane)
        self.rebuild()
        self.env.flush_all()
        page = plain(self.send(number="4711").text)
        self.assertIn("07:58:11", page)
        self.assertIn("Present from 7:58 AM to 5:02 PM: 9:04.", page)
        self.assertNotIn("06:13:13", page)
        self.assertRegex(page, r"I forgot to punch out\s+\(about 5:02 PM\?\)")
        self.assertIn('value="17:02"', page)
        day = self.day_ago(3)
        asked = {"kind": "add_punch", "date": day, "direction": "out", "clock": "01:30"}
        self.send(**asked, next_day="1", reason_text="the late shift ended after midnight")
        row = self.env["biometric.adjustment"].search([("employee_id", "=", self.employee.id)])
        self.assertEqual((row.direction, row.at.hour), ("out", 17))
        self.assertEqual(str(row.at.date()), day, "half past one of the date after, in Manila")
        self.assertNotIn("I forgot to punch out", self.url_open(self.path).text)

    def test_a_request_and_an_answer_by_link(self):
        """Red when a request by link counts by itself, is not told as one, or a stranger's change
        can be answered."""
        self.send(number="4711")
        day = self.day_ago(3)
        page = self.send(
            kind="add_punch", date=day, clock="17:05", reason_text="forgot it, ask the guard"
        )
        self.assertIn("Your request was submitted", page.text)
        asked = self.env["biometric.adjustment"].search([("employee_id", "=", self.employee.id)])
        self.assertEqual((asked.state, asked.by_link), ("submitted", True))
        self.assertEqual(self.numbers(day)[0], "incomplete")
        asked.with_user(self.mia).approve()
        self.env.flush_all()
        page = self.send(adjustment=str(asked.id), answer="agree")
        self.assertIn("Your answer has been recorded", page.text)
        step = asked.sudo().step_ids.filtered(lambda one: one.action == "agree")
        self.assertTrue(step.by_link)
        theirs = self.ask(self.hal, employee=self.other, date=day, clock="17:00")
        theirs.with_user(self.ida).approve()
        self.env.flush_all()
        page = self.send(adjustment=str(theirs.id), answer="agree")
        self.assertIn("nothing to answer", page.text)

    def test_an_own_open_request_is_taken_back(self):
        """Red when whoever has no login cannot take a request back, may take back what is decided
        or what somebody else asked for, or it reads as if somebody had rejected it."""
        day = self.day_ago(3)
        values = {"kind": "add_punch", "date": day, "clock": "17:05"}
        self.send(number="4711")
        page = self.send(**values, reason_text="forgot it, ask the guard")
        own = self.env["biometric.adjustment"].search([("employee_id", "=", self.employee.id)])
        self.assertEqual(self.offered(page), [own.id])
        of_hr = self.ask(self.hal, date=day, clock="17:20")
        theirs = self.ask(self.hal, employee=self.other, date=day, clock="17:00")
        self.env.flush_all()
        for one in (of_hr, theirs):
            page = self.send(withdraw=str(one.id))
            self.assertIn("Only your own open requests can be withdrawn.", page.text)
            self.assertEqual(self.offered(page), [own.id])
        self.assertEqual({of_hr.state, theirs.state, own.state}, {"submitted"})
        page = self.send(withdraw=str(own.id))
        self.assertIn("Your request was withdrawn.", page.text)
        self.assertEqual(self.offered(page), [])
        said = plain(page.text).split("Requests and changes")[1]
        self.assertIn("Withdrawn", said)
        self.assertNotIn("Rejected", said)
        self.env.invalidate_all()
        step = own.sudo().step_ids[:1]
        self.assertEqual((own.state, step.action, step.by_link), ("rejected", "withdraw", True))
        self.assertTrue(
            self.env["biometric.audit"].search(
                [("action", "=", "adjustment.withdraw"), ("res_id", "=", own.id)]
            )
        )
        page = self.send(withdraw=str(own.id))
        self.assertIn("Only your own open requests can be withdrawn.", page.text)
        self.send(**values, reason_text="forgot it, ask the guard")
        again = own.search([("by_link", "=", True), ("state", "=", "submitted")])
        again.with_user(self.mia).approve()
        self.env.flush_all()
        page = self.send(withdraw=str(again.id))
        self.assertIn("Only your own open requests can be withdrawn.", page.text)
        self.assertEqual(again.state, "approved")

    @staticmethod
    def offered(page):
        """The requests that a page offers to take back."""
        return [int(one) for one in re.findall(r'name="withdraw"[^>]* value="(\d+)"', page.text)]

    def test_nothing_is_taken_back_without_the_number(self):
        """Red when the link alone takes a request back."""
        values = {"kind": "add_punch", "date": self.day_ago(3), "clock": "17:05"}
        self.send(number="4711")
        self.send(**values, reason_text="forgot it, ask the guard")
        own = self.env["biometric.adjustment"].search([("employee_id", "=", self.employee.id)])
        self.authenticate(None, None)
        page = self.send(withdraw=str(own.id))
        self.assertIn("Your number", page.text)
        self.assertEqual(own.state, "submitted")

    def test_what_stands_on_the_time_accounts(self):
        """Red when whoever has no login cannot see the balance that *My time* shows, or sees
        another's."""
        page = self.send(number="4711")
        self.assertNotIn("Compensatory time", page.text)
        self.opened(self.employee, "10:15")
        self.opened(self.other, "3:30")
        page = plain(self.url_open(self.path).text)
        self.assertRegex(page, "Compensatory time: *<strong>10 h 15 min</strong>")
        self.assertNotIn("3 h 30 min", page)

    def opened(self, employee, hours):
        """An account of somebody with what they brought along."""
        self.env.company.sudo().biometric_cto_from = self.day_ago(60)
        text = f"employee,hours\n{employee.name},{hours}\n"
        data = base64.b64encode(text.encode())
        values = {"data": data, "file_name": "b.csv", "on": self.day_ago(60)}
        wizard = self.env["biometric.cto.import"].with_user(self.hal).create(values)
        wizard.action_try()
        wizard.action_import()
        self.env.flush_all()

    def test_rc16_consent_by_link(self):
        """RC16. Red when it does not say that it came by link, a text is agreed to that was not
        shown, or the number is not asked for first."""
        consent = self.env["biometric.consent"]
        texts = self.env["biometric.consent.text"].with_user(self.hal)
        text = texts.create({"name": "Fingers", "text": "One finger, at the entrance."})
        self.assertNotIn("One finger", self.send(consent="given", text_id=str(text.id)).text)
        self.assertFalse(consent._of(self.employee))
        page = self.send(number="4711")
        self.assertIn("One finger, at the entrance.", page.text)
        self.assertNotIn("Withdraw", page.text)
        page = self.send(consent="no_biometrics", text_id=str(text.id))
        self.assertNotIn("Card or PIN instead", page.text)
        page = self.send(consent="given", text_id=str(text.id))
        self.assertIn("Your answer has been recorded", page.text)
        row = consent._of(self.employee)
        self.assertEqual((row.verdict, row.by_link, row.text), ("given", True, text.text))
        newer = texts.create({"name": "Fingers", "text": "Two fingers."})
        self.env.flush_all()
        self.assertIn("There is a newer text", self.url_open(self.path).text)
        self.send(consent="withdrawn")
        row = consent._of(self.employee)
        self.assertEqual((row.verdict, row.by_link), ("withdrawn", True))
        page = self.send(consent="given", text_id=str(text.id))
        self.assertIn("The text has been changed in the meantime", page.text)
        for odd in ("", "x", str(newer.id + 1)):
            page = self.send(consent="given", text_id=odd)
            self.assertIn("The text has been changed in the meantime", page.text)
        page = self.send(consent="anything", text_id=str(newer.id))
        self.assertIn("Enter whether the person agrees", page.text)
        self.assertFalse(consent._of(self.other))

    def test_what_a_link_does_not_ask(self):
        """Red when a link reaches back further, or asks for what HR alone may."""
        self.send(number="4711")
        for values, words in (
            ({"kind": "set_minutes", "date": self.day_ago(3)}, "Enter what is to be changed"),
            ({"kind": "excuse_late", "date": str(MONDAY)}, "last two months"),
            ({"kind": "add_punch", "date": self.day_ago(3), "clock": "25:00"}, "Enter the time"),
        ):
            self.assertIn(words, self.send(**values, reason_text="because of the bus").text)
        self.assertFalse(self.env["biometric.adjustment"].search([("by_link", "=", True)]))

    def test_who_gives_links_out(self):
        """Red when somebody but HR does, or a number that explains nothing is taken."""
        links = self.env["biometric.personal.link"]
        with self.assertRaisesRegex(AccessError, "Only HR officers"):
            links.with_user(self.mia)._issue(self.employee, "4711", 30)
        for number in ("", "12", "123456789", "abcd"):
            with self.assertRaisesRegex(UserError, "4 to 8 digits"):
                links.with_user(self.hal)._issue(self.employee, number, 30)
        dialog = self.env["biometric.personal.link.issue"].with_user(self.hal)
        one = dialog.create({"employee_id": self.employee.id, "number": "4712", "by_mail": False})
        one.action_issue()
        self.assertIn("/biometric_attendance/my/", one.url)
        self.assertTrue(one.qr)
        self.assertFalse(self.link.sudo()._works(), "a new link closes the one before")
