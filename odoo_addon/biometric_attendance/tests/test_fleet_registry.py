"""Users on terminals and people in Odoo: standing, suggestions, writing back, joiners."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import tagged

from .test_fleet_device import FleetCase


@tagged("post_install", "-at_install", "biometric_fleet")
class TestFleetRegistry(FleetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.place = cls.env["hr.work.location"].create(
            {"name": "Plant", "address_id": cls.env.company.partner_id.id}
        )
        cls.elsewhere = cls.place.copy({"name": "Shop"})
        employees = cls.env["hr.employee"]
        cls.ann = employees.create({"name": "Ann Öberg", "barcode": "7"})
        cls.ben = employees.create({"name": "Benjamin Featherstonehaugh-Smith"})
        cls.users = cls.env["biometric.device.user"]

    def on_device(self, *rows, complete=True):
        users = [
            {
                "pin": pin,
                "device_name": name,
                "privilege": "0",
                "card": "",
                "group": "1",
                "has_password": False,
                "fingers": 0,
                "faces": 0,
                "palms": 0,
            }
            | more
            for pin, name, more in rows
        ]
        self.users._receive(self.agent, "SN1", users, complete)
        return {user.pin: user for user in self.users.search([("device_id", "=", self.device.id)])}

    def test_standing_and_its_search(self):
        """Red when a renamed, missing or unknown user passes for in step."""
        found = self.on_device(
            ("7", "ann öb", {}), ("8", "Benjamin", {}), ("9", "Zed", {}), ("10", "Other", {})
        )
        self.users.map_pins(
            self.device.ids, [["7", self.ann.id], ["8", self.ben.id], ["11", self.ben.id]]
        )
        found["10"].employee_id = self.env["hr.employee"].create({"name": "Cid"})
        rows = self.users.search([("device_id", "=", self.device.id)])
        rows.invalidate_recordset()
        self.assertEqual(
            {row.pin: row.standing for row in rows},
            {
                "7": "differs",
                "8": "in_step",
                "9": "only_device",
                "10": "differs",
                "11": "only_odoo",
            },
        )
        for standing in ("in_step", "only_device", "only_odoo", "differs"):
            self.assertEqual(
                rows.search([("device_id", "=", self.device.id), ("standing", "=", standing)]),
                rows.filtered(lambda row, standing=standing: row.standing == standing),
            )

    def test_suggestions_wait_for_a_person(self):
        """Red when a suggestion is taken by itself, or an ambiguous name is suggested."""
        self.env["hr.employee"].create([{"name": "Dan"}, {"name": "Dan"}])
        found = self.on_device(
            ("7", "", {}), ("20", "benjamin FEATHERSTONEHAU", {}), ("21", "Dan", {})
        )
        self.assertEqual(found["7"].suggested_employee_id, self.ann)
        self.assertEqual(found["20"].suggested_employee_id, self.ben)
        self.assertFalse(found["21"].suggested_employee_id)
        self.assertFalse(found["7"].employee_id)
        found["7"].with_user(self.hr_officer).action_take_suggestion()
        self.assertEqual(found["7"].employee_id, self.ann)
        with self.assertRaises(UserError):
            found["21"].with_user(self.hr_officer).action_take_suggestion()
        with self.assertRaises(AccessError):
            found["20"].with_user(self.approver).action_take_suggestion()
        self.assertEqual(self.ben.name, "Benjamin Featherstonehaugh-Smith")

    def push(self, *pairs, user=None, **values):
        model = self.env["biometric.user.push"].with_user(user or self.hr_officer)
        dialog = model.browse(model._open(pairs)["res_id"])
        if values:
            dialog.line_ids.write(values)
        return dialog

    def test_writing_shows_the_difference_and_spares_administrators(self):
        """Red when an administrator of the terminal, a stale record or another's PIN is written."""
        found = self.on_device(
            ("7", "Old name", {"card": "123"}), ("8", "Boss", {"privilege": "14"})
        )
        self.users.map_pins(self.device.ids, [["7", self.ann.id], ["8", self.ben.id]])
        dialog = self.push((self.device, self.ann), (self.device, self.ben))
        rename, boss = dialog.line_ids
        self.assertEqual(
            (rename.action, rename.before, rename.after), ("rename", "Old name", "Ann Öberg")
        )
        self.assertIn("administrator", boss.problem.lower())
        dialog.action_confirm()
        order = self.env["biometric.command"].search([("name", "=", "push_user")])
        self.assertEqual(
            order.arguments,
            {
                "pin": "7",
                "name": "Ann Öberg",
                "privilege": 0,
                "card": "123",
                "was": "Old name",
            },
        )
        self.env.cr.execute(
            "UPDATE biometric_device_user SET seen_at = seen_at - interval '2 days' WHERE id = %s",
            (found["7"].id,),
        )
        self.users.invalidate_model()
        stale = self.push((self.device, self.ann))
        self.assertIn("not read today", stale.line_ids.problem)
        with self.assertRaisesRegex(UserError, "nothing to write.\\nAnn Öberg, .*not read today"):
            stale.action_confirm()
        with self.assertRaisesRegex(UserError, "nobody was selected"):
            self.push().action_confirm()

    def orders(self):
        orders = self.env["biometric.command"].search([("name", "=", "push_user")], order="id")
        return [order.arguments for order in orders]

    def test_a_terminal_that_is_only_read_takes_users_too(self):
        """Red when a device without push is refused, or one that has neither channel is not."""
        self.device.write({"channel_push": False})
        dialog = self.push((self.device, self.ann))
        self.assertIn("not in use", dialog.line_ids.problem)
        self.device.write({"channel_poll": True, "poll_host": "192.168.1.201"})
        dialog = self.push((self.device, self.ann))
        self.assertEqual((dialog.line_ids.action, dialog.line_ids.problem), ("create", ""))
        dialog.action_confirm()
        self.assertEqual(
            self.orders(), [{"pin": "7", "name": "Ann Öberg", "privilege": 0, "was": ""}]
        )

    def test_switching_off_and_on_again(self):
        """Red when somebody is switched off whom only push reaches, an administrator of the
        terminal is, or the person's record is sent without what the officer was shown."""
        found = self.on_device(("7", "Ann Öberg", {}), ("8", "Boss", {"privilege": "14"}))
        self.users.map_pins(self.device.ids, [["7", self.ann.id], ["8", self.ben.id]])
        rows = found["7"] | found["8"]
        dialog = self.env["biometric.user.push"].with_user(self.hr_officer)
        opened = rows.with_user(self.hr_officer).action_switch_off()
        ann, boss = dialog.browse(opened["res_id"]).line_ids
        self.assertEqual((ann.action, ann.after), ("disable", "Ann Öberg (switched off)"))
        self.assertIn("address", ann.problem)
        self.device.write({"poll_host": "192.168.1.201"})
        opened = rows.with_user(self.hr_officer).action_switch_off()
        ann, boss = dialog.browse(opened["res_id"]).line_ids
        self.assertEqual(ann.problem, "")
        self.assertIn("administrator", boss.problem.lower())
        dialog.browse(opened["res_id"]).action_confirm()
        off = {"pin": "7", "name": "Ann Öberg", "was": "Ann Öberg", "disabled": True}
        self.assertEqual(self.orders(), [off])
        self.on_device(("7", "Ann Öberg", {"privilege": "1"}), ("8", "Boss", {"privilege": "14"}))
        found["7"].invalidate_recordset()
        self.assertTrue(found["7"].is_disabled)
        self.assertEqual(found["7"].standing, "differs")
        again = self.push((self.device, self.ann))
        self.assertEqual((again.line_ids.action, again.line_ids.problem), ("enable", ""))
        again.action_confirm()
        self.assertEqual(
            self.orders()[1],
            {
                "pin": "7",
                "name": "Ann Öberg",
                "was": "Ann Öberg",
                "privilege": 0,
                "disabled": False,
            },
        )

    def test_a_joiner_gets_the_pin_they_have_elsewhere(self):
        other = self.make_device(self.agent, "SN2")
        self.users.map_pins(other.ids, [["42", self.ben.id]])
        dialog = self.push((self.device, self.ben))
        self.assertEqual((dialog.line_ids.pin, dialog.line_ids.action), ("42", "create"))
        self.assertEqual(dialog.line_ids.after, "Benjamin Featherstonehau")
        taken = self.on_device(("42", "Someone", {}), complete=False)["42"]
        self.assertIn("in use", self.push((self.device, self.ben)).line_ids.problem)
        self.on_device(("42", "Someone", {}), ("51", "Benjamin Featherstonehau", {}))
        there = self.push((self.device, self.ben), wanted_pin="43")
        self.assertIn("already there as PIN 51", there.line_ids.problem)
        self.on_device(("42", "Someone", {}))
        free = self.push((self.device, self.ben), wanted_pin="43")
        self.assertEqual((free.line_ids.pin, free.line_ids.problem), ("43", ""))
        taken.sudo().sync_state = "gone"
        self.push((self.device, self.ben)).action_confirm()
        self.assertEqual(taken.employee_id, self.ben)

    def test_joiners_movers_and_leavers(self):
        """Red when somebody who left still counts unnoticed, or a joiner is missing."""
        self.device.work_location_id = self.place
        today = Date.today()
        self.ann.work_location_id = self.place
        work = self.env["biometric.registry.work"].with_user(self.hr_officer)

        def listed():
            self.env.flush_all()
            work.invalidate_model()
            rows = work.search([("device_id", "=", self.device.id)])
            return rows, {(row.kind, row.employee_id.id) for row in rows}

        self.assertEqual(listed()[1], {("join", self.ann.id)})
        self.assertEqual(listed()[0].action_do()["res_model"], "biometric.user.push")
        self.users.map_pins(self.device.ids, [["7", self.ann.id], ["8", self.ben.id]])
        self.on_device(("7", "Ann Öberg", {}), ("8", "Benjamin", {}))
        self.assertEqual(listed()[1], set())
        self.ann.work_location_id = self.elsewhere
        self.assertEqual(listed()[1], {("move", self.ann.id)})
        self.ann.work_location_id = self.place
        self.ben.current_version_id.write(
            {
                "contract_date_start": today - timedelta(days=100),
                "contract_date_end": today - timedelta(days=3),
            }
        )
        rows, kinds = listed()
        self.assertEqual(kinds, {("leave", self.ben.id)})
        self.device.poll_host = "192.168.1.201"
        opened = rows.action_do()
        user = self.users.search([("pin", "=", "8"), ("device_id", "=", self.device.id)])
        self.assertEqual(user.valid_to, today - timedelta(days=3))
        # One click: the PIN stopped to count, and switching it off is shown at once.
        dialog = self.env["biometric.user.push"].with_user(self.hr_officer)
        line = dialog.browse(opened["res_id"]).line_ids
        self.assertEqual((line.action, line.pin, line.problem), ("disable", "8", ""))
        rows, kinds = listed()
        self.assertEqual(kinds, {("remove", self.ben.id)})
        self.assertEqual(rows.action_do()["res_model"], "biometric.user.push")
        self.on_device(("7", "Ann Öberg", {}), ("8", "Benjamin", {"privilege": "1"}))
        self.assertEqual(listed()[1], set(), "who is switched off is no longer work")
        self.assertFalse(user.standing)

    def test_a_leaver_on_a_terminal_that_was_not_read_stays_on_the_list(self):
        """Turns red when *Write to terminal* says nothing, or the row goes before the
        terminal's list proved that the PIN is off it."""
        today = Date.today()
        self.ann.work_location_id = self.place
        self.users.map_pins(self.device.ids, [["7", self.ann.id]])
        self.ann.current_version_id.write(
            {
                "contract_date_start": today - timedelta(days=100),
                "contract_date_end": today - timedelta(days=3),
            }
        )
        work = self.env["biometric.registry.work"].with_user(self.hr_officer)

        def listed():
            self.env.flush_all()
            work.invalidate_model()
            return work.search([("device_id", "=", self.device.id)])

        said = listed().action_do()
        self.assertEqual(said["tag"], "display_notification")
        self.assertIn("was not read", said["params"]["message"])
        self.assertEqual(listed().mapped("kind"), ["unread"])
        self.assertIn("was not read", listed().action_do()["params"]["message"])
        self.on_device(("7", "Ann", {}))
        self.assertEqual(listed().mapped("kind"), ["remove"])
        self.on_device(("8", "Ben", {}))
        self.assertFalse(listed())

    def test_a_pin_list_that_lost_its_zeros(self):
        """Turns red when an imported 17 makes a second PIN beside the 0017 of the terminal."""
        self.on_device(("0017", "Ann", {}))
        load = self.users.with_context(import_file=True).load
        columns = ["device_id/.id", "pin", "employee_id/.id", "valid_from"]
        row = [str(self.device.id), "17", str(self.ann.id), "2026-03-01"]
        self.assertFalse(load(columns, [row])["messages"])
        self.assertEqual(
            self.users.search([("employee_id", "=", self.ann.id)]).mapped("pin"), ["0017"]
        )
        self.on_device(("0017", "Ann", {}), ("00017", "Ben", {}))
        said = load(columns, [[str(self.device.id), "17", str(self.ben.id), "2026-03-01"]])
        self.assertIn("remove leading zeros", said["messages"][0]["message"])

    def test_enrolment_list(self):
        self.on_device(("7", "Ann", {}), ("8", "Ben", {"fingers": 2}), ("9", "C", {"card": "55"}))
        self.users.map_pins(self.device.ids, [["7", self.ann.id], ["8", self.ben.id]])
        domain = [("device_id", "=", self.device.id), ("is_enrolled", "=", False)]
        self.assertEqual(self.users.search(domain).mapped("pin"), ["7"])
        domain[1] = ("is_enrolled", "=", True)
        self.assertEqual(set(self.users.search(domain).mapped("pin")), {"8", "9"})

    def test_the_enrolment_list_prints(self):
        """Red when it needs more than reading, names nobody, or prints something of a finger."""
        self.device.place = "Gate 3"
        self.on_device(("7", "Ann", {}), ("8", "Ben", {"fingers": 2, "has_password": True}))
        self.users.map_pins(self.device.ids, [["7", self.ann.id], ["8", self.ben.id]])
        rows = self.users.search([("device_id", "=", self.device.id)])
        reports = self.env["ir.actions.report"].with_user(self.hr_officer)
        page = reports._render_qweb_html("biometric_attendance.enrolment", rows.ids)[0].decode()
        for word in ("Gate 3", "SN1", "Ann Öberg", "Benjamin", "Fingers: 2, password"):
            self.assertIn(word, page)
