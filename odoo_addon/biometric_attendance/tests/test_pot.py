"""The committed template of translations holds exactly the terms of the addon, scripts included."""

import io

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open
from odoo.tools.translate import PoFileReader, trans_export

ADDON = "biometric_attendance"


def terms(source):
    return {row["src"] for row in PoFileReader(source)}


@tagged("post_install", "-at_install")
class TestPot(TransactionCase):
    def test_committed_terms_are_those_of_the_addon(self):
        """Red as soon as a text is added, changed or taken away without writing the file anew:
        node dev/bootstrap.mjs dev/odoo.ts pot"""
        now = io.BytesIO()
        self.assertTrue(trans_export(False, [ADDON], now, "po", self.env))
        now.seek(0)
        now.name = f"{ADDON}.pot"
        with file_open(f"{ADDON}/i18n/{ADDON}.pot", "rb") as committed:
            kept = terms(committed)
        found = terms(now)
        self.assertEqual(sorted(found - kept), [], "not in the file yet")
        self.assertEqual(sorted(kept - found), [], "in the file and nowhere else")
        for text in ("Punch not used", "%(range)s (%(length)s) break, not paid", "Unmapped PINs"):
            self.assertIn(text, found)
