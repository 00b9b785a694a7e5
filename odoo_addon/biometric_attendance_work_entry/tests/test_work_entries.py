"""Payroll files as work entries: what is posted, what a correction changes, what is refused."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.biometric_attendance.tests.test_day import MONDAY
from odoo.addons.biometric_attendance.tests.test_period import PeriodCase

TUESDAY = MONDAY + timedelta(days=1)


@tagged("post_install", "-at_install")
class TestWorkEntries(PeriodCase):
    def setUp(self):
        super().setUp()
        self.employee.version_id.sudo().work_entry_source = "biometric"
        self.env["hr.work.entry"].search([("employee_id", "=", self.employee.id)]).unlink()
        self.env["biometric.rule"].create(
            {
                "name": "Overtime",
                "valid_from": "2026-01-01",
                "parameters": {"ot_daily_threshold_minutes": 480},
            }
        )
        self.work(TUESDAY, "19:00")
        self.rebuild()

    def entries(self):
        found = self.env["hr.work.entry"].search(
            [("employee_id", "=", self.employee.id)], order="date, biometric_pay_code, id"
        )
        return [(one.date, one.code, one.duration) for one in found]

    def post(self, export, user=None):
        return export.with_user(user or self.pay).action_post_work_entries()

    def test_a_file_becomes_work_entries_once(self):
        """Red when a minute is lost or doubled, a second press posts again, or the type is not the
        one of the code."""
        export = self.close()
        self.post(export)
        wanted = [(MONDAY, "WORK100", 8), (TUESDAY, "OVERTIME", 2), (TUESDAY, "WORK100", 8)]
        self.assertEqual(self.entries(), wanted)
        receipt = export.sudo().posting_ids
        self.assertEqual((receipt.entry_count, receipt.minutes), (3, export.total_minutes))
        self.assertFalse(receipt.left_text)
        with self.assertRefused("was posted as work entries already"):
            self.post(export)
        entry = self.env["biometric.audit"].search([("action", "=", "work_entries.post")])
        self.assertEqual(entry.login, "review-pay")

    def test_a_pay_group_posts_by_itself_or_stays_open(self):
        """Red when a period is closed and its work entries are missing."""
        self.group.posts_work_entries = True
        self.employee.version_id.sudo().work_entry_source = "calendar"
        with self.assertRefused("paid twice: Ana Reyes"):
            self.close()
        self.assertEqual(self.week.state, "open")
        self.employee.version_id.sudo().work_entry_source = "biometric"
        self.close()
        self.assertEqual(len(self.entries()), 3)

    def test_an_external_code_goes_first_and_a_code_without_a_type_is_refused(self):
        """Red when minutes of a code go to a type by luck, or are left out."""
        self.env["biometric.rule"].search([]).write(
            {
                "parameters": {
                    "ot_daily_threshold_minutes": 480,
                    "code_map": {"regular_minutes": "REG", "overtime_minutes": "X9"},
                }
            }
        )
        self.rebuild()
        export = self.close()
        with self.assertRefused("no work entry type, or more than one: X9"):
            self.post(export)
        self.assertEqual(self.entries(), [])
        types = self.env["hr.work.entry.type"]
        types.create({"name": "Extra", "code": "EX", "external_code": "X9"})
        types.create({"name": "Hours", "code": "HH", "external_code": "REG"})
        self.post(export)
        self.assertEqual({code for _day, code, _hours in self.entries()}, {"EX", "HH"})
        types.create({"name": "Extra again", "code": "EY", "external_code": "X9"})
        self.work(MONDAY + timedelta(days=7), "19:00")
        self.rebuild()
        second = self.close(self.next_week)
        with self.assertRefused("more than one: X9"):
            self.post(second)

    def test_an_entry_is_of_the_company_of_its_file(self):
        """Red when it is of the company that whoever posts happens to have before them."""
        export = self.close()
        other = self.env["res.company"].create({"name": "Other"})
        self.pay.company_ids += other
        both = [other.id, export.company_id.id]
        self.post(export.with_context(allowed_company_ids=both))
        found = self.env["hr.work.entry"].search([("employee_id", "=", self.employee.id)])
        self.assertEqual(len(found), 3)
        self.assertEqual(found.company_id, export.company_id)
        self.assertEqual(found.version_id, self.employee.version_id)
        self.assertEqual(found.sudo().biometric_export_id, export)
        self.assertEqual(export.sudo().posting_ids.company_id, export.company_id)

    def test_time_that_came_to_nothing_takes_its_entry_away(self):
        """Red when what a correction takes back stays payable, or it is taken twice."""
        self.post(self.close())
        self.punch_in(f"{TUESDAY} 15:00:00", f"{TUESDAY} 18:00:00")
        self.rebuild()
        self.assertFalse(self.day(TUESDAY).overtime_minutes)
        second = self.close(self.next_week)
        self.post(second)
        wanted = [
            (MONDAY, "WORK100", 8),
            (TUESDAY, "WORK100", self.day(TUESDAY).regular_minutes / 60),
        ]
        self.assertEqual(self.entries(), wanted)
        with self.assertRefused("was posted as work entries already"):
            self.post(second)
        self.assertEqual(self.entries(), wanted)

    def test_a_correction_changes_what_was_posted(self):
        """Red when a difference stands beside the whole, or what came to nothing stays."""
        self.post(self.close())
        self.punch_in(f"{MONDAY} 18:00:00", f"{MONDAY} 19:00:00")
        self.rebuild()
        second = self.close(self.next_week)
        self.post(second)
        self.assertEqual(
            self.entries(),
            [
                (MONDAY, "OVERTIME", 1),
                (MONDAY, "WORK100", 8),
                (TUESDAY, "OVERTIME", 2),
                (TUESDAY, "WORK100", 8),
            ],
        )

    def test_what_is_in_a_payslip_stays_and_the_rest_is_told(self):
        """Red when a paid entry is changed, or time that cannot be posted is forgotten."""
        self.post(self.close())
        entries = self.env["hr.work.entry"].search([("employee_id", "=", self.employee.id)])
        entries.sudo().write({"state": "validated"})
        more, less = MONDAY, TUESDAY
        self.env["biometric.adjustment"].with_user(self.hal).request(
            {
                "kind": "set_minutes",
                "employee_id": self.employee.id,
                "date": str(more),
                "pay_class": "regular",
                "minutes": 540,
                "reason_text": "an hour outside the gate",
            }
        )
        self.env["biometric.adjustment"].with_user(self.hal).request(
            {
                "kind": "set_minutes",
                "employee_id": self.employee.id,
                "date": str(less),
                "pay_class": "overtime",
                "minutes": 60,
                "reason_text": "an hour was the night guard",
            }
        )
        for one in self.env["biometric.adjustment"].search([("state", "=", "submitted")]):
            one.with_user(self.ida).approve()
        self.rebuild()
        second = self.close(self.next_week)
        self.post(second)
        paid = [one for one in self.entries() if one[0] <= TUESDAY]
        self.assertEqual(
            paid, [(MONDAY, "WORK100", 8), (TUESDAY, "OVERTIME", 2), (TUESDAY, "WORK100", 8)]
        )
        self.assertIn((self.next_week.date_to, "WORK100", 1), self.entries())
        self.assertEqual(second.sudo().posting_ids.left_text, f"Ana Reyes, {less}: OT -60 minutes")

    def test_only_payroll_posts(self):
        export = self.close()
        with self.assertRefused("Only payroll officers", AccessError):
            self.post(export, self.hal)
        auditor = new_test_user(
            self.env,
            "post-auditor",
            "base.group_user,biometric_attendance.group_auditor",
        )
        with self.assertRefused("Only payroll officers", AccessError):
            self.post(export, auditor)
        with self.assertRefused("posted by the button", AccessError):
            self.env["hr.work.entry.posting"].with_user(self.pay).create({"export_id": export.id})

    def test_odoo_makes_no_working_time_of_its_own(self):
        """Red when the schedule's entries come beside those of the file, or time off is lost."""
        version = self.employee.version_id.sudo()
        begin = datetime.combine(MONDAY, datetime.min.time())
        made = version._get_version_work_entries_values(begin, begin + timedelta(days=5))
        self.assertEqual(made, [])
        version.work_entry_source = "calendar"
        made = version._get_version_work_entries_values(begin, begin + timedelta(days=5))
        self.assertTrue(made)
