"""When a terminal serves here: what it recorded before, elsewhere or after it moved away waits."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

from .common import AddonCase, Lane

SERVICE = datetime(2026, 3, 10, 6, 0)


@tagged("post_install", "-at_install", "biometric_fleet")
class TestService(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, _token = cls.make_agent()
        cls.device = cls.make_device(cls.agent, approve=False)
        cls.ana, cls.ben = cls.env["hr.employee"].create([{"name": "Ana"}, {"name": "Ben"}])
        group = "biometric_attendance.group_"
        cls.officer, cls.administrator = (
            new_test_user(cls.env, f"service-{role}", groups=group + role)
            for role in ("hr_officer", "administrator")
        )

    def punches(self, agent, *walls, lane=None, **values):
        lane = lane or Lane(f"{agent.id:032x}")
        received = "2026-03-20T00:00:00.000Z"
        rows = [
            lane.punch(wall=wall, received_at=received, channel="poll", **values) for wall in walls
        ]
        self.store(agent, lane, *rows)

    def counted(self, employee):
        found = self.env["biometric.punch"]._usable(employee.ids, "2026-01-01", "2026-12-31")
        return [punch.wall_time for punch in found]

    def waiting(self, device=None):
        rows = self.env["biometric.quarantine"].search(
            [("device_id", "=", (device or self.device).id)]
        )
        return sorted((row.reason, row.wall_time) for row in rows)

    def test_what_it_recorded_before_its_service_waits(self):
        """Turns red when a punch before *In service from* counts, is not listed with its reason,
        or cannot be released by a person."""
        self.device.in_service_from = SERVICE
        self.device.action_approve()
        self.punches(self.agent, "2026-03-09 08:00:00", "2026-03-10 08:00:00")
        users = self.env["biometric.device.user"].with_user(self.officer)
        row = users.browse(users.map_pins(self.device.ids, [["7", self.ana.id]]))
        self.assertEqual(str(row.valid_from), "2026-03-10", "a first mapping begins with service")
        self.assertEqual(self.counted(self.ana), ["2026-03-10 08:00:00"])
        row.valid_from = "2026-03-01"
        self.assertEqual(self.counted(self.ana), ["2026-03-10 08:00:00"])
        self.assertEqual(self.waiting(), [("before_service", "2026-03-09 08:00:00")])
        before = self.env["biometric.punch"].search([("wall_time", "=", "2026-03-09 08:00:00")])
        self.env["biometric.decision"].with_user(self.officer)._decide(
            before, "release", "the terminal stood in the old hall"
        )
        self.assertEqual(self.counted(self.ana), ["2026-03-09 08:00:00", "2026-03-10 08:00:00"])
        self.assertFalse(self.waiting())

    def test_a_day_that_hr_names_stands(self):
        """Turns red when a mapping that names its first day is moved to the service."""
        self.device.in_service_from = SERVICE
        self.device.action_approve()
        users = self.env["biometric.device.user"]
        row = users.browse(users.map_pins(self.device.ids, [["7", self.ana.id, "2026-03-01"]]))
        self.assertEqual(str(row.valid_from), "2026-03-01")

    def test_another_companys_memory_pays_nobody(self):
        """Turns red when a terminal that served elsewhere pays the PINs of its old place, or one
        administrator is not told that it moved, or is told of the other company."""
        self.device.action_approve()
        self.punches(self.agent, "2026-03-02 08:00:00", "2026-03-02 17:00:00")
        other = self.env["res.company"].create({"name": "Strangers Ltd"})
        agent, _token = self.make_agent("Elsewhere", company=other)
        self.punches(agent, "2026-03-02 08:00:00", "2026-03-02 17:00:00")
        theirs = self.env["biometric.device"].search([("company_id", "=", other.id)])
        theirs.first_seen_at = datetime(2026, 3, 20)
        self.device.first_seen_at = datetime(2026, 1, 5)
        offered, why = theirs._service_offer()
        self.assertEqual(offered, theirs.first_seen_at, "not the log: it holds other people")
        self.assertIn("it was in service elsewhere before", why)
        theirs.action_approve()
        self.assertEqual(theirs.in_service_from, theirs.first_seen_at)
        stranger = self.env["hr.employee"].create({"name": "Zoe", "company_id": other.id})
        users = self.env["biometric.device.user"]
        users.map_pins(theirs.ids, [["7", stranger.id]])
        self.assertFalse(self.counted(stranger))
        self.assertEqual(
            {reason for reason, _at in self.waiting(theirs)}, {"before_service", "unmapped"}
        )
        notes = (self.device + theirs).mapped("elsewhere_note")
        self.assertIn("has been in service elsewhere", notes[0])
        self.assertIn("was in service elsewhere before", notes[1])
        self.assertFalse([note for note in notes if "Strangers" in note or "My Company" in note])
        users.map_pins(self.device.ids, [["7", self.ana.id]])
        self.assertEqual(len(self.counted(self.ana)), 2, "the old place keeps its own")

    def test_moved_away_is_a_state_of_the_old_record(self):
        """Turns red when moving away takes back what was worked, leaves a mapping open, or lets
        what is told afterwards count."""
        self.device.action_approve()
        lane = Lane()
        self.punches(self.agent, "2026-03-09 08:00:00", lane=lane)
        users = self.env["biometric.device.user"]
        users.map_pins(self.device.ids, [["7", self.ana.id]])
        self.device.last_heard_at = datetime(2026, 3, 9, 18)
        self.device.with_user(self.administrator).action_moved_away()
        self.assertEqual(
            (self.device.state, self.device.moved_at), ("moved", datetime(2026, 3, 9, 18))
        )
        self.assertEqual(str(self.device.user_ids.valid_to), "2026-03-09")
        self.punches(self.agent, "2026-03-09 19:00:00", "2026-03-12 08:00:00", lane=lane)
        self.assertEqual(self.counted(self.ana), ["2026-03-09 08:00:00"])
        self.assertIn(("after_service", "2026-03-09 19:00:00"), self.waiting())
        with self.assertRefused("Only a terminal in service can be moved away"):
            self.device.action_moved_away()
        self.device.action_approve()
        self.assertEqual(self.device.state, "active")
        row = users.browse(users.map_pins(self.device.ids, [["7", self.ben.id, "2026-03-10"]]))
        self.assertEqual(row.employee_id, self.ben)
        self.assertFalse(self.counted(self.ben), "what it recorded elsewhere")

    def test_what_it_told_elsewhere_waits_after_it_came_back(self):
        """Turns red when a terminal that came back counts what it recorded elsewhere, or does not
        count what it records from then on."""
        self.device.action_approve()
        self.device.sudo().last_heard_at = SERVICE
        self.device.action_moved_away()
        self.device.action_approve()
        self.assertEqual(self.device.state, "active")
        back = self.device.back_at
        self.assertTrue(back)
        users = self.env["biometric.device.user"].with_user(self.officer)
        row = users.browse(users.map_pins(self.device.ids, [["7", self.ana.id]]))
        row.valid_from = "2026-03-01"
        here, away = SERVICE - timedelta(hours=1), SERVICE + timedelta(hours=1)
        again = back + timedelta(minutes=1)
        lane = Lane(f"{self.agent.id:032x}")
        rows = [
            lane.punch(
                wall=f"{at:%Y-%m-%d %H:%M:%S}",
                received_at=f"{again:%Y-%m-%dT%H:%M:%S}.000Z",
                channel="poll",
            )
            for at in (here, away, again)
        ]
        self.store(self.agent, lane, *rows)
        found = self.env["biometric.punch"]._usable(
            self.ana.ids, here.date(), again.date() + timedelta(days=1)
        )
        self.assertEqual(
            [punch.wall_time for punch in found],
            [f"{at:%Y-%m-%d %H:%M:%S}" for at in (here, again)],
        )
        self.assertEqual(self.waiting(), [("after_service", f"{away:%Y-%m-%d %H:%M:%S}")])

    def test_another_place_of_the_company_has_other_people(self):
        """Turns red when a PIN means the people of the old place after the move."""
        self.device.action_approve()
        lane = Lane()
        users = self.env["biometric.device.user"]
        users.map_pins(self.device.ids, [["7", self.ana.id]])
        self.punches(self.agent, "2026-03-09 08:00:00", "2026-03-10 08:00:00", lane=lane)
        self.env["biometric.device.move"].with_user(self.administrator).create(
            {"device_id": self.device.id, "first_day": "2026-03-10", "place": "Hall 2"}
        ).action_confirm()
        self.assertEqual(self.device.place, "Hall 2")
        self.assertEqual(self.counted(self.ana), ["2026-03-09 08:00:00"])
        self.assertEqual(self.waiting(), [("unmapped", "2026-03-10 08:00:00")])
        row = users.create({"device_id": self.device.id, "pin": "7", "employee_id": self.ben.id})
        self.assertEqual(str(row.valid_from), "2026-03-10")
        self.assertEqual(self.counted(self.ben), ["2026-03-10 08:00:00"])

    def test_an_approval_offers_service_from_its_own_log(self):
        """Turns red when the dialog offers a stamp of a wrong clock, or an instant before the
        first record of the log."""
        self.punches(
            self.agent, "2000-01-01 00:00:00", "2026-03-02 08:00:00", "2026-03-03 08:00:00"
        )
        self.device.with_user(self.administrator).action_open_approve()
        dialog = (
            self.env["biometric.device.approve"]
            .with_user(self.administrator)
            .with_context(default_device_id=self.device.id)
            .create({})
        )
        self.assertEqual(dialog.in_service_from, datetime(2026, 3, 2, 8))
        self.assertIn("first record", dialog.offer)
        dialog.action_confirm()
        self.assertEqual(self.device.state, "active")
        self.assertEqual(self.device.in_service_from, datetime(2026, 3, 2, 8))
        self.assertTrue(self.device.in_service_said)

    def test_several_approved_at_once_begin_each_with_its_own_log(self):
        """Turns red when the list approves without a word about the service of each: what a
        second-hand terminal brings along would count from the beginning."""
        self.punches(self.agent, "2026-03-02 08:00:00", "2026-03-03 08:00:00")
        fresh = self.make_device(self.agent, serial="SN2", approve=False)
        fresh.first_seen_at = datetime(2026, 3, 20)
        serving = self.make_device(self.agent, serial="SN3")
        devices = (self.device + fresh + serving).with_user(self.administrator)
        action = devices.action_open_approve()
        dialog = Form(
            self.env["biometric.device.approve"]
            .with_user(self.administrator)
            .with_context(**action["context"])
        )
        lines = dialog.offer.split("\n")
        self.assertEqual(len(lines), 2, "the third serves already")
        self.assertRegex(lines[0], r"^SN1: 03/02/2026 .* \(the first record of its own log\)$")
        self.assertRegex(lines[1], r"^SN2: 03/20/2026 .* \(its first contact here\)$")
        dialog.save().action_confirm()
        self.assertEqual(devices.mapped("state"), ["active"] * 3)
        self.assertEqual(
            devices.mapped("in_service_from"),
            [datetime(2026, 3, 2, 8), datetime(2026, 3, 20), False],
        )
        self.assertEqual(devices.mapped("in_service_said"), [True, True, False])
        with self.assertRaisesRegex(UserError, "None of these terminals is waiting for approval"):
            devices.action_open_approve()

    def test_first_heard_is_nobodys_word(self):
        """Turns red when the first call of a terminal takes its earlier punches away."""
        self.device.action_approve()
        self.device._begin_service(SERVICE)
        self.punches(self.agent, "2026-03-09 08:00:00")
        users = self.env["biometric.device.user"]
        users.map_pins(self.device.ids, [["7", self.ana.id]])
        self.assertEqual(self.counted(self.ana), ["2026-03-09 08:00:00"])


@tagged("post_install", "-at_install", "biometric_fleet")
class TestCodes(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, _token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)
        cls.ana = cls.env["hr.employee"].create({"name": "Ana"})
        cls.env["biometric.device.user"].map_pins(cls.device.ids, [["7", cls.ana.id]])
        group = "biometric_attendance.group_"
        cls.officer, cls.administrator = (
            new_test_user(cls.env, f"codes-{role}", groups=group + role)
            for role in ("hr_officer", "administrator")
        )
        lane = Lane()
        day = "2026-03-02"
        told = (("08:00", "0"), ("12:00", "3"), ("13:00", "2"), ("17:00", "1"))
        rows = [
            lane.punch(wall=f"{day} {at}:00", status=code, received_at=f"{day}T{at}:01.000Z")
            for at, code in told
        ]
        cls.store(cls, cls.agent, lane, *rows)

    def said(self):
        found = self.env["biometric.punch"]._usable(self.ana.ids, "2026-03-02", "2026-03-02")
        return [(punch.direction, punch.state) for punch in found]

    def test_the_meaning_of_status_codes_decides_in_days(self):
        """F18. Turns red when *Meaning of status codes* has no effect on what days are told, or a
        change of it marks no day."""
        self.assertEqual(self.said(), [("in", "0"), ("in", "3"), ("out", "2"), ("out", "1")])
        self.env["biometric.stale.day"]._pop(10000)
        self.device.status_preset = "us320"
        self.assertEqual(self.said(), [("in", "0"), ("out", "2"), ("in", "3"), ("out", "1")])
        self.assertTrue(self.env["biometric.stale.day"]._pop(10000))
        words = [
            punch.key_pressed for punch in self.env["biometric.punch"].search([], order="wall_time")
        ]
        self.assertEqual(words, ["In (0)", "Out for a meal (3)", "Back from a meal (2)", "Out (1)"])
        self.device.status_preset = "none"
        self.assertEqual([direction for direction, _state in self.said()], [None] * 4)
        self.device.status_map = {"3": "out", "1": "nothing"}
        self.assertEqual(self.said()[1], ("out", "1"))
        self.assertEqual(self.said()[3], (None, ""))
        with self.assertRaisesRegex(UserError, "“lunch” is not a known meaning"):
            self.device.status_map = {"3": "lunch"}

    def test_verify_codes_appear_by_name(self):
        """Turns red when a person sees the bare number although the family's table names it."""
        punch = self.env["biometric.punch"].search([], limit=1)
        self.assertEqual(punch.verify_word, "finger (1)")
        self.assertEqual(punch.sighting_ids.verify_word, "finger (1)")
        self.device.verify_map = {"1": "finger_or_card"}
        punch.invalidate_recordset()
        self.assertEqual(punch.verify_word, "finger or card (1)")
        self.device.write({"verify_map": False, "verify_preset": "none"})
        punch.invalidate_recordset()
        self.assertEqual(punch.verify_word, "1")

    def test_own_meanings_are_typed_on_the_form(self):
        """Turns red when a line of the form's editor does not become the map days ask, marks no
        day, leaves no trace, or shows another word than it reads back."""
        self.env["biometric.stale.day"]._pop(10000)
        device = self.device.with_user(self.administrator)
        device.status_meanings = "\n 3=out\n1 = Nothing\n\n10 = Back  from a meal\n"
        self.assertEqual(device.status_map, {"3": "out", "1": "nothing", "10": "meal_in"})
        self.assertEqual(self.said()[1], ("out", "1"))
        self.assertTrue(self.env["biometric.stale.day"]._pop(10000))
        entry = self.env["biometric.audit"].search(
            [("model", "=", "biometric.device"), ("res_id", "=", device.id)], limit=1
        )
        self.assertIn("status_map", entry.after)
        device.invalidate_recordset()
        shown = "1 = nothing\n3 = Out\n10 = Back from a meal"
        self.assertEqual(device.status_meanings, shown)
        device.status_meanings = shown
        self.assertEqual(device.status_map, {"3": "out", "1": "nothing", "10": "meal_in"})
        device.verify_meanings = "1 = finger or card"
        self.assertEqual(device.verify_map, {"1": "finger_or_card"})
        device.write({"status_meanings": "", "verify_meanings": False})
        self.assertFalse(device.status_map or device.verify_map)
        with self.assertRaises(AccessError):
            self.device.with_user(self.officer).status_meanings = "3 = Out"

    def test_a_line_that_is_no_meaning_is_named(self):
        """Turns red when a mistyped line is dropped, or its error does not say which and why."""
        for text, words in (
            ("3 = Out\n4", "Line 2: enter the code, an equals sign and its meaning"),
            ("3 =", "Line 1: enter the code"),
            ("= Out", "Line 1: enter the code"),
            (
                "3 = Lunch",
                "Line 1: “Lunch” is not a known meaning. Choose one of: .*Out for a meal",
            ),
            ("3 = Out\n3 = In", "Line 2: there is already a line for code 3"),
            ("a b = Out", "Line 1: “a b” is not a code"),
            (f"{'1' * 25} = Out", "at most 24 digits or letters"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(ValidationError, words):
                self.device.status_meanings = text
            self.device.invalidate_recordset()
            self.assertFalse(self.device.status_map)
        with self.assertRaisesRegex(ValidationError, "“ear” is not a known meaning"):
            self.device.verify_meanings = "1 = ear"


@tagged("post_install", "-at_install", "biometric_fleet")
class TestClocks(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, _token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)
        cls.ana = cls.env["hr.employee"].create({"name": "Ana"})
        cls.env["biometric.device.user"].map_pins(cls.device.ids, [["7", cls.ana.id]])
        cls.officer = new_test_user(
            cls.env, "clock-officer", groups="biometric_attendance.group_hr_officer"
        )

    def setUp(self):
        super().setUp()
        self.lane = Lane()
        self.now = self.env.cr.now().replace(microsecond=0)

    def text(self, at):
        return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def push(self, received, offset=0, **values):
        """A live push, stamped `offset` seconds ahead of its receipt."""
        wall = received + timedelta(seconds=offset)
        row = self.lane.punch(
            wall=f"{wall:%Y-%m-%d %H:%M:%S}", received_at=self.text(received), **values
        )
        self.store(self.agent, self.lane, row)
        return self.env["biometric.punch"].search([("key", "=", row["key"])])

    def hear(self, since, offset):
        row = {
            "serial": "SN1",
            "state": "heard",
            "last_heard_at": self.text(self.now),
            "unbroken_since": self.text(since),
            "upload_idle": True,
            "pending": 0,
            "clock_offset_seconds": offset,
        }
        self.env["biometric.sync"]._sync(self.agent, {"version": 1, "devices": [row]}, "10.0.0.1")
        self.env.invalidate_all()

    def board(self):
        rows = self.env["biometric.device"].get_board_data()["devices"]
        return next(row for row in rows if row["id"] == self.device.id)

    def usable(self):
        # Till tomorrow: a terminal to the east shows it already.
        days = (self.now - timedelta(days=3)).date(), (self.now + timedelta(days=1)).date()
        return self.env["biometric.punch"]._usable(self.ana.ids, *days)

    def test_a_slow_clock_is_seen_and_its_punches_wait(self):
        """Turns red when a clock one hour slow leaves a green board, or punches without a flag
        that count with the wrong time; ahead the same."""
        for offset, words in ((-3600, "one hour slow"), (3600, "one hour fast")):
            with self.subTest(offset), self.env.cr.savepoint() as savepoint:
                since = self.now - timedelta(hours=5)
                good = self.push(self.now - timedelta(hours=4))
                bad = self.push(self.now - timedelta(minutes=9), offset)
                bad |= self.push(self.now - timedelta(minutes=5), offset - 3)
                self.hear(since, offset)
                row = self.board()
                self.assertEqual(row["status"], "clock")
                self.assertIn(words, row["cause"].lower())
                self.assertEqual(row["since_at"], self.text(self.now - timedelta(minutes=9)))
                self.assertEqual([punch.punch_id for punch in self.usable()], good.ids)
                self.assertEqual(set(bad.mapped("witness")), {"skew"})
                flags = self.env["biometric.flag"].search([("kind", "=", "skew")])
                self.assertEqual(
                    sorted(flags.mapped("offset_seconds")), sorted([offset, offset - 3])
                )
                later = self.push(self.now - timedelta(minutes=1), offset)
                self.assertEqual(later.witness, "skew", "also one that comes after the word")
                row = self.env["biometric.quarantine"].search([("reason", "=", "skew")], limit=1)
                self.assertIn(words, row.detail)
                action = row.with_user(self.officer).action_count_as()
                self.decide(action)
                self.assertFalse(self.env["biometric.quarantine"].search([("reason", "=", "skew")]))
                times = [punch.instant for punch in self.usable()]
                self.assertEqual(len(times), 4)
                for at, minutes in zip(times[1:], (9, 5, 1), strict=True):
                    self.assertLess(abs(at - self.now + timedelta(minutes=minutes)).seconds, 5)
                savepoint.rollback()
                self.env.invalidate_all()
                self.lane = Lane()

    def decide_again(self, odd):
        """The last word counts, once; the days it left and the days it came to are computed."""
        decisions = self.env["biometric.decision"].with_user(self.officer)
        stale = self.env["biometric.stale.day"]
        stale._pop(10000)
        then = datetime(2026, 3, 9, 9, 0)
        decisions._decide(odd, "count_as", "the first time was a slip", {odd.id: then})
        marked = {day.day for employee, day in stale._pop(10000) if employee == self.ana.id}
        self.assertLessEqual({2, 3, 4, 8, 9, 10}, marked)
        found = self.env["biometric.punch"]._usable(self.ana.ids, "2026-03-02", "2026-03-31")
        counted = [punch.instant for punch in found if punch.punch_id == odd.id]
        self.assertEqual(counted, [then])

    def decide(self, action):
        """What a person does in the dialog: look, write the reason, confirm."""
        form = self.opened(action)
        form.reason = "the clock was set wrong by hand"
        dialog = form.save()
        return dialog, dialog.action_confirm()

    def opened(self, action):
        dialogs = self.env["biometric.decide"].with_user(self.officer)
        return Form(dialogs.with_context(**action["context"], lang="en_US"))

    def test_the_dialog_shows_what_is_known_before_it_is_saved(self):
        """Turns red when the open dialog, whose punches are stand-ins, names no offset, asks for
        one time of many punches, or does not say what is known."""
        for minutes in (9, 5):
            self.push(self.now - timedelta(minutes=minutes), -3600)
        self.hear(self.now - timedelta(hours=5), -3600)
        rows = self.env["biometric.quarantine"].with_user(self.officer)
        form = self.opened(rows.search([("reason", "=", "skew")])[:1].action_count_as())
        self.assertTrue(form.is_off)
        self.assertEqual(form.offset_text, "1 h 0 min behind")
        self.assertIn("Punches: 2, received", form.evidence)
        self.assertIn("One hour slow", form.evidence)
        row = self.lane.punch(wall="2000-01-01 00:03:00", received_at=self.text(self.now))
        self.store(self.agent, self.lane, row)
        self.device.in_service_from = self.now - timedelta(days=9)
        users = self.env["biometric.device.user"].search([("employee_id", "=", self.ana.id)])
        users.valid_from = self.now.date() - timedelta(days=9)
        self.env.flush_all()
        odd = rows.search([("wall_time", "=", "2000-01-01 00:03:00")])
        self.assertEqual(odd.mapped("reason"), ["clock"], "one punch is one row of work")
        form = self.opened(odd.action_count_as())
        self.assertFalse(form.is_off)
        self.assertIn("The terminal (UTC) showed 2000-01-01 00:03:00.", form.evidence)
        self.assertTrue(form.counts_at)
        form.counts_at = datetime(2026, 3, 3, 8, 5)
        self.assertEqual(form.terminal_clock, "03/03/2026 08:05:00 AM (UTC)")

    def test_a_release_into_a_year_before_its_service_asks_twice(self):
        """Turns red when only impossible years are asked about, or the second yes is refused."""
        self.device.in_service_from = datetime(2026, 3, 1)
        row = self.lane.punch(
            wall="2019-05-06 08:00:00", received_at="2026-03-03T08:05:00.000Z", channel="poll"
        )
        self.store(self.agent, self.lane, row)
        (work,) = self.env["biometric.quarantine"].search([("wall_time", "like", "2019-05-06")])
        self.assertEqual(work.reason, "before_service")
        punch = work.punch_id
        dialog, _again = self.decide(work.with_user(self.officer).action_release())
        self.assertIn("years before SN1 was installed (2026)", dialog.warning)
        self.assertFalse(punch.decision_ids)
        dialog.action_confirm()
        self.assertEqual(punch.decision_ids.verdict, "release")

    def test_nobody_counts_their_own_punch_of_a_wrong_year(self):
        """Turns red when the date that the clock showed, on which the PIN meant nobody, hides whose
        punch it is: an officer who says when their own punch counts, or takes that back."""
        users = self.env["biometric.device.user"].search([("employee_id", "=", self.ana.id)])
        users.valid_from = "2026-03-02"
        self.ana.user_id = self.officer
        row = self.lane.punch(wall="2000-01-01 00:03:00", received_at="2026-03-03T08:05:00.000Z")
        self.store(self.agent, self.lane, row)
        odd = self.env["biometric.punch"].search([("key", "=", row["key"])])
        self.assertFalse(odd.employee_id)
        when = {odd.id: datetime(2026, 3, 3, 8, 5)}
        decisions = self.env["biometric.decision"]
        mine, reason = decisions.with_user(self.officer), "the battery was empty"
        with self.assertRaisesRegex(UserError, "You cannot decide about yourself"):
            mine._decide(odd, "count_as", reason, when)
        self.assertFalse(odd.decision_ids)
        other = new_test_user(
            self.env, "clock-second", groups="biometric_attendance.group_hr_officer"
        )
        decisions.with_user(other)._decide(odd, "count_as", reason, when)
        with self.assertRaisesRegex(UserError, "You cannot decide about yourself"):
            mine._decide(odd, "discard", reason)
        self.assertEqual(odd.decision_ids.mapped("verdict"), ["count_as"])

    def test_each_clock_is_counted_with_its_own_offset(self):
        """Turns red when one click lays the offset of another terminal, or of another day of the
        same terminal, on a punch, also through a dialog that a program made, or when a lone punch
        counts at a time the dialog does not show."""
        for minutes, offset in ((200, 7200), (199, 7200)):
            self.push(self.now - timedelta(minutes=minutes), offset)
        self.hear(self.now - timedelta(hours=5), 7200)
        for minutes, offset in ((9, -3600), (8, -3602)):
            self.push(self.now - timedelta(minutes=minutes), offset)
        self.hear(self.now - timedelta(hours=5), -3600)
        rows = self.env["biometric.quarantine"].with_user(self.officer)
        waiting = rows.search([("reason", "=", "skew")])
        self.assertEqual(len(waiting), 4)
        with self.assertRaisesRegex(UserError, "with different errors"):
            waiting.action_count_as()
        unseen = {"verdict": "count_as", "punch_ids": waiting.punch_id.ids, "reason": "by program"}
        with self.assertRaisesRegex(UserError, "with different errors"):
            self.env["biometric.decide"].with_user(self.officer).create(unseen).action_confirm()
        self.assertFalse(waiting.punch_id.decision_ids)
        slow = waiting.filtered(lambda row: "slow" in row.detail)
        self.decide(slow[:1].action_count_as())
        left = rows.search([("reason", "=", "skew")])
        self.assertEqual(left, waiting - slow, "the fast ones wait for their own decision")
        dialog, _done = self.decide(left[:1].action_count_as())
        self.assertEqual(dialog.offset_seconds, 7200)
        times = [punch.instant for punch in self.usable()]
        self.assertEqual(len(times), 4)
        for at, minutes in zip(times, (200, 199, 9, 8), strict=True):
            self.assertLess(abs(at - self.now + timedelta(minutes=minutes)).total_seconds(), 5)
        # Set once more: what stands beside the lone one says nothing of when it was made.
        punch = self.push(self.now - timedelta(minutes=2), -3590)
        self.push(self.now - timedelta(seconds=50), -7200)
        self.push(self.now - timedelta(seconds=20), -7201)
        self.hear(self.now - timedelta(hours=5), -7200)
        dialog, _done = self.decide(rows.search([("punch_id", "=", punch.id)]).action_count_as())
        self.assertEqual(dialog.offset_seconds, -3590)
        self.assertGreater(abs(dialog.counts_at - punch.decision_ids.counts_at), timedelta(hours=1))
        self.assertEqual(punch.decision_ids.counts_at, self.now - timedelta(minutes=2))

    def test_a_backlog_is_no_skew(self):
        """Turns red when punches of an outage that come late with right stamps are held."""
        since = self.now - timedelta(minutes=30)
        for minutes in (300, 200, 100):
            received = self.now - timedelta(minutes=29)
            self.push(received, -60 * minutes)
        self.hear(since, -60 * 100)
        self.assertFalse(self.env["biometric.flag"].search([("kind", "=", "skew")]))
        self.assertEqual(len(self.usable()), 3)

    def test_a_corrected_zone_takes_the_doubt_away(self):
        """Turns red when punches wait for a clock that was right all the time."""
        self.push(self.now - timedelta(minutes=9), 3600)
        self.hear(self.now - timedelta(hours=5), 3600)
        self.assertFalse(self.usable())
        self.device.zone_ids.sudo().tz = "Etc/GMT-1"
        self.assertEqual(len(self.usable()), 1)
        self.assertFalse(self.env["biometric.quarantine"].search([("reason", "=", "skew")]))

    def test_nobody_is_absent_while_a_punch_waits_for_its_time(self):
        """Turns red when a day is complete although a punch of a wrong clock waits."""
        self.push(self.now - timedelta(minutes=9), -3600)
        self.hear(self.now - timedelta(hours=5), -3600)
        day = (self.now - timedelta(minutes=69)).date()
        waiting = self.env["biometric.punch"]._waiting_dates(self.ana.ids, day, day)
        self.assertEqual(waiting, {(self.ana.id, day)})

    def test_a_year_2000_punch_counts_when_it_was_made(self):
        """Turns red when the dialog does not show the neighbours, when *count as* changes the
        punch or counts elsewhere, or when releasing into the year 2000 asks once."""
        self.push(datetime(2026, 3, 3, 8, 1))
        row = self.lane.punch(wall="2000-01-01 00:03:00", received_at="2026-03-03T08:05:00.000Z")
        self.store(self.agent, self.lane, row)
        self.push(datetime(2026, 3, 3, 8, 7))
        odd = self.env["biometric.punch"].search([("key", "=", row["key"])])
        (work,) = self.env["biometric.quarantine"].search([("punch_id", "=", odd.id)])
        self.assertEqual(work.reason, "clock")
        dialog, answer = self.decide(work.with_user(self.officer).action_release())
        self.assertEqual(answer["res_id"], dialog.id)
        self.assertIn("2000-01-01 00:03:00", dialog.warning)
        self.assertFalse(odd.decision_ids)
        action = work.with_user(self.officer).action_count_as()
        shown = (
            self.env["biometric.decide"]
            .with_user(self.officer)
            .with_context(**action["context"], lang="en_US")
            .create({"reason": "the battery of the terminal was empty"})
        )
        self.assertIn("8:01", shown.evidence)
        self.assertIn("8:07", shown.evidence)
        self.assertEqual(shown.counts_at, datetime(2026, 3, 3, 8, 5))
        shown.action_confirm()
        found = self.env["biometric.punch"]._usable(self.ana.ids, "2026-03-03", "2026-03-03")
        self.assertEqual(
            [punch.instant for punch in found],
            [datetime(2026, 3, 3, 8, minute) for minute in (1, 5, 7)],
        )
        self.assertEqual(odd.wall_time, "2000-01-01 00:03:00")
        self.assertFalse(
            self.env["biometric.punch"]._usable(self.ana.ids, "2000-01-01", "2000-01-02")
        )
        entry = self.env["biometric.audit"].search([("action", "=", "punch.count_as")], limit=1)
        self.assertEqual(entry.user_id, self.officer.id)
        self.assertIn(
            (self.ana.id, datetime(2026, 3, 3).date()), self.env["biometric.stale.day"]._pop(10000)
        )
        users = self.env["biometric.device.user"].search([("employee_id", "=", self.ana.id)])
        users.valid_from = "2026-03-02"
        self.assertIn(
            (self.ana.id, datetime(2026, 3, 3).date()), self.env["biometric.stale.day"]._pop(10000)
        )
        self.decide_again(odd)
        late = {odd.id: odd.stored_at + timedelta(hours=1)}
        with self.assertRaisesRegex(UserError, "after it was received"):
            self.env["biometric.decision"]._decide(odd, "count_as", "a typing mistake", late)
