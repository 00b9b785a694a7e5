"""The committed template of translations holds exactly the terms of the addon, scripts included."""

from odoo.tests import TransactionCase, tagged

from .pot_case import PotCase


@tagged("post_install", "-at_install")
class TestPot(PotCase, TransactionCase):
    def test_committed_terms_are_those_of_the_addon(self):
        """Red as soon as a text is added, changed or taken away without writing the file anew:
        node dev/bootstrap.mjs dev/odoo.ts pot"""
        found = self.check_pot("biometric_attendance")
        for text in ("Ignored punch", "%(range)s (%(length)s) break, not paid", "Unmapped PINs"):
            self.assertIn(text, found)
