"""Every language says every term of this addon."""

from odoo.tests import TransactionCase, tagged

from odoo.addons.biometric_attendance.tests.language_case import LanguageCase


@tagged("post_install", "-at_install")
class TestWorkEntryLanguages(LanguageCase, TransactionCase):
    def test_each_language_is_whole(self):
        """Red when a term is added without its translations, or one loses a placeholder."""
        self.check_languages("biometric_attendance_work_entry")
