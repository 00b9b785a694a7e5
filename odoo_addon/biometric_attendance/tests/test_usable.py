"""Which punches count and when they happened: zones, folds, mappings, decisions."""

from datetime import datetime

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import AddonCase, Lane


@tagged("post_install", "-at_install")
class TestUsable(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, _token = cls.make_agent(tz="Asia/Manila")
        cls.device = cls.make_device(cls.agent)
        cls.ana, cls.ben = cls.env["hr.employee"].create([{"name": "Ana"}, {"name": "Ben"}])
        cls.users = cls.env["biometric.device.user"]
        cls.officer = new_test_user(
            cls.env, "bio-officer", groups="biometric_attendance.group_hr_officer"
        )

    def usable(self, employee, day, until=None):
        return self.env["biometric.punch"]._usable(employee.ids, day, until or day)

    def stale(self):
        return {
            (employee, str(day)) for employee, day in self.env["biometric.stale.day"]._pop(10000)
        }

    def test_instant_comes_from_the_zone_of_the_device(self):
        self.users.map_pins(self.device.ids, [["7", self.ana.id]])
        lane = Lane()
        self.store(self.agent, lane, lane.punch(received_at="2026-03-02T00:00:01.000Z"))
        (punch,) = self.usable(self.ana, "2026-03-02")
        self.assertEqual(punch.instant, datetime(2026, 3, 2, 0, 0))
        self.assertEqual((punch.tz, punch.verify, punch.status), ("Asia/Manila", "1", "0"))

    def test_a_reassigned_pin_means_who_had_it_that_day(self):
        """S12. Red when the mapping of today is used for punches of yesterday."""
        self.users.map_pins(self.device.ids, [["12", self.ana.id]])
        self.users.map_pins(self.device.ids, [["12", self.ben.id, "2026-03-01"]])
        lane = Lane()
        self.store(
            self.agent,
            lane,
            lane.punch(
                pin="12", wall="2026-02-27 08:00:00", received_at="2026-04-01T00:00:00.000Z"
            ),
            lane.punch(
                pin="12", wall="2026-03-01 08:00:00", received_at="2026-04-01T00:00:01.000Z"
            ),
        )
        self.assertEqual(
            [punch.wall_time for punch in self.usable(self.ana, "2026-01-01", "2026-12-31")],
            ["2026-02-27 08:00:00"],
        )
        self.assertEqual(
            [punch.wall_time for punch in self.usable(self.ben, "2026-01-01", "2026-12-31")],
            ["2026-03-01 08:00:00"],
        )
        ana = self.env["biometric.punch"].search([("employee_id", "=", self.ana.id)])
        self.assertEqual(ana.wall_time, "2026-02-27 08:00:00")

    def test_two_people_cannot_share_a_pin_on_a_day(self):
        self.users.map_pins(self.device.ids, [["12", self.ana.id]])
        with self.assertRaises(ValidationError):
            self.users.create(
                {
                    "device_id": self.device.id,
                    "pin": "12",
                    "employee_id": self.ben.id,
                    "valid_from": "2026-03-01",
                }
            )
        with self.assertRaises(UserError):
            self.users.map_pins(self.device.ids, [["12", self.ben.id]])

    def test_mapping_change_marks_old_and_new_person(self):
        row = self.users.browse(self.users.map_pins(self.device.ids, [["7", self.ana.id]]))
        lane = Lane()
        self.store(self.agent, lane, lane.punch())
        self.stale()
        row.employee_id = self.ben
        days = {"2026-03-01", "2026-03-02", "2026-03-03"}
        self.assertEqual(
            self.stale(),
            {(self.ana.id, day) for day in days} | {(self.ben.id, day) for day in days},
        )

    def test_the_hour_shown_twice_follows_the_order_of_the_device(self):
        """R19. Red when the device's order is not asked, or channels are mixed."""
        device = self.make_device(self.agent, "DST", tz="Europe/Berlin")
        self.users.map_pins(device.ids, [["7", self.ana.id]])
        lane = Lane()
        walls = [
            "2026-10-25 00:40:00",
            "2026-10-25 02:30:00",
            "2026-10-25 02:10:00",
            "2026-10-25 03:10:00",
        ]
        received = "2026-10-25T02:10:01.000Z"
        self.store(
            self.agent,
            lane,
            *(lane.punch(serial="DST", wall=wall, received_at=received) for wall in walls),
        )
        punches = self.usable(self.ana, "2026-10-25")
        self.assertEqual([p.wall_time for p in punches], walls)
        self.assertEqual(
            [p.instant for p in punches],
            [
                datetime(2026, 10, 24, 22, 40),
                datetime(2026, 10, 25, 0, 30),
                datetime(2026, 10, 25, 1, 10),
                datetime(2026, 10, 25, 2, 10),
            ],
        )
        self.assertFalse(any(p.fold_undecided for p in punches))

    def test_an_undecided_hour_is_flagged(self):
        """R19. Red when fold_undecided is never set."""
        device = self.make_device(self.agent, "DST", tz="Europe/Berlin")
        self.users.map_pins(device.ids, [["7", self.ana.id]])
        lane = Lane()
        self.store(
            self.agent,
            lane,
            lane.punch(
                serial="DST", wall="2026-10-25 02:30:00", received_at="2026-10-25T05:00:00.000Z"
            ),
        )
        (punch,) = self.usable(self.ana, "2026-10-25")
        self.assertEqual(punch.instant, datetime(2026, 10, 25, 0, 30))
        self.assertTrue(punch.fold_undecided)

    def test_an_hour_that_the_clock_skipped_is_flagged(self):
        """R19. Red when only an hour shown twice can be undecided."""
        device = self.make_device(self.agent, "DST", tz="Europe/Berlin")
        self.users.map_pins(device.ids, [["7", self.ana.id]])
        lane = Lane()
        self.store(
            self.agent,
            lane,
            *(
                lane.punch(serial="DST", wall=wall, received_at="2026-03-29T05:00:00.000Z")
                for wall in ("2026-03-29 02:30:00", "2026-03-29 03:00:00")
            ),
        )
        punches = {punch.wall_time[11:16]: punch for punch in self.usable(self.ana, "2026-03-29")}
        self.assertEqual(punches["02:30"].instant, datetime(2026, 3, 29, 1, 30))
        self.assertTrue(punches["02:30"].fold_undecided)
        self.assertFalse(punches["03:00"].fold_undecided)

    def test_correcting_a_zone_moves_the_instant_never_the_punch(self):
        self.users.map_pins(self.device.ids, [["7", self.ana.id]])
        lane = Lane()
        self.store(self.agent, lane, lane.punch(received_at="2026-03-02T00:00:01.000Z"))
        self.stale()
        preview = self.env["biometric.device.zone"]._preview(
            self.device, "Asia/Tokyo", "0001-01-01 00:00:00"
        )
        self.assertEqual(preview, {"punches": 1, "days": 1, "shift_minutes": -60})
        administrator = new_test_user(
            self.env, "bio-zone", groups="biometric_attendance.group_administrator"
        )
        span = self.device.zone_ids.with_user(administrator)
        with self.assertRaises(UserError):
            span.tz = "Asia/Tokyo"
        wizard = (
            self.env["biometric.zone.change"]
            .with_user(administrator)
            .create(
                {
                    "device_id": self.device.id,
                    "tz": "Asia/Tokyo",
                    "reason": "the terminal was bought in Osaka",
                }
            )
        )
        self.assertIn("-60", wizard.preview)
        wizard.action_confirm()
        (punch,) = self.usable(self.ana, "2026-03-02")
        self.assertEqual(punch.instant, datetime(2026, 3, 1, 23, 0))
        self.assertIn((self.ana.id, "2026-03-01"), self.stale())
        entry = self.env["biometric.audit"].search([("action", "=", "zone.change")], limit=1)
        self.assertEqual(entry.reason, "the terminal was bought in Osaka")
        self.assertIn("Asia/Manila", entry.before)

    def test_a_moved_device_keeps_the_zone_of_its_past(self):
        self.users.map_pins(self.device.ids, [["7", self.ana.id]])
        self.env["biometric.device.zone"].create(
            {
                "device_id": self.device.id,
                "tz": "Europe/Berlin",
                "valid_from": "2026-03-05 00:00:00",
            }
        )
        lane = Lane()
        self.store(
            self.agent,
            lane,
            lane.punch(wall="2026-03-02 08:00:00", received_at="2026-03-02T00:00:01.000Z"),
            lane.punch(wall="2026-03-06 08:00:00", received_at="2026-03-06T07:00:01.000Z"),
        )
        self.assertEqual(
            [p.instant for p in self.usable(self.ana, "2026-03-01", "2026-03-31")],
            [datetime(2026, 3, 2, 0, 0), datetime(2026, 3, 6, 7, 0)],
        )

    def test_release_and_discard_stand_beside_the_punch(self):
        self.users.map_pins(self.device.ids, [["7", self.ana.id]])
        lane = Lane()
        self.store(self.agent, lane, lane.punch(wall="2000-01-01 08:00:00"), lane.punch())
        old = self.env["biometric.punch"].search([("wall_time", "=", "2000-01-01 08:00:00")])
        self.assertFalse(self.usable(self.ana, "2000-01-01"))
        decisions = self.env["biometric.decision"].with_user(self.officer)
        with self.assertRaises(UserError):
            decisions._decide(old, "release", "ok")
        self.stale()
        decisions._decide(old, "release", "clock battery was empty that day")
        self.assertEqual(len(self.usable(self.ana, "2000-01-01")), 1)
        self.assertIn((self.ana.id, "2000-01-01"), self.stale())
        decisions._decide(old, "discard", "it was the installer after all")
        self.assertFalse(self.usable(self.ana, "2000-01-01"))
        self.assertEqual(old.wall_time, "2000-01-01 08:00:00")
        self.assertEqual(
            self.env["biometric.audit"].search_count([("action", "=like", "punch.%")]), 2
        )

    def test_a_discarded_punch_does_not_count_however_sane(self):
        """Red when the last decision is not looked at."""
        self.users.map_pins(self.device.ids, [["7", self.ana.id]])
        lane = Lane()
        self.store(self.agent, lane, lane.punch(), lane.punch(wall="2026-03-02 07:00:00"))
        punch = self.env["biometric.punch"].search([("wall_time", "=", "2026-03-02 07:00:00")])
        decisions = self.env["biometric.decision"].with_user(self.officer)
        decisions._decide(punch, "discard", "the cleaner used a found card")
        left = [found.wall_time for found in self.usable(self.ana, "2026-03-02")]
        self.assertEqual(left, ["2026-03-02 08:00:00"])
        decisions._decide(punch, "release", "it was her own card after all")
        self.assertEqual(len(self.usable(self.ana, "2026-03-02")), 2)

    def test_a_mapping_change_leaves_the_next_owners_days_alone(self):
        """Red when a change marks more than the days of its own span."""
        self.users.map_pins(self.device.ids, [["12", self.ana.id]])
        first = self.users.search([("pin", "=", "12")])
        self.users.map_pins(self.device.ids, [["12", self.ben.id, "2026-03-05"]])
        lane = Lane()
        self.store(
            self.agent,
            lane,
            lane.punch(pin="12", wall="2026-03-01 08:00:00"),
            lane.punch(pin="12", wall="2026-03-10 08:00:00", clock="unsure"),
        )
        self.stale()
        first.employee_id = self.env["hr.employee"].create({"name": "Cleo"})
        marked = self.stale()
        self.assertEqual(
            {day for _employee, day in marked}, {"2026-02-28", "2026-03-01", "2026-03-02"}
        )
        self.assertNotIn(self.ben.id, {employee for employee, _day in marked})

    def test_who_may_decide(self):
        lane = Lane()
        self.store(self.agent, lane, lane.punch())
        punch = self.env["biometric.punch"].search([], limit=1)
        approver = new_test_user(
            self.env, "bio-approver", groups="biometric_attendance.group_approver"
        )
        with self.assertRaises(AccessError):
            self.env["biometric.decision"].with_user(approver)._decide(
                punch, "discard", "a reason that is long enough"
            )
        self.ana.user_id = self.officer
        self.users.map_pins(self.device.ids, [["7", self.ana.id]])
        with self.assertRaises(UserError):
            self.env["biometric.decision"].with_user(self.officer)._decide(
                punch, "discard", "a reason that is long enough"
            )

    def test_quarantine_screen_releases_rejects_and_refuses_the_rest(self):
        lane = Lane()
        self.store(self.agent, lane, lane.reject(raw="garbage"), lane.punch(pin="99"))
        rows = self.env["biometric.quarantine"].with_user(self.officer).search([])
        self.assertEqual(set(rows.mapped("reason")), {"reject", "unmapped"})
        with self.assertRaises(UserError):
            rows.action_release()
        action = rows.filtered(lambda row: row.reason == "reject").action_release()
        wizard = (
            self.env["biometric.decide"]
            .with_user(self.officer)
            .with_context(**action["context"])
            .create({"reason": "the line was a test print"})
        )
        wizard.action_confirm()
        left = self.env["biometric.quarantine"].search([])
        self.assertEqual(left.mapped("reason"), ["unmapped"])

    def test_queries_do_not_grow_with_people(self):
        lane = Lane()
        people = self.env["hr.employee"].create([{"name": f"P{n}"} for n in range(60)])
        self.users.map_pins(
            self.device.ids, [[str(100 + n), person.id] for n, person in enumerate(people)]
        )
        self.store(self.agent, lane, *(lane.punch(pin=str(100 + n)) for n in range(60)))
        self.env.flush_all()
        start = self.env.cr.sql_log_count
        found = self.env["biometric.punch"]._usable(people.ids, "2026-03-02", "2026-03-02")
        self.assertEqual(len(found), 60)
        self.assertLessEqual(self.env.cr.sql_log_count - start, 6)
