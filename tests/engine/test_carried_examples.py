"""A terminal's USB export: the addon reads its lines as the agent does (contract/attlog.json)."""

import base64
import json
import unittest
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from contract import attlog, chain
from engine import log_reach, service_begins

EXAMPLES = Path(__file__).resolve().parents[1] / "contract/attlog.json"


class CarriedExamplesTest(unittest.TestCase):
    def setUp(self):
        self.book = json.loads(EXAMPLES.read_text(encoding="utf-8"))

    def test_every_name(self):
        """Red when a device number, a month or a branch is taken for a serial number."""
        self.assertGreaterEqual(len(self.book["names"]), 12)
        for example in self.book["names"]:
            with self.subTest(example["name"], why=example["why"]):
                self.assertEqual(attlog.serial_in_name(example["name"]), example["serial"] or "")
        for name in ("", None, "../A1_attlog.dat"):
            self.assertEqual(attlog.serial_in_name(name), "")

    def test_every_file(self):
        """Red when one side reads an editor's mark, a name or a bad line otherwise: a line that
        both took in would be two rejects."""
        self.assertGreaterEqual(len(self.book["files"]), 6)
        for example in self.book["files"]:
            with self.subTest(example["why"]):
                lines = attlog.parse(base64.b64decode(example["file"]), self.book["salt"])
                punches = ["|".join(line[1:6]) for line in lines if not line.reason]
                self.assertEqual(punches, example["punches"])
                bad = [line for line in lines if line.reason]
                found = [
                    {"line": line.number, "reason": line.reason, "raw": line.raw} for line in bad
                ]
                self.assertEqual(found, example["rejects"])

    def test_every_line(self):
        """Red when one side changes a rule of a line alone: the same punch would get two keys."""
        book = self.book
        self.assertGreaterEqual(len(book["lines"]), 14)
        good = b"1\t2026-01-01 00:00:00\t1\t0\t1\t0\n"
        for example in book["lines"]:
            with self.subTest(example["why"]):
                wanted = example["expect"]
                line = attlog.parse(good + base64.b64decode(example["line"]), book["salt"])[1]
                if "reason" in wanted:
                    self.assertEqual(line.reason, wanted["reason"])
                    continue
                key = chain.punch_key(book["serial"], line.pin, line.wall_time, line.status)
                found = {name: getattr(line, name) for name in wanted if name != "key"}
                self.assertEqual({**found, "key": key}, wanted)

    def test_every_reach(self):
        """Red when a stamp of a wrong clock bounds a log, a hole of more than seven days is passed
        over, or two odd stamps far from the others say since when a terminal serves."""
        self.assertGreaterEqual(len(self.book["reaches"]), 16)
        for example in self.book["reaches"]:
            with self.subTest(example["why"]):
                stamps = [(datetime.fromisoformat(at), at) for at in example["stamps"]]
                reach = log_reach(stamps, datetime.fromisoformat(example["latest"]))
                begins = service_begins(reach)
                found = {
                    "from": reach[0].first[1] if reach else None,
                    "to": reach[-1].last[1] if reach else None,
                    "holes": [
                        {"from": one.last[1], "to": two.first[1]} for one, two in pairwise(reach)
                    ],
                    "service": begins and begins[1],
                }
                self.assertEqual(found, {name: example[name] for name in found})


if __name__ == "__main__":
    unittest.main()
