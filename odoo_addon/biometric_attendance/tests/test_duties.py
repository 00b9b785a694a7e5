"""Who may decide about whom: requester and subject compared where the act is recorded."""

import base64

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import new_test_user, tagged

from .common import Lane
from .test_day import MONDAY, DayCase

GROUP = "base.group_user,biometric_attendance.group_"
REASON = "the terminal was being repaired"


@tagged("post_install", "-at_install")
class TestDuties(DayCase):
    """Ana is an HR officer with a PIN of her own; whether there is another one, each test says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whoever holds the roles by installation is one more who may; here nobody is.
        cls.env.ref("base.user_admin").group_ids -= cls.env.ref(
            "biometric_attendance.group_hr_officer"
        )
        cls.ana = new_test_user(cls.env, "duty-ana", GROUP + "hr_officer")
        cls.employee.user_id = cls.ana
        cls.other = cls.make_employee("Ben Cruz", "8")
        cls.lane = Lane("d" * 32)

    def make_second(self):
        return new_test_user(self.env, "duty-second", GROUP + "hr_officer")

    def punch(self, pin="7", wall=f"{MONDAY} 08:00:00", **values):
        row = self.lane.punch(pin=pin, wall=wall, **values)
        self.store(self.agent, self.lane, row)
        return self.env["biometric.punch"].search([("key", "=", row["key"])])

    def last(self, action):
        return self.env["biometric.audit"].search([("action", "=", action)], limit=1)

    def acts_about_ana(self):
        """{name: act} of Ana about herself alone: each called anew."""
        user = self.env["biometric.device.user"].with_user(self.ana)
        mine = user.search([("employee_id", "=", self.employee.id)])
        rosters = self.env["biometric.roster"].with_user(self.ana)
        rules = self.env["biometric.rule"].with_user(self.ana)
        punch = self.punch()
        decisions = self.env["biometric.decision"].with_user(self.ana)
        gap = self.env["biometric.gap"].create(
            {
                "company_id": self.device.company_id.id,
                "device_id": self.lonely_device().id,
                "kind": "silence",
                "window_from": f"{MONDAY} 08:00:00",
                "window_to": f"{MONDAY} 09:00:00",
            }
        )
        return {
            "punch.discard": lambda: decisions._decide(punch, "discard", REASON),
            "mapping.change": lambda: mine.write({"employee_id": False}),
            "mapping.create": lambda: user.create(
                {"device_id": self.device.id, "pin": "99", "employee_id": self.employee.id}
            ),
            "mapping.remove": lambda: mine.unlink(),
            "roster.create": lambda: rosters.create(
                {"employee_id": self.employee.id, "date": MONDAY}
            ),
            "rule.create": lambda: rules.create(
                {"name": "Mine", "valid_from": MONDAY, "employee_ids": [(4, self.employee.id)]}
            ),
            "gap.accept": lambda: gap.with_user(self.ana).action_accept(REASON),
        }

    def lonely_device(self):
        device = self.make_device(self.agent, serial=f"LONELY{Datetime.now().timestamp():.0f}")
        self.env["biometric.device.user"].map_pins(device.ids, [["1", self.employee.id]])
        return device

    def undone(self, act):
        """Run the act and take it back; the entry it left, or the UserError."""
        with self.env.cr.savepoint() as savepoint:
            act()
            self.env.flush_all()
            entry = self.env["biometric.audit"].search([], limit=1)
            values = (entry.action, entry.self_approved, entry.login)
            savepoint.close(rollback=True)
        self.env.invalidate_all()
        return values

    def test_a02_nobody_decides_about_themselves_while_another_may(self):
        """A02. Turns red when one of the acts forgets whom it concerns, when taking oneself off the
        PIN first helps, or when what was refused stays where the refusal was caught."""
        acts = self.acts_about_ana()
        self.make_second()
        entries = self.env["biometric.audit"].search_count([])
        for name, act in acts.items():
            with (
                self.subTest(name),
                self.assertRaisesRegex(
                    UserError, "You cannot decide about yourself: this concerns "
                ),
            ):
                act()
        mine = self.env["biometric.device.user"].search([("employee_id", "=", self.employee.id)])
        self.assertEqual(len(mine), 2, "her PINs stand as they stood")
        self.assertFalse(self.env["biometric.rule"].search([("name", "=", "Mine")]))
        self.assertEqual(self.env["biometric.audit"].search_count([]), entries)

    def test_a02_what_is_a_colleagues_does_not_become_ones_own(self):
        """A02. Turns red when before and after are compared as one: a colleague's PIN or shift that
        comes to be the actor's, or the actor's that becomes a colleague's, concerned two."""
        second = self.make_second()
        pins = self.env["biometric.device.user"]
        roster = self.env["biometric.roster"].create({"employee_id": self.other.id, "date": MONDAY})
        theirs = pins.search([("employee_id", "=", self.other.id)])
        mine = pins.search([("employee_id", "=", self.employee.id)], limit=1)
        for record, whose in (
            (theirs, self.employee),
            (roster, self.employee),
            (mine, self.other),
        ):
            own = record.with_user(self.ana)
            with (
                self.subTest(record),
                self.assertRaisesRegex(
                    UserError, "You cannot decide about yourself: this concerns "
                ),
            ):
                own.write({"employee_id": whose.id})
        theirs.with_user(second).write({"employee_id": self.employee.id})
        self.assertFalse(self.last("mapping.change").self_approved)

    def test_a02_who_takes_the_login_off_their_record_is_the_same_person(self):
        """A02. Turns red when only the employees of this moment are compared."""
        self.make_second()
        punch = self.punch()
        self.employee.sudo().user_id = False
        self.assertEqual(self.last("person.login").person_id, self.employee.id)
        with self.assertRaisesRegex(UserError, "You cannot decide about yourself: this concerns "):
            self.env["biometric.decision"].with_user(self.ana)._decide(punch, "discard", REASON)

    def test_a04_the_only_one_may_and_it_shows(self):
        """A04. Turns red when the only officer stands before a refusal, when an act about oneself
        is not marked, or when the mark is not where it counts: entry, day, sheet, payroll."""
        for name, act in self.acts_about_ana().items():
            with self.subTest(name):
                self.assertEqual(self.undone(act), (name, True, "duty-ana"))
        self.in_and_out()
        odd = self.punch(wall=f"{MONDAY} 12:00:00")
        self.env["biometric.decision"].with_user(self.ana)._decide(odd, "discard", REASON)
        self.rebuild()
        day = self.day()
        self.assertTrue(day.self_approved)
        self.assertIn(day, day.search([("self_approved", "=", True)]))
        self.assertNotIn(day, day.search([("self_approved", "=", False)]))
        sheet = self.env["biometric.sheet"].create({"date_from": MONDAY, "date_to": MONDAY})
        page = (
            self.env["ir.actions.report"]
            ._render_qweb_html("biometric_attendance.month_sheet", sheet.ids)[0]
            .decode()
        )
        self.assertIn("the employee made alone: 1.", page)
        export = self.env["biometric.export"].create({"date_from": MONDAY, "date_to": MONDAY})
        export.action_generate()
        record = base64.b64decode(export.control).decode()
        self.assertRegex(record, r'"self_approved_days": \[\s*\[\s*"B7"')

    def in_and_out(self):
        for clock in ("08:00:00", "17:00:00"):
            self.punch(wall=f"{MONDAY} {clock}")

    def test_a04_an_act_about_many_is_marked_and_not_refused(self):
        """A04. Turns red when a rule set for all, or a time zone, that touches its own actor is
        refused, or goes through without a mark."""
        self.make_second()
        rules = self.env["biometric.rule"].with_user(self.ana)
        rules.create({"name": "Everybody", "valid_from": MONDAY})
        self.assertTrue(self.last("rule.create").self_approved)
        rules.create({"name": "Draft", "valid_from": MONDAY, "state": "draft"})
        self.assertFalse(self.last("rule.create").self_approved, "a draft counts for nobody")
        self.device.name = "Door"
        self.assertFalse(self.last("device.change").self_approved, "a name pays nobody")

    def test_a04_another_person_is_not_marked(self):
        """Turns red when the mark is set for acts about others."""
        second = self.make_second()
        punch = self.punch()
        self.env["biometric.decision"].with_user(second)._decide(punch, "discard", REASON)
        self.assertFalse(self.last("punch.discard").self_approved)
        self.assertFalse(self.env["biometric.audit.concern"].search([("is_self", "=", True)]))

    def test_a06_a_reason_comes_from_a_dialog_alone(self):
        """A06. Turns red when a call's context can put a reason into the trail, or a short one
        passes: a time zone is moved only with words somebody was asked for."""
        admin = new_test_user(self.env, "duty-admin", GROUP + "administrator")
        self.punch()
        zone = self.device.zone_ids.with_user(admin)
        loud = zone.with_context(biometric_reason="a reason from outside, long enough")
        with self.assertRaisesRegex(UserError, "Correct time zone"):
            loud.tz = "Asia/Tokyo"
        change = {"device_id": self.device.id, "tz": "Asia/Tokyo"}
        dialogs = self.env["biometric.zone.change"].with_user(admin)
        with self.assertRaisesRegex(UserError, "at least 10 characters"):
            dialogs.create(change | {"reason": "  short   "}).action_confirm()
        dialogs.create(change | {"reason": REASON}).action_confirm()
        self.assertEqual(self.last("zone.change").reason, REASON)
        self.device.with_user(admin).with_context(biometric_reason=REASON).name = "Gate"
        self.assertFalse(self.last("device.change").reason)


@tagged("post_install", "-at_install")
class TestCarriedByOneself(DayCase):
    """A file in which the person who brought it comes to work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.user_admin").group_ids -= cls.env.ref(
            "biometric_attendance.group_hr_officer"
        )
        cls.ana = new_test_user(cls.env, "carry-ana", GROUP + "hr_officer")
        cls.ben = new_test_user(cls.env, "carry-ben", GROUP + "hr_officer")
        cls.employee.user_id = cls.ana
        cls.other = cls.make_employee("Ben Cruz", "8")

    def carry(self, *lines, user=None):
        data = "".join(f"{pin}\t{MONDAY} {clock}\t1\t0\t1\t0\r\n" for pin, clock in lines)
        dialog = (
            self.env["biometric.carry"]
            .with_user(user or self.ana)
            .create(
                {
                    "device_id": self.device.id,
                    "file": base64.b64encode(data.encode()),
                    "file_name": "attlog.dat",
                }
            )
        )
        dialog.action_confirm()
        return dialog

    def counting(self, employee=None):
        people = (employee or self.employee).ids
        return [row.wall_time[11:16] for row in self.usable(people)]

    def usable(self, people):
        return self.env["biometric.punch"]._usable(people, MONDAY, MONDAY)

    def waiting(self):
        return self.env["biometric.quarantine"].search([("reason", "=", "own_carried")]).punch_id

    def test_a50_ones_own_punches_wait_the_rest_counts(self):
        """A50. Turns red when a punch that only its own person brought counts, when the rest of
        the file waits with it, or when nobody is told that it waits."""
        dialog = self.carry(("7", "08:00:00"), ("8", "08:01:00"), ("7", "17:00:00"))
        self.assertEqual((self.counting(), self.counting(self.other)), ([], ["08:01"]))
        self.assertEqual(self.waiting().mapped("pin"), ["7", "7"])
        self.assertEqual(dialog.own_count, 2)
        entry = self.env["biometric.audit"].search([("action", "=", "file.upload")], limit=1)
        self.assertIn('"own":2', entry.after)

    def test_a50_the_terminal_or_another_person_vouches(self):
        """A50. Turns red when the same key by push or a read does not count, when one's own
        release does, or when the days are not computed again by either."""
        self.carry(("7", "08:00:00"), ("7", "17:00:00"))
        stale = self.env["biometric.stale.day"]
        stale.search([]).unlink()
        lane = Lane("e" * 32)
        self.store(self.agent, lane, lane.punch(wall=f"{MONDAY} 08:00:00", channel="poll"))
        self.assertIn(MONDAY, stale.search([]).mapped("date"))
        self.assertEqual(self.counting(), ["08:00"])
        late = self.waiting()
        self.assertEqual(late.wall_time, f"{MONDAY} 17:00:00")
        decisions = self.env["biometric.decision"]
        with self.assertRefused("You cannot decide about yourself: this concerns Ana Reyes"):
            decisions.with_user(self.ana)._decide(late, "release", REASON)
        decisions.with_user(self.ben)._decide(late, "release", REASON)
        self.assertEqual(self.counting(), ["08:00", "17:00"])
        self.assertFalse(self.waiting())

    def test_a50_a_pin_that_meant_the_carrier_within_the_files_dates(self):
        """A50. Turns red when mapping one's PIN to somebody else after the upload, or for some of
        its days, makes the file count."""
        other_day = MONDAY.replace(day=5)
        data = f"7\t{MONDAY} 08:00:00\t1\t0\n7\t{other_day} 08:00:00\t1\t0\n"
        self.env["biometric.carry"].with_user(self.ana).create(
            {"device_id": self.device.id, "file": base64.b64encode(data.encode())}
        ).action_confirm()
        users = self.env["biometric.device.user"]
        users.search([("pin", "=", "7")]).valid_to = MONDAY
        users.map_pins(self.device.ids, [["7", self.other.id, "2026-03-03"]])
        found = self.env["biometric.punch"]._usable(self.other.ids, other_day, other_day)
        self.assertEqual(found, [])
        self.assertEqual(len(self.waiting()), 2)
        # Whose PIN it never was within the file's dates, is not concerned.
        users.search([("pin", "=", "7"), ("employee_id", "=", self.employee.id)]).unlink()
        found = self.env["biometric.punch"]._usable(self.other.ids, other_day, other_day)
        self.assertEqual(len(found), 1)

    def test_a50_a_release_before_the_pin_was_mapped_counts_for_others_only(self):
        """A50, A02. Turns red when an officer releases the punches of a PIN that means nobody yet
        and is mapped to it afterwards."""
        lane = Lane("f" * 32)
        row = lane.punch(
            pin="55", wall="2026-03-02 09:00:00", received_at="2026-03-02T01:00:01.000Z"
        )
        self.store(self.agent, lane, row)
        punch = self.env["biometric.punch"].search([("key", "=", row["key"])])
        self.assertTrue(punch)
        instant = {punch.id: Datetime.to_datetime(f"{MONDAY} 01:00:00")}
        self.env["biometric.decision"].with_user(self.ana)._decide(
            punch, "count_as", REASON, instant
        )
        self.env["biometric.device.user"].map_pins(
            self.device.ids, [["55", self.employee.id, "2026-01-01"]]
        )
        self.assertEqual(self.counting(), [])
        self.env["biometric.decision"].with_user(self.ben)._decide(
            punch, "count_as", REASON, instant
        )
        self.assertEqual(self.counting(), ["09:00"])

    def test_a50_a_login_moved_away_changes_nothing_that_was_brought(self):
        """A50. Turns red when taking the login off one's record makes one's file count."""
        self.carry(("7", "08:00:00"))
        self.employee.sudo().user_id = False
        self.assertEqual(self.counting(), [])
        self.assertTrue(self.env["biometric.stale.day"].search([]))

    def test_a50_nobody_below_brings_files(self):
        approver = new_test_user(self.env, "carry-chief", GROUP + "approver")
        with self.assertRaises(AccessError):
            self.carry(("7", "08:00:00"), user=approver)
