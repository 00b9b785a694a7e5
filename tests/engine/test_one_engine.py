"""One engine behind one door: nobody outside reaches past it, and nothing lies in it that only
examples use, but for the cores that wait for their place in Odoo.
"""

import ast
import unittest
from functools import cache

import engine

from .addon_tree import (
    ADDON,
    DOOR,
    Engine,
    engine_files,
    engine_imports,
    parsed,
    reached_by_odoo,
)

ROOT = ADDON.parents[1]
# Who may look behind the door, and why.
BEHIND = {
    "tests/engine/": "tests of the steps themselves",
    "tests/cases/domain_periods.py": "examples of weeks give minutes, not punches",
}
# Cores that Odoo does not call yet, and what they wait for. Nothing else may lie unused.
WAITING = {
    "format_american.gusto_by_id": "an import of Gusto that matches by ids alone",
    "payroll.totals": "files of payroll programs",
    "payroll._Kind": "files of payroll programs",
    "weeks.month_tiers": "the monthly tier of overtime",
}


def outside():
    """Every Python file that may ask the engine something, by its path from the root."""
    for folder in ("odoo_addon", "tests", "dev"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/engine/" not in name.removeprefix("tests/engine/"):
                yield name, parsed(path)


@cache
def asked():
    """`(file, submodule or "", name, line)` of all that any of them takes from the engine."""
    return [
        (file, below, name, line)
        for file, tree in outside()
        for below, name, _local, line in engine_imports(tree, "engine")
    ]


def offered():
    """Names that the door hands out."""
    imports = [node for node in engine_files()[DOOR].body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for node in imports for alias in node.names}


class DoorTest(unittest.TestCase):
    def test_only_the_door_is_imported(self):
        """Red if a model says `from ...engine.rules import RuleSet`, or a name the door lacks."""
        names, wanted = offered(), asked()
        past = [
            f"{file}:{line} {below}.{name}"
            for file, below, name, line in wanted
            if not any(file.startswith(allowed) for allowed in BEHIND)
            and (below not in ("", "engine") or (name and name not in names))
        ]
        self.assertEqual(past, [])
        self.assertGreater(len(wanted), 80)

    def test_exceptions_are_needed(self):
        """Red if a file is excepted that asks for nothing behind the door."""
        names = offered()
        behind = {file for file, below, name, _line in asked() if below or name not in names}
        for allowed in BEHIND:
            self.assertTrue(any(file.startswith(allowed) for file in behind), allowed)

    def test_the_door_says_what_it_offers(self):
        """Red if `__all__` and the imports of the door differ."""
        self.assertEqual(sorted(offered()), sorted(engine.__all__))


class OneEngineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engine = Engine(engine_files())
        cls.reached = reached_by_odoo(cls.engine)

    def test_the_search_finds_what_runs(self):
        """The walk itself: red if it stops at the door, at a class or at a file offered whole."""
        for name in (
            "day.build_days",
            "rounding._moved",
            "values.Punch.order",
            "wall.span_zone",
            "payroll.to_csv",
            "roster_csv._Reader.read",
            "instants.Zone.is_ambiguous",
        ):
            self.assertIn(name, self.reached)

    def test_nothing_runs_in_examples_only(self):
        """Red if a function is added that Odoo does not reach and that no core waits with."""
        unused = {
            name
            for name in set(self.engine.bodies) - self.reached
            if not any(name == core or name.startswith(f"{core}.") for core in WAITING)
        }
        self.assertEqual(unused, set())

    def test_a_core_leaves_the_list_when_odoo_calls_it(self):
        """Red if something waits on the list that Odoo reaches, or that is gone."""
        for core in WAITING:
            own = {n for n in self.engine.bodies if n == core or n.startswith(f"{core}.")}
            self.assertTrue(own, core)
            self.assertEqual(own & self.reached, set(), core)


if __name__ == "__main__":
    unittest.main()
