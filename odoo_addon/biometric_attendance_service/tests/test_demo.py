"""Demo data loads, and its customers are in the states that their dates say."""

from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file

ADDON = "biometric_attendance_service"
STATES = {
    "Kiln Works": "trial",
    "Fjord Seafood": "active",
    "Alp Hotels": "active",
    "Harbour Logistics": "suspended",
    "Copper Mills": "closing",
}


@tagged("post_install", "-at_install")
class TestServiceDemo(TransactionCase):
    def test_every_demo_file_loads_and_its_states_stay(self):
        """Red when a demo record breaks a rule of its model, when the next hour moves a demo
        customer to another state, or when none of them wants a call."""
        from odoo.modules.module import Manifest

        files = Manifest.for_addon(ADDON)["demo"]
        self.assertTrue(files)
        for name in files:
            convert_file(self.env, ADDON, name, {}, mode="init", noupdate=True)
        tenants = self.env["biometric.service.tenant"].search([("name", "in", list(STATES))])
        for tenant in tenants:
            tenant._go_on()
        self.assertEqual({one.name: one.state for one in tenants}, STATES)
        calls = {one.name for one in tenants if one.wants_call}
        self.assertEqual(calls, {"Kiln Works", "Alp Hotels"})
