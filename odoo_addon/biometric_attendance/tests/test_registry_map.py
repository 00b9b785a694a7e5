"""The registry mapper: whom a PIN fits and why, what a choice would do, and that it does that."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Date
from odoo.tests import new_test_user, tagged

from .common import Lane
from .test_fleet_device import GROUP, FleetCase


@tagged("post_install", "-at_install", "biometric_fleet")
class TestRegistryMap(FleetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls.env["biometric.device.user"]
        staff = cls.env["hr.employee"]
        cls.ann = staff.create({"name": "Ann Öberg", "barcode": "7001"})
        cls.ben = staff.create({"name": "Benjamin Featherstonehaugh-Smith"})
        cls.cid = staff.create({"name": "Cid Campeador"})
        cls.hall = cls.make_device(cls.agent, "SN2")
        cls.hall.name = "Hall"
        cls.far_agent, _token = cls.make_agent("Far branch")
        cls.far = cls.make_device(cls.far_agent, "SN3")
        cls.far.name = "Far gate"
        cls.lane = Lane("d" * 32)

    def told_by(self, *rows, device=None):
        """Rows of (PIN, name on the terminal), nobody's yet; returns them by PIN."""
        device = device or self.device
        users = self.users.create([{"device_id": device.id, "pin": pin} for pin, _name in rows])
        for user, (_pin, name) in zip(users, rows, strict=True):
            user.sudo().write({"device_name": name, "sync_state": "on_device"})
        return {user.pin: user for user in users}

    def punches(self, pin, *days, serial="SN1"):
        rows = [self.lane.punch(serial=serial, pin=pin, wall=f"{day} 08:00:00") for day in days]
        self.store(self.agent, self.lane, *rows)

    def door(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["biometric.registry.map"].with_user(user or self.hr_officer)

    def fits(self, user):
        return [
            (fit.employee_id, fit.percent, ", ".join(fit.reasons)) for fit in user._fits()[user]
        ]

    # ------------------------------------------------------------------ signs

    def test_each_sign_has_its_reason_and_its_weight(self):
        """Red when a sign is left out, or two that agree weigh no more than one."""
        self.users.map_pins(self.hall.ids, [["50", self.cid.id]])
        self.users.map_pins(self.far.ids, [["60", self.cid.id]])
        rows = self.told_by(
            ("7001", ""), ("07001", ""), ("50", ""), ("60", ""), ("8", "ann oberg"), ("9", "Benja")
        )
        expected = {
            "7001": (self.ann, 95, "same badge number"),
            "07001": (self.ann, 75, "same badge number except for leading zeros"),
            "50": (self.cid, 90, "same PIN at Hall of this branch"),
            "60": (self.cid, 60, "same PIN at Far gate"),
            "8": (self.ann, 85, "same name"),
            "9": (self.ben, 60, "the name starts like this"),
        }
        for pin, (employee, percent, reason) in expected.items():
            with self.subTest(pin):
                self.assertEqual(self.fits(rows[pin]), [(employee.id, percent, reason)])
        rows["7001"].sudo().device_name = "Ann Öberg"
        self.assertEqual(
            self.fits(rows["7001"]), [(self.ann.id, 99, "same badge number, same name")]
        )

    def test_a_name_that_says_otherwise_halves_it(self):
        """Red when the same PIN at the next terminal outweighs another person's name there."""
        self.users.map_pins(self.hall.ids, [["50", self.cid.id]])
        row = self.told_by(("50", "Zed"))["50"]
        reason = "same PIN at Hall of this branch, but the terminal calls them “Zed”"
        self.assertEqual(self.fits(row), [(self.cid.id, 45, reason)])
        # a part of the name is no contradiction
        row.sudo().device_name = "campeador c"
        self.assertEqual(self.fits(row)[0][1], 90)

    def test_who_is_not_there_any_more_is_nobodys_suggestion(self):
        """Red when somebody of another company, who left, or whose PIN ended is suggested; or two
        people of one name are."""
        company = self.env["res.company"].create({"name": "Next door"})
        self.env["hr.employee"].create({"name": "Zed", "company_id": company.id, "barcode": "99"})
        self.env["hr.employee"].create([{"name": "Dan"}, {"name": "Dan"}])
        self.users.map_pins(self.hall.ids, [["50", self.cid.id], ["51", self.ben.id]])
        self.users.search([("pin", "=", "51")]).valid_to = Date.subtract(Date.today(), days=10)
        self.cid.active = False
        rows = self.told_by(("50", ""), ("51", ""), ("99", "Zed"), ("4", "Dan"), ("5", "Be"))
        for pin, row in rows.items():
            with self.subTest(pin):
                self.assertEqual(self.fits(row), [])

    def test_what_two_people_fit_is_not_likely(self):
        self.users.map_pins(self.hall.ids, [["7001", self.cid.id]])
        row = self.told_by(("7001", ""))["7001"]
        fits = row._fits()[row]
        self.assertEqual([fit.employee_id for fit in fits], [self.ann.id, self.cid.id])
        self.assertFalse(row._is_likely(fits))
        self.assertTrue(row._is_likely(fits[:1]))
        self.assertFalse(row._is_likely([]))

    # ------------------------------------------------------------------ the screen

    def test_a_page_tells_pins_with_what_waits_for_them(self):
        self.told_by(("7001", "Ann Öberg"), ("12", ""))
        self.told_by(("12", ""), device=self.hall)
        self.punches("7001", "2026-03-02", "2026-03-04")
        told = self.door().open_map(device=self.device.id)
        rows = {row["pin"]: row for row in told["rows"]}
        self.assertEqual(set(rows), {"7001", "12"})
        row = rows["7001"]
        self.assertEqual((row["punches"], row["days"], row["likely"]), (2, 2, True))
        self.assertEqual(row["fits"][0]["name"], "Ann Öberg")
        self.assertEqual((rows["12"]["punches"], rows["12"]["fits"]), (0, []))
        self.assertIn([self.hall.id, "Hall", 1], told["devices"])
        found = self.door().open_map(search="ann")
        self.assertEqual([one["pin"] for one in found["rows"]], ["7001"])

    def test_people_without_a_pin_are_offered_and_anybody_is_found(self):
        self.users.map_pins(self.hall.ids, [["50", self.cid.id]])
        offered = {row["id"] for row in self.door().find_people()}
        self.assertIn(self.ann.id, offered)
        self.assertNotIn(self.cid.id, offered)
        (found,) = self.door().find_people("campea")
        self.assertEqual((found["id"], found["pins"]), (self.cid.id, "50 at Hall"))
        (found,) = self.door().find_people("7001")
        self.assertEqual(found["id"], self.ann.id)

    def test_the_effect_is_told_before_and_is_what_happens(self):
        """Red when a preview leaves something behind, or says another number than the act."""
        rows = self.told_by(("7001", ""), ("12", ""))
        self.punches("7001", "2026-03-02", "2026-03-10")
        self.punches("12", "2026-03-05")
        choices = [[rows["7001"].id, self.ann.id, False], [rows["12"].id, self.ben.id, False]]
        marks = "SELECT count(*) FROM biometric_stale_day"
        trail = self.env["biometric.audit"].search_count([])
        self.env.cr.execute(marks)
        before = self.env.cr.fetchone()
        told = self.door().preview(choices)
        # each date of a punch and both its neighbours
        self.assertEqual([row["days"] for row in told["rows"]], [6, 3])
        self.assertEqual((told["days"], told["people"]), (9, 2))
        self.env.cr.execute(marks)
        self.assertEqual(self.env.cr.fetchone(), before)
        self.assertFalse(rows["7001"].employee_id)
        self.assertEqual(self.env["biometric.audit"].search_count([]), trail)
        done = self.door().confirm(choices)
        self.assertEqual(done["days"], 9)
        self.assertEqual(done["people"], sorted((self.ann | self.ben).ids))
        self.assertEqual([row["name"] for row in done["rows"]], [self.ann.name, self.ben.name])
        self.assertEqual(self.door().count_waiting(done["people"]), 9)
        self.assertEqual((rows["7001"].employee_id, rows["12"].employee_id), (self.ann, self.ben))
        entries = self.env["biometric.audit"].search([], limit=2)
        self.assertEqual(set(entries.mapped("action")), {"mapping.change"})
        self.assertEqual(set(entries.mapped("user_id")), {self.hr_officer.id})
        self.env["biometric.day.rebuild"].sudo()._cron_rebuild()
        self.assertEqual(self.door().count_waiting(done["people"]), 0)

    def test_a_first_day_is_kept_and_limits_what_is_computed(self):
        row = self.told_by(("12", ""))["12"]
        self.punches("12", "2026-03-02", "2026-03-20")
        choices = [[row.id, self.ben.id, "2026-03-10"]]
        self.assertEqual(self.door().preview(choices)["days"], 3)
        self.door().confirm(choices)
        self.assertEqual(row.valid_from, Date.to_date("2026-03-10"))

    def test_conflicts_are_said_before(self):
        """Red when what seldom is meant passes in silence, or a refusal comes only at the end."""
        past = self.told_by(("12", ""))["12"]
        past.write({"employee_id": self.cid.id, "valid_from": "2026-01-01"})
        past.valid_to = "2026-03-01"
        rows = self.told_by(("7", ""), ("8", ""))
        again = self.users.create(
            {"device_id": self.device.id, "pin": "12", "valid_from": "2026-03-02"}
        )
        self.users.map_pins(self.device.ids, [["90", self.ann.id]])
        told = self.door().preview(
            [
                [again.id, self.ann.id, False],
                [rows["7"].id, self.ben.id, False],
                [rows["8"].id, self.ben.id, False],
            ]
        )
        notes = [" ".join(row["notes"]) for row in told["rows"]]
        self.assertIn("Ann Öberg already has PIN 90 here", notes[0])
        self.assertRegex(notes[0], r"this PIN belonged to Cid Campeador until Mar 1(, 2026)?")
        self.assertIn("Benjamin Featherstonehaugh-Smith gets PIN 8 here as well", notes[1])
        (row,) = self.door().preview([[again.id, self.ann.id, "2026-02-01"]])["rows"]
        self.assertEqual(row["days"], 0)
        self.assertIn("PIN 12 would belong to two people on the same day", row["problem"])
        with self.assertRefused("PIN 12 would belong to two people on the same day"):
            self.door().confirm(
                [[rows["7"].id, self.ben.id, False], [again.id, self.ann.id, "2026-02-01"]]
            )

    def test_what_was_mapped_meanwhile_is_not_written_over(self):
        rows = self.told_by(("7", ""), ("8", ""))
        rows["7"].employee_id = self.cid
        choices = [[rows["8"].id, self.ben.id, False], [rows["7"].id, self.ann.id, False]]
        with self.assertRefused("PIN 7 at .* was mapped in the meantime", UserError):
            self.door().confirm(choices)
        self.assertEqual((rows["7"].employee_id, rows["8"].employee_id.ids), (self.cid, []))
        with self.assertRefused("At most 200 PINs"):
            self.door().confirm(choices * 101)

    # ------------------------------------------------------------------ rights

    def test_who_may_map_today_maps_here_and_nobody_else(self):
        """Red when a reader maps, or an administrator of terminals sees names of people."""
        row = self.told_by(("7001", ""))["7001"]
        choices = [[row.id, self.ann.id, False]]
        self.assertTrue(self.door().open_map()["may_map"])
        auditor = new_test_user(self.env, "map-auditor", groups=GROUP + "auditor")
        self.assertFalse(self.door(auditor).open_map()["may_map"])
        for act in (
            lambda door: door.confirm(choices),
            lambda door: door.preview(choices),
            lambda door: door.find_people(),
            lambda door: door.count_waiting(self.ann.ids),
        ):
            with self.assertRefused("Terminal users", AccessError):
                act(self.door(auditor))
        with self.assertRefused("Terminal users", AccessError):
            self.door(self.administrator).open_map()
        self.assertEqual(self.door(self.approver).open_map()["rows"], [])

    def test_companies_are_apart(self):
        """Red when a PIN of one company may mean a person of another, or is seen from there."""
        row = self.told_by(("7001", ""))["7001"]
        company = self.env["res.company"].create({"name": "Next door"})
        stranger = self.env["hr.employee"].create({"name": "Zoe", "company_id": company.id})
        agent, _token = self.make_agent("Theirs", company=company)
        theirs = self.env["hr.employee"].create({"name": "Yan", "company_id": company.id})
        self.users.map_pins(self.make_device(agent, "SN9").ids, [["7001", theirs.id]])
        self.assertEqual(self.fits(row), [(self.ann.id, 95, "same badge number")])
        self.env["biometric.stale.day"]._mark([(self.ann.id, Date.today())])
        self.assertGreater(self.door().count_waiting(self.ann.ids), 0)
        with self.assertRefused("no longer exists, or you have no access", AccessError):
            self.door().confirm([[row.id, stranger.id, False]])
        self.hr_officer.company_ids = [Command.link(company.id)]
        both = self.door().with_context(allowed_company_ids=[self.env.company.id, company.id])
        (tried,) = both.preview([[row.id, stranger.id, False]])["rows"]
        self.assertTrue(tried["problem"])
        with self.assertRefused("compan"):
            both.confirm([[row.id, stranger.id, False]])
        there = self.door().with_context(allowed_company_ids=company.ids)
        self.assertEqual((there.open_map()["total"], there.open_map()["devices"]), (0, []))
        self.assertEqual([one["id"] for one in there.find_people()], [stranger.id])
        with self.assertRefused("no longer exists, or you have no access", AccessError):
            there.preview([[row.id, stranger.id, False]])
        self.assertEqual(there.count_waiting(self.ann.ids), 0)
