"""A60, A61: days against the engine, payroll files as a ledger: what turns punches into paid
minutes cannot be changed without a finding or a refusal, in Odoo and on the export.
"""

import json
import subprocess
import tempfile
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..engine import record_digest
from ..models.day import biometric_audit_check
from ..verifier import verify
from .common import lay_row
from .test_audit_chain import ChainCase
from .test_verifier import BARE, unpack

WEEK = ("2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06")
# Triggers that the owner of the tables can lift besides those of the three ledgers.
GUARDED = ("biometric_export", "biometric_export_day", "ir_attachment")


class ProofCase(ChainCase):
    """One person with a week of days, and what an attacker does to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana, cls.ben = cls.env["hr.employee"].create(
            [
                {"name": name, "barcode": badge, "company_id": cls.company.id}
                | {"date_version": "2026-01-01"}
                for name, badge in (("Ana Reyes", "A77"), ("Ben Cruz", "B78"))
            ]
        )
        cls.env["biometric.device.user"].map_pins(
            cls.device.ids, [["77", cls.ana.id], ["78", cls.ben.id]]
        )
        cls.rule = cls.env["biometric.rule"].create(
            {"name": "House", "company_id": cls.company.id, "valid_from": "2026-01-01"}
        )

    def setUp(self):
        super().setUp()
        # one night looks at all closed days
        nights = patch.object(biometric_audit_check, "NIGHTS", 1)
        nights.start()
        self.addCleanup(nights.stop)
        self.store(
            self.agent,
            self.lane,
            *(
                self.lane.punch(pin=pin, wall=f"{day} {clock}", received_at=f"{day}T23:59:00.000Z")
                for day in WEEK
                for pin, clock in (
                    ("77", "08:00:00"),
                    ("77", "17:00:00"),
                    ("78", "09:00:00"),
                    ("78", "17:00:00"),
                )
            ),
        )
        self.rebuild()

    def rebuild(self):
        stale = self.env["biometric.stale.day"].sudo()
        while pairs := stale._pop(1000):
            self.env["biometric.day.rebuild"].sudo()._rebuild_stale(pairs)

    def day(self, on=WEEK[0], employee=None):
        return self.env["biometric.day"].search(
            [("employee_id", "=", (employee or self.ana).id), ("date", "=", on)]
        )

    def draft(self):
        return self.env["biometric.export"].create(
            {"company_id": self.company.id, "date_from": "2026-03-01", "date_to": "2026-03-07"}
        )

    def produced(self):
        export = self.draft()
        export.action_generate()
        return export

    def found(self):
        """(codes in Odoo, codes on the export)."""
        return self.inside(), self.outside()

    def try_each(self, attacks):
        """{name: (statements, code in Odoo, code on the export)} from the same beginning each."""
        self.assertEqual(self.found(), ([], []), "before any attack")
        for name, (statements, inside, outside) in attacks.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=False)
                try:
                    self.attack(*statements)
                    one, other = self.found()
                    self.assertIn(inside, one)
                    self.assertIn(outside, other)
                finally:
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()

    def owner(self, *statements):
        for table in GUARDED:
            self.env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        super().owner(*statements)
        for table in GUARDED:
            self.env.cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def resealed(self, **values):
        """SQL that writes values into Ana's Monday with the digest that fits them."""
        self.env.cr.execute("SELECT to_jsonb(d) FROM biometric_day d WHERE id = %s", self.day().ids)
        (row,) = self.env.cr.fetchone()
        row |= values
        beside = ("id", "digest", "inputs_digest", "department_id", "is_projected", "computed_at")
        beside += ("create_uid", "create_date", "write_uid", "write_date", "has_manual_attendance")
        beside += ("in_place", "out_place")
        kept = {name: value for name, value in row.items() if name not in beside}
        kept["derivation"] = json.dumps(kept["derivation"], sort_keys=True)
        texts = ", ".join(f"{name} = '{value}'" for name, value in values.items())
        digest = record_digest(kept)
        return f"UPDATE biometric_day SET {texts}, digest = '{digest}' WHERE id = {self.day().id}"


@tagged("post_install", "-at_install")
class TestDayProof(ProofCase):
    def test_a_server_action_writes_no_day(self):
        """A60. Red when a key of a context, sudo or a server action lets anybody write days."""
        self.assertEqual(self.day().worked_minutes, 480)
        find = "env['biometric.day'].with_context(biometric_rebuild=True).sudo()"
        lines = (
            f"{find}.search([('id', '=', {self.day().id})]).write({{'worked_minutes': 900}})",
            f"{find}.create({{'employee_id': {self.ana.id}, 'company_id': {self.company.id}, "
            "'date': '2026-03-20', 'status': 'present', 'worked_minutes': 480})",
            f"{find}.browse({self.day().id}).unlink()",
            "env['biometric.week.finding'].with_context(biometric_rebuild=True).sudo().create({})",
        )
        for line in lines:
            action = self.env["ir.actions.server"].create(
                {
                    "name": "One line",
                    "model_id": self.env["ir.model"]._get_id("biometric.day"),
                    "state": "code",
                    "code": line,
                }
            )
            with self.subTest(line), self.assertRaisesRegex(AccessError, "computed from"):
                action.run()
        self.assertEqual(self.day().worked_minutes, 480)

    def test_a_changed_day_is_found_in_odoo_and_without(self):
        """A60. Red when the check trusts a digest, leaves a column out or does not look for days
        that are gone or that nobody made."""
        day = f"WHERE id = {self.day().id}"
        more = "jsonb_set(derivation, '{ignored}', '[]')"
        update = "UPDATE biometric_day SET"
        result = ("day_result", "day_result")
        self.try_each(
            {
                "minutes": ([f"{update} worked_minutes = 540 {day}"], "day_digest", "day_digest"),
                "minutes and result": ([f"{update} regular_minutes = 540 {day}"], *result),
                "with the digest that fits": ([self.resealed(regular_minutes=540)], *result),
                "status": ([self.resealed(status="absent")], *result),
                "findings": ([f"{update} exceptions = 'clock_drift' {day}"], *result),
                "rule of the day": (
                    [f"{update} rule_name = 'Other' {day}"],
                    *("day_result", "day_rule"),
                ),
                "how it came about": ([f"{update} derivation = {more} {day}"], *result),
                "whose it is": (
                    [
                        f"DELETE FROM biometric_day WHERE employee_id = {self.ben.id}",
                        f"{update} employee_id = {self.ben.id} {day}",
                    ],
                    *result,
                ),
                "gone": ([f"DELETE FROM biometric_day {day}"], "day_missing", "day_missing"),
            }
        )

    def test_a_day_nobody_made_is_found(self):
        """A60. Red when only dates with punches are computed."""
        made = {"employee_id": self.ana.id, "company_id": self.company.id, "date": "2025-12-01"}
        lay_row(self.env["biometric.day"], made | {"status": "present", "regular_minutes": 480})
        for found in self.found():
            self.assertIn("day_result", found)

    def test_what_days_are_computed_from_is_found_when_changed_by_sql(self):
        """A60. Red when the night compares with the stored inputs instead of the records."""
        rule, users = f"WHERE id = {self.rule.id}", "UPDATE biometric_device_user SET"
        swap = f"CASE employee_id WHEN {self.ana.id} THEN {self.ben.id} ELSE {self.ana.id} END"
        both = f"WHERE employee_id IN ({self.ana.id}, {self.ben.id})"
        due = '{"ot_daily_threshold_minutes": 60}'
        self.try_each(
            {
                "rule set": (
                    [f"UPDATE biometric_rule SET parameters = '{due}' {rule}"],
                    "day_result",
                    "day_result",
                ),
                "rule set out of force": (
                    [f"UPDATE biometric_rule SET state = 'draft' {rule}"],
                    "day_result",
                    "day_rule",
                ),
                "PINs changed hands": (
                    [f"{users} employee_id = {swap} {both}"],
                    "day_result",
                    "day_result",
                ),
                "a PIN from a later day on": (
                    [f"{users} valid_from = '2026-03-04' WHERE employee_id = {self.ana.id}"],
                    "day_result",
                    "day_result",
                ),
                "terminal's zone": (
                    [
                        "INSERT INTO biometric_device_zone (device_id, company_id, tz, valid_from)"
                        f" VALUES ({self.device.id}, {self.company.id}, 'Asia/Tokyo',"
                        " '2026-03-03 12:00:00')"
                    ],
                    "day_result",
                    "day_result",
                ),
                "terminal left": (
                    [f"UPDATE biometric_device SET state = 'refused' WHERE id = {self.device.id}"],
                    "day_result",
                    "day_result",
                ),
            }
        )

    def test_a68_an_erasure_exempts_what_it_took_out_alone(self):
        """A68. Turns red when an entry `person.erase`, honest or forged, takes days behind its own
        date, or behind the date up to which it removed, out of the comparison for ever."""
        forge = self.env["biometric.audit"]._record
        later = str(date(2026, 3, 2) - timedelta(days=20))
        for facts in (
            {"person": self.ana.id, "before": later, "kept": 9},
            {"person": self.ana.id, "before": later, "kept": 9, "punches": 3},
        ):
            forge("person.erase", self.company, None, facts, company=self.company)
        self.attack(self.resealed(worked_minutes=600))
        one, other = self.found()
        self.assertIn("day_result", one)
        self.assertIn("day_result", other)

    def test_a68_days_behind_an_erasure_are_judged(self):
        """A68. Turns red when days after the day of an erasure go uncompared."""
        with freeze_time("2026-03-01 12:00:00"):
            said = self.env["biometric.day.check"]
        self.env.cr.execute(
            """INSERT INTO biometric_audit (company_id, happened_at, transaction_id, form,
                   actor_salt, content_salt, action, model, res_id, after)
               VALUES (%s, '2026-03-03', '7', '1', 'a', 'b', 'person.erase', 'biometric.erasure',
                   1, %s)""",
            (self.company.id, json.dumps({"person": self.ana.id})),
        )
        self.assertEqual(said._erased(self.company), {self.ana.id: date(2026, 3, 3)})
        self.attack(self.resealed(worked_minutes=600))
        self.assertNotIn("day_result", self.inside())
        tuesday = self.day(WEEK[3])
        self.attack(f"UPDATE biometric_day SET worked_minutes = 600 WHERE id = {tuesday.id}")
        one, other = self.found()
        self.assertIn("day_result", one)
        self.assertIn("day_result", other)

    def test_a68_a_forged_removal_stops_no_payroll_file(self):
        """A68. Turns red when a form that nothing expects ends the comparison before a payroll
        file with a traceback."""
        for action, after in (
            ("person.erase", '{"person": "x"}'),
            ("person.erase", '{"person": 99999999999999999999}'),
            ("person.erase", '{"person": [1]}'),
            ("person.erase", "no JSON"),
            ("retention.purge", '{"before": "x"}'),
            ("retention.purge", '{"before": 7}'),
            ("retention.purge", '["before"]'),
            ("retention.purge", '{"before": "9999-12-30"}'),
        ):
            with self.subTest(action, after=after):
                savepoint = self.env.cr.savepoint(flush=False)
                self.env.cr.execute(
                    """INSERT INTO biometric_audit (company_id, happened_at, transaction_id, form,
                           actor_salt, content_salt, action, model, res_id, after)
                       VALUES (%s, now(), '7', '1', 'a', 'b', %s, 'res.company', 1, %s)""",
                    (self.company.id, action, after),
                )
                self.attack(self.resealed(worked_minutes=600))
                verdict = self.env["biometric.day.check"]._verify(
                    self.company, [self.ana.id], date(2026, 3, 1), date(2026, 3, 7)
                )
                self.assertEqual([wrong.code for wrong in verdict.wrong], ["day_result"])
                while self.env["biometric.audit"]._seal(1000):
                    pass
                one, other = self.found()
                self.assertIn("day_result", one)
                self.assertIn("audit_content", one)
                self.assertIn("audit_content", other)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_a_person_whose_days_wait_is_judged_when_they_are_computed(self):
        """A60. Red when a punch that just came is called a finding; and when waiting hides one for
        good."""
        self.store(self.agent, self.lane, self.lane.punch(pin="77", wall=f"{WEEK[0]} 12:00:00"))
        self.env["biometric.audit.night"]._night(self.company, "-1 second")
        self.assertEqual(self.found(), ([], []))
        check = self.env["biometric.audit.check"].search([], limit=1)
        self.assertIn("Days waiting to be recomputed", check.notes)
        self.rebuild()
        self.attack(f"UPDATE biometric_day SET worked_minutes = 1 WHERE id = {self.day().id}")
        self.assertIn("day_result", self.inside())

    def test_computing_again_puts_a_forged_day_right(self):
        """A60. Red when a day is skipped because its digest is still the same."""
        day = self.day()
        self.attack(f"UPDATE biometric_day SET worked_minutes = 540 WHERE id = {day.id}")
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.ana.id, day.date)])
        self.assertEqual(self.day().worked_minutes, 480)
        self.assertEqual(self.found(), ([], []))

    def test_every_day_is_looked_at_within_four_weeks(self):
        """A60. Red when closed days, or those of some people, are never compared."""
        checks = self.env["biometric.audit.check"]
        seen = set()
        for night in range(28):
            with patch.object(biometric_audit_check, "NIGHTS", 28), self.travel(night):
                for kind, *bounds in checks._begin(self.company, "test").pieces:
                    if kind == "days":
                        ids, first, last = bounds
                        seen |= {one for one in ids if first <= WEEK[0] <= last}
        self.assertEqual(seen, {self.ana.id, self.ben.id})

    @staticmethod
    def travel(nights):
        return freeze_time(date(2026, 9, 1) + timedelta(days=nights))

    def test_the_verifier_alone_computes_days_on_a_bare_python(self):
        """A60. Red when the export lacks the engine or the inputs of a day."""
        self.attack(self.resealed(regular_minutes=540))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.zip"
            path.write_bytes(self.packed().getvalue())
            command = [*BARE, unpack(path, folder), str(path)]
            run = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        self.assertEqual((run.returncode, run.stderr), (1, ""))
        self.assertIn(f"day {WEEK[0]} of employee {self.ana.id}: regular_minutes 540", run.stdout)

    def test_inputs_that_do_not_fit_the_ledgers_are_found(self):
        """A60. Red when the verifier believes the inputs beside the days."""
        export = verify.Export(self.packed())
        rows = export.rows

        def changed(name):
            for row in rows(name):
                own = name == "day_case" and row["employee_id"] == self.ana.id
                if own and WEEK[0] in row["dates"]:
                    self.change(row["case"])
                yield row

        export.rows = changed
        for change, code in (
            (lambda case: case["facts"][0]["punches"][1].__setitem__(0, 1772474400), "day_punch"),
            (lambda case: case["facts"][0]["punches"].pop(), "day_left_out"),
            (lambda case: case["facts"][0]["punches"][0].__setitem__(2, "f" * 16), "day_punch"),
            (lambda case: case["rules"][0].update(late_grace_minutes=9), "day_rule"),
            (lambda case: case["groups"][0].pop("days"), "day_inputs"),
        ):
            self.change = change
            with self.subTest(code):
                self.assertIn(code, verify.verify(export).counts)


@tagged("post_install", "-at_install")
class TestPayrollProof(ProofCase):
    def setUp(self):
        super().setUp()
        self.officer = new_test_user(
            self.env,
            "bio-pay",
            groups="base.group_user,biometric_attendance.group_payroll_officer",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def test_a_file_of_a_day_that_is_not_as_computed_is_refused(self):
        """A61. Red when a forged minute gets into a file, when the refusal names neither person
        nor date, or when its finding goes with it."""
        self.attack(self.resealed(regular_minutes=540))
        export = self.draft()
        refusal = ""
        with self.enter_registry_test_mode():
            # no assertRaises: it would take back what the refusal keeps
            try:
                export.with_user(self.officer).action_generate()
            except UserError as error:
                refusal = str(error)
        for word in ("rules: 1.", "Ana Reyes", "03/02/2026", "regular_minutes 540, computed 480"):
            self.assertIn(word, refusal)
        self.assertEqual((export.state, export.data), ("draft", False))
        finding = self.env["biometric.audit.finding"].search([("code", "=", "day_result")])
        self.assertEqual(finding.place, f"day {WEEK[0]} of employee {self.ana.id}")
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.ana.id, date(2026, 3, 2))])
        export.with_user(self.officer).action_generate()
        self.assertEqual(export.total_minutes, 5 * (480 + 420))

    def test_a_day_that_was_taken_out_keeps_the_file_from_being_made(self):
        """A61. Red when only days that are there are compared."""
        self.attack(f"DELETE FROM biometric_day WHERE id = {self.day().id}")
        with self.enter_registry_test_mode(), self.assertRaisesRegex(UserError, "Ana Reyes"):
            self.draft().action_generate()

    def test_nobody_changes_a_produced_file(self):
        """A61. Red when the payroll officer or the system writes a field of a file, before it is
        made or afterwards, or gets at the bytes behind it."""
        export = self.produced()
        self.assertEqual(export.data, export.with_user(self.officer).data)
        for rights in (export.with_user(self.officer), export.sudo()):
            for vals in (
                {"data": "eA=="},
                {"sha256": "0" * 64},
                {"generated_by_id": self.officer.id},
                {"date_to": "2026-03-31"},
                {"state": "draft"},
            ):
                with self.subTest(vals, su=rights.env.su), self.assertRaises(UserError):
                    rights.write(vals)
            for vals in ({"date_to": "2026-03-31"}, {"state": "draft"}):
                with self.assertRaisesRegex(
                    UserError, "produced: a payroll file cannot be changed"
                ):
                    rights.write(vals)
            with self.assertRefused("A produced payroll file cannot be deleted; only a draft can"):
                rights.unlink()
        with self.assertRaisesRegex(UserError, "created with the file"):
            self.draft().with_user(self.officer).write({"data": "eA=="})
        with self.assertRaisesRegex(UserError, "created with the file"):
            self.env["biometric.export"].sudo().create({"state": "done", "sha256": "0" * 64})
        bytes_of = self.env["ir.attachment"].search(
            [("res_model", "=", "biometric.export"), ("res_field", "!=", False)]
        )
        self.assertEqual(len(bytes_of), 2)
        for rights in (bytes_of.with_user(self.officer), bytes_of.sudo()):
            for vals in ({"raw": b"x"}, {"datas": "eA=="}, {"res_id": 1}, {"res_field": False}):
                with (
                    self.subTest(vals),
                    self.assertRefused("content of a produced payroll file cannot be changed"),
                ):
                    rights.write(vals)
            with self.assertRefused("content of a produced payroll file cannot be changed"):
                rights.unlink()
        beside = {"name": "x", "res_model": "biometric.export", "res_id": export.id, "raw": b"x"}
        for rights in (self.env["ir.attachment"].with_user(self.officer), bytes_of.sudo()):
            with self.assertRefused("content of a produced payroll file cannot be changed"):
                rights.create(beside | {"res_field": "data"})
        # Odoo moves bytes between disk and database
        bytes_of.sudo()[0].write({"raw": bytes_of[0].raw})

    def test_sql_changes_no_file(self):
        """A61. Red when a trigger is missing or lets a statement through."""
        export = self.produced()
        attachment = f"res_model = 'biometric.export' AND res_id = {export.id}"
        for statement in (
            "UPDATE biometric_export SET sha256 = 'x'",
            "DELETE FROM biometric_export",
            "TRUNCATE biometric_export CASCADE",
            "UPDATE biometric_export_day SET total_minutes = 1",
            "DELETE FROM biometric_export_day",
            f"UPDATE ir_attachment SET checksum = 'x' WHERE {attachment}",
            f"DELETE FROM ir_attachment WHERE {attachment}",
        ):
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)
        draft = self.draft()
        draft.date_to = "2026-03-06"
        draft.unlink()

    def test_a_file_leaves_an_entry_with_its_digests(self):
        """A61. Red when a file is made that the trail does not know."""
        export = self.produced()
        entry = self.env["biometric.audit"].search(
            [("model", "=", "biometric.export"), ("res_id", "=", export.id)], order="id"
        )[-1]
        after = json.loads(entry.after)
        self.assertEqual(after["sha256"], export.sha256)
        self.assertEqual(after["control_sha256"], export.control_sha256)
        self.assertEqual((after["state"], after["total_minutes"]), ("done", 4500))

    def test_a_changed_file_is_found_in_odoo_and_without(self):
        """A61. Red when bytes, digests, counts or the list of days are believed."""
        export = self.produced()
        while self.env["biometric.audit"]._seal(1000):
            pass
        row = f"WHERE id = {export.id}"
        path = "(SELECT store_fname FROM ir_attachment WHERE res_field = 'control' LIMIT 1)"
        files = "UPDATE biometric_export SET"
        attacks = {
            "bytes": [
                f"UPDATE ir_attachment SET store_fname = {path}"
                f" WHERE res_model = 'biometric.export' AND res_field = 'data'"
            ],
            "digest": [f"{files} sha256 = repeat('0', 64) {row}"],
            "who made it": [f"{files} generated_by_id = {self.officer.id} {row}"],
            "total": [f"{files} total_minutes = 9 {row}"],
            "minutes of a day": [
                "UPDATE biometric_export_day SET minutes = '{\"REG|regular\": 9}'"
            ],
            "gone": [
                f"DELETE FROM biometric_export_day WHERE export_id = {export.id}",
                f"DELETE FROM biometric_export {row}",
            ],
        }
        codes = {
            "bytes": "file_content",
            "digest": "file_content",
            "who made it": "file_entry",
            "total": "file_control",
            "minutes of a day": "file_day",
            "gone": "file_gone",
        }
        self.try_each({name: (attacks[name], codes[name], codes[name]) for name in attacks})
