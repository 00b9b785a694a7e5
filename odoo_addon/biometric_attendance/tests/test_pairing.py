"""Pairing over real HTTP: codes, wrong tries, lost answers, and the administrator's yes."""

import base64
import hashlib
import json
from unittest.mock import patch

from odoo.fields import Datetime
from odoo.tests import HttpCase, tagged

from ..contract import chain
from ..models.agent import biometric_pairing
from .common import AddonCase, Lane, Signer


@tagged("post_install", "-at_install")
class TestPairing(HttpCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls.env["biometric.agent"].create({"name": "Branch"})
        cls.signer = Signer(bytes(range(32)))
        cls.key = cls.signer.public

    def pair(self, code, signer=None, **change):
        signer = signer or self.signer
        body = {
            "version": 1,
            "code": code,
            "public_key": signer.public,
            "host": {"name": "pi-cebu", "os": "linux", "arch": "arm64", "agent_version": "1"},
            "can": ["signed_pairing", "signed_batches"],
            "signature": signer.sign("v1", "pair", code.replace("-", "").strip().upper()),
        }
        body |= change
        return self.post("pair", {name: value for name, value in body.items() if value is not None})

    def pair_with(self, change):
        host = {"name": "pi"}
        body = {"version": 1, "code": "BBBBBBBB", "public_key": self.key, "host": host}
        return self.post("pair", body | change)

    def code(self):
        code = self.env["biometric.pairing"]._open(self.agent)
        self.env.flush_all()
        return code

    def test_pairing_then_the_administrators_yes(self):
        code = self.code()
        answer = self.pair(f" {code[:4].lower()}-{code[4:].lower()} ")
        self.assertEqual(answer.status_code, 200, answer.text)
        said = answer.json()
        expected = hashlib.sha256(base64.b64decode(self.key)).hexdigest()[:16]
        self.assertEqual(said["fingerprint"].replace(" ", ""), expected)
        self.assertEqual((said["agent_id"], said["state"]), (self.agent.id, "waiting"))
        self.assertEqual(said["company"], self.env.company.name)
        self.assertEqual((self.agent.state, self.agent.host_name), ("waiting", "pi-cebu"))
        self.agent.action_approve()
        self.env.flush_all()
        answer = self.post("sync", {"version": 1}, said["token"])
        self.assertEqual(answer.json()["state"], "active")

    def test_a_lost_answer_costs_nothing(self):
        """C03. Red when the second call is refused, or leaves the first token alive."""
        code = self.code()
        first = self.pair(code).json()["token"]
        second = self.pair(code).json()["token"]
        self.assertNotEqual(first, second)
        self.assertEqual(self.post("sync", {"version": 1}, first).status_code, 401)
        self.assertEqual(self.post("sync", {"version": 1}, second).status_code, 200)
        self.agent.action_approve()
        self.env.flush_all()
        third = self.pair(code).json()
        self.assertEqual(third["state"], "active", "the yes outlives a repeated call")

    def test_a_used_code_is_dead_for_another_key(self):
        """C02. Red when a code can be used by a second machine."""
        code = self.code()
        self.assertEqual(self.pair(code).status_code, 200)
        answer = self.pair(code, Signer())
        self.assertEqual((answer.status_code, answer.json()["error"]), (403, "bad_code"))

    def test_a_public_key_alone_gets_nothing(self):
        """S54. Whoever reads the code and knows the agent's public key is not that agent, neither
        first nor after it. Red when the signature of a pairing is not asked for or not checked."""
        code = self.code()
        stranger = Signer()
        forged = stranger.sign("v1", "pair", code)
        other_code = self.signer.sign("v1", "pair", "BBBBBBBB")
        for step in ("open", "used"):
            with self.subTest(step):
                answer = self.pair(code, signature=None, can=None)
                self.assertEqual(
                    (answer.status_code, answer.json()["error"]), (409, "update_agent")
                )
                self.assertIn("update the agent's program", answer.json()["message"])
                for signature in (forged, other_code):
                    answer = self.pair(code, signature=signature)
                    self.assertEqual(
                        (answer.status_code, answer.json()["error"]), (403, "bad_code")
                    )
            self.env["biometric.pairing.try"].search([]).unlink()
            self.env.flush_all()
            if step == "open":
                self.assertEqual(self.agent.state, "new")
                self.assertEqual(self.pair(code).status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(self.agent.public_key, self.key)

    def test_one_that_signs_is_bound_from_its_pairing(self):
        """A40. Red when a token stolen before the first batch can still deliver unsigned."""
        said = self.pair(self.code()).json()
        self.assertIn("signed_batches", said["can"])
        self.env.invalidate_all()
        self.assertTrue(self.agent.batches_signed_since)
        self.agent.action_approve()
        self.env.flush_all()
        lane = Lane()
        answer = self.post("punches", lane.batch(lane.punch()), said["token"])
        self.assertEqual((answer.status_code, answer.json()["error"]), (403, "unsigned_batch"))

    def test_five_wrong_tries_void_the_code(self):
        """C02. Red when tries are not counted per code, or a failed request rolls them back."""
        code = self.code()
        wrong = code[:7] + ("B" if code[7] != "B" else "C")
        for _n in range(5):
            self.env["biometric.pairing.try"].search([]).unlink()
            self.env.flush_all()
            self.assertEqual(self.pair(wrong).json()["error"], "bad_code")
        self.env["biometric.pairing.try"].search([]).unlink()
        self.env.flush_all()
        self.assertEqual(self.pair(code).json()["error"], "bad_code")
        self.assertEqual(self.agent.state, "new")

    def test_guessing_is_slowed_down_per_address(self):
        """C02. Red when tries are counted per code only."""
        for _n in range(5):
            self.assertEqual(self.pair("BBBBBBBB").json()["error"], "bad_code")
        answer = self.pair("BBBBBBBB")
        self.assertEqual((answer.status_code, answer.json()["error"]), (429, "slow_down"))
        self.assertEqual(answer.headers["Retry-After"], "900")

    def test_s62_a_guesser_does_not_lock_out_who_shares_its_address(self):
        """S62. Red when wrong tries are counted per address alone: one guesser, or a few slips of
        the pen, would keep every branch of a company from pairing for 15 minutes."""
        code = self.code()
        for guess in ("BBBBBBBB", "", "x" * 64, "CCCCCCCC", "ÄÖÜ", "DDDDDDDD", "FFFFFFFF"):
            if guess[:3] != code[:3]:
                self.assertEqual(self.pair(guess).status_code, 403)
        self.assertEqual(self.pair(code).status_code, 200)

    def test_s63_open_and_absent_codes_cost_the_same(self):
        """S63. Red when the slow digest, or a statement, is left out where no code is open: the
        time of an answer would tell where guessing is worth it."""
        code = self.code()
        wrong = code[:7] + ("B" if code[7] != "B" else "C")
        absent = ("B" if code[0] != "B" else "C") + code[1:]
        costs = []
        # Once before: what Odoo remembers from then on is not the code's.
        for guess in (absent, wrong, absent):
            body = {"version": 1, "code": guess, "public_key": self.key, "host": {}}
            body["signature"] = self.signer.sign("v1", "pair", guess)
            before = self.env.cr.sql_log_count
            with patch.object(chain, "slow_digest", wraps=chain.slow_digest) as slow:
                answer = self.env["biometric.pairing"]._pair(body, "192.0.2.7")
            self.env.flush_all()
            self.assertEqual(answer["error"]["code"], "bad_code")
            costs.append((slow.call_count, self.env.cr.sql_log_count - before))
        self.assertEqual(costs[1], costs[2])
        self.assertEqual(costs[1][0], 1)

    def test_s64_wrong_tries_are_bounded(self):
        """S64. Red when a guesser from many addresses fills the table."""
        tries = self.env["biometric.pairing.try"]
        with patch.object(biometric_pairing, "MAX_REMEMBERED", 7):
            for n in range(20):
                tries._count(f"192.0.2.{n}", "BBBBBBBB")
        self.assertEqual(tries.search_count([]), 7)

    def test_codes_expire_and_newer_ones_void_older_ones(self):
        """C02. Red when expires_at is not looked at."""
        old, code = self.code(), self.code()
        self.assertEqual(self.pair(old).json()["error"], "bad_code")
        rows = self.env["biometric.pairing"].search([("state", "=", "open")])
        self.assertEqual(len(rows), 1)
        rows.expires_at = Datetime.subtract(Datetime.now(), seconds=1)
        self.env.flush_all()
        self.assertEqual(self.pair(code).json()["error"], "bad_code")

    def test_bad_input(self):
        for change in (
            {"public_key": "x"},
            {"public_key": "AAAA"},
            {"code": 5},
            {"host": []},
            {"code": "x" * 65},
            {"host": {"name": 5}},
            {"version": 3},
        ):
            with self.subTest(str(change)[:40]):
                answer = self.pair_with(change)
                self.assertEqual((answer.status_code, answer.json()["error"]), (400, "bad_request"))

    def test_the_line_and_the_file_say_the_same(self):
        action = self.agent.action_pairing_code()
        shown = action["context"]
        link = shown["default_file_link"]
        content = json.loads(base64.b64decode(link.split("base64,")[1].split(chr(34))[0]))
        self.assertEqual(
            shown["default_line"],
            f"biometric-agent pair {content['url']} {content['code']} "
            f"--database {self.env.cr.dbname}",
        )
        self.assertEqual(self.pair(content["code"]).status_code, 200)
        wizard = self.env["biometric.pairing.show"].with_context(**shown).create({})
        self.env.cr.execute(
            "SELECT to_jsonb(w)::text FROM biometric_pairing_show w WHERE id = %s", (wizard.id,)
        )
        self.assertNotIn(content["code"], self.env.cr.fetchone()[0])

    def test_only_administrators_pair_and_approve(self):
        officer = self.env["res.users"].create(
            {
                "name": "Officer",
                "login": "bio-officer",
                "group_ids": [
                    (6, 0, [self.env.ref("biometric_attendance.group_payroll_officer").id])
                ],
            }
        )
        for button in ("action_pairing_code", "action_approve", "action_revoke", "action_rotate"):
            with self.subTest(button), self.assertRaises(Exception) as caught:
                getattr(self.agent.with_user(officer), button)()
            self.assertEqual(type(caught.exception).__name__, "AccessError")
