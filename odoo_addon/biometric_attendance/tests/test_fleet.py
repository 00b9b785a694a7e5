"""C13, C14: a large fleet in one budget of queries; one message per incident, no flapping."""

import time
from datetime import timedelta

from odoo.fields import Datetime
from odoo.tests import TransactionCase, tagged

from ..models.biometric_incident import AGAIN, QUIET
from .common import AddonCase

AGENTS, DEVICES = 1000, 3000
LATE, DEAD, CLONES = 50, 10, 3


@tagged("post_install", "-at_install")
class TestIncidents(TransactionCase, AddonCase):
    def setUp(self):
        super().setUp()
        self.agent, _token = self.make_agent()
        self.device = self.make_device(self.agent)
        self.company = self.env.company
        self.company.biometric_alert_addresses = "it@example.com, night@example.com"
        self.now = Datetime.now()
        self.mails = self.env["mail.mail"].search_count([])

    def heard(self, agent=0, device=0):
        """Both were heard so many seconds ago."""
        self.agent.last_seen_at = self.now - timedelta(seconds=agent)
        self.device.last_heard_at = self.now - timedelta(seconds=device)

    def watch(self, minutes=1):
        self.now += timedelta(minutes=minutes)
        self.env["biometric.incident"]._watch(self.now)
        return self.env["biometric.incident"].search([])

    def sent(self):
        return self.env["mail.mail"].search_count([]) - self.mails

    def test_one_message_when_it_begins_and_one_when_it_is_over(self):
        """C14. Red when each look sends a message, or the closing one is forgotten."""
        self.heard()
        self.assertFalse(self.watch())
        since = self.agent.last_seen_at
        for _minute in range(30):
            incident = self.watch()
        self.assertEqual((len(incident), incident.kind), (1, "silence"))
        self.assertEqual(incident.agent_id, self.agent, "the agent speaks for its device")
        self.assertEqual(incident.since_at, since)
        self.assertLessEqual(incident.opened_at - since, timedelta(minutes=3))
        self.assertIn("power", incident.cause)
        self.assertEqual(self.sent(), 1)
        for _minute in range(QUIET // timedelta(minutes=1) + 2):
            self.heard()
            self.watch()
        self.assertTrue(incident.closed_at)
        self.assertEqual(self.sent(), 2)
        self.assertEqual(incident.message_count, 2)

    def test_a_flapping_link_sends_at_most_two_messages(self):
        """C14: 100 times in an hour. Red when an incident closes at the first good moment."""
        for number in range(200):
            self.heard(300 if number % 2 else 0, 0)
            self.watch(0.3)
        self.assertLessEqual(self.sent(), 2)
        self.assertEqual(len(self.env["biometric.incident"].search([])), 1)

    def test_the_same_trouble_soon_after_is_taken_up_in_silence(self):
        self.heard(300)
        self.watch(0)
        for _minute in range(QUIET // timedelta(minutes=1) + 2):
            self.heard()
            self.watch()
        self.assertEqual(self.sent(), 2)
        self.heard(300)
        self.watch(0)
        self.assertEqual(self.sent(), 2)
        self.now += AGAIN + QUIET * 2
        self.heard()
        self.watch(0)
        self.now += AGAIN + QUIET * 2
        self.heard(300)
        self.watch(0)
        self.assertEqual(len(self.env["biometric.incident"].search([])), 2)

    def test_four_troubles_four_causes(self):
        """P06. Agent silent, terminal silent, backlog, memory: each in its own words."""
        causes = set()
        for status in (
            {"agent": 300},
            {"device": 400},
            {"device": 4000},
            {},
        ):
            self.env["biometric.incident"].search([]).sudo().unlink()
            self.heard(**status)
            self.device.storage_percent = 0 if status else 91
            causes.add(self.watch(0).cause)
        self.assertEqual(len(causes), 3, causes)
        self.device.storage_percent = 0
        self.agent.oldest_pending_at = self.now - timedelta(minutes=20)
        self.agent.queue_pending = self.device.pending = 7
        self.env["biometric.incident"].search([]).sudo().unlink()
        self.assertIn("wait", self.watch(0).cause)


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

    def test_watching_a_large_fleet(self):
        """C13. One look at 1,000 agents; an agent's trouble is not told once a device."""
        started = time.monotonic()
        spoke = self.env["biometric.incident"]._watch(Datetime.now())
        mine = spoke.filtered(lambda one: one.company_id == self.company)
        self.assertLess(time.monotonic() - started, 20)
        self.assertEqual(len(mine), LATE + DEAD + CLONES)
        self.assertFalse(mine.device_id)
