"""Import of the file an agent signed while Odoo was away (docs/agent.md, "Signed CSV")."""

import base64
import json
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..contract import chain, wire, wire_csv
from .common import AddonCase, Lane
from .test_contract import example

LANE = "0e" * 16
REASON = "Odoo was away for three days"


def example_bytes(name):
    for parent in Path(__file__).resolve().parents:
        path = parent / "tests" / "contract" / name
        if path.is_file():
            return path.read_bytes()
    raise FileNotFoundError(f"tests/contract/{name} is not above {__file__}")


@tagged("post_install", "-at_install", "biometric_import")
class TestImport(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.file = example_bytes("export.csv")
        cls.agent, _token = cls.make_agent(tz="Asia/Manila")
        cls.agent.public_key = example("export.json")["public_key"]
        cls.device = cls.make_device(cls.agent, "CKJF201960996")
        cls.officer = new_test_user(
            cls.env, "bio-officer", groups="biometric_attendance.group_hr_officer"
        )

    def take(self, data=None, user=None, reason=REASON):
        wizard = (
            self.env["biometric.import.csv"]
            .with_user(user or self.officer)
            .create(
                {
                    "data": base64.b64encode(self.file if data is None else data),
                    "file_name": "branch.csv",
                    "reason": reason,
                }
            )
        )
        wizard.action_import()
        return wizard

    def counts(self, wizard):
        return (
            wizard.read_count,
            wizard.stored_count,
            wizard.duplicate_count,
            wizard.quarantined_count,
            wizard.rejected_count,
        )

    def delivered(self):
        """The sightings of the file as the agent itself delivers them, with its reject 3."""
        rows = [sighting for _lane, sighting in wire_csv.parse(wire_csv.split(self.file).body)]
        bare = wire.Sighting("leaf", 3, "c" * 64, chain.chain_hash(rows[1].hash, "c" * 64))
        return [*rows[:2], bare, *rows[2:]]

    def test_the_example_of_the_agent_is_stored_once(self):
        """Red when a field is lost on the way, or a second import stores anything."""
        wizard = self.take()
        self.assertEqual(self.counts(wizard), (5, 5, 0, 0, 0))
        self.assertEqual((wizard.agent_id, wizard.data), (self.agent, False))
        punches = self.env["biometric.punch"].search([("device_id", "=", self.device.id)])
        self.assertEqual(set(punches.mapped("pin")), {"1042", "007", "=1+1", "Ñandú_5", "-7"})
        sighting = punches.filtered(lambda punch: punch.pin == "=1+1").sighting_ids
        self.assertEqual(
            (sighting.work_code, sighting.extra), ('"quoted", and more', "'apostrophe")
        )
        again = self.take()
        self.assertEqual(self.counts(again), (5, 0, 5, 0, 0))
        for dialog in (wizard, again):
            action = dialog.action_open_runs()
            shown = self.env["biometric.run"].with_user(self.officer).search(action["domain"])
            self.assertEqual(shown.device_id, self.device)
            for number, way in (("stored", "new"), ("duplicate", "known"), ("rejected", "rejects")):
                action = getattr(dialog, f"action_open_{way}")()
                shown = self.env[action["res_model"]].with_user(self.officer)
                self.assertEqual(
                    shown.search_count(action["domain"]), dialog[f"{number}_count"], way
                )
        runs = self.env["biometric.run"].search([("channel", "=", "file")])
        self.assertEqual(punches.search_count(runs.action_open_new()["domain"]), runs.new_count)
        self.assertEqual((len(runs), runs.read_count, runs.new_count), (1, 5, 5))
        self.assertEqual((runs.asked_by, runs.outcome), ("bio-officer", "imported"))

    def test_refused_lines_are_a_list(self):
        """Red when the number of lines nobody could read leads nowhere."""
        found = {verdict: [] for verdict in ("stored", "duplicate", "quarantined", "rejected")}
        lane = Lane()
        reject, punch = lane.reject("CKJF201960996"), lane.punch("CKJF201960996")
        self.store(self.agent, lane, reject, punch)
        _batch, name, rows = wire.parse_batch(json.loads(json.dumps(lane.batch(reject, punch))))
        told = [(rows[0], {"verdict": "rejected"}), (rows[1], {"verdict": "duplicate"})]
        wizards = self.env["biometric.import.csv"]
        wizards._note_found(self.agent, name, told, found)
        wizard = wizards.with_user(self.officer).create({"found": found})
        run = self.env["biometric.run"].create(
            {"company_id": self.env.company.id, "device_id": self.device.id, "uuid": "1"}
        )
        wizard.sudo().run_ids = run
        action = wizard.action_open_rejects()
        shown = self.env["biometric.sighting"].with_user(self.officer).search(action["domain"])
        self.assertEqual((shown.kind, shown.raw), ("reject", "x"))
        known = self.env["biometric.punch"].search(wizard.action_open_known()["domain"])
        self.assertEqual(known.pin, "7")

    def test_the_agents_own_delivery_later_is_all_duplicates(self):
        """Red when a leaf, number or lane differs from what the agent sends itself."""
        self.take()
        lane = self.env["biometric.lane"].search([("lane", "=", LANE)])
        self.assertEqual((lane.agent_id, lane.head_seq, lane.max_seq), (self.agent, 2, 6))
        head, verdicts = self.env["biometric.ingest"]._store_batch(
            self.agent, LANE, self.delivered()
        )
        self.assertEqual(
            [row["verdict"] for row in verdicts],
            ["duplicate", "duplicate", "stored", "duplicate", "duplicate", "duplicate"],
        )
        self.assertEqual(head["seq"], 6)
        self.assertFalse(self.agent.alarm_ids)

    def test_a_changed_byte_is_refused(self):
        """Red when any byte of the file is not covered, or a refusal leaves something behind."""
        for at in (0, 200, self.file.index(b"007"), self.file.index(b"#signature") - 1):
            changed = bytearray(self.file)
            changed[at] ^= 1
            words = "was changed after|not a complete file|has the key|cannot be read"
            with self.subTest(at=at), self.assertRefused(words):
                self.take(bytes(changed))
        at = self.file.index(b",255,")
        with self.assertRaisesRegex(UserError, "was changed after agent Branch signed it"):
            self.take(self.file[:at] + b",254," + self.file[at + 5 :])
        line = self.file.split(b"\r\n")[1] + b"\r\n"
        for data in (
            self.file.replace(line, b""),
            self.file.replace(b"\r\n", b"\n"),
            b"\xef\xbb\xbf" + self.file,
            self.file[:-3],
            self.file + self.file,
            self.file[self.file.index(b"#signature") :],
            b"",
        ):
            words = "was changed after|not a complete file|has the key|cannot be read"
            with self.subTest(data=data[:20]), self.assertRefused(words):
                self.take(data)
        self.assertFalse(self.env["biometric.punch"].search([("serial", "=", "CKJF201960996")]))
        self.assertFalse(self.env["biometric.audit"].search([("action", "=", "punch.import")]))

    def test_only_an_active_agent_of_the_users_company(self):
        """I6. Red when the key is looked up in other companies, or revoked agents count."""
        self.agent.state = "waiting"
        with self.assertRaisesRegex(UserError, "not active"):
            self.take()
        self.agent.state = "active"
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "bio-stranger",
            groups="biometric_attendance.group_hr_officer",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        with self.assertRaisesRegex(UserError, "No agent of your company has the key"):
            self.take(user=stranger)

    def test_an_officer_with_a_reason_and_nobody_below(self):
        """I5. Red when the audit entry or the check of the group is left out."""
        approver = new_test_user(
            self.env, "bio-approver", groups="biometric_attendance.group_approver"
        )
        with self.assertRaises(AccessError):
            self.take(user=approver)
        with self.assertRaisesRegex(UserError, "10 characters"):
            self.take(reason="no")
        self.take()
        entry = self.env["biometric.audit"].search([("action", "=", "punch.import")])
        self.assertEqual((entry.login, entry.reason), ("bio-officer", REASON))
        self.assertIn('"stored":5', entry.after)
        self.assertIn('"sha256":', entry.after)

    def test_p09_the_file_of_a_dead_machine_counts_until_it_is_revoked(self):
        """P09, docs/administrator.md. Red when what a dead machine's card holds counts not once
        another agent has taken over its terminal; when a revoked agent's file is taken; or when the
        refusal does not say what to do."""
        new, _token = self.make_agent("New machine")
        self.device.agent_id = new
        self.assertEqual(self.counts(self.take()), (5, 5, 0, 0, 0))
        self.agent.action_revoke()
        with self.assertRaisesRegex(
            UserError, "is revoked.*pairing code.*approve it.*revoke it again"
        ):
            self.take()
        # What it says to do: the machine with the old card is paired and approved once more.
        self.assertIn("pair ", self.agent.action_pairing_code()["context"]["default_line"])
        self.agent.sudo().state = "waiting"
        asked = self.agent.action_approve()
        dialogs = self.env[asked["res_model"]].with_context(**asked["context"])
        dialogs.create({"answer": "none"}).action_confirm()
        self.assertEqual(self.device.agent_id, new)
        self.assertEqual(self.counts(self.take()), (5, 0, 5, 0, 0))

    def test_punches_of_a_waiting_device_wait(self):
        self.device.state = "waiting"
        dialog = self.take()
        self.assertEqual(self.counts(dialog), (5, 0, 0, 5, 0))
        waiting = self.env["biometric.quarantine"].with_user(self.officer)
        found = waiting.search(dialog.action_open_quarantine()["domain"])
        self.assertEqual(len(found), dialog.quarantined_count)
