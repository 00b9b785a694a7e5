"""Two people act about the same held overtime at the same moment, with real transactions that
commit; cleans up behind itself."""

import threading
import uuid
from datetime import date, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger

from .common import lay_row
from .review_case import GROUP, WHY

HELD = 120


@tagged("post_install", "-at_install", "biometric_review")
class TestReviewConcurrency(BaseCase):
    def setUp(self):
        super().setUp()
        # The main thread of a test run holds the registry's lock; the workers need it too.
        unlocked = patch.object(Registry, "_lock", DummyRLock())
        unlocked.start()
        self.addCleanup(unlocked.stop)
        self.registry = Registry(get_db_name())
        name = f"Concurrent {uuid.uuid4()}"
        self.date = date.today() - timedelta(days=7)
        with self.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env["res.company"].create({"name": name})
            self.company_id = company.id
            self.users = {
                who: new_test_user(
                    env,
                    f"{who} {name}",
                    GROUP + "hr_officer",
                    company_id=company.id,
                    company_ids=[(6, 0, company.ids)],
                ).id
                for who in ("hal", "ida", "ugo")
            }
            employee = env["hr.employee"].create({"name": "Ana", "company_id": company.id})
            self.employee_id = employee.id
            lay_row(
                env["biometric.day"],
                {
                    "employee_id": employee.id,
                    "company_id": company.id,
                    "date": self.date,
                    "status": "present",
                    "overtime_unapproved_minutes": HELD,
                },
            )
        self.addCleanup(self.clean)

    def cursor(self):
        return db_connect(self.registry.db_name).cursor()

    def clean(self):
        with self.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            cr.execute("SET LOCAL biometric.allow_change = 'on'")
            for table in ("adjustment_step", "adjustment", "stale_day", "day", "audit"):
                cr.execute(
                    f"DELETE FROM biometric_{table} WHERE company_id = %s", (self.company_id,)
                )
            env["hr.employee"].browse(self.employee_id).active = False
            users = env["res.users"].browse(self.users.values())
            # They stay in the database: tests of roles run after this one count who holds one.
            users.group_ids = env.ref("base.group_user")
            users.active = False
            cr.execute("DELETE FROM biometric_audit WHERE company_id = %s", (self.company_id,))
            env["res.company"].browse(self.company_id).active = False

    def env_of(self, cr, who):
        context = {"allowed_company_ids": [self.company_id]}
        return api.Environment(cr, self.users[who], context)

    def ask(self, env):
        values = {"kind": "approve_ot", "employee_id": self.employee_id, "date": str(self.date)}
        return env["biometric.adjustment"].request({**values, "reason_text": WHY})

    def decide(self, env, row_id):
        return env["biometric.adjustment"].browse(row_id).approve()

    def run_as(self, who, act, cr=None):
        """What `act` gives as Odoo runs a request: own transaction, five tries; a UserError."""
        if cr is None:
            with self.cursor() as own:
                return self.run_as(who, act, own)
        env = self.env_of(cr, who)
        with (
            patch("odoo.service.model.random.uniform", lambda _low, high: high / 64),
            mute_logger("odoo.sql_db", "odoo.service.model"),
        ):
            try:
                return retrying(lambda: act(env), env)
            except UserError as error:
                # As Odoo does with a request that ends so.
                cr.rollback()
                return str(error)

    def approved(self):
        with self.cursor() as cr:
            cr.execute(
                """SELECT count(*) FROM biometric_adjustment
                    WHERE company_id = %s AND state = 'approved'""",
                (self.company_id,),
            )
            return cr.fetchone()[0]

    def waits(self, cr):
        """Whether somebody waits for a turn that another has."""
        cr.execute(
            """SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE d.datname = current_database() AND l.locktype = 'advisory'
                  AND NOT l.granted LIMIT 1"""
        )
        return bool(cr.fetchone())

    def two_waiting(self):
        """Of before an upgrade, when nothing kept a second one from being handed in."""
        adjustments = self.registry["biometric.adjustment"]
        with patch.object(adjustments, "_check_once", lambda _one: None):
            return [self.run_as("ugo", self.ask) for _n in range(2)]

    def test_who_asks_while_another_approves_asks_for_what_is_left(self):
        """Red when a request takes the minutes of a day that it read before they were released:
        both would be paid once the day grows. It is run again, and sees what is left: nothing."""
        with self.cursor() as slow:
            slow.execute("SELECT 1")
            first = self.run_as("hal", self.ask)
            self.assertEqual(self.run_as("ida", lambda env: self.decide(env, first)), True)
            said = self.run_as("ugo", self.ask, slow)
        self.assertIn("There are no minutes of this type on the day", str(said))
        self.assertEqual(self.approved(), 1)

    def test_who_asks_while_another_asks_waits_and_is_told(self):
        """Red when nobody waits for a request that is not committed yet: both would wait for a
        decision, and whoever asked first would be told by neither."""
        outcomes = []
        other = threading.Thread(target=lambda: outcomes.append(self.run_as("ida", self.ask)))
        with self.cursor() as first, self.cursor() as look:
            self.ask(self.env_of(first, "hal"))
            other.start()
            while other.is_alive() and not self.waits(look):
                other.join(0.01)
                look.rollback()
        other.join(60)
        self.assertIn("another request is already waiting", str(outcomes))
        with self.cursor() as cr:
            cr.execute(
                "SELECT count(*) FROM biometric_adjustment WHERE company_id = %s",
                (self.company_id,),
            )
            self.assertEqual(cr.fetchone()[0], 1)

    def test_who_approves_while_another_approves_is_told(self):
        """Red when two requests of the same minutes are approved in two transactions, of which
        neither sees the other."""
        first, second = self.two_waiting()
        with self.cursor() as slow:
            slow.execute("SELECT 1")
            self.assertEqual(self.run_as("hal", lambda env: self.decide(env, first)), True)
            said = self.run_as("ida", lambda env: self.decide(env, second), slow)
        self.assertIn("another request was approved after this one was made", str(said))
        self.assertEqual(self.approved(), 1)

    def test_of_two_approvals_at_once_one_counts(self):
        """Red when nobody waits for the other: both read before either has written."""
        rows, outcomes, start = self.two_waiting(), [], threading.Barrier(2)

        def run(who, row_id):
            start.wait()
            outcomes.append(self.run_as(who, lambda env: self.decide(env, row_id)))

        pairs = zip(("hal", "ida"), rows, strict=True)
        threads = [threading.Thread(target=run, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        told = [one for one in outcomes if one is not True]
        self.assertEqual((len(outcomes), len(told)), (2, 1), outcomes)
        self.assertIn("another request was approved after this one was made", told[0])
        self.assertEqual(self.approved(), 1)
