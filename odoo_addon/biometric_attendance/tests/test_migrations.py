"""What an upgrade changes in data that belongs to its users, and what it leaves alone."""

import importlib.util
import re
from datetime import date
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from .test_day import DayCase

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


@tagged("post_install", "-at_install", "biometric_day")
class TestDatesOff(DayCase):
    """Ana has a day off and everybody a holiday; on a third date nothing is off."""

    def setUp(self):
        super().setUp()
        self.migration = script("19.0.1.6.0", "post-dates-off")
        kind = {"name": "Vacation", "requires_allocation": False, "leave_validation_type": "hr"}
        leave = {
            "employee_id": self.employee.id,
            "holiday_status_id": self.env["hr.leave.type"].create(kind).id,
            "request_date_from": "2026-03-03",
            "request_date_to": "2026-03-03",
        }
        self.env["hr.leave"].create(leave).action_approve()
        holiday = {"name": "Founders' Day", "company_id": self.env.company.id}
        holiday |= {"date_from": "2026-03-09 16:00:00", "date_to": "2026-03-10 15:59:59"}
        self.env["resource.calendar.leaves"].create(holiday)
        days = [date(2026, 3, day) for day in (3, 10, 17, 24)]
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, day) for day in days])
        self.rebuild()

    def marked(self, version):
        self.env["biometric.stale.day"].search([]).unlink()
        self.env.flush_all()
        self.migration.migrate(self.env.cr, version)
        self.env["biometric.stale.day"].invalidate_model()
        marks = self.env["biometric.stale.day"].search([("employee_id", "=", self.employee.id)])
        return sorted({str(one.date) for one in marks})

    def test_days_with_something_off_are_computed_again(self):
        """Turns red when an upgrade leaves days as they came out while a leave was its hours: the
        next night would call each of them wrong, and no file could be made; or when a fresh
        installation is migrated."""
        self.assertEqual(self.marked(""), [])
        dates = self.marked("19.0.1.5.0")
        self.assertTrue({"2026-03-03", "2026-03-10"} <= set(dates), dates)
        self.assertNotIn("2026-03-17", dates)

    def test_days_after_a_departure_are_computed_again(self):
        """Turns red when who left in the middle of a fixed term stays employed to its end."""
        self.employee.version_id.write(
            {"contract_date_start": "2026-01-01", "departure_date": "2026-03-18"}
        )
        dates = self.marked("19.0.1.5.0")
        self.assertIn("2026-03-24", dates)
        self.assertNotIn("2026-03-17", dates)
