"""A queue that lost something: what is not proven any more, what brings it back, who accepts the
rest; and from when on a queue that begins asks its terminals."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..contract.wire_sync import LOSS_CAUSES
from .common import Lane
from .sync_case import T0, SyncCase, text

HOUR = timedelta(hours=1)
LOSS = "0d5a1d52-6a39-4f0e-9c0b-2f9a2f1f9d10"


@tagged("post_install", "-at_install", "biometric_fleet")
class TestFleetLoss(SyncCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The zone of the terminal is UTC here, so that wall times read as instants.
        cls.device.zone_ids.sudo().tz = "UTC"
        cls.lane = Lane()

    def loss(self, cause="lost_tail", **other):
        return {
            "id": LOSS,
            "lane": self.lane.lane,
            "cause": cause,
            "from": text(T0 + timedelta(minutes=20)),
            "to": text(T0 + HOUR),
            "first_seq": 2,
            "last_seq": 4,
            "state": "open",
        } | other

    def told(self, at, *losses, pending=0, **body):
        body = {"devices": [self.heard(at, since=at)], "losses": list(losses)} | body
        return self.sync(agent={"queue": {"pending": pending}}, can=["loss_report"], **body)

    def again(self, *clocks, date="2026-03-02", lane=None, channel="push"):
        """The terminal tells these punches after the loss, in a queue of its own."""
        lane = lane or Lane("cd" * 16)
        told = {"received_at": text(T0 + 2 * HOUR), "channel": channel}
        self.store(self.agent, lane, *(lane.punch(wall=f"{date} {one}", **told) for one in clocks))

    @staticmethod
    def whole_read(number):
        """A run of three hours after T0 that read as many as the terminal counts."""
        at = text(T0 + 3 * HOUR)
        return {
            "id": f"00000000-0000-4000-8000-{number:012d}",
            "serial": "SN1",
            "channel": "poll",
            "read": 1,
            "device_count": 1,
            "started_at": at,
            "ended_at": at,
            "outcome": "complete",
        }

    def gaps(self, kind="lost"):
        return self.env["biometric.gap"].search([("kind", "=", kind)])

    def test_each_loss_opens_a_gap_from_the_last_proven_instant(self):
        """R15, I8. Turns red when one of the four causes opens no gap, when *complete until* runs
        past the lost punches though sessions go on, or when the board stays *ok*."""
        for cause in LOSS_CAUSES:
            with self.subTest(cause), self.cr.savepoint() as point:
                self.told(T0)
                self.assertEqual(self.device.complete_until, T0)
                self.told(T0 + 2 * HOUR, self.loss(cause))
                gap = self.gaps()
                self.assertEqual(
                    (gap.device_id, gap.cause, gap.loss_state, gap.state),
                    (self.device, cause, "open", "open"),
                )
                self.assertEqual((gap.window_from, gap.window_to), (T0, T0 + HOUR))
                self.assertEqual((gap.seq_from, gap.seq_to), (2, 4))
                self.told(T0 + 5 * HOUR, self.loss(cause))
                self.assertEqual(self.device.complete_until, T0, "whatever the session says")
                self.assertEqual(len(self.gaps()), 1, "told twice is one loss")
                board = self.env["biometric.device"].get_board_data()
                (row,) = [one for one in board["agents"] if one["id"] == self.agent.id]
                self.assertEqual((row["status"], row["since_at"]), ("gap", text(T0)))
                self.assertIn("punches missing by number: 3", row["cause"])
                point.rollback()
                self.env.invalidate_all()

    def test_a_proof_given_after_the_loss_is_taken_back(self):
        """Turns red when a loss that is told late leaves the proofs that were given meanwhile."""
        self.told(T0)
        self.sync(devices=[self.heard(T0 + 3 * HOUR)])
        self.assertEqual(self.device.complete_until, T0 + 3 * HOUR)
        self.told(T0 + 4 * HOUR, self.loss())
        self.assertEqual(self.gaps().window_from, T0 + timedelta(minutes=20))
        self.assertEqual(self.device.complete_until, T0 + timedelta(minutes=20))

    def test_without_a_beginning_the_last_number_held_bounds_it(self):
        """Turns red when a loss without `from` begins after a punch that went with it."""
        self.store(self.agent, self.lane, self.lane.punch(received_at=text(T0 - HOUR)))
        self.sync(devices=[self.heard(T0 + 3 * HOUR)])
        unknown = {"from": None, "first_seq": None, "last_seq": None}
        self.told(T0 + 4 * HOUR, self.loss("missing_file", **unknown))
        self.assertEqual(self.gaps().window_from, T0 - HOUR)

    def test_as_many_as_were_lost_came_again(self):
        """Turns red when "read again" closes the gap with a punch missing, before all of it was
        delivered, or never."""
        self.told(T0)
        self.told(T0 + 2 * HOUR, self.loss())
        self.again("08:21:00", "08:30:00")
        read = self.loss(state="read_again")
        answer = self.told(T0 + 3 * HOUR, read, pending=1)
        self.assertEqual(answer["losses_known"], [], "one is on its way: it is told again")
        answer = self.told(T0 + 3 * HOUR, read)
        self.assertEqual((answer["losses_known"], self.gaps().state), ([LOSS], "open"))
        self.again("08:40:00", lane=Lane("ef" * 16))
        self.told(T0 + 3 * HOUR, read)
        self.assertEqual(self.gaps().state, "proven")
        self.assertEqual(self.device.complete_until, T0, "the silence after it is a gap of its own")

    def test_what_was_known_before_did_not_come_again(self):
        """Turns red when punches that Odoo held before the loss, told once more, are counted among
        as many as were lost."""
        self.told(T0)
        known = Lane("ef" * 16)
        before = text(T0 + timedelta(minutes=40))
        self.store(self.agent, known, known.punch(wall="2026-03-02 08:35:00", received_at=before))
        self.told(T0 + 2 * HOUR, self.loss())
        fresh = Lane("cd" * 16)
        self.again("08:21:00", "08:30:00", "08:35:00", lane=fresh)
        self.told(T0 + 3 * HOUR, self.loss(state="read_again"))
        self.assertEqual(self.gaps().state, "open", "two of three")
        self.again("08:40:00", lane=fresh)
        self.told(T0 + 3 * HOUR, self.loss(state="read_again"))
        self.assertEqual(self.gaps().state, "proven")

    def test_a_file_does_not_reach_over_the_window(self):
        """Turns red when a punch that a person brought in a file, from before the window, is taken
        for the terminal's own log."""
        self.told(T0)
        unknown = {"from": None, "first_seq": None, "last_seq": None, "state": "read_again"}
        self.told(T0 + 2 * HOUR, self.loss("missing_file", **unknown))
        lane = Lane("cd" * 16)
        self.again("07:59:00", lane=lane, channel="file")
        self.told(T0 + 3 * HOUR, self.loss("missing_file", **unknown))
        self.assertEqual(self.gaps().state, "open", "nobody knows what it left out")
        self.again("07:58:00", lane=lane)
        self.told(T0 + 3 * HOUR, self.loss("missing_file", **unknown))
        self.assertEqual(self.gaps().state, "proven")

    def test_a_log_that_reaches_over_the_window_proves_it(self):
        """Turns red when a log that begins within the window closes the gap, or one that reaches
        over it does not."""
        self.told(T0)
        unknown = {"from": None, "first_seq": None, "last_seq": None, "state": "read_again"}
        self.told(T0 + 2 * HOUR, self.loss("missing_file", **unknown))
        self.again("08:21:00", "08:30:00", "08:50:00")
        self.told(T0 + 3 * HOUR, self.loss("missing_file", **unknown))
        self.assertEqual(self.gaps().state, "open", "somebody may have cleared it at 08:20")
        self.again("07:59:00", lane=Lane("ef" * 16))
        self.told(T0 + 3 * HOUR, self.loss("missing_file", **unknown))
        self.assertEqual(self.gaps().state, "proven")

    def test_a_whole_read_closes_it_only_when_its_log_reaches_over_it(self):
        """Turns red when equal counts alone close what a queue lost: the log may begin after it."""
        self.told(T0)
        self.told(T0 + 2 * HOUR, self.loss())
        self.told(T0 + 3 * HOUR, runs=[self.whole_read(1)])
        self.assertEqual(self.gaps().state, "open")
        self.again("07:59:00")
        second = self.whole_read(2)
        self.told(T0 + 3 * HOUR, runs=[second])
        self.assertEqual(self.gaps().state, "proven")
        self.assertEqual(self.gaps().run_id.uuid, second["id"])

    def test_r78_a_card_put_back_whole_is_a_loss_that_only_odoo_can_see(self):
        """R78. Red when a lane shorter than a head its agent signed opens no gap; when the gap
        begins behind the last number held, closes because other punches took the numbers,
        or is told to the agent, which knows nothing of it; or when an answer that was lost and
        asked for again is taken for it."""
        self.store(self.agent, self.lane, self.lane.punch(received_at=text(T0 - HOUR)))
        self.told(T0, lane=self.signed(self.lane, seq=9))
        self.told(T0, lane=self.signed(self.lane))
        self.assertFalse(self.gaps(), "an older question read last")
        self.env.cr.execute(
            "UPDATE biometric_lane_head SET signed_at = signed_at - interval '3 minutes'"
        )
        answer = self.told(T0 + 2 * HOUR, lane=self.signed(self.lane))
        gap = self.gaps()
        self.assertEqual((gap.device_id, gap.cause), (self.device, "older_copy"))
        self.assertEqual((gap.window_from, gap.state), (T0 - HOUR, "open"))
        self.assertEqual(answer["losses_known"], [])
        rows = [self.lane.punch(wall=f"2026-03-02 09:{minute:02}:00") for minute in range(12)]
        self.store(self.agent, self.lane, *rows)
        self.told(T0 + 2 * HOUR, lane=self.signed(self.lane))
        self.assertEqual((len(self.gaps()), self.gaps().state), (1, "open"))
        # It ends when Odoo heard of it; here that is before the read.
        self.env.cr.execute("UPDATE biometric_gap SET window_to = %s", (T0 + 2 * HOUR,))
        self.env.invalidate_all()
        self.again("06:59:00")
        self.told(T0 + 3 * HOUR, runs=[self.whole_read(1)])
        self.assertEqual(self.gaps().state, "proven")

    def test_what_no_terminal_holds_waits_for_a_named_person(self):
        """R14. Turns red when anything but a person closes what is gone for good, or when window
        and numbers are not in the entry of who accepted it."""
        self.told(T0)
        self.told(T0 + 2 * HOUR, self.loss(state="unrecoverable"))
        self.again("07:59:00", "08:21:00", "08:30:00", "08:40:00")
        self.told(T0 + 3 * HOUR, self.loss(state="read_again"))
        self.told(T0 + 4 * HOUR, self.loss(state="unrecoverable"), runs=[self.whole_read(1)])
        gap = self.gaps()
        self.assertEqual((gap.state, gap.loss_state), ("open", "unrecoverable"))
        officer = new_test_user(
            self.env, "bio-officer", groups="biometric_attendance.group_hr_officer"
        )
        with self.assertRaisesRegex(UserError, "reason of at least 10 characters"):
            gap.with_user(officer).action_accept("ok")
        gap.with_user(officer).action_accept("asked the three people, typed by paper")
        entry = self.env["biometric.audit"].search([("action", "=", "gap.accept")])
        self.assertIn('"numbers":[2,4]', entry.before)
        self.assertIn(str(T0), entry.before)
        self.assertEqual(
            self.told(T0 + 5 * HOUR, self.loss(state="unrecoverable"))["losses_known"], [LOSS]
        )
        self.assertEqual(gap.state, "accepted")

    def test_an_agent_of_the_version_before_tells_it_among_its_errors(self):
        """Turns red when an agent without `loss_report` loses its queue and Odoo stays green."""
        self.sync(devices=[self.heard(T0)])
        error = {"code": "damaged_file", "message": "not a database", "at": text(T0 + HOUR)}
        self.sync(agent={"errors": [error]}, devices=[self.heard(T0 + 2 * HOUR)])
        gap = self.gaps()
        self.assertEqual((gap.cause, gap.window_from), ("damaged_file", T0))
        self.assertEqual(self.device.complete_until, T0)
        self.again("07:59:00")
        self.sync(agent={"errors": [error]}, devices=[self.heard(T0 + 3 * HOUR)])
        self.assertEqual(gap.state, "open", "it is still reading")
        self.sync(devices=[self.heard(T0 + 4 * HOUR)])
        self.assertEqual(gap.state, "proven")

    def test_what_is_not_the_agents_own_word_ends_no_loss(self):
        """Turns red when a sync that nobody signed closes what an agent's errors opened, by naming
        no error any more, or opens a loss."""
        self.sync(devices=[self.heard(T0)])
        error = {"code": "damaged_file", "message": "not a database", "at": text(T0 + HOUR)}
        self.sync(agent={"errors": [error]}, devices=[self.heard(T0 + 2 * HOUR)])
        gap = self.gaps()
        self.again("07:59:00")
        for body in ({}, {"can": ["loss_report"], "losses": [self.loss()]}):
            answer = self.env["biometric.sync"]._sync(
                self.agent, {"version": 1, **body}, "10.0.0.1", proven=False
            )
            self.assertEqual(answer["losses_known"], [])
            self.assertEqual((self.gaps(), gap.state), (gap, "open"))

    def test_a_terminal_of_no_zone_keeps_no_other_open(self):
        """Turns red when one terminal whose zone no server knows keeps the gaps of the others
        open, when its own closes unseen, or when its agent need not say so again."""
        other = self.make_device(self.agent, "SN2", tz="UTC")
        self.told(T0)
        unknown = {"from": None, "first_seq": None, "last_seq": None}
        self.told(T0 + 2 * HOUR, self.loss("missing_file", **unknown))
        lane = Lane("cd" * 16)
        received = text(T0 + 2 * HOUR)
        told = [
            lane.punch(serial=serial, wall="2026-02-27 06:59:00", received_at=received)
            for serial in ("SN1", "SN2")
        ]
        self.store(self.agent, lane, *told)
        self.env.cr.execute(
            "UPDATE biometric_device_zone SET tz = 'Berlin' WHERE device_id = %s", (other.id,)
        )
        self.env.invalidate_all()
        read = self.loss("missing_file", state="read_again", **unknown)
        with self.assertLogs("odoo.addons.biometric_attendance.models", "WARNING"):
            answer = self.told(T0 + 3 * HOUR, read)
        states = {gap.device_id: gap.state for gap in self.gaps()}
        self.assertEqual(states, {self.device: "proven", other: "open"})
        self.assertEqual(answer["losses_known"], [])
        self.env.cr.execute("UPDATE biometric_device_zone SET tz = 'UTC' WHERE tz = 'Berlin'")
        self.env.invalidate_all()
        aside = [("kind", "=", "set_aside"), ("closed_at", "=", False)]
        self.env["biometric.incident"].search(aside).action_try_again()
        self.assertEqual(self.told(T0 + 3 * HOUR, read)["losses_known"], [LOSS])
        self.assertEqual(set(self.gaps().mapped("state")), {"proven"})

    def test_numbers_that_came_again_under_others_are_no_hole_any_more(self):
        """Turns red when the hole in the lane stays open, or opens anew, after its punches came."""
        self.told(T0)
        self.store(self.agent, self.lane, self.lane.punch(received_at=text(T0)))
        for clock in ("08:21:00", "08:30:00", "08:40:00"):
            self.lane.punch(wall=f"2026-03-02 {clock}")
        self.sync(lane=self.signed(self.lane))
        fresh = Lane("cd" * 16)
        self.told(T0 + 2 * HOUR, self.loss(), lane=self.signed(fresh))
        self.assertEqual(self.gaps("lane").mapped("state"), ["open"])
        self.again("08:21:00", "08:30:00", "08:40:00", lane=fresh)
        for hour in (3, 4):
            self.told(T0 + hour * HOUR, self.loss(state="read_again"), lane=self.signed(fresh))
            self.assertEqual(self.gaps("lane").mapped("state"), ["proven"])

    def test_a_queue_that_begins_is_told_from_when_to_read(self):
        """P09. Turns red when a new machine is not told, when it is told to begin after what is
        proven, or when one that has been at work for long is told."""
        self.told(T0)
        fresh = Lane("cd" * 16)
        (row,) = self.sync(lane=self.signed(fresh))["devices"]
        self.assertEqual(row["read_from"], "2026-03-02 07:00:00")
        unproven = self.make_device(self.agent, "SN2")
        waiting = self.make_device(self.agent, "SN3", approve=False)
        rows = {row["serial"]: row for row in self.sync(lane=self.signed(fresh))["devices"]}
        self.assertIsNone(rows[unproven.serial]["read_from"], "all of its log")
        self.assertNotIn("read_from", rows[waiting.serial])
        self.store(self.agent, fresh, fresh.punch())
        (row, *_rest) = self.sync(lane=self.signed(fresh))["devices"]
        self.assertIn("read_from", row, "it has only begun")
        self.env.cr.execute("UPDATE biometric_lane SET started_at = started_at - interval '25 h'")
        for row in self.sync(lane=self.signed(fresh))["devices"]:
            self.assertNotIn("read_from", row)
        for row in self.sync()["devices"]:
            self.assertNotIn("read_from", row, "no lane, nothing asked")

    def test_bad_losses_are_refused_with_the_field(self):
        """Turns red when a loss of another shape is taken, or its error does not name the field."""
        from ..contract.wire import Malformed

        for wrong, word in (
            ({"cause": "cosmic_ray"}, "cause"),
            ({"state": "gone"}, "state"),
            ({"first_seq": 5}, "last_seq"),
            ({"last_seq": None}, "last_seq"),
            ({"to": None}, "to"),
            ({"id": "1"}, "id"),
        ):
            with self.subTest(word), self.assertRaisesRegex(Malformed, word):
                self.told(T0, self.loss(**wrong))
