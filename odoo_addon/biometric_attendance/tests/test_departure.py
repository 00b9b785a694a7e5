"""Until when somebody was employed: what HR says in Odoo's departure dialog counts, also after the
person came back and Odoo has forgotten it."""

from datetime import date, timedelta

from freezegun import freeze_time

from odoo.fields import Date
from odoo.tests import tagged

from .test_day import DayCase

OUTSIDE = "outside_employment"


@tagged("post_install", "-at_install", "biometric_day")
class TestDeparture(DayCase):
    def leave(self, at, departure, **values):
        """Archive through the dialog that Odoo opens for it."""
        wizard = self.env["hr.departure.wizard"].with_context(
            active_ids=self.employee.ids, employee_termination=True
        )
        with freeze_time(at):
            wizard.create({"departure_date": departure, **values}).action_register_departure()
        self.assertFalse(self.employee.active)

    def come_back(self, at):
        with freeze_time(at):
            self.employee.action_unarchive()
        self.assertFalse(self.employee.departure_date)

    def statuses(self, *dates):
        for day in dates:
            self.punch_in(f"{day} 08:00:00", f"{day} 17:00:00")
        self.rebuild()
        return [self.day(date.fromisoformat(day)).status for day in dates]

    def test_who_leaves_later_than_the_dialog_is_paid_until_then(self):
        """Red when archiving ends employment on the day of the click: HR enters on the 10th that
        somebody leaves on the 13th, and three days of work are worth nothing."""
        self.leave("2026-03-10 02:00:00", "2026-03-13")
        found = self.statuses("2026-03-10", "2026-03-11", "2026-03-13", "2026-03-16")
        self.assertEqual(found, ["present", "present", "present", OUTSIDE])

    def test_who_left_before_the_dialog_stays_away_after_coming_back(self):
        """Red when the time away begins with the click: between the last day and the click a badge
        that somebody else used was paid once its owner was back."""
        self.leave("2026-03-13 02:00:00", "2026-03-03")
        days = ("2026-03-03", "2026-03-04", "2026-03-13", "2026-03-16")
        self.assertEqual(self.statuses(*days), ["present", *[OUTSIDE] * 3])
        self.come_back("2026-03-17 02:00:00")
        days = (*days, "2026-03-17")
        self.rebuild()
        self.assertEqual(self.statuses("2026-03-17"), ["present"])
        found = [self.day(date.fromisoformat(day)).status for day in days]
        self.assertEqual(found, ["present", *[OUTSIDE] * 3, "present"])

    def test_nobody_is_a_leaver_before_the_last_day(self):
        """Red when who was archived ahead of the last day is offered as somebody who left: one
        click ended the PIN on the day before, and the days that were left were nobody's."""
        today, work = Date.today(), self.env["biometric.registry.work"]
        for last, kinds in (
            (today + timedelta(days=3), []),
            (today - timedelta(days=3), ["leave"]),
        ):
            self.leave("2026-03-10 02:00:00", last)
            self.env.flush_all()
            rows = work.search([("employee_id", "=", self.employee.id)])
            self.assertEqual(rows.mapped("kind"), kinds)
            self.come_back("2026-03-10 03:00:00")

    def test_a_second_departure_begins_after_the_first(self):
        """Red when a departure date that lies before somebody came back keeps HR from archiving."""
        self.leave("2026-03-03 02:00:00", "2026-03-03")
        self.come_back("2026-03-09 02:00:00")
        self.leave("2026-03-12 02:00:00", "2026-03-05")
        rows = self.env["biometric.employment.break"].search(
            [("employee_id", "=", self.employee.id)], order="date_from"
        )
        self.assertEqual(
            [(row.date_from, row.date_to) for row in rows],
            [(date(2026, 3, 4), date(2026, 3, 8)), (date(2026, 3, 9), False)],
        )

    def test_a_departure_ends_a_contract_that_had_a_later_end(self):
        """Red when the end that an earlier version of the same contract still names outlives the
        departure: who left in the middle of a fixed term stayed employed to its end."""
        self.employee.version_id.write(
            {"contract_date_start": "2026-01-01", "contract_date_end": "2026-12-31"}
        )
        self.employee.create_version({"date_version": date(2026, 3, 2)})
        with freeze_time("2026-03-10 02:00:00"):
            self.employee.departure_date = "2026-03-05"
        self.assertEqual(self.statuses("2026-03-05", "2026-03-06"), ["present", OUTSIDE])


@tagged("post_install", "-at_install", "biometric_day")
class TestLastNight(DayCase):
    """Ben's last shift begins on his last day at 22:00 and ends on the morning after."""

    def setUp(self):
        super().setUp()
        self.ben = self.make_employee("Ben Cruz", "8")
        self.pin = self.env["biometric.device.user"].search([("pin", "=", "8")])
        self.pin.valid_from = "2026-03-01"
        for name, start, end in (("Night", 22.0, 6.0), ("Early", 6.0, 14.0)):
            shift = self.env["biometric.shift"].create({"name": name, "start": start, "end": end})
            setattr(self, name.lower(), shift)

    def end_on(self, last, shift):
        """The one click in Joiners, movers, leavers, days later."""
        self.env["biometric.roster"].create(
            {"employee_id": self.ben.id, "date": last, "shift_id": shift.id}
        )
        self.ben.version_id.write({"contract_date_start": "2026-01-01", "contract_date_end": last})
        self.env.flush_all()
        with freeze_time("2026-03-20 02:00:00"):
            rows = self.env["biometric.registry.work"].search(
                [("employee_id", "=", self.ben.id), ("kind", "=", "leave")]
            )
            self.assertTrue(rows)
            rows.action_do()
        return self.pin.valid_to

    def test_the_last_night_of_a_leaver_is_paid_whole(self):
        """Red when the PIN of somebody who left ends at midnight: the check-out of the last night
        was nobody's, and the night incomplete."""
        self.assertEqual(self.end_on("2026-03-05", self.night), date(2026, 3, 6))
        self.punch_in("2026-03-05 22:00:00", "2026-03-06 06:00:00", pin="8")
        self.punch_in("2026-03-06 22:00:00", "2026-03-07 06:00:00", pin="8")
        self.rebuild()
        day = self.day(date(2026, 3, 5), self.ben)
        self.assertEqual((day.status, day.worked_minutes), ("present", 480))
        self.assertEqual(self.day(date(2026, 3, 6), self.ben).status, OUTSIDE)
        self.assertFalse(self.day(date(2026, 3, 7), self.ben))

    def test_by_day_the_last_day_is_the_last(self):
        """Red when every PIN counts a day longer."""
        self.assertEqual(self.end_on("2026-03-05", self.early), date(2026, 3, 5))
