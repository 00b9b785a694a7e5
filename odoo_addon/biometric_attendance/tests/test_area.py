"""Areas and who belongs to them: spans, rights, companies, leaving, adding many at once."""

from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .area_case import AreaCase
from .test_fleet_device import GROUP


@tagged("post_install", "-at_install", "biometric_fleet")
class TestArea(AreaCase):
    def join(self, **values):
        dialogs = self.env["biometric.area.join"].with_user(self.hr_officer)
        return dialogs.create({"area_id": self.area.id} | values)

    # ------------------------------------------------------------------ spans

    def test_a_person_belongs_once_at_a_time(self):
        """Red when two lines of one person and area share a day, or a line ends before it starts;
        an end and a new beginning are right."""
        self.belongs(self.ann, first="2026-01-01", last="2026-01-31")
        self.belongs(self.ann, first="2026-02-01")
        with self.assertRefused("Ann Öberg already belongs to Plant North", ValidationError):
            self.belongs(self.ann, first="2026-03-01")
        with self.assertRefused("cannot end before it starts", ValidationError):
            self.belongs(self.bo, first="2026-02-02", last="2026-02-01")
        with self.assertRefused("Area and person of a line cannot be changed"):
            self.area.member_ids[0].employee_id = self.bo

    def test_names_are_unique_in_a_company_and_an_area_stays_there(self):
        """Red when two areas of a company have one name, or an area takes its people along."""
        company = self.env["res.company"].create({"name": "Next door"})
        self.env["biometric.area"].create({"name": "Plant North", "company_id": company.id})
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, "biometric_area_one_name"),
            self.env.cr.savepoint(),
        ):
            self.make_area("Plant North", self.hall)
            self.env.flush_all()
        with self.assertRefused("An area stays in its company"):
            self.area.company_id = company

    def test_a_copy_is_called_so_and_states_nothing(self):
        """Red when *Duplicate* hits the name that is taken, once or twice or beside an archived
        copy, or a copy says in somebody's name that PINs are the same."""
        self.state()
        area = self.area.with_user(self.hr_officer)
        first = area.copy()
        first.active = False
        names = [first.name, area.copy().name, area.copy({"name": "South"}).name]
        self.assertEqual(names, ["Plant North (copy)", "Plant North (copy) 2", "South"])
        self.assertEqual(first.device_ids, self.terminals)
        self.assertFalse(first.same_pins or first.stated_by_id)

    def test_what_it_was_made_of_is_in_the_trail(self):
        """I5. Red when a terminal, a person or a date of an area changes without an entry, or one
        ends without: by deleting the area, the terminal or the person. Red when the sentence does
        not say which area."""
        line = self.belongs(self.ann)
        line.with_user(self.hr_officer).valid_to = "2026-05-31"
        entry = self.last_entry(line)
        self.assertEqual(
            (entry.action, entry.user_id, entry.person_id),
            ("area_member.change", self.hr_officer.id, self.ann.id),
        )
        self.assertEqual(self.last_entry(self.area).action, "area.create")
        who = entry.user_name
        born = self.env["biometric.audit"].search(
            [("model", "=", line._name), ("res_id", "=", line.id)], order="id", limit=1
        )
        self.assertEqual(born.story, f"{who} added Ann Öberg to the area Plant North")
        self.assertEqual(
            entry.story, f"{who} changed the dates of Ann Öberg in the area Plant North"
        )
        spare = self.make_device(self.agent, "SN9")
        self.area.device_ids |= spare
        added = self.last_entry(self.area)
        self.assertEqual(added.action, "area.change")
        spare.unlink()
        entry = self.last_entry(self.area)
        self.assertNotEqual(entry, added, "that the terminal went is an entry of its own")
        self.assertEqual((entry.action, self.area.device_ids), ("area.change", self.terminals))
        new = self.env["hr.employee"].create({"name": "New"})
        gone = self.belongs(new)
        new.unlink()
        self.assertEqual(self.last_entry(gone).action, "area_member.remove")
        self.area.with_user(self.hr_officer).unlink()
        entry = self.last_entry(line)
        self.assertEqual(entry.action, "area_member.remove")
        self.assertIn(" removed Ann Öberg from the area Plant North", entry.story)
        self.assertEqual(self.last_entry(self.area).action, "area.remove")

    # ------------------------------------------------------------------ leaving

    def test_leaving_ends_it(self):
        """Red when somebody who was archived still belongs, or whose contract ended earlier belongs
        until the day of archiving; or what had not begun begins."""
        other = self.make_area("South", self.yard)
        old = self.belongs(self.ann, self.bo)
        ahead = self.belongs(self.ann, area=other, first=self.today + timedelta(days=9))
        ended = self.today - timedelta(days=3)
        self.bo.current_version_id.write(
            {"contract_date_start": self.today - timedelta(days=90), "contract_date_end": ended}
        )
        (self.ann | self.bo).action_archive()
        self.assertEqual(old.mapped("valid_to"), [self.today, ended])
        self.assertFalse(ahead.exists())
        self.assertEqual(self.last_entry(old[0]).reason, "No longer employed")

    def test_another_company_ends_it(self):
        """I6. Red when somebody who went to another company still belongs to the former one's."""
        company = self.env["res.company"].create({"name": "Next door"})
        line = self.belongs(self.ann)
        self.ann.company_id = company
        self.assertEqual(line.valid_to, self.today)

    # ------------------------------------------------------------------ many at once

    def test_a_department_is_added_at_once(self):
        """Red when people of a department below are left out, somebody gets a second line, or the
        dialog says another number before than it adds."""
        whole = self.env["hr.department"].create({"name": "Plant"})
        part = self.env["hr.department"].create({"name": "Paint", "parent_id": whole.id})
        self.ann.department_id, self.bo.department_id = whole, part
        self.belongs(self.ann)
        dialog = self.join(
            department_ids=[Command.set(whole.ids)],
            employee_ids=[Command.set(self.cid.ids)],
            valid_from="2026-02-01",
        )
        self.assertEqual(
            dialog.effect_text, "People added: 2. Already in the area on these days: 1."
        )
        action = dialog.action_confirm()
        self.assertEqual(action["res_model"], "biometric.area.member")
        self.assertEqual(self.area.member_ids.employee_id, self.ann | self.bo | self.cid)
        self.assertEqual(self.area.member_count, 3)
        with self.assertRefused("All of them belong to the area on these days already"):
            dialog.action_confirm()
        with self.assertRefused("Select a department or people first"):
            self.join().action_confirm()

    def test_dates_of_several_lines_are_changed_together(self):
        """Red when the list's own edit of several lines is refused."""
        lines = self.belongs(self.ann, self.bo)
        lines.with_user(self.hr_officer).write({"valid_to": "2026-06-30"})
        self.assertEqual(set(lines.mapped("valid_to")), {Date.to_date("2026-06-30")})

    def test_a_form_leads_to_its_people_and_a_person_to_their_areas(self):
        """Red when the employee or the terminal does not say its areas."""
        self.belongs(self.ann)
        person = self.env["hr.employee"].with_user(self.hr_officer).browse(self.ann.id)
        self.assertEqual(person.sudo().biometric_area_member_ids.area_id, self.area)
        self.assertEqual(self.device.with_user(self.administrator).area_ids, self.area)
        action = self.area.with_user(self.hr_officer).action_open_members()
        self.assertEqual(
            self.members.with_user(self.hr_officer).search(action["domain"]).employee_id, self.ann
        )

    # ------------------------------------------------------------------ rights

    def test_who_keeps_areas_and_who_sees_whom(self):
        """Red when a leader sees people of another team, an administrator of terminals people at
        all, or anybody but HR changes one."""
        leader = self.env["hr.employee"].create({"name": "L", "user_id": self.approver.id})
        self.ann.parent_id = leader
        lines = self.belongs(self.ann, self.bo)
        seen = self.members.with_user(self.approver).search([("area_id", "=", self.area.id)])
        self.assertEqual(seen, lines[0])
        for user in (self.approver, self.administrator):
            area = self.area.with_user(user)
            self.assertEqual(area.name, "Plant North")
            with self.assertRefused("Areas", AccessError):
                area.write({"name": "Mine"})
            with self.assertRefused("People of areas", AccessError):
                self.members.with_user(user).create(
                    {"area_id": self.area.id, "employee_id": self.cid.id}
                )
        with self.assertRefused("People of areas", AccessError):
            self.members.with_user(self.administrator).search([])
        auditor = new_test_user(self.env, "area-auditor", groups=GROUP + "auditor")
        self.assertEqual(self.members.with_user(auditor).search_count([]), 2)
        for user in (self.approver, self.administrator):
            with self.assertRefused("terminals", AccessError):
                self.area.with_user(user).action_write()

    def test_companies_are_apart(self):
        """I6. Red when an area has a terminal or a person of another company, or is seen there."""
        company = self.env["res.company"].create({"name": "Next door"})
        agent, _token = self.make_agent("Theirs", company=company)
        theirs = self.make_device(agent, "SN8")
        stranger = self.env["hr.employee"].create({"name": "Zoe", "company_id": company.id})
        self.belongs(self.ann)
        with self.assertRefused("compan"):
            self.area.device_ids |= theirs
        with self.assertRefused("compan"):
            self.belongs(stranger)
        self.hr_officer.company_ids = [Command.link(company.id)]
        there = {"allowed_company_ids": company.ids}
        for name in ("biometric.area", "biometric.area.member", "biometric.area.place"):
            model = self.env[name].with_user(self.hr_officer)
            self.assertTrue(model.search([]), name)
            self.assertFalse(model.with_context(**there).search([]), name)
