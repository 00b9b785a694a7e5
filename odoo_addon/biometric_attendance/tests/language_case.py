"""What the test of every addon's languages shares. Must not know which addon, nor any language.

A translation is read as Odoo reads it, term by term; `same_in.json` lists the terms that a language
says as English does, `glossary.json` the words that each language says one way.
"""

import json
import re
from collections import Counter
from pathlib import Path

import polib

from odoo.modules.module import get_module_path
from odoo.tools.misc import file_path

LANGUAGES = ("ar", "de", "es", "fr", "pt_BR", "tl", "vi")
HERE = Path(__file__).parent
GLOSSARY = HERE / "glossary.json"
SAME = HERE / "same_in.json"
PLACE = re.compile(r"%\([a-z_0-9]+\)[sd]|%[sd%]|\$\{[^}]*\}|\{[a-z_0-9]*\}")
TAG = re.compile(r"</?[a-zA-Z][^>]*>")
LETTER = re.compile(r"[^\W\d_]")


def parts(text):
    """What a translation must hold exactly as the term does."""
    plain = PLACE.sub("", TAG.sub("", text))
    return {
        "placeholders": Counter(PLACE.findall(text)),
        "unnamed ones, in their order": re.findall(r"%[sd]", text),
        "markup": Counter(TAG.findall(text)),
        "numbers": Counter(re.findall(r"\d+", plain)),
        "space around it": (text[:1].isspace(), text[-1:].isspace()),
        "line breaks": text.count("\n"),
    }


class LanguageCase:
    """Mixin for TransactionCase."""

    def languages(self, addon):
        """`[(language, polib file)]` of an addon: one file of each language, and no other."""
        folder = Path(get_module_path(addon), "i18n")
        found = {path.stem: polib.pofile(str(path)) for path in folder.glob("*.po")}
        self.assertEqual(sorted(found), sorted(LANGUAGES))
        return sorted(found.items())

    def check_languages(self, addon):
        """Each language has every term of the template, once, and what stands in it agrees."""
        template = polib.pofile(str(Path(get_module_path(addon), "i18n", f"{addon}.pot")))
        terms = {entry.msgid for entry in template}
        same = json.loads(SAME.read_text())
        words = json.loads(GLOSSARY.read_text())
        for language, file in self.languages(addon):
            with self.subTest(language):
                self.assertEqual({entry.msgid for entry in file} ^ terms, set())
                faults = [fault for entry in file for fault in self.faults(entry)]
                self.assertEqual(faults, [])
                english = {entry.msgid for entry in file if self.is_english(entry)}
                self.assertEqual(sorted(english - set(same[language])), [], "left in English")
                said = {entry.msgid: entry.msgstr.lower() for entry in file}
                for word, by_language in words.items():
                    label, chosen = word[:1].upper() + word[1:], by_language[language].lower()
                    self.assertEqual(said.get(label, chosen), chosen, word)
                self.check_header(language, file)

    def faults(self, entry):
        if not entry.msgstr.strip() or entry.fuzzy or entry.obsolete:
            return [f"{entry.msgid}: not translated"]
        theirs, ours = parts(entry.msgid), parts(entry.msgstr)
        return [f"{entry.msgid}: {what}" for what in theirs if theirs[what] != ours[what]]

    def is_english(self, entry):
        return entry.msgid == entry.msgstr and LETTER.search(
            PLACE.sub("", TAG.sub("", entry.msgid))
        )

    def check_header(self, language, file):
        """Plural forms as Odoo's own file of the language has them. It has one of Filipino in the
        accounts of the Philippines alone."""
        path = Path(file_path("base"), "i18n", f"{language}.po")
        if not path.exists():
            path = Path(file_path("l10n_ph"), "i18n", f"{language}.po")
        # Of its 20,000 terms the first one, which is the header.
        own = polib.pofile(path.read_text().partition("\n\n")[0])
        name = "Plural-Forms"
        self.assertEqual(file.metadata[name], own.metadata[name])
