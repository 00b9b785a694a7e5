"""Demo data loads whether or not a database was made with demo data."""

from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    def test_every_demo_file_loads(self):
        """Red when a demo record breaks a rule of its model."""
        from odoo.modules.module import Manifest

        files = Manifest.for_addon("biometric_attendance")["demo"]
        self.assertTrue(files)
        for name in files:
            convert_file(self.env, "biometric_attendance", name, {}, mode="init", noupdate=True)
        device = self.env.ref("biometric_attendance.demo_device")
        self.assertEqual(device.state, "waiting")
        self.assertTrue(device.user_ids.employee_id)
        self.assertEqual(device.area_ids, self.env.ref("biometric_attendance.demo_area_offices"))
