"""The roster grid's server side: what is planned and why, whose, and nothing is overwritten."""

from datetime import date, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .review_case import ReviewCase
from .test_day import MONDAY

DAYS = [MONDAY + timedelta(days=n) for n in range(7)]


@tagged("post_install", "-at_install", "biometric_day")
class TestRosterGrid(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._lang_get("en_US").week_start = "1"
        cls.env["biometric.shift"].search([]).active = False
        cls.night = cls.env["biometric.shift"].create(
            {
                "name": "Night",
                "code": "N",
                "start": 22.0,
                "end": 6.0,
                "break_start": 1.0,
                "break_end": 1.5,
            }
        )
        cls.early = cls.env["biometric.shift"].create(
            {"name": "Early", "code": "E", "start": 6.0, "end": 14.0}
        )
        cls.sewing = cls.env["hr.department"].create({"name": "Sewing"})
        cls.ben = cls.make_employee("Ben Cruz", "8", department_id=cls.sewing.id)
        cls.cora = cls.make_employee("Cora Diaz", "9", department_id=cls.sewing.id)

    def grid(self, user):
        self.env.invalidate_all()
        return self.env["biometric.roster.grid"].with_user(user)

    def opened(self, user=None, first=MONDAY, **asked):
        return self.grid(user or self.hal).open_grid(str(first), **asked)

    def person(self, told, name):
        return next(one for one in told["people"] if one["name"] == name)

    def cell(self, told, name, day=MONDAY):
        # the first cell is of the day before
        number = (day - date.fromisoformat(told["first"])).days + 1
        return self.person(told, name)["cells"][number]

    def roster(self, employee=None):
        rows = self.env["biometric.roster"].search(
            [("employee_id", "=", (employee or self.ben).id)], order="date"
        )
        return [(str(row.date), row.shift_id.name) for row in rows]

    def put(self, *changes, user=None):
        return self.grid(user or self.hal).apply(
            [[who.id, str(day), was, wanted] for who, day, was, wanted in changes]
        )

    def test_what_the_schedule_plans_is_shown_with_its_reason(self):
        """Red when a date without a roster row looks empty."""
        told = self.opened()
        cell = self.cell(told, "Ben Cruz")
        self.assertIsNone(cell["own"])
        self.assertEqual((cell["spans"], cell["minutes"]), ([[480, 1020]], 480))
        self.assertEqual(told["reasons"][cell["why"]], "working schedule Office hours")
        sunday = self.cell(told, "Ben Cruz", DAYS[6])
        self.assertEqual((sunday["kind"], sunday["spans"], sunday["minutes"]), ("rest_day", [], 0))
        self.assertEqual(self.person(told, "Ben Cruz")["contract"], 40 * 60)
        self.assertEqual([day["date"] for day in told["days"]], [str(day) for day in DAYS])

    def test_the_roster_outranks_it_and_a_night_reaches_over_midnight(self):
        self.put((self.ben, MONDAY, None, self.night.ids), (self.ben, DAYS[1], None, []))
        told = self.opened()
        cell = self.cell(told, "Ben Cruz")
        self.assertEqual((cell["own"], cell["spans"]), (self.night.ids, [[1320, 1800]]))
        self.assertEqual(cell["minutes"], 450)
        off = self.cell(told, "Ben Cruz", DAYS[1])
        self.assertEqual((off["own"], off["spans"], off["minutes"]), ([], [], 0))
        (night,) = (one for one in told["shifts"] if one["name"] == "Night")
        self.assertEqual((night["start"], night["end"], night["minutes"]), (1320, 1800, 450))

    def test_leave_and_time_outside_employment_are_marked(self):
        self.env["resource.calendar.leaves"].create(
            {
                "resource_id": self.ben.resource_id.id,
                "calendar_id": self.calendar.id,
                "date_from": "2026-03-02 16:00:00",
                "date_to": "2026-03-03 15:59:59",
            }
        )
        self.cora.version_id.write(
            {"contract_date_start": "2026-01-01", "contract_date_end": str(DAYS[2])}
        )
        told = self.opened()
        leaves = [self.cell(told, "Ben Cruz", day)["leave"] for day in DAYS[:3]]
        self.assertEqual(leaves, [False, True, False])
        outside = [self.cell(told, "Cora Diaz", day)["outside"] for day in DAYS[:5]]
        self.assertEqual(outside, [False, False, False, True, True])
        self.assertEqual(self.person(told, "Cora Diaz")["contract"], round(40 * 60 * 3 / 7))

    def test_on_a_holiday_nobody_is_planned_but_whom_the_roster_names(self):
        """Red when a holiday looks like a working day, or a duty on it is hidden."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Foundation day",
                "calendar_id": False,
                "date_from": "2026-03-01 16:00:00",
                "date_to": "2026-03-02 15:59:59",
            }
        )
        self.put((self.cora, MONDAY, None, self.early.ids))
        told = self.opened()
        ben, cora = self.cell(told, "Ben Cruz"), self.cell(told, "Cora Diaz")
        self.assertEqual((ben["kind"], ben["spans"], ben["minutes"]), ("holiday", [], 480))
        self.assertEqual(told["reasons"][ben["why"]], "public holiday Foundation day")
        self.assertEqual((cora["kind"], cora["spans"]), ("holiday", [[360, 840]]))

    def test_one_act_writes_a_week_of_several_people_and_the_trail_has_each(self):
        people = (self.ben, self.cora)
        changes = [(who, day, None, self.night.ids) for who in people for day in DAYS]
        told = self.put(*changes)
        self.assertEqual((told["changed"], len(told["cells"])), (14, 14))
        self.assertEqual(self.roster(self.cora), [(str(day), "Night") for day in DAYS])
        entries = self.env["biometric.audit"].search_count([("action", "=", "roster.create")])
        self.assertEqual(entries, 14)
        # what is right already is left alone, and said to be
        again = [(who, day, self.night.ids, self.night.ids) for who, day, *_rest in changes]
        self.assertEqual(self.put(*again)["changed"], 0)
        self.assertEqual(
            self.env["biometric.audit"].search_count([("action", "=", "roster.remove")]), 0
        )

    def test_an_undo_brings_back_what_was_the_schedule_included(self):
        self.put((self.ben, MONDAY, None, self.night.ids))
        back = self.put((self.ben, MONDAY, self.night.ids, None))
        self.assertEqual((back["changed"], self.roster()), (1, []))
        (cell,) = (cell for _who, _day, cell in back["cells"])
        self.assertEqual((cell["own"], cell["minutes"]), (None, 480))

    def test_two_shifts_of_a_date_stay_two(self):
        both = sorted((self.night | self.early).ids)
        self.put((self.ben, MONDAY, None, both))
        cell = self.cell(self.opened(), "Ben Cruz")
        self.assertEqual((cell["own"], cell["spans"]), (both, [[360, 840], [1320, 1800]]))

    def test_what_changed_meanwhile_is_not_overwritten(self):
        """Red when the second of two planners wipes out what the first one wrote."""
        self.put((self.ben, MONDAY, None, self.early.ids))
        with self.assertRefused("roster of Ben Cruz on .*2026 was changed in the meantime"):
            self.put(
                (self.cora, MONDAY, None, self.night.ids), (self.ben, MONDAY, None, self.night.ids)
            )
        self.assertEqual((self.roster(), self.roster(self.cora)), ([(str(MONDAY), "Early")], []))

    def test_who_may_only_read_changes_nothing(self):
        """Red when the grid is weaker than the list: approvers, payroll and employees read."""
        self.ben.attendance_manager_id = self.mia
        for user in (self.mia, self.pay, self.ana):
            with self.assertRefused("not allowed to modify", AccessError):
                self.put((self.ben, MONDAY, None, self.night.ids), user=user)
            self.assertFalse(self.opened(user)["may_write"])
        self.assertEqual(self.roster(), [])

    def test_everybody_sees_whose_roster_is_theirs_to_see(self):
        self.ben.attendance_manager_id = self.mia
        # below somebody in the organisation, who has no role to see it
        self.cora.parent_id = self.employee
        names = {
            user.login: {one["name"] for one in self.opened(user)["people"]}
            for user in (self.hal, self.mia, self.ana, self.pay)
        }
        self.assertEqual(names["review-ana"], {"Ana Reyes"})
        self.assertEqual(names["review-mia"], {"Ana Reyes", "Ben Cruz"})
        self.assertLessEqual({"Ana Reyes", "Ben Cruz", "Cora Diaz"}, names["review-hal"])
        self.assertEqual(names["review-hal"], names["review-pay"])
        # whoever may not read shifts is told of those alone that somebody of theirs works
        self.assertEqual(self.opened(self.ana)["shifts"], [])

    def test_nobody_plans_people_or_shifts_of_another_company(self):
        """I6. Red when an id of another company is taken as it comes."""
        other = self.env["res.company"].create({"name": "Next door"})
        stranger = self.env["hr.employee"].create({"name": "Nan", "company_id": other.id})
        theirs = self.env["biometric.shift"].create(
            {"name": "Theirs", "start": 8, "end": 16, "company_id": other.id}
        )
        with self.assertRefused("not in this company", AccessError):
            self.put((stranger, MONDAY, None, self.night.ids))
        with self.assertRefused("Theirs|not allowed to access|another company"):
            self.put((self.ben, MONDAY, None, theirs.ids))
        self.assertNotIn("Nan", [one["name"] for one in self.opened()["people"]])
        self.hal.company_ids = [Command.link(other.id)]
        there = self.grid(self.hal).with_context(allowed_company_ids=other.ids)
        self.assertEqual([one["name"] for one in there.open_grid(str(MONDAY))["people"]], ["Nan"])

    def test_a_department_a_name_and_a_page_narrow_it(self):
        told = self.opened(department=self.sewing.id)
        self.assertEqual([one["name"] for one in told["people"]], ["Ben Cruz", "Cora Diaz"])
        self.assertEqual(told["total"], 2)
        found = self.opened(search="cora")
        self.assertEqual([one["name"] for one in found["people"]], ["Cora Diaz"])
        past = self.opened(department=self.sewing.id, offset=600)
        self.assertEqual((past["offset"], len(past["people"])), (0, 2))
        self.assertIn([self.sewing.id, "Sewing"], told["departments"])

    def test_a_month_holds_its_own_dates_and_one_on_either_side(self):
        told = self.opened(first=date(2026, 2, 11), days=31)
        self.assertEqual((told["first"], len(told["days"])), ("2026-02-01", 28))
        self.assertEqual(len(self.person(told, "Ben Cruz")["cells"]), 30)

    def test_rules_of_rest_are_those_of_the_rule_set(self):
        rule = self.env["biometric.rule"].create(
            {
                "name": "Rest",
                "valid_from": "2026-01-01",
                "department_ids": [Command.set(self.sewing.ids)],
                "parameters": {"min_daily_rest_minutes": 660, "max_weekly_minutes": 2880},
            }
        )
        rule.action_adopt()
        told = self.opened()
        ben, ana = self.person(told, "Ben Cruz"), self.person(told, "Ana Reyes")
        self.assertEqual((ben["rest"], ben["week_most"], ana["rest"]), (660, 2880, None))

    def test_a_shift_and_a_day_off_are_refused_however_they_come(self):
        self.put((self.ben, MONDAY, None, self.night.ids))
        roster = self.env["biometric.roster"].with_user(self.hal)
        with self.assertRefused("both a shift and a day off", ValidationError):
            roster.create({"employee_id": self.ben.id, "date": MONDAY, "shift_id": False})
