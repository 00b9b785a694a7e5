"""What an upgrade changes in data that belongs to its users, and what it leaves alone."""

import importlib.util
import re
from pathlib import Path
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..verifier.audited import AUDITED, LIST, LISTS_BEFORE, WIDENED, list_digest, widened_since

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def script(version, name):
    """A migration as a module; Odoo loads such files by their path too."""
    spec = importlib.util.spec_from_file_location(name, MIGRATIONS / version / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def in_utc(body):
    """The words of 19.0.1.4.0: those of today with every instant in UTC."""
    *instants, (heading, _none) = script("19.0.1.5.0", "post-statement").CHANGES
    for before, now in instants:
        body = body.replace(now, before)
    return body.replace("Complete until</th>", f"Complete until{heading}")


@tagged("post_install", "-at_install", "biometric_fleet")
class TestStatementTemplate(TransactionCase):
    def setUp(self):
        super().setUp()
        self.template = self.env.ref("biometric_attendance.mail_template_statement")
        # Of 19.0.1.2.0: what came later taken out again.
        later = script("19.0.1.3.0", "post-statement")
        body = in_utc(str(self.template.body_html))
        body = body.replace(later.HEAD_NOW, later.HEAD, 1)
        to_do = r"\s*<t t-if=\"said\['to_do'\]\">.*?<p t-else=\"\">Nothing to do\.</p>"
        self.now = re.sub(to_do, "", body, count=1, flags=re.DOTALL)
        self.migration = script("19.0.1.2.0", "post-statement-template")
        line = f"{self.migration.NOT_IN_SERVICE}\n        "
        self.assertIn(line, self.now)
        self.former = self.now.replace(line, "").replace("clocks of these days", "clocks")

    def migrated(self, body, version="19.0.1.0.0"):
        self.template.body_html = body
        self.env.flush_all()
        self.migration.migrate(self.env.cr, version)
        self.template.invalidate_recordset()
        return str(self.template.body_html)

    def test_words_nobody_changed_become_those_of_today(self):
        """Turns red when an upgraded database goes on mailing a statement that does not say from
        when a branch was in service."""
        self.assertEqual(self.migrated(self.former), self.now)
        self.assertEqual(self.migrated(self.now), self.now, "once more changes nothing")

    def test_words_of_the_users_stay(self):
        """Turns red when an upgrade overwrites a template that somebody changed, or a fresh
        installation is migrated."""
        own = self.former.replace("unreadable lines", "lines nobody can read")
        self.assertEqual(self.migrated(own), own)
        self.assertEqual(self.migrated(self.former, version=None), self.former)

    def test_every_language_by_itself(self):
        """Turns red when a translated body is taken for the original, or the other way round."""
        self.env["res.lang"]._activate_lang("fr_FR")
        own = self.now.replace("unreadable lines", "lignes illisibles")
        self.template.with_context(lang="fr_FR").body_html = own
        self.assertEqual(self.migrated(self.former), self.now)
        self.assertEqual(str(self.template.with_context(lang="fr_FR").body_html), own)


@tagged("post_install", "-at_install", "biometric_fleet")
class TestStatementClock(TransactionCase):
    def migrated(self, body):
        template = self.env.ref("biometric_attendance.mail_template_statement")
        template.body_html = body
        self.env.flush_all()
        script("19.0.1.5.0", "post-statement").migrate(self.env.cr, "19.0.1.4.0")
        template.invalidate_recordset()
        return str(template.body_html)

    def test_an_upgraded_statement_speaks_by_the_clock_of_its_branch(self):
        """Turns red when an upgraded database goes on mailing instants in UTC, loses words of a
        translation, or a template that somebody wrote anew is changed."""
        today = str(self.env.ref("biometric_attendance.mail_template_statement").body_html)
        former = in_utc(today)
        self.assertEqual(former.count("UTC"), 5)
        self.assertEqual(self.migrated(former), today)
        self.assertEqual(self.migrated(today), today, "once more changes nothing")
        german = former.replace("complete until <t", "vollständig bis <t")
        self.assertIn('vollständig bis <t t-out="object._', self.migrated(german))
        own = former.replace("<th>Complete until (UTC)</th>", "<th>By UTC</th>")
        self.assertEqual(self.migrated(own), own)


@tagged("post_install", "-at_install", "biometric_fleet")
class TestAuditedList(TransactionCase):
    def said(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT count(*) FROM biometric_audit WHERE action = %s", (LIST,))
        return self.env.cr.fetchone()[0]

    def test_rows_of_a_skipped_release_are_taken_up_too(self):
        """Turns red when an upgrade over several releases takes up only what the first of them
        says more of: rows of the others would be findings for ever, or compared with nothing."""
        target = self.env["biometric.delivery.target"].create(
            {"name": "Office", "kind": "mail", "recipients": "office@example.com"}
        )
        entries, state = self.env["biometric.audit"], type(self.env["biometric.state"])
        of_it = [("action", "=", "delivery_target.take_up"), ("res_id", "=", target.id)]
        # From the list of 19.0.1.2.0; the newest of them said more of nothing.
        for number, version in ((0, "19.0.1.3.0"), (2, "19.0.1.5.0")):
            with self.subTest(version=version):
                upgrade = script(version, "end-audited-list")
                with patch.object(state, "_list_said", return_value=LISTS_BEFORE[number]):
                    upgrade.migrate(self.env.cr, version)
                self.assertEqual(entries.search_count(of_it), 1)

    def test_every_list_of_before_says_what_came_after_it(self):
        """Turns red when a list is added without the models that it says more of, or when an
        upgrade from one of them takes up what the others say, but not what its own follower does.
        """
        self.assertEqual(len(WIDENED), len(LISTS_BEFORE))
        self.assertEqual({name for names in WIDENED for name in names} - {*AUDITED}, set())
        self.assertEqual(widened_since(list_digest()), [])
        of_1_2, of_1_3, of_1_4 = LISTS_BEFORE[:3]
        fleet = ["biometric.agent", "biometric.delivery.target", "biometric.device"]
        self.assertEqual(widened_since(of_1_2), [*fleet, "res.company"])
        self.assertEqual(widened_since(of_1_3), ["biometric.delivery.target", "res.company"])
        self.assertEqual(widened_since(of_1_4), [])
        self.assertEqual(widened_since("a list that never was"), sorted(AUDITED))

    def test_who_skips_a_release_gets_the_list_all_the_same(self):
        """Turns red when an upgrade says the present list only from the release before it: whoever
        comes from an older one would have rows compared by a list of then, for ever; or when a
        company that is archived is left out: its trail is proven like any other."""
        state, every = self.env["biometric.state"], self.env["res.company"]
        every.create({"name": "Plant that closed"}).active = False
        companies = every.with_context(active_test=False).search_count([])
        for number, version in enumerate(("19.0.1.4.0", "19.0.1.5.0"), 1):
            with self.subTest(version=version):
                before, upgrade = self.said(), script(version, "end-audited-list")
                with patch.object(type(state), "_list_said", return_value=LISTS_BEFORE[number]):
                    upgrade.migrate(self.env.cr, None)
                    self.assertEqual(self.said(), before, "nothing at an installation")
                    upgrade.migrate(self.env.cr, version)
                self.assertEqual(self.said(), before + companies)
