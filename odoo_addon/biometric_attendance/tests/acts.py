"""Which acts the sources record in the trail, read from the sources: never from what a test did.

`recorded(folders)` gives every action that a call of the trail's `_record` or `_record_all` can
name. A name put together at the call is followed to the words it can be made of: through constants,
conditions, loops, selections, and the calls of the function that names it. What cannot be followed
is said, so that no act is left out unseen. Of models of `biometric.audited` the first word stands
as `*`.
"""

import ast
import os
import re
from itertools import product
from pathlib import Path

RECORDERS = ("_record", "_record_all")
# How far a name is followed before it is taken for a circle.
DEPTH = 8


class UnknownWords(Exception):
    """The words that an expression can hold are not to be read from the sources."""


class Place:
    """Where an expression stands: its file, its class, its outermost function."""

    def __init__(self, path, owner=None, function=None):
        self.path, self.owner, self.function = path, owner, function


class Sources:
    """Python files, parsed: constants and functions by file, calls by what is called."""

    def __init__(self, folders):
        self.constants, self.defined, self.calls = {}, {}, {}
        self.selections, self.models = {}, {}
        paths = sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
        views = (path for folder in folders for path in Path(folder).rglob("*.xml"))
        self.views = [path.read_text() for path in views]
        for path in paths:
            tree = ast.parse(path.read_text())
            for node in tree.body:
                if isinstance(node, ast.Assign):
                    self._constant(path, node)
            self._walk(tree, Place(path))

    def _constant(self, path, node):
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=True)
            for name, value in pairs:
                self.constants[path, ast.unparse(name)] = value

    def _walk(self, node, place):
        for child in ast.iter_child_nodes(node):
            inner = place
            if isinstance(child, ast.ClassDef):
                inner = Place(place.path, child)
                self._fields_of(child, inner)
            elif isinstance(child, ast.FunctionDef) and place.function is None:
                inner = Place(place.path, place.owner, child)
                self.defined.setdefault(child.name, set()).add(place.path)
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
                self.calls.setdefault(child.func.attr, []).append((child, place))
            self._walk(child, inner)

    def _fields_of(self, node, place):
        for item in node.body:
            value = getattr(item, "value", None)
            if isinstance(item, ast.Assign) and ast.unparse(item.targets[0]) == "_name":
                self.models[value.value] = place.path
            called = isinstance(item, ast.Assign) and isinstance(value, ast.Call)
            if called and ast.unparse(value.func) == "fields.Selection" and value.args:
                self.selections[place.path, ast.unparse(item.targets[0])] = value.args[0]

    def records(self):
        """(call, place) of each that speaks to the trail."""
        for name in RECORDERS:
            for call, place in self.calls.get(name, ()):
                if call.args and self._is_trail(call, place):
                    yield call, place

    def _is_trail(self, call, place):
        """Whether a call speaks to the trail, not to a function of that name of its own file."""
        name, whom = call.func.attr, ast.unparse(call.func.value)
        own = place.path in self.defined.get(name, ()) and "audit" not in whom
        return name in RECORDERS and not own

    # ------------------------------------------------------------------ the words of an expression

    def words(self, node, place, depth=0):
        """Texts that an expression can be."""
        depth += 1
        if depth > DEPTH:
            raise UnknownWords(ast.unparse(node))
        if isinstance(node, ast.Constant):
            return {node.value} if isinstance(node.value, str) else set()
        if isinstance(node, ast.IfExp):
            return self.words(node.body, place, depth) | self.words(node.orelse, place, depth)
        if isinstance(node, ast.FormattedValue):
            return self.words(node.value, place, depth)
        if isinstance(node, ast.JoinedStr):
            parts = [self.words(one, place, depth) for one in node.values]
            return {"".join(one) for one in product(*parts)}
        if isinstance(node, ast.Attribute) and node.attr == "_audit_word":
            return {"*"}
        if isinstance(node, ast.Attribute) and (place.path, node.attr) in self.selections:
            return self._keys(self.selections[place.path, node.attr], place)
        if isinstance(node, ast.Name):
            return self._of_name(node.id, place, depth)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".context.get"):
            return self._of_context(node.args[0].value)
        raise UnknownWords(ast.unparse(node))

    def _of_context(self, key):
        """What the buttons of the views say under a key of the context."""
        says = re.compile(rf"'{key}': '([a-z_]+)'")
        return {word for text in self.views for word in says.findall(text)}

    def _of_name(self, name, place, depth):
        inside = list(ast.walk(place.function)) if place.function else []
        values = [
            node.value
            for node in inside
            if isinstance(node, ast.Assign) and name in map(ast.unparse, node.targets)
        ]
        for node in inside:
            if isinstance(node, (ast.For, ast.comprehension)):
                values += _run_over(node, name)
        if not values and (position := _position(place.function, name)) is not None:
            return self._of_parameter(place, position, name, depth)
        if not values:
            own = self.constants.get((place.path, name))
            same = [value for (_path, one), value in self.constants.items() if one == name]
            values = [own] if own else same[:1]
        if not values:
            raise UnknownWords(name)
        return set().union(*(self.words(value, place, depth) for value in values))

    def _of_parameter(self, place, position, name, depth):
        """What the calls of a function pass for one of its parameters."""
        found = set()
        called = place.function.name
        for call, there in self.calls.get(called, ()):
            passed = [key.value for key in call.keywords if key.arg == name]
            passed = passed or call.args[position : position + 1]
            ours = self._means(call, there, place.path) and not self._is_trail(call, there)
            if not (passed and ours):
                continue
            try:
                found |= self.words(passed[0], there, depth)
            except UnknownWords:
                # Of another room it is a function that happens to be called the same.
                if there.path.parent == place.path.parent:
                    raise
        if not found:
            raise UnknownWords(f"{name} of {called}")
        return found

    def _means(self, call, place, path):
        """Whether a call in `place` means the function of that name in the file `path`: that of the
        model it names; else its own file's, that of the model whose parts begin with the same name
        in its room, or one of those that are as near."""
        whom = ast.unparse(call.func.value)
        if named := re.search(r"env\['([a-z_.]+)'\]$", whom.removesuffix(".sudo()")):
            return self.models.get(named[1]) == path
        # What reads evidence by company is called the same as what tells the trail.
        if whom == "evidence":
            return False

        def near(other):
            begins = len(os.path.commonprefix([place.path.name, other.name]))
            return (other == place.path, other.parent == place.path.parent, begins)

        return near(path) == max(map(near, self.defined[call.func.attr]))

    def _keys(self, node, place):
        """Keys of a selection: a list of pairs, or the name of one."""
        if isinstance(node, ast.Name):
            return self._keys(self.constants[place.path, node.id], place)
        return {one.elts[0].value for one in node.elts}


def _run_over(node, name):
    """Values of a loop's variable where what it runs over is written there."""
    names = node.target.elts if isinstance(node.target, ast.Tuple) else [node.target]
    places = [n for n, one in enumerate(names) if ast.unparse(one) == name]
    if not places or not isinstance(node.iter, (ast.Tuple, ast.List)):
        return []
    return [one.elts[places[0]] if len(names) > 1 else one for one in node.iter.elts]


def _position(function, name):
    """Which argument of a call a parameter is, self left out; None for another name."""
    names = [one.arg for one in function.args.args] if function else []
    names = names[1:] if names[:1] == ["self"] else names
    return names.index(name) if name in names else None


def recorded(*folders):
    """(actions that the sources can record, expressions that could not be followed)."""
    sources, found, dark = Sources(folders), set(), []
    for call, place in sources.records():
        try:
            found |= sources.words(call.args[0], place)
        except UnknownWords as error:
            dark.append(f"{place.path.name} {ast.unparse(call.args[0])}: {error}")
    return found, dark
