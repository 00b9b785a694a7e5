"""C13, C14, P21: what the provider sees of every branch, what a tenant's status page says, and that
neither holds a name, a PIN or a punch."""

import json
from datetime import timedelta
from time import monotonic

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, freeze_time, tagged

from odoo.addons.biometric_attendance.tests.common import lay_row

from .common import ServiceCase

SECRETS = ("Ximenes-Quist", "4711", "CARDOF77", "Guard Gustafson", "2026-03-02 08:00:00")


@tagged("post_install", "-at_install")
class TestServiceConsole(ServiceCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tenant = cls.sign_up()
        cls.agent, _token = cls.branch(cls.tenant)
        cls.agent.contact = "Guard Gustafson, 0917"
        cls.console = cls.tenants.with_user(cls.staff[0])
        cls.branches = cls.env["biometric.service.branch"].with_user(cls.staff[0])

    def heard(self, agent, seconds=0):
        agent.last_seen_at = fields.Datetime.subtract(fields.Datetime.now(), seconds=seconds)

    def row(self):
        self.env.invalidate_all()
        return self.branches.search([("id", "=", self.agent.id)])

    def test_health_is_that_of_the_alerts(self):
        """Red when the console calls a branch well that the alerts do not, or the other way."""
        self.assertEqual(self.row().health, "silent")
        self.heard(self.agent)
        self.assertEqual((self.row().health, self.row().device_count), ("well", 1))
        self.heard(self.agent, 99)
        self.assertEqual(self.row().health, "well")
        self.heard(self.agent, 101)
        self.assertEqual(self.row().health, "silent")
        self.heard(self.agent)
        incident = self.incident(told=True)
        self.assertEqual((self.row().health, self.row().incident_count), ("trouble", 1))
        incident.closed_at = fields.Datetime.now()
        self.assertEqual(self.row().health, "well")
        self.env["biometric.alarm"]._raise("clone", self.agent, "two machines")
        self.assertEqual(self.row().health, "clone")
        self.assertIn("two machines on one token", self.console.browse(self.tenant.id).call_reason)

    def incident(self, told):
        now = fields.Datetime.now()
        return self.env["biometric.incident"].create(
            {
                "company_id": self.tenant.company_id.id,
                "kind": "storage",
                "agent_id": self.agent.id,
                "device_id": self.agent.device_ids[0].id,
                "opened_at": now,
                "seen_at": now,
                "told_at": now if told else False,
                "message": "Ximenes-Quist 4711",
            }
        )

    def test_who_needs_a_call(self):
        """Red when a trial that never paired, a branch silent for an hour or an overdue invoice is
        not on the list of today, or somebody well is."""
        tenant = self.console.browse(self.tenant.id)
        self.heard(self.agent)
        self.assertFalse(tenant.wants_call)
        self.heard(self.agent, 3700)
        self.env.invalidate_all()
        self.assertIn("without contact for more than one hour", tenant.call_reason)
        self.assertEqual(self.console.search([("wants_call", "=", True)]), tenant)
        self.heard(self.agent)
        self.tenant.state = "past_due"
        self.env.invalidate_all()
        self.assertIn("overdue", tenant.call_reason)
        self.tenant.state = "trial"
        self.agent.state = "new"
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=3)):
            self.env.invalidate_all()
            self.assertIn("no agent is paired", tenant.call_reason)
        self.env.invalidate_all()
        self.assertEqual(self.console.search([("wants_call", "=", False)]), tenant)

    def test_no_name_no_pin_and_no_punch_reach_the_provider(self):
        """Red when a column of the console, or any right of the provider's staff, shows what is the
        tenant's: read as the staff reads, every field of every row."""
        people = self.env["hr.employee"].create(
            {"name": "Ana Ximenes-Quist", "company_id": self.tenant.company_id.id}
        )
        users = self.env["biometric.device.user"]
        users.map_pins(self.agent.device_ids.ids, [["4711", people.id]])
        self.punch(self.agent, self.lane(), "2026-03-02", "4711")
        self.incident(told=True)
        said = []
        for name in ("tenant", "branch", "statement", "order", "deletion", "plan", "feature"):
            model = self.env[f"biometric.service.{name}"].with_user(self.staff[0])
            said += model.search([]).read()
        text = json.dumps(said, default=str)
        self.assertIn("Kiln Works", text)
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        for name in ("punch", "device.user", "day", "agent", "incident", "usage", "audit"):
            with self.assertRaisesRegex(AccessError, "access"):
                self.env[f"biometric.{name}"].with_user(self.staff[0]).search([])
        seen = self.env["hr.employee.public"].with_user(self.staff[0]).search([])
        self.assertNotIn("Ana Ximenes-Quist", seen.mapped("name"))
        with self.assertRaisesRegex(AccessError, "access"):
            self.branches.with_user(self.tenant.owner_id).search([])

    def test_c13_a_thousand_agents_within_two_seconds(self):
        """C13. Fifty late, ten dead, three cloned among a thousand: each is what it is, and the two
        screens are read within two seconds. Red when a query is made per tenant or branch."""
        now = fields.Datetime.now()
        tenants = [self.sign_up(company=f"T{n}", email=f"t{n}@kiln.example") for n in range(4)]
        ages = [7200] * 10 + [150] * 50 + [5] * 940
        agents = []
        for number, age in enumerate(ages):
            values = {
                "name": f"Branch {number}",
                "company_id": tenants[number % 4].company_id.id,
                "tz": "UTC",
                "state": "active",
                "active": True,
                "last_seen_at": now - timedelta(seconds=age),
                "create_uid": 1,
            }
            agents.append(lay_row(self.env["biometric.agent"], values))
        for agent in agents[-3:]:
            self.env["biometric.alarm"]._raise("clone", agent, "two")
        self.env.invalidate_all()
        started = monotonic()
        with freeze_time(now):
            rows = self.branches.search([("name", "=like", "Branch %")])
            rows.fetch(["health", "name", "tenant_id", "last_seen_at", "incident_count"])
            four = self.console.search([("name", "=like", "T_")])
            calls = four.mapped("call_reason")
            counts = sum(four.mapped("branch_count"))
        spent = monotonic() - started
        found = {health: len(some) for health, some in rows.grouped("health").items()}
        self.assertEqual(found, {"silent": 60, "well": 937, "clone": 3})
        self.assertEqual(counts, 1004)
        self.assertTrue(all(calls))
        self.assertLess(spent, 2.0)

    def test_p21_the_status_page_says_what_the_alerts_said(self):
        """P21, C14. Red when a blip nobody was told of stands there, an end is missing, or
        when it names anybody."""
        self.heard(self.agent)
        incident = self.incident(told=False)
        status = self.tenants._of_status(self.tenant.status_token)._status()
        self.assertEqual([one.health for one in status["branches"]], ["trouble"])
        self.assertEqual(status["incidents"], [])
        incident.write({"told_at": incident.opened_at, "closed_at": fields.Datetime.now()})
        status = self.tenants._of_status(self.tenant.status_token)._status()
        self.assertEqual(len(status["incidents"]), 1)
        self.assertEqual(status["incidents"][0]["until"], incident.closed_at)
        for secret in SECRETS:
            self.assertNotIn(secret, str(status))
        other = self.sign_up(company="Next", email="next@kiln.example", branch="Yard")
        status = self.tenants._of_status(other.status_token)._status()
        self.assertEqual([one.name for one in status["branches"]], ["Yard"])
        self.assertEqual(status["incidents"], [], "another tenant's")
        for wrong in ("", None, "x" * 32):
            self.assertFalse(self.tenants._of_status(wrong))

    def test_what_a_tenant_takes_up(self):
        """Red when one tenant's rows are counted for another."""
        other = self.sign_up(company="Next", email="next@kiln.example")
        lane = self.lane()
        for day in range(1, 6):
            self.punch(self.agent, lane, f"2026-03-0{day}")
        self.tenants._cron_cost()
        rows = self.env.cr
        rows.execute(
            """SELECT (SELECT count(*) FROM biometric_punch WHERE company_id = %(c)s)
                    + (SELECT count(*) FROM biometric_sighting WHERE company_id = %(c)s)
                    + (SELECT count(*) FROM biometric_audit WHERE company_id = %(c)s)
                    + (SELECT count(*) FROM biometric_day WHERE company_id = %(c)s)""",
            {"c": self.tenant.company_id.id},
        )
        self.assertEqual(self.tenant.row_count, rows.fetchone()[0])
        self.assertGreater(self.tenant.row_count, other.row_count)
        self.assertGreater(self.tenant.disk_bytes, 0)

    def test_the_checklist_ticks_itself(self):
        """Red when a step is ticked by anything but its fact, or a mail tells a done step."""
        self.without_commits()
        tenant = self.sign_up(company="Slow", email="slow@kiln.example")
        self.assertEqual([step.done for step in tenant._steps()], [False] * 5)
        with freeze_time(self.at(2)):
            self.tenants._cron_life()
        self.assertEqual(self.mails(tenant).count("Slow: your next step"), 1)
        agent, _token = self.branch(tenant)
        self.people(tenant, agent, "1")
        tenant.invalidate_recordset()
        ticked = [tenant.step_agent, tenant.step_device, tenant.step_people, tenant.step_day]
        self.assertEqual(ticked, [True, True, True, False])
        self.assertIn("a day on which someone worked", tenant.next_step)
        self.assertEqual(tenant.action_next_step()["res_model"], "biometric.day")
        with freeze_time(self.at(4)):
            self.tenants._cron_life()
            self.tenants._cron_life()
        mails = self.env["mail.mail"].search([("email_to", "=", "slow@kiln.example")], order="id")
        self.assertEqual(self.mails(tenant).count("Slow: your next step"), 2)
        self.assertIn("A first day is correct", mails[-1].body_html)
