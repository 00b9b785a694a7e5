"""Reports of payroll: what files told by department and against the period before, what overtime
cost, what rounding gave and took, and the totals of the payroll program."""

import json
from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .test_day import MONDAY
from .test_period import PeriodCase

NEXT = MONDAY + timedelta(days=7)


@tagged("post_install", "-at_install", "biometric_review")
class TestPayrollReports(PeriodCase):
    def setUp(self):
        super().setUp()
        self.env["biometric.rule"].create(
            {
                "name": "Rates",
                "valid_from": "2026-01-01",
                "parameters": {
                    "ot_daily_threshold_minutes": 480,
                    "rate_table": {"overtime": 125},
                    "round_unit_minutes": 15,
                },
            }
        )
        self.employee.department_id = self.env["hr.department"].create({"name": "Line A"})
        self.rebuild()

    def two_weeks(self):
        """Eight hours in the first week, ten in the second."""
        first = self.close()
        self.work(NEXT, "19:00")
        self.rebuild()
        return first, self.close(self.next_week)

    def figures(self, user=None):
        return self.env["biometric.payroll.figure"].with_user(user or self.pay)

    # ------------------------------------------------------------------ figures

    def test_figures_by_department_beside_the_period_before(self):
        """Red when a minute of a file is missing or doubled, the former period is another group's
        or not the one before, or a file that changes nothing shows a change."""
        first, second = self.two_weeks()
        self.assertEqual(first.total_minutes, 480)
        self.assertEqual(second.total_minutes, 600)
        wanted = ["minutes:sum", "former_minutes:sum", "change_minutes:sum", "overtime_minutes:sum"]
        told = self.figures()._read_group([], ["period_id", "department_id"], wanted)
        line = self.employee.department_id
        self.assertEqual(
            sorted(told, key=lambda row: row[0].date_from),
            [(self.week, line, 480, 0, 480, 0), (self.next_week, line, 600, 480, 120, 120)],
        )
        ((held,),) = self.figures()._read_group(
            [("export_id", "=", second.id)], [], ["minutes:sum"]
        )
        self.assertEqual(held, second.total_minutes)

    def test_the_former_period_is_the_groups_own(self):
        """Red when the period before is whichever ended last: another group's hours would be the
        figure that this one is compared with."""
        shop = self.env["hr.department"].create({"name": "Shop"})
        self.make_employee("Ben Cruz", "8", department_id=shop.id, barcode="B8")
        group = self.env["biometric.period.group"].create(
            {
                "name": "Shop",
                "rhythm": "weekly",
                "anchor": str(MONDAY),
                "department_ids": [(6, 0, shop.ids)],
            }
        )
        self.punch_in(f"{MONDAY} 08:00:00", f"{MONDAY} 15:00:00", pin="8")
        self.rebuild()
        theirs, their_next = group.period_ids.sorted("date_from")[:2]
        self.close(theirs)
        self.two_weeks()
        self.close(their_next)
        told = self.figures()._read_group([], ["period_id"], ["minutes:sum", "former_minutes:sum"])
        self.assertEqual(
            {period: sums for period, *sums in told},
            {
                self.week: [480, 0],
                self.next_week: [600, 480],
                theirs: [360, 0],
                their_next: [0, 360],
            },
        )

    def test_a_person_who_changed_departments_stands_in_both(self):
        """Red when what was paid moves to where the person is today."""
        before = self.employee.department_id
        self.employee.create_version({"date_version": NEXT})
        self.employee._get_version(NEXT).department_id = self.env["hr.department"].create(
            {"name": "Line B"}
        )
        self.two_weeks()
        rows = self.figures()._read_group(
            [("minutes", "!=", 0)], ["department_id"], ["minutes:sum"]
        )
        self.assertEqual(
            {one.name: minutes for one, minutes in rows}, {before.name: 480, "Line B": 600}
        )

    def test_overtime_cost_is_for_who_sees_wages(self):
        """Red when the cost forgets the rate of the rule set, differs from Odoo's wage of an hour,
        or is shown to whoever may not see wages."""
        self.employee.version_id.sudo().write({"wage": 3000})
        self.two_weeks()
        with self.assertRefused("enough rights to access the field", AccessError):
            self.figures()._read_group([], [], ["overtime_cost:sum"])
        self.assertNotIn("overtime_cost", self.figures().fields_get())
        self.pay.group_ids += self.env.ref("hr.group_hr_manager")
        ((cost,),) = self.figures()._read_group([], [], ["overtime_cost:sum"])
        hour = self.employee.version_id.sudo()._get_normalized_wage()
        self.assertGreater(hour, 0)
        self.assertAlmostEqual(cost, 2 * 1.25 * hour, 2)
        self.employee.version_id.sudo().write({"wage": 30, "resource_calendar_id": False})
        self.env.invalidate_all()
        ((cost,),) = self.figures()._read_group([], [], ["overtime_cost:sum"])
        hour = self.employee.version_id.sudo()._get_normalized_wage()
        self.assertAlmostEqual(cost, 2 * 1.25 * hour, 2)

    def test_a_look_of_an_auditor_at_figures_is_written_down(self):
        self.two_weeks()
        auditor = self.make_user("aud", "auditor")
        for name in ("biometric.payroll.figure", "biometric.rounding.bias"):
            before = self.env["biometric.audit"].search_count([("action", "=", "auditor.look")])
            self.work(NEXT + timedelta(days=1), "17:08")
            self.rebuild()
            self.env[name].with_user(auditor)._read_group([], [], ["__count"])
            after = self.env["biometric.audit"].search_count([("action", "=", "auditor.look")])
            self.assertEqual(after, before + 1, name)

    def test_the_screens_of_both_reports_open_on_data(self):
        """Red when a pivot or graph asks for what its reader may not see, or groups by month of
        another date than the end of the period."""
        self.employee.version_id.sudo().write({"wage": 3000})
        self.two_weeks()
        self.work(NEXT + timedelta(days=1), "17:05")  # counts as 17:00, in no file yet
        self.rebuild()
        kinds = [(False, kind) for kind in ("pivot", "graph", "list", "search")]
        for name in ("biometric.payroll.figure", "biometric.rounding.bias"):
            views = self.env[name].with_user(self.pay).get_views(kinds)["views"]
            self.assertNotIn("overtime_cost", "".join(one["arch"] for one in views.values()))
        measures = ["minutes:sum", "former_minutes:sum", "change_minutes:sum"]
        (row,) = self.figures().formatted_read_group(
            [], ["period_end:month", "department_id"], measures
        )
        self.assertEqual([row[name] for name in measures], [1080, 480, 600])
        self.assertEqual(row["period_end:month"][0], "2026-03-01")
        self.pay.group_ids += self.env.ref("hr.group_hr_manager")
        shown = self.figures().get_views(kinds)["views"]["pivot"]["arch"]
        self.assertIn("overtime_cost", shown)
        (row,) = self.figures().formatted_read_group(
            [("overtime_minutes", "!=", 0)], ["group_id"], ["overtime_minutes:sum"]
        )
        self.assertEqual(row["overtime_minutes:sum"], 120)
        (row,) = (
            self.env["biometric.rounding.bias"]
            .with_user(self.hal)
            .formatted_read_group([], ["employee_id", "date:month"], ["taken_minutes:sum"])
        )
        self.assertEqual(row["taken_minutes:sum"], -5)

    # ------------------------------------------------------------------ rates

    def test_the_rates_of_the_day_stand_in_file_figures_and_corrections(self):
        """Red when a line has the factor of another class or another version of its rule set, a
        class without a rate gets one, a correction tells another, or the cost is of another."""
        self.env["biometric.rule"].create(
            {
                "name": "Rates from Wednesday",
                "valid_from": MONDAY + timedelta(days=2),
                "parameters": {
                    "ot_daily_threshold_minutes": 480,
                    "dt_daily_threshold_minutes": 600,
                    "night_window": ["18:00", "06:00"],
                    "rate_table": {"overtime": 150, "doubletime": 200, "night": 10},
                },
            }
        )
        self.punch_in(f"{MONDAY} 18:00:00", f"{MONDAY} 20:00:00")
        thursday = MONDAY + timedelta(days=3)
        self.work(thursday, "21:00")
        self.rebuild()
        told = [
            (row["work_date"], row["class"], row["minutes"], row["factor"])
            for row in self.rows(self.close())
        ]
        self.assertEqual(
            sorted(told),
            [
                (str(MONDAY), "overtime", "120", "1.25"),
                (str(MONDAY), "regular", "480", ""),
                (str(thursday), "doubletime", "120", "2.00"),
                (str(thursday), "night", "180", "0.10"),
                (str(thursday), "overtime", "120", "1.50"),
                (str(thursday), "regular", "480", ""),
            ],
        )
        self.employee.version_id.sudo().write({"wage": 3000})
        self.pay.group_ids += self.env.ref("hr.group_hr_manager")
        hour = self.employee.version_id.sudo()._get_normalized_wage()
        costs = self.figures()._read_group([], ["pay_class"], ["overtime_cost:sum"])
        wanted = {"overtime": 2 * 1.25 + 2 * 1.5, "doubletime": 2 * 2.0, "regular": 0, "night": 0}
        self.assertEqual(
            {name: round(cost, 2) for name, cost in costs},
            {name: round(hours * hour, 2) for name, hours in wanted.items()},
        )
        self.punch_in(f"{thursday} 21:30:00", f"{thursday} 22:30:00")
        self.rebuild()
        told = [
            (row["work_date"], row["class"], row["minutes"], row["factor"], row["kind"])
            for row in self.rows(self.close(self.next_week))
        ]
        self.assertEqual(
            told,
            [
                (str(thursday), "doubletime", "60", "2.00", "correction"),
                (str(thursday), "night", "60", "0.10", "correction"),
            ],
        )

    def test_a_rate_that_was_meant_as_a_factor_is_not_adopted(self):
        """Red when somebody writes 1.25 for a quarter more and people are paid a hundredth."""
        rules = self.env["biometric.rule"]
        parameters = {"rate_table": {"overtime": 1.25}}
        with self.assertRefused("overtime is 1.25. A rate is in whole percent", ValidationError):
            rules.create({"name": "R", "valid_from": "2026-01-02", "parameters": parameters})

    # ------------------------------------------------------------------ rounding

    def test_rounding_bias_is_paid_less_punched_time(self):
        """Invariant 7. Red when an edge counts with the wrong sign, or a day that nothing rounded
        is in the report."""
        self.punch_in(
            f"{NEXT} 07:53:00", f"{NEXT} 17:05:00"
        )  # 07:53 counts as 08:00, 17:05 as 17:00
        day = NEXT + timedelta(days=1)
        self.punch_in(f"{day} 08:05:00", f"{day} 17:09:00")  # as 08:00 and as 17:15
        self.rebuild()
        rows = self.env["biometric.rounding.bias"].with_user(self.hal).search([], order="date")
        self.assertEqual(
            [
                (row.date, row.moves, row.given_minutes, row.taken_minutes, row.bias_minutes)
                for row in rows
            ],
            [(NEXT, 2, 0, -12, -12), (day, 2, 11, 0, 11)],
        )
        paid = sum(self.day(one).worked_minutes for one in (NEXT, day))
        breaks = sum(self.day(one).break_minutes for one in (NEXT, day))
        punched = (9 * 60 + 12) + (9 * 60 + 4)
        self.assertEqual(paid + breaks - punched, sum(rows.mapped("bias_minutes")))
        self.assertEqual(rows.department_id, self.employee.department_id)

    # ------------------------------------------------------------------ receiving totals

    def test_totals_of_the_program_are_compared_with_the_control_record(self):
        """Red when the dialog shows other totals than the control record, calls unequal ones equal,
        or nobody can read afterwards what came of it."""
        self.group.profile_id = self.env["biometric.payroll.profile"].create(
            {
                "name": "Sage",
                "program": "sage_ie",
                "code_ids": [
                    (0, 0, {"pay_code": "REG", "text": "1"}),
                    (0, 0, {"pay_code": "OT", "text": "3"}),
                ],
            }
        )
        self.employee.barcode = "118"
        self.work(MONDAY + timedelta(days=1), "18:15")
        self.rebuild()
        export = self.close()
        said = self.control(export)["program"]
        self.assertEqual(said["hours_by_code"], {"1": "16.00", "3": "1.25"})
        compare = self.env["biometric.payroll.compare"].with_user(self.pay)
        with Form(compare.with_context(default_export_id=export.id)) as form:
            for place, hours in enumerate((16, 1.24)):
                with form.line_ids.edit(place) as line:
                    line.received_hours = hours
            self.assertFalse(form.is_equal)
            with form.line_ids.edit(1) as line:
                line.received_hours = 1.25
            self.assertTrue(form.is_equal)
        form.record.action_keep()
        entry = self.env["biometric.audit"].search([("action", "=", "received.compare")])
        after = entry.after if isinstance(entry.after, dict) else json.loads(entry.after)
        self.assertEqual(
            (entry.login, after["equal"], after["received"]),
            ("review-pay", True, {"1": 16.0, "3": 1.25}),
        )
        check = self.env["biometric.audit.check"]._begin(self.env.company, "an entry more")
        while check._step():
            pass
        found = self.env["biometric.audit.finding"].search([])
        self.assertFalse(found.filtered(lambda one: export.name in f"{one.place} {one.text}"))
        form.record.line_ids[0].write({"told_hours": 1, "received_hours": 1})
        with self.assertRefused("this file is not shown in it"):
            form.record.action_keep()

    def test_without_a_program_our_own_hours_are_compared(self):
        export = self.close()
        compare = self.env["biometric.payroll.compare"].with_user(self.pay)
        with Form(compare.with_context(default_export_id=export.id)) as form:
            self.assertFalse(form.is_equal, "nothing was entered yet")
        told = [(line.code, line.told_hours) for line in form.record.line_ids]
        self.assertEqual(told, [("REG", 8.0)])
