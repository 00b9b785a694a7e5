"""Every language says every term of the addon, and what stands in it agrees with the term."""

from odoo.tests import TransactionCase, tagged

from .language_case import LANGUAGES, LanguageCase, parts


@tagged("post_install", "-at_install")
class TestLanguages(LanguageCase, TransactionCase):
    def test_each_language_is_whole(self):
        """Red when a term is added without its translations, or one loses a placeholder."""
        self.check_languages("biometric_attendance")

    def test_what_has_to_agree(self):
        """Red when a translation may drop a placeholder, markup, a number, a space or a line."""
        term = "<b>%(who)s</b> has %s of 14 days\n"
        for wrong in (
            "<b>%(wer)s</b> hat %s von 14 Tagen\n",
            "%(who)s hat %s von 14 Tagen\n",
            "<b>%(who)s</b> hat %s von 15 Tagen\n",
            "<b>%(who)s</b> hat %s von 14 Tagen",
            " <b>%(who)s</b> hat %s von 14 Tagen\n",
            "<b>%(who)s</b> hat %d von 14 Tagen\n",
        ):
            self.assertNotEqual(parts(term), parts(wrong), wrong)
        self.assertEqual(parts(term), parts("<b>%(who)s</b>: 14 Tage, davon %s\n"))

    def test_a_screen_is_read_in_each_language(self):
        """Red when Odoo does not take a file: a field's label and a sentence of Python. Of the
        files of our addon alone, by what Odoo calls for each module of a new language."""
        day = self.env["biometric.day"]
        english = day.fields_get(["worked_minutes"])["worked_minutes"]["string"]
        every = self.env["res.lang"].with_context(active_test=False)
        langs = every.browse(
            every.search([("iso_code", "=", name)], limit=1).id for name in LANGUAGES
        )
        langs.active = True
        ours = self.env.ref("base.module_biometric_attendance")
        ours._update_translations(langs.mapped("code"), overwrite=True)
        for lang in langs:
            with self.subTest(lang.code):
                there = day.with_context(lang=lang.code)
                label = there.fields_get(["worked_minutes"])["worked_minutes"]["string"]
                self.assertNotEqual(label, english)
                noun = there.env._("time zone of a terminal")
                self.assertNotEqual(noun, "time zone of a terminal")
