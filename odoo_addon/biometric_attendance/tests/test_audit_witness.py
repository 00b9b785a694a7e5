"""A16 to A18: chains made anew, older copies, lifted triggers. Witnesses and the night tell."""

import io

from odoo.tests import tagged

from ..contract import chain
from ..verifier import verify
from .common import Signer, digest
from .test_audit_attacks import AttackCase
from .test_audit_chain import LEDGERS


@tagged("post_install", "-at_install")
class TestAuditWitness(AttackCase):
    def test_rehashed_audit(self):
        """A16. Kind 15: the whole chain anew with the addon's own code. Witnesses tell."""
        savepoint = self.env.cr.savepoint(flush=False)
        self.attack(
            "UPDATE biometric_audit SET reason = 'other' "
            f"WHERE id = {self.row_id('biometric_audit')}",
            f"UPDATE biometric_audit SET seq = NULL, hash = NULL, previous_hash = NULL, "
            f"sealed_at = NULL WHERE company_id = {self.company.id}",
        )
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.assertEqual(self.inside(), ["audit_rewritten"])
        self.assertEqual(self.outside(), ["audit_rewritten"])
        savepoint.close(rollback=True)

    def rehash_lane(self):
        """Every leaf and hash of the lane anew, with the addon's own code."""
        previous = chain.lane_genesis(self.lane.lane)
        for row in list(self.env["biometric.evidence"]._sightings(self.lane_id())):
            leaf = row["leaf"]
            if row["kind"] == "punch":
                parts = ["v1", "punch", self.lane.lane, str(row["seq"]), row["key"], row["verify"]]
                parts += [row["work_code"], row["extra"], row["channel"], row["received_at"]]
                leaf = chain.sha256_hex("\n".join([row["salt"], *parts, row["clock"]]))
            previous = chain.chain_hash(previous, leaf)
            yield (
                f"UPDATE biometric_sighting SET leaf = '{leaf}', hash = '{previous}' "
                f"WHERE id = {row['id']}"
            )
        yield f"UPDATE biometric_lane SET head_hash = '{previous}' WHERE id = {self.lane_id()}"

    def lane_id(self):
        return self.env["biometric.lane"].search([("lane", "=", self.lane.lane)]).id

    def test_rehashed_lane(self):
        """A16. Kind 15 on sightings and punches: only the agent's signature and the night tell."""
        punch = self.row_id("biometric_punch")
        key = digest("v1", "SN1", "1", "2026-03-02 07:00:00", "0")
        for name, change in (
            (
                "sighting",
                f"UPDATE biometric_sighting SET verify = '15' "
                f"WHERE id = {self.row_id('biometric_sighting')}",
            ),
            (
                "punch",
                f"UPDATE biometric_punch SET pin = '1', wall_time = '2026-03-02 07:00:00', "
                f"wall_date = '2026-03-02', key = '{key}' WHERE id = {punch}",
            ),
        ):
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=False)
                self.attack(change)
                if name == "punch":
                    self.attack(
                        f"UPDATE biometric_sighting s SET skew_seconds = extract(epoch FROM "
                        f"'2026-03-02 07:00:00'::timestamp - received_at) WHERE punch_id = {punch}"
                    )
                self.attack(*self.rehash_lane())
                found = self.found(name)
                self.assertIn("lane_rewritten", found)
                self.assertNotIn("sighting_leaf", found)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_a_reason_planted_beside_a_bare_leaf(self):
        """A41. By SQL: without a signature, signed by another key, moved from another number, and
        beside a whole sighting; the agent's own is none. Red when one of them passes, in Odoo or
        in an export."""
        self.env.cr.execute("SELECT seq, leaf FROM biometric_sighting WHERE kind = 'leaf'")
        (seq, leaf), word = self.env.cr.fetchone(), "refused"
        parts = ("v1", "bare", self.lane.lane, str(seq), leaf, word)
        elsewhere = ("v1", "bare", self.lane.lane, str(seq + 1), leaf, word)
        own, stranger = self.witness, Signer()
        cases = {
            "no signature": ("leaf", None, None),
            "another key": ("leaf", stranger.sign(*parts), stranger.public),
            "the agent's key, another's signature": ("leaf", stranger.sign(*parts), own.public),
            "another number": ("leaf", own.sign(*elsewhere), own.public),
            "a whole sighting": ("punch", None, None),
            "its own": ("leaf", own.sign(*parts), own.public),
        }
        for name, (kind, signature, key) in cases.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=False)
                said = [f"'{value}'" if value else "NULL" for value in (signature, key)]
                self.attack(
                    f"UPDATE biometric_sighting SET named_reason = '{word}', "
                    f"named_signature = {said[0]}, named_key = {said[1]} WHERE id = "
                    f"(SELECT min(id) FROM biometric_sighting WHERE kind = '{kind}')"
                )
                if name == "its own":
                    self.assertNotIn("leaf_named", [*self.inside(), *self.outside()])
                else:
                    self.assertIn("leaf_named", self.found(name))
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_rolled_back_to_an_older_copy(self):
        """A17. Kind 16. An online agent says so at its next sync; a mail proves it for ever."""
        older = io.BytesIO(self.packed().getvalue())
        for n in range(5):
            self.env["biometric.audit"]._record("test.later", self.device, reason=f"later {n}")
        while self.env["biometric.audit"]._seal(1000):
            pass
        mail = self.countersign()
        codes = sorted(verify.verify(verify.Export(older), [mail]).counts)
        self.assertEqual(codes, ["audit_cut"])
        said = {"code": "audit_went_back", "message": "entry 15 after entry 20", "count": 1}
        self.env["biometric.audit.witness"]._heard(self.agent, [said])
        self.env["biometric.audit.witness"]._heard(self.agent, [said])
        found = self.env["biometric.audit.finding"].search([("code", "=", "audit_went_back")])
        self.assertEqual(len(found), 1)

    def test_protection(self):
        """A18. Kinds 17 to 19, on each ledger. Red when the state of triggers is not read."""
        attacks = {}
        for ledger in LEDGERS:
            table = f"biometric_{ledger}"
            attacks[f"17 off {ledger}"] = [
                f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only"
            ]
            attacks[f"18 dropped {ledger}"] = [f"DROP TRIGGER {table}_no_truncate ON {table}"]
            attacks[f"19 owner {ledger}"] = [f"ALTER TABLE {table} OWNER TO pg_database_owner"]
        attacks["18 emptied function"] = [
            "CREATE OR REPLACE FUNCTION biometric_refuse_change() RETURNS trigger AS "
            "$$ BEGIN RETURN NEW; END; $$ LANGUAGE plpgsql"
        ]
        attacks["another trigger"] = [
            "CREATE FUNCTION swap_actor() RETURNS trigger AS "
            "$$ BEGIN NEW.user_id := 1; RETURN NEW; END; $$ LANGUAGE plpgsql",
            "CREATE TRIGGER swap_actor BEFORE INSERT ON biometric_audit FOR EACH ROW "
            "EXECUTE FUNCTION swap_actor()",
        ]
        attacks["a rule"] = ["CREATE RULE keep AS ON DELETE TO biometric_punch DO INSTEAD NOTHING"]
        for name, statements in attacks.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=False)
                try:
                    for statement in statements:
                        self.env.cr.execute(statement)
                    self.assertIn("protection", self.found(name))
                finally:
                    savepoint.close(rollback=True)

    def test_a_foreign_key_pair_signs_for_nobody(self):
        """A16. The agent's key is replaced and the heads are signed again. Red when the key that
        signs is not compared with what was approved in the trail."""
        self.witness = Signer()
        self.attack("DELETE FROM biometric_lane_head", "DELETE FROM biometric_audit_witness")
        self.env.cr.execute(
            "UPDATE biometric_agent SET public_key = %s WHERE id = %s",
            (self.witness.public, self.agent.id),
        )
        self.env.invalidate_all()
        self.sign_lane_head()
        self.countersign()
        self.assertIn("agent_key", self.found("foreign key"))
