"""A cron job's own turn: it ends by itself, whatever time Odoo's series would give it."""

from datetime import date
from itertools import count
from math import inf
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from ..seams.job import TURN, Turn
from .test_day import DayCase

ADDON = "odoo.addons.biometric_attendance"


@tagged("post_install", "-at_install")
class TestJobs(DayCase):
    def patches(self, given, step):
        """Odoo that gives `given` seconds each time, and a clock that runs `step` a look."""
        self.processed = []

        def progress(_cron, processed=0, **_remaining):
            self.processed.append(processed)
            return given

        cron = type(self.env["ir.cron"])
        self.enterContext(patch.object(cron, "_commit_progress", progress))
        self.enterContext(
            patch(f"{ADDON}.seams.job.monotonic", side_effect=count(0, step).__next__)
        )

    def test_a_turn_is_the_lesser_of_the_two(self):
        """Red when a job works as long as a later series of Odoo lets it (two minutes)."""
        self.patches(120, 4)
        turn = Turn(self.env, 5)
        self.assertEqual(turn.left, TURN - 4)
        self.assertTrue(turn.done(1))
        self.assertFalse(turn.done(1))
        self.assertEqual(turn.left, 0)
        self.patches(3, 0)
        self.assertEqual(Turn(self.env, 5).left, 3)

    def test_a_button_has_no_turn(self):
        """Red when what a person starts stops half-way: no cron would go on with it."""
        self.patches(inf, 1000)
        turn = Turn(self.env, 5)
        self.assertTrue(turn.done(1) and turn.done(1))

    def test_days_that_wait_are_computed_in_turns(self):
        """Red when computing days keeps the only cron thread until the queue is empty."""
        stale = self.env["biometric.stale.day"].sudo()
        self.env.cr.execute("DELETE FROM biometric_stale_day")
        stale._mark([(self.employee.id, date(2026, 3, day)) for day in range(2, 12)])
        self.patches(120, 4)
        with patch(f"{ADDON}.models.day.biometric_day_rebuild.PAIRS_PER_SLICE", 1):
            self.env["biometric.day.rebuild"].sudo()._cron_rebuild()
        self.assertEqual(self.processed, [0, 1, 1])
        self.assertEqual(stale.search_count([("employee_id", "=", self.employee.id)]), 8)

    def test_the_trail_is_sealed_in_turns(self):
        """Red when sealing keeps the only cron thread until every entry is numbered."""
        audit = self.env["biometric.audit"].sudo()
        while audit._seal(1000):
            pass
        for number in range(6):
            audit._record("test.turn", self.employee, None, {"number": number})
        self.env.flush_all()
        self.patches(120, 4)
        with patch(f"{ADDON}.models.audit.biometric_audit.SEAL_BATCH", 1):
            audit._cron_seal()
        self.assertEqual(self.processed, [0, 1, 1])
        self.assertEqual(audit._unsealed_count(), 4)

    def test_statements_go_out_in_turns_each_once(self):
        """Red when mailing statements keeps the only cron thread, or a next turn mails a branch
        twice or leaves one out."""
        agents = self.env["biometric.agent"]
        agents.search([]).state = "revoked"
        for name in ("One", "Two", "Three"):
            agent, _token = self.make_agent(name)
            agent.statement_email = "payroll@example.com"
        company = self.env.company
        company.write({"biometric_payroll_days": "15, 31", "biometric_statement_days_before": 2})
        for job in (agents._cron_statement, agents._cron_payroll_statement):
            sent = []

            def send(agent, *_days, sent=sent):
                sent.extend(agent.mapped("name"))

            with (
                freeze_time("2026-02-26 06:00:00"),
                patch.object(type(agents), "_send_statement", send),
            ):
                company.biometric_statement_final_for = "2026-02-15"
                for _turn in range(4):
                    self.patches(120, 6)
                    job()
            self.assertEqual(sorted(sent), ["One", "Three", "Two"], job.__name__)
        self.assertEqual(str(company.biometric_statement_early_for), "2026-02-28")

    def test_usage_is_counted_in_turns(self):
        """Red when counting keeps the only cron thread, or a next turn begins with the first
        company again."""
        other = self.env["res.company"].create({"name": "Other"})
        agent, _token = self.make_agent("There", company=other)
        self.make_device(agent, serial="SN9")
        usage, counted = self.env["biometric.usage"].sudo(), []
        companies = self.env["biometric.device"].sudo().search([]).company_id
        companies.biometric_usage_counted_at = False

        def count_one(_usage, company):
            counted.append(company.id)

        with patch.object(type(usage), "_count", count_one):
            for _turn in companies:
                self.patches(120, 12)
                usage._cron_count()
        self.assertEqual(sorted(counted), sorted(companies.ids))
