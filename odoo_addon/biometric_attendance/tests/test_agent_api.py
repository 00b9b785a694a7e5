"""The routes, over real HTTP, with good and bad input."""

from odoo.tests import HttpCase, tagged

from .common import AddonCase, Lane


@tagged("post_install", "-at_install")
class TestAgentApi(HttpCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)

    def test_a_batch_is_stored_and_receipted(self):
        lane = Lane()
        body = lane.batch(lane.punch(), lane.punch(wall="2026-03-02 17:00:00"))
        answer = self.post("punches", body, self.token)
        self.assertEqual(answer.status_code, 200, answer.text)
        receipt = answer.json()
        self.assertEqual(receipt["batch_id"], body["batch_id"])
        self.assertEqual(receipt["head"], {"seq": 2, "hash": lane.hash})
        self.assertEqual([row["verdict"] for row in receipt["verdicts"]], ["stored", "stored"])

    def test_no_token_is_401_in_json(self):
        for token in (None, "wrong", "x" * 10000, "é"):
            headers = {"Authorization": f"Bearer {token}".encode()} if token else None
            answer = self.post("punches", {}, headers=headers)
            self.assertEqual(answer.status_code, 401)
            self.assertEqual(answer.json()["error"], "unauthorized")
