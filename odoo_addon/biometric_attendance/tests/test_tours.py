"""An HR officer at a browser: days with their filters and punches, a rule trial, the roster.

The officer has the role of this addon and no rights in Employees or Attendances.
"""

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .test_day import DayCase


@tagged("post_install", "-at_install")
class TestTours(DayCase, HttpCase):
    def setUp(self):
        super().setUp()
        new_test_user(self.env, "tour_hr", "base.group_user,biometric_attendance.group_hr_officer")

    def test_days_filtered_explained_and_traced_to_their_punches(self):
        """Red when a number, the filter, the words of the day or the way to its punches is gone."""
        self.make_employee("Ben Cruz", "8")
        self.punch_in(
            "2026-03-02 07:58:13",
            "2026-03-02 12:01:00",
            "2026-03-02 12:55:00",
            "2026-03-02 16:59:00",
        )
        self.punch_in("2026-03-02 08:00:00", pin="8")
        self.device.sudo().write(
            {"in_service_from": "2026-01-01", "complete_until": fields.Datetime.now()}
        )
        self.rebuild()
        self.start_tour("/odoo/biometric-days", "biometric_days", login="tour_hr")

    def test_a_rule_set_is_tried_from_its_form(self):
        """Red when the dialog cannot be opened or saved by somebody without rights in Employees."""
        rule = self.env["biometric.rule"].create({"name": "Draft", "state": "draft"})
        self.start_tour(f"/odoo/biometric-rules/{rule.id}", "biometric_rule_trial", login="tour_hr")

    def test_the_plan_of_a_week_is_downloaded_by_the_one_who_asked(self):
        """Red when the address the dialog gives leads nowhere, or to somebody else's plan."""
        officer = self.env["res.users"].search([("login", "=", "tour_hr")])
        wizard = self.env["biometric.roster.import"].with_user(officer).create({})
        url = wizard.action_template()["url"]
        self.authenticate("tour_hr", "tour_hr")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("Ana Reyes", answer.content.decode("utf-8-sig"))
        new_test_user(self.env, "tour_own", "base.group_user,biometric_attendance.group_employee")
        self.authenticate("tour_own", "tour_own")
        self.assertNotEqual(self.url_open(url).status_code, 200)

    def test_a_shift_is_assigned_from_the_roster(self):
        """Red when the dialog cannot name an employee, or writes no roster."""
        self.start_tour(
            "/odoo/biometric-roster?view_type=list", "biometric_roster_assign", login="tour_hr"
        )
        row = self.env["biometric.roster"].search([("employee_id", "=", self.employee.id)])
        self.assertEqual((len(row), row.shift_id.ids), (1, []))
