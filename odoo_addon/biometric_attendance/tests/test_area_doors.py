"""Areas at their edges: whoever comes from another company or without the right, and PINs that were
somebody else's before, are taken back, or are said for days gone by."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .area_case import AreaCase
from .test_fleet_device import GROUP


@tagged("post_install", "-at_install", "biometric_fleet")
class TestAreaDoors(AreaCase):
    def map_at(self, terminal, person, pin="7", first=False, last=False):
        values = {"device_id": terminal.id, "pin": pin, "employee_id": person.id}
        return self.users.create(values | {"valid_from": first, "valid_to": last})

    # ------------------------------------------------------------------ other companies

    def next_door(self):
        """A company of which the HR officer is not, with an area of one terminal and one person."""
        company = self.env["res.company"].create({"name": "Next door"})
        agent, _token = self.make_agent("Theirs", company=company)
        vault = self.make_device(agent, "SN8")
        zoe = self.env["hr.employee"].create({"name": "Zoe", "company_id": company.id})
        values = {"name": "Vault", "company_id": company.id}
        area = self.env["biometric.area"].create(values | {"device_ids": [Command.set(vault.ids)]})
        self.members.create({"area_id": area.id, "employee_id": zoe.id})
        return area, vault, zoe

    def test_the_effect_asks_nothing_of_a_terminal_of_another_company(self):
        """I6. Red when a terminal of another company, chosen and not yet saved, tells by the effect
        which PINs it has."""
        _area, vault, _zoe = self.next_door()
        self.belongs(self.ann)
        self.map_at(self.device, self.ann)
        self.seen("7", vault)
        reach = self.area._reach_of(self.device | vault)
        self.assertEqual((reach.pins, reach.conflicts), ([], []))

    def refused_by_rule(self):
        """What Odoo says of a record that no rule shows."""
        return self.assertRefused("doesn't have 'read' access|top-secret", AccessError)

    def test_nothing_of_an_area_of_another_company_opens(self):
        """I6. Red when a button, a dialog or a line reaches an area next door."""
        area, _vault, zoe = self.next_door()
        theirs = area.with_user(self.hr_officer)
        self.env.invalidate_all()
        join = self.env["biometric.area.join"].with_user(self.hr_officer)
        choice = {"area_id": area.id, "employee_ids": [Command.set(self.ann.ids)]}
        doors = [
            theirs.action_open_conflicts,
            theirs.action_open_members,
            theirs.action_open_places,
            theirs.action_write,
            lambda: theirs.onchange({"same_pins": True}, ["same_pins"], {"reach_text": {}}),
            lambda: join.create(choice),
            lambda: join.onchange(choice, ["area_id"], {"effect_text": {}}),
            lambda: self.belongs(self.ann, area=area),
            lambda: self.belongs(zoe),
        ]
        for number, door in enumerate(doors):
            with self.subTest(number), self.refused_by_rule(), self.env.cr.savepoint():
                door()
                self.env.flush_all()

    # ------------------------------------------------------------------ rights

    def test_what_the_service_says_nobody_writes(self):
        """Red when HR puts another's name under a statement, or an administrator of terminals puts
        one into an area by the terminal's own form."""
        self.state()
        with self.assertRefused("“Stated by” cannot be set manually"):
            self.area.with_user(self.hr_officer).stated_by_id = self.env.ref("base.user_admin")
        with self.assertRefused("“Areas” cannot be set manually"):
            self.device.with_user(self.administrator).area_ids = False

    def test_conflicts_are_for_who_sees_their_number(self):
        """Red when a leader learns how many PINs are against a statement, or an auditor writes."""
        self.state()
        for user in (self.approver, self.administrator):
            with self.assertRefused("People of areas and terminals", AccessError):
                self.area.with_user(user).action_open_conflicts()
        auditor = new_test_user(self.env, "doors-auditor", groups=GROUP + "auditor")
        self.belongs(self.ann)
        self.env.flush_all()
        area = self.area.with_user(auditor)
        self.assertEqual(area.action_open_conflicts()["domain"], [("id", "in", [])])
        with self.assertRefused("Write people to terminals", AccessError):
            area.action_write()

    # ------------------------------------------------------------------ days

    def test_an_earlier_day_that_a_person_named_stands(self):
        """Red when a mapping that HR began before the terminal's service counts elsewhere on days
        before it, which nobody stated."""
        self.device.sudo().in_service_from = "2026-03-01 00:00:00"
        self.belongs(self.ann, first=False)
        self.map_at(self.device, self.ann, first="2026-02-15")
        self.seen("7", self.hall)
        self.state()
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [("Ann Öberg", "2026-02-15", None)])

    def test_a_pin_whose_former_owner_left_is_given_to_the_next(self):
        """Red when a PIN that a terminal knows for days gone by alone means nobody there for ever
        after, and nothing shows it: at the next owner, or at somebody who comes back."""
        self.belongs(self.ann, self.bo)
        self.map_at(self.hall, self.bo, last="2026-02-28")
        self.map_at(self.device, self.ann, first="2026-03-01")
        self.punches("7", "2026-03-05")
        self.state()
        self.assertIn("Maps PINs by the statement of the area: 2;", self.area.reach_text)
        self.follow()
        after = [("Bo Cruz", None, "2026-02-28"), ("Ann Öberg", "2026-03-01", None)]
        self.assertEqual(self.spans("7", self.hall), after)
        newest = self.users.search([("device_id", "=", self.hall.id)], order="id desc", limit=1)
        self.assertIn("Area Plant North", self.last_entry(newest).reason)
        # what the hall said of the former owner counts at the gate as well
        both = [("Bo Cruz", "2026-01-01", "2026-02-28"), ("Ann Öberg", "2026-03-01", None)]
        self.assertEqual(self.spans("7", self.device), both)
        self.follow()
        self.assertEqual(self.spans("7", self.hall), after, "once")
        self.assertFalse(self.row("7", self.yard))

    def test_two_that_would_follow_a_former_owner_are_shown(self):
        """Red when one of two terminals wins over the other at a third that had the PIN before."""
        self.belongs(self.ann, self.bo, self.cid)
        self.map_at(self.yard, self.cid, last="2026-01-31")
        self.map_at(self.device, self.ann, first="2026-03-01")
        self.map_at(self.hall, self.bo, first="2026-03-01")
        self.state()
        self.follow()
        self.assertEqual(self.spans("7", self.yard), [("Cid Campeador", None, "2026-01-31")])
        area = self.area.with_user(self.hr_officer)
        self.assertIn(self.row("7", self.yard).id, area.action_open_conflicts()["domain"][0][2])

    def test_taken_back_on_all_terminals_together(self):
        """Red when a PIN that was cleared on every terminal of the area comes back by itself. One
        that is cleared on one terminal alone does: the others still say it."""
        self.belongs(self.ann)
        self.map_at(self.device, self.ann)
        self.seen("7", self.hall)
        self.state()
        self.follow()
        rows = self.row("7", self.device) | self.row("7", self.hall)
        rows[0].with_user(self.hr_officer).employee_id = False
        self.follow()
        self.assertEqual(rows.mapped("employee_id"), self.ann)
        rows.with_user(self.hr_officer).write({"employee_id": False})
        self.follow()
        self.assertFalse(rows.employee_id)

    # ------------------------------------------------------------------ words

    def test_who_belongs_no_longer_is_mapped_there_alone_and_it_says_so(self):
        """Red when the mapper is silent about somebody whose days in the area are over."""
        self.belongs(self.ann, last="2026-01-31")
        self.state()
        at_gate, _at_hall = self.seen("7", self.device, self.hall)
        self.env.flush_all()
        door = self.env["biometric.registry.map"].with_user(self.hr_officer)
        told = "Ann Öberg does not belong to Plant North: mapped on this terminal only"
        here = "also on Hall of Plant North"
        for first, also in (("2026-02-01", [told]), ("2026-01-31", [here])):
            (row,) = door.preview([[at_gate.id, self.ann.id, first]])["rows"]
            self.assertEqual(row["also"], also)
