"""Rules of every Python file: commits, searches, sizes, names in comments; words of templates."""

import ast
import re
import unittest

from .source import (
    ADDON,
    FOLDERS,
    ROOT,
    functions,
    is_test,
    name_of,
    nodes,
    product_files,
    python_files,
    tree,
)
from .unlimited import UNLIMITED, unlimited
from .wordless import WORDLESS

LONGEST = {"source": 70, "test": 90}
MOST_PARAMETERS = 7
# Builders of test data: each parameter is a field of the row, with a default.
BUILDERS = {"odoo_addon/biometric_attendance/tests/common.py::punch"}
SEARCHES = ("search", "search_fetch", "search_read")
FILE_NAME = re.compile(r"(?<![\w*])([\w./-]*\w\.(?:py|ts|mjs))\b")
# Words of OWL's expressions, and the one name they begin with.
TEMPLATE_WORDS = {"true", "false", "null", "and", "or", "not", "gt", "lt", "gte", "lte", "this"}


def parameters(node):
    """How many a caller has to know; not self or cls."""
    names = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    names += [arg for arg in (node.args.vararg, node.args.kwarg) if arg]
    return len([arg for arg in names if arg.arg not in ("self", "cls")])


class PythonTest(unittest.TestCase):
    def test_there_is_something_to_look_at(self):
        self.assertGreater(len(product_files()), 120)
        self.assertGreater(len(python_files()), 200)

    def test_nothing_of_the_product_commits(self):
        """Red when product code calls cr.commit(): a failure after it leaves half of a change."""
        for path in product_files():
            for node in nodes(path):
                if isinstance(node, ast.Attribute) and node.attr in ("commit", "rollback"):
                    self.fail(f"{name_of(path)}:{node.lineno} {ast.unparse(node)}")

    def test_searches_without_a_limit_are_on_the_list(self):
        """Red when a search has no limit and no reason, and when a reason has none any more."""
        found = set()
        for path in product_files():
            if path.relative_to(ADDON).parts[0] in ("engine", "contract", "verifier"):
                continue
            for function in functions(path):
                if any(self.is_unlimited(node) for node in ast.walk(function)):
                    found.add(f"{path.relative_to(ADDON)}::{function.name}")
        self.assertEqual(sorted(found), sorted(unlimited()))
        self.assertTrue(all(len(reason) > 15 for reason in UNLIMITED))

    def test_a_refusal_is_asserted_by_its_words(self):
        """Red when an addon test asks for the class of an error alone: another guard's refusal, or
        a typing mistake's, would do. `assertRefused` asks for the words; the list only shrinks."""
        found = {}
        for path in sorted((ADDON / "tests").glob("*.py")):
            calls = [
                node
                for node in nodes(path)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "assertRaises"
            ]
            if calls and path.name != "common.py":
                found[path.name] = len(calls)
        self.assertEqual(found, WORDLESS)

    @staticmethod
    def is_unlimited(node):
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in SEARCHES
            and not any(
                keyword.arg == "limit" and ast.unparse(keyword.value) not in ("None", "False", "0")
                for keyword in node.keywords
            )
        )

    def test_a_function_is_read_at_once(self):
        """Red when a function passes 70 lines, a test 90."""
        for path in python_files():
            longest = LONGEST["test" if is_test(path) else "source"]
            for node in functions(path):
                lines = node.end_lineno - node.lineno + 1
                self.assertLessEqual(lines, longest, f"{name_of(path)}::{node.name}")

    def test_a_function_asks_for_few_things(self):
        """Red when a function takes an eighth parameter: what belongs together is a value."""
        found = {
            f"{name_of(path)}::{node.name}"
            for path in python_files()
            for node in functions(path)
            if parameters(node) > MOST_PARAMETERS
        }
        self.assertEqual(found, BUILDERS)

    def test_files_named_in_head_comments_exist(self):
        """Red when a file is renamed and another one's head goes on naming it."""
        there = {
            str(path.relative_to(ROOT))
            for folder in (*FOLDERS, "owl_src")
            for path in (ROOT / folder).rglob("*")
            if path.suffix in (".py", ".ts", ".mjs") and "node_modules" not in path.parts
        }
        named = 0
        for path in python_files():
            for name in FILE_NAME.findall(ast.get_docstring(tree(path)) or ""):
                named += 1
                known = any(one == name or one.endswith(f"/{name}") for one in there)
                self.assertTrue(known, f"{name_of(path)} names {name}")
        self.assertGreater(named, 10)


class TemplateTest(unittest.TestCase):
    """OWL templates as a later series reads them: `this.` before what is the component's."""

    def templates(self):
        for path in sorted((ROOT / "owl_src").rglob("*.xml")):
            text = path.read_text(encoding="utf-8")
            for found in re.finditer(r"<t t-name=.*?\n  </t>", text, re.DOTALL):
                yield path.name, found[0]

    def test_names_of_the_component_say_so(self):
        """Red when an expression says `state.x` for `this.state.x`: OWL 3 shows nothing there."""
        seen = 0
        for name, text in self.templates():
            known = set(re.findall(r't-set="(\w+)"', text)) | TEMPLATE_WORDS
            for loop in re.findall(r't-as="(\w+)"', text):
                known |= {loop, f"{loop}_index", f"{loop}_value", f"{loop}_first", f"{loop}_last"}
            if "BoardMoment" in text.split(">")[0]:
                known |= {"at", "none"}  # set by whoever calls it
            for expression in self.expressions(text):
                seen += 1
                plain = re.sub(r"'[^']*'", "''", expression)
                heads = re.findall(r"(?<![\w.$])([A-Za-z_$][\w$]*)(?!\s*:(?!:)(?<=[{,]))", plain)
                keys = set(re.findall(r"[{,]\s*(\w+)\s*:", plain))
                self.assertEqual(set(heads) - known - keys, set(), f"{name}: {expression}")
        self.assertGreater(seen, 100)

    @staticmethod
    def expressions(text):
        plain = r"\bt-(?:if|elif|out|value|foreach|key|props|att-[\w-]+|on-[\w.-]+)=\"([^\"]*)\""
        yield from re.findall(plain, text)
        for formatted in re.findall(r"\bt-attf-[\w-]+=\"([^\"]*)\"", text):
            yield from re.findall(r"\{\{(.*?)\}\}", formatted)
        for attributes in re.findall(r"<[A-Z]\w*((?:\s+[\w.:-]+=\"[^\"]*\")+)", text):
            yield from re.findall(r"\s(?!t-)[\w.]+=\"([^\"]*)\"", attributes)

    def test_no_directive_that_is_gone(self):
        """Red when a template or view prints with t-esc, or a report names a report_file."""
        for folder in (ROOT / "owl_src", ADDON):
            for path in folder.rglob("*.xml"):
                text = path.read_text(encoding="utf-8")
                self.assertNotRegex(text, r"\bt-esc=|\bt-raw=|name=\"report_file\"", path.name)


if __name__ == "__main__":
    unittest.main()
