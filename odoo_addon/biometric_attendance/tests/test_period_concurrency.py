"""Two people close one pay period at the same moment, with real transactions that commit."""

import threading
import uuid
from datetime import date, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

WORKERS = 2


@tagged("post_install", "-at_install", "biometric_review")
class TestPeriodConcurrency(BaseCase):
    def setUp(self):
        super().setUp()
        # The main thread of a test run holds the registry's lock; the workers need it too.
        unlocked = patch.object(Registry, "_lock", DummyRLock())
        unlocked.start()
        self.addCleanup(unlocked.stop)
        self.registry = Registry(get_db_name())
        with self.cursor() as cr:
            env = self.env_of(cr)
            company = env["res.company"].create({"name": f"Concurrent {uuid.uuid4()}"})
            self.company_id = company.id
            group = env["biometric.period.group"].create(
                {
                    "name": "All",
                    "company_id": company.id,
                    "rhythm": "weekly",
                    "anchor": date.today() - timedelta(days=28),
                }
            )
            self.period_id = group.period_ids.sorted("date_from")[0].id
        self.addCleanup(self.clean)

    def cursor(self):
        return db_connect(self.registry.db_name).cursor()

    @staticmethod
    def env_of(cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def clean(self):
        with self.cursor() as cr:
            env = self.env_of(cr)
            cr.execute("SET LOCAL biometric.allow_change = 'on'")
            files = env["ir.attachment"].search(
                [("res_model", "=", "biometric.export"), ("res_field", "!=", False)]
            )
            exports = env["biometric.export"].search([("company_id", "=", self.company_id)])
            cr.execute(
                "DELETE FROM ir_attachment WHERE id = ANY(%s)",
                (files.filtered(lambda one: one.res_id in exports.ids).ids,),
            )
            for table in ("export_day", "export", "period", "period_group", "audit"):
                cr.execute(
                    f"DELETE FROM biometric_{table} WHERE company_id = %s", (self.company_id,)
                )
            env["res.company"].browse(self.company_id).active = False

    def close(self, outcomes, start):
        start.wait()
        with self.cursor() as cr:
            env = self.env_of(cr)(context={"allowed_company_ids": [self.company_id]})
            period = env["biometric.period"].browse(self.period_id)
            try:
                outcomes.append(retrying(lambda: period._close().name, env))
            except UserError as error:
                outcomes.append(error)

    def test_of_two_at_once_one_wins_and_one_is_told(self):
        """Red when the row is not held while its gate is looked at: both make a file and one of
        them is thrown away, or fails with words that nobody understands."""
        outcomes, start, made = [], threading.Barrier(WORKERS), []
        exports = self.registry["biometric.export"]
        produce = exports._produce

        def counted(export, kind):
            made.append(kind)
            return produce(export, kind)

        threads = [
            threading.Thread(target=self.close, args=(outcomes, start)) for _n in range(WORKERS)
        ]
        with (
            patch.object(exports, "_produce", counted),
            patch("odoo.service.model.random.uniform", lambda _low, high: high / 8),
            mute_logger("odoo.sql_db", "odoo.service.model"),
        ):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        names = [one for one in outcomes if isinstance(one, str)]
        told = [str(one) for one in outcomes if not isinstance(one, str)]
        self.assertEqual((len(names), len(told)), (1, 1), outcomes)
        self.assertIn(f"was already exported: {names[0]}, by", told[0])
        self.assertEqual(made, ["regular"], "who comes second waits before anything is made")
        with self.cursor() as cr:
            found = self.env_of(cr)["biometric.export"].search([("period_id", "=", self.period_id)])
            self.assertEqual(found.mapped("state"), ["done"])
