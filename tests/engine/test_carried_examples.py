"""A terminal's USB export: the addon reads its lines as the agent does (contract/attlog.json)."""

import base64
import json
import unittest
from pathlib import Path

from contract import attlog, chain

EXAMPLES = Path(__file__).resolve().parents[1] / "contract/attlog.json"


class CarriedExamplesTest(unittest.TestCase):
    def test_every_line(self):
        """Red when one side changes a rule of a line alone: the same punch would get two keys."""
        book = json.loads(EXAMPLES.read_text(encoding="utf-8"))
        self.assertGreaterEqual(len(book["lines"]), 14)
        good = b"1\t2026-01-01 00:00:00\t1\t0\t1\t0\n"
        for example in book["lines"]:
            with self.subTest(example["why"]):
                wanted = example["expect"]
                line = attlog.parse(good + base64.b64decode(example["line"]))[1]
                if "reason" in wanted:
                    self.assertEqual(line.reason, wanted["reason"])
                    continue
                key = chain.punch_key(book["serial"], line.pin, line.wall_time, line.status)
                found = {name: getattr(line, name) for name in wanted if name != "key"}
                self.assertEqual({**found, "key": key}, wanted)


if __name__ == "__main__":
    unittest.main()
