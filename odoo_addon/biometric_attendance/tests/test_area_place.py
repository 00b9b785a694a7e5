"""Who of an area is missing on which terminal, who is there and no longer belongs, and the one
button that opens the dialog with exactly these."""

from datetime import timedelta

from odoo.fields import Datetime
from odoo.tests import tagged

from .area_case import AreaCase


@tagged("post_install", "-at_install", "biometric_fleet")
class TestAreaPlace(AreaCase):
    def on_device(self, pin, person, *terminals, **values):
        """A PIN of a person that the terminals' own lists have."""
        for terminal in terminals:
            self.users.map_pins(terminal.ids, [[pin, person.id]])
        rows = self.users.search(
            [("pin", "=", pin), ("device_id", "in", [t.id for t in terminals])]
        )
        rows.sudo().write(
            {"sync_state": "on_device", "device_name": person.name, "seen_at": Datetime.now()}
            | values
        )
        return rows

    def listed(self, area=None):
        """{(kind, name, terminal)}"""
        self.env.flush_all()
        self.env.invalidate_all()
        places = self.env["biometric.area.place"].with_user(self.hr_officer)
        return {
            (row.kind, row.sudo().employee_id.name, row.device_id.name)
            for row in places.search([("area_id", "=", (area or self.area).id)])
        }

    def test_who_is_missing_where(self):
        """Red when somebody who is on a terminal counts as missing, or one who is not is not told:
        never mapped, gone from its list, switched off there, mapped for days gone by."""
        self.belongs(self.ann, self.bo)
        self.on_device("7", self.ann, *self.terminals)
        gone = self.on_device("8", self.bo, *self.terminals)
        self.assertEqual(self.listed(), set())
        states = [{"sync_state": "gone"}, {"privilege": "1"}]
        for row, values in zip(gone, states, strict=False):
            row.sudo().write(values)
        gone[2].sudo().valid_to = self.today - timedelta(days=1)
        missing = {("missing", "Bo Cruz", name) for name in ("Gate", "Hall", "Yard")}
        self.assertEqual(self.listed() & missing, missing)
        area = self.area.with_user(self.hr_officer)
        area.invalidate_recordset()
        self.assertEqual((area.missing_count, area.extra_count), (3, 0))
        self.assertEqual(area.missing_text, "People missing: Gate 1, Hall 1, Yard 1")

    def test_a_list_that_was_not_read_is_no_proof_of_absence(self):
        """Red when somebody whose PIN is mapped is called missing on a terminal that never said
        whom it has: they would be written over what is there."""
        self.belongs(self.ann)
        self.users.map_pins(self.terminals.ids, [["7", self.ann.id]])
        self.assertEqual(self.listed(), set())

    def test_only_who_belongs_and_works_today_is_missing(self):
        """Red when somebody is asked for before the first day, after the last, or at a terminal
        that is not in use."""
        tomorrow, yesterday = (self.today + timedelta(days=n) for n in (1, -1))
        self.belongs(self.ann, first=tomorrow)
        self.belongs(self.bo, last=yesterday)
        self.belongs(self.cid)
        self.yard.sudo().state = "moved"
        told = {("missing", "Cid Campeador", name) for name in ("Gate", "Hall")}
        self.assertEqual(self.listed(), told)
        self.cid.current_version_id.write(
            {"contract_date_start": self.today - timedelta(days=90)}
            | {"contract_date_end": yesterday}
        )
        self.assertEqual(self.listed(), set())

    def test_who_no_longer_belongs_is_told_until_switched_off(self):
        """Red when somebody who left the area, or the company, stays on a terminal unnoticed; or
        one is told who never belonged, belongs by another area, or whose PIN is another's now."""
        self.on_device("7", self.ann, self.device)
        self.on_device("8", self.bo, self.device)
        self.on_device("9", self.cid, self.device)
        lines = self.belongs(self.ann, self.bo)
        lines.valid_to = self.today - timedelta(days=1)
        extra = {("extra", "Ann Öberg", "Gate"), ("extra", "Bo Cruz", "Gate")}
        self.assertEqual(self.listed(), extra)
        self.belongs(self.bo, area=self.make_area("Gatehouse", self.device))
        self.assertEqual(self.listed(), {("extra", "Ann Öberg", "Gate")})
        mapping = self.row("7", self.device)
        mapping.privilege = "1"
        self.assertEqual(self.listed(), set())
        mapping.sudo().privilege = "0"
        mapping.valid_to = self.today - timedelta(days=1)
        self.assertEqual(self.listed(), {("extra", "Ann Öberg", "Gate")})
        self.users.create(
            {"device_id": self.device.id, "pin": "7", "employee_id": self.cid.id}
            | {"valid_from": self.today}
        )
        self.assertEqual(self.listed(), set())

    def test_an_archived_person_is_told(self):
        """Red when departure leaves somebody on a terminal of the area unnoticed."""
        self.on_device("7", self.ann, self.hall)
        self.belongs(self.ann)
        self.ann.action_archive()
        self.assertEqual(self.listed(), {("extra", "Ann Öberg", "Hall")})

    def test_who_has_not_consented_stays_left_out(self):
        """P17. Red when an area asks to write somebody to a terminal who agreed to nothing."""
        self.belongs(self.ann, self.bo)
        self.env["biometric.consent"].sudo()._keep(self.bo, "no_biometrics", self.today)
        self.env.company.biometric_needs_consent = True
        self.area.device_ids = self.device
        told = {("left_out", "Ann Öberg", "Gate"), ("missing", "Bo Cruz", "Gate")}
        self.assertEqual(self.listed(), told)
        area = self.area.with_user(self.hr_officer)
        self.assertEqual((area.missing_count, area.left_out_count), (1, 1))
        opened = self.env["biometric.user.push"].browse(area.action_write()["res_id"])
        self.assertEqual(opened.line_ids.employee_id, self.bo)

    def test_the_button_opens_exactly_these_and_writes_nothing(self):
        """Red when a terminal gets an order before somebody confirmed, or the dialog holds others
        than the counters say."""
        self.device.sudo().write({"poll_host": "192.168.1.201", "polled_at": Datetime.now()})
        self.area.device_ids = self.device
        self.belongs(self.ann)
        self.belongs(self.bo, last=self.today - timedelta(days=1))
        self.on_device("8", self.bo, self.device, privilege="0")
        self.listed()
        area = self.area.with_user(self.hr_officer)
        dialog = self.env["biometric.user.push"].with_user(self.hr_officer)
        dialog = dialog.browse(area.action_write()["res_id"])
        told = {(line.wish, line.employee_id.name) for line in dialog.sudo().line_ids}
        self.assertEqual(told, {("write", "Ann Öberg"), ("disable", "Bo Cruz")})
        orders = [("device_id", "=", self.device.id), ("name", "=", "push_user")]
        self.assertFalse(self.env["biometric.command"].search(orders))
        dialog.line_ids.filtered(lambda line: line.wish == "write").wanted_pin = "21"
        dialog.action_confirm()
        self.assertEqual(self.env["biometric.command"].search_count(orders), 2)
        self.env.invalidate_all()
        self.listed()
        with self.assertRefused("Everybody who belongs here is on the terminals"):
            self.env["biometric.area.place"].with_user(self.hr_officer).action_write()

    def test_a_counter_leads_to_its_list(self):
        """Red when a number and the list behind it differ."""
        self.belongs(self.ann, self.bo)
        self.listed()
        area = self.area.with_user(self.hr_officer)
        action = area.with_context(biometric_kind="missing").action_open_places()
        places = self.env["biometric.area.place"].with_user(self.hr_officer)
        self.assertEqual(places.search_count(action["domain"]), area.missing_count)
        self.assertEqual(area.missing_count, 6)

    def test_fifty_terminals_in_twenty_queries(self):
        """Red when the form or the list behind its counter asks once a person or a terminal; with
        500 people the list behind it takes PostgreSQL half a second, measured by hand."""
        made = self.env["biometric.device"].create(
            [{"name": f"T{n}", "serial": f"MANY{n}", "agent_id": self.agent.id} for n in range(47)]
        )
        made.sudo().state = "active"
        people = self.env["hr.employee"].create([{"name": f"P{n}"} for n in range(12)])
        area = self.make_area("Large", self.terminals | made, same_pins=True)
        self.env.flush_all()
        # rows as such, not the acts that make them
        for statement in (
            """INSERT INTO biometric_area_member (company_id, area_id, employee_id, valid_from)
               SELECT %(company)s, %(area)s, p, '2026-01-01' FROM unnest(%(people)s) p""",
            """INSERT INTO biometric_device_user
                      (company_id, device_id, pin, employee_id, sync_state)
               SELECT %(company)s, %(device)s, p::text, p, 'on_device' FROM unnest(%(people)s) p""",
            """INSERT INTO biometric_device_user (company_id, device_id, pin, sync_state)
               SELECT %(company)s, d, p::text, 'gone'
                 FROM unnest(%(people)s) p, unnest(%(terminals)s) d""",
        ):
            self.env.cr.execute(
                statement,
                {"company": self.env.company.id, "area": area.id, "device": self.device.id}
                | {"people": people.ids, "terminals": made.ids},
            )
        self.env.invalidate_all()
        form = area.with_user(self.hr_officer)
        spec = dict.fromkeys(
            ("missing_count", "extra_count", "left_out_count", "missing_text", "member_count"), {}
        ) | {"reach_text": {}, "conflict_count": {}, "name": {}}
        # rights and rules are known from the first look
        form.web_read(spec)
        self.env.invalidate_all()
        with self.assertQueryCount(20):
            (told,) = form.web_read(spec)
        self.assertEqual(told["missing_count"], 49 * 12)
        self.env.invalidate_all()
        places = self.env["biometric.area.place"].with_user(self.hr_officer)
        with self.assertQueryCount(20):
            page = places.web_search_read(
                [("area_id", "=", area.id)],
                {"employee_id": {}, "device_id": {}, "kind": {}},
                limit=80,
            )
        self.assertEqual(len(page["records"]), 80)
        action = form.action_write()
        self.assertEqual(action["res_model"], "biometric.area.place", "too many for one dialog")
