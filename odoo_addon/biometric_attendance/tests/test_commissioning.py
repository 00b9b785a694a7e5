"""A terminal is taken into use: what a test person's punches prove, what is waived and kept."""

import json
import re
import uuid
from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import SQL

from .common import AddonCase, Lane, lay_row


@tagged("post_install", "-at_install")
class TestCommissioning(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env,
            "accepts",
            groups="base.group_user,biometric_attendance.group_administrator",
        )
        cls.agent, _token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)
        cls.tester = cls.env["hr.employee"].create({"name": "Tess Tester"})
        cls.env["biometric.device.user"].map_pins(cls.device.ids, [["7", cls.tester.id]])

    def begin(self, **values):
        test = (
            self.env["biometric.commissioning"]
            .with_user(self.admin)
            .create({"device_id": self.device.id, "tester_id": self.tester.id, **values})
        )
        # A punch is stored at the begin of its transaction, which here is the test's own.
        test.sudo().started_at = fields.Datetime.now() - timedelta(hours=1)
        return test

    def punch(self, *rows):
        """rows: (HH:MM, status, verify)."""
        lane = Lane()
        made = [
            lane.punch(wall=f"2026-03-02 {clock}:00", status=status, verify=verify)
            for clock, status, verify in rows
        ]
        self.store(self.agent, lane, *made)

    def read_whole(self, test, **values):
        self.env["biometric.run"].create(
            {
                "company_id": test.company_id.id,
                "agent_id": self.agent.id,
                "device_id": self.device.id,
                "uuid": str(uuid.uuid4()),
                "channel": "poll",
                "outcome": "complete",
                "started_at": fields.Datetime.now(),
                "read_count": 2,
                "device_count": 2,
                **values,
            }
        )

    def lay_day(self, day, columns):
        """As the engine computes it: nobody writes a day."""
        for name, given in columns.items():
            value = json.dumps(given) if name == "derivation" else given
            self.env.cr.execute(
                SQL("UPDATE biometric_day SET %s = %s", SQL.identifier(name), value)
            )
        day.invalidate_recordset()

    def state(self, test):
        test.invalidate_recordset()
        return {row["key"]: row["ok"] for row in test._found()}

    def report_adds_up(self, test, expected):
        """Red when a check that is waived and passed is counted twice."""
        test.invalidate_recordset()
        found = test._found()
        said = self.env["report.biometric_attendance.commissioning"]._sum(found)
        sums = {word: int(count) for count, word in re.findall(r"(\d+) (\w+)", said)}
        self.assertEqual(set(sums), {"passed", "waived", "open"})
        self.assertEqual(sum(sums.values()), len(found))
        self.assertEqual({word: sums[word] for word in expected}, expected)

    def words(self, test, key):
        return next(row["found"] for row in test._found() if row["key"] == key)

    def refused(self, words, call):
        with self.assertRefused(re.escape(words)):
            call()

    def test_each_check_follows_what_arrives(self):
        """Red when a check passes before what it looks at is there, or stays open after."""
        empty = self.env["biometric.commissioning"].new({})
        self.assertEqual(empty.display_name, "New commissioning")
        test = self.begin(by_card=True)
        self.assertIn("Nothing yet", test.punches_text)
        test.write({"said_first": "08:00", "said_last": "08:00"})
        for key in ("times", "day"):
            self.assertEqual(self.words(test, key), "no punch yet", "it was said when")
        self.assertFalse(any(ok for key, ok in self.state(test).items() if key != "zone"))
        self.refused("Still open: A punch by finger arrived", test.action_accept)
        self.punch(("08:00", "0", "1"))
        state = self.state(test)
        self.assertTrue(state["by_finger"] and not state["by_card"])
        self.assertTrue(state["status"] and state["verify"])
        self.assertEqual(self.words(test, "status"), "0 = In")
        test.write({"said_count": 2, "said_first": "08:00", "said_last": "08:00"})
        self.assertFalse(self.state(test)["count"])
        self.assertEqual(self.words(test, "count"), "1 arrived, 2 made")
        test.said_count = 1
        self.assertTrue(self.state(test)["count"] and self.state(test)["times"])
        test.said_last = "08:03"
        self.assertFalse(self.state(test)["times"])
        self.read_whole(test, read_count=1)
        state = self.state(test)
        self.assertTrue(state["pull"] and not state["held"])
        self.read_whole(test, rejected_count=1)
        self.assertFalse(self.state(test)["held"], "a line that could not be read is no record")
        self.read_whole(test)
        self.assertTrue(self.state(test)["held"])

    def test_a_clock_is_judged_once_it_was_heard(self):
        """Red when a clock that nobody heard passes, or one that changes days does."""
        test = self.begin()
        self.assertIn("not known yet", self.words(test, "clock"))
        for seconds, ok in ((60, True), (-60, True), (61, False), (-61, False)):
            self.device.write(
                {"clock_offset_seconds": seconds, "last_heard_at": fields.Datetime.now()}
            )
            with self.subTest(seconds):
                self.assertEqual(self.state(test)["clock"], ok)

    def test_what_was_punched_before_counts_for_nothing(self):
        """Red when a terminal passes by punches that were made before it was moved."""
        test = self.begin()
        self.punch(("08:00", "0", "1"))
        self.assertTrue(self.state(test)["by_finger"])
        test.sudo().started_at = fields.Datetime.now() + timedelta(minutes=1)
        self.assertFalse(self.state(test)["by_finger"])
        self.assertIn("Nothing yet", test.punches_text)

    def test_a_key_without_a_meaning_and_another_persons_punches(self):
        """Red when an unknown code passes, or somebody else's punch counts for the test person."""
        test = self.begin()
        self.env["biometric.device.user"].create({"device_id": self.device.id, "pin": "8"})
        lane = Lane()
        self.store(self.agent, lane, lane.punch(pin="8"))
        self.assertFalse(self.state(test)["by_finger"])
        lane = Lane("d" * 32)
        self.store(
            self.agent, lane, lane.punch(wall="2026-03-02 09:00:00", status="77", verify="99")
        )
        state = self.state(test)
        self.assertFalse(state["status"] or state["verify"] or state["by_finger"])
        self.assertEqual(self.words(test, "status"), "77 = ?")
        self.assertEqual(test.punches_text.count("\n"), 0)
        self.assertTrue(test.punches_text.startswith("2026-03-02 09:00:00   77   "))

    def test_the_computed_day_holds_the_punches(self):
        """Red when a day that misses a punch passes; nothing else of the day is told."""
        test = self.begin()
        self.punch(("08:00", "0", "1"), ("17:00", "1", "1"))
        test.write({"said_count": 2, "said_first": "08:01", "said_last": "16:59"})
        self.assertFalse(self.state(test)["day"])
        own = {"employee_id": self.tester.id, "company_id": test.company_id.id}
        day = lay_row(self.env["biometric.day"], own | {"date": "2026-03-02"})
        first, last = (
            punch.key[:16]
            for punch in self.env["biometric.punch"].search(
                [("employee_id", "=", self.tester.id)], order="wall_time"
            )
        )
        at = fields.Datetime.now() + timedelta(seconds=1)
        both = {"sessions": [{"in_punch": first, "out_punch": last}]}
        self.lay_day(day, {"computed_at": at, "derivation": both})
        self.assertTrue(self.state(test)["day"])
        # stamped to the second, and so before the punch that it holds
        stored = (
            self.env["biometric.punch"]
            .search([("employee_id", "=", self.tester.id)], order="id desc", limit=1)
            .stored_at
        )
        self.lay_day(day, {"computed_at": stored.replace(microsecond=0)})
        self.assertTrue(self.state(test)["day"])
        one = {"sessions": [{"in_punch": first}]}
        for when in (test.started_at, stored.replace(microsecond=0), None):
            self.lay_day(day, {"computed_at": when, "derivation": one})
            self.assertIn("not computed yet", self.words(test, "day"))
        self.lay_day(day, {"computed_at": at, "derivation": one})
        self.assertFalse(self.state(test)["day"])
        self.assertEqual(self.words(test, "day"), "it does not have these punches: check the day")
        tap = {"punch": last, "reason": "double_tap"}
        self.lay_day(day, {"derivation": one | {"ignored": [tap]}})
        self.assertTrue(self.state(test)["day"], "taps within a minute are one")
        lay_row(self.env["biometric.day"], own | {"date": "2026-03-01"})
        early = self.env["biometric.day"].search(
            [("employee_id", "=", self.tester.id), ("date", "=", "2026-03-01")]
        )
        self.env.cr.execute(
            SQL(
                "UPDATE biometric_day SET derivation = %s WHERE id = %s", json.dumps(both), early.id
            )
        )
        self.env.cr.execute(SQL("UPDATE biometric_day SET derivation = NULL WHERE id = %s", day.id))
        (day | early).invalidate_recordset()
        self.assertTrue(self.state(test)["day"], "the night before holds them")

    def test_a_terminal_that_pushes_is_read_too(self):
        """Red when a terminal that nobody can read over port 4370 can only be waived, or a read of
        another time counts."""
        test = self.begin()
        self.punch(("08:00", "0", "1"))
        action = test.action_read_log()
        command = self.env[action["res_model"]].browse(action["res_id"]).command_ids
        self.assertEqual(command.name, "pull_window")
        start, end = self.device._wall_window(test.started_at, fields.Datetime.now())
        self.assertEqual(command.arguments["from"], start)
        self.assertLessEqual(command.arguments["to"], end)
        push = {"channel": "push", "device_count": -1, "read_count": 1, "window_to": False}
        window = {"window_from": "2026-03-02 07:00:00", "window_to": "2026-03-02 09:00:00"}
        for values, pull, held in (
            ({**window}, False, False),
            ({"command_id": command.id, "window_from": "2026-03-02 08:01:00"}, False, False),
            ({"command_id": command.id, "window_to": "2026-03-02 07:59:59"}, False, False),
            ({"command_id": command.id, **window, "read_count": 0}, True, False),
            ({"command_id": command.id, **window, "device_count": 2}, True, False),
            ({"command_id": command.id, **window, "outcome": "incomplete"}, True, False),
            ({"command_id": command.id, **window}, True, True),
            ({"command_id": command.id, **window, "device_count": 1}, True, True),
        ):
            with self.subTest(values):
                self.read_whole(test, **{**push, **values})
                state = self.state(test)
                self.assertEqual((state["pull"], state["held"]), (pull, held))

    def test_waived_accepted_and_kept(self):
        """Red when something is accepted that nobody waived, or a kept report changes later."""
        test = self.begin()
        self.punch(("08:00", "0", "1"))
        waive = self.env["biometric.commissioning.waive"].with_user(self.admin)
        open_keys = [key for key, ok in self.state(test).items() if not ok]
        self.assertNotIn("by_finger", open_keys)

        def say(key, reason):
            dialog = {"commissioning_id": test.id, "key": key, "reason": reason}
            return waive.create(dialog).action_confirm

        self.refused("at least 10 characters", say(open_keys[0], "no"))
        self.refused("This check is not open", say("by_finger", "because I say so"))
        for key in open_keys:
            say(key, "the line is down today")()
        test.invalidate_recordset()
        self.assertEqual(test.open_count, 0)
        self.assertIn("waived by", test.checks_html)
        self.report_adds_up(test, {"open": 0})
        # The line is back: what arrives now passes checks that were waived.
        self.read_whole(test)
        passed_after = [row for row in test._found() if row["ok"] and row["waived"]]
        self.assertTrue(passed_after)
        self.report_adds_up(test, {"waived": len(open_keys) - len(passed_after), "open": 0})
        test.action_accept()
        self.assertEqual((test.state, test.ended_by_id), ("passed", self.admin))
        before = test.checks
        self.punch(("09:00", "0", "1"))
        test.invalidate_recordset()
        self.assertEqual(
            [{k: row[k] for k in ("key", "ok", "found")} for row in test._found()], before
        )
        self.refused("cannot be changed", lambda: test.write({"said_count": 9}))
        self.refused("has ended", test.action_accept)
        self.refused("cannot be deleted; cancel it", lambda: test.sudo().unlink())
        actions = self.env["biometric.audit"].search(
            [("model", "=", test._name), ("res_id", "=", test.id)], order="id"
        )
        self.assertEqual(
            actions.mapped("action"),
            ["commissioning.create"]
            + ["commissioning.waive"] * len(open_keys)
            + ["commissioning.passed"],
        )
        self.assertEqual(actions[1].reason, "the line is down today")
        values = self.env["report.biometric_attendance.commissioning"]._get_report_values(test.ids)
        text = str(values["articles"])
        for word in ("Tess Tester", "the line is down today", "A punch by finger arrived"):
            self.assertIn(word, text)

    def test_again_after_a_replacement_or_an_update(self):
        """Red when a new agent or a new program asks for nothing."""
        self.assertIn("not been tested with a test person", self.device.commissioning_due)
        test = self.begin()
        test.sudo().write({"state": "passed", "ended_at": fields.Datetime.now()})
        self.device.invalidate_recordset()
        self.assertFalse(self.device.commissioning_due)
        later = fields.Datetime.now() + timedelta(hours=1)
        release = self.env["biometric.release"].create({})
        update = self.env["biometric.update"].create(
            {"company_id": release.company_id.id, "release_id": release.id, "place": 1}
            | {"agent_id": self.agent.id, "state": "confirmed", "ended_at": later}
        )
        self.device.invalidate_recordset()
        self.assertIn("updated", self.device.commissioning_due)
        context = self.device.action_commission()["context"]
        self.assertEqual(context["default_occasion"], "update")
        update.unlink()
        self.agent.approved_at = later
        self.device.invalidate_recordset()
        self.assertIn("replaced", self.device.commissioning_due)
        context = self.device.action_commission()["context"]
        self.assertEqual(context["default_occasion"], "replacement")

    def test_what_is_no_time_or_no_means(self):
        """Red when a time nobody can mean, or a test by no means, is taken."""
        self.refused("is not a time", lambda: self.begin(said_first="8 am"))
        self.refused("the methods people use", lambda: self.begin(by_finger=False))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.env["hr.employee"].create({"name": "S", "company_id": elsewhere.id})
        self.refused("another company", lambda: self.begin(tester_id=stranger.id))

    def test_its_report_is_collected(self):
        """Red when the agent's report is not kept, or a result without one wipes it."""
        self.device.with_user(self.admin).with_context(biometric_command="report").action_command()
        commands = self.env["biometric.command"]
        listed = commands._fetch(self.agent)
        self.assertEqual([one["name"] for one in listed], ["report"])
        result = {"id": listed[0]["id"], "state": "done", "return": 0, "message": "29 points"}
        points = [["family", "SpeedFace"], ["silent now", "no"]]
        commands._results(self.agent, [{**result, "progress": None, "report": points}])
        self.assertEqual(self.device.report, points)
        self.assertEqual(self.device.report_text, "family: SpeedFace\nsilent now: no")
        self.assertTrue(self.device.report_at)
