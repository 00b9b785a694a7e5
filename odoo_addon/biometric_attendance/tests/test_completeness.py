"""Complete until: unbroken sessions, silences, complete reads, holes in lanes, accepted gaps."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import Lane
from .sync_case import T0, SyncCase, text


@tagged("post_install", "-at_install")
class TestCompleteness(SyncCase):
    def test_complete_until_follows_an_unbroken_session(self):
        """Rule (b). Red when pending, upload_idle or the session's beginning are ignored."""
        self.sync(devices=[self.heard(T0)])
        self.assertEqual(self.device.complete_until, T0)
        hour = T0 + timedelta(hours=1)
        self.sync(devices=[self.heard(hour, pending=3)])
        self.assertEqual(self.device.complete_until, T0)
        self.sync(devices=[self.heard(hour, upload_idle=False)])
        self.assertEqual(self.device.complete_until, T0)
        self.sync(devices=[self.heard(hour)])
        self.assertEqual(self.device.complete_until, hour)
        self.assertFalse(self.env["biometric.gap"].search([]))
        run = self.env["biometric.run"].search([("device_id", "=", self.device.id)])
        self.assertEqual((run.channel, run.started_at, run.ended_at), ("push", T0, hour))

    def test_silence_is_a_gap_until_a_person_accepts_it(self):
        """Rule (d). Red when a new session moves complete_until over the silence."""
        self.sync(devices=[self.heard(T0)])
        back, later = T0 + timedelta(hours=5), T0 + timedelta(hours=6)
        self.sync(devices=[self.heard(back, since=back)])
        self.sync(devices=[self.heard(later, since=back)])
        gap = self.env["biometric.gap"].search([])
        self.assertEqual((gap.window_from, gap.window_to, gap.state), (T0, back, "open"))
        self.assertEqual(self.device.complete_until, T0)
        officer = new_test_user(
            self.env, "bio-officer", groups="biometric_attendance.group_hr_officer"
        )
        approver = new_test_user(
            self.env, "bio-approver", groups="biometric_attendance.group_approver"
        )
        with self.assertRefused("Only HR officers can accept gaps", AccessError):
            gap.with_user(approver).action_accept("nobody was in the building")
        with self.assertRefused("at least 10 characters"):
            gap.with_user(officer).action_accept("ok")
        with self.assertRefused("biometric.gap", AccessError):
            gap.with_user(officer).write({"state": "accepted"})
        self.env["biometric.gap.accept"].with_user(officer).create(
            {"gap_ids": [(6, 0, gap.ids)], "reason": "power cut, nobody was in the building"}
        ).action_confirm()
        self.assertEqual((gap.state, gap.accepted_by_id), ("accepted", officer))
        self.assertEqual(self.device.complete_until, later)
        entry = self.env["biometric.audit"].search([("action", "=", "gap.accept")])
        self.assertIn("power cut", entry.reason)

    def test_a_complete_read_proves_a_gap(self):
        """Rules (a), (c). Red when a partial read closes a gap."""

        def run(number, read, counted, **window):
            return {
                "id": f"00000000-0000-4000-8000-{number:012d}",
                "serial": "SN1",
                "channel": "poll",
                "asked_by": "schedule",
                "read": read,
                "new": 0,
                "duplicate": read,
                "rejected": 0,
                "device_count": counted,
                "started_at": text(later),
                "ended_at": text(later),
                "outcome": "complete",
            } | window

        self.sync(devices=[self.heard(T0)])
        back, later = T0 + timedelta(hours=5), T0 + timedelta(hours=6)
        self.sync(devices=[self.heard(later, since=back)])
        gap = self.env["biometric.gap"].search([])
        answer = self.sync(runs=[run(1, 90, 100)])
        self.assertEqual(answer["runs_known"], ["00000000-0000-4000-8000-000000000001"])
        self.assertEqual(gap.state, "open")
        self.sync(runs=[run(2, 100, 100, rejected=1)])
        self.assertEqual(gap.state, "open", "an unreadable line may be the missing punch")
        # Kolkata is 5.5 hours ahead: this window ends before the gap does.
        self.sync(
            runs=[
                run(3, 1, None, window_from="2026-03-02 00:00:00", window_to="2026-03-02 18:00:00")
            ]
        )
        self.assertEqual(gap.state, "open")
        self.sync(
            runs=[
                run(4, 1, None, window_from="2026-03-02 00:00:00", window_to="2026-03-02 19:00:00")
            ]
        )
        self.assertEqual(gap.state, "proven")
        self.assertEqual(self.device.complete_until, later)
        self.sync(runs=[run(4, 1, None)])
        self.assertEqual(self.env["biometric.run"].search_count([("channel", "=", "poll")]), 4)

    def test_holes_in_a_lane_are_gaps_until_they_close(self):
        """R14. Red when lanes are not looked at, or a filled hole stays a gap."""
        self.sync(devices=[self.heard(T0)])
        lane = Lane()
        received = "2026-03-02T07:00:00.000Z"
        one, two, three = (
            lane.punch(wall=f"2026-03-02 12:0{n}:00", received_at=received) for n in range(3)
        )
        self.store(self.agent, lane, one, three)
        self.sync(lane=self.signed(lane), devices=[self.heard(T0)])
        self.assertFalse(self.env["biometric.gap"].search([]), "young: on its way")
        self.env.cr.execute("UPDATE biometric_lane SET moved_at = moved_at - interval '1 hour'")
        self.env.invalidate_all()
        self.sync(lane=self.signed(lane), devices=[self.heard(T0)])
        gap = self.env["biometric.gap"].search([])
        self.assertEqual((gap.kind, gap.seq_from, gap.seq_to), ("lane", 2, 2))
        self.assertEqual(self.device.complete_until, datetime(2026, 3, 2, 7, 0))
        self.store(self.agent, lane, two)
        self.sync(lane=self.signed(lane), devices=[self.heard(T0)])
        self.assertEqual(gap.state, "proven")
        self.assertEqual(self.device.complete_until, T0)

    def test_a_hole_that_somebody_accepted_stays_accepted(self):
        """R14. Turns red when the next sync opens a hole anew that a named person accepted, or when
        the next hole of the lane is no gap because of it."""
        self.sync(devices=[self.heard(T0)])
        lane = Lane()
        rows = [lane.punch(wall=f"2026-03-02 12:0{n}:00") for n in range(5)]
        self.store(self.agent, lane, rows[0], rows[2])
        fresh = self.signed(Lane("cd" * 16))
        self.sync(lane=fresh)
        gaps = self.env["biometric.gap"]
        self.assertEqual((gaps.search([]).seq_from, gaps.search([]).seq_to), (2, 2))
        officer = new_test_user(
            self.env, "bio-officer", groups="biometric_attendance.group_hr_officer"
        )
        gaps.search([]).with_user(officer).action_accept("the card is gone, nobody was there")
        for _time in range(2):
            self.sync(lane=fresh)
            self.assertEqual(gaps.search([]).mapped("state"), ["accepted"])
        self.store(self.agent, lane, rows[1], rows[4])
        self.sync(lane=fresh)
        opened = gaps.search([("state", "=", "open")])
        self.assertEqual((opened.seq_from, opened.seq_to), (4, 4))

    def test_a_lost_tail_is_a_gap(self):
        """R15. Red when the signed head of a lane that is no longer used is forgotten."""
        self.sync(devices=[self.heard(T0)])
        lane = Lane()
        self.store(self.agent, lane, lane.punch())
        lane.punch(wall="2026-03-02 17:00:00")
        self.sync(lane=self.signed(lane))
        fresh = Lane("cd" * 16)
        self.sync(lane=self.signed(fresh))
        gap = self.env["biometric.gap"].search([])
        self.assertEqual((gap.seq_from, gap.seq_to), (2, 2))

    def test_only_its_own_agent_proves_a_device(self):
        """Turns red when what another agent heard of a terminal proves it complete, or its own
        agent's word proves nothing."""
        other, _token = self.make_agent("Other")
        said = {"version": 1, "devices": [self.heard(T0)]}
        self.env["biometric.sync"]._sync(other, said, "10.0.0.2")
        self.assertFalse(self.device.complete_until)
        self.env["biometric.sync"]._sync(self.agent, said, "10.0.0.1")
        self.assertEqual(self.device.complete_until, T0)

    def test_a_terminal_that_is_not_in_service_proves_nothing(self):
        """Turns red when a terminal that waits for approval, was refused or moved away is proven
        complete by its session, begins its service by it, or has runs noted or gaps opened."""
        for state in ("waiting", "refused", "moved"):
            with self.subTest(state):
                self.device.state = state
                self.sync(devices=[self.heard(T0)])
                self.sync(devices=[self.heard(T0 + timedelta(hours=2), T0 + timedelta(hours=1))])
                self.assertFalse(self.device.proven_until or self.device.complete_until)
                self.assertFalse(self.device.in_service_from)
                self.assertFalse(self.env["biometric.run"].search([]))
                self.assertFalse(self.env["biometric.gap"].search([]))
        self.device.state = "active"
        self.sync(devices=[self.heard(T0 + timedelta(hours=2), T0 + timedelta(hours=1))])
        self.assertEqual(self.device.complete_until, T0 + timedelta(hours=2))
