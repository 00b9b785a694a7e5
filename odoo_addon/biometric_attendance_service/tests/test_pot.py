"""The committed template of translations holds exactly the terms of this addon."""

from odoo.tests import TransactionCase, tagged

from odoo.addons.biometric_attendance.tests.pot_case import PotCase


@tagged("post_install", "-at_install")
class TestServicePot(PotCase, TransactionCase):
    def test_committed_terms_are_those_of_the_addon(self):
        """Red as soon as a text is added, changed or taken away without writing the file anew:
        node dev/bootstrap.mjs dev/odoo.ts pot"""
        self.assertIn("Support hours used", self.check_pot("biometric_attendance_service"))
