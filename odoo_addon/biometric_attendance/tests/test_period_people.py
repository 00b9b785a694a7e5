"""Whose days a pay period pays: one group each, and nothing lost on the way from one to another."""

from datetime import timedelta

from odoo.tests import tagged

from .test_day import MONDAY
from .test_period import PeriodCase

NEXT = MONDAY + timedelta(days=7)


@tagged("post_install", "-at_install", "biometric_review")
class TestPeriodPeople(PeriodCase):
    def department(self, name, above=None):
        return self.env["hr.department"].create(
            {"name": name, "parent_id": above.id if above else False}
        )

    def group_of(self, department, anchor=MONDAY):
        return self.env["biometric.period.group"].create(
            {
                "name": department.name,
                "rhythm": "weekly",
                "anchor": str(anchor),
                "department_ids": [(6, 0, department.ids)],
            }
        )

    def test_a_file_holds_the_people_of_its_group_alone(self):
        """Red when the file of a group tells the days of another as well: for a payroll program
        that does not know them, or that pays them beside their own."""
        shop = self.department("Shop")
        group = self.group_of(shop)
        self.make_employee("Ben Cruz", "8", department_id=shop.id, barcode="B8")
        self.punch_in(f"{MONDAY} 08:00:00", f"{MONDAY} 17:00:00", pin="8")
        self.rebuild()
        for period, number in ((self.week, "B7"), (group.period_ids.sorted("date_from")[0], "B8")):
            told = [(row["employee_id"], row["minutes"]) for row in self.rows(self.close(period))]
            self.assertEqual(told, [(number, "480")])

    def test_what_changes_of_somebody_who_moved_comes_in_the_new_groups_file(self):
        """Red when a change on a day that the former group paid is told by nobody, because the new
        group looks back to its own first file alone; or when both tell it."""
        first = self.close()
        shop = self.department("Shop")
        group = self.group_of(shop, NEXT)
        self.employee.department_id = shop
        self.punch_in(f"{MONDAY} 18:00:00", f"{MONDAY} 19:00:00")
        self.rebuild()
        period = group.period_ids.sorted("date_from")[0]
        self.assertEqual(period.date_from, NEXT)
        data = period.with_user(self.pay).get_cockpit_data(period.id)
        self.assertEqual(data["corrections"], {"days": 1, "people": 1, "minutes": 60})
        told = [
            (row["work_date"], row["pay_code"], row["minutes"], row["origin_batch"])
            for row in self.rows(self.close(period))
        ]
        self.assertEqual(told, [(str(MONDAY), "OT", "60", first.name)])
        self.assertEqual(self.rows(self.close(self.next_week)), [])

    def test_it_comes_also_where_the_new_group_closed_periods_before(self):
        """Red when a group that has files looks back to its own first one alone: the day before it,
        which the former group paid, is lost."""
        first = self.close()
        shop = self.department("Shop")
        group = self.group_of(shop, NEXT)
        one, two = group.period_ids.sorted("date_from")[:2]
        self.close(one)
        self.employee.department_id = shop
        self.punch_in(f"{MONDAY} 18:00:00", f"{MONDAY} 19:00:00")
        self.rebuild()
        told = [
            (row["work_date"], row["minutes"], row["origin_batch"])
            for row in self.rows(self.close(two))
        ]
        self.assertEqual(told, [(str(MONDAY), "60", first.name)])

    def test_days_of_before_a_group_closed_anything_are_not_told(self):
        """Red when the first file of a group pays days that were paid elsewhere before there were
        pay groups."""
        self.assertEqual(self.next_week._changed_before(), [])
        self.week.sudo().unlink()
        export = self.env["biometric.export"].create({"date_from": MONDAY, "date_to": MONDAY})
        export.action_generate()
        self.punch_in(f"{MONDAY} 18:00:00", f"{MONDAY} 19:00:00")
        self.rebuild()
        self.assertEqual(self.next_week._changed_before(), [])
        self.assertEqual(self.rows(self.close(self.next_week)), [])

    def test_a_department_of_its_own_group_is_not_paid_by_the_one_above(self):
        """Red when two groups name a department and the one above it, and the first to close pays
        the people of both, for another payroll program."""
        plant = self.department("Plant")
        line = self.department("Line", plant)
        night = self.department("Night line", line)
        office = self.department("Office", plant)
        above, own = self.group_of(plant), self.group_of(line)
        groups = self.env["biometric.period.group"]
        for department, wanted in ((plant, above), (line, own), (night, own), (office, above)):
            with self.subTest(department.name):
                self.employee.department_id = department
                self.assertEqual(groups._of(self.employee), wanted)
                for group in above | own | self.group:
                    people = group.period_ids.sorted("date_from")[0]._paid_people()
                    self.assertEqual(self.employee in people, group == wanted, group.name)

    def test_an_archived_group_keeps_nobody_from_being_paid(self):
        """Red when the people of a group that is out of use are paid by no other: a file looks for
        people who left, and with them at groups that were archived."""
        shop = self.department("Shop")
        group = self.group_of(shop)
        self.employee.department_id = shop
        self.assertNotIn(self.employee, self.week._paid_people())
        group.active = False
        self.assertEqual(self.env["biometric.period.group"]._of(self.employee), self.group)
        self.assertIn(self.employee, self.week._paid_people())
        self.assertIn(self.employee, self.week._people())

    def test_people_whom_no_group_pays_are_named_to_whoever_closes(self):
        """Red when a company without a group for everybody else pays somebody by no file, and
        nobody is told; or when people of another group, or of one above theirs, are named."""
        plant = self.department("Plant")
        group = self.group_of(plant)
        period = group.period_ids.sorted("date_from")[0]
        ben = self.make_employee("Ben Cruz", "8", department_id=self.department("Line", plant).id)
        self.punch_in(f"{MONDAY} 08:00:00", f"{MONDAY} 17:00:00", pin="8")
        self.rebuild()
        self.assertEqual(self.env["biometric.period.group"]._of(ben), group)
        self.assertEqual(period._cockpit_outside(), {"count": 0, "names": ""})
        self.group.active = False
        data = period.with_user(self.pay).get_cockpit_data(period.id)
        self.assertEqual(data["outside"], {"count": 1, "names": "Ana Reyes"})
