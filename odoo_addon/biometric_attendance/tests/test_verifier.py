"""A21, A24: the verifier at size, and on a Python that has nothing but its standard library."""

import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import tracemalloc
import zipfile
from pathlib import Path
from unittest.mock import patch

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odoo.tests import TransactionCase, tagged

from ..models.audit import biometric_evidence
from ..verifier import ed25519, kept_heads, trail
from .test_audit_chain import ChainCase
from .test_contract import example

# Nothing of the environment, no packages of the site, no folder of the script on the path.
BARE = ["env", "-i", sys.executable, "-I", "-S"]
_PEAK = """
import resource, subprocess, sys
run = subprocess.run(sys.argv[1:], capture_output=True, text=True)
print(run.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def unpack(path, folder):
    """Lays the verifier that an export brings along into a folder; its path."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("verifier/"):
                archive.extract(name, folder)
    return str(Path(folder) / "verifier/verify.py")


@tagged("post_install", "-at_install")
class TestVerifierAlone(ChainCase):
    def verdict(self, *more):
        """(code, output) of the export's own verifier on a bare Python."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.zip"
            path.write_bytes(self.packed().getvalue())
            command = [*BARE, unpack(path, folder), str(path), *more]
            run = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
            self.assertEqual(run.stderr, "")
            return run.returncode, run.stdout

    def test_same_verdict_on_a_clean_machine(self):
        """A24. Red when the script needs a package, or its own signature check lets one through:
        what Odoo finds with `cryptography` is found without it."""
        self.assertEqual(self.verdict(), (0, "everything fits\n"))
        forged = base64.b64encode(b"x" * 64).decode()
        attacks = {
            "entries": "DELETE FROM biometric_audit WHERE action = 'test.change'",
            "lane head": f"UPDATE biometric_lane_head SET signature = '{forged}'",
            "witness": f"UPDATE biometric_audit_witness SET signature = '{forged}'",
        }
        for name, statement in attacks.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=False)
                self.attack(statement)
                code, said = self.verdict()
                found = sorted({line.split(":")[0] for line in said.splitlines() if ":" in line})
                self.assertEqual((code, found), (1, self.inside()))
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def remembered(self, *heads):
        """Lines of `biometric-agent heads` about (number, hash), signed by this agent's key."""
        lines, former = [], ""
        for seq, digest in heads:
            at = "2026-03-02T01:00:00.000Z"
            parts = (str(self.company.id), str(seq), digest, at, former)
            signature = self.witness.sign("v1", "remembered", *parts)
            row = {"company_id": self.company.id, "seq": seq, "hash": digest, "at": at}
            row |= {"former": former, "signature": signature, "public_key": self.witness.public}
            lines.append(json.dumps(row))
            former = signature
        return lines

    def test_what_an_agent_remembers_is_laid_against_an_export(self):
        """A44. Red when the lines of `heads` are not read, not checked, or of another company
        count; the trail is rewritten with the addon's own code and has no other witness."""
        self.env.cr.execute(
            "SELECT seq, hash FROM biometric_audit WHERE company_id = %s AND seq IN (5, 9)"
            " ORDER BY seq",
            (self.company.id,),
        )
        five, nine = self.env.cr.fetchall()
        lines = self.remembered(five, nine)
        foreign = json.dumps({"company_id": self.company.id + 1, "seq": 1, "hash": "ab" * 32})

        def laid(*rows):
            with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
                file.write("\n".join(rows) + "\n")
                file.flush()
                return self.verdict("--witness", file.name)

        self.assertEqual(laid(*lines, foreign), (0, "everything fits\n"))
        code, said = laid(lines[0], lines[1].replace(nine[1], five[1]))
        self.assertEqual(code, 2)
        self.assertIn("line 2: the key it names did not sign it", said)
        code, said = laid(*self.remembered(five, five, nine)[::2])
        self.assertEqual(code, 2)
        self.assertIn("line 2: a line before it is missing", said)
        code, said = laid(*self.remembered(five, (nine[0], "cd" * 32)))
        self.assertEqual(code, 1)
        self.assertRegex(said, r"audit_rewritten: audit 9: the agent with key .* another hash")
        code, said = laid(*self.remembered((900, "cd" * 32)))
        self.assertRegex(said, "audit_cut: audit 900: the entry is gone")

    def test_the_example_of_remembered_heads_is_read(self):
        """A44. Red when the form that the agent writes is not the one that is read here."""
        heads = example("steps.json")["heads"]
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.write("\n".join(map(json.dumps, heads)))
            file.flush()
            found = [(row["seq"], row["hash"]) for row in kept_heads.read(file.name, 1)]
            self.assertEqual(found, [(row["seq"], row["hash"]) for row in heads])
            self.assertEqual(list(kept_heads.read(file.name, 2)), [])

    def test_a_file_that_is_no_export_is_said_so(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.zip"
            path.write_bytes(self.packed().getvalue())
            script = unpack(path, folder)
            path.write_bytes(b"PK nothing")
            run = subprocess.run([*BARE, script, str(path)], capture_output=True, check=False)
            self.assertEqual((run.returncode, run.stderr), (2, b""), run.stdout)


@tagged("post_install", "-at_install")
class TestSignatures(TransactionCase):
    def test_the_verifiers_own_check_agrees_with_the_library(self):
        """Red when a step of RFC 8032 is left out: the bound of the scalar, the parity of x, the
        challenge over key and message."""
        rng = random.Random(8032)
        wrong = 0
        for number in range(40):
            key = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
            public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            message = rng.randbytes(number)
            signed = key.sign(message)
            self.assertTrue(ed25519.holds(public, signed, message))
            late = (int.from_bytes(signed[32:], "little") + ed25519.ORDER).to_bytes(32, "little")
            cases = [(public, signed[:32] + late, message), (public, signed, message + b"x")]
            for _flip in range(3):
                flipped = bytearray(public + signed)
                flipped[rng.randrange(96)] ^= 1 << rng.randrange(8)
                cases.append((bytes(flipped[:32]), bytes(flipped[32:]), message))
            for case in cases:
                self.assertEqual(ed25519.holds(*case), self.library(*case), case)
                wrong += not ed25519.holds(*case)
        self.assertEqual(wrong, 200)
        for public, signed in ((b"", b""), (b"x" * 31, b"x" * 64), (b"\xff" * 32, b"x" * 64)):
            self.assertFalse(ed25519.holds(public, signed, b""))

    @staticmethod
    def library(public, signed, message):
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signed, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def test_what_is_no_base64_is_no_signature(self):
        for public, signed in (("", ""), (None, None), ("é", "é"), ("====", "A" * 86 + "==")):
            self.assertFalse(trail.signature_holds(public, signed, "text"))


@tagged("post_install", "-at_install")
class TestVerifierAtSize(TransactionCase):
    """A21 in small: a trail eight times as long takes no more memory. The full million is measured
    by tests/bench/audit.ts."""

    SMALL, LARGE = 1_000, 8_000
    # A million in 60 s of processor; measured 20 microseconds an entry.
    MICROSECONDS = 60

    def company(self, entries):
        company = self.env["res.company"].create({"name": f"Trail of {entries}"})
        self.env.cr.execute(
            """INSERT INTO biometric_audit (company_id, happened_at, transaction_id, form,
                   actor_salt, content_salt, user_id, login, user_name, action, model, res_id,
                   before, after, reason, self_approved)
               SELECT %s, date_trunc('milliseconds', now() AT TIME ZONE 'UTC'), 'x', '1',
                      md5(n::text), md5('c' || n), 2, 'admin', 'Admin', 'test.change',
                      'biometric.device', 1, '{"n":1}', '{"n":2}', 'a reason of some length', false
                 FROM generate_series(1, %s) n""",
            (company.id, entries),
        )
        while self.env["biometric.audit"]._seal(1000):
            pass
        return company

    def verify(self, company):
        check = self.env["biometric.audit.check"]._begin(company, "test")
        while check._step():
            pass
        self.assertEqual(check.state, "ok")
        self.assertGreaterEqual(check.row_count, int(company.name.split()[-1]))

    def peak(self, company):
        """Most bytes that Python held at once while verifying."""
        self.env.invalidate_all()
        tracemalloc.start()
        try:
            self.verify(company)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    def test_memory_in_odoo_does_not_grow_with_the_trail(self):
        """A21. Red when entries are gathered before they are judged, or read through the ORM."""
        small, large = self.company(self.SMALL), self.company(self.LARGE)
        with patch.object(biometric_evidence, "PAGE", 500):
            self.verify(small)
            peaks = self.peak(small), self.peak(large)
        self.assertLess(peaks[1] - peaks[0], 1_000_000, peaks)
        began = time.process_time()
        self.verify(large)
        spent = (time.process_time() - began) / self.LARGE
        self.assertLess(spent * 1e6, self.MICROSECONDS, "microseconds of processor an entry")

    def test_memory_of_the_script_does_not_grow_with_the_trail(self):
        """A21. Red when the script reads a file of the export at once."""
        service = self.env["biometric.company.export"]
        peaks = []
        with tempfile.TemporaryDirectory() as folder:
            for entries in (self.SMALL, self.LARGE):
                path = os.path.join(folder, f"{entries}.zip")
                with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                    company = self.company(entries)
                    service._write_head(archive, company)
                    service._write_verified(archive, company)
                command = [*BARE, unpack(path, folder), path]
                run = subprocess.run(
                    [sys.executable, "-c", _PEAK, *command],
                    capture_output=True,
                    text=True,
                    check=True,
                )
                code, kilobytes = map(int, run.stdout.split())
                self.assertEqual(code, 0)
                peaks.append(kilobytes)
        self.assertLess(peaks[1] - peaks[0], 2_000, f"kB resident: {peaks}")
