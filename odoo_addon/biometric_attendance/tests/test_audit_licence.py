"""What takes a row up as it stands licenses nothing beside an installation, an upgrade or an
erasure: entries of kinds that nobody is told of one by one, written whole by SQL."""

import json

from odoo.tests import tagged

from ..verifier.audited import list_digest
from .test_audit_state import StateCase
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
        self.assertFalse(state._widen(self.company, "a second time", ["biometric.rule"]))
        entries = self.env["biometric.audit"].search(
            [("company_id", "=", self.company.id), ("action", "=", "state.list")]
        )
        self.assertEqual([json.loads(entry.after)["list"] for entry in entries], [list_digest()])
