"""Over HTTP: the sign-up form and its mailed link, `gone` to an agent, status page, statements."""

import re

from odoo import fields
from odoo.tests import HttpCase, freeze_time, tagged

from odoo.addons.biometric_attendance.controllers import share
from odoo.addons.biometric_attendance.controllers.share import SHARES

from ..models import biometric_service_request
from ..models.biometric_service_request import LONGEST_NAME, MOST_FROM_ONE, MOST_TO_ONE
from .common import GIVEN, ServiceCase

PASSWORD = "correct horse battery"


@tagged("post_install", "-at_install")
class TestServicePages(ServiceCase, HttpCase):
    def form(self, **given):
        page = self.url_open("/biometric/sign-up")
        self.assertEqual(page.status_code, 200)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        return self.url_open("/biometric/sign-up", data={**GIVEN, **given, "csrf_token": token})

    def link(self, email=GIVEN["email"]):
        mail = self.env["mail.mail"].search([("email_to", "=", email)], order="id desc", limit=1)
        found = re.search(r"/biometric/sign-up/[\w-]+", str(mail.body_html))
        return found and found[0]

    def choose(self, link, password):
        page = self.url_open(link)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        return self.url_open(link, data={"password": password, "csrf_token": token})

    def test_the_certificate_s_file_is_what_was_summed(self):
        """Red when the file of a deletion's certificate is not the text whose SHA-256 was recorded,
        or somebody other than the provider fetches it."""
        tenant, other = self.sign_up(), self.sign_up(company="B", owner="O", email="o@b.example")
        other.owner_id.password = PASSWORD
        told = {"company": "Ä & Co", "rows": {"biometric_punch": 3, "res_company": 1}}
        deletion = self.env["biometric.service.deletion"].create(
            {"tenant_id": tenant.id, "stopped_at": fields.Datetime.now(), "certificate": told}
        )
        path = deletion.action_download_certificate()["url"]
        self.authenticate(self.staff[0].login, self.staff[0].login)
        text = deletion._written(told)
        answer = self.url_open(path)
        self.assertEqual((answer.status_code, answer.content), (200, text.encode()))
        self.assertIn("application/json", answer.headers["Content-Type"])
        self.assertEqual(self.url_open(path.replace(".json", "9.json")).status_code, 404)
        self.authenticate("o@b.example", PASSWORD)
        self.assertEqual(self.url_open(path).status_code, 403)

    def test_a_customer_begins_by_the_form(self):
        """Red when a company is made before the address is proven, a link works twice or too late,
        or what the page says does not work."""
        companies = self.env["res.company"].search_count([])
        self.assertIn("Check your mailbox", self.form(plan=self.plans["three"].id).text)
        self.assertEqual(self.env["res.company"].search_count([]), companies)
        link = self.link()
        self.assertIn("at least 10 characters", self.choose(link, "short").text)
        self.assertEqual(self.url_open(f"{link}x").status_code, 404)
        request = self.env["biometric.service.request"].search([])
        self.assertNotIn(link.rsplit("/", 1)[1], str(request.read()))
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), hours=25)):
            self.assertFalse(request._of_token(link.rsplit("/", 1)[1]))
        begun = self.choose(link, PASSWORD)
        self.assertIn("You can start", begun.text)
        tenant = self.tenants.search([("name", "=", GIVEN["company"])])
        self.assertEqual(tenant.plan_id, self.plans["three"])
        code = re.search(r"pair \S+ ([B-Z]{4})-([B-Z]{4}) --database", begun.text)
        pairing = self.env["biometric.pairing"].search([("state", "=", "open")])
        self.assertEqual(pairing.agent_id.company_id, tenant.company_id)
        self.assertEqual(pairing.selector, code[1][:3])
        self.assertEqual(self.url_open(link).status_code, 404, "a link opens once")
        session = self.authenticate(GIVEN["email"], PASSWORD)
        self.assertEqual(session.uid, tenant.owner_id.id)

    def test_the_form_says_what_is_wrong_and_never_who_is_a_customer(self):
        """Red when the form tells whether an address has an account, takes more than five from one
        address, or makes an element of what was typed."""
        self.sign_up()
        self.assertIn("is not an e-mail address", self.form(email="nobody").text)
        self.assertIn("is not a time zone", self.form(email="a@b.example", tz="Mars/Base").text)
        said = self.form(company="<script>alert(1)</script>", tz="x", email="c@b.example").text
        self.assertNotIn("<script>", said)
        known, fresh = self.form(), self.form(email="fresh@kiln.example", company="Kiln Works")
        for answer in (known, fresh):
            self.assertIn("Check your mailbox", answer.text)
        self.assertIsNone(self.link())
        mail = self.env["mail.mail"].search([("email_to", "=", GIVEN["email"])], limit=1)
        self.assertIn("one more step", mail.subject)
        for number in range(MOST_FROM_ONE - 1):
            self.form(email=f"n{number}@kiln.example")
        self.assertIn("Too many sign-ups", self.form(email="last@kiln.example").text)
        answer = self.url_open("/biometric/sign-up", data=GIVEN)
        self.assertEqual(answer.status_code, 400, "without its token the form is refused")

    def test_the_form_names_prices_and_chooses_no_country(self):
        """Red when a plan stands there without its price, or somebody who only types begins with
        the rules of the country that comes first."""
        text = self.url_open("/biometric/sign-up").text.replace("\N{NO-BREAK SPACE}", " ")
        self.assertIn("Ten: $ 49.00 a month, terminals a day: 10, each further $ 5.00", text)
        self.assertIn("Three: $ 19.00 a month, terminals: 3", text)
        for name in ("country", "tz"):
            chosen = re.search(rf'<select id="{name}"[^>]*>\s*<option value=""', text)
            self.assertTrue(chosen, name)

    def test_what_does_not_fit_is_said_of_a_known_address_as_of_any(self):
        """Red when a wrong country, zone or name is told to whoever types an address without an
        account alone: the answer would say which addresses have one."""
        self.sign_up()
        wrong = ({"country": "XX"}, {"tz": "Mars/Base"}, {"owner": ""}, {"company": "http://x.y"})
        for values in wrong:
            said = [self.form(email=one, **values).text for one in (GIVEN["email"], "a@b.example")]
            alert = [re.search(r'role="alert">([^<]+)<', text) for text in said]
            with self.subTest(values):
                self.assertTrue(alert[0] and alert[1], said[0])
                self.assertEqual(alert[0][1], alert[1][1])
        self.assertFalse(self.env["biometric.service.request"].search([]))

    def test_mails_to_one_mailbox_are_limited_whoever_asks(self):
        """Red when the form sends a mailbox, with an account or without, as many mails as somebody
        likes from ever other addresses, or says that it sent none."""
        self.sign_up()
        requests = self.env["biometric.service.request"]
        for email in (GIVEN["email"], "Victim@door.example"):
            for number in range(MOST_FROM_ONE):
                requests._ask({**GIVEN, "email": email}, f"192.0.2.{number}")
            self.assertIn("Check your mailbox", self.form(email=email).text)
            sent = [("email_to", "=", email.lower()), ("subject", "ilike", "one more step")]
            self.assertEqual(self.env["mail.mail"].search_count(sent), MOST_TO_ONE)
            later = fields.Datetime.add(fields.Datetime.now(), hours=25)
            with freeze_time(later):
                requests._ask({**GIVEN, "email": email}, "192.0.2.9")
            self.assertEqual(self.env["mail.mail"].search_count(sent), MOST_TO_ONE + 1)

    def test_sign_ups_of_all_together_have_a_limit(self):
        """Red when a thousand network addresses fill the outgoing mail of a provider."""
        self.patch(biometric_service_request, "MOST", 7)
        requests = self.env["biometric.service.request"]
        for number in range(7):
            requests._ask({**GIVEN, "email": f"m{number}@b.example"}, f"192.0.2.{number}")
        with self.assertRefused("Too many sign-ups just now"):
            requests._ask({**GIVEN, "email": "last@b.example"}, "192.0.2.200")

    def test_only_what_is_offered_can_be_chosen_by_the_form(self):
        """Red when somebody signs up by a number that the form did not offer: a plan made for one
        customer, one that ended, or no number of a plan at all."""
        own = self.plans["ten"].copy({"name": "For a friend", "is_offered": False})
        ended = self.plans["ten"].copy({"name": "Ended", "active": False})
        first = self.env["biometric.service.plan"].search([("is_offered", "=", True)], limit=1)
        requests = self.env["biometric.service.request"]
        for number, named in enumerate((own.id, ended.id, "9" * 60, "\u0663", "x")):
            given = {**GIVEN, "email": f"p{number}@b.example", "company": f"P{number}"}
            requests._ask({**given, "plan": str(named)}, f"192.0.2.{number}")
            tenant, _line = requests.search([], limit=1)._confirm(PASSWORD)
            self.assertEqual(tenant.plan_id, first, named)

    def test_no_message_of_a_stranger_is_mailed(self):
        """Red when the form mails a link or a text of somebody else's to whom they like, or
        refuses a company for the way its name is written."""
        for name in ("company", "owner", "branch"):
            for text in ("See https://evil.example", "WWW.evil.example", "x" * (LONGEST_NAME + 1)):
                with self.subTest((name, text)):
                    self.assertIn("and no link", self.form(**{name: text}).text)
        self.assertFalse(self.env["mail.mail"].search([("email_to", "=", GIVEN["email"])]))
        for name in ("Søn & Co. A/S", "Dr. Web.de", "St. Mary's S/A"):
            self.env["biometric.service.request"]._check_names({**GIVEN, "company": name})

    def test_i10_every_state_over_http(self):
        """I10, C05. Red when a door on the way in asks for a state: an agent of a tenant in any of
        them delivers, syncs and asks what is held."""
        tenant = self.sign_up()
        agent, token = self.branch(tenant)
        lane, today = self.lane(), tenant._today()
        lately, old = (fields.Date.subtract(today, days=days) for days in (2, 400))
        facts = {
            "trial": {},
            "suspended": {"trial_until": old},
            "active": {"ordered_on": old},
            "closing": {"leaving_on": today},
            "past_due": {"leaving_on": False},
        }
        for number, (state, values) in enumerate(facts.items()):
            tenant.write(values)
            if state == "past_due":
                self.patch(type(self.tenants), "_oldest_due", lambda _tenant: lately)
            tenant._go_on()
            rows = lane.punch("SN1", "7", f"2026-03-02 08:0{number}:00")
            with self.subTest(state=state):
                self.assertEqual(tenant.state, state)
                answer = self.post("punches", lane.batch(rows), token)
                verdicts = [one["verdict"] for one in answer.json()["verdicts"]]
                self.assertEqual((answer.status_code, verdicts), (200, ["stored"]))
                asked = {"version": 1, "serial": "SN1", "keys": ["0" * 64]}
                for path, body in (("sync", {"version": 1}), ("confirm", asked)):
                    answer = self.post(path, body, token)
                    self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(agent.state, "active")

    def test_p23_no_state_has_a_part_in_who_waits(self):
        """P23, I10. Red when a tenant in arrears is asked to come later where one that paid is not,
        when what was asked to wait is lost, or somebody is refused for good."""
        self.patch(share, "is_counted", lambda: True)
        self.addCleanup(SHARES._forget)
        clock, store = [1000.0], type(self.env["biometric.ingest"])._store_batch
        self.patch(SHARES, "_clock", lambda: clock[0])

        def slow(model, *given):
            clock[0] += 1.5
            return store(model, *given)

        self.patch(type(self.env["biometric.ingest"]), "_store_batch", slow)
        _agent, near = self.branch(self.sign_up(company="Near", email="near@kiln.example"), ["N"])
        neighbour, asked = self.lane("f"), {}
        old = fields.Date.subtract(fields.Date.today(), days=400)
        for number, values in enumerate(({"ordered_on": old}, {"trial_until": old})):
            tenant = self.sign_up(company=f"T{number}", email=f"t{number}@kiln.example")
            _agent, token = self.branch(tenant, [f"SN{number}"])
            tenant.write(values)
            tenant._go_on()
            SHARES._forget()
            self.post("punches", neighbour.batch(neighbour.punch("N", "1")), near)
            asked[tenant.state] = self.waits(self.lane("ab"[number]), f"SN{number}", token, clock)
        self.assertEqual(set(asked), {"suspended", "active"})
        self.assertEqual(asked["suspended"], asked["active"])
        self.assertGreater(len(asked["active"]), 3)

    def waits(self, lane, serial, token, clock):
        """What an agent is told to wait while it delivers five single punches, one by one."""
        asked = []
        for number in range(5):
            body = lane.batch(lane.punch(serial, "7", f"2026-03-02 08:0{number}:00"))
            answer = self.post("punches", body, token)
            while answer.status_code == 429:
                asked.append(int(answer.headers["Retry-After"]))
                clock[0] += asked[-1]
                answer = self.post("punches", body, token)
            self.assertEqual(answer.json()["head"]["seq"], number + 1)
        return asked

    def test_c17_an_agent_of_a_tenant_that_left_is_told_gone(self):
        """C17. Red when a dead token of a tenant that left looks like any other, when a stranger's
        token is told the same, or when one opens anything."""
        tenant = self.sign_up()
        agent, token = self.branch(tenant)
        lane = self.lane()
        rows = [lane.punch("SN1", "7", f"2026-03-02 08:0{n}:00") for n in range(3)]
        self.assertEqual(self.post("punches", lane.batch(rows[0]), token).status_code, 200)
        tenant.action_leave()
        answer = self.post("punches", lane.batch(rows[1]), token)
        self.assertEqual(answer.status_code, 200, "leaving alone stops nothing")
        self.env["biometric.service.deletion"]._stop_agents(tenant)
        for path in ("punches", "sync", "users", "confirm"):
            answer = self.post(path, lane.batch(rows[2]), token)
            self.assertEqual((answer.status_code, answer.json()["error"]), (403, "gone"))
        for other in ("", "x" * 43, "y" * 500):
            answer = self.post("sync", {}, other)
            self.assertEqual((answer.status_code, answer.json()["error"]), (401, "unauthorized"))
        own = [("company_id", "=", tenant.company_id.id)]
        self.assertEqual(self.env["biometric.punch"].search_count(own), 2)
        tenant.action_stay()
        answer = self.post("punches", lane.batch(rows[2]), token)
        self.assertEqual((answer.status_code, answer.json()["head"]["seq"]), (200, 3))
        self.assertEqual(agent.state, "active")

    def test_the_status_page_and_statements_are_theirs_alone(self):
        """Red when a made-up address opens a page, or a tenant reads another one's statement."""
        tenant = self.sign_up()
        other = self.sign_up(company="Next", email="next@kiln.example")
        page = self.url_open(f"/biometric/status/{tenant.status_token}")
        self.assertIn("Gate", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        for wrong in ("x", tenant.status_token[:-1]):
            self.assertEqual(self.url_open(f"/biometric/status/{wrong}").status_code, 404)
        with freeze_time("2026-02-10 12:00:00"):
            late = self.sign_up(company="Old", email="old@kiln.example")
            late.write({"trial_until": "2026-01-01"})
            late._order_plan(self.plans["ten"])
        with freeze_time("2026-03-05 12:00:00"):
            statement = self.env["biometric.service.statement"]._close_due(late)
        address = f"/biometric_attendance_service/statement/{statement.id}"
        for owner, expected in ((late.owner_id, 200), (other.owner_id, 403)):
            owner.password = PASSWORD
            self.env.flush_all()
            self.authenticate(owner.login, PASSWORD)
            for form in ("json", "csv"):
                answer = self.url_open(f"{address}.{form}")
                self.assertEqual(answer.status_code, expected, answer.text[:200])
        self.assertEqual(self.url_open(f"{address}.pdf").status_code, 404)
