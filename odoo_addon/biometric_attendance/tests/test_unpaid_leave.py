"""Time off that nobody is paid for: on the day, in no payroll file."""

from datetime import timedelta

from odoo.tests import tagged

from .test_day import MONDAY
from .test_period import PeriodCase

DAYS = [MONDAY + timedelta(days=number) for number in range(7)]


@tagged("post_install", "-at_install", "biometric_review")
class TestUnpaidLeave(PeriodCase):
    """Ana takes Tuesday off, unpaid, and Wednesday, paid."""

    def setUp(self):
        super().setUp()
        kinds = self.env["hr.leave.type"]
        values = {"requires_allocation": False, "leave_validation_type": "hr"}
        self.unpaid = kinds.create(values | {"name": "Own affairs", "unpaid": True})
        self.paid = kinds.create(values | {"name": "Vacation"})
        for kind, day in ((self.unpaid, DAYS[1]), (self.paid, DAYS[2])):
            leave = {"request_date_from": day, "request_date_to": day}
            self.env["hr.leave"].create(
                {"employee_id": self.employee.id, "holiday_status_id": kind.id, **leave}
            ).action_approve()
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, day) for day in DAYS])
        self.rebuild()

    def told(self, export):
        return [
            (row["work_date"], row["pay_code"], int(row["minutes"]))
            for row in self.rows(export)
            if row["class"] == "leave"
        ]

    def test_time_off_that_is_not_paid_is_in_no_file(self):
        """Red when a payroll file tells unpaid time off as leave: by its code nobody can tell it
        from paid leave, and it was paid."""
        day = self.day(DAYS[1])
        self.assertEqual(
            (day.status, day.leave_minutes, day.undertime_minutes), ("on_leave", 480, 0)
        )
        totals = self.week.with_user(self.pay).get_cockpit_data(self.week.id)["totals"]
        self.assertEqual(totals["minutes"], 960)
        self.assertEqual(self.told(self.close()), [(str(DAYS[2]), "LV", 480)])

    def test_a_kind_that_becomes_unpaid_is_taken_back(self):
        """Red when what changed on earlier days is looked for in all leave instead of paid leave:
        the difference is never told."""
        first = self.close()
        self.paid.unpaid, self.unpaid.unpaid = True, False
        self.rebuild()
        self.assertEqual(
            self.next_week._changed_before(),
            [(self.employee.id, DAYS[1], 480), (self.employee.id, DAYS[2], -480)],
        )
        second = self.close(self.next_week)
        self.assertEqual(self.told(second), [(str(DAYS[1]), "LV", 480), (str(DAYS[2]), "LV", -480)])
        self.assertEqual({row["origin_batch"] for row in self.rows(second)}, {first.name})

    def test_no_code_is_missed_for_what_is_not_told(self):
        """Red when the gate wants a code of the payroll program for unpaid time off."""
        self.paid.unpaid = True
        self.rebuild()
        self.assertEqual(self.week._unmapped(self.employee.ids), {})
        profile = self.env["biometric.payroll.profile"].create(
            {"name": "Sage", "program": "sage_ie", "company_id": self.env.company.id}
        )
        profile.code_ids = [(0, 0, {"pay_code": "REG", "text": "1"})]
        self.group.profile_id = profile
        self.assertEqual(self.week._unmapped(self.employee.ids), {})
        self.paid.unpaid = False
        self.rebuild()
        found = self.week._unmapped(self.employee.ids)
        self.assertEqual(found, {f"code:{profile.id}:LV": 480})
