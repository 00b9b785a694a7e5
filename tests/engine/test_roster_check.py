"""Plans are judged as the roster grid judges them (contract/roster.json)."""

import json
import unittest
from pathlib import Path

from engine.roster_check import Conflict, Limits, Planned, date_conflicts, week_conflicts

EXAMPLES = Path(__file__).resolve().parents[1] / "contract/roster.json"


class RosterCheckTest(unittest.TestCase):
    def setUp(self):
        self.book = json.loads(EXAMPLES.read_text(encoding="utf-8"))

    def dates(self, example):
        return [
            Planned(
                [tuple(span) for span in shift["spans"]],
                shift["minutes"],
                shift["rostered"],
                place in example.get("leave", ()),
                place in example.get("outside", ()),
            )
            for place, shift in enumerate(self.book["shifts"][name] for name in example["week"])
        ]

    def test_every_date(self):
        """Red when this side judges overlap, rest, leave or employment otherwise than the grid."""
        self.assertGreaterEqual(len(self.book["dates"]), 8)
        for example in self.book["dates"]:
            with self.subTest(example["why"]):
                found = date_conflicts(
                    self.dates(example), example["date"], Limits(**example["limits"])
                )
                self.assertEqual(found, [Conflict(**one) for one in example["conflicts"]])

    def test_every_week(self):
        """Red when a week's hours or its longest rest are counted otherwise than by the grid."""
        self.assertGreaterEqual(len(self.book["weeks"]), 4)
        for example in self.book["weeks"]:
            with self.subTest(example["why"]):
                found = week_conflicts(self.dates(example)[:-1], Limits(**example["limits"]))
                self.assertEqual(found, [Conflict(**one) for one in example["conflicts"]])
