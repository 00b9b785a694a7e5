"""The three layers that keep ledgers as they are: access list, ORM, SQL."""

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import AddonCase, Lane

LEDGERS = ("biometric.punch", "biometric.sighting", "biometric.decision", "biometric.audit")

GROUPS = "biometric_attendance.group_administrator,biometric_attendance.group_hr_officer"


@tagged("post_install", "-at_install")
class TestAppendOnly(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, _token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)
        cls.admin = new_test_user(
            cls.env,
            "bio-admin",
            groups=GROUPS,
        )

    def setUp(self):
        super().setUp()
        lane = Lane()
        self.store(self.agent, lane, lane.punch(), lane.reject())
        punch = self.env["biometric.punch"].search([], limit=1)
        self.env["biometric.decision"].with_user(self.admin)._decide(
            punch, "discard", "tried the terminal before opening"
        )

    def row(self, model):
        found = self.env[model].search([], limit=1)
        self.assertTrue(found, model)
        return found

    def test_access_list_lets_nobody_create_write_or_unlink(self):
        for model in LEDGERS:
            for operation in ("create", "write", "unlink"):
                with self.subTest(model=model, operation=operation), self.assertRaises(AccessError):
                    self.env[model].with_user(self.admin).check_access(operation)

    def test_sudo_is_refused_by_the_orm(self):
        """A10. Red when the mixin's write or ondelete goes."""
        for model, field in zip(LEDGERS, ("pin", "raw", "reason", "reason"), strict=True):
            with self.subTest(model=model), self.assertRaises(UserError):
                self.row(model).sudo().write({field: "x"})
            with self.subTest(model=model), self.assertRaises(UserError):
                self.row(model).sudo().unlink()

    def test_sql_is_refused_by_the_triggers(self):
        """A11. Red when init() does not create the triggers."""
        for model in LEDGERS:
            table = self.env[model]._table
            for statement in (
                f"UPDATE {table} SET company_id = company_id",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                with (
                    self.subTest(statement),
                    self.assertRaises(psycopg2.errors.CheckViolation),
                    self.cr.savepoint(),
                    mute_logger("odoo.sql_db"),
                ):
                    self.cr.execute(statement)

    def test_migrations_and_erasure_have_their_own_door(self):
        self.cr.execute("SET LOCAL biometric.allow_change = 'on'")
        self.cr.execute("UPDATE biometric_sighting SET raw = NULL WHERE kind = 'reject'")
        self.assertEqual(self.cr.rowcount, 1)
        self.cr.execute("SET LOCAL biometric.allow_change = 'off'")
        with (
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.cr.savepoint(),
            mute_logger("odoo.sql_db"),
        ):
            self.cr.execute("UPDATE biometric_sighting SET raw = 'x'")

    def test_employee_and_device_with_punches_cannot_go(self):
        """A08. Red when a foreign key cascades."""
        employee = self.env["hr.employee"].create({"name": "Ana"})
        self.env["biometric.device.user"].map_pins(self.device.ids, [["7", employee.id]])
        for record in (employee, self.device, self.env["biometric.lane"].search([], limit=1)):
            with (
                self.subTest(record),
                self.assertRaises(psycopg2.IntegrityError),
                self.cr.savepoint(),
                mute_logger("odoo.sql_db"),
            ):
                record.unlink()
                self.env.flush_all()

    def test_punches_and_entries_outlive_companies_users_and_archiving(self):
        """A08. Red when a foreign key of a ledger cascades, or archiving hides the past."""
        officer = new_test_user(
            self.env,
            "bio-leaver",
            groups=GROUPS,
        )
        employee = self.env["hr.employee"].create({"name": "Ana"})
        self.env["biometric.device.user"].map_pins(self.device.ids, [["7", employee.id]])
        self.device.with_user(officer).place = "Gate 2"
        written = self.env["biometric.audit"].search([("user_id", "=", officer.id)])
        self.assertTrue(written)
        company = self.env["res.company"].create({"name": "Closed down"})
        self.env["biometric.audit"]._record("test.entry", company, company=company)
        with (
            self.assertRaises(psycopg2.IntegrityError),
            self.cr.savepoint(),
            mute_logger("odoo.sql_db"),
        ):
            company.unlink()
            self.env.flush_all()
        before = self.env["biometric.punch"].search_count([])
        officer.unlink()
        employee.active = self.device.active = self.agent.active = False
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.env["biometric.punch"].search_count([]), before)
        self.assertEqual(written.exists(), written)
        self.assertEqual(set(written.mapped("login")), {"bio-leaver"})
        last = self.env["biometric.audit"].search([("model", "=", "biometric.device")], limit=1)
        self.assertEqual((last.action, last.res_id), ("device.change", self.device.id))
        self.assertIn('"active":false', last.after)

    def test_sealing_is_the_only_change_of_an_audit_entry(self):
        audit = self.env["biometric.audit"]
        self.assertTrue(audit._seal(1000))
        entry = self.row("biometric.audit")
        self.assertTrue(entry.hash)
        for statement in (
            "UPDATE biometric_audit SET hash = 'x', seq = 9999 WHERE id = %s",
            "UPDATE biometric_audit SET reason = 'x' WHERE id = %s",
            "UPDATE biometric_audit SET seq = NULL, hash = NULL WHERE id = %s",
        ):
            with (
                self.subTest(statement),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.cr.savepoint(),
                mute_logger("odoo.sql_db"),
            ):
                self.cr.execute(statement, (entry.id,))

    def test_sealing_cannot_smuggle_another_change(self):
        """Red when the guard does not compare the other columns."""
        self.env["biometric.audit"]._record("test.smuggle", self.device, reason="a good reason")
        with (
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.cr.savepoint(),
            mute_logger("odoo.sql_db"),
        ):
            self.cr.execute(
                "UPDATE biometric_audit SET hash = 'x', seq = 99999, reason = 'other' "
                "WHERE hash IS NULL"
            )
