"""C16, C17: a tenant leaves with everything; what is deleted is this company, whole and alone."""

import base64
import hashlib
import html
import io
import json
import os
import re
from contextlib import contextmanager

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged

from odoo.addons.biometric_attendance.tests.common import text_columns

from .common import ServiceCase


@tagged("post_install", "-at_install")
class TestServiceDeletion(ServiceCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tenant = cls.sign_up()
        cls.company = cls.tenant.company_id
        cls.agent, cls.token = cls.branch(cls.tenant)
        cls.people(cls.tenant, cls.agent, "1", "2")
        cls.owner = cls.tenant.owner_id
        cls.other = cls.sign_up(
            company="Next Door", owner="Nora Nextdoor", email="next@door.example"
        )
        cls.other_agent, cls.other_token = cls.branch(cls.other, ["NX1"])
        cls.people(cls.other, cls.other_agent, "1")
        cls.deletions = cls.env["biometric.service.deletion"]

    def setUp(self):
        super().setUp()
        for agent, letter, serial in ((self.agent, "a", "SN1"), (self.other_agent, "b", "NX1")):
            lane = self.lane(letter)
            for day in (2, 3, 4):
                self.punch(agent, lane, f"2026-03-0{day}", "1", serial)

    def export(self):
        file = io.BytesIO()
        service = self.env["biometric.company.export"].with_user(self.owner).sudo()
        service.with_company(self.company)._write(self.company, file)
        return file.getvalue()

    def leave(self):
        """The running deletion, agents stopped."""
        self.tenant.with_user(self.owner).action_leave()
        dialog = self.dialog()
        dialog.action_stop()
        return self.deletions._open(self.tenant), dialog

    def dialog(self):
        dialogs = self.env["biometric.service.leave"].with_user(self.owner)
        return dialogs.with_company(self.company).create({"tenant_id": self.tenant.id})

    def ready(self):
        """A deletion of which everything is done but the last button."""
        deletion, dialog = self.leave()
        dialog.data = base64.b64encode(self.export())
        dialog.action_verify()
        dialog.typed_name = self.company.name
        dialog.action_confirm()
        deletion.with_user(self.staff[0]).action_ask()
        return deletion

    @contextmanager
    def later(self, days=14):
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=days, seconds=1)):
            yield

    # ------------------------------------------------------------------ the guard

    def test_every_condition_refuses_alone(self):
        """C17. Everything done but one thing, for each of them. Red when a condition is dropped."""
        deletion = self.ready()
        second = deletion.with_user(self.staff[1])
        with self.assertRefused("Not now: the owner may stay until"):
            second.action_delete()
        with self.later(13), self.assertRefused("the owner may stay until"):
            second.action_delete()
        with self.later():
            self.assertEqual(deletion._why_not(self.staff[1]), "")
            with self.assertRefused("who requested it cannot carry it out"):
                deletion.with_user(self.staff[0]).action_delete()
            broken = (
                ({"asked_at": False}, "nobody of the provider has requested"),
                ({"confirmed_at": False}, "the owner has not confirmed"),
                ({"verified_at": False}, "no verified export"),
                ({"withdrawn_at": fields.Datetime.now()}, "this deletion has ended"),
                ({"stopped_at": fields.Datetime.now()}, "after the verified export"),
            )
            for values, words in broken:
                was = {name: deletion[name] for name in values}
                deletion.write(values)
                with self.assertRefused(words):
                    second.action_delete()
                deletion.write(was)
            self.tenant.state = "suspended"
            with self.assertRefused("the company is not leaving"):
                second.action_delete()
            self.tenant.state = "closing"
            self.env["biometric.audit"]._record("test.note", self.agent, company=self.company)
            with self.assertRefused("data was entered after the verified export"):
                second.action_delete()
        self.assertTrue(self.company.exists())
        with self.assertRefused("Only the provider", AccessError):
            deletion.with_user(self.owner).action_delete()

    def test_the_owner_s_part_has_its_order(self):
        """Red when an old, foreign or damaged export is taken, when the provider confirms for the
        owner, or when a wrong name does."""
        self.tenant.with_user(self.owner)
        with self.assertRefused("is not leaving; start the departure first"):
            self.dialog().action_stop()
        before = self.export()
        deletion, dialog = self.leave()
        with self.assertRefused("already stopped"):
            dialog.action_stop()
        with self.assertRefused("First upload the export here"):
            dialog.action_confirm()
        for data, words in (
            (False, "Choose the file"),
            (b"no zip", "This export cannot be read"),
            (before, "has grown since"),
        ):
            dialog.data = data and base64.b64encode(data)
            with self.assertRefused(words):
                dialog.action_verify()
        dialog.data = base64.b64encode(self.export())
        dialog.action_verify()
        self.assertFalse(dialog.data)
        with self.assertRefused("The owner has not confirmed"):
            deletion.with_user(self.staff[0]).action_ask()
        dialog.typed_name = "Kiln"
        with self.assertRefused("Type the company's name exactly"):
            dialog.action_confirm()
        with self.assertRefused("The owner confirms"):
            deletion.with_user(self.staff[0])._confirm(self.company.name)
        dialog.typed_name = f" {self.company.name} "
        dialog.action_confirm()
        self.assertEqual(deletion.confirmed_by, self.owner.id)

    def test_a_code_that_was_open_pairs_nobody_once_the_agents_are_stopped(self):
        """Red when somebody at the branch can begin anew with a line of before: its punches would
        be in no export."""
        pairings = self.env["biometric.pairing"]
        agents = self.env["biometric.agent"]
        second = agents.create({"name": "Yard", "company_id": self.company.id, "tz": "UTC"})
        gone = agents.create({"name": "Shed", "company_id": self.company.id, "tz": "UTC"})
        for agent in (second, gone, self.other_agent):
            pairings._open(agent)
        gone.active = False
        self.leave()
        still = pairings.search([("state", "=", "open")])
        self.assertEqual(still.agent_id, self.other_agent)

    def test_a_row_of_odoo_itself_refuses_the_whole(self):
        """Red when something that every company needs goes with one: a view that somebody tied to
        one of the tenant's records."""
        deletion = self.ready()
        menu = self.env["ir.ui.menu"].create({"name": "Shared"})
        self.env.cr.execute(
            "ALTER TABLE ir_ui_menu ADD COLUMN x_company integer REFERENCES res_company"
        )
        self.env.cr.execute(
            "UPDATE ir_ui_menu SET x_company = %s WHERE id = %s", (self.company.id, menu.id)
        )
        refused = self.assertRefused("records of another company, or of Odoo itself.*ir_ui_menu")
        with self.later(), refused, self.env.cr.savepoint():
            deletion.with_user(self.staff[1]).action_delete()
        self.env.invalidate_all()
        self.assertTrue(self.company.exists())

    def test_staying_after_all_brings_the_agents_back(self):
        """Red when a withdrawn deletion can go on, or a token stays dead."""
        tokens = self.env["biometric.agent.token"]
        gone = self.env["biometric.service.gone"]
        deletion = self.ready()
        self.assertIsNone(tokens._authenticate(self.token))
        self.assertTrue(gone._is_gone(self.token))
        self.assertFalse(gone._is_gone(self.other_token))
        self.tenant.with_user(self.owner).action_stay()
        self.assertEqual(tokens._authenticate(self.token)[0], self.agent.id)
        self.assertFalse(gone._is_gone(self.token))
        with self.later(), self.assertRefused("the company is not leaving"):
            deletion.with_user(self.staff[1]).action_delete()
        self.assertTrue(deletion.withdrawn_at)

    # ------------------------------------------------------------------ deleting

    def test_c17_everything_of_the_company_goes_and_nothing_of_another(self):
        """C17. Red when a row, file, mail, message or word of the tenant remains, when a row
        of another tenant goes, or the other tenant's ledgers do not verify."""
        self.make_traces()
        words = self.env["biometric.service.doomed"]._words(self.company)
        self.assertIn("Person 1", words)
        number, owner = self.company.id, self.owner.id
        others = self.rows_of(self.other.company_id.id)
        deletion = self.ready()
        path = self.attachment_path()
        self.assertTrue(os.path.exists(path))
        with self.later():
            deletion.with_user(self.staff[1]).action_delete()
        self.assertEqual(self.tenant.state, "deleted")
        self.assertFalse(self.env["res.company"].browse(number).exists())
        self.assertFalse(self.env["res.users"].browse(owner).exists())
        self.assertEqual(self.rows_of(number), {})
        self.assertEqual(self.rows_of(self.other.company_id.id), others)
        certificate = deletion.certificate
        self.assertEqual(certificate["remains"], [])
        self.assertEqual(certificate["rows"]["biometric_punch"], 3)
        self.assertEqual(certificate["rows"]["res_company"], 1)
        self.assertEqual(self.search_everywhere(words), [])
        self.env["ir.attachment"]._gc_file_store_unsafe()
        self.assertFalse(os.path.exists(path))
        self.assertTrue(self.env["biometric.service.gone"]._is_gone(self.token))
        self.check_certificate(deletion)
        self.check_other()

    def make_traces(self):
        """Words of the tenant in places without a company of their own."""
        person = self.env["hr.employee"].search(
            [("company_id", "=", self.company.id), ("name", "=", "Person 1")]
        )
        person.message_post(body="Person 1 of Kiln Works came late")
        self.env["ir.attachment"].create(
            {
                "name": "Kiln Works.txt",
                "raw": b"Person 1 of Kiln Works",
                "res_model": "hr.employee",
                "res_id": person.id,
            }
        )
        for address in (self.owner.email, self.owner.email_formatted):
            self.env["mail.mail"].create(
                {"subject": "Kiln Works", "email_to": address, "body_html": "Person 1"}
            )
        self.env["res.partner"].with_company(self.company).create(
            {"name": "Person 1 at home", "company_id": self.company.id, "barcode": "KILN777"}
        )
        self.env["bus.bus"]._sendone(self.company, "test", {"who": "Person 1"})
        given = {"company": "X", "owner": "Y", "country": "PH", "tz": "Asia/Manila"}
        form = {**given, "email": self.owner.email.upper()}
        self.env["biometric.service.request"]._ask(form, "192.0.2.1")
        new_test_user(
            self.env,
            "kiln-clerk",
            groups="biometric_attendance.group_hr_officer",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.env.cr.flush()

    def attachment_path(self):
        files = self.env["ir.attachment"]
        one = files.search([("name", "=", "Kiln Works.txt")])
        return files._full_path(one.store_fname)

    def rows_of(self, company):
        """`{table: rows}` of every table that has a company."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT table_name FROM information_schema.columns
                WHERE column_name = 'company_id' AND table_schema = current_schema()
                  AND table_name IN (
                      SELECT tablename FROM pg_tables WHERE schemaname = current_schema())"""
        )
        found = {}
        for (table,) in self.env.cr.fetchall():
            self.env.cr.execute(f'SELECT count(*) FROM "{table}" WHERE company_id = %s', (company,))
            if count := self.env.cr.fetchone()[0]:
                found[table] = count
        return found

    def search_everywhere(self, words):
        """[(table, column)] of every text column that holds a word of the tenant, by plain SQL and
        with no knowledge of who owns a row; but for the provider's own books."""
        kept = {
            ("biometric_service_tenant", "name"),
            ("biometric_service_deletion", "certificate"),
            ("biometric_audit", "record_name"),
            ("res_partner", "commercial_company_name"),
            ("res_partner", "name"),
            ("res_partner", "complete_name"),
            ("res_partner", "email"),
            ("res_partner", "email_normalized"),
        }
        self.env.flush_all()
        found = []
        for table, column in text_columns(self.env.cr):
            names = [f"%{word}%" for word in words if not word.startswith("Person")]
            condition = f'"{column}"::text ILIKE ANY(%s)'
            # The last mail says that it is done.
            if table == "mail_mail":
                condition += " AND body_html NOT LIKE '%%has been deleted%%'"
            if table == "mail_message":
                condition += " AND subject NOT LIKE '%%: deleted'"
            self.env.cr.execute(f'SELECT count(*) FROM "{table}" WHERE {condition}', (names,))
            if self.env.cr.fetchone()[0] and (table, column) not in kept:
                found.append((table, column))
        return found

    def check_certificate(self, deletion):
        entry = self.env["biometric.audit"].search([("action", "=", "service.delete")])
        self.assertEqual(entry.company_id, self.provider)
        self.assertEqual(json.loads(entry.after)["sha256"], deletion.certificate_sha256)
        written = deletion._written(deletion.certificate)
        self.assertEqual(hashlib.sha256(written.encode()).hexdigest(), deletion.certificate_sha256)
        self.assertEqual(deletion.certificate["export_sha256"], deletion.export_sha256)
        self.assertIn("Kiln Works: deleted", self.mails(self.tenant))

    def test_a_person_reads_the_certificate(self):
        """Red when the screen or the paper shows tables of the database or JSON in place of words,
        leaves out who, when, how many or how to verify it, or somebody of another company reads
        it; or when there is a paper before there is a deletion."""
        deletion = self.ready()
        with self.assertRefused("no certificate before the deletion"):
            self.paper(deletion)
        with self.later():
            deletion.with_user(self.staff[1]).action_delete()
        one = deletion.with_user(self.staff[1])
        paper = self.paper(one)
        first, second = self.staff
        for words in (
            f"Requested by: {first.name} ({first.id}), ",
            f"Deleted by: {second.name} ({second.id}), ",
            "nothing names the company or its people any more",
            "(UTC)",
        ):
            self.assertIn(words, one.certificate_story)
            self.assertIn(words, paper)
        self.assertIn(one.certificate_sha256, one.certificate_check)
        self.assertIn("sha256sum", one.certificate_check)
        counts = dict(one._certificate_counts())
        self.assertEqual(counts[self.env["ir.model"]._get("biometric.punch").name], 3)
        self.assertEqual(sum(counts.values()), sum(one.certificate["rows"].values()))
        self.assertFalse([name for name in counts if "_" in name], "names of tables")
        for shown in (one.certificate_table, paper):
            self.assertIn("Kiln Works" if shown is paper else "Total", shown)
            self.assertNotIn("biometric_punch", shown)
        with self.assertRefused("Deletions of tenants", AccessError):
            self.paper(deletion.with_user(self.other.owner_id))

    @staticmethod
    def paper(deletion):
        report = deletion.env.ref("biometric_attendance_service.deletion_report").sudo(False)
        page = report._render_qweb_html(report.report_name, deletion.ids)[0].decode()
        # each run of words is a span of its own
        return html.unescape(re.sub(r"\s+", " ", re.sub(r"</?span[^>]*>", "", page)))

    def check_other(self):
        """The other tenant's export verifies, and its agent delivers."""
        file = io.BytesIO()
        self.env["biometric.company.export"]._write(self.other.company_id, file)
        leaving = self.env["biometric.leaving"].with_user(self.other.owner_id).sudo()
        self.assertGreater(leaving._read(self.other.company_id, file.getvalue()), 0)
        self.assertEqual(
            self.punch(self.other_agent, self.lane("c"), "2026-03-02", "9", "NX1"), "stored"
        )
        tokens = self.env["biometric.agent.token"]
        self.assertEqual(tokens._authenticate(self.other_token)[0], self.other_agent.id)

    def test_every_table_and_column_is_known(self):
        """C17. Red when a table, one that the database keeps in parts, too, or a kind of column is
        left out of what a deletion looks at, or a column of before is looked at."""
        known = self.env["biometric.service.doomed"]._columns()
        there = set(text_columns(self.env.cr))
        self.assertGreater(len(there), 1000)
        self.assertEqual({one for one in there if one[1] not in known.get(one[0], "")}, set())
        self.assertLessEqual({"id", "company_id", "active"}, known["biometric_device"])
        self.assertNotIn("biometric_work", known, "a view has no rows of its own")
        self.env.cr.execute(
            """CREATE TABLE parted (id int, company_id int, gone int) PARTITION BY LIST (id);
               ALTER TABLE parted DROP gone"""
        )
        known = self.env["biometric.service.doomed"]._columns()
        self.assertEqual(known["parted"], {"id", "company_id"})

    def test_a_row_of_another_company_refuses_the_whole(self):
        """Red when a login with two companies, or a row of a neighbour that hangs on this one, goes
        along or is torn apart."""
        deletion = self.ready()
        both = new_test_user(self.env, "both", company_id=self.other.company_id.id)
        both.company_ids = [(4, self.company.id), (4, self.other.company_id.id)]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE biometric_device SET agent_id = %s WHERE agent_id = %s",
            (self.agent.id, self.other_agent.id),
        )
        self.env.invalidate_all()
        refused = self.assertRefused("records of another company.*biometric_")
        with self.later(), refused, self.env.cr.savepoint():
            deletion.with_user(self.staff[1]).action_delete()
        self.env.invalidate_all()
        self.assertTrue(self.company.exists())
        self.assertEqual(self.tenant.company_id, self.company)
        self.env.cr.execute(
            "UPDATE biometric_device SET agent_id = %s WHERE company_id = %s",
            (self.other_agent.id, self.other.company_id.id),
        )
        self.env.invalidate_all()
        with self.later():
            deletion.with_user(self.staff[1]).action_delete()
        self.assertTrue(both.exists())
        self.assertEqual(both.company_ids, self.other.company_id)

    def test_nothing_but_the_procedure_empties_a_ledger(self):
        """Red when the doors of the ledgers stay open behind a deletion, or a ledger's rows can be
        removed without one."""
        deletion = self.ready()
        with self.later():
            deletion.with_user(self.staff[1]).action_delete()
        self.env.cr.execute("SELECT current_setting('biometric.allow_change', true)")
        self.assertNotEqual(self.env.cr.fetchone()[0], "on")
        punch = self.env["biometric.punch"].search([("company_id", "=", self.other.company_id.id)])
        with self.assertRefused("cannot be deleted", UserError):
            punch[0].unlink()
