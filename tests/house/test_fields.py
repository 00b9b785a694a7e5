"""Every field a person can set on a form has a reader; every field shown there has a source.

A field without a reader is a promise that nobody keeps. Read are: attributes, names in SQL and in
lists of Python that runs, reports, mails and record rules, and the screens' TypeScript. No readers
are: the field's own line, forms, lists of what is audited, tests, checks of the value alone, and a
function that nobody calls.
"""

import ast
import csv
import re
import unittest
import xml.etree.ElementTree as ET
from collections import Counter
from functools import cache

from .source import ADDON, ROOT, functions, models, nodes, product_files, tree

# Fields that still lack what the rule asks, each with its reason. Nobody lengthens these lists;
# whoever gives one of them a reader takes it off.
# None is left.
WITHOUT_READER = set()
MOST_EXCEPTIONS = 0

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Strings of Python in which words are names: SQL, and paths without a blank. Others are prose.
NAMES = re.compile(r"\b(SELECT|FROM|JOIN|WHERE|UPDATE|SET|AND|CASE|ORDER BY|COALESCE)\b|^\S+$")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|<!--.*?-->", re.DOTALL)
# Called by Odoo or Python itself.
CALLED_BY_NAME = {"create", "write", "unlink", "init", "copy", "read", "watch"}
# Where rule parameters are declared, told and warned about; reading them there has no effect.
PARAMETER_BOOKS = {"rules", "lint", "regimes", "__init__"}


def files(folder, *suffixes):
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in suffixes and ".test." not in path.name:
            yield path


@cache
def words_of(*folders):
    """Words of XML and TypeScript below these folders."""
    found = set()
    for folder in folders:
        for path in files(folder, ".xml", ".ts"):
            text = COMMENT.sub("", path.read_text(encoding="utf-8"))
            found |= set(WORD.findall(text))
    return found


BASE = "odoo_addon/biometric_attendance"


def is_check(function):
    """A check of a value has no effect but its own refusal."""
    return any("constrains" in ast.unparse(one) for one in function.decorator_list)


def pieces(node, skipped=()):
    """Nodes below `node`, without decorators, docstrings, `skipped` and field declarations."""
    todo = [node]
    while todo:
        one = todo.pop()
        if id(one) in skipped:
            continue
        yield one
        children = list(ast.iter_child_nodes(one))
        if isinstance(one, (ast.FunctionDef, ast.ClassDef)):
            children = [child for child in one.body if not is_docstring(child)]
        todo += children


def is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def mentions(nodes):
    """`(words read, words written)`: a key of a dictionary or a stored attribute writes."""
    nodes = list(nodes)
    keys = {id(key) for node in nodes if isinstance(node, ast.Dict) for key in node.keys}
    read, written = set(), set()
    for node in nodes:
        if isinstance(node, ast.Attribute):
            (read if isinstance(node.ctx, ast.Load) else written).add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if NAMES.search(node.value):
                (written if id(node) in keys else read).update(WORD.findall(node.value))
        elif isinstance(node, ast.keyword) and node.arg:
            written.add(node.arg)
    return read, written


@cache
def endings():
    """What names put together at run time end with, as `_count` of f"{verdict}_count"."""
    return {
        node.values[-1].value
        for path in product_files()
        for node in nodes(path)
        if isinstance(node, ast.JoinedStr)
        and isinstance(node.values[0], ast.FormattedValue)
        and isinstance(node.values[-1], ast.Constant)
        and re.fullmatch(r"_[a-z]+", node.values[-1].value)
    }


@cache
def python_words():
    """`(read, written)` over the product's Python, in functions that somebody calls."""
    read, written = set(), set()
    alive = called_names()
    for path in product_files():
        declared = declarations(path)
        dead = {
            id(node)
            for node in functions(path)
            if is_check(node) or not is_alive(node, alive, path)
        }
        one_read, one_written = mentions(pieces(tree(path), declared | dead))
        read |= one_read
        written |= one_written
    return read, written


def declarations(path):
    """Statements that declare a field or list what is audited."""
    found = set()
    if path.name == "audited.py":
        found |= {id(one) for one in tree(path).body if isinstance(one, ast.Assign)}
    for model in models():
        if model.path == path:
            for statement in model.node.body:
                if isinstance(statement, ast.Assign):
                    name = statement.targets[0].id
                    if name in model.fields:
                        found.add(id(statement))
    return found


@cache
def called_names():
    """Names that are called, handed on or named somewhere: Python, XML, TypeScript."""
    found = set(words_of(f"{BASE}/views", f"{BASE}/data", f"{BASE}/report", "owl_src"))
    for path in product_files():
        for node in nodes(path):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Constant) and str(node.value).isidentifier():
                found.add(str(node.value))
    return found


def is_alive(function, alive, path):
    decorated = any("api." in ast.unparse(one) for one in function.decorator_list if one)
    hooks = decorated and not ast.unparse(function.decorator_list[0]).endswith("api.model")
    by_name = function.name in CALLED_BY_NAME or function.name.startswith("__")
    route = "controllers" in path.parts
    return hooks or by_name or route or function.name in alive


@cache
def form_fields():
    """`{(model, field): whether the view lets it be typed}` of every form of the addon."""
    found = {}
    for path in files(f"{BASE}/views", ".xml"):
        for record in ET.parse(path).getroot().iter("record"):
            if record.get("model") != "ir.ui.view":
                continue
            values = {field.get("name"): field for field in record.findall("field")}
            arch = values.get("arch")
            if arch is None or "form" not in shape(values, arch):
                continue
            for name, typed in shown(arch):
                key = (values["model"].text, name)
                found[key] = found.get(key, False) or typed
    return found


def shape(values, arch):
    """Root of a view, or what it extends."""
    extended = values["inherit_id"].get("ref", "") if "inherit_id" in values else ""
    return extended + " ".join(child.tag for child in arch)


def shown(node):
    """`(field, typed)` of a form; fields of a list inside a field are another model's."""
    for child in node:
        if child.tag == "field" and child.get("name"):
            yield child.get("name"), child.get("readonly") not in ("1", "True", "true")
        else:
            yield from shown(child)


@cache
def declared():
    """`{(model, field): keywords of its declaration}` over all rooms."""
    found = {}
    for model in models():
        for name, call in model.fields.items():
            words = {keyword.arg: keyword.value for keyword in call.keywords}
            helper = isinstance(call.func, ast.Name)  # typed(), choice(): written through write()
            # filled from the other side
            listed = ast.unparse(call.func) == "fields.One2many" or relation(call) in both_sides()
            words |= {"_typed": helper, "_listed": listed}
            found.setdefault((model.name, name), {}).update(words)
    return found


def relation(call):
    """Name of the table of a Many2many that gives it one, else None."""
    names = [one.value for one in call.args if isinstance(one, ast.Constant)]
    return names[1] if ast.unparse(call.func) == "fields.Many2many" and len(names) > 1 else None


@cache
def both_sides():
    """Tables that two fields of different models share."""
    counts = Counter(relation(call) for model in models() for call in model.fields.values())
    return {name for name, count in counts.items() if name and count > 1}


@cache
def writable_models():
    """Models that some group may write or create; a dialog's are everybody's who opens it."""
    path = ADDON / "security/ir.model.access.csv"
    with path.open(encoding="utf-8") as lines:
        return {
            row["model_id:id"].split(".")[-1].removeprefix("model_").replace("_", ".")
            for row in csv.DictReader(lines)
            if "1" in (row["perm_write"], row["perm_create"])
        }


def is_settable(words):
    said = words.get("readonly")
    if isinstance(said, ast.Constant):
        return said.value is False
    if words["_typed"] or "inverse" in words:
        return True
    return "compute" not in words and "related" not in words


class FieldsTest(unittest.TestCase):
    def cases(self):
        for key, typed in sorted(form_fields().items()):
            if key in declared():
                ours = key[0].startswith("biometric.")
                may = key[0] in writable_models() or not ours
                yield key, typed and may and is_settable(declared()[key])

    def test_forms_and_declarations_are_found(self):
        cases = list(self.cases())
        self.assertGreater(sum(settable for _key, settable in cases), 90)
        self.assertGreater(sum(not settable for _key, settable in cases), 150)

    def test_a_field_that_is_set_has_a_reader(self):
        """Red when a form offers a field that nothing reads, and when an exception has a reader."""
        read, _written = python_words()
        elsewhere = words_of(f"{BASE}/report", f"{BASE}/data", f"{BASE}/security", "owl_src")
        missing = {
            key
            for key, settable in self.cases()
            if settable and not self.is_read(key, read, elsewhere)
        }
        self.assertEqual(missing, WITHOUT_READER)

    @staticmethod
    def is_read(key, read, elsewhere):
        model, name = key
        if model == "biometric.rule" and name.startswith("p_"):
            return name[2:] in engine_attributes()
        return name in read or name in elsewhere

    def test_a_field_that_is_shown_has_a_source(self):
        """Red when a form shows what nothing computes or writes: it would be empty for ever."""
        read, written = python_words()
        for key, settable in self.cases():
            words = declared()[key]
            if settable or words["_listed"] or {"compute", "related", "default"} & set(words):
                continue
            made = any(
                key[1].endswith(ending) and key[1].removesuffix(ending) in read
                for ending in endings()
            )
            named = {key[1], f"default_{key[1]}"} & (written | read)
            self.assertTrue(made or named, f"{key} is written by nobody")

    def test_overtime_that_needs_approval_can_be_approved(self):
        """Red when no model hands the engine decisions: overtime would be held for ever."""
        self.assertIn("ot_requires_approval", engine_attributes())
        handed = {
            keyword.arg
            for path in product_files()
            if "engine" not in path.parts
            for node in nodes(path)
            if isinstance(node, ast.Call)
            for keyword in node.keywords
        }
        self.assertIn("adjustments", handed)

    def test_nobody_lengthens_the_exceptions(self):
        self.assertLessEqual(len(WITHOUT_READER), MOST_EXCEPTIONS)
        for key in WITHOUT_READER:
            self.assertIn(key, form_fields())


@cache
def engine_attributes():
    """What the engine reads of its values, but where parameters are declared or warned of."""
    return {
        node.attr
        for path in (ADDON / "engine").glob("*.py")
        if path.stem not in PARAMETER_BOOKS
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
    }


if __name__ == "__main__":
    unittest.main()
