"""What proves something and is no batch, under the agent's signature, over real HTTP."""

import json

from odoo.tests import HttpCase, tagged

from ..contract import chain
from ..contract.signature import is_signed
from .common import AddonCase, Lane, Signer, digest
from .test_contract import example

RUN = {
    "id": "5f0c9d3e-4a55-4d7e-9b06-7c1d8f0a2b11",
    "serial": "SN1",
    "channel": "poll",
    "asked_by": "schedule",
    "read": 0,
    "device_count": 0,
    "started_at": "2026-03-02T08:00:00.000Z",
    "ended_at": "2026-03-02T08:00:05.000Z",
    "outcome": "complete",
}


@tagged("post_install", "-at_install")
class TestSignedRequests(HttpCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.token = cls.make_agent()
        cls.signer = Signer()
        cls.agent.public_key = cls.signer.public
        cls.device = cls.make_device(cls.agent, "SN1")

    def send(self, route, body, signer=None, sealed=None):
        """(status, answer); signed by `signer` over `sealed`, or over what is sent."""
        self.env.flush_all()
        raw = json.dumps({"version": 1, **body}).encode()
        headers = {}
        if signer:
            over = digest((sealed or raw).decode())
            headers["Biometric-Signature"] = signer.sign("v1", "request", route, over)
        answer = self.post(route, None, self.token, headers, raw)
        self.env.invalidate_all()
        return answer.status_code, answer.json()

    def sync(self, uuid_end, signer=None, sealed=None):
        """Runs that Odoo acknowledges, of one that is told."""
        run = {**RUN, "id": RUN["id"][:-2] + uuid_end}
        heard = {"serial": "SN1", "state": "heard", "last_heard_at": "2026-03-02T08:00:00.000Z"}
        body = {"runs": [run], "devices": [heard], "unknown": [{"serial": f"X{uuid_end}"}]}
        status, answer = self.send("sync", body, signer, sealed)
        self.assertEqual(status, 200)
        self.assertEqual(answer["state"], "active")
        return answer["runs_known"]

    def runs(self):
        return self.env["biometric.run"].search_count([("device_id", "=", self.device.id)])

    def alarms(self):
        return sorted(self.agent.alarm_ids.mapped("kind"))

    def test_a73_a_stolen_token_proves_nothing(self):
        """A73. Turns red when a run, a device or a terminal that knocks is taken from a sync that
        is not signed, signed by another key or over another body, once the agent has signed; when
        no alarm tells of it; or when a new token is handed out."""
        self.assertEqual(len(self.sync("01", self.signer)), 1)
        self.assertTrue(self.agent.requests_signed_since)
        entry = self.env["biometric.audit"].search([("action", "=", "agent.change")], limit=1)
        self.assertIn("requests_signed_since", json.loads(entry.after))
        self.assertEqual(entry.reason, "first signed request")
        self.agent.rotate_wanted = True
        for number, (signer, sealed) in enumerate(
            ((None, None), (Signer(), None), (self.signer, b"{}")), start=10
        ):
            self.assertEqual(self.sync(str(number), signer, sealed), [])
        self.assertEqual(self.runs(), 1)
        devices = self.env["biometric.device"].with_context(active_test=False)
        self.assertFalse(devices.search([("serial", "in", ["X10", "X11", "X12"])]))
        self.assertEqual(self.alarms(), ["bad_request", "unsigned_request"])
        status, answer = self.send("sync", {}, None)
        self.assertEqual((status, answer["new_token"]), (200, None))
        users = {"serial": "SN1", "complete": True, "users": [{"pin": "66", "name": "Eve"}]}
        for signer in (None, Signer()):
            status, answer = self.send("users", users, signer)
            self.assertEqual((status, answer["error"]), (403, "unsigned_request"))
        pins = self.env["biometric.device.user"]
        self.assertFalse(pins.search([("pin", "=", "66")]))
        self.assertEqual(self.send("users", users, self.signer)[0], 200)
        self.assertTrue(pins.search([("pin", "=", "66")]))
        self.assertEqual(len(self.sync("10", self.signer)), 1)
        self.assertEqual(self.runs(), 2)

    def test_a73_an_agent_of_the_version_before_is_taken_and_shown(self):
        """A73 C10. Turns red when what an agent says that never signed a request counts for
        nothing, or when a stranger's signature binds it."""
        self.assertEqual(len(self.sync("01")), 1)
        self.assertFalse(self.agent.requests_signed_since)
        self.assertEqual(self.sync("02", Signer()), [])
        self.assertFalse(self.agent.requests_signed_since)
        not_signed = [("state", "=", "active"), ("requests_signed_since", "=", False)]
        self.assertIn(self.agent, self.env["biometric.agent"].search(not_signed))
        self.assertEqual(self.alarms(), ["bad_request"])

    def test_a73_what_has_its_own_signature_counts_all_the_same(self):
        """A73. Turns red when a lane's head under its own signature is lost with the rest."""
        lane = Lane()
        self.store(self.agent, lane, lane.punch(serial="SN1"))
        self.sync("01", self.signer)
        head = {"id": lane.lane, "seq": lane.seq, "hash": lane.hash}
        head["signature"] = self.signer.sign("v1", "head", lane.lane, str(lane.seq), lane.hash)
        self.send("sync", {"lane": head})
        self.assertTrue(self.env["biometric.lane.head"].search([("lane_id.lane", "=", lane.lane)]))

    def test_a73_the_example_of_the_contract(self):
        """A73. Turns red when the text that is signed is not that of the page."""
        said, key = example("steps.json")["request"], example("export.json")["public_key"]
        text = chain.request_text(said["route"], said["body"].encode())
        self.assertTrue(is_signed(key, said["signature"], text))
