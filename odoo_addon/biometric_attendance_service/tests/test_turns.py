"""The provider's jobs over many tenants: every one is reached, each once a round."""

from itertools import count
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from .common import ServiceCase

JOB = "odoo.addons.biometric_attendance.seams.job"


@tagged("post_install", "-at_install")
class TestTurns(ServiceCase, TransactionCase):
    def test_every_tenant_has_its_turn(self):
        """Red when the hourly look or the closing of months begins with the first tenant in each
        turn: with more than fit into ten seconds the last ones never become past due, never are
        suspended and get no statement."""
        for name in ("One", "Two", "Three"):
            self.sign_up(company=name, email=f"{name.lower()}@kiln.example")
        tenants = self.tenants
        statements = self.env["biometric.service.statement"]
        everyone = tenants.search([("state", "!=", "deleted")])
        everyone.sudo().ordered_on = "2026-01-01"
        ordered = everyone.filtered(lambda one: one.ordered_on and one.company_id)
        for run, model, method, ids in (
            (tenants._cron_life, tenants, "_go_on", everyone.ids),
            (statements._cron_close, statements, "_close_due", ordered.ids),
        ):
            with self.subTest(method):
                self.assertGreater(len(ids), 2)
                reached = []

                def work(one, *rows, reached=reached):
                    reached.append((rows[0] if rows else one).id)

                cron = type(self.env["ir.cron"])
                with (
                    patch.object(type(model), method, work),
                    patch.object(cron, "_commit_progress", lambda *_given, **_named: 1),
                ):
                    for _turn in ids:
                        # Time for one tenant.
                        with patch(f"{JOB}.monotonic", side_effect=count(0, 12).__next__):
                            run()
                self.assertEqual(reached, sorted(ids))
