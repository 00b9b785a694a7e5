"""Sync: status in, settings and orders out; rotation, clones, signed heads, commands."""

import base64
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import tagged

from ..contract import wire
from .common import Lane
from .sync_case import T0, SyncCase, text


@tagged("post_install", "-at_install")
class TestSync(SyncCase):
    def test_status_of_a_terminal_that_is_only_read(self):
        """Red when what is told of a read is refused, or taken for a heartbeat."""
        hour = T0 + timedelta(hours=1)
        self.sync(
            devices=[
                self.heard(
                    channels=["poll"],
                    last_heard_at=None,
                    unbroken_since=None,
                    dialect=None,
                    family=None,
                    polled_at=text(hour),
                    complete_read_at=text(T0),
                    oldest_pending_at=text(T0),
                    pending=3,
                )
            ]
        )
        device = self.device
        self.assertEqual((device.polled_at, device.complete_read_at), (hour, T0))
        self.assertEqual((device.oldest_pending_at, device.heard_state), (T0, "heard"))
        self.assertFalse(device.last_heard_at or device.unbroken_since or device.proven_until)

    # ------------------------------------------------------------------ status

    def test_status_and_settings(self):
        answer = self.sync(
            agent={
                "version": "1.2",
                "started_at": text(T0),
                "uptime_seconds": 9,
                "host": {"name": "pi", "os": "linux"},
                "clock": "ok",
                "clock_at": text(T0),
                "queue": {"pending": 5, "parked": 1, "oldest_pending_at": text(T0), "bytes": 9},
                "disk": {"free_bytes": 10, "total_bytes": 100},
                "errors": [{"code": "E", "message": "Odoo was away", "at": text(T0), "count": 3}],
            },
            devices=[
                self.heard(
                    facts={
                        "firmware": "x",
                        "punches": 90,
                        "capacity": 100,
                        "Bad Name": 1,
                        "list": [1],
                    }
                )
            ],
        )
        self.assertEqual(answer["state"], "active")
        self.assertEqual(answer["sync_seconds"], 10)
        self.assertEqual(
            answer["devices"],
            [
                {
                    "serial": "SN1",
                    "state": "active",
                    "time_zone": "Asia/Kolkata",
                    "dialect": None,
                    "channels": ["push"],
                    "settings": {},
                    "utc_offset_minutes": 330,
                }
            ],
        )
        self.assertEqual((self.agent.queue_pending, self.agent.disk_free_percent), (5, 10))
        self.assertIn("Odoo was away", self.agent.last_errors_text)
        self.assertEqual(self.device.storage_percent, 90)
        self.assertEqual(self.device.facts, {"firmware": "x", "punches": 90, "capacity": 100})
        self.assertEqual(self.device.peer, "10.0.0.9")

    def test_bad_input_is_refused_with_the_field(self):
        for field, body in (
            ("devices", {"devices": "x"}),
            ("serial", {"devices": [{"serial": "a b"}]}),
            ("state", {"devices": [{"serial": "a", "state": "dancing"}]}),
            ("unknown", {"unknown": [{"serial": "a"}] * 101}),
            ("hash", {"lane": {"id": "0" * 32, "seq": 1, "hash": "x", "signature": ""}}),
            ("id", {"runs": [{"id": "x", "serial": "a", "channel": "push"}]}),
            ("state", {"commands": [{"id": 1, "state": "maybe"}]}),
            ("errors", {"agent": {"errors": [{}] * 21}}),
            ("token_confirm", {"token_confirm": 1}),
        ):
            with self.subTest(field), self.assertRaises(wire.Malformed) as caught:
                self.sync(**body)
            self.assertIn(field, str(caught.exception))

    def test_terminals_that_knock_wait_for_approval_and_a_flood_does_not(self):
        """S02. Red when MAX_WAITING_OF_AGENT is not applied."""
        for start in range(0, 500, 100):
            self.sync(
                unknown=[
                    {
                        "serial": f"X{n}",
                        "peer": "10.0.0.8",
                        "first_seen_at": text(T0),
                        "last_seen_at": text(T0),
                        "count": 1,
                        "family": "att",
                    }
                    for n in range(start, start + 100)
                ]
            )
        waiting = self.env["biometric.device"].search(
            [("agent_id", "=", self.agent.id), ("state", "=", "waiting")]
        )
        self.assertEqual(len(waiting), 200)
        self.assertEqual((waiting[0].peer, waiting[0].family), ("10.0.0.8", "att"))
        self.assertEqual(waiting[0].first_seen_at, T0)

    def test_queries_do_not_grow_with_idle_devices_beyond_reason(self):
        def queries(count):
            rows = [dict(self.heard(), serial=f"D{n}") for n in range(count)]
            self.sync(devices=rows)
            self.env.flush_all()
            start = self.env.cr.sql_log_count
            self.sync(devices=rows)
            return self.env.cr.sql_log_count - start

        few, many = queries(2), queries(12)
        self.assertLessEqual((many - few) / 10, 4)

    def test_a_quiet_sync_takes_few_statements(self):
        """A fleet beats all the time. Red when a model is asked whether it has work, one by one."""
        lane = Lane()
        self.store(self.agent, lane, lane.punch())
        head = self.signed(lane)

        def beat(seconds):
            at = T0 + timedelta(seconds=seconds)
            rows = [dict(self.heard(at), serial=f"D{n}") for n in range(3)]
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.sync(lane=head, devices=rows)
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        self.sync(devices=[dict(self.heard(), serial=f"D{n}") for n in range(3)])
        self.env["biometric.device"].search([("serial", "like", "D_")]).action_approve()
        beat(0)
        self.assertLessEqual(beat(60), 17)
        self.assertLessEqual(beat(65), 14)

    def test_a_large_fleet_beats_slower_unless_the_administrator_says(self):
        """Red when a fleet's size is not asked, or outruns what an administrator fixed."""
        agents = self.env["biometric.agent"].search_count([("state", "=", "active")])
        rate = "odoo.addons.biometric_attendance.models.agent.biometric_sync.SYNCS_A_SECOND"
        for share, seconds in ((agents / 10, 10), (agents / 15, 15), (agents / 900, 30)):
            with patch(rate, share):
                self.assertEqual(self.sync()["sync_seconds"], seconds)
        self.env["ir.config_parameter"].set_param("biometric_attendance.sync_seconds", 7)
        with patch(rate, agents / 900):
            self.assertEqual(self.sync()["sync_seconds"], 7)

    def test_a_heartbeat_soon_after_another_is_not_written(self):
        """Red when every beat writes the terminal's row, or a beat hides what else was said."""
        self.sync(devices=[self.heard()])
        device = self.device

        def after(seconds, **other):
            at = T0 + timedelta(seconds=seconds)
            self.sync(devices=[self.heard(at, **other)])
            return (device.last_heard_at - T0).total_seconds()

        self.assertEqual(after(29), 0)
        self.assertEqual(after(30), 30)
        self.assertEqual((device.proven_until - T0).total_seconds(), 30)
        self.assertEqual(after(35, pending=1), 35)
        self.assertEqual((device.pending, device.proven_until), (1, T0 + timedelta(seconds=30)))
        self.env["biometric.watch"]._note(self.agent)
        self.assertEqual(after(36), 36)
        self.assertEqual(device.proven_until, T0 + timedelta(seconds=36))

    # ------------------------------------------------------------------ lanes

    def test_head_in_the_answer_and_signed_head_kept(self):
        """R35. Red when the head comes from anywhere but the lane."""
        lane = Lane()
        answer = self.sync(lane=self.signed(lane))
        self.assertEqual(answer["head"], {"lane": lane.lane, "seq": 0, "hash": lane.hash})
        self.store(self.agent, lane, lane.punch())
        answer = self.sync(lane=self.signed(lane))
        self.assertEqual(answer["head"]["seq"], 1)
        head = self.env["biometric.lane.head"].search([])
        self.assertEqual((head.seq, head.hash), (1, lane.hash))
        self.assertFalse(self.alarms())

    def test_wrong_signature_and_other_hash_raise_alarms(self):
        """A17. Red when the signature or the hash of a known number is not compared."""
        lane = Lane()
        self.store(self.agent, lane, lane.punch())
        self.sync(lane=self.signed(lane) | {"signature": base64.b64encode(b"x" * 64).decode()})
        self.assertEqual(self.alarms(), ["bad_signature"])
        self.assertFalse(self.env["biometric.lane.head"].search([]))
        self.sync(lane=self.signed(lane, digest="0" * 64))
        self.assertEqual(set(self.alarms()), {"bad_signature", "head_conflict"})

    # ------------------------------------------------------------------ tokens and clones

    def test_rotation_survives_a_lost_answer(self):
        """S36, S37. Red when the old token dies before the new one was used, or a replaced one
        comes in without an alarm."""
        tokens = self.env["biometric.agent.token"]
        self.assertIsNone(self.sync()["new_token"])
        self.agent.with_user(self.admin).action_rotate()
        lost = self.sync()["new_token"]
        second = self.sync()["new_token"]
        self.assertTrue(lost and second and lost != second)
        self.assertTrue(tokens._authenticate(self.token), "old one lives until the new is used")
        self.assertIsNone(tokens._authenticate(lost))
        self.assertEqual(tokens._authenticate(second)[0], self.agent.id)
        self.env.invalidate_all()
        self.assertFalse(self.agent.rotate_wanted)
        self.assertIsNone(self.sync(token_confirm=True)["new_token"])
        with self.enter_registry_test_mode():
            self.assertIsNone(tokens._authenticate(self.token))
        self.assertIn("old_token", self.alarms())

    def test_old_tokens_are_rotated_by_themselves(self):
        row = self.env["biometric.agent.token"].search([("agent_id", "=", self.agent.id)])
        row.created_at = Datetime.subtract(Datetime.now(), days=91)
        self.assertTrue(self.sync()["new_token"])

    def test_a_clone_is_noticed_a_restart_is_not(self):
        """S42, R30. Red when instances are not remembered, or a restart raises the alarm."""

        def one(hour, address, host="pi"):
            self.sync(
                address,
                agent={"started_at": text(T0 + timedelta(hours=hour)), "host": {"name": host}},
            )

        one(0, "10.0.0.1")
        one(0, "10.0.0.1")
        one(1, "10.0.0.1")
        one(-24 * 365, "10.0.0.1")
        self.assertFalse(self.alarms(), "restarts, one of them with a clock of last year")
        one(1, "10.9.9.9")
        self.assertEqual(self.alarms(), ["clone"])
        message = self.agent.alarm_ids.message
        self.assertIn("10.0.0.1", message)
        self.assertIn("10.9.9.9", message)

    def test_a_clone_is_told_by_either_half_and_never_as_tampering(self):
        """S42, R30. Turns red when an agent that met its own copy opens no alarm, or when what two
        machines do to one lane's numbers is called tampering."""
        error = {"code": "clone", "message": "number 7 is another's", "at": text(T0)}
        self.sync(agent={"errors": [error]})
        self.assertEqual(self.alarms(), ["clone"])
        self.assertIn("number 7 is another's", self.agent.alarm_ids.message)
        one, two = Lane(), Lane()
        self.store(self.agent, one, one.punch())
        verdicts = self.store(self.agent, two, two.punch(wall="2026-03-02 09:00:00"))[1]
        self.assertEqual(verdicts, ["seq_conflict"], "it is refused all the same")
        self.sync(lane=self.signed(two))
        self.assertEqual(self.alarms(), ["clone"])
        self.agent.alarm_ids.with_user(self.admin).action_explain("the copied card was destroyed")
        three = Lane()
        self.store(self.agent, three, three.punch(wall="2026-03-02 11:00:00"))
        self.assertEqual(self.alarms(), ["seq_conflict"], "without a clone it is tampering")

    def test_r77_both_halves_of_a_clone_are_told_until_it_is_explained(self):
        """Turns red when only the machine that met the other learns of it, or when it is said on
        after a person explained it."""
        self.assertIsNone(self.sync()["clone"])
        one = {"started_at": text(T0), "host": {"name": "pi"}}
        two = {"started_at": text(T0 + timedelta(hours=1)), "host": {"name": "copy"}}
        self.sync("10.0.0.1", agent=one)
        self.sync("10.9.9.9", agent=two)
        told = self.sync("10.0.0.1", agent=one)["clone"]
        self.assertEqual(sorted(told), ["message", "since"])
        for address in ("10.0.0.1", "10.9.9.9"):
            self.assertIn(address, told["message"])
        self.assertEqual(self.sync("10.9.9.9", agent=two)["clone"], told)
        error = {"code": "clone_told", "message": told["message"], "at": text(T0)}
        self.agent.alarm_ids.with_user(self.admin).action_explain("the copied card was destroyed")
        answer = self.sync("10.9.9.9", agent=two | {"errors": [error]})
        self.assertIsNone(answer["clone"], "what was told is no finding of the agent's own")

    def test_alarms_are_closed_by_explanation_only(self):
        self.env["biometric.alarm"]._raise("clone", self.agent, "x")
        again = self.env["biometric.alarm"]._raise("clone", self.agent, "y")
        self.assertFalse(again)
        alarm = self.agent.alarm_ids.with_user(self.admin)
        with self.assertRaises(AccessError):
            alarm.write({"closed_at": Datetime.now()})
        with self.assertRefused("at least 10 characters"):
            alarm.action_explain("x")
        alarm.action_explain("card was copied for a spare, spare destroyed")
        self.assertFalse(self.alarms())
        entry = self.env["biometric.audit"].search([("action", "=", "alarm.explain")])
        self.assertEqual(entry.user_id, self.admin.id)

    # ------------------------------------------------------------------ commands

    def test_commands_travel_once_and_come_back(self):
        """S43, S44. Red when an unknown command or argument can be ordered."""
        device = self.device.with_user(self.admin)
        device.with_context(biometric_command="info").action_command()
        commands = self.env["biometric.command"].with_user(self.admin)
        for name, arguments in (
            ("shell", {}),
            ("info", {"x": 1}),
            ("pull_window", {}),
            ("pull_window", {"from": "x", "to": "y"}),
            ("set_option", {"name": "a" * 65, "value": "1"}),
        ):
            with self.subTest(name), self.assertRaises(UserError):
                commands._give(device, name, arguments)
        listed = self.sync()["commands"]
        self.assertEqual([(row["serial"], row["name"]) for row in listed], [("SN1", "info")])
        self.assertEqual(self.sync()["commands"], listed, "repeated until its result is known")
        result = {"id": listed[0]["id"], "state": "done", "return": 0, "message": "fine"}
        self.assertEqual(self.sync(commands=[result, {**result, "id": 999999}])["commands"], [])
        command = self.env["biometric.command"].browse(listed[0]["id"])
        self.assertEqual((command.state, command.message), ("done", "fine"))
        entry = self.env["biometric.audit"].search([("action", "=", "command.info")])
        self.assertEqual(entry.user_id, self.admin.id)

    def test_results_of_another_agents_command_are_ignored(self):
        command = (
            self.env["biometric.command"]
            .with_user(self.admin)
            ._give(self.device.with_user(self.admin), "check", {})
        )
        other, _token = self.make_agent("Other")
        result = {"id": command.id, "state": "done", "return": 0, "message": ""}
        self.env["biometric.sync"]._sync(other, {"version": 1, "commands": [result]}, "x")
        self.assertEqual(command.sudo().state, "waiting")

    def test_stale_commands_expire(self):
        command = (
            self.env["biometric.command"]
            .with_user(self.admin)
            ._give(self.device.with_user(self.admin), "reboot", {})
            .sudo()
        )
        command.ordered_at = Datetime.subtract(Datetime.now(), hours=25)
        self.assertEqual(self.sync()["commands"], [])
        self.assertEqual(command.state, "expired")

    def test_a_waiting_agent_gets_no_orders_and_proves_nothing(self):
        """Turns red when an agent that nobody approved is handed an order that waits for it, or
        what it heard is a proof."""
        device = self.device.with_user(self.admin)
        command = self.env["biometric.command"].with_user(self.admin)._give(device, "reboot", {})
        self.agent.state = "waiting"
        answer = self.sync(devices=[self.heard(T0)], unknown=[{"serial": "NEW"}])
        self.assertEqual((answer["state"], answer["commands"]), ("waiting", []))
        self.assertFalse(self.device.complete_until)
        self.agent.state = "active"
        answer = self.sync(devices=[self.heard(T0)])
        self.assertEqual([one["id"] for one in answer["commands"]], [command.sudo().id])
        self.assertEqual(self.device.complete_until, T0)

    # ------------------------------------------------------------------ audit

    def countersigned(self, seq, digest):
        company = self.env.company.id
        signature = self.key.sign(f"v1\naudit\n{company}\n{seq}\n{digest}".encode())
        row = {"company_id": company, "seq": seq, "hash": digest}
        return row | {"signature": base64.b64encode(signature).decode()}

    def test_only_heads_that_were_offered_are_countersigned(self):
        """A43. A branch that signs entry 2^31-1 must not make the trail look cut off for ever, nor
        stop the retention. Red when what was offered is not looked at."""
        while self.env["biometric.audit"]._seal(1000):
            pass
        (head,) = self.sync()["audit_heads"]
        invented = self.countersigned(2**31 - 1, "ab" * 32)
        self.sync(countersigned=[invented])
        self.assertFalse(self.env["biometric.audit.witness"].search([]))
        self.assertEqual(self.alarms(), ["unoffered_head"])
        self.env["biometric.audit"]._record("test.more", self.device, reason="a later entry")
        while self.env["biometric.audit"]._seal(1000):
            pass
        for _n in range(3):
            self.sync()
        # Offered and rewritten since: just what a witness is for.
        self.env.cr.execute("SET LOCAL biometric.allow_change = 'on'")
        self.env.cr.execute(
            "UPDATE biometric_audit SET hash = %s WHERE company_id = %s AND seq = %s",
            ("cd" * 32, self.env.company.id, head["seq"]),
        )
        self.sync(countersigned=[self.countersigned(head["seq"], head["hash"])])
        witness = self.env["biometric.audit.witness"].search([])
        self.assertEqual((witness.seq, witness.agrees), (head["seq"], False))

    def test_remembered_numbers_get_the_hash_of_now(self):
        """A42. Red when an answer is left out, comes from another company or from a cache."""
        while self.env["biometric.audit"]._seal(1000):
            pass
        company = self.env.company.id
        (head,) = self.sync()["audit_heads"]
        asked = [
            {"company_id": company, "seq": head["seq"]},
            {"company_id": company, "seq": head["seq"] + 1},
            {"company_id": company + 1, "seq": head["seq"]},
        ]
        answer = self.sync(remembered=asked)
        self.assertIn("remembered_heads", answer["can"])
        hashes = [head["hash"], None, None]
        expected = [row | {"hash": value} for row, value in zip(asked, hashes, strict=True)]
        self.assertEqual(answer["remembered"], expected)
        with self.assertRaisesRegex(wire.Malformed, "remembered: list of 0 to 400 expected"):
            self.sync(remembered=asked[:1] * 401)
        self.agent.state = "waiting"
        self.assertEqual(self.sync(remembered=asked)["remembered"], [])

    def test_what_one_agent_remembers_is_told_to_all_and_mailed_once(self):
        """A44. Red when other agents of the company hear nothing, those of another one do, the
        auditors get no mail or one at every sync, or an explanation ends nothing."""
        self.env.company.biometric_auditors = "auditor@example.com"
        other, _token = self.make_agent("Davao")
        far = self.env["res.company"].create({"name": "Far"})
        stranger, _token = self.make_agent("Far", company=far)
        said = {"code": "audit_tamper", "message": "entry 15 has changed", "count": 1}
        gone = said | {"code": "audit_went_back", "message": "entry 9 is gone"}
        for _n in range(2):
            self.sync(agent={"errors": [said, gone]})
        mail = self.env["mail.mail"].search([("email_to", "=", "auditor@example.com")])
        self.assertEqual(len(mail), 1)
        self.assertIn("entry 15 has changed", mail.body_html)
        self.assertIn(self.agent.name, mail.subject)

        def told(agent):
            return self.env["biometric.sync"]._sync(agent, {"version": 1}, "")["audit_alarms"]

        expected = {"agent_name": self.agent.name, "code": "audit_tamper"}
        second = expected | {"code": "audit_went_back", "message": "entry 9 is gone"}
        first = expected | {"message": "entry 15 has changed"}
        self.assertCountEqual(told(other), [first, second])
        self.assertEqual((told(self.agent), told(stranger)), ([], []))
        finding = self.env["biometric.audit.finding"].search([("code", "=", "audit_tamper")])
        finding.with_user(self.admin).action_explain("a restore that everybody knew of")
        self.assertEqual(told(other), [second])

    def test_agents_countersign_the_audit_head(self):
        """A17. Red when a countersignature is kept unchecked."""
        self.env["biometric.audit"]._seal(1000)
        (head,) = self.sync()["audit_heads"]
        signature = self.key.sign(
            f"v1\naudit\n{head['company_id']}\n{head['seq']}\n{head['hash']}".encode()
        )
        good = head | {"signature": base64.b64encode(signature).decode()}
        forged = good | {"seq": head["seq"] + 1}
        self.sync(countersigned=[forged])
        self.assertFalse(self.env["biometric.audit.witness"].search([]))
        self.sync(countersigned=[good])
        witness = self.env["biometric.audit.witness"].search([])
        self.assertEqual((witness.seq, witness.agrees), (head["seq"], True))
