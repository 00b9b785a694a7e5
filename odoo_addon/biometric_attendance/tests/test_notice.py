"""The daily notice: who a sealed entry names reads of it, once a day, in their own language."""

import json
import secrets
from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from .test_day import DayCase

SETTLED = "odoo.addons.biometric_attendance.models.audit.biometric_notice.SETTLED"
GROUP = "base.group_user,biometric_attendance.group_"


@tagged("post_install", "-at_install")
class TestNotice(DayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.hr = new_test_user(cls.env, "notice-hr", GROUP + "hr_officer", email="hr@example.com")
        cls.ana = new_test_user(cls.env, "notice-ana", GROUP + "employee", email="Ana@Example.com")
        cls.employee.user_id = cls.ana
        cls.silent = cls.make_employee("Nobody Reachable", "8")
        cls.auditor = new_test_user(
            cls.env, "notice-ida", GROUP + "auditor", email="ida@example.com"
        )
        cls.company.biometric_auditors = "extern@example.com, ida@example.com"
        cls.notice = cls.env["biometric.notice"]

    def setUp(self):
        super().setUp()
        # All of a test happens at one instant; a notice counts as one of the day before.
        patcher = patch(SETTLED, "-1 second")
        patcher.start()
        self.addCleanup(patcher.stop)
        self.notify()
        self.mails().unlink()

    def mails(self, address=None):
        found = self.env["mail.mail"].search([("subject", "ilike", "audit trail")])
        return found.filtered(lambda mail: mail.email_to == address) if address else found

    def notify(self):
        return self.notice._notify(self.company)

    def run_cron(self):
        cron = self.env.ref("biometric_attendance.ir_cron_biometric_notice")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def roster(self, employee, day="2026-03-02"):
        self.env["biometric.roster"].with_user(self.hr).create(
            {"employee_id": employee.id, "date": day}
        )
        return self.env["biometric.audit"].search([("action", "=", "roster.create")], limit=1)

    def test_a55_actor_and_employee_read_of_it(self):
        """A55. Turns red when who an entry names, or whom it concerns, is not told its number, what
        it was, when, and its hash; when somebody gets two mails a day; when it is told twice."""
        entry = self.roster(self.employee)
        second = self.roster(self.employee, "2026-03-03")
        said = self.notify()
        for address in ("hr@example.com", "ana@example.com"):
            (mail,) = self.mails(address)
            for text in (str(entry.seq), entry.hash, str(second.seq), second.hash, "Ana Reyes"):
                self.assertIn(text, mail.body_html, address)
            self.assertIn("Roster: added", mail.body_html)
        self.assertEqual((said["people"], said["without_address"]), (2, 0))
        self.assertEqual(said["to"], second.seq)
        self.mails().unlink()
        self.notify()
        self.assertFalse(self.mails(), "nothing happened, no mail")

    def test_a55_an_entry_written_by_sql_in_anothers_name_is_read_by_that_person(self):
        """A55. Turns red when only acts that went through our code are told."""
        self.env.cr.execute(
            """INSERT INTO biometric_audit (company_id, happened_at, transaction_id, form,
                   actor_salt, content_salt, user_id, login, user_name, real_user_id, action,
                   record_name)
               VALUES (%s, now() AT TIME ZONE 'UTC', '1', 'v1', %s, %s, %s, 'notice-hr', 'HR', %s,
                   'mapping.change', 'forged')""",
            (self.company.id, secrets.token_hex(16), secrets.token_hex(16), self.hr.id, self.hr.id),
        )
        self.notify()
        self.assertIn("forged", self.mails("hr@example.com").body_html)

    def test_a55_auditors_get_a_list_by_actor_and_kind(self):
        """A55. Turns red when auditors are told nothing, twice under one address, or not whom no
        mail could reach."""
        for day in range(2, 6):
            self.roster(self.silent, f"2026-03-0{day}")
        said = self.notify()
        self.assertEqual((said["without_address"], said["auditors"]), (1, 2))
        for address in ("ida@example.com", "extern@example.com"):
            (mail,) = self.mails(address)
            self.assertIn(self.hr.name, mail.body_html)
            self.assertIn("<td>4</td>", mail.body_html)
            self.assertIn("an e-mail address, who were not notified: 1.", mail.body_html)
        entry = self.env["biometric.audit"].search([("action", "=", "notice.sent")], limit=1)
        self.assertEqual(json.loads(entry.after)["without_address"], 1)

    def test_a55_many_of_one_kind_are_counted(self):
        """A55. Turns red when a day's work of a thousand entries makes a mail of a thousand lines,
        or when what is not listed is not counted."""
        entries = [self.roster(self.employee, f"2026-03-{day:02d}") for day in range(1, 31)]
        self.notify()
        body = self.mails("hr@example.com").body_html
        self.assertEqual(sum(entry.hash in body for entry in entries), 20)
        self.assertIn(f"and 10 more of this type, numbers {entries[0].seq}", body)

    def test_a55_each_in_their_language(self):
        """A55. Turns red when the mail is rendered in the cron's language."""
        term = "Keep this e-mail: the numbers and hashes prove what the trail contained."
        view = self.env.ref("biometric_attendance.daily_notice")
        view.update_field_translations("arch_db", {"fr_FR": {term: "Gardez ce courriel."}})
        self.ana.lang = "fr_FR"
        self.roster(self.employee)
        self.notify()
        french = self.env["mail.mail"].search([("email_to", "=", "ana@example.com")])
        self.assertIn("Gardez ce courriel.", french.body_html)
        self.assertNotIn("audit trail", french.subject)
        self.assertIn(term, self.mails("hr@example.com").body_html)

    def test_a55_the_setting_decides_who_is_told(self):
        """A55. Turns red when the setting has no effect, or when changing it leaves no entry."""
        self.company.biometric_notice = "actors"
        entry = self.env["biometric.audit"].search([], limit=1)
        self.assertEqual(entry.action, "settings.change")
        self.assertIn("biometric_notice", entry.after)
        self.roster(self.employee)
        self.notify()
        self.assertTrue(self.mails("hr@example.com"))
        self.assertFalse(self.mails("ana@example.com"))
        self.mails().unlink()

    def test_a69_no_setting_silences_auditors(self):
        """A69. Turns red when the setting takes the auditors' list away as well, or when changing
        it leaves no entry in that list."""
        self.company.biometric_notice = "nobody"
        self.roster(self.employee, "2026-03-03")
        self.run_cron()
        self.assertFalse(self.mails("hr@example.com"))
        self.assertFalse(self.mails("ana@example.com"))
        for address in ("ida@example.com", "extern@example.com"):
            body = self.mails(address).body_html
            self.assertIn("Roster: added", body)
            self.assertIn("Settings: changed", body)

    def plant(self, action, **after):
        self.env.cr.execute(
            """INSERT INTO biometric_audit (company_id, happened_at, transaction_id, form,
                   actor_salt, content_salt, user_id, user_name, action, after)
               VALUES (%s, now() AT TIME ZONE 'UTC', '7', '1', 'a', 'b', 1, 'System', %s, %s)""",
            (self.company.id, action, json.dumps(after)),
        )
        while self.env["biometric.audit"]._seal(1000):
            pass

    def test_a67_a_planted_notice_swallows_no_day(self):
        """A67. Turns red when an entry `notice.sent` of today, or one that says it told of numbers
        to come, keeps anybody from what happened, or when auditors do not read of it."""
        entry = self.roster(self.employee)
        self.plant("notice.sent", to=10**6)
        self.plant("notice.sent", to="x")
        self.notify()
        self.assertIn(entry.hash, self.mails("hr@example.com").body_html)
        self.assertIn("Daily notice: sent", self.mails("ida@example.com").body_html)
        self.mails().unlink()
        second = self.roster(self.employee, "2026-03-03")
        self.plant("notice.sent", to=second.seq or entry.seq + 6)
        with patch(SETTLED, "20 hours"):
            self.notify()
        self.assertIn(second.hash, self.mails("hr@example.com").body_html)
        self.mails().unlink()
        self.plant("notice.sent", to=1)
        self.plant("notice.sent", to=2)
        self.notify()
        self.assertIn("Daily notice: sent", self.mails("ida@example.com").body_html)

    def test_a67_auditors_read_of_what_nobody_is_told(self):
        """A67. Turns red when a kind that names nobody is in nobody's mail either."""
        for action in ("rule.take_up", "state.begin", "state.list", "retention.purge"):
            self.plant(action)
        self.notify()
        body = self.mails("ida@example.com").body_html
        for words in (
            "Rule set: taken over unchanged",
            "What the audit trail compares: compared from here on",
            "What the audit trail compares: compared with another list",
            "Retention: deleted under the retention policy",
        ):
            self.assertIn(words, body)
        self.assertFalse(self.mails("hr@example.com"))

    def test_a55_the_cron_tells_every_company(self):
        """A55. Turns red when the cron forgets a company, or does not seal before it tells."""
        entry = self.roster(self.employee)
        self.assertFalse(entry.seq)
        self.run_cron()
        self.assertTrue(entry.seq)
        self.assertTrue(self.mails("hr@example.com"))
