"""What tests of the review room share: people with roles around one employee's day."""

import re

from odoo.tests import new_test_user

from .test_day import MONDAY, DayCase

GROUP = "base.group_user,biometric_attendance.group_"
WHY = "gate log shows it, checked with the guard"


def plain(text):
    """A text with common spaces alone: languages write a narrow one before AM."""
    return re.sub(r"\s", " ", text)


class ReviewCase(DayCase):
    """Ana works; Mia approves her attendance; Hal and Ida are HR officers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.user_admin").group_ids -= cls.env.ref(
            "biometric_attendance.group_hr_officer"
        )
        cls.ana = cls.make_user("ana", "employee")
        cls.mia = cls.make_user("mia", "approver")
        cls.hal = cls.make_user("hal", "hr_officer")
        cls.ida = cls.make_user("ida", "hr_officer")
        cls.pay = cls.make_user("pay", "payroll_officer")
        cls.employee.write({"user_id": cls.ana.id, "attendance_manager_id": cls.mia.id})

    @classmethod
    def make_user(cls, name, role):
        return new_test_user(cls.env, f"review-{name}", GROUP + role, email=f"{name}@example.com")

    def ask(self, user, kind="add_punch", employee=None, **values):
        """The adjustment that a user asked for, with the user's eyes."""
        own = {"clock": "17:00"} if kind == "add_punch" else {}
        return self.as_user(user).browse(
            self.as_user(user).request(
                {
                    "kind": kind,
                    "employee_id": (employee or self.employee).id,
                    "date": str(MONDAY),
                    "reason_text": WHY,
                    **own,
                    **values,
                }
            )
        )

    def as_user(self, user):
        return self.env["biometric.adjustment"].with_user(user)

    def numbers(self, on=MONDAY, employee=None):
        """What pays of a day, read anew."""
        self.env.invalidate_all()
        day = self.day(on, employee)
        return day.status, day.worked_minutes, day.overtime_minutes
