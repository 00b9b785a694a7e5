"""S76: what is held about one person, over HTTP, for those who may have it."""

import csv
import io
import zipfile

from odoo.tests import HttpCase, new_test_user, tagged

from .test_audit_chain import ChainCase


@tagged("post_install", "-at_install")
class TestPersonExport(HttpCase, ChainCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: new_test_user(
                cls.env,
                f"own-{name}",
                groups=f"base.group_user,biometric_attendance.group_{name}",
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for name in ("hr_officer", "auditor", "employee", "approver", "payroll_officer")
        }
        cls.ana, cls.bo = cls.env["hr.employee"].create(
            [
                {"name": "Ana Quist", "company_id": cls.company.id, "private_street": "=1+1"}
                | {"barcode": "00042"},
                {"name": "Bo Other", "company_id": cls.company.id, "barcode": "B2"},
            ]
        )
        cls.ana.user_id = cls.users["employee"]
        users = cls.env["biometric.device.user"]
        users.map_pins(cls.device.ids, [["3", cls.ana.id], ["44", cls.bo.id]])

    def setUp(self):
        super().setUp()
        rows = [
            self.lane.punch(pin=pin, wall=f"2026-03-09 0{n}:00:00")
            for n, pin in enumerate(("3", "44", "3"), 6)
        ]
        self.store(self.agent, self.lane, *rows)
        self.env.flush_all()

    def download(self, name, person=None):
        self.authenticate(f"own-{name}", f"own-{name}")
        return self.url_open(f"/biometric_attendance/person/{(person or self.ana).id}")

    def test_s76_a_readable_zip_of_one_person(self):
        """S76. Red when punches, mappings, decisions or entries are missing, when another person's
        line is in it, or a cell is a formula."""
        answer = self.download("hr_officer")
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        tables = {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
            for name in archive.namelist()
            if name.endswith(".csv")
        }
        mine = self.env["biometric.punch"].search([("pin", "=", "3")])
        punches = tables["punches.csv"]
        self.assertEqual(len(punches), len(mine))
        self.assertGreaterEqual(len(mine), 2)
        self.assertEqual({row["PIN"] for row in punches}, {"3"})
        self.assertEqual(len(tables["device_users.csv"]), 1)
        person = tables["person.csv"][0]
        self.assertIn("Ana Quist", person.values())
        self.assertIn("'=1+1", person.values())
        self.assertIn("'00042", person.values())
        self.assertTrue(tables["audit.csv"])
        everything = b"".join(archive.read(name) for name in archive.namelist())
        for foreign in (b"Bo Other", b",44,", b"2026-03-09 07:00:00"):
            self.assertNotIn(foreign, everything)
        self.assertIn("punches.csv: ", archive.read("README.txt").decode())
        entry = self.env["biometric.audit"].search([("action", "=", "person.export")])
        self.assertEqual((entry.login, entry.person_id), ("own-hr_officer", self.ana.id))

    def test_s76_for_the_person_and_who_may_read_all(self):
        """S76. Red when an approver, a payroll officer or another employee gets it, or the person
        does not."""
        codes = {name: self.download(name).status_code for name in self.users}
        self.assertEqual(
            codes,
            {"hr_officer": 200, "auditor": 200, "employee": 200, "approver": 403}
            | {"payroll_officer": 403},
        )
        self.assertEqual(self.download("employee", self.bo).status_code, 403)
        far = self.env["res.company"].create({"name": "Far"})
        stranger = self.env["hr.employee"].create({"name": "Far One", "company_id": far.id})
        self.env.flush_all()
        self.assertEqual(self.download("hr_officer", stranger).status_code, 403)

    def test_s77_a_login_is_who_is_logged_in_whatever_the_code_acts_as(self):
        """S77. Red when the name of an entry is the one that a server action chose."""
        boss = new_test_user(self.env, "the-boss", groups="base.group_user,base.group_system")
        action = self.env["ir.actions.server"].create(
            {
                "name": "In another name",
                "model_id": self.env.ref("biometric_attendance.model_biometric_device").id,
                "state": "code",
                "code": f"env['biometric.audit'].with_user({boss.id}).sudo()._record("
                f"'test.lie', env['biometric.device'].sudo().browse({self.device.id}))",
            }
        )
        officer = self.users["hr_officer"]
        officer.group_ids |= self.env.ref("base.group_system")
        self.env.flush_all()
        self.authenticate("own-hr_officer", "own-hr_officer")
        self.make_jsonrpc_request(
            "/web/dataset/call_kw/ir.actions.server/run",
            {"model": "ir.actions.server", "method": "run", "args": [[action.id]], "kwargs": {}},
        )
        self.env.invalidate_all()
        entry = self.env["biometric.audit"].search([("action", "=", "test.lie")])
        self.assertEqual((entry.login, entry.user_name), ("own-hr_officer", officer.name))
        self.assertEqual((entry.user_id, entry.real_user_id), (boss.id, officer.id))
