"""Which channel carries a device now and why, how far a read is, and who is looking."""

from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Datetime
from odoo.tests import freeze_time, tagged

from .test_fleet_device import FleetCase


def text(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@tagged("post_install", "-at_install", "biometric_fleet")
class TestFleetChannel(FleetCase):
    def heard(self, at):
        return {
            "serial": "SN1",
            "state": "heard",
            "last_heard_at": text(at),
            "unbroken_since": text(at),
            "upload_idle": True,
            "pending": 0,
        }

    def notes(self):
        return [
            str(body)
            for body in self.device.message_ids.sorted("id").mapped("body")
            if "Reading" in str(body)
        ]

    # ------------------------------------------------------------------ the carrier

    def test_each_switch_is_visible_with_its_reason(self):
        """Red when Odoo does not say that reading took over, or says it at every read, or keeps
        saying it after push is back."""
        silent = {"asked_by": "push is silent"}
        self.sync(runs=[self.run_of(1, asked_by="schedule")])
        self.assertFalse(self.device.carrier)
        self.sync(runs=[self.run_of(2, **silent)])
        self.sync(runs=[self.run_of(3, **silent, outcome="failed", message="no answer")])
        self.assertEqual(self.device.carrier, "poll")
        self.assertEqual(self.device.carrier_reason, "push has stopped")
        self.assertEqual(self.notes(), ["<p>Reading takes over: push has stopped</p>"])
        before = self.device.carrier_since - timedelta(seconds=1)
        self.sync(devices=[self.heard(before)])
        self.assertEqual(self.device.carrier, "poll", "an old word is no return")
        back = self.device.carrier_since + timedelta(minutes=7)
        with freeze_time(back):
            self.sync(devices=[self.heard(back)])
        self.assertEqual((self.device.carrier, self.device.carrier_since), ("push", back))
        self.assertEqual(self.notes()[1:], ["<p>Reading paused: push works again</p>"])

    def test_how_long_push_may_be_silent(self):
        """Red when the agent is not told, or told what it does not accept."""
        self.assertNotIn("silence_seconds", self.said()["settings"])
        self.device.with_user(self.administrator).silence_seconds = 45
        self.assertEqual(self.said()["settings"]["silence_seconds"], 45)
        for wrong in (9, 3601):
            with self.assertRefused(
                "The limit must be between 10 seconds and one hour", ValidationError
            ):
                self.device.silence_seconds = wrong
        with self.assertRaises(AccessError):
            self.device.with_user(self.hr_officer).silence_seconds = 60

    # ------------------------------------------------------------------ how far a read is

    def test_a_read_that_goes_on_is_shown(self):
        """R40, Odoo's half. Red when a later word of the same order is taken for a repetition."""
        window = {"from": "2026-03-02 00:00:00", "to": "2026-03-02 23:59:59"}
        commands = self.env["biometric.command"].with_user(self.hr_officer)
        command = commands._give(self.device, "pull_window", window).sudo()
        pull = self.env["biometric.pull"].with_user(self.hr_officer)
        dialog = pull.browse(pull._open(self.device, command)["res_id"])

        def told(state="sent", **progress):
            word = {"id": command.id, "state": state, "return": None, "message": ""}
            self.sync(commands=[word | ({"progress": progress} if progress else {})])
            dialog.invalidate_recordset()
            return str(dialog.progress)

        self.assertIn("Connecting", told(step="connecting", done=0, total=None))
        half = told(step="reading", done=50_000, total=100_000)
        self.assertIn("Reading 50,000 / 100,000", half)
        self.assertIn("width: 50%", half)
        self.assertIn("Reading 75,000 / 100,000", told(step="reading", done=75_000, total=100_000))
        self.assertIn("Storing 10 / 100,000", told(step="storing", done=10, total=100_000))
        self.assertNotIn("progress-bar", told("done"))
        self.assertEqual((command.state, command.step), ("done", False))

    # ------------------------------------------------------------------ who is looking

    def test_whoever_looks_makes_the_agent_ask_more_often(self):
        """Red when an order has to wait ten seconds although somebody had the device open, or when
        the agent asks every second for ever after."""
        self.assertEqual(self.sync()["sync_seconds"], 10)
        self.device.with_user(self.approver).watch()
        self.assertEqual(self.sync()["sync_seconds"], 1)
        with freeze_time(Datetime.now() + timedelta(seconds=61)):
            self.assertEqual(self.sync()["sync_seconds"], 10)
        other, _token = self.make_agent("Elsewhere")
        self.assertNotIn(other, self.env["biometric.watch"].search([]).agent_id)

    def test_the_dialog_and_a_gap_are_looked_at_too(self):
        self.env["biometric.pull"].with_user(self.hr_officer).with_context(
            default_device_id=self.device.id
        ).default_get(["device_id"])
        self.assertEqual(self.sync()["sync_seconds"], 1)
        self.env["biometric.watch"].search([]).unlink()
        gap = self.env["biometric.gap"].create(
            {
                "company_id": self.device.company_id.id,
                "device_id": self.device.id,
                "agent_id": self.agent.id,
                "kind": "silence",
                "window_from": self.now - timedelta(hours=2),
                "window_to": self.now - timedelta(hours=1),
            }
        )
        gap.with_user(self.approver).watch()
        self.assertEqual(self.sync()["sync_seconds"], 1)
