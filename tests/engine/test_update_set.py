"""P14, C07: which update metadata Odoo offers, by the examples that the agent reads too
(contract/updates.json)."""

import json
import unittest
from datetime import datetime
from pathlib import Path

from contract import update_set

EXAMPLES = Path(__file__).resolve().parents[1] / "contract/updates.json"


def naive(text):
    return datetime.fromisoformat(text).replace(tzinfo=None)


def trusted(row):
    return update_set.Trust(row["root"], row["timestamp"], row["snapshot"], row["targets"])


class UpdateSetTest(unittest.TestCase):
    def setUp(self):
        self.cases = json.loads(EXAMPLES.read_text(encoding="utf-8"))["cases"]
        self.good = self.cases[0]

    def says(self, case):
        try:
            proven = update_set.prove(case["set"], trusted(case["trust"]), naive(case["now"]))
        except update_set.Untrusted as error:
            return {"refused": error.code}
        return {
            "files": proven.files,
            "versions": [*proven.trust[1:]],
            "fresh_until": naive(case["says"]["fresh_until"])
            and proven.expires_at.strftime("%Y-%m-%dT%H:%M:%S.")
            + f"{proven.expires_at.microsecond // 1000:03d}Z",
        }

    def test_every_set(self):
        """Red when one side believes what the other refuses: a threshold, a pin, an expiry or the
        canonical text is taken otherwise."""
        self.assertGreaterEqual(len(self.cases), 44)
        for case in self.cases:
            with self.subTest(case["name"]):
                expected = {k: v for k, v in case["says"].items() if k != "message"}
                self.assertEqual(self.says(case), expected)

    def test_the_words_of_a_refusal(self):
        """Red when an administrator is told another reason than the agent's."""
        for case in self.cases:
            if case["says"].get("refused") in (None, "malformed"):
                continue
            with self.subTest(case["name"]), self.assertRaises(update_set.Untrusted) as caught:
                update_set.prove(case["set"], trusted(case["trust"]), naive(case["now"]))
            self.assertEqual(str(caught.exception), case["says"]["message"])

    def test_every_byte_of_the_signed_part_counts(self):
        """Red when a part of a document is not covered by what is signed. 400 changed documents."""
        text = json.dumps(self.good["set"])
        trust, now = trusted(self.good["trust"]), naive(self.good["now"])
        believed, tried = [], 0
        for at in range(0, len(text), max(1, len(text) // 400)):
            if not text[at].isalnum():
                continue
            changed = text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :]
            tried += 1
            try:
                proven = update_set.prove(update_set.load(changed.encode()), trust, now)
            except update_set.Untrusted:
                continue
            # A signature too many may be broken: the others still carry it.
            if proven.files != self.good["says"]["files"]:
                believed.append((at, text[at]))
        self.assertGreater(tried, 200)
        self.assertEqual(believed, [])

    def test_what_is_no_set_is_refused_in_words(self):
        """Red when a shape nobody thought of ends in a traceback."""
        trust, now = update_set.Trust(), naive(self.good["now"])
        for odd in (None, [], "x", 1, {}, {"roots": []}, {"roots": [None]}, {"roots": [{}] * 65}):
            with self.subTest(odd=str(odd)[:40]):
                with self.assertRaises(update_set.Untrusted) as caught:
                    update_set.prove(odd, trust, now)
                self.assertEqual(caught.exception.code, "malformed")
        for name, value in (("roots", [1]), ("timestamp", None), ("targets", {"signed": 1})):
            with self.subTest(name), self.assertRaises(update_set.Untrusted):
                update_set.prove({**self.good["set"], name: value}, trust, now)
        for data in (b"", b"{", b"[" * 100_000, b"\xff", b"[]" + b" " * update_set.MAX_BYTES):
            with self.assertRaises(update_set.Untrusted):
                update_set.load(data)
        many = {**self.good["set"], "roots": self.good["set"]["roots"] * 65}
        with self.assertRaises(update_set.Untrusted):
            update_set.prove(many, trust, now)
        first = {**self.good["set"]["roots"][0], "signatures": []}
        with self.assertRaises(update_set.Untrusted) as caught:
            update_set.prove({**self.good["set"], "roots": [first]}, trust, now)
        self.assertEqual(caught.exception.code, "unsigned")

    def test_versions_are_compared_as_numbers(self):
        """Red when 1.10.0 is older than 1.9.0."""
        for text in (None, "1.9", "1.9.0.1", "v1.9.0", "١.٩.٠", "1.9.0\n"):
            self.assertEqual(update_set.version_key(text), (-1,), text)
        texts = ["", "dev", "0.9.9", "1.9.0", "1.10.0", "2.0.0"]
        keys = [update_set.version_key(text) for text in texts]
        self.assertEqual(keys, sorted(keys))
        self.assertLess(keys[3], keys[4])
