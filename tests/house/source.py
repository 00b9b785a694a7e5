"""The addon's Python as syntax trees, and what its models say of themselves in it.

Owns reading only; each rule is in the test that holds it. Nothing of the addon is imported.
"""

import ast
import gc
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDON = ROOT / "odoo_addon/biometric_attendance"
FOLDERS = ("odoo_addon", "tests", "dev", "edge_agent")

# The order in which models/__init__.py loads the rooms: a room extends and imports rooms before it.
ROOMS = (
    "mixins",
    "audit",
    "ledger",
    "agent",
    "fleet",
    "release",
    "registry",
    "day",
    "review",
    "cto",
    "payroll",
    "commissioning",
    "company",
    "support",
)


@cache
def tree(path):
    """Trees stay to the end. The collector is kept from looking through a million nodes again and
    again: that was four fifths of the reading.
    """
    gc.disable()
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    finally:
        gc.freeze()
        gc.enable()


@cache
def nodes(path):
    """Every node of a file, walked once for all rules."""
    return list(ast.walk(tree(path)))


@cache
def python_files():
    """Every Python file of the project, sorted."""
    found = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "node_modules" not in path.parts)


@cache
def product_files():
    """The addon's Python files without its tests."""
    tests = ADDON / "tests"
    return [p for p in python_files() if ADDON in p.parents and tests not in p.parents]


def name_of(path):
    return str(path.relative_to(ROOT))


def room_of(path):
    """`day` for models/day/x.py, `wizards` for wizards/x.py; None outside of both."""
    parts = path.relative_to(ADDON).parts
    if parts[0] == "models" and len(parts) == 3:
        return parts[1]
    return "wizards" if parts[0] == "wizards" else None


def is_test(path):
    return "tests" in path.relative_to(ROOT).parts


@cache
def functions(path):
    return [node for node in nodes(path) if isinstance(node, ast.FunctionDef)]


@dataclass(frozen=True)
class Model:
    """One class of a model: what it is called, what it inherits, where it stands."""

    path: Path
    node: ast.ClassDef
    name: str
    inherits: tuple
    kind: str  # Model, TransientModel, AbstractModel
    fields: dict = field(default_factory=dict)  # name -> ast.Call

    @property
    def room(self):
        return room_of(self.path)

    @property
    def is_new(self):
        return self.name not in self.inherits


@cache
def models():
    """Every model class of the addon, file by file."""
    return [
        model
        for path in product_files()
        for node in tree(path).body
        if (model := _model(path, node))
    ]


def _model(path, node):
    if not isinstance(node, ast.ClassDef):
        return None
    kinds = {ast.unparse(base).split(".")[-1] for base in node.bases}
    kind = next(iter(kinds & {"Model", "TransientModel", "AbstractModel"}), None)
    if kind is None:
        return None
    said, fields = {}, {}
    for statement in node.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        target = statement.targets[0].id
        if target in ("_name", "_inherit"):
            said[target] = ast.literal_eval(statement.value)
        elif isinstance(statement.value, ast.Call) and not target.startswith("_"):
            fields[target] = statement.value
    inherits = said.get("_inherit", ())
    inherits = (inherits,) if isinstance(inherits, str) else tuple(inherits)
    return Model(
        path, node, said.get("_name", inherits[0] if inherits else ""), inherits, kind, fields
    )


@cache
def homes():
    """`{model: room}` of the models that the addon makes."""
    return {model.name: model.room for model in models() if model.is_new}


@cache
def load_order():
    """Files of models and reports in the order Odoo loads them, by the lists in __init__.py."""
    order = []
    for room in imported(ADDON / "models/__init__.py"):
        order += [ADDON / f"models/{room}/{name}.py" for name in imported(_init(room))]
    return order + [ADDON / f"report/{name}.py" for name in imported(ADDON / "report/__init__.py")]


def _init(room):
    return ADDON / f"models/{room}/__init__.py"


def imported(path):
    """Names that `from . import (…)` lists, in order."""
    return [
        alias.name
        for node in tree(path).body
        if isinstance(node, ast.ImportFrom) and not node.module
        for alias in node.names
    ]


def inside_imports(path):
    """Folders and files of the addon that a file imports: parts below its root, in order."""
    own = ("odoo", "addons", ADDON.name)
    here = own + path.relative_to(ADDON).parts[:-1]
    found = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found += [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) - node.level + 1] if node.level else ()
            parts = above + tuple((node.module or "").split(".") if node.module else ())
            whole = not node.module or parts == own  # `from . import a` names files
            found += [(*parts, alias.name) for alias in node.names] if whole else [parts]
    return [parts[3:] for parts in found if parts[:3] == own and len(parts) > 3]


def asked_models(path):
    """Models that a file names in `env["…"]`, with their line."""
    for node in nodes(path):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, str)
            and ast.unparse(node.value).split(".")[-1] == "env"
        ):
            yield node.slice.value, node.lineno
