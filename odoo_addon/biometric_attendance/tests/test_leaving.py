"""C16: an administrator leaves with everything of the company, and it verifies without Odoo."""

import base64
import io
import json
import subprocess
import tempfile
import zipfile
from functools import partial
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS
from odoo.tests import HttpCase, new_test_user, tagged

from ..models.company.biometric_company_export import LEFT_OUT, OWN_FORM
from ..models.company.export_columns import STAYS, TRAVELS
from .common import Lane
from .test_audit_chain import ChainCase
from .test_verifier import BARE, unpack

# Ledgers stand beside the tables, in the form that the verifier reads.
OWN_FILES = {
    "biometric.audit": "audit",
    "biometric.punch": "punch",
    "biometric.sighting": "sighting",
}
COMM_KEY = "918273645"
# Of a person next door; so long that no digest holds it by chance.
FOREIGN_PIN = "471100471100"


@tagged("post_install", "-at_install")
class TestLeaving(HttpCase, ChainCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leaver = new_test_user(
            cls.env,
            "bio-leaver",
            groups="base.group_user,biometric_attendance.group_administrator,"
            "biometric_attendance.group_hr_officer,biometric_attendance.group_payroll_officer",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def setUp(self):
        super().setUp()
        self.secret = self.env["biometric.agent.token"]._issue(self.agent)
        self.code = self.env["biometric.pairing"]._open(self.agent)
        self.device.comm_key = COMM_KEY
        self.other = other = self.env["res.company"].create({"name": "Next door"})
        agent, _token = self.make_agent("Stranger", company=other)
        self.make_device(agent, "FOREIGN1")
        lane = Lane("c" * 32)
        self.store(agent, lane, lane.punch("FOREIGN1", FOREIGN_PIN))
        self.env.flush_all()

    def download(self, query=""):
        self.authenticate("bio-leaver", "bio-leaver")
        answer = self.url_open(f"/biometric_attendance/export{query}", timeout=120)
        # Not `text`: what alphabet a packed file is in would be guessed, half a second a time.
        self.assertEqual(answer.status_code, 200, answer.content[:300])
        self.assertEqual(answer.headers["Content-Type"], "application/zip")
        self.assertEqual(len(answer.content), int(answer.headers["Content-Length"]))
        return answer.content

    def test_the_export_is_complete_and_verifies_on_a_clean_machine(self):
        """C16, P22. Red when a stored model is left out, another company's row or a secret gets in,
        or the verifier inside needs more than Python."""
        content = self.download()
        archive = zipfile.ZipFile(io.BytesIO(content))
        lines = {
            name: archive.read(name).decode().splitlines()
            for name in archive.namelist()
            if name.endswith(".jsonl")
        }
        for name, model in self.env.items():
            stored = name.startswith("biometric.") and "company_id" in model._fields
            if (
                not stored
                or model._abstract
                or model._transient
                or model._table_query
                or name in LEFT_OUT
            ):
                continue
            held = model.sudo().with_context(active_test=False)
            count = held.search_count([("company_id", "=", self.company.id)])
            file = OWN_FILES.get(name, f"tables/{name}")
            with self.subTest(name):
                self.assertEqual(len(lines[f"{file}.jsonl"]), count)
        everything = "\n".join(line for rows in lines.values() for line in rows)
        for word in (self.secret, self.code, COMM_KEY, "FOREIGN1", FOREIGN_PIN, "Next door"):
            self.assertNotIn(word, everything)
        entry = json.loads(lines["audit.jsonl"][-1])
        self.assertEqual((entry["action"], entry["login"]), ("company.export", "bio-leaver"))
        self.assertEqual(self.verify(content), (0, "everything fits\n"))

    def test_a_changed_export_does_not_verify(self):
        """C16. Red when the script trusts the file: one letter of one punch is enough."""
        content = self.download()
        changed = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(content)) as old,
            zipfile.ZipFile(changed, "w") as new,
        ):
            for name in old.namelist():
                data = old.read(name)
                if name == "punch.jsonl":
                    data = data.replace(b"2026-03-02 08", b"2026-03-02 07", 1)
                    self.assertNotEqual(data, old.read(name))
                new.writestr(name, data)
        code, said = self.verify(changed.getvalue())
        self.assertEqual(code, 1)
        self.assertIn("punch_key", said)

    def verify(self, content):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.zip"
            path.write_bytes(content)
            command = [*BARE, unpack(path, folder), str(path)]
            run = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
            self.assertEqual(run.stderr, "")
            return run.returncode, run.stdout

    def test_s78_uninstalling_needs_a_verified_export_and_a_second_administrator(self):
        """S78. Red when one click, one person, an old or a changed export, or another module's
        uninstallation takes the ledgers away."""
        second = new_test_user(
            self.env,
            "bio-second",
            groups="base.group_system,biometric_attendance.group_administrator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        leaving = self.env["biometric.leaving"].with_company(self.company)
        modules = self.env["ir.module.module"]
        module = modules.search([("name", "=", "biometric_attendance")])
        # Other companies of the test database are not what this test is about.
        only = patch.object(type(leaving), "_companies", lambda _self: self.company)
        self.enterContext(only)
        module.demo = False
        for going in (module, modules.search([("name", "=", "hr_attendance")])):
            with self.assertRaisesRegex(UserError, "no verified export since the last entry"):
                going.with_user(second).button_uninstall()
        chief = module.with_user(second)
        with self.assertRaisesRegex(AccessError, "cannot be set manually"):
            chief.write({"demo": True})
        for way in (partial(chief.write, {"state": "to remove"}), chief.module_uninstall):
            with self.assertRaisesRegex(UserError, "no verified export since the last entry"):
                way()
        old = self.download()
        self.env["biometric.audit"]._record("test.note", self.device, company=self.company)
        first = leaving.with_user(self.leaver)
        for data, why in (
            (old, "has grown since"),
            (b"no zip", "This export cannot be read: BadZipFile"),
            (self.other_company(self.download()), "of another company"),
        ):
            with self.assertRaisesRegex(UserError, why):
                first._verify(self.company, data)
        with self.assertRaisesRegex(UserError, "First upload a new export"):
            leaving.with_user(second)._confirm(self.company)
        dialog = self.env["biometric.leave"].with_user(self.leaver).with_company(self.company)
        dialog = dialog.create({"data": base64.b64encode(self.download())})
        dialog.action_verify()
        self.assertFalse(dialog.data)
        with self.assertRaisesRegex(UserError, "another administrator has to confirm"):
            dialog.action_confirm()
        with self.assertRaisesRegex(UserError, "not confirmed by another"):
            leaving._refuse_uninstall()
        leaving.with_user(second)._confirm(self.company)
        leaving._refuse_uninstall()
        self.env["biometric.audit"]._record("test.note", self.device, company=self.company)
        with self.assertRaisesRegex(UserError, "no verified export since"):
            leaving._refuse_uninstall()
        first._verify(self.company, self.download())
        with self.assertRaisesRegex(UserError, "not confirmed by another"):
            # The yes of before was to another export
            leaving._refuse_uninstall()
        module.demo = True
        leaving._refuse_uninstall()

    def other_company(self, content):
        changed = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                if name == "company.json":
                    head = json.loads(data) | {"company_id": 10**6}
                    data = json.dumps(head).encode()
                new.writestr(name, data)
        return changed.getvalue()

    def test_every_menu_is_offered_to_somebody(self):
        """Red when a menu opens an action of a model that no role reads: Odoo hides it from
        everybody, as it hid the way to the export."""
        roles = ("approver", "hr_officer", "payroll_officer", "administrator", "auditor")
        everybody = new_test_user(
            self.env,
            "bio-everything",
            groups=",".join(
                ["base.group_user", *(f"biometric_attendance.group_{role}" for role in roles)]
            ),
            company_id=self.company.id,
            # Some menus are for who works in several companies.
            company_ids=[(6, 0, (self.company | self.other).ids)],
        )
        data = self.env["ir.model.data"].search(
            [("module", "=", "biometric_attendance"), ("model", "=", "ir.ui.menu")]
        )
        shown = self.env["ir.ui.menu"].with_user(everybody).load_menus(False)
        hidden = {row.name for row in data if row.res_id not in shown}
        self.assertEqual(hidden, set())

    def test_nobody_takes_it_who_may_not_read_all_of_it(self):
        """Red when one or two of the three roles are enough for what holds everything."""
        roles = ("administrator", "hr_officer", "payroll_officer")
        for number, some in enumerate((roles[:1], roles[:2], roles[1:], roles[::2])):
            login = f"bio-some-{number}"
            new_test_user(
                self.env,
                login,
                groups=",".join(f"biometric_attendance.group_{role}" for role in some),
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            self.authenticate(login, login)
            answer = self.url_open("/biometric_attendance/export")
            self.assertEqual(answer.status_code, 403, some)

    def test_s58_a_column_travels_only_where_somebody_said_so(self):
        """S58. Turns red when an export holds every column a table has: a secret beside the others
        travels as soon as somebody adds one; or when what no group may read travels. A new column
        is named in export_columns.py, as one that travels or one that stays."""
        for name in self.env["biometric.company.export"]._other_models():
            self.env.cr.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
                (self.env[name]._table,),
            )
            there = {row[0] for row in self.env.cr.fetchall()}
            with self.subTest(name):
                self.assertEqual({*TRAVELS.get(name, "").split(), *STAYS.get(name, ())}, there)
                model = self.env[name]
                secret = {one for one in there if model._fields[one].groups == NO_ACCESS}
                self.assertLessEqual(secret, {*STAYS.get(name, ())})
                self.assertFalse({*STAYS.get(name, ())} & {*TRAVELS.get(name, "").split()})
        self.assertFalse({*TRAVELS} & {*LEFT_OUT, *OWN_FORM})

    def test_s58_the_company_on_screen_is_exported(self):
        """S58. Turns red when the export or the usage is the reader's default company's, whatever
        is ticked at the top, or that of a company he may not enter."""
        both = [(6, 0, (self.company | self.other).ids)]
        self.leaver.company_ids = both
        action = self.env["biometric.company.export"].with_user(self.leaver)
        action = action.with_context(allowed_company_ids=self.other.ids).action_download()
        self.authenticate("bio-leaver", "bio-leaver")
        for query, cookie in ((action["url"].partition("?")[2], ""), ("", f"{self.other.id}-1")):
            self.opener.cookies.set("cids", cookie or str(self.company.id))
            answer = self.url_open(f"/biometric_attendance/export?{query}", timeout=120)
            with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
                head = json.loads(archive.read("company.json"))
            self.assertEqual(head["company"], "Next door")
            usage = self.url_open(f"/biometric_attendance/usage.json?{query}")
            self.assertTrue(all(row["company_id"] == self.other.id for row in usage.json()))
        self.leaver.company_ids = [(6, 0, self.company.ids)]
        self.opener.cookies.set("cids", "")
        for path in ("export", "usage.csv"):
            for company in (self.other.id, "x", "999999"):
                answer = self.url_open(f"/biometric_attendance/{path}?company={company}")
                self.assertEqual(answer.status_code, 403, answer.text[:200])
