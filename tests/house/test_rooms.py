"""Rooms of models/: who is loaded before whom, who may reach whom, and how."""

import ast
import re
import unittest
from collections import Counter

from .source import (
    ADDON,
    ROOMS,
    asked_models,
    functions,
    homes,
    imported,
    inside_imports,
    load_order,
    models,
    name_of,
    nodes,
    product_files,
    room_of,
    tree,
)

# What a file may import besides its own folder. Rooms of models/ import rooms before them, too.
BELOW = {
    "engine": (),
    "contract": (),
    "seams": (),
    "verifier": ("engine",),
    "models": ("contract", "engine", "seams", "verifier"),
    "wizards": ("contract", "engine", "seams", "models"),
    "report": (),
    "controllers": ("contract",),
    "hooks": (),
}
# Models asked for in a room that is loaded later, through `env`: (room, model) as they stand.
# A new one is a decision; the list only shrinks.
UPWARD = {
    ("mixins", "biometric.audit"),
    ("ledger", "biometric.alarm"),
    ("ledger", "biometric.device"),
    ("ledger", "biometric.device.user"),
    ("ledger", "biometric.export"),
    ("ledger", "biometric.hearing"),
    ("agent", "biometric.alarm"),
    ("agent", "biometric.completeness"),
    ("agent", "biometric.device"),
    ("agent", "biometric.gap"),
    ("agent", "biometric.hearing"),
    ("agent", "biometric.run"),
    ("fleet", "biometric.device.user"),
    ("fleet", "biometric.quarantine"),
}
DAY_DOOR = "biometric.stale.day"
# Tables of Odoo's: what our SQL names only in seams/.
FOREIGN = re.compile(
    r"(?:FROM|JOIN|INTO|UPDATE)\s+(?!biometric_)((?:hr|resource|res|ir|mail|bus)_\w+)"
)


def rank(room):
    return ROOMS.index(room) if room in ROOMS else len(ROOMS)


class RoomsTest(unittest.TestCase):
    def test_rooms_are_loaded_in_the_written_order(self):
        """Red when models/__init__.py lists two rooms the other way round, or an unknown one."""
        rooms = imported(ADDON / "models/__init__.py")
        self.assertEqual(rooms, [room for room in ROOMS if room in rooms])
        there = {p.name for p in (ADDON / "models").iterdir() if (p / "__init__.py").exists()}
        self.assertEqual(there, set(rooms))

    def test_every_model_is_loaded(self):
        """Red when a file with a model is on no list: it is imported by luck or not at all."""
        listed = set(load_order())
        for model in models():
            if model.room != "wizards":
                self.assertIn(model.path, listed, model.name)

    def test_a_model_is_made_before_it_is_extended(self):
        """Red when biometric.shift inherits biometric.audited in the audit room."""
        order = load_order()
        made = {model.name: model for model in models() if model.is_new}
        for model in models():
            for parent in model.inherits:
                maker = made.get(parent)
                if maker is None or maker.path == model.path:
                    continue
                if model.room == "wizards":
                    continue
                where = f"{name_of(model.path)} extends {parent} of {name_of(maker.path)}"
                self.assertLess(order.index(maker.path), order.index(model.path), where)

    def test_one_class_for_a_model_in_a_room(self):
        """Red when a room says a model in two classes: nobody knows which write runs first."""
        count = Counter((model.room, model.name) for model in models())
        self.assertEqual([key for key, number in count.items() if number > 1], [])

    def test_a_company_and_its_settings_have_their_own_file(self):
        """Red when a setting is declared in the middle of another file."""
        for model in models():
            if model.name == "res.company":
                self.assertEqual(model.path.stem, model.name.replace(".", "_"))

    def test_dialogs_are_in_wizards(self):
        """Red when a TransientModel is made in models/, or a stored model in wizards/."""
        for model in models():
            if model.is_new:
                dialog = model.kind == "TransientModel"
                self.assertEqual(dialog, model.room == "wizards", model.name)

    def test_a_part_of_a_model_has_no_dictionary(self):
        """Red when a plain class mixed into a model lacks `__slots__ = ()`: Odoo does not start."""
        bases = {base.id for m in models() for base in m.node.bases if isinstance(base, ast.Name)}
        self.assertIn("DeviceBoard", bases)
        found = set()
        for path in product_files():
            for node in tree(path).body:
                if isinstance(node, ast.ClassDef) and node.name in bases:
                    found.add(node.name)
                    self.assertIn("__slots__ = ()", ast.unparse(node), node.name)
        self.assertEqual(found, bases)

    def test_imports_run_one_way(self):
        """Red when a room imports a later one, the contract a model, or a model a wizard."""
        for path in product_files():
            folder = path.relative_to(ADDON).parts[0].removesuffix(".py")
            # models/__init__.py lists the rooms; one of a room or a folder lists its own files.
            if folder not in BELOW or path == ADDON / "models/__init__.py":
                continue
            for parts in inside_imports(path):
                if parts[0] == folder:
                    ours, theirs = path.relative_to(ADDON).parts[1], (*parts, None)[1]
                    if ours in ROOMS and theirs in ROOMS:
                        self.assertLessEqual(rank(theirs), rank(ours), f"{name_of(path)}: {parts}")
                    continue
                self.assertIn(parts[0], BELOW[folder], f"{name_of(path)} imports {parts}")

    def test_services_of_later_rooms_are_on_the_list(self):
        """Red when a room asks a model of a later room that it did not ask before; and when one on
        the list is asked no more."""
        found = set()
        for path in product_files():
            room = room_of(path)
            if room not in ROOMS:
                continue
            for model, line in asked_models(path):
                home = homes().get(model)
                if home is None or home == "wizards" or rank(home) <= rank(room):
                    continue
                if home == "day":
                    continue
                found.add((room, model))
                self.assertIn((room, model), UPWARD, f"{name_of(path)}:{line}")
        self.assertEqual(found, UPWARD)

    def test_days_have_one_door_for_the_rooms_below(self):
        """Red when a room before `day` asks biometric.day itself, or names a table of its."""
        tables = {name.replace(".", "_") for name, room in homes().items() if room == "day"} - {
            "biometric_day"
        }
        table = re.compile(rf"(?:FROM|JOIN|INTO|UPDATE)\s+({'|'.join(tables)}|biometric_day)\b")
        for path in product_files():
            room = room_of(path)
            if room not in ROOMS or rank(room) >= rank("day"):
                continue
            for model, line in asked_models(path):
                if homes().get(model) == "day":
                    self.assertEqual(model, DAY_DOOR, f"{name_of(path)}:{line}")
            for text, line in texts(path):
                self.assertIsNone(table.search(text), f"{name_of(path)}:{line}")

    def test_tables_of_odoo_are_read_in_seams(self):
        """Red when SQL outside seams/ names a table of Odoo's: a later series renames columns."""
        seen = 0
        for path in product_files():
            parts = path.relative_to(ADDON).parts
            for text, line in texts(path):
                found = FOREIGN.search(text)
                if parts[0] == "seams":
                    seen += bool(found)
                    continue
                self.assertIsNone(found, f"{name_of(path)}:{line} {found and found[1]}")
        self.assertGreaterEqual(seen, 8)

    def test_seams_are_the_one_way(self):
        """Red when a job asks Odoo itself how long it may work, or a parameter or file is read
        past its seam."""
        once = {
            "_commit_progress": "job",
            "get_param": "parameters",
            "set_param": "parameters",
            "pytz": None,
        }
        for path in product_files():
            for node in nodes(path):
                word = getattr(node, "attr", None) or getattr(node, "name", None)
                if word in once:
                    self.assertEqual(path.stem, once[word], f"{name_of(path)} says {word}")

    def test_an_override_hands_on_what_it_got(self):
        """Red when a method calls super() and returns nothing: whoever extends it gets None."""
        for model in models():
            for node in model.node.body:
                if isinstance(node, ast.FunctionDef) and "super()" in ast.unparse(node):
                    returns = [one for one in ast.walk(node) if isinstance(one, ast.Return)]
                    self.assertTrue(returns, f"{model.name}.{node.name}")

    def test_a_label_says_more_than_its_field(self):
        """Red when a label repeats what Odoo makes of the field's name by itself."""
        for model in models():
            for name, call in model.fields.items():
                own = name.removesuffix("_ids").removesuffix("_id").replace("_", " ").title()
                labels = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
                labels += [word.value.value for word in call.keywords if word.arg == "string"]
                self.assertNotIn(own, labels, f"{model.name}.{name}")

    def test_engine_and_contract_know_nothing_of_odoo(self):
        for path in product_files():
            if path.relative_to(ADDON).parts[0] not in ("engine", "contract", "verifier"):
                continue
            for node in nodes(path):
                names = [alias.name for alias in getattr(node, "names", ())]
                names.append(getattr(node, "module", None) or "")
                for name in names:
                    self.assertNotEqual(str(name).split(".")[0], "odoo", name_of(path))


def texts(path):
    """`(text, line)` of every string of a file that is no docstring, pieces of f-strings too."""
    notes = {
        id(node.body[0].value)
        for node in (tree(path), *functions(path), *classes(path))
        if node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.value, node.lineno


def classes(path):
    return [node for node in nodes(path) if isinstance(node, ast.ClassDef)]


if __name__ == "__main__":
    unittest.main()
