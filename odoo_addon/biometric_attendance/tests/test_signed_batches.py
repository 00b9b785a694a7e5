"""Batches under the agent's signature, over real HTTP: a stolen token stores nothing."""

import json

from odoo.tests import HttpCase, tagged

from ..controllers.load import Load
from .common import AddonCase, Lane, Signer
from .test_contract import example


@tagged("post_install", "-at_install")
class TestSignedBatches(HttpCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.token = cls.make_agent()
        cls.signer = Signer()
        cls.agent.public_key = cls.signer.public
        cls.device = cls.make_device(cls.agent)

    def setUp(self):
        super().setUp()
        self.lane = Lane()

    def send(self, body):
        """(status, error code or verdicts) of a batch."""
        self.env.flush_all()
        answer = self.post("punches", body, self.token)
        self.env.invalidate_all()
        said = answer.json()
        verdicts = [row.get("reason") or row["verdict"] for row in said.get("verdicts", ())]
        return answer.status_code, said.get("error") or verdicts

    def rows(self):
        """(sightings, lanes, punches) in Odoo."""
        names = ("biometric.sighting", "biometric.lane", "biometric.punch")
        return [self.env[name].search_count([]) for name in names]

    def alarms(self):
        return sorted(self.agent.alarm_ids.mapped("kind"))

    def test_a_stolen_token_stores_nothing(self):
        """A40. In the agent's lane and in a new one: unsigned, signed by another key, with another
        content, another batch id, another lane than what was signed. Red when the signature is
        not checked, checked after a row was written, or does not cover one of these."""
        good = self.lane.batch(self.lane.punch())
        self.assertEqual(self.send(self.signer.seal(good)), (200, ["stored"]))
        self.assertTrue(self.agent.batches_signed_since)
        before, thief = self.rows(), Signer()
        signed = self.signer.seal(self.lane.batch(self.lane.punch(pin="8")))
        other = Lane(self.lane.lane)
        other.seq, other.hash = 1, good["sightings"][0]["hash"]
        for lane in (self.lane, Lane("cd" * 16)):
            planted = lane.batch(lane.punch(pin="666"))
            forged = [{**planted, "signature": signed["signature"]}, thief.seal(planted)]
            for body in forged:
                self.assertEqual(self.send(body), (403, "bad_signature"))
            self.assertEqual(self.send(planted), (403, "unsigned_batch"))
        swapped = {**signed, "sightings": [other.punch(pin="9")]}
        renamed = {**signed, "batch_id": "5f0c9d3e-4a55-4d7e-9b06-7c1d8f0a2b11"}
        for body in (swapped, renamed, {**signed, "lane": "cd" * 16}):
            self.assertEqual(self.send(body), (403, "bad_signature"))
        self.assertEqual(self.rows(), before)
        self.assertEqual(self.alarms(), ["bad_batch", "unsigned_batch"])
        self.assertEqual(self.send(signed), (200, ["stored"]))

    def test_an_agent_of_the_version_before_is_taken_and_shown(self):
        """A40 C10. Red when an unsigned batch of an agent that never signed is refused, or when
        it binds."""
        for n in range(2):
            body = self.lane.batch(self.lane.punch(pin=str(n)))
            self.assertEqual(self.send(body), (200, ["stored"]))
        self.assertFalse(self.agent.batches_signed_since)
        lane = self.agent.lane_ids
        self.assertTrue(lane.unsigned_at)
        self.assertFalse(lane.signed_at)
        not_signed = [("state", "=", "active"), ("batches_signed_since", "=", False)]
        self.assertIn(self.agent, self.env["biometric.agent"].search(not_signed))
        thief = Signer().seal(self.lane.batch(self.lane.punch(pin="9")))
        self.assertEqual(self.send(thief), (403, "bad_signature"))
        self.assertFalse(self.agent.batches_signed_since)

    def test_the_first_signature_binds_and_is_in_the_trail(self):
        """A40. Red when the day from which on an agent signs can be changed without a trace."""
        self.send(self.signer.seal(self.lane.batch(self.lane.punch())))
        entry = self.env["biometric.audit"].search(
            [("action", "=", "agent.change"), ("res_id", "=", self.agent.id)], limit=1
        )
        self.assertIn("batches_signed_since", json.loads(entry.after))
        self.assertEqual(entry.reason, "first signed batch")
        self.assertTrue(self.agent.lane_ids.signed_at)

    def test_bare_leaves_are_named_under_the_signature(self):
        """A41. Red when the reason or its proof is not kept, or one that is not signed, by
        another key, or of another number counts."""
        rows = [self.lane.punch(pin=str(n)) for n in range(4)]
        named = self.signer.name(self.lane, rows[1], "odoo_cannot_take_it")
        body = self.signer.seal(self.lane.batch(rows[0], named, Lane.bare(rows[2])))
        changed = {**body, "sightings": [rows[0], {**named, "reason": "other"}, rows[2]]}
        self.assertEqual(self.send(changed), (403, "bad_signature"))
        self.assertEqual(self.send(body), (200, ["stored"] * 3))
        found = self.env["biometric.sighting"].search([("kind", "=", "leaf")], order="seq")
        self.assertEqual(found.mapped("named_reason"), ["odoo_cannot_take_it", False])
        self.assertEqual(found.mapped("named_signature"), [named["signature"], False])
        self.assertEqual(found.mapped("named_key"), [self.signer.public, False])
        self.assertEqual(self.send(self.signer.seal(self.lane.batch(rows[1]))), (200, ["stored"]))
        whole = self.env["biometric.sighting"].search([("seq", "=", 2), ("kind", "=", "punch")])
        self.assertFalse(whole.named_reason)
        good = self.signer.name(self.lane, rows[3], "refused")
        for wrong in (
            {**good, "reason": "Two Words"},
            {**good, "signature": named["signature"]},
            Signer().name(self.lane, rows[3], "refused"),
            Lane.bare(rows[3], "refused"),
            {**Lane.bare(rows[3]), "signature": good["signature"]},
        ):
            body = self.signer.seal(self.lane.batch(wrong))
            self.assertEqual(self.send(body), (200, ["bad_field"]), wrong)
        self.assertEqual(self.send(self.signer.seal(self.lane.batch(good))), (200, ["stored"]))

    def test_an_unsigned_reason_names_nothing(self):
        """A41. Red when an agent that does not sign its batches can excuse a bare leaf."""
        named = self.signer.name(self.lane, self.lane.punch(), "odoo_cannot_take_it")
        self.assertEqual(self.send(self.lane.batch(named)), (200, ["stored"]))
        leaf = self.env["biometric.sighting"].search([("kind", "=", "leaf")])
        self.assertFalse(leaf.named_reason or leaf.named_signature)

    def test_an_erased_punch_that_comes_again_says_who_kept_it_bare(self):
        """A41. Red when such a leaf looks like one that nobody named."""
        punch = self.lane.punch()
        company = self.env.company
        erased = self.env["biometric.erased.key"]._remember(company, [punch["key"]])
        self.env["biometric.audit"]._record(
            "retention.purge", company, None, {"erased_keys": erased}, company=company
        )
        self.assertEqual(self.send(self.signer.seal(self.lane.batch(punch))), (200, ["duplicate"]))
        leaf = self.env["biometric.sighting"].search([("kind", "=", "leaf")])
        self.assertEqual(leaf.named_reason, "odoo:erased")

    def test_a_busy_worker_lets_punches_gather(self):
        """Red when an idle worker makes anybody wait, a busy one nobody, or two seconds are
        exceeded; and when a receipt says no number."""
        body = self.signer.seal(self.lane.batch(self.lane.punch()))
        self.env.flush_all()
        said = self.post("punches", body, self.token).json()
        self.assertIn(said["wait_ms"], range(2001))
        self.assertIn("busy", said["can"])
        clock = {"wall": 100.0, "used": 10.0}
        load = Load(lambda: clock["wall"], lambda: clock["used"])

        def after(seconds, used):
            clock["wall"] += seconds
            clock["used"] += used
            return load.wait_ms()

        self.assertEqual(load.wait_ms(), 0)
        self.assertEqual(after(3, 1.5), 0)
        self.assertEqual(after(4, 3), 1000)
        self.assertEqual(after(1, 0), 1000, "not before the window is over")
        self.assertEqual(after(2, 6), 2000, "many threads of one process")
        self.assertEqual(after(60, 1), 0, "idle since")

        def serve(seconds):
            with load.serving():
                clock["wall"] += seconds

        serve(3)
        self.assertEqual(after(1, 0.1), 1000, "a slow database keeps a worker busy too")
        with self.assertRaisesRegex(ValueError, "broken"), load.serving():
            clock["wall"] += 4
            raise ValueError("broken")
        self.assertEqual(load.wait_ms(), 2000, "what fails took its time")
        self.assertEqual(after(60, 0), 0)

    def test_a_signature_that_is_none(self):
        """A40. Odd values are refused in the contract's words. Red when one makes a 5xx."""
        batch = self.lane.batch(self.lane.punch())
        for signature in (5, [], {}, "x" * 129, "a\nb"):
            self.assertEqual(self.send({**batch, "signature": signature}), (400, "bad_request"))
        for signature in ("", "x", "\u00e9", "A" * 88):
            self.assertEqual(self.send({**batch, "signature": signature}), (403, "bad_signature"))
        half = {**batch["sightings"][0], "leaf": "\ud800"}
        body = {**batch, "sightings": [half], "signature": "A" * 88}
        self.assertEqual(self.send(body), (403, "bad_signature"))

    def test_the_example_that_both_languages_read(self):
        """A40 A41. Red when the signed text or its lines differ from those of the agent."""
        steps = example("steps.json")
        self.agent.public_key = example("export.json")["public_key"]
        request = steps["batch"]["request"]
        self.assertEqual(self.send(request), (200, ["device_waiting", "stored"]))
        leaf = self.env["biometric.sighting"].search([("kind", "=", "leaf")])
        self.assertEqual(leaf.named_reason, "odoo_cannot_take_it")
