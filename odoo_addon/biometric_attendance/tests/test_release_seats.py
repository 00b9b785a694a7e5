"""P14: two workers give away the same seat in transactions of their own, which really commit."""

import uuid
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged

FILES = [
    {"version": "2.0.0", "architecture": "x86_64", "length": 3, "sha256": "0", "attachment": 1}
]


@tagged("post_install", "-at_install")
class TestReleaseSeats(BaseCase):
    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self.clean)
        with self.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            name = f"Seats {uuid.uuid4()}"
            company = env["res.company"].create({"name": name, "biometric_updates": True})
            self.company_id = company.id
            agents = env["biometric.agent"].create(
                [{"name": f"Branch {n}", "company_id": company.id, "tz": "UTC"} for n in range(3)]
            )
            now = fields.Datetime.now()
            agents.write({"state": "active", "host_arch": "x86_64", "last_seen_at": now})
            agents.write({"updates_itself": True, "agent_version": "1.0.0", "queue_pending": 0})
            release = env["biometric.release"].create({"company_id": company.id, "ring": "100"})
            release.write({"name": "2.0.0", "state": "offered", "files": FILES, "set_version": 1})
            release.expires_at = now + timedelta(days=1)
            env["biometric.update"]._enlist(release)
            self.rows = release.update_ids.ids

    def cursor(self):
        return db_connect(self.registry.db_name).cursor()

    def clean(self):
        with self.cursor() as cr:
            cr.execute("SET LOCAL biometric.allow_change = 'on'")
            for table in ("update", "release", "agent_token", "agent", "audit"):
                cr.execute(
                    f"DELETE FROM biometric_{table} WHERE company_id = %s", (self.company_id,)
                )
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["res.company"].browse(self.company_id).active = False

    def offer(self, cr, row_id):
        env = api.Environment(cr, SUPERUSER_ID, {})
        row = env["biometric.update"].browse(row_id)
        return bool(env["biometric.update.seat"]._offer(row)), row.seat

    def test_a_seat_is_given_once(self):
        """Red when the seat has no unique index, so that a worker who began before the other one
        committed gives it away again; or when that worker's sync ends by it or
        fills the log."""
        with self.cursor() as quick, self.cursor() as slow:
            # What a transaction sees is settled by its first statement.
            slow.execute("SELECT count(*) FROM biometric_update WHERE seat > 0")
            self.assertEqual(self.offer(quick, self.rows[0]), (True, 1))
            quick.commit()
            with self.assertNoLogs("odoo.sql_db", "ERROR"):
                self.assertEqual(self.offer(slow, self.rows[1]), (False, 0))
            slow.commit()
        with self.cursor() as cr:
            self.assertEqual(self.offer(cr, self.rows[1]), (True, 2), "at its next call")
            self.assertEqual(self.offer(cr, self.rows[2]), (False, 0))
            self.assertEqual(self.offer(cr, self.rows[0]), (True, 1))
