"""When the mail of a silence has left: through the scheduled jobs themselves, by a clock that is
moved second by second as Odoo's own workers look at it, up to the hand-over to the mail server."""

from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.fields import Datetime
from odoo.sql_db import BaseCursor
from odoo.tests import freeze_time, tagged

from odoo.addons.base.tests.common import MockSmtplibCase

from .test_fleet_device import FleetCase

# The longest pause of a worker of Odoo between two looks for ready jobs: 60 s and up to 9 more.
WORKER_SECONDS = 69
LIMIT_SECONDS = 180


@tagged("post_install", "-at_install", "biometric_fleet")
class TestAlarmArrives(FleetCase, MockSmtplibCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator.email = "admin@example.com"
        cls.cut = Datetime.to_datetime("2026-03-02 08:00:00")
        cls.jobs = cls.env.ref("biometric_attendance.ir_cron_biometric_incident") | cls.env.ref(
            "mail.ir_cron_mail_scheduler_action"
        )
        cls.env["mail.mail"].search([]).unlink()

    def setUp(self):
        super().setUp()
        self.look, self.queue = self.jobs
        self.env["ir.cron.trigger"].search([("cron_id", "in", self.jobs.ids)]).unlink()
        self.look.write({"nextcall": self.cut - timedelta(hours=1), "lastcall": False})
        self.queue.nextcall = self.cut + timedelta(minutes=59)
        self.told = []

    @contextmanager
    def at(self, second):
        """Everything that tells the time says so many seconds after the cut."""
        now = self.cut + timedelta(seconds=second)
        with ExitStack() as stack:
            stack.enter_context(freeze_time(now))
            stack.enter_context(patch.object(BaseCursor, "now", lambda _cr: now))
            stack.enter_context(self.enter_registry_test_mode())
            stack.enter_context(self.mock_smtplib_connection())
            yield

    def worker_looks(self, second):
        """A worker of Odoo awakes: it runs what is ready, and what that wakes in turn."""
        with self.at(second):
            while ready := [
                row["id"]
                for row in self.env["ir.cron"]._get_all_ready_jobs(self.cr)
                if row["id"] in self.jobs.ids
            ]:
                self.assertTrue(self.jobs.browse(ready[0]).method_direct_trigger())
                self.env.flush_all()
            self.told += [
                (second, mail["msg_to"], mail["message"])
                for mail in self.emails
                if "admin@example.com" in mail["msg_to"]
            ]
        self.env.invalidate_all()

    def heard(self, agent_second, device_second):
        """Seconds after the cut (negative: before it) at which both called last."""
        self.agent.last_seen_at = self.cut + timedelta(seconds=agent_second)
        self.device.last_heard_at = self.cut + timedelta(seconds=device_second)

    def plays(self, phase, dies):
        """Workers look all the time, `phase` seconds off the cut; from then on `dies` is silent."""
        for second in range(phase - 3 * WORKER_SECONDS, 4 * WORKER_SECONDS, WORKER_SECONDS):
            last = min(second, 0)
            self.heard(last if dies == "agent" else second, last)
            self.worker_looks(second)

    def test_p06_the_mail_has_left_three_minutes_after_the_cut(self):
        """P06. Turns red when the mail of a silent agent or terminal leaves later than three
        minutes after its last word, whenever Odoo's workers look; when it waits for the hourly
        turn of the mail queue, is sent twice, or is not handed over to the mail server."""
        for dies, words in (
            ("agent", "the agent is not responding"),
            ("device", "the terminal is not responding"),
        ):
            # 31: a look at the hundredth second still hears it, the next comes last of all.
            for phase in (0, 17, 31, 32, 51):
                with self.subTest(dies=dies, phase=phase):
                    self.setUp()
                    self.plays(phase, dies)
                    self.assertEqual(len(self.told), 1, self.told)
                    second, _to, message = self.told[0]
                    self.assertGreater(second, 100)
                    self.assertLessEqual(second, LIMIT_SECONDS)
                    self.assertIn(words, message)
                    self.assertFalse(self.env["mail.mail"].search([]), "sent, and kept nowhere")
                    self.env["biometric.incident"].search([]).unlink()

    def test_after_odoo_was_away_everybody_may_call_first(self):
        """Turns red when a server that starts tells that all branches are silent; or when one that
        stays silent is not told then."""
        self.heard(0, 0)
        self.worker_looks(0)
        # Nobody was heard for ten minutes, because nobody listened.
        self.worker_looks(600)
        self.heard(630, 630)
        for second in (660, 720, 780):
            self.worker_looks(second)
            self.heard(second, second)
        self.assertFalse(self.told)
        for second in (1500, 1560, 1620):
            self.worker_looks(second)
        self.assertEqual([second for second, _to, _message in self.told], [1620])

    def test_a_terminal_that_was_told_to_call_seldom(self):
        """Turns red when one that calls once a minute is told as silent before it missed three
        calls; or when its screen is late and its incident is not."""
        self.device.settings = {"poll_seconds": 60}
        board = self.env["biometric.device"].with_user(self.administrator)
        for second, status in ((179, "ok"), (181, "late")):
            self.heard(second, 0)
            with self.at(second):
                (row,) = board.get_board_data(search="SN1")["devices"]
                self.assertEqual(row["status"], status, second)
                found = self.env["biometric.incident"]._found(Datetime.now())
            kinds = [finding.kind for finding in found[self.agent.company_id.id]]
            self.assertEqual(kinds, ["device_silent"] if status == "late" else [])
        self.device.settings = {"poll_seconds": "often"}
        with self.at(101):
            (row,) = board.get_board_data(search="SN1")["devices"]
        self.assertEqual((row["status"], "is not responding" in row["cause"]), ("late", True))
