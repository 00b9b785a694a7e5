"""Words on screen: what an HR clerk would say, and a label that somebody chose for every field.

Owns the list of words that do not come back. Read are the committed templates of translations,
which hold exactly what the screens say (TestPot), and the declarations of fields.
"""

import ast
import re
import unittest

from .source import ROOT, product_files, python_files, tree

ADDONS = (
    "biometric_attendance",
    "biometric_attendance_service",
    "biometric_attendance_work_entry",
)
# Each with what is said instead. A word between braces or behind a percent sign is a placeholder.
BANNED = {
    r"[Hh]eard|[Hh]ears?": "connected, last contact",
    r"[Tt]old|[Tt]ells": "reported, notified",
    r"[Mm]end(s|ed|ing)?": "fix",
    r"[Ff]ares?": "status",
    r"[Ww]hoever|[Ss]omebody|[Ww]homever": "someone, the person who",
    r"[Tt]akes? back|[Tt]aken back|[Gg]ave way": "undo, withdraw, replaced",
    r"[Tt]ake in|[Tt]aken in|[Bb]ring in|[Bb]rought in": "import",
    r"[Cc]arried": "USB file, imported",
    r"[Ll]et it pass|[Ll]et pass|[Ll]et support look": "override, grant access",
    r"[Gg]ive up|[Gg]iven up|[Hh]and in|[Gg]ive out": "cancel, submit, issue",
    r"[Mm]eanwhile they|[Bb]e on it|[Dd]o it|[Ss]ay yes": "what the button does",
    r"by itself|by themselves|for ever": "automatically, forever",
    r"[Bb]egun|[Bb]egins?|[Bb]egan": "start",
    r"[Dd]evices?": "terminal",
    r"[Mm]ean(s|t)? (nobody|somebody)": "mapped, not mapped",
    r"[Uu]nder way|[Gg]oing on": "in progress",
    r"not there any more|no more there": "no longer exists",
    r"What (it is about|came of it|it says of itself|asks again)": "a noun",
}
# Sentences that use such a word as everybody does.
AS_EVERYBODY = (
    "devicePort.allow",
    "taken in whole blocks",
    "who can do it",
    # Odoo's own help of a field that the addon extends.
    "Defines the source for work entries generation",
)
# A count before a word in the plural is wrong for one; lists with several hold these alone.
COUNT = re.compile(r"^%s (days|punches|people|questions|things|issues)\b")
COUNTED_APART = {"%s days", "%s punches", "%s days and more"}


def terms(addon):
    """Every text of the addon's template of translations."""
    path = ROOT / "odoo_addon" / addon / "i18n" / f"{addon}.pot"
    found, open_lines = [], None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("msgid "):
            open_lines = [line[6:]]
        elif line.startswith("msgstr"):
            found.append("".join(ast.literal_eval(one) for one in open_lines or ()))
            open_lines = None
        elif open_lines is not None and line.startswith('"'):
            open_lines.append(line)
    return [one for one in found if one]


def instead_of(word):
    return next(instead for words, instead in BANNED.items() if re.fullmatch(words, word))


def plain(term):
    """The words of a term, without its placeholders and markup."""
    for spared in AS_EVERYBODY:
        term = term.replace(spared, "")
    return re.sub(r"%\(\w+\)s|<[^>]*>|\{\{.*?\}\}", " ", term)


def fields_of(file):
    """`(line, kind, name, call)` of each field that a class of the file declares."""
    for owner in ast.walk(tree(file)):
        if not isinstance(owner, ast.ClassDef):
            continue
        for one in owner.body:
            call = one.value if isinstance(one, ast.Assign) else None
            made = call.func if isinstance(call, ast.Call) else None
            if isinstance(made, ast.Attribute) and getattr(made.value, "id", "") == "fields":
                yield one.lineno, made.attr, one.targets[0].id, call


def has_label(kind, call):
    """Whether the declaration gives a label, or takes over that of another field."""
    keywords = {one.arg for one in call.keywords}
    before = {"Many2one": 1, "Selection": 1, "One2many": 2, "Many2many": 4}.get(kind, 0)
    overrides = {"related", "selection_add", "string"}
    return bool(keywords & overrides) or len(call.args) > before


def is_of_two_words(name):
    return "_" in re.sub(r"_ids?$", "", name)


class TestWords(unittest.TestCase):
    maxDiff = None

    def test_no_word_of_ours_comes_back(self):
        """Red when a screen says *Told*, *Heard*, *Take in* or *Device* again."""
        found = []
        any_of_them = re.compile(rf"\b({'|'.join(BANNED)})\b")
        for addon in ADDONS:
            for term in terms(addon):
                hit = any_of_them.search(plain(term))
                if hit:
                    found.append(f"{addon}: “{term[:90]}”: {hit[0]}: rather {instead_of(hit[0])}")
        self.assertEqual(found, [])

    def test_a_count_reads_right_for_one(self):
        """Red when a screen can say “1 days”: put the count behind the word, or give one its own
        sentence and add it to COUNTED_APART."""
        found = [term for addon in ADDONS for term in terms(addon) if COUNT.search(term)]
        self.assertEqual(set(found) - COUNTED_APART, set())

    def test_one_word_closes_a_dialog(self):
        """Red when a dialog is left by another word than *Close*, which its cross says too, or by
        none, or when a button that acts is called *Close* as well."""
        found = []
        for path in sorted(ROOT.glob("odoo_addon/*/*/*.xml")):
            text = path.read_text(encoding="utf-8")
            # a card's footer is no dialog's
            for footer in re.findall(r"<footer(?! t-if).*?</footer>", text, re.S):
                leave = re.findall(r'<button[^>]*special="cancel"[^>]*>', footer)
                words = [re.search(r'string="([^"]*)"', one)[1] for one in leave]
                if set(words) != {"Close"}:
                    found.append(f"{path.name}: {words}")
            acts = re.findall(r'<button[^>]*name="[^>]*string="Close"[^>]*>', text)
            found += [f"{path.name}: {one}" for one in acts]
        self.assertEqual(found, [])

    def test_every_field_has_a_label_of_its_own(self):
        """Red when a field of several words shows what Odoo makes of its name: *Alarmed At*."""
        found = []
        for file in (*product_files(), *others()):
            for line, kind, name, call in fields_of(file):
                if is_of_two_words(name) and not has_label(kind, call):
                    found.append(f"{file.relative_to(ROOT)}:{line}: {name}")
        self.assertEqual([one for one in found if not one.endswith(": work_entry_source")], [])


def others():
    """The Python of the other addons, without their tests."""
    for path in python_files():
        addon = path.relative_to(ROOT).parts[1:2]
        if addon and addon[0] in ADDONS[1:] and "tests" not in path.parts:
            yield path
