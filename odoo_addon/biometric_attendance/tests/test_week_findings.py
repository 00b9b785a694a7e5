"""Weekly rest and weekly hours: found from stored days, gone when the days or the rules say so."""

import random
from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_day import MONDAY, DayCase

WEEK = timedelta(days=7)


@tagged("post_install", "-at_install", "biometric_day")
class TestWeekFindings(DayCase):
    def setUp(self):
        super().setUp()
        self.employee.resource_calendar_id = False
        self.rule = self.env["biometric.rule"].create(
            {
                "name": "Working time",
                "valid_from": "2026-01-01",
                "parameters": {"max_weekly_minutes": 2880, "min_weekly_rest_minutes": 2100},
            }
        )

    def work(self, first, days, hours):
        """The same hours from 06:00 on so many dates from `first` on."""
        for number in range(days):
            day = first + timedelta(days=number)
            self.punch_in(f"{day} 06:00:00", f"{day} {6 + hours:02d}:00:00")

    def findings(self):
        self.env.flush_all()
        return [
            (found.week_start, found.kind, found.worked_minutes)
            for found in self.env["biometric.week.finding"].search(
                [("employee_id", "=", self.employee.id)], order="week_start, kind"
            )
        ]

    def test_a_long_week_without_rest_is_found_and_goes_with_the_day(self):
        """Red if findings are not derived again for the whole week of a changed day."""
        self.work(MONDAY, 7, 8)
        self.rebuild()
        self.assertEqual(
            self.findings(),
            [(MONDAY, "weekly_hours_long", 3360), (MONDAY, "weekly_rest_short", 3360)],
        )
        self.assertEqual(self.env["biometric.week.finding"].search([]).rule_id, self.rule)
        sunday = self.env["biometric.punch"].search([("wall_date", "=", "2026-03-08")])
        self.env["biometric.decide"].create(
            {
                "verdict": "discard",
                "punch_ids": [(6, 0, sunday.ids)],
                "reason": "somebody else's badge",
            }
        ).action_confirm()
        self.rebuild()
        # six times eight hours are exactly the bound, and Saturday 14:00 to Monday is 34 hours
        self.assertEqual(self.findings(), [(MONDAY, "weekly_rest_short", 2880)])

    def test_hours_are_averaged_and_a_change_reaches_forward(self):
        """Red if only the week of the change is derived, or if fewer weeks make an average."""
        self.rule.parameters = {"max_weekly_minutes": 2400, "averaging_weeks": 3}
        for number, hours in enumerate((10, 8, 8, 8, 8)):
            self.work(MONDAY + number * WEEK, 5, hours)
        self.rebuild()
        third = MONDAY + 2 * WEEK
        self.assertEqual(self.findings(), [(third, "weekly_hours_long", 2400)])
        self.work(MONDAY + WEEK + timedelta(days=5), 1, 1)
        self.rebuild()
        fourth = third + WEEK
        self.assertEqual(
            self.findings(),
            [(third, "weekly_hours_long", 2400), (fourth, "weekly_hours_long", 2400)],
        )

    def test_a_week_without_any_day_counts_as_free(self):
        """Red if weeks without a row are left out of the average."""
        self.rule.parameters = {"max_weekly_minutes": 2000, "averaging_weeks": 2}
        self.work(MONDAY, 5, 8)
        self.work(MONDAY + 2 * WEEK, 5, 8)
        self.rebuild()
        self.env.cr.execute(
            "DELETE FROM biometric_day WHERE employee_id = %s AND date BETWEEN %s AND %s",
            (self.employee.id, MONDAY + WEEK, MONDAY + 2 * WEEK - timedelta(days=1)),
        )
        last = MONDAY + 2 * WEEK
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, last)])
        self.assertEqual(self.findings(), [])

    def test_any_order_of_computing_finds_the_same(self):
        """Red if a finding depends on which days were stored when it was derived."""
        self.rule.parameters = {
            "max_weekly_minutes": 2400,
            "averaging_weeks": 2,
            "min_weekly_rest_minutes": 2100,
        }
        rng = random.Random(4)
        dates = [MONDAY + timedelta(days=number) for number in range(42)]
        for day in dates:
            if rng.random() < 0.85:
                self.work(day, 1, rng.choice((6, 8, 10)))
        results = set()
        for _turn in range(6):
            with self.env.cr.savepoint() as savepoint:
                order = dates.copy()
                rng.shuffle(order)
                for day in order:
                    self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, day)])
                results.add(tuple(self.findings()))
                savepoint.close(rollback=True)
            self.env.invalidate_all()
        self.rebuild()
        results.add(tuple(self.findings()))
        self.assertEqual(len(results), 1)
        self.assertGreater(len(results.pop()), 2)

    def test_findings_go_with_the_rule(self):
        """Red if only changed days are followed: no minute of these days changes."""
        self.work(MONDAY, 7, 8)
        self.rebuild()
        self.rule.parameters = {"max_weekly_minutes": 3000}
        self.rebuild()
        self.assertEqual(self.findings(), [(MONDAY, "weekly_hours_long", 3360)])
        self.rule.active = False
        self.rebuild()
        self.assertEqual(self.findings(), [])

    def test_nobody_writes_findings_by_hand(self):
        self.work(MONDAY, 7, 8)
        self.rebuild()
        with self.assertRaises(AccessError):
            self.env["biometric.week.finding"].search([]).sudo().write({"worked_minutes": 1})

    def test_the_compliance_report_counts_them(self):
        self.work(MONDAY, 7, 8)
        self.rebuild()
        sheet = self.env["biometric.sheet"].create(
            {"kind": "compliance", "date_from": MONDAY, "date_to": date(2026, 3, 8)}
        )
        ((_company, ((_department, (row,)),)),) = sheet._compliance_runs()
        self.assertEqual((row["weekly_hours_long"], row["weekly_rest_short"]), (1, 1))
