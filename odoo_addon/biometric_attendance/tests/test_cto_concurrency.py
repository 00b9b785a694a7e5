"""Approvals at the same moment, with real transactions that commit; cleans up behind itself."""

import random
import threading
import uuid
from datetime import date, timedelta
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

WORKERS = 8
# Odoo waits up to 2, 4, 8 and 16 s between its tries; here an eighth of that.
HASTE = 8
HOURS = 2
CLICKS = 5


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoConcurrency(BaseCase):
    def setUp(self):
        super().setUp()
        # The main thread of a test run holds the registry's lock; the workers need it too.
        unlocked = patch.object(Registry, "_lock", DummyRLock())
        unlocked.start()
        self.addCleanup(unlocked.stop)
        self.registry = Registry(get_db_name())
        self.addCleanup(self.clean)
        with self.cursor() as cr:
            env = self.env_of(cr)
            company = env["res.company"].create({"name": f"Concurrent {uuid.uuid4()}"})
            self.company_id = company.id
            company.biometric_cto_from = "2026-01-01"
            env = env(context={"allowed_company_ids": company.ids})
            employee = env["hr.employee"].create({"name": "Ana", "company_id": company.id})
            self.employee_id = employee.id
            kind = env.ref("biometric_attendance.leave_type_cto")
            self.bring(env, company, WORKERS * HOURS * 60)
            monday = date.today() + timedelta(days=7 - date.today().weekday())
            self.leaves = [
                env["hr.leave"]
                .create(
                    {
                        "employee_id": employee.id,
                        "holiday_status_id": kind.id,
                        "request_date_from": monday + timedelta(days=n + 2 * (n // 5)),
                        "request_date_to": monday + timedelta(days=n + 2 * (n // 5)),
                        "request_unit_hours": True,
                        "request_hour_from": 8,
                        "request_hour_to": 8 + HOURS,
                    }
                )
                .id
                for n in range(WORKERS)
            ]
            # half of what they asked for is gone before anybody approves
            accounts = env["biometric.cto.account"]
            book = accounts._open(company, employee.ids)[employee.id]
            rules = accounts._rules_on(employee, date.today())
            book.use_rules(rules)
            book.bank.use("gone", date.today(), WORKERS * HOURS * 30)
            accounts._write_down([book])

    @staticmethod
    def env_of(cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def cursor(self):
        return db_connect(self.registry.db_name).cursor()

    def bring(self, env, company, minutes):
        accounts = env["biometric.cto.account"]
        book = accounts._open(company, [self.employee_id])[self.employee_id]
        book.bank.opening("opening", date.today() - timedelta(days=1), minutes, date.max)
        accounts._write_down([book])

    def clean(self):
        with self.cursor() as cr:
            env = self.env_of(cr)
            cr.execute("SET LOCAL biometric.allow_change = 'on'")
            leaves = env["hr.leave"].search([("employee_id", "=", self.employee_id)])
            leaves.with_context(leave_skip_state_check=True).write({"state": "cancel"})
            leaves.unlink()
            for table in ("cto_entry", "cto_refusal", "cto_account", "stale_day", "day", "audit"):
                cr.execute(
                    f"DELETE FROM biometric_{table} WHERE company_id = %s", (self.company_id,)
                )
            env["hr.employee"].browse(self.employee_id).active = False
            cr.execute("DELETE FROM biometric_audit WHERE company_id = %s", (self.company_id,))
            company = env["res.company"].browse(self.company_id)
            company.active = False
            env.ref("biometric_attendance.leave_type_cto").active = False

    def approve(self, leave_id, outcomes):
        """As Odoo runs the request: own transaction, its five tries; a person clicks again."""
        last = None
        for _click in range(CLICKS):
            with self.cursor() as cr:
                env = self.env_of(cr)(context={"allowed_company_ids": [self.company_id]})
                try:
                    outcomes.append(retrying(env["hr.leave"].browse(leave_id).action_approve, env))
                    return
                except OperationalError as error:
                    last = error
                except Exception as error:  # noqa: BLE001 - the test shows whatever came
                    last = error
                    break
        outcomes.append(last)

    def test_a91_eight_approvals_at_once_cannot_overdraw(self):
        """A91. Red if two approvals read the same balance: if the account's row is not changed
        when it is opened, Odoo does not try the second one again."""
        outcomes, start = [], threading.Barrier(WORKERS)

        def run(leave_id):
            start.wait()
            self.approve(leave_id, outcomes)

        threads = [threading.Thread(target=run, args=(leave,)) for leave in self.leaves]
        with (
            patch(
                "odoo.service.model.random.uniform",
                lambda _low, high: random.random() * high / HASTE,
            ),
            mute_logger("odoo.sql_db", "odoo.service.model"),
        ):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        refused = [one for one in outcomes if isinstance(one, Exception)]
        self.assertEqual(len(outcomes) - len(refused), WORKERS // 2, outcomes)
        for error in refused:
            self.assertIsInstance(error, UserError)
            self.assertIn("Request less time or a later date", str(error))
        with self.cursor() as cr:
            env = self.env_of(cr)
            account = env["biometric.cto.account"].search([("company_id", "=", self.company_id)])
            self.assertEqual(account.balance_minutes, 0)
            numbers = account.entry_ids.sorted("number").mapped("number")
            self.assertEqual(numbers, list(range(1, 3 + WORKERS // 2)))
