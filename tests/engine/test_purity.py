"""The engine stands alone: no Odoo, no clock, no disk, no chance; and its files form no circle."""

import ast
import unittest
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[2] / "odoo_addon/biometric_attendance/engine"
# Nothing here reads the time, a file, the network or chance. zoneinfo reads zone rules only.
ALLOWED = {
    "bisect",
    "calendar",
    "collections.abc",
    "csv",
    "dataclasses",
    "datetime",
    "difflib",
    "fractions",
    "functools",
    "hashlib",
    "io",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "typing",
    "unicodedata",
    "zoneinfo",
}
CLOCK = {"now", "today", "utcnow", "localtime", "time_ns"}


def modules():
    for path in sorted(ENGINE.glob("*.py")):
        yield path.stem, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree):
    """`(outside modules, engine files)` that a file imports, wherever in it."""
    outside, inside = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            outside |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            outside.add(node.module)
        elif isinstance(node, ast.ImportFrom):
            inside |= {node.module} if node.module else {alias.name for alias in node.names}
    return outside, inside


def every_parameter(function):
    given = function.args
    rest = [item for item in (given.vararg, given.kwarg) if item]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *rest]


class PurityTest(unittest.TestCase):
    def test_only_harmless_modules_are_imported(self):
        """Red if any file of the engine imports odoo, time, os or random."""
        names = [name for name, _tree in modules()]
        self.assertIn("day", names)
        for name, tree in modules():
            self.assertEqual(imports(tree)[0] - ALLOWED, set(), name)

    def test_nobody_asks_for_the_time(self):
        """Red if a function calls `date.today()` or opens a file."""
        for name, tree in modules():
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute):
                    self.assertNotIn(node.attr, CLOCK, f"{name} line {node.lineno}")
                if isinstance(node, ast.Name):
                    self.assertNotIn(node.id, ("open", "print", "input"), f"{name} {node.lineno}")

    def test_imports_go_one_way(self):
        """Red if two files of the engine import each other, also over others."""
        graph = {name: imports(tree)[1] for name, tree in modules()}
        for name, below in graph.items():
            reached, open_names = set(), set(below)
            while open_names:
                one = open_names.pop()
                reached.add(one)
                open_names |= graph[one] - reached
            self.assertNotIn(name, reached)

    def test_every_function_and_field_says_its_types(self):
        """Red if a function lacks the type of a parameter or of its answer, or a field of a class
        its own: a dataclass has no field of that name then, and every value of it shares one.
        Whether types are true is asked of the type checker, which would guess what is left out."""
        for name, tree in modules():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    said = [ast.unparse(one) for one in node.body if isinstance(one, ast.Assign)]
                    bare = [text for text in said if not text.startswith("__slots__")]
                    self.assertEqual(bare, [], f"{name} {node.name}")
                if not isinstance(node, ast.FunctionDef):
                    continue
                own = [item for item in every_parameter(node) if item.arg not in ("self", "cls")]
                untyped = [item.arg for item in own if item.annotation is None]
                self.assertEqual(untyped, [], f"{name} line {node.lineno}")
                self.assertIsNotNone(node.returns, f"{name} line {node.lineno}")

    def test_functions_are_read_at_once(self):
        """Red if a function has more than 70 lines or 7 parameters."""
        for name, tree in modules():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef):
                    where = f"{name} line {node.lineno}"
                    self.assertLessEqual(node.end_lineno - node.lineno + 1, 70, where)
                    own = [item for item in every_parameter(node) if item.arg != "self"]
                    self.assertLessEqual(len(own), 7, where)


if __name__ == "__main__":
    unittest.main()
