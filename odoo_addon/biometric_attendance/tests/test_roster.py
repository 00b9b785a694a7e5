"""The roster outranks the schedule; assigning, copying, changing it recomputes what it touches."""

from datetime import date

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_day import MONDAY, DayCase

TUESDAY = date(2026, 3, 3)


@tagged("post_install", "-at_install", "biometric_day")
class TestRoster(DayCase):
    def setUp(self):
        super().setUp()
        self.night = self.env["biometric.shift"].create(
            {"name": "Night", "start": 22.0, "end": 6.0, "break_start": 1.0, "break_end": 1.5}
        )

    def assign(self, **values):
        wizard = self.env["biometric.roster.assign"].create(
            {
                "employee_ids": [Command.set(self.employee.ids)],
                "shift_id": self.night.id,
                "date_from": MONDAY,
                "date_to": MONDAY,
                **values,
            }
        )
        wizard.action_apply()
        return self.env["biometric.roster"].search([("employee_id", "=", self.employee.id)])

    def compute(self, *days):
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, day) for day in days])

    def test_rostered_night_replaces_the_office_day(self):
        self.assign()
        self.punch_in("2026-03-02 21:58:00", "2026-03-03 06:02:00")
        self.rebuild()
        day = self.day()
        self.assertEqual((day.scheduled_minutes, day.worked_minutes), (450, 484 - 30))
        self.assertEqual(day.shift_reason, "roster: Night")
        self.assertEqual(self.night.duration_minutes, 450)

    def test_day_off_on_the_roster_is_a_rest_day(self):
        self.assign(shift_id=False)
        self.compute(MONDAY)
        self.assertEqual((self.day().day_type, self.day().scheduled_minutes), ("rest_day", 0))

    def test_assigning_and_removing_mark_the_day_and_its_neighbours(self):
        self.compute(MONDAY, TUESDAY, date(2026, 3, 5))
        self.env["biometric.stale.day"].sudo()._pop(1000)
        row = self.assign()
        stale = [(self.employee.id, MONDAY), (self.employee.id, TUESDAY)]
        self.assertEqual(self.env["biometric.stale.day"].sudo()._pop(1000), stale)
        self.night.start = 21.0
        self.assertEqual(self.env["biometric.stale.day"].sudo()._pop(1000), stale)
        row.unlink()
        self.assertEqual(self.env["biometric.stale.day"].sudo()._pop(1000), stale)

    def test_copying_a_week_repeats_it_weekday_by_weekday(self):
        self.assign(date_to=date(2026, 3, 8), wednesday=False, saturday=True)
        rows = self.assign(
            mode="copy", source_week=MONDAY, date_from=date(2026, 3, 9), date_to=date(2026, 3, 22)
        )
        weekdays = [row.date.weekday() for row in rows.sorted("date")]
        self.assertEqual(weekdays, [0, 1, 3, 4, 5] * 3)

    # Red when a row's check, its mark or its entry in the trail is a statement of its own again:
    # 48,000 rows took 451 s.
    def test_rows_are_written_together_each_with_its_marks_and_entry(self):
        people = self.employee | self.env["hr.employee"].create(
            [{"name": f"Rostered {number}"} for number in range(9)]
        )
        self.compute(MONDAY, TUESDAY, date(2026, 3, 5))
        costs = []
        for some, day in ((people[:2], MONDAY), (people, date(2026, 5, 4))):
            self.env["biometric.stale.day"].sudo()._pop(1000)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            rows = self.env["biometric.roster"].create(
                [{"employee_id": one.id, "date": day, "shift_id": self.night.id} for one in some]
            )
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
            entries = self.env["biometric.audit"].search(
                [("model", "=", "biometric.roster"), ("res_id", "in", rows.ids)], order="id"
            )
            self.assertEqual(entries.mapped("res_id"), rows.ids)
            self.assertEqual(entries.mapped("person_id"), some.ids)
            self.assertEqual(set(entries.mapped("action")), {"roster.create"})
            marked = self.env["biometric.stale.day"].sudo()._pop(1000)
            at_hand = [(self.employee.id, MONDAY), (self.employee.id, TUESDAY)]
            self.assertEqual(marked, at_hand if day == MONDAY else [])
        self.assertLessEqual(costs[1], costs[0])
        before = self.env.cr.sql_log_count
        rows.unlink()
        self.assertLessEqual(self.env.cr.sql_log_count - before, costs[0])
        last = self.env["biometric.audit"].search([("action", "=", "roster.remove")], limit=10)
        self.assertEqual(set(last.mapped("person_id")), set(people.ids))

    def test_of_many_rows_the_one_that_cannot_be_is_named_and_none_is_kept(self):
        other = self.env["hr.employee"].create({"name": "Both At Once"})
        rows = [
            {"employee_id": one.id, "date": day, "shift_id": shift}
            for one, day, shift in (
                (self.employee, MONDAY, self.night.id),
                (other, TUESDAY, self.night.id),
                (other, TUESDAY, False),
            )
        ]
        words = r"Both At Once cannot have both a shift and a day off on 2026-03-03"
        with self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
            self.env["biometric.roster"].create(rows)
        self.assertFalse(self.env["biometric.roster"].search([]))

    def test_what_cannot_be_rostered_is_refused(self):
        self.assign()
        with self.assertRaises(ValidationError):
            self.env["biometric.roster"].create(
                {"employee_id": self.employee.id, "date": MONDAY, "shift_id": False}
            )
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["biometric.roster"].create(
                {"employee_id": self.employee.id, "date": MONDAY, "shift_id": self.night.id}
            )
            self.env.flush_all()
        with self.assertRaises(ValidationError):
            self.night.break_end = 9.0

    def test_apply_that_would_change_nothing_says_why(self):
        """Red when the dialog closes as if it had worked, or writes anew what is right already."""
        with self.assertRefused("none of the weekdays you ticked"):
            self.assign(monday=False)
        with self.assertRefused("in the week of .*2026 none of these people is on the roster"):
            self.assign(mode="copy", source_week=MONDAY)
        first = self.assign()
        with self.assertRefused("already says so"):
            self.assign()
        with self.assertRefused("Tick Replace"):
            self.assign(replace=False)
        both = self.assign(date_to=TUESDAY)
        self.assertEqual((len(both), both & first), (2, first))
