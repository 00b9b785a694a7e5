"""Days whose punches were removed by the retention stay as they were paid.

Each test says which change turns it red.
"""

from datetime import date

from odoo.tests import tagged

from .test_audit_exceptions import ExceptionCase
from .test_day_proof import WEEK, ProofCase


@tagged("post_install", "-at_install", "biometric_day")
class TestDaysKept(ProofCase, ExceptionCase):
    def setUp(self):
        super().setUp()
        self.company.biometric_retention_months = 2
        self.grow_old(400)
        self.before = self.minutes()
        self.assertTrue(all(self.before[day] for day in WEEK[:5]), self.before)
        self.assertGreater(self.purge(), 10)
        self.seal()

    def minutes(self):
        self.env.invalidate_all()
        days = self.env["biometric.day"].search([("employee_id", "=", self.ana.id)])
        return {str(day.date): day.worked_minutes for day in days}

    def test_s84_what_reaches_back_changes_no_day_whose_punches_are_gone(self):
        """S84. Red when such a day is computed again: a rule that reaches back, a schedule, or a
        button would make it empty, and the next payroll file would take the hours back."""
        changes = {
            "a rule": lambda: self.env["biometric.rule"].create(
                {"name": "Reaches back", "company_id": self.company.id, "valid_from": "2026-01-01"}
            ),
            "all days": lambda: self.env["biometric.stale.day"]._mark_existing([self.ana.id]),
            "the button": lambda: (
                self.env["biometric.day.rebuild"]
                .sudo()
                ._rebuild([(self.ana.id, date.fromisoformat(day)) for day in WEEK])
            ),
        }
        for name, change in changes.items():
            with self.subTest(name):
                change()
                self.rebuild()
                self.assertEqual(self.minutes(), self.before)
        self.assertClean()

    def test_s84_days_behind_the_purge_are_computed_as_ever(self):
        """S84. Red when a purge stops days that have their punches."""
        self.store(
            self.agent,
            self.lane,
            *(
                self.lane.punch(pin="77", wall=wall, received_at="2026-11-20T23:59:00.000Z")
                for wall in ("2026-11-20 08:00:00", "2026-11-20 16:00:00")
            ),
        )
        self.rebuild()
        self.assertGreater(self.minutes()["2026-11-20"], 0)

    def test_s84_nothing_is_decided_about_such_a_day(self):
        """S84. Red when a request is taken that nothing would follow from."""
        asked = {"kind": "excuse_late", "employee_id": self.ana.id, "date": WEEK[0], "minutes": 5}
        with self.assertRefused("stay as they were paid and cannot be changed"):
            self.env["biometric.adjustment"].request(asked | {"reason_text": "the bus was late"})
