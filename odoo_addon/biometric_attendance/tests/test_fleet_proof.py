"""Runs, gaps, coverage, witnesses: what a read proves, and what it must not prove."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Datetime
from odoo.tests import freeze_time, tagged

from .common import Lane
from .test_fleet_device import FleetCase

T0 = datetime(2026, 3, 2, 8, 0)


def text(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@tagged("post_install", "-at_install", "biometric_fleet")
class TestFleetProof(FleetCase):
    def setUp(self):
        super().setUp()
        self.lane = Lane()
        self.number = 0

    def hear(self, since, at, **other):
        """The device as its agent reports it: an unbroken session from `since` to `at`."""
        return self.sync(
            devices=[
                {
                    "serial": "SN1",
                    "state": "heard",
                    "peer": "10.0.0.9",
                    "dialect": "att",
                    "last_heard_at": text(at),
                    "unbroken_since": text(since),
                    "upload_idle": True,
                    "pending": 0,
                }
                | other
            ]
        )

    def reads(self, at, **values):
        self.number += 1
        values = {"started_at": text(at), "ended_at": text(at + timedelta(seconds=5))} | values
        agent = values.pop("agent", {})
        answer = self.sync(agent=agent, runs=[self.run_of(self.number, **values)])
        run = self.env["biometric.run"].search([], order="id desc", limit=1)
        return run if "run" not in values else answer

    def saw(self, hour, channel="push", minute=0, delay=1, pin="7"):
        when = T0.replace(hour=hour, minute=minute)
        row = self.lane.punch(
            pin=pin,
            wall=f"{when:%Y-%m-%d %H:%M:%S}",
            channel=channel,
            received_at=text(when + timedelta(minutes=delay)),
        )
        self.store(self.agent, self.lane, row)
        return self.env["biometric.punch"].search([("key", "=", row["key"])])

    def sees_again(self, punch, at, channel="poll"):
        row = self.lane.punch(
            pin=punch.pin, wall=punch.wall_time, channel=channel, received_at=text(at)
        )
        self.store(self.agent, self.lane, row)

    def open_gap(self):
        """Silent from 8 to 13 o'clock."""
        self.hear(T0, T0)
        self.hear(T0.replace(hour=13), T0.replace(hour=14))
        return self.env["biometric.gap"].search([("device_id", "=", self.device.id)])

    # ------------------------------------------------------------------ proofs

    def test_a_read_proves_only_when_all_of_it_has_arrived(self):
        """I8. Red when a run closes a gap while its sightings still are waiting at the agent."""
        gap = self.open_gap()
        run = self.reads(T0.replace(hour=15), agent={"queue": {"pending": 2}})
        self.assertEqual((gap.state, run.settled), ("open", False))
        self.sync(agent={"queue": {"pending": 0}})
        self.assertEqual((gap.state, run.settled, gap.run_id), ("proven", True, run))
        self.assertEqual(self.device.complete_until, T0.replace(hour=15))

    def test_a_read_proves_nothing_of_what_came_after_it(self):
        """I8. Turns red when a read closes a gap that went on after it began: what was punched
        then is in no read."""
        gap = self.open_gap()
        self.reads(gap.window_to - timedelta(seconds=1))
        self.assertEqual(gap.state, "open")
        self.reads(gap.window_to)
        self.assertEqual(gap.state, "proven")

    def test_a_read_proves_nothing_of_what_the_terminal_lost(self):
        """R47, I8. Turns red when a whole read closes a silence within which records went unread,
        or when a loss outside of it keeps it open."""
        gap = self.open_gap()
        lost = {"lost_from": "2026-03-02 12:00:00", "lost_to": "2026-03-02 13:30:00"}
        self.reads(T0.replace(hour=15), **lost)
        self.assertEqual(gap.state, "open")
        lost = {"lost_from": "2026-03-02 13:00:00", "lost_to": "2026-03-02 13:30:00"}
        self.reads(T0.replace(hour=16), **lost)
        self.assertEqual(gap.state, "proven")

    def test_a_terminal_that_is_only_read_becomes_complete(self):
        self.device.write({"channel_push": False, "last_heard_at": False})
        self.reads(T0)
        self.assertEqual(self.device.complete_until, T0)
        self.reads(T0.replace(hour=9), read=2, outcome="incomplete")
        self.assertEqual(self.device.complete_until, T0, "R41: fewer than counted proves nothing")

    def test_a_window_is_proven_by_all_of_it(self):
        """R41, I8. Turns red when a query closes its window though fewer came than the terminal
        counted, it did not come to its end, the gap reaches out of it, or goes on after it."""
        gap = self.open_gap()
        window = {"window_from": "2026-03-02 07:00:00", "window_to": "2026-03-02 13:30:00"}
        window["channel"] = "push"
        at = T0.replace(hour=15)
        for short in (
            {"device_count": 4},
            {"outcome": "failed"},
            {"outcome": "incomplete"},
            {"window_from": "2026-03-02 08:00:01"},
            {"window_to": "2026-03-02 12:59:59"},
        ):
            self.reads(at, **(window | short))
            self.assertEqual(gap.state, "open", short)
        self.reads(gap.window_to - timedelta(seconds=1), **window)
        self.assertEqual(gap.state, "open", "it was not over yet")
        self.reads(at, **window)
        self.assertEqual(gap.state, "proven")

    def test_an_empty_window_needs_a_second_proof(self):
        """Red when -1 for an empty window closes a gap, or the count of it is not asked."""
        gap = self.open_gap()
        window = {"window_from": "2026-03-02 07:00:00", "window_to": "2026-03-02 13:30:00"}
        self.reads(
            T0.replace(hour=15),
            channel="push",
            read=0,
            duplicate=0,
            device_count=None,
            outcome="failed",
            **window,
        )
        self.assertEqual(gap.state, "open")
        (order,) = [c for c in self.sync()["commands"] if c["name"] == "count_window"]
        self.assertEqual(order["arguments"]["from"], window["window_from"])
        result = {"id": order["id"], "state": "done", "message": ""}
        self.sync(commands=[result | {"return": 0}])
        self.assertEqual(gap.state, "proven")

    def test_a_count_that_is_not_zero_proves_nothing(self):
        gap = self.open_gap()
        window = {"window_from": "2026-03-02 07:00:00", "window_to": "2026-03-02 13:30:00"}
        self.reads(
            T0.replace(hour=15),
            channel="push",
            read=0,
            device_count=None,
            outcome="failed",
            **window,
        )
        (order,) = [c for c in self.sync()["commands"] if c["name"] == "count_window"]
        self.sync(commands=[{"id": order["id"], "state": "done", "return": 4, "message": ""}])
        self.assertEqual(gap.state, "open")

    def test_r47_an_overflow_is_a_gap_that_no_read_closes(self):
        """R47, Odoo's half. Red when the lost window is not named, or a later read closes it."""
        self.hear(T0, T0)
        lost = {"lost_from": "2026-03-02 09:00:00", "lost_to": "2026-03-02 11:30:00"}
        run = self.reads(T0.replace(hour=15), **lost)
        gap = self.env["biometric.gap"].search([("kind", "=", "overflow")])
        self.assertEqual(
            (gap.window_from, gap.window_to),
            (T0.replace(hour=9), T0.replace(hour=11, minute=30)),
        )
        self.assertEqual(gap.run_id, run)
        self.reads(T0.replace(hour=16))
        self.assertEqual(gap.state, "open")
        self.assertEqual(self.device.complete_until, T0.replace(hour=9))
        with self.assertRefused("nothing can be pulled. Accept the gap"):
            gap.with_user(self.hr_officer).action_pull()
        gap.with_user(self.hr_officer).action_accept("branch was closed that day")
        self.assertEqual(self.device.complete_until, T0.replace(hour=16))

    def test_a_foreign_clear_proves_nothing_and_is_named(self):
        """Red when an empty log after somebody cleared it passes for a complete one."""
        gap = self.open_gap()
        self.device.unbroken_since = False
        self.reads(T0.replace(hour=15), read=0, device_count=0, vanished=40)
        self.assertEqual(gap.state, "open")
        self.assertTrue(self.env["biometric.gap"].search([("kind", "=", "overflow")]))

    def test_a_terminal_that_deletes_its_oldest_lost_nothing_unread(self):
        """F10, Odoo's half. Turns red when a smaller count alone is called a loss although most
        of the log was read before, or such a gap of an earlier release stays for ever."""
        self.hear(T0, T0)
        self.device.unbroken_since = False
        told = {"read": 5000, "device_count": 5000, "new": 20, "duplicate": 4980}
        self.reads(T0.replace(hour=15), vanished=500, **told)
        losses = self.env["biometric.gap"].search([("kind", "=", "overflow")])
        self.assertFalse(losses)
        self.assertEqual(self.device.complete_until, T0.replace(hour=15))
        run = self.reads(T0.replace(hour=16), vanished=500, **told)
        stale = self.env["biometric.gap"].create(
            {
                "company_id": self.device.company_id.id,
                "device_id": self.device.id,
                "kind": "overflow",
                "window_from": T0.replace(hour=15),
                "window_to": T0.replace(hour=16),
                "run_id": run.id,
            }
        )
        proof = self.reads(T0.replace(hour=17), **told)
        self.assertEqual((stale.state, stale.run_id), ("proven", proof))

    def test_copies_of_one_unreadable_record_are_one_line(self):
        """F13. Turns red when an agent that counts 329 copies never proves again."""
        gap = self.open_gap()
        self.store(self.agent, self.lane, self.lane.reject(channel="poll"))
        self.reads(T0.replace(hour=15), read=332, device_count=332, rejected=329)
        self.assertEqual(gap.state, "open")
        reject = self.env["biometric.sighting"].search([("kind", "=", "reject")])
        self.env["biometric.decision"]._decide(reject, "discard", "erased flash of the terminal")
        self.reads(T0.replace(hour=16), read=332, device_count=332, rejected=329)
        self.assertEqual(gap.state, "proven")

    def test_rejects_hold_up_a_proof_until_a_person_decided(self):
        gap = self.open_gap()
        self.store(self.agent, self.lane, self.lane.reject(channel="poll"))
        self.reads(T0.replace(hour=15), rejected=1)
        self.assertEqual(gap.state, "open")
        reject = self.env["biometric.sighting"].search([("kind", "=", "reject")])
        self.env["biometric.decision"]._decide(reject, "discard", "a test line of the factory")
        self.reads(T0.replace(hour=16), rejected=1)
        self.assertEqual(gap.state, "proven")

    def test_pull_this_window_now(self):
        """Red when the window asked for is not the gap's, in the device's own time."""
        zone = self.device.zone_ids
        zone.sudo().tz = "Asia/Manila"
        gap = self.open_gap()
        action = gap.with_user(self.hr_officer).action_pull()
        order = self.env["biometric.command"].search([("name", "=", "pull_window")])
        self.assertEqual(
            order.arguments, {"from": "2026-03-02 15:58:00", "to": "2026-03-02 21:02:00"}
        )
        self.assertEqual(action["res_model"], "biometric.pull")
        with self.assertRaises(AccessError):
            gap.with_user(self.approver).action_pull()

    def test_coverage_says_which_window(self):
        """Red when a day with an open window counts as complete."""
        self.device.in_service_from = False
        self.hear(T0 - timedelta(days=2), T0)
        day = datetime.combine(self.now.date(), datetime.min.time()) - timedelta(days=1)
        self.device.write({"proven_until": self.now, "in_service_from": day - timedelta(days=1)})
        self.env["biometric.gap"].create(
            {
                "company_id": self.device.company_id.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": day.replace(hour=9),
                "window_to": day.replace(hour=10, minute=30),
            }
        )
        self.env.flush_all()
        rows = self.env["biometric.coverage"].search([("device_id", "=", self.device.id)])
        states = {row.day: (row.state, row.windows, row.open_minutes) for row in rows}
        self.assertEqual(states[day.date()], ("partial", "09:00–10:30", 90))
        self.assertEqual(states[(day - timedelta(days=1)).date()], ("complete", "", 0))
        self.device.proven_until = day
        self.env.flush_all()
        rows.invalidate_recordset()
        self.assertEqual(rows.filtered(lambda row: row.day == self.now.date()).state, "unknown")

    def test_coverage_lays_a_branch_window_over_its_terminals_and_nights(self):
        """Red when a window of an agent is not one of each of its terminals, an open end stops at
        midnight, an accepted one is not named, or PostgreSQL compiles the view again."""
        second = self.make_device(self.agent, "SECOND")
        devices = self.device | second
        today = datetime.combine(self.now.date(), datetime.min.time())
        start = today - timedelta(days=2)
        devices.write({"proven_until": self.now, "in_service_from": today - timedelta(days=4)})
        values = {"company_id": self.device.company_id.id, "kind": "silence"}
        self.env["biometric.gap"].create(
            [
                {**values, "agent_id": self.agent.id, "window_from": start.replace(hour=22)},
                {
                    **values,
                    "device_id": second.id,
                    "state": "accepted",
                    "window_from": start.replace(hour=8),
                    "window_to": start.replace(hour=9),
                },
            ]
        )
        self.env.flush_all()
        rows = self.env["biometric.coverage"].search([("device_id", "in", devices.ids)])
        self.env.cr.execute("SHOW jit")
        self.assertEqual(self.env.cr.fetchone(), ("off",))
        said = {(row.device_id, row.day): (row.windows, row.open_minutes) for row in rows}
        both = "08:00–09:00 (accepted), 22:00–00:00"
        for device, first in ((self.device, "22:00–00:00"), (second, both)):
            self.assertEqual(said[device, start.date()], (first, 120))
            whole = said[device, (start + timedelta(days=1)).date()]
            self.assertEqual(whole, ("00:00–00:00", 1440))
            self.assertEqual(said[device, (start - timedelta(days=1)).date()], ("", 0))
        accepted = {(row.device_id, row.day) for row in rows if row.accepted_count}
        self.assertEqual(accepted, {(second, start.date())})

    def test_coverage_of_a_terminal_with_a_large_number(self):
        """Red when the rows of a terminal with a large id cannot be read, or told apart, or do not
        fit what XML-RPC can carry."""
        self.device.in_service_from = self.now - timedelta(days=200)
        self.env.flush_all()
        self.env.cr.execute(
            """INSERT INTO biometric_device
               SELECT (jsonb_populate_record(
                          d, jsonb_build_object('id', n, 'serial', 'FAR' || n))).*
                 FROM biometric_device d, unnest(ARRAY[21475, 16000000]) n WHERE d.id = %s""",
            [self.device.id],
        )
        coverage = self.env["biometric.coverage"]
        rows = coverage.search([("device_id", "in", [self.device.id, 21475, 16000000])])
        self.assertEqual(len(rows), 3 * 93)
        self.assertEqual(len(set(rows.ids)), len(rows))
        self.assertLess(max(rows.ids), 2**31)
        again = coverage.browse(rows.ids)
        again.invalidate_recordset()
        told = {(row.device_id.id, row.day) for row in again}
        self.assertEqual(len(told), len(rows), "each number names one terminal and one day")

    # ------------------------------------------------------------------ witnesses

    def test_s07_a_push_that_the_log_denies_does_not_count(self):
        """S07. Red when the flag is not raised by the first read after it, when the punch still
        counts, or when the late log entry does not mend it."""
        employee = self.env["hr.employee"].create({"name": "Ann"})
        self.env["biometric.device.user"].map_pins(self.device.ids, [["7", employee.id]])
        self.reads(T0.replace(hour=7))
        true = self.saw(9)
        self.sees_again(true, T0.replace(hour=12))
        forged = self.saw(10)
        self.reads(T0.replace(hour=12))
        self.assertEqual((true.witness, forged.witness), (False, "unwitnessed"))
        punches = self.env["biometric.punch"]
        self.assertEqual(punches.search([("witness", "=", "unwitnessed")]), forged)

        def counted():
            return [p.punch_id for p in punches._usable(employee.ids, T0.date(), T0.date())]

        self.assertEqual(counted(), [true.id])
        work = self.env["biometric.quarantine"].search([("reason", "=", "unwitnessed")])
        self.assertEqual(work.punch_id, forged)
        self.env["biometric.stale.day"].search([]).unlink()
        self.sees_again(forged, T0.replace(hour=13))
        self.assertEqual(counted(), [true.id, forged.id])
        self.assertTrue(self.env["biometric.stale.day"].search([]), "its days are computed again")
        self.assertFalse(work.exists())

    def test_a_released_push_counts_and_a_first_read_accuses_nobody(self):
        employee = self.env["hr.employee"].create({"name": "Ann"})
        self.env["biometric.device.user"].map_pins(self.device.ids, [["7", employee.id]])
        old = self.saw(7)
        self.reads(T0.replace(hour=8))
        self.assertFalse(old.witness, "nobody read this terminal before: it may have been cleared")
        forged = self.saw(10)
        self.reads(T0.replace(hour=12))
        self.assertEqual(forged.witness, "unwitnessed")
        self.env["biometric.decision"]._decide(forged, "release", "seen on the camera, fine")
        usable = self.env["biometric.punch"]._usable(employee.ids, T0.date(), T0.date())
        self.assertIn(forged.id, [p.punch_id for p in usable])
        self.assertFalse(forged.witness)

    def test_s08_a_log_entry_never_pushed_while_online_is_flagged(self):
        """S08. Red when it is not in the review queue, or one recorded offline is accused."""
        self.hear(T0, T0.replace(hour=12))
        inside = self.saw(9, channel="poll", delay=150)
        before = self.saw(7, channel="poll", delay=270)
        late = self.saw(11, channel="poll", minute=25, delay=6)
        self.reads(T0.replace(hour=11, minute=30))
        self.assertEqual(inside.witness, "unpushed")
        self.assertFalse(before.witness, "the session had not begun")
        self.assertFalse(late.witness, "the terminal still has time to push it")
        queue = self.env["biometric.quarantine"].search([("reason", "=", "unpushed")])
        self.assertEqual(queue.punch_id, inside)
        self.sees_again(inside, T0.replace(hour=12), channel="push")
        self.assertFalse(inside.witness)

    def test_s10_a_clock_that_was_set_back_for_a_punch_is_flagged(self):
        """S10. Red when the punch with the false stamp passes, the honest ones are accused, or
        what the terminal's own log says of its clock does not stand beside it."""
        lane = Lane()
        minute = T0.replace(hour=9)
        stamps = ("09:00:00", "08:59:30", "07:58:00", "09:06:30")
        for number, stamp in enumerate(stamps):
            at = text(minute + timedelta(minutes=2 * number))
            row = lane.punch(pin=str(number), wall=f"2026-03-02 {stamp}", received_at=at)
            self.store(self.agent, lane, row)
        with freeze_time(minute + timedelta(minutes=8)):
            self.hear(minute, Datetime.now(), facts={"clock_changes": 1})
        with freeze_time(minute + timedelta(minutes=9)):
            facts = {"clock_changes": 2, "clock_changed_at_wall": "2026-03-02 09:06:00"}
            self.hear(minute, Datetime.now(), facts=facts)
        flag = self.env["biometric.flag"].search([("kind", "=", "order")])
        self.assertEqual(flag.punch_id.wall_time, "2026-03-02 07:58:00")
        self.assertIn("stamped before 2026-03-02 09:00:00", flag.detail)
        self.assertEqual(flag.punch_id.witness, "order")
        work = self.env["biometric.quarantine"].search([("reason", "=", "order")])
        self.assertEqual(work.punch_id, flag.punch_id)
        self.assertEqual(work.detail, flag.detail)
        self.env["biometric.decision"]._decide(flag.punch_id, "discard", "the clock was tampered")
        self.env.invalidate_all()
        self.assertFalse(flag.punch_id.witness)

    def test_one_wrong_clock_accuses_no_honest_punch(self):
        """Turns red when one stamp ahead of its receipt flags all that come after it."""
        lane = Lane()
        minute = T0.replace(hour=9)
        stamps = ["2026-03-02 09:00:00", "2031-01-01 00:00:00"]
        stamps += [f"2026-03-02 09:{2 + number:02}:00" for number in range(40)]
        for number, stamp in enumerate(stamps):
            at = text(minute + timedelta(minutes=number))
            row = lane.punch(pin=str(number), wall=stamp, received_at=at)
            self.store(self.agent, lane, row)
        for changes in (1, 2):
            with freeze_time(minute + timedelta(minutes=42 + changes)):
                self.hear(minute, Datetime.now(), facts={"clock_changes": changes})
        self.assertFalse(self.env["biometric.flag"].search([("kind", "=", "order")]))

    def test_without_a_word_of_its_clock_late_punches_are_only_late(self):
        lane = Lane()
        for number, stamp in enumerate(("09:00:00", "07:58:00")):
            at = text(T0.replace(hour=9, minute=number))
            self.store(self.agent, lane, lane.punch(wall=f"2026-03-02 {stamp}", received_at=at))
        self.hear(T0, T0.replace(hour=10), facts={"clock_changes": 0})
        self.assertFalse(self.env["biometric.flag"].search([("device_id", "=", self.device.id)]))

    def test_ids_of_the_review_queue_are_unique(self):
        """Red when one punch with two reasons makes two rows of one id."""
        self.reads(T0.replace(hour=7))
        self.saw(10, pin="99")
        self.reads(T0.replace(hour=12))
        rows = self.env["biometric.quarantine"].search([("device_id", "=", self.device.id)])
        self.assertEqual(sorted(rows.mapped("reason")), ["unmapped", "unwitnessed"])
        self.assertEqual(len(set(rows.ids)), 2)
