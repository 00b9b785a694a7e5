"""The examples that agent and addon share (tests/contract of the repository), read by the addon."""

import json
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from ..contract import chain, wire, wire_seal, wire_sync
from ..contract.signature import is_signed
from .common import AddonCase


def beside_the_checkout(folder, name):
    """Path of a file in tests/; found from wherever the addon was copied with its tests."""
    for parent in Path(__file__).resolve().parents:
        path = parent / "tests" / folder / name
        if path.is_file():
            return path
    raise FileNotFoundError(f"tests/{folder}/{name} is not above {__file__}")


def example(name):
    """An example that the addon shares with the agent."""
    return json.loads(beside_the_checkout("contract", name).read_text(encoding="utf-8"))


@tagged("post_install", "-at_install")
class TestContract(TransactionCase, AddonCase):
    def test_examples_of_sightings_have_our_digests(self):
        """Red when chain.py leaves a field out or joins in another order."""
        data = example("sightings.json")
        previous = chain.lane_genesis(data["lane"])
        self.assertEqual(previous, data["genesis"])
        self.assertTrue(data["sightings"])
        for row in data["sightings"]:
            sighting = wire._sighting(data["lane"], row)
            self.assertIsNone(sighting.fault, row)
            previous = chain.chain_hash(previous, sighting.leaf)
            self.assertEqual(previous, row["hash"])

    def test_examples_of_the_steps_are_signed_as_the_contract_says(self):
        """A40 S54. Red when chain.py or wire_seal.py spells a signed text otherwise."""
        data, key = example("steps.json"), example("export.json")["public_key"]
        pair, batch = data["pair"], data["batch"]
        self.assertTrue(is_signed(key, pair["signature"], chain.pair_text(pair["code"])))
        batch_id, lane, _sightings = wire.parse_batch(batch["request"])
        signature, found = wire_seal.parse_seal(batch["request"])
        self.assertEqual(found, batch["digest"])
        self.assertTrue(is_signed(key, signature, chain.batch_text(lane, batch_id, found)))
        bare = batch["request"]["sightings"][1]
        text = chain.bare_text(lane, bare["seq"], bare["leaf"], bare["reason"])
        self.assertTrue(is_signed(key, bare["signature"], text))
        self.assertLessEqual(set(wire_seal.CAN), set(data["can"]))
        asked = wire_sync.parse({"version": 1, "remembered": data["sync"]["asked"]})
        self.assertEqual(asked["remembered"], data["sync"]["asked"])

    def test_example_batch_gets_the_example_receipt(self):
        """Red when a verdict or the head of the receipt changes."""
        data = example("punches.json")
        agent, _token = self.make_agent(tz="Asia/Manila")
        self.make_device(agent, data["request"]["sightings"][0]["serial"])
        _batch, lane, sightings = wire.parse_batch(data["request"])
        head, verdicts = self.env["biometric.ingest"]._store_batch(agent, lane, sightings)
        self.assertEqual(head, data["receipt"]["head"])
        self.assertEqual(verdicts, data["receipt"]["verdicts"])
        punch = self.env["biometric.punch"].search([("pin", "=", "Ñandú_5")])
        self.assertEqual(punch.wall_time, "2026-03-02 17:00:00")
        self.assertEqual(punch.sighting_ids.work_code, "é")
