"""From a punch after hours to approved time off, back by cancellation, and to a line of a payroll
file, each by the person whose part it is, at a browser.
"""

import base64
import csv
import io
from datetime import date, timedelta

from freezegun import freeze_time

from odoo.tests import HttpCase, new_test_user, tagged

from .test_day import DayCase


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoTour(DayCase, HttpCase):
    def test_from_an_overtime_punch_to_time_off_and_to_a_payout(self):
        """Red when a button, a balance, the way back or the line of the file is gone."""
        company = self.env.company
        company.biometric_cto_from = "2026-01-01"
        self.env["biometric.rule"].create(
            {
                "name": "Bank",
                "valid_from": "2026-01-01",
                "parameters": {
                    "cto_eligible": True,
                    "ot_daily_threshold_minutes": 480,
                    "cto_expiry_policy": "days_after_earn",
                    "cto_expiry_value": 40,
                    "cto_cash_convertible": True,
                },
            }
        )
        ana = new_test_user(self.env, "tour_ana", "base.group_user", email="ana@example.com")
        boss = new_test_user(self.env, "tour_boss", "base.group_user", email="boss@example.com")
        new_test_user(
            self.env, "tour_pay", "base.group_user,biometric_attendance.group_payroll_officer"
        )
        self.employee.write({"user_id": ana.id, "leave_manager_id": boss.id})
        today = date.today()
        worked = today - timedelta(days=today.weekday() + 7)
        clocks = ("08:00:00", "12:00:00", "13:00:00", "20:00:00")
        self.punch_in(*(f"{worked} {clock}" for clock in clocks))
        self.rebuild()
        account = self.env["biometric.cto.account"].search([("employee_id", "=", self.employee.id)])
        self.assertEqual(account.balance_minutes, 180)
        own = "/odoo/biometric-my-time-account"
        self.start_tour(own, "biometric_cto_ask", login="tour_ana")
        leave = self.env["hr.leave"].search([("employee_id", "=", self.employee.id)])
        self.assertEqual((leave.state, leave.number_of_hours), ("confirm", 3))
        form = f"/odoo/action-hr_holidays.hr_leave_action_action_approve_department/{leave.id}"
        self.start_tour(form, "biometric_cto_approve", login="tour_boss")
        self.env.invalidate_all()
        self.assertEqual((leave.state, account.balance_minutes), ("validate", 0))
        mine = f"/odoo/action-hr_holidays.hr_leave_action_my/{leave.id}"
        self.start_tour(mine, "biometric_cto_cancel", login="tour_ana")
        self.env.invalidate_all()
        self.assertEqual((leave.state, account.balance_minutes), ("cancel", 180))
        self.start_tour(own, "biometric_cto_pay", login="tour_ana")
        payouts = "/odoo/action-biometric_attendance.biometric_cto_payout_action"
        self.start_tour(payouts, "biometric_cto_payout", login="tour_pay")
        self.env.invalidate_all()
        self.assertEqual(account.balance_minutes, 90)
        with freeze_time(today + timedelta(days=2)):
            export = self.env["biometric.export"].create({"date_from": worked, "date_to": today})
            export.action_generate()
        rows = csv.DictReader(io.StringIO(base64.b64decode(export.data).decode()))
        (line,) = [row for row in rows if row["kind"] == "payout"]
        self.assertEqual(
            (line["class"], line["minutes"], line["origin_batch"], line["origin_date"]),
            ("cto_payout", "90", f"day:{worked}:workday", str(worked)),
        )
