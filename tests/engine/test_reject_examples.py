"""What is kept of a line that could not be read: as the agent does (contract/rejects.json)."""

import base64
import json
import unittest
from pathlib import Path

from contract import attlog, reject_line

EXAMPLES = Path(__file__).resolve().parents[1] / "contract/rejects.json"
GOOD = b"1\t2026-01-01 00:00:00\t1\t0\t1\t0\n"


class RejectExamplesTest(unittest.TestCase):
    def setUp(self):
        self.book = json.loads(EXAMPLES.read_text(encoding="utf-8"))

    def test_s60_every_line(self):
        """S60. Red when a line is kept by another rule than the agent's: a column more, 201 bytes,
        a column of 17 letters, a letter beyond ASCII, a word that is not on the list."""
        self.assertGreaterEqual(len(self.book["lines"]), 35)
        for example in self.book["lines"]:
            with self.subTest(example["why"]):
                text, sure = attlog._decode(base64.b64decode(example["line"]))
                raw = reject_line.kept(text, sure, self.book["salt"])
                self.assertEqual(raw, example["raw"])
                self.assertEqual(raw == text, example["kept"])

    def test_s60_columns_too_long_for_a_punch(self):
        """S60. Red when the limit of a PIN or a work code is raised."""
        for example in self.book["columns"]:
            with self.subTest(example["why"]):
                line = attlog.parse(GOOD + example["line"].encode(), self.book["salt"])[1]
                self.assertEqual(line.reason, example["reason"])

    def test_s60_a_template_wrapped_at_any_width(self):
        """S60. Red when a line that stands alone may hold more than a short word."""
        blob = base64.b64decode(self.book["wrapped"]["template"])
        for width in self.book["wrapped"]["widths"]:
            for text in (base64.b64encode(blob).decode(), blob.hex(), blob.hex().upper()):
                pieces = [text[at : at + width] for at in range(0, len(text) - width + 1, width)]
                self.assertGreater(len(pieces), 2)
                lines = attlog.parse(GOOD + "\n".join(pieces).encode(), self.book["salt"])[1:]
                for line in lines:
                    self.assertTrue(line.raw.startswith(reject_line.WITHHELD), (width, line.raw))

    def test_s61_the_digest_is_salted(self):
        """S61. Red when the digest is of the line alone: a PIN is found again in seconds."""
        one, other = (reject_line.kept("Passwort 4711", True, salt) for salt in "ab")
        self.assertNotEqual(one, other)
        self.assertEqual(one, reject_line.kept("Passwort 4711", True, "a"))


if __name__ == "__main__":
    unittest.main()
