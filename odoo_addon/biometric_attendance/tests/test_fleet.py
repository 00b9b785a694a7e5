"""C13: a large fleet in one budget of queries."""

import time

from odoo.tests import TransactionCase, tagged

from .common import AddonCase

AGENTS, DEVICES = 1000, 3000
LATE, DEAD, CLONES = 50, 10, 3


@tagged("post_install", "-at_install")
class TestFleet(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Fleet"})
        cr, company = cls.env.cr, cls.company.id
        cr.execute(
            """INSERT INTO biometric_agent (name, company_id, tz, state, active, last_seen_at,
                   disk_free_bytes, disk_total_bytes)
               SELECT 'Branch ' || n, %s, 'UTC', 'active', true, now() AT TIME ZONE 'UTC'
                      - CASE WHEN n <= %s THEN interval '5 minutes'
                             WHEN n <= %s THEN interval '1 hour' ELSE interval '5 seconds' END,
                      50, 100
                 FROM generate_series(1, %s) n RETURNING id""",
            (company, LATE, LATE + DEAD, AGENTS),
        )
        cr.execute(
            """INSERT INTO biometric_device (name, serial, company_id, agent_id, state, active,
                   status_preset, last_heard_at)
               SELECT 'D' || n, 'F' || n, a.company_id, a.id, 'active', true, 'standard',
                      now() AT TIME ZONE 'UTC'
                 FROM generate_series(0, %s - 1) n
                 JOIN (SELECT id, company_id, row_number() OVER (ORDER BY id) - 1 AS nr
                         FROM biometric_agent WHERE company_id = %s) a ON a.nr = n %% %s""",
            (DEVICES, company, AGENTS),
        )
        cls.env.invalidate_all()
        agents = cls.env["biometric.agent"].search([("company_id", "=", company)], order="id desc")
        for agent in agents[:CLONES]:
            cls.env["biometric.alarm"]._raise("clone", agent, "two machines")
        cls.user_env = cls.env(context={"allowed_company_ids": [company]})

    def test_a_thousand_agents_in_one_budget(self):
        """C13. Red when a query per agent or device comes in, or a state is judged wrong."""
        devices = self.user_env["biometric.device"]
        devices.get_board_data(limit=200)
        self.env.invalidate_all()
        self.env.cr.execute("ANALYZE biometric_device, biometric_agent")
        before, started = self.env.cr.sql_log_count, time.monotonic()
        board = devices.get_board_data(limit=200)
        seconds = time.monotonic() - started
        queries = self.env.cr.sql_log_count - before
        self.assertLessEqual(queries, 20)
        self.assertLess(seconds, 2, "page of the fleet")
        mine = [row for row in board["agents"] if row["name"].startswith("Branch ")]
        states = [row["status"] for row in mine]
        self.assertEqual(len(mine), AGENTS)
        self.assertEqual(
            [states.count(word) for word in ("late", "dead", "clone")], [LATE, DEAD, CLONES]
        )
