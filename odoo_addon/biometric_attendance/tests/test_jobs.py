"""A cron job's own turn: it ends by itself, whatever time Odoo's series would give it."""

from datetime import date
from itertools import count
from math import inf
from unittest.mock import patch

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
