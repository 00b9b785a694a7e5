"""The addon as syntax trees: what the engine's files define, what each definition reaches, and what
Odoo's side asks of the engine. Reads files, imports none of them, runs nothing.
"""

import ast

from ..house.source import ADDON
from ..house.source import tree as parsed

ENGINE = ADDON / "engine"
DOOR = "__init__"


def engine_files():
    """`{file name without ending: tree}`, the door included."""
    return {path.stem: parsed(path) for path in sorted(ENGINE.glob("*.py"))}


def outside_files():
    """`(path from the addon, tree)` of every shipped file that is not the engine's."""
    for path in sorted(ADDON.rglob("*.py")):
        name = path.relative_to(ADDON)
        if name.parts[0] not in ("engine", "tests"):
            yield name.as_posix(), parsed(path)


def engine_imports(tree, package):
    """`(submodule or "", imported name, local name, line)` of what a file takes from `package`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            parts = (node.module or "").split(".")
            if package in parts:
                below = ".".join(parts[parts.index(package) + 1 :])
                for alias in node.names:
                    yield below, alias.name, alias.asname or alias.name, node.lineno
            for alias in node.names:
                if alias.name == package:
                    yield "", "", alias.asname or package, node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if package in alias.name.split("."):
                    yield alias.name, "", alias.asname or alias.name, node.lineno


class Engine:
    """Definitions of the engine by `file.name` or `file.Class.method`, and what each one uses."""

    def __init__(self, files):
        self.files = files
        self.bodies = {}
        self.names = {file: self._imported(tree) for file, tree in files.items()}
        for file, tree in files.items():
            for node in tree.body:
                self._define(file, node)

    def _imported(self, tree):
        """`{local name: file or file.name}` of imports from other files of the engine."""
        found = {}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                for alias in node.names:
                    target = f"{node.module}.{alias.name}" if node.module else alias.name
                    found[alias.asname or alias.name] = target
        return found

    def _define(self, file, node):
        if isinstance(node, ast.FunctionDef):
            self.bodies[f"{file}.{node.name}"] = [node]
        elif isinstance(node, ast.ClassDef):
            methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
            rest = [item for item in node.body if item not in methods]
            self.bodies[f"{file}.{node.name}"] = [*rest, *node.bases, *node.decorator_list]
            for item in methods:
                own = f"{file}.{node.name}"
                name = own if item.name.startswith("__") else f"{own}.{item.name}"
                self.bodies.setdefault(name, []).append(item)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for item in ast.walk(target):
                    if isinstance(item, ast.Name) and item.id != "__all__":
                        self.bodies[f"{file}.{item.id}"] = [node]

    def resolve(self, file, name):
        """The definition or file that a name means in a file; None: none of the engine's."""
        if f"{file}.{name}" in self.bodies:
            return f"{file}.{name}"
        target = self.names[file].get(name)
        if target is None or target in self.files or target in self.bodies:
            return target
        return self.resolve(*target.split(".", 1))

    def used_by(self, file, nodes):
        """`(definitions, attribute names)` that code of a file uses."""
        found, attributes = set(), set()
        for node in (item for top in nodes for item in ast.walk(top)):
            if isinstance(node, ast.Name):
                found.add(self.resolve(file, node.id))
            elif isinstance(node, ast.Attribute):
                attributes.add(node.attr)
                if isinstance(node.value, ast.Name):
                    owner = self.resolve(file, node.value.id)
                    if owner in self.files:
                        found.add(self.resolve(owner, node.attr))
        return found & set(self.bodies), attributes

    def reached(self, roots, attributes):
        """Definitions that run for these roots. A method counts when its class does and its name
        is an attribute somewhere in code that runs."""
        done, seen = set(), set(attributes)
        waiting = set(roots)
        while waiting:
            done |= waiting
            fresh = set()
            for name in waiting:
                uses, own = self.used_by(name.split(".", 1)[0], self.bodies[name])
                fresh |= uses
                seen |= own
            fresh |= {
                name
                for name in self.bodies
                if name.count(".") == 2
                and name.rsplit(".", 1)[0] in done | fresh
                and name.rsplit(".", 1)[1] in seen
            }
            waiting = fresh - done
        return done


def reached_by_odoo(engine):
    """Definitions of the engine that models, wizards and the rest of the addon reach."""
    roots, attributes = set(), set()
    for _name, tree in outside_files():
        modules = {}
        for below, imported, local, _line in engine_imports(tree, "engine"):
            target = engine.resolve(below or DOOR, imported)
            if target in engine.files:
                modules[local] = target
            elif target:
                roots.add(target)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                attributes.add(node.attr)
                if isinstance(node.value, ast.Name) and node.value.id in modules:
                    roots.add(engine.resolve(modules[node.value.id], node.attr))
    return engine.reached(roots - {None}, attributes)
