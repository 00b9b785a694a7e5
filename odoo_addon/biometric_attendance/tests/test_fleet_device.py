"""A device's own screen: who orders what, what the agent is sent, the two check lists."""

import json
from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Datetime
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import AddonCase, Lane

GROUP = "biometric_attendance.group_"


class FleetCase(TransactionCase, AddonCase):
    """One agent, one device in good order, one user per role that matters here."""

    def setUp(self):
        super().setUp()
        self.without_commits()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)
        for role in ("approver", "hr_officer", "administrator"):
            setattr(cls, role, new_test_user(cls.env, f"fleet-{role}", groups=GROUP + role))
        cls.now = Datetime.now()
        cls.agent.write({"last_seen_at": cls.now, "clock": "ok"})
        cls.device.write(
            {
                "last_heard_at": cls.now,
                "last_punch_at": cls.now,
                "upload_idle": True,
                "heard_state": "heard",
            }
        )

    def sync(self, **body):
        return self.env["biometric.sync"]._sync(self.agent, {"version": 1, **body}, "10.0.0.1")

    def said(self, name="SN1"):
        (row,) = [row for row in self.sync()["devices"] if row["serial"] == name]
        return row

    def run_of(self, number=1, **values):
        at = self.now_text()
        return {
            "id": f"00000000-0000-4000-8000-{number:012d}",
            "serial": "SN1",
            "channel": "poll",
            "asked_by": "schedule",
            "read": 3,
            "new": 0,
            "duplicate": 3,
            "rejected": 0,
            "device_count": 3,
            "started_at": at,
            "ended_at": at,
            "outcome": "complete",
            "message": "complete",
        } | values

    def readable(self, **values):
        """The device as one that is also read over port 4370."""
        device = self.device.with_user(self.administrator)
        device.write({"poll_host": "192.168.1.201", "channel_poll": True, **values})
        return device


@tagged("post_install", "-at_install", "biometric_fleet")
class TestFleetDevice(FleetCase):
    def test_settings_reach_the_agent_and_the_key_is_never_shown(self):
        """Red when the key can be read, or a setting does not travel."""
        device = self.readable(
            comm_key="4711",
            poll_times="06:00, 13:30",
            quiet_hours="07:30-09:30",
            poll_live=True,
            cleanup_when="above",
            cleanup_percent=85,
            cleanup_hours="02:00-04:00",
        )
        settings = self.said()["settings"]
        self.assertEqual(
            settings["poll"],
            {
                "host": "192.168.1.201",
                "port": 4370,
                "transport": "tcp",
                "comm_key": 4711,
                "mode": "both",
                "interval_minutes": 60,
                "times": ["06:00", "13:30"],
                "quiet": ["07:30-09:30"],
                "live": True,
            },
        )
        self.assertEqual(
            settings["cleanup"],
            {"when": "above", "percent": 85, "days": 30, "hours": ["02:00-04:00"]},
        )
        device.invalidate_recordset()
        self.assertFalse(device.comm_key)
        self.assertTrue(device.comm_key_set)
        with self.assertRaises(AccessError):
            device.read(["comm_key_secret"])
        with self.assertRaises(AccessError):
            device.search([("comm_key_secret", "=like", "4%")])
        trail = self.env["biometric.audit"].search(
            [("model", "=", "biometric.device"), ("res_id", "=", device.id)]
        )
        self.assertTrue(trail.filtered(lambda entry: "cleanup_when" in (entry.after or "")))
        self.assertTrue(trail.filtered(lambda entry: "comm_key" in (entry.after or "")))
        self.assertFalse(trail.filtered(lambda entry: "4711" in f"{entry.before}{entry.after}"))

    def test_a_read_that_brought_nothing_says_why(self):
        """Turns red when a read that ended well and brought nothing says Done alone."""
        window = ("2026-03-02 00:00:00", "2026-03-02 23:59:59")
        command = self.env["biometric.pull"]._give_window(self.device, *window)
        command.sudo().state = "done"
        pull = self.env["biometric.pull"].create(
            {"device_id": self.device.id, "command_ids": [(6, 0, command.ids)]}
        )
        self.assertEqual(pull.headline, "Done")
        run = self.env["biometric.run"].create(
            {
                "company_id": self.device.company_id.id,
                "agent_id": self.agent.id,
                "device_id": self.device.id,
                "uuid": "pull-1",
                "channel": "poll",
                "command_id": command.id,
                "read_count": 0,
                "new_count": 0,
            }
        )
        for read, new, words in ((0, 0, "no record of this time"), (3, 0, "already in Odoo")):
            run.write({"read_count": read, "new_count": new})
            pull.invalidate_recordset()
            self.assertIn(words, pull.headline)
        run.new_count = 1
        pull.invalidate_recordset()
        self.assertEqual(pull.headline, "Done")

    def test_only_the_administrator_changes_policy_and_clears(self):
        """Red when an HR officer may write a device, or order more than reading."""
        device = self.device.with_user(self.hr_officer)
        with self.assertRaises(AccessError):
            device.write({"cleanup_when": "never"})
        commands = self.env["biometric.command"].with_user(self.hr_officer)
        for name in ("set_clock", "reboot", "clear_log"):
            with self.assertRaises(AccessError):
                commands._give(device, name, {})
        with self.assertRaises(AccessError):
            device.action_clear()
        self.assertTrue(commands._give(device, "refresh_users", {}))
        with self.assertRaises(AccessError):
            self.env["biometric.command"].with_user(self.approver)._give(
                self.device.with_user(self.approver), "refresh_users", {}
            )

    def test_what_makes_no_sense_is_refused(self):
        device = self.device.with_user(self.administrator)
        for words, values in (
            ("is not a valid address", {"poll_host": "127.0.0.1"}),
            ("is not a valid address", {"poll_host": "http://x"}),
            ("Times are written", {"poll_host": "192.168.1.201", "poll_times": "6h"}),
            ("Hours are written", {"quiet_hours": "25:00-26:00"}),
            ("only pushes", {"cleanup_when": "above", "cleanup_hours": "02:00-04:00"}),
            ("Enter the quiet", {"cleanup_when": "every", "poll_host": "192.168.1.201"}),
            ("comm key is a number", {"comm_key": "abc"}),
        ):
            with self.assertRefused(words, ValidationError):
                device.write(values)

    def test_s71_what_is_read_stands_in_the_branch(self):
        """S71. Red when an agent can be sent to itself, to the Internet or to a cloud's own
        service, in whatever spelling; or when a long name keeps a worker busy for ever."""
        refused = (
            *("127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "localhost"),
            *("LocalHost.", "a.localhost", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8"),
            *("fd00:ec2::254", "100.100.100.200", "::ffff:192.0.0.192", "metadata"),
            *("Metadata.google.internal.", "instance-data.ec2.internal"),
            *("169.254.169.254", "fe80::1", "224.0.0.1", "ff02::1", "0.0.0.0", "::"),
            *("8.8.8.8", "2606:4700::1111", "240.0.0.1", "255.255.255.255"),
            *("a b", "a..b", "-a", "a_b", "a" * 64, "a" * 250 + "!", "user@host", "host/path"),
        )
        for host in refused:
            with (
                self.subTest(host),
                self.assertRaisesRegex(ValidationError, "is not a valid address"),
                self.cr.savepoint(),
            ):
                self.device.write({"poll_host": host})
        for host in (
            *("192.168.1.9", "10.0.0.9", "172.16.0.9", "100.64.3.9", "fd00::9"),
            *("gate", "gate-2.branch.example", "gate.local.", "a" * 63),
        ):
            with self.subTest(host):
                self.device.write({"poll_host": host})

    def test_pull_in_pieces_with_progress(self):
        """Red when a long window is asked for at once, or the progress does not follow."""
        pull = (
            self.env["biometric.pull"]
            .with_user(self.hr_officer)
            .create(
                {
                    "device_id": self.device.id,
                    "date_from": "2026-01-01",
                    "date_to": "2026-03-02",
                }
            )
        )
        self.assertFalse(pull.is_ordered)
        self.assertEqual(pull.action_confirm()["res_id"], pull.id)
        self.assertTrue(pull.is_ordered)
        self.assertEqual(
            [(c.arguments["from"], c.arguments["to"]) for c in pull.command_ids.sorted("id")],
            [
                ("2026-01-01 00:00:00", "2026-01-31 23:59:59"),
                ("2026-02-01 00:00:00", "2026-03-02 23:59:59"),
            ],
        )
        answer = self.sync()
        self.assertEqual(answer["sync_seconds"], 1, "somebody watches")
        ids = [command["id"] for command in answer["commands"]]
        self.assertTrue(pull.is_open)
        self.sync(
            commands=[{"id": i, "state": "done", "return": 0, "message": ""} for i in ids],
            runs=[self.run_of(command_id=ids[0], channel="push", read=7, new=2, device_count=7)],
        )
        pull.invalidate_recordset()
        self.assertFalse(pull.is_open)
        self.assertIn("7 read, 2 new", pull.progress)
        self.assertEqual(self.sync()["sync_seconds"], 10)

    def test_why_names_the_first_failing_step(self):
        """Red when a later fault hides an earlier one."""

        def failing():
            checklist = self.env["biometric.checklist"].browse(self.device.action_why()["res_id"])
            return [line.name for line in checklist.line_ids if line.state == "failed"][:1]

        self.assertEqual(failing(), ["Punches are in Odoo"])
        day = f"{self.now:%Y-%m-%d}"
        self.store(self.agent, Lane(), Lane().punch(wall=f"{day} 08:00:00"))
        self.assertEqual(failing(), ["Every PIN is mapped"])
        self.device.pending = 3
        self.assertEqual(failing(), ["Nothing is waiting at the agent"])
        self.device.clock_offset_seconds = 4000
        self.assertEqual(failing(), ["Terminal's clock is right"])
        self.device.last_heard_at = self.now - timedelta(hours=3)
        self.assertEqual(failing(), ["Terminal calls the agent"])
        self.agent.last_seen_at = self.now - timedelta(hours=3)
        self.assertEqual(failing(), ["Agent is online"])
        self.agent.state = "revoked"
        self.assertEqual(failing(), ["Agent is paired and approved"])

    def test_r42_no_clear_is_ordered_while_a_condition_fails(self):
        """R42, Odoo's half. Red when the order leaves although the list has a failed line."""
        checks = {check.name: check for check in self.device._clear_checks()}
        self.assertEqual(len(checks), 5)
        self.assertEqual(checks["Reason to clear"].state, "failed", "push only: never")
        device = self.readable()
        self.sync(runs=[self.run_of()])

        def dialog():
            return (
                self.env["biometric.checklist"]
                .with_user(self.administrator)
                .browse(device.action_clear()["res_id"])
            )

        self.assertFalse(dialog().failed)
        shown = dialog()
        self.device.pending = 1
        with self.assertRaisesRegex(UserError, "Punches waiting for delivery: 1"):
            shown.action_clear()
        self.device.pending = 0
        self.store(self.agent, Lane(), Lane().reject())
        self.assertIn("Unreadable lines that need a decision: 1", dialog().summary)
        reject = self.env["biometric.sighting"].search([("kind", "=", "reject")])
        self.env["biometric.decision"]._decide(reject, "discard", "seen and understood")
        self.sync(runs=[self.run_of(2, read=2, outcome="incomplete")])
        self.assertIn("read 2, counted 3", dialog().summary)
        self.sync(runs=[self.run_of(3)])
        self.device.upload_idle = False
        self.assertIn("uploading", dialog().summary)
        self.device.upload_idle = True
        self.assertFalse(self.env["biometric.command"].search([("name", "=", "clear_log")]))
        shown.action_clear()
        order = self.env["biometric.command"].search([("name", "=", "clear_log")])
        self.assertEqual(order.device_id, self.device)
        self.sync(
            runs=[
                self.run_of(
                    4,
                    outcome="not_cleared",
                    asked_by="cleanup: odoo",
                    message="the terminal ignores disable: it recorded a punch",
                )
            ]
        )
        self.assertIn("never cleared", dialog().summary)
        self.env["biometric.run"].search([("outcome", "=", "not_cleared")]).unlink()
        self.device.facts = {"unsafe_to_clear": "it recorded a punch during the clear"}
        self.assertIn("a punch during the clear", dialog().summary, "R45: the agent's word")

    def test_a_terminal_that_moved_is_told_and_its_address_taken(self):
        """Red when nobody is told where the agent reads it now, or the wrong person decides."""
        self.readable()
        self.assertFalse(self.device.moved_note)
        old = self.device.poll_host
        self.device.facts = {"found_at": "192.168.1.77", "configured_at": old}
        self.assertIn("192.168.1.77", self.device.moved_note)
        self.assertIn(old, self.device.moved_note)
        with self.assertRaises(AccessError):
            self.device.with_user(self.hr_officer).action_take_address()
        self.device.facts = {"found_at": "127.0.0.1"}
        with self.assertRefused("is not a valid address", ValidationError):
            self.device.with_user(self.administrator).action_take_address()
        self.device.facts = {"found_at": "192.168.1.77", "configured_at": old}
        self.device.with_user(self.administrator).action_take_address()
        self.assertEqual(self.device.poll_host, "192.168.1.77")
        self.assertFalse(self.device.moved_note)

    def test_s49_a_missing_comm_key_is_a_finding_with_its_remedy(self):
        """S49. Red when a terminal that anybody can clear looks like any other."""
        for said, words in (("none", "without a comm key"), ("default", "comm key 0")):
            self.device.facts = {"comm_key": said}
            self.assertIn(words, self.device.security_note)
            self.assertIn("Comm Key", self.device.security_note)
        self.device.facts = {"comm_key": "set"}
        self.assertFalse(self.device.security_note)

    def test_a_terminal_that_is_only_read_is_not_dead_between_two_reads(self):
        """Red when the board counts the pause of the schedule as silence."""
        self.readable(channel_push=False)
        heard = Datetime.now() - timedelta(minutes=90)
        self.device.last_heard_at = heard
        (row,) = self.env["biometric.device"].get_board_data()["devices"]
        self.assertEqual(row["status"], "ok")
        self.sync(devices=[{"serial": "SN1", "state": "silent", "last_heard_at": None}])
        self.assertEqual(self.device.last_heard_at, heard, "what is not known erases nothing")
        self.sync(runs=[self.run_of()])
        self.assertGreater(self.device.last_heard_at, heard)

    def test_arguments_as_the_agent_takes_them(self):
        """Red when Odoo and the agent name an argument differently."""
        commands = self.env["biometric.command"].with_user(self.administrator)
        given = commands._give(self.device, "set_option", {"option": "VOLUME", "value": "50"})
        self.assertEqual(json.dumps(given.arguments), '{"option": "VOLUME", "value": "50"}')
        commands._give(self.device, "push_user", {"pin": "7", "name": "Ann", "privilege": 0})
        for name, arguments in (
            ("push_user", {"pin": "7", "privilege": 3}),
            ("count_window", {"from": "2026-03-02 00:00:00", "to": "2026-03-01 00:00:00"}),
            ("pull_window", {"from": "2026-01-01 00:00:00", "to": "2026-03-01 00:00:00"}),
        ):
            with self.assertRaises(UserError):
                commands._give(self.device, name, arguments)
