"""Every worked example gives what was worked out by hand, through the adapter's own door."""

import json
import unittest
from pathlib import Path

import run_domain
from engine.rules import RuleSet

EXAMPLES = Path(__file__).resolve().parents[1] / "cases/examples/domain"
PARTIAL = ("before", "after", "per_shift")


def cases():
    for path in sorted(EXAMPLES.glob("**/*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        for case in data if isinstance(data, list) else [data]:
            if "kind" in case:
                yield case


class ExamplesTest(unittest.TestCase):
    def test_every_example_of_a_supported_kind(self):
        checked = 0
        for case in cases():
            with self.subTest(case["id"]):
                answer = run_domain.run(case)
                self.assertNotIn("error", answer)
                for name, wanted in case["expect"].items():
                    found = answer["result"].get(name)
                    if name in PARTIAL:
                        found = {key: found.get(key) for key in wanted}
                    self.assertEqual(found, wanted, f"{case['id']} {name}: {case['why']}")
                checked += 1
        self.assertGreaterEqual(checked, 393)

    def test_unknown_kind_is_refused_in_words(self):
        self.assertEqual(
            run_domain.run({"id": "Z1", "kind": "horoscope"}),
            {"id": "Z1", "error": "unsupported kind"},
        )

    def test_unknown_parameter_is_named(self):
        case = json.loads((EXAMPLES / "P01_day.json").read_text(encoding="utf-8"))
        answer = run_domain.run(case | {"rules": {"late_grace_minute": 5}})
        self.assertIn("unknown parameter 'late_grace_minute'", answer["error"])
        self.assertIn("late_grace_minutes", answer["error"])

    def test_defaults_of_the_examples_are_the_defaults_of_a_rule_set(self):
        given = json.loads((EXAMPLES / "defaults.json").read_text(encoding="utf-8"))["rules"]
        ours = RuleSet().to_dict()
        for name, value in given.items():
            with self.subTest(name):
                self.assertEqual(ours[name], value)
        self.assertEqual(RuleSet.from_dict(given), RuleSet())
