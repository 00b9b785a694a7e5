"""Time off by the day out of a time account, where the roster says what is due: what it takes, and
what follows where the roster changes afterwards."""

from datetime import date
from random import Random
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .test_cto import CtoCase
from .test_day_off import DAYS, DayOffCase

NOTE = "The roster of its dates was changed"


class RosterDebitCase(CtoCase, DayOffCase):
    """The company works 8 to 17; time off is asked for by the day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind.request_unit = "day"
        cls.long, cls.short, cls.brief = cls.env["biometric.shift"].create(
            [
                {"name": "Long night", "start": 20.0, "end": 8.0},
                {"name": "Short", "start": 8.0, "end": 12.0},
                {"name": "Brief", "start": 9.0, "end": 11.0},
            ]
        )

    def take(self, first, last=None, employee=None):
        leave = self.ask(first, last, employee)
        leave.action_approve()
        return leave

    def took(self, leave, employee=None):
        """Minutes that the ledger holds for a request."""
        source = f"leave:{leave.id}"
        rows = self.account(employee).entry_ids.filtered(lambda one: one.source == source)
        return -sum(rows.mapped("minutes"))

    def row(self, day, employee=None):
        return self.env["biometric.roster"].search(
            [("employee_id", "=", (employee or self.employee).id), ("date", "=", day)]
        )

    def elsewhere(self, name, company):
        """Somebody in another company."""
        calendar = self.calendar.copy({"company_id": company.id})
        values = {"name": name, "company_id": company.id, "resource_calendar_id": calendar.id}
        return self.env["hr.employee"].create(values | {"date_version": "2026-01-01"})

    def leave_minutes(self, days):
        return [row[2] for row in self.told(*days)]


@tagged("post_install", "-at_install", "biometric_cto")
class TestDebitByRoster(RosterDebitCase):
    def test_each_date_takes_what_is_due_on_it(self):
        """Red when a day off costs eight hours whatever the roster has there: a night of twelve, a
        short shift, a day off, a public holiday, and a date that is not planned."""
        self.bring(6000)
        self.plan(self.long, DAYS[0])
        self.plan(self.short, DAYS[1])
        self.rest(DAYS[2])
        self.plan(self.long, DAYS[3])
        self.holiday("2026-03-04 16:00:00", "2026-03-05 15:59:59")
        leave = self.take(DAYS[0], DAYS[4])
        self.assertEqual(self.took(leave), 720 + 240 + 0 + 0 + 480)
        self.assertEqual(self.leave_minutes(DAYS[:5]), [720, 240, 0, 0, 480])

    def test_a_night_before_takes_nothing(self):
        """Red when the morning after a night that is worked costs something."""
        self.bring(6000)
        self.plan(self.long, DAYS[0])
        self.plan(self.night, DAYS[1])
        self.assertEqual(self.took(self.take(DAYS[1])), 480)

    def test_half_days_and_hours_stay_what_was_asked_for(self):
        """Red when half a day costs the whole shift."""
        self.bring(6000)
        self.plan(self.long, DAYS[0], DAYS[1])
        half = self.kind.copy({"request_unit": "half_day"})
        morning = {"request_date_from_period": "am", "request_date_to_period": "am"}
        leave = self.ask(DAYS[0], holiday_status_id=half.id, **morning)
        leave.action_approve()
        self.assertEqual(self.took(leave), round(leave.number_of_hours * 60))
        self.assertLess(self.took(leave), 480)
        hours = self.kind.copy({"request_unit": "hour"})
        two = {"request_hour_from": 8, "request_hour_to": 10}
        leave = self.ask(DAYS[1], holiday_status_id=hours.id, **two)
        leave.action_approve()
        self.assertEqual(self.took(leave), 120)
        self.row(DAYS[1]).shift_id = self.short
        self.assertEqual(self.took(leave), 120)

    def test_a_date_with_nothing_due_takes_nothing_until_it_is_planned(self):
        """Red when a day off by the roster is refused as no whole block, or stays free when a shift
        is planned on it."""
        self.bring(6000)
        self.rest(DAYS[1])
        leave = self.take(DAYS[1])
        self.assertEqual((leave.state, self.took(leave)), ("validate", 0))
        self.row(DAYS[1]).shift_id = self.long
        self.assertEqual(self.took(leave), 720)

    def test_a_sunday_on_the_roster_can_be_taken_off(self):
        """Red when who is planned on a Sunday is not supposed to work then."""
        self.bring(6000)
        with self.assertRaisesRegex(ValidationError, "whole blocks"):
            self.take(DAYS[5])
        self.plan(self.long, DAYS[6])
        leave = self.take(DAYS[6])
        self.assertEqual((self.took(leave), self.leave_minutes(DAYS[6:])), (720, [720]))

    def test_what_is_shown_is_what_it_takes(self):
        """Red when the request, the panel or the forecast say the hours of the schedule."""
        self.bring(1000)
        self.plan(self.long, date(2026, 3, 12))
        leave = self.ask("2026-03-12")
        self.assertRegex(
            leave.biometric_balance_text,
            "16 h 40 min; by the roster this time off takes 12 h 0 min",
        )
        told = self.env["biometric.cto.account"].get_forecast(self.employee.id, "2026-03-31")
        self.assertEqual(told["balance"], 280)
        with self.assertRaisesRegex(ValidationError, "takes 8 h 0 min"):
            self.ask("2026-03-13")
        self.rest(date(2026, 3, 11))
        asked = self.env["biometric.cto.account"].action_request(self.employee.id, 1200)["context"]
        names = ("default_request_date_from", "default_request_date_to")
        self.assertEqual([asked[name] for name in names], ["2026-03-12", "2026-03-13"])

    def test_a_random_week_takes_what_its_days_count_as_leave(self):
        """Red when what the days count as leave is not what the account gave, for any roster."""
        self.bring(600000)
        rng = Random(1)
        double = (self.short, self.late)
        choices = [None, (), (self.long,), (self.short,), (self.night,), (self.early,), double]
        self.holiday("2026-03-03 16:00:00", "2026-03-04 15:59:59")
        for turn in range(12):
            week = [rng.choice(choices) for _day in DAYS]
            for day, shifts in zip(DAYS, week, strict=True):
                for shift in shifts or ():
                    self.plan(shift, day)
                if shifts == ():
                    self.rest(day)
            first = rng.randrange(2)
            last = rng.randrange(first, 7)
            leave = self.take(DAYS[first], DAYS[last])
            minutes = self.leave_minutes(DAYS)
            told = (turn, week, first, last, minutes)
            self.assertEqual(self.took(leave), sum(minutes), told)
            leave.biometric_refusal = "staffing"
            leave.action_refuse()
            for day in DAYS:
                self.row(day).unlink()
            self.assertEqual(self.account().balance_minutes, 600000, told)


@tagged("post_install", "-at_install", "biometric_cto")
class TestDebitFollowsRoster(RosterDebitCase):
    def test_more_less_nothing_and_the_schedule_again(self):
        """Red when a roster that changes under approved time off leaves its debit, an entry does
        not say why, or refusing returns other minutes than were taken."""
        self.bring(6000)
        self.plan(self.short, DAYS[1])
        leave = self.take(DAYS[1])
        found = [self.took(leave)]
        self.row(DAYS[1]).shift_id = self.long
        found.append(self.took(leave))
        self.assertEqual(
            self.entries("kind", "minutes", "use_date", "leave_number", "note")[-2:],
            [
                ("usage_reversal", 240, DAYS[1], leave.id, NOTE),
                ("usage", -720, DAYS[1], leave.id, NOTE),
            ],
        )
        apply = self.env["biometric.roster.grid"].apply
        apply([[self.employee.id, str(DAYS[1]), self.long.ids, []]])
        found.append(self.took(leave))
        apply([[self.employee.id, str(DAYS[1]), [], self.night.ids]])
        found.append(self.took(leave))
        self.row(DAYS[1]).unlink()
        found.append(self.took(leave))
        self.assertEqual(found, [240, 720, 0, 480, 480])
        self.plan(self.long, DAYS[1])
        count = len(self.account().entry_ids)
        self.row(DAYS[1]).date = DAYS[2]
        self.assertEqual((self.took(leave), len(self.account().entry_ids)), (480, count + 2))
        leave.biometric_refusal = "staffing"
        leave.action_refuse()
        self.assertEqual((self.took(leave), self.account().balance_minutes), (0, 6000))
        self.plan(self.long, DAYS[1])
        self.assertEqual(self.account().balance_minutes, 6000)

    def test_a_shift_with_other_hours(self):
        """Red when a shift is made longer and the time off on its dates costs what it did."""
        self.bring(6000)
        self.plan(self.short, DAYS[1])
        leave = self.take(DAYS[1])
        self.short.end = 13.0
        self.assertEqual((self.took(leave), self.leave_minutes(DAYS[1:2])), (300, [300]))

    def test_a_public_holiday_of_a_date_gives_back(self):
        """Red when a holiday that is entered afterwards leaves the night on it debited."""
        self.bring(6000)
        self.plan(self.long, DAYS[1], DAYS[2])
        leave = self.take(DAYS[1], DAYS[2])
        self.assertEqual(self.took(leave), 1440)
        self.holiday("2026-03-03 16:00:00", "2026-03-04 15:59:59")
        self.assertEqual((leave.state, self.took(leave)), ("validate", 720))
        self.assertEqual(self.leave_minutes(DAYS[1:3]), [720, 0])

    def test_what_was_debited_by_the_schedule_stays_until_its_dates_change(self):
        """Red when a request that was approved by the hours of the schedule is debited anew for a
        roster of other dates, or stays when that of its own changes."""
        self.bring(6000)
        self.plan(self.long, DAYS[1], DAYS[4])
        with patch.object(type(self.env["hr.leave"]), "_biometric_rostered", lambda _own: {}):
            leave, other = self.take(DAYS[1]), self.take(DAYS[4])
        self.plan(self.early, DAYS[0], DAYS[2])
        leave.with_context(leave_skip_state_check=True).write({"request_date_to": DAYS[1]})
        self.assertEqual(self.took(leave), 480)
        self.row(DAYS[1]).shift_id = self.short
        self.assertEqual((self.took(leave), self.took(other)), (240, 480))
        other.biometric_refusal = "staffing"
        other.action_refuse()
        self.assertEqual((self.took(other), self.account().balance_minutes), (0, 5760))

    def test_more_than_there_is_cannot_be_planned(self):
        """Red when a roster is written that the account does not cover, or the words name neither
        who, when, how much, nor what to do."""
        self.bring(480)
        self.plan(self.short, DAYS[1])
        leave = self.take(DAYS[1])
        words = (
            "Ana Reyes has approved time off on .*3.* With this roster it takes 12 h 0 min, but "
            "8 h 0 min is available. Refuse the time off first or plan another shift."
        )
        entries = self.entries()
        officer = new_test_user(self.env, "olga", groups="biometric_attendance.group_hr_officer")
        grid = self.env["biometric.roster.grid"].with_user(officer)
        change = [self.employee.id, str(DAYS[1]), self.short.ids, self.long.ids]
        with self.assertRaisesRegex(UserError, words):
            grid.apply([change])
        with self.assertRaisesRegex(UserError, words):
            self.row(DAYS[1]).with_user(officer).shift_id = self.long
        with self.assertRaisesRegex(UserError, words):
            self.short.with_user(officer).write({"start": 20.0, "end": 8.0})
        self.env.invalidate_all()
        self.assertEqual((self.row(DAYS[1]).shift_id, self.short.start), (self.short, 8.0))
        self.assertEqual((self.entries(), self.took(leave)), (entries, 240))

    def test_one_shift_instead_of_another_is_one_change(self):
        """Red when the moment between two shifts counts, in which the schedule would hold: more
        than the account has, and entries that nobody understands."""
        self.bring(240)
        self.plan(self.short, DAYS[1])
        leave = self.take(DAYS[1])
        self.env["biometric.roster"]._bring_in_step({(self.employee.id, DAYS[1]): self.brief})
        self.assertEqual(self.took(leave), 120)
        self.assertEqual(
            self.entries()[-3:], [("usage", -240), ("usage_reversal", 240), ("usage", -120)]
        )

    def test_a_lot_that_ended_since_serves_it_still(self):
        """Red when less than before is refused since the lot it came from has ended; what returns
        to that lot ends at once."""
        self.bring(720, date(2026, 3, 4))
        self.plan(self.long, DAYS[1])
        with freeze_time("2026-03-03 04:00:00"):
            leave = self.take(DAYS[1])
        self.row(DAYS[1]).shift_id = self.short
        self.assertEqual(self.took(leave), 240)
        self.assertEqual(
            self.entries()[-3:], [("usage_reversal", 720), ("usage", -240), ("expiry", -480)]
        )

    def test_many_rows_look_once_and_touch_nobody_else(self):
        """Red when each row of a roster asks for time off, or a colleague, another company or a
        date beside it is debited."""
        self.bring(6000)
        other = self.env["res.company"].create({"name": "Second"})
        ben = self.make_employee("Ben Cruz", "8")
        cara = self.elsewhere("Cara Lim", other)
        self.bring(6000, employee=ben)
        mine, his = self.take(DAYS[1]), self.take(DAYS[1], employee=ben)
        asked = []
        leaves = type(self.env["hr.leave"])
        real = leaves._biometric_follow_roster

        def follow(own, dates):
            asked.append(dates)
            real(own, dates)

        with patch.object(leaves, "_biometric_follow_roster", follow):
            self.env["biometric.roster"].create(
                [
                    {"employee_id": one.id, "date": day, "shift_id": shift.id}
                    for one, days, shift in (
                        (self.employee, DAYS, self.long),
                        (ben, DAYS[2:], self.long),
                    )
                    for day in days
                ]
            )
        self.rest(*DAYS, employee=cara)
        self.assertEqual([len(dates) for dates in asked], [12])
        self.assertEqual((self.took(mine), self.took(his, ben)), (720, 480))

    def test_two_companies_keep_their_accounts(self):
        """Red when the debit of somebody in another company comes out of an account here."""
        other = self.env["res.company"].create({"name": "Second"})
        ben = self.elsewhere("Ben Cruz", other)
        there = self.env["biometric.cto.account"]
        book = there._open(other, ben.ids)[ben.id]
        book.bank.opening("opening:x", date(2026, 3, 1), 6000, date.max)
        there._write_down([book])
        shift = self.env["biometric.shift"].create(
            {"name": "Night there", "start": 20.0, "end": 8.0, "company_id": other.id}
        )
        self.plan(self.env["biometric.shift"], DAYS[1], employee=ben)
        leave = self.take(DAYS[1], employee=ben)
        self.row(DAYS[1], ben).shift_id = shift
        account = self.account(ben)
        self.assertEqual((self.took(leave, ben), account.company_id), (720, other))
        self.assertFalse(self.account())


@tagged("post_install", "-at_install", "biometric_cto")
class TestFlexFollowsRoster(RosterDebitCase):
    PARAMETERS = {"flex_account": True, "ot_daily_threshold_minutes": None, "flex_red_minutes": 600}

    def test_a_flex_account_follows_down_to_its_limit(self):
        """Red when a roster leaves the debit of a flex account, takes it beyond its red limit, or
        what returns is not what was taken."""
        kind = self.env.ref("biometric_attendance.leave_type_flex")
        kind.request_unit = "day"
        self.plan(self.short, DAYS[1])
        leave = self.ask(DAYS[1], holiday_status_id=kind.id)
        leave.action_approve()
        account = self.account(kind="flex")
        self.assertEqual((account.balance_minutes, account.band), (-240, "green"))
        with self.assertRefused("it takes 12 h 0 min, but .* is available. Refuse the time off"):
            self.row(DAYS[1]).shift_id = self.long
        self.row(DAYS[1]).shift_id = self.brief
        self.assertEqual(account.balance_minutes, -120)
        self.row(DAYS[1]).unlink()
        self.assertEqual(account.balance_minutes, -480)
        leave.biometric_refusal = "staffing"
        leave.action_refuse()
        self.assertEqual(account.balance_minutes, 0)
