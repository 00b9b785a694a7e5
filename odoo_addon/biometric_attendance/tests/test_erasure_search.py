"""Erasure by search: of two people of one first name, all of one goes and nothing of the other."""

import base64
import json
import re
from unittest.mock import patch

from odoo.api import Environment
from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS, Command
from odoo.tests import new_test_user, tagged

from . import test_erasure
from .common import text_columns
from .test_audit_chain import ChainCase

# Columns that name a model, a field or a route, and those of digests: no words of anybody.
PROGRAM = re.compile(
    r"(?:.*model(?:_name)?|res_field|action|.*(?:salt|leaf|hash|digest|checksum)"
    r"|.*public_key|named_signature|named_key)\Z"
).match
# Tables of what the program and Odoo's own data are made of.
MACHINERY = re.compile(
    r"ir_(?!attachment|mail|config|exports).*|res_(?:country|currency|lang|groups).*"
    r"|biometric_(?:erase|trace).*|base_.*|bus_bus"
).fullmatch


@tagged("post_install", "-at_install")
class TestErasureSearch(ChainCase):
    """Maria Quintanilla has PIN 7, Maria Vanderbeek PIN 77."""

    traces = test_erasure.TestErasure.traces
    role = test_erasure.TestErasure.role
    erase = test_erasure.TestErasure.erase

    def setUp(self):
        super().setUp()
        self.admin = self.role("administrator")
        self.ana, self.other = (
            self.person(*of)
            for of in (
                ("Quintanilla", "7", "4500007", "CARD70077", "+63 900 70 7777"),
                ("Vanderbeek", "77", "4500077", "CARD77777", "+63 900 77 1111"),
            )
        )
        self.mine = ("Quintanilla", "4500007", "CARD70077", "900 70 7777", "maria.q@")
        self.hers = ("Vanderbeek", "4500077", "CARD77777", "900 77 1111", "maria.v@")

    def person(self, last, pin, badge, card, phone):
        mail = f"maria.{last[0].lower()}@people.example"
        user = new_test_user(
            self.env,
            mail,
            name=f"Maria {last}",
            email=mail,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        person = self.env["hr.employee"].create(
            {
                "name": f"Maria {last}",
                "company_id": self.company.id,
                "user_id": user.id,
                "barcode": badge,
                "work_phone": phone,
                "work_email": mail,
                "private_street": f"{last} Street 5",
            }
        )
        users = self.env["biometric.device.user"]
        users.map_pins(self.device.ids, [[pin, person.id]])
        mapping = users.search([("pin", "=", pin), ("device_id", "=", self.device.id)])
        mapping.sudo().write({"device_name": f"M. {last}", "card": card})
        rows = [self.lane.punch(pin=pin, wall="2026-03-02 08:00:00")]
        rows.append(self.lane.reject(raw=f"{pin}\tbad", reason="bad_time"))
        rows.append(self.lane.reject(raw=f"time=x\tpin={pin}", reason="bad_time"))
        self.store(self.agent, self.lane, *rows)
        person.message_post(body=f"Interview of Maria {last}")
        self.env["ir.attachment"].create(
            {"name": f"Contract {last}.txt", "res_model": "hr.employee", "res_id": person.id}
            | {"datas": base64.b64encode(f"Maria {last}, {badge}".encode())}
        )
        self.env["mail.mail"].create({"email_to": mail, "body_html": f"<p>Dear Maria {last}</p>"})
        self.env["bus.bus"]._sendone(user.partner_id, "note", {"text": f"Maria {last} is here"})
        self.env["bus.bus"].sudo().create(
            {"channel": '["x"]', "message": f'{{"who": "Maria {last}"}}'}
        )
        person.create_version({"date_version": "2030-01-01", "private_street": f"{last} Lane 9"})
        # Words in what is about something else.
        self.device.place = f"Gate of {last}"
        note = f"{last} and {mail} ({phone}) asked about badge {badge}"
        self.device.company_id.partner_id.message_post(body=note)
        self.env["ir.attachment"].create(
            {"name": "notes.csv", "mimetype": "text/csv"}
            | {"datas": base64.b64encode(f"x,{last}\n".encode())}
        )
        self.env["biometric.audit"]._record("test.note", self.device, reason=f"{last} was late")
        return person

    def test_s73_nothing_of_one_is_left_and_nothing_of_the_other_changes(self):
        """S73. Red when a table, an older version, a message, a file, a mail, a bus row or an entry
        is not looked at; or when PIN 7 takes lines of PIN 77, or a first name another person."""
        # What Odoo tracked of the records made above is written now, not during the erasure.
        self.env.cr.flush()
        self.assertTrue(self.traces(*self.mine))
        before = sorted(self.traces(*self.hers))
        hers = self.facts(self.other)
        mine = self.mine[0].lower()
        request = self.erase(
            choose=lambda trace: (
                any(word.lower() in trace.excerpt.lower() for word in self.mine)
                and mine in (trace.excerpt or "").lower()
            )
        )
        self.assertEqual((request.state, request.removed_punches), ("done", 1))
        self.assertEqual(self.traces(*self.mine), [])
        self.assertEqual(self.files(*self.mine), [])
        self.env.invalidate_all()
        self.assertEqual(self.facts(self.other), hers)
        self.assertEqual(sorted(self.traces(*self.hers)), before)
        raws = self.env["biometric.sighting"].search([("kind", "=", "reject")]).mapped("raw")
        self.assertIn("77\tbad", raws)
        self.assertIn("time=x\tpin=77", raws)
        self.assertNotIn("7\tbad", raws)
        self.assertNotIn("time=x\tpin=7", raws)
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.assertEqual(self.inside(), [])
        self.assertEqual(self.outside(), [])

    def test_s73_a_place_that_was_not_chosen_stays_and_is_named(self):
        """S73. Red when a mere occurrence goes unasked, or stays unsaid; or when the report
        itself holds the words."""
        request = self.erase(choose=lambda trace: trace.table == "biometric_device")
        self.assertEqual(self.device.place, "Gate of Vanderbeek")
        self.assertRegex(request.report, r"mail_message.body: \d+ \(was not chosen\)")
        self.assertRegex(request.report, r"ir_attachment.content: \d+ \(was not chosen\)")
        self.assertNotIn("biometric_device.place", request.report)
        for word in self.mine:
            self.assertNotIn(word, request.report)
        self.assertFalse(self.env["biometric.erase.trace"].search([]))
        self.assertFalse(self.env["biometric.erase"].search([]))

    def test_s81_what_a_client_writes_into_the_list_takes_nothing_out(self):
        """S81. Red when the places come from the dialog's rows, which whoever opens it can write:
        one erasure would empty entries, and take any punch off the books."""
        hers = self.env["biometric.punch"].search([("pin", "=", "77")])
        entry = self.env["biometric.audit"].search(
            [("company_id", "=", self.company.id), ("seq", "!=", False), ("after", "!=", False)]
        )
        entry = entry.filtered(lambda row: "Quintanilla" not in f"{row.after}{row.record_name}")[:1]
        proof = self.env["biometric.audit"].search([("action", "=", "agent.change")], limit=1)
        forged = [
            ("biometric_sighting", "raw", hers.sighting_ids[:1].id),
            ("biometric_audit", "after", entry.id),
            ("biometric_audit", "after", proof.id),
            ("res_company", "name", self.company.id),
        ]
        self.env.flush_all()

        def lines(dialog):
            for table, column, row in forged:
                found = {"erase_id": dialog.id, "table": table, "column": column, "row": row}
                dialog.trace_ids.create(found | {"excerpt": "Quintanilla", "chosen": True})
            dialog.trace_ids[:1].write({"stays": False, "chosen": True})

        before = (entry.after, proof.after, hers.sighting_ids.mapped("kind"))
        dialog = self.env["biometric.erase"].with_user(self.admin).with_company(self.company)
        dialog = dialog.create({"employee_id": self.ana.id, "reason": "asked for it in writing"})
        dialog.action_look()
        lines(dialog)
        dialog.action_confirm()
        self.env.invalidate_all()
        self.assertEqual((entry.after, proof.after, hers.sighting_ids.mapped("kind")), before)
        self.assertTrue(entry.after and hers.sighting_ids)

    def test_s73_every_column_of_text_is_looked_at(self):
        """S73. Red when a table of the models or a kind of text is left out of the search."""
        looked = {
            (table, column)
            for table, columns in self.env["biometric.trace"]._text_columns().items()
            for column in columns
        }
        there = set(text_columns(self.env.cr))
        self.assertLessEqual(looked, there)
        tables = {table for table, _column in looked}
        stored = {model._table for model in self.env.registry.values() if model._auto}
        left = {
            (table, column)
            for table, column in there - looked
            if table in stored and not MACHINERY(table)
        }
        chosen = {
            (model._table, name)
            for model in self.env.registry.values()
            for name, field in model._fields.items()
            if field.type == "selection"
        }
        self.assertEqual([f"{t}.{c}" for t, c in sorted(left - chosen) if not PROGRAM(c)], [])
        self.assertLessEqual({"hr_employee", "mail_message", "biometric_audit"}, tables)

    def test_s73_a_table_of_any_make_and_age_is_looked_at(self):
        """S73. Red when a table of a model that somebody made in Odoo since the last search, one
        that the database keeps in parts, or one of its kinds of text is left out."""
        service = self.env["biometric.trace"].sudo()
        service._find(self.company, ["Quintanilla"])
        self.addCleanup(self.env.registry.reset_changes)
        text = {"name": "x_note", "ttype": "char", "field_description": "Note"}
        self.env["ir.model"].create(
            {"name": "Notes", "model": "x_notes", "field_id": [Command.create(text)]}
        )
        note = self.env["x_notes"].create({"x_note": "Quintanilla again"})
        traces, _count = service._find(self.company, ["Quintanilla"])
        places = {(trace.table, trace.column, trace.row) for trace in traces}
        self.assertIn(("x_notes", "x_note", note.id), places)
        self.env.cr.execute(
            """CREATE TABLE parted (id int, a text, b varchar, c varchar(9), d jsonb, e int, f text)
                 PARTITION BY LIST (id); ALTER TABLE parted DROP f"""
        )
        with patch.object(self.env.registry["x_notes"], "_table", "parted"):
            self.assertEqual(service._text_columns()["parted"], ["a", "b", "c", "d"])

    def test_s73_looking_makes_no_record_set_of_every_model(self):
        """S73. Red when the model of a table is found by making a record set of each of 700: three
        times a table, and an erasure looks three times."""
        made, service = [], self.env["biometric.trace"].sudo()
        whole = Environment.__getitem__

        def counted(env, name):
            made.append(name)
            return whole(env, name)

        with patch.object(Environment, "__getitem__", counted):
            _traces, count = service._find(self.company, ["Quintanilla"])
        self.assertGreater(count, 5)
        self.assertLess(len(made), 30 * len(service._text_columns()))

    def test_s73_short_words_and_other_companies_are_not_looked_for(self):
        """S73. Red when a PIN of one digit, or a company that is nobody's here, is searched."""
        words = self.env["biometric.trace"]._words(self.ana)
        self.assertTrue(all(len(word) >= 5 for word in words), words)
        self.assertNotIn("7", words)
        far = self.env["res.company"].create({"name": "Far"})
        stranger = self.env["hr.employee"].create({"name": "Quintanilla Far", "company_id": far.id})
        traces, _count = self.env["biometric.trace"].sudo()._find(self.company, words)
        rows = {(trace.table, trace.row) for trace in traces}
        self.assertNotIn(("hr_employee", stranger.id), rows)
        found = [trace for trace in traces if trace.table == "mail_message"]
        for trace in found:
            self.assertLessEqual(len(trace.excerpt), 2 * 40 + max(map(len, words)))

    def test_s73_a_login_that_is_a_word_of_the_program(self):
        """S73. Red when names of models, fields or choices are places of a person whose login is
        "employee": whoever ticks a whole table would break its rows."""
        self.ana.user_id.login = "employee"
        words = self.env["biometric.trace"]._words(self.ana)
        self.assertIn("employee", words)
        self.device.place = "Gate of the employee"
        traces, _count = self.env["biometric.trace"].sudo()._find(self.company, words)
        places = {(trace.table, trace.column) for trace in traces}
        self.assertIn(("biometric_device", "place"), places)
        for place in (
            ("mail_message", "model"),
            ("ir_attachment", "res_model"),
            ("biometric_audit", "model"),
            ("hr_version", "employee_type"),
        ):
            self.assertNotIn(place, places)

    def test_s73_who_has_not_looked_erases_nothing(self):
        """S73. Red when the dialog erases before anybody saw where else the words stand."""
        dialog = self.env["biometric.erase"].with_user(self.admin).with_company(self.company)
        dialog = dialog.create({"employee_id": self.ana.id, "reason": "asked for it in May"})
        with self.assertRaisesRegex(UserError, "First check where else"):
            dialog.action_confirm()
        dialog.action_look()
        here = dialog.trace_ids.filtered(lambda trace: trace.table == "mail_message")
        here[0].action_choose_table()
        chosen = dialog.trace_ids.filtered("chosen")
        self.assertEqual(set(chosen.mapped("table")), {"mail_message"})
        self.assertEqual(len(chosen), len(here))

    def test_s74_the_secret_of_erased_keys_is_readable_by_no_group(self):
        """S74. Red when *Technical Features*, or a system administrator, reads it on any way."""
        self.company._biometric_secret()
        chief = new_test_user(self.env, "chief", groups="base.group_system,base.group_no_one")
        company = self.company.with_user(chief)
        with self.assertRaisesRegex(Exception, "erased_key_secret|access"):
            company.read(["erased_key_secret"])
        self.assertNotIn("erased_key_secret", company.fields_get())
        self.assertNotIn("erased_key_secret", company.export_data(["id", "name"])["datas"][0])
        self.assertTrue(self.company.sudo().erased_key_secret)
        # Technical Features counts in debug mode alone, which no test of a method is in.
        self.assertEqual(company._fields["erased_key_secret"].groups, NO_ACCESS)

    def test_s61_a_withheld_line_has_another_digest_in_another_company(self):
        """S61. Red when the salt is the program's own, and one list of digests fits everybody."""
        far = self.env["res.company"].create({"name": "Far"})
        salts = [company._biometric_line_salt() for company in (self.company, far)]
        self.assertEqual(len(set(salts)), 2)
        self.assertEqual(salts[0], self.company._biometric_line_salt())
        self.assertNotEqual(salts[0], self.company.sudo().erased_key_secret)

    def test_s75_a_shorter_retention_begins_with_another_ones_yes(self):
        """S75. Red when one person alone makes punches go, or nobody sees how many before."""
        chiefs = "base.group_system,biometric_attendance.group_administrator"
        first, second = (
            new_test_user(
                self.env,
                login,
                groups=chiefs,
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            for login in ("chief-one", "chief-two")
        )
        company = self.company.with_user(first).with_company(self.company)
        punch = self.lane.punch(pin="7", wall="2020-03-02 08:00:00")
        self.store(self.agent, self.lane, punch)
        self.owner("UPDATE biometric_punch SET stored_at = '2020-03-03' WHERE pin = '7'")
        company.biometric_retention_months = 24
        self.assertEqual(self.company.biometric_retention_months, 0)
        self.assertEqual(self.company.retention_wanted_months, 24)
        settings = self.env["biometric.settings"].with_user(second).with_company(self.company)
        settings = settings.create({})
        self.assertRegex(
            settings.retention_wanted_text, "requested 24 months.* punches 1, PINs 1, from 2020-03"
        )
        asked = settings.retention_wanted_text
        with self.assertRaisesRegex(UserError, "You requested it yourself"):
            company.action_confirm_retention()
        with self.assertRaisesRegex(AccessError, "Only administrators"):
            officer = self.role("hr_officer")
            self.company.with_user(officer).action_confirm_retention()
        # Who runs the terminals is no system administrator.
        second.group_ids -= self.env.ref("base.group_system")
        self.assertEqual(settings.retention_wanted_text, asked)
        settings.action_confirm_retention()
        self.env.invalidate_all()
        self.assertFalse(settings.retention_wanted_text)
        self.assertEqual(self.company.biometric_retention_months, 24)
        self.assertFalse(self.company.retention_wanted_months)
        entries = self.env["biometric.audit"].search([("action", "like", "retention.%")])
        told = {entry.action: (entry.login, json.loads(entry.after)) for entry in entries}
        self.assertEqual(told["retention.ask"][0], "chief-one")
        login, after = told["retention.confirm"]
        self.assertEqual((login, after["asked_by"]), ("chief-two", first.id))
        self.assertGreater(after["punches"], 0)

    def test_s75_nobody_writes_that_another_one_asked(self):
        """S75. Red when a field of the asking may be written: one person would lay the question in
        another one's name, and answer it."""
        chief = new_test_user(
            self.env,
            "chief",
            groups="base.group_system,biometric_attendance.group_administrator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        company = self.company.with_user(chief).with_company(self.company)
        for values in (
            {"retention_wanted_by_id": self.admin.id},
            {"retention_wanted_months": 1},
            {"name": "Other", "retention_wanted_months": 1},
        ):
            with self.assertRaisesRegex(AccessError, "cannot be set manually"):
                company.write(values)
        company.biometric_retention_months = 12
        self.assertEqual(self.company.retention_wanted_months, 12)
        company.biometric_retention_months = 0
        self.assertFalse(self.company.retention_wanted_months, "for ever is longer")
        self.assertFalse(self.company.retention_wanted_by_id)

    def test_s75_longer_is_at_once_and_takes_back_what_was_asked(self):
        """S75. Red when keeping punches longer needs anybody, or an old request outlives it."""
        chief = new_test_user(
            self.env,
            "chief",
            groups="base.group_system,biometric_attendance.group_administrator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.company.biometric_retention_months = 24
        company = self.company.with_user(chief).with_company(self.company)
        company.biometric_retention_months = 12
        self.assertEqual(self.company.retention_wanted_months, 12)
        company.biometric_retention_months = 36
        self.assertEqual(self.company.biometric_retention_months, 36)
        self.assertFalse(self.company.retention_wanted_months)
        with self.assertRaisesRegex(UserError, "Nobody requested"):
            company.action_confirm_retention()

    # ------------------------------------------------------------------ what the tests compare

    def facts(self, person):
        mapping = self.env["biometric.device.user"].search([("employee_id", "=", person.id)])
        return [
            person.read(
                ["name", "barcode", "work_phone", "work_email", "private_street", "active"]
            ),
            person.version_ids.mapped("private_street"),
            person.user_id.read(["name", "login", "active"]),
            mapping.read(["pin", "device_name", "card"]),
            self.env["biometric.punch"].search([("pin", "=", "77")]).ids,
            person.message_ids.mapped("body"),
        ]

    def files(self, *words):
        files = self.env["ir.attachment"].search([("mimetype", "=like", "text/%")])
        texts = [(file.raw or b"").decode() for file in files]
        return [text for text in texts if any(word in text for word in words)]
