"""What takes a row up as it stands licenses nothing beside an installation, an upgrade or an
erasure: entries of kinds that nobody is told of one by one, written whole by SQL."""

import json

import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..verifier.audited import list_digest
from .test_audit_state import StateCase
from .test_fleet_carried import GOOD
from .test_second_script import TwoVerdicts


class LicenceCase(TwoVerdicts, StateCase):
    """Entries as the owner of the tables writes them; sealed like any other."""

    def plant(self, action, model="res.company", row=None, after=None, transaction="7"):
        self.env.flush_all()
        self.env.cr.execute(
            """INSERT INTO biometric_audit (company_id, happened_at, transaction_id, form,
                   actor_salt, content_salt, user_id, action, model, res_id, after)
               VALUES (%s, now() AT TIME ZONE 'UTC', %s, '1', 'a', 'b', 1, %s, %s, %s, %s)""",
            (
                self.company.id,
                transaction,
                action,
                model,
                row or self.company.id,
                json.dumps(after),
            ),
        )
        self.seal()

    def values(self, record):
        return self.env["biometric.state"]._said(record)

    def own_transaction(self):
        self.env.cr.execute("SELECT txid_current()::text")
        return self.env.cr.fetchone()[0]

    def assertAll(self, *codes):
        """Each code is found in Odoo, by the stand-alone verifier and by the second script."""
        inside = set(self.inside())
        mine, theirs = self.said()
        for code in codes:
            self.assertIn(code, inside, "in Odoo")
            self.assertIn(code, theirs, "on the export")
            self.assertIn(code, mine, "by the second script")


@tagged("post_install", "-at_install")
class TestWitnessedRows(LicenceCase):
    """Inputs of days that are no audited rows: flags, whom acts concern, who carried a file."""

    def setUp(self):
        super().setUp()
        punch = self.env["biometric.punch"].search([("device_id", "=", self.device.id)], limit=1)
        self.env.cr.execute(
            """INSERT INTO biometric_flag (company_id, device_id, punch_id, kind, found_at)
               VALUES (%s, %s, %s, 'unwitnessed', '2026-03-02 08:00:00')""",
            (self.company.id, self.device.id, punch.id),
        )
        entry = self.env["biometric.audit"].search(
            [("company_id", "=", self.company.id)], order="id", limit=1
        )
        self.env["biometric.audit.concern"]._note(
            entry, {self.employee.id}, {self.employee.id}, (None, None)
        )
        self.flagged = punch
        for _night in range(3):
            self.env["biometric.audit.night"]._night(self.company, "-1 second")
        self.seal()
        self.countersign()

    def owner(self, *statements):
        for table in ("flag", "audit_concern"):
            self.env.cr.execute(f"ALTER TABLE biometric_{table} DISABLE TRIGGER USER")
        super().owner(*statements)
        for table in ("flag", "audit_concern"):
            self.env.cr.execute(f"ALTER TABLE biometric_{table} ENABLE TRIGGER USER")

    def test_a70_what_days_hang_on_is_refused_in_all_three_layers(self):
        """A70. Turns red when a flag of a punch can be changed or removed: by a user, under sudo,
        by SQL."""
        flag = self.env["biometric.flag"].search([("punch_id", "=", self.flagged.id)])
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            flag.sudo().write({"kind": "order"})
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            flag.sudo().unlink()
        for statement in ("UPDATE biometric_flag SET kind = 'order'", "DELETE FROM biometric_flag"):
            with (
                self.assertRaisesRegex(psycopg2.errors.CheckViolation, "are never changed"),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(flush=False),
            ):
                self.env.cr.execute(statement)

    def test_a70_what_days_hang_on_is_what_the_nights_said(self):
        """A70. Turns red when a flag or a person whom an act concerns is changed, taken out or put
        in behind the nights that said them."""
        self.assertEqual(self.both(), (set(), set()))
        self.assertEqual(self.said()[0], set())
        flags, concerns = "biometric_flag", "biometric_audit_concern"
        for statement in (
            f"UPDATE {flags} SET kind = 'order'",
            f"DELETE FROM {flags}",
            f"UPDATE {flags} SET punch_id = (SELECT max(id) FROM biometric_punch)",
            f"UPDATE {concerns} SET is_self = false",
            f"DELETE FROM {concerns}",
            f"UPDATE {concerns} SET date_to = '2020-01-01'",
        ):
            with self.subTest(statement):
                savepoint = self.env.cr.savepoint(flush=False)
                self.attack(f"{statement} WHERE company_id = {self.company.id}")
                self.assertAll("row_night")
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_a70_flags_go_with_their_punches(self):
        """A70. Turns red when a punch with a flag cannot be removed, or its removal leaves the
        nights saying what is no more."""
        self.company.biometric_retention_months = 1
        removal = self.env["biometric.removal"]
        register = removal._new_register()
        removal._remove_punches(self.company, self.flagged.ids, register)
        before = str(self.company._biometric_cutoff())
        removal._write_register(
            "person.erase", self.company, self.company, register, {"before": before}, None
        )
        self.seal()
        self.assertFalse(self.env["biometric.flag"].search([("punch_id", "in", self.flagged.ids)]))
        self.assertEqual(self.both(), (set(), set()))
        self.assertEqual(self.said()[0], set())

    def test_a70_who_carried_a_file(self):
        """A70. Turns red when another user stands as carrier of a lane than the uploads say."""
        self.env.user.group_ids |= self.env.ref("biometric_attendance.group_hr_officer")
        self.env["biometric.carried"]._store(self.device, "attlog.dat", GOOD)
        self.env.flush_all()
        self.seal()
        self.assertEqual(self.both(), (set(), set()))
        other = self.env.ref("base.user_admin")
        self.attack(
            f"UPDATE biometric_lane SET carrier_id = {other.id} WHERE agent_id IS NULL "
            f"AND company_id = {self.company.id}"
        )
        self.assertAll("lane_carrier")


@tagged("post_install", "-at_install")
class TestExplained(LicenceCase):
    def inside(self):
        """Codes of the last verification; unlike elsewhere, older findings stay."""
        check = self.env["biometric.audit.check"]._begin(self.company, "test")
        while check._step():
            pass
        found = self.env["biometric.audit.finding"].search([("check_id", "=", check.id)])
        return sorted(set(found.mapped("code")))

    def test_a71_an_explanation_needs_its_entry(self):
        """A71. Turns red when explaining a finding by SQL, or with the entry of another fact, of
        another person or with other words, silences the banner."""
        findings = self.env["biometric.audit.finding"]
        self.env.user.group_ids |= self.env.ref("biometric_attendance.group_hr_officer")
        rows = [{"code": "test", "place": f"place {n}", "text": "changed"} for n in (1, 2)]
        findings._found(self.company.id, rows)
        honest, silenced = findings.search(
            [("code", "=", "test"), ("company_id", "=", self.company.id)], order="id"
        )
        honest.action_explain("a colleague tried something out")
        self.seal()
        self.assertEqual(self.inside(), [])
        self.assertEqual(self.said(), (set(), set()))
        by_hand = "explained_at = now(), explanation = 'a colleague tried something out'"
        for row, values in (
            (silenced, f"{by_hand}, explained_by_id = {self.env.uid}"),
            (honest, "fact = 'another'"),
            (honest, f"explained_by_id = {self.env.ref('base.user_admin').id}"),
            (honest, "explanation = 'nothing happened at all'"),
        ):
            with self.subTest(values):
                savepoint = self.env.cr.savepoint(flush=False)
                self.attack(f"UPDATE biometric_audit_finding SET {values} WHERE id = {row.id}")
                mine, theirs = self.said()
                self.assertIn("finding_explained", mine)
                self.assertIn("finding_explained", theirs)
                self.assertIn("finding_explained", self.inside())
                self.assertFalse(row.explained_at, "it does not count")
                savepoint.close(rollback=True)
                self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestLicences(LicenceCase):
    def test_a66_a_changed_row_taken_up_by_sql(self):
        """A66. Turns red when what takes a row up counts outside an installation, an upgrade or an
        erasure: with a transaction of its own, with that of the installation, or with that of an
        erasure long done."""
        self.forge("person.erase", person=7, before="2020-01-01")
        self.assertEqual(self.both(), (set(), set()))
        self.plant("test.change")
        self.attack(f"UPDATE biometric_rule SET name = 'Mine' WHERE id = {self.rule.id}")
        for transaction in ("8", self.own_transaction()):
            with self.subTest(transaction):
                savepoint = self.env.cr.savepoint(flush=False)
                self.plant(
                    "rule.take_up",
                    "biometric.rule",
                    self.rule.id,
                    self.values(self.rule),
                    transaction,
                )
                self.assertAll("take_up", "state_differs")
                savepoint.close(rollback=True)

    def test_a66_a_row_put_in_and_taken_up_by_sql(self):
        """A66. Turns red when such an entry is the birth of a row."""
        self.attack(self._copy("roster", self.roster.id, date="'2026-03-09'"))
        self.env.cr.execute("SELECT max(id) FROM biometric_roster")
        row = self.env["biometric.roster"].browse(self.env.cr.fetchone()[0])
        self.plant("roster.take_up", "biometric.roster", row.id, self.values(row))
        self.assertAll("take_up", "state_birth")

    def test_a66_an_erasure_states_again_what_it_took_out_alone(self):
        """A66. Turns red when an erasure's own transaction licenses another value of what entries
        with a content still say."""
        self.attack(f"UPDATE biometric_rule SET name = 'Mine' WHERE id = {self.rule.id}")
        self.plant("rule.take_up", "biometric.rule", self.rule.id, self.values(self.rule), "9")
        self.plant("person.erase", after={"person": 7, "before": "2020-01-01"}, transaction="9")
        self.assertAll("state_differs")

    def test_a66_a_retention_or_an_upload_taken_up_by_sql(self):
        """A66. Turns red when a planted settings.take_up lowers the retention in force."""
        self.plant("settings.take_up", after={"biometric_retention_months": 1})
        self.forge("retention.purge", before="2026-08-01")
        self.assertAll("take_up", "purge_policy")

    def test_a66_nothing_begins_twice(self):
        """A66. Turns red when a planted `state.begin` makes all of the trail before it count no
        more, or a planted `state.list` opens the door to what takes rows up."""
        self.attack(f"UPDATE biometric_rule SET name = 'Mine' WHERE id = {self.rule.id}")
        for action in ("state.begin", "state.list"):
            with self.subTest(action):
                savepoint = self.env.cr.savepoint(flush=False)
                self.plant(action, after={"list": list_digest()})
                self.plant("rule.take_up", "biometric.rule", self.rule.id, self.values(self.rule))
                self.assertAll("state_begin", "take_up", "state_differs")
                savepoint.close(rollback=True)

    def test_a66_an_upgrade_takes_up_once_what_the_list_says_more_of(self):
        """A66. Turns red when an upgrade that made the list another one is a finding, or when it
        may be said a second time."""
        state = self.env["biometric.state"]
        self.assertFalse(state._widen(self.company, "a second time"))
        entries = self.env["biometric.audit"].search(
            [("company_id", "=", self.company.id), ("action", "=", "state.list")]
        )
        self.assertEqual([json.loads(entry.after)["list"] for entry in entries], [list_digest()])
