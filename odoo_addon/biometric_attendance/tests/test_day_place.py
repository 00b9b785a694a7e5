"""Bounds of days go by the clock of the place, not by UTC's or the reader's."""

from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .test_day import MONDAY, DayCase

TUESDAY = date(2026, 3, 3)
# 04:00 on Tuesday in Manila
TUESDAY_EARLY = datetime(2026, 3, 2, 20)
FAR_WEST = "America/Los_Angeles"


@tagged("post_install", "-at_install", "biometric_day")
class TestPlace(DayCase):
    def marked(self):
        """Dates marked of the person, taken off the queue."""
        pairs = self.env["biometric.stale.day"].sudo()._pop(100000)
        return {day for employee_id, day in pairs if employee_id == self.employee.id}

    def test_service_begins_on_the_terminals_own_date(self):
        """Turns red when the first day in service is the date in UTC: a day on which the terminal
        did not stand there would be judged, or be computed again every hour."""
        self.device.in_service_from = TUESDAY_EARLY
        mappings = self.env["biometric.day.facts"].sudo()._mappings(self.employee, MONDAY, MONDAY)
        self.assertEqual(mappings[self.employee.id][0][2], TUESDAY)
        self.employee.sudo().biometric_user_ids.valid_from = MONDAY
        self.device.sudo().complete_until = datetime(2026, 3, 4, 20)
        with freeze_time("2026-03-05 04:00:00"):
            self.env["biometric.stale.day"].sudo()._cron_fill()
            self.rebuild()
            found = (self.day(MONDAY).status, self.day(TUESDAY).status)
            self.assertEqual(found, ("pending", "absent"))
            self.marked()
            self.env["biometric.stale.day"].sudo()._cron_fill()
            self.assertEqual(self.marked(), set())

    def test_a_day_is_judgeable_when_its_own_date_is_over(self):
        """Turns red when a day is marked only once UTC's date changes, eight hours late."""
        completeness = self.env["biometric.completeness"].sudo()
        device = self.device.sudo()
        device.proven_until = datetime(2026, 3, 2, 15)
        completeness._update_devices(device)
        self.marked()
        device.proven_until = datetime(2026, 3, 2, 16, 30)
        completeness._update_devices(device)
        self.assertLessEqual({MONDAY, TUESDAY}, self.marked())
        device.proven_until = datetime(2026, 3, 3, 1)
        completeness._update_devices(device)
        self.assertEqual(self.marked(), set(), "the same date there")

    def test_somebody_is_tracked_from_the_date_there_on(self):
        """Turns red when the date of a mapping is UTC's."""
        self.employee.sudo().biometric_user_ids.flush_recordset()
        self.env.cr.execute(
            "UPDATE biometric_device_user SET write_date = %s WHERE employee_id = %s",
            (TUESDAY_EARLY, self.employee.id),
        )
        tracked = self.env["biometric.stale.day"].sudo()._tracked(self.employee.ids)
        self.assertEqual(tracked[self.employee.id][0], TUESDAY)

    def test_missing_days_go_by_the_schedule_in_force_then(self):
        """Turns red when a schedule that is not in force there yet says which date it is, as
        it does by the database's own date."""
        self.employee.sudo().biometric_user_ids.valid_from = MONDAY
        west = self.calendar.copy({"tz": FAR_WEST})
        self.employee.create_version(
            {"date_version": "2026-03-06", "resource_calendar_id": west.id}
        )
        self.marked()
        with freeze_time("2026-03-05 17:00:00"):
            self.env["biometric.stale.day"].sudo()._cron_fill()
        self.assertEqual(self.marked(), {date(2026, 3, day) for day in range(2, 7)})

    def test_a_month_that_is_the_same_everywhere_asks_no_place(self):
        """Turns red when a filter by month or week reads the zones of a company's days although
        they decide nothing (155,000 days took half a second), or does not where they do."""
        days = self.env["biometric.day"]
        asked = patch.object(type(days), "_period_zones", autospec=True, return_value={"UTC": []})
        for now, expected in (
            ("2026-03-18 12:00:00", {"today"}),
            ("2026-03-31 12:00:00", {"today", "this_month", "last_month"}),
            # Saturday, and furthest in the east the Sunday with which the reader's week begins
            ("2026-03-14 12:00:00", {"today", "this_week", "last_week"}),
        ):
            with freeze_time(now):
                told = set()
                for name in ("today", "this_week", "last_week", "this_month", "last_month"):
                    with asked as zones:
                        days.search([("period", "=", name)])
                    told |= {name} if zones.called else set()
                self.assertEqual(told, expected, now)

    def test_yesterday_furthest_west_is_computed_before_a_backlog(self):
        """Turns red when what is yesterday there, two dates behind UTC's, waits for a month."""
        stale = self.env["biometric.stale.day"].sudo()
        self.marked()
        self.env.cr.execute("SELECT (now() AT TIME ZONE 'UTC')::date - 2")
        (yesterday,) = self.env.cr.fetchone()
        stale._mark([(self.employee.id, MONDAY)])
        stale._mark([(self.employee.id, yesterday)])
        self.assertEqual(stale._pop(1), [(self.employee.id, yesterday)])

    def test_who_is_at_work_in_the_west_is_shown_when_utc_is_a_day_ahead(self):
        """Turns red when an open session ends with UTC's date: at 16:00 in California."""
        west = self.calendar.copy({"tz": FAR_WEST})
        device = self.make_device(self.agent, serial="SN2", tz=FAR_WEST)
        person = self.env["hr.employee"].create(
            {
                "name": "Cruz",
                "date_version": "2026-01-01",
                "resource_calendar_id": west.id,
                "tz": FAR_WEST,
                "biometric_user_ids": [Command.create({"device_id": device.id, "pin": "9"})],
            }
        )
        with freeze_time("2026-03-03 00:30:00"):
            row = self.lane.punch(serial="SN2", pin="9", wall="2026-03-02 08:00:00")
            self.store(self.agent, self.lane, row)
            self.rebuild()
            service = self.env["biometric.projection"].sudo()
            while days := service._waiting(500):
                service._project(days)
        shown = self.env["hr.attendance"].search([("employee_id", "=", person.id)])
        self.assertEqual(
            [(one.check_in, one.check_out) for one in shown], [(datetime(2026, 3, 2, 16), False)]
        )

    def test_dialogs_offer_dates_of_the_place(self):
        """Turns red when a dialog offers the reader's date: on the first of a month that is
        another month's sheet, and a pull of a day that has not begun at the terminal."""
        company = self.env.company
        company.partner_id.tz = FAR_WEST
        self.env.user.tz = "Pacific/Kiritimati"
        device = self.make_device(self.agent, serial="SN2", tz=FAR_WEST)
        there, month = date(2026, 2, 28), (date(2026, 1, 1), date(2026, 1, 31))
        with freeze_time("2026-03-01 01:00:00"):
            for model in ("biometric.export", "biometric.sheet"):
                made = self.env[model].new()
                self.assertEqual((made.date_from, made.date_to), month, model)
            pull = self.env["biometric.pull"].with_context(default_device_id=device.id)
            with Form(pull) as form:
                self.assertEqual((form.date_from, form.date_to), (there, there))
            self.assertEqual(self.env["biometric.rule"].new().valid_from, there)
            assign = self.env["biometric.roster.assign"].new()
            self.assertEqual((assign.date_from, assign.source_week), (there, there))
            self.assertEqual(self.env["biometric.roster.import"].new().week_of, date(2026, 3, 7))
            self.assertEqual(self.env["biometric.calibration"].new().date_to, date(2026, 2, 27))
            self.employee.resource_calendar_id.tz = FAR_WEST
            self.employee.active = False
            away = self.env["biometric.employment.break"].search(
                [("employee_id", "=", self.employee.id)]
            )
            self.assertEqual(away.date_from, date(2026, 3, 1))

    def test_today_and_this_week_are_those_of_the_place(self):
        """Turns red when a filter goes by the reader's date: who looks from another side of the
        earth would see yesterday, or next week. One list holds places of several zones."""
        far = self.make_device(self.agent, serial="SN2", tz=FAR_WEST)
        person = self.make_employee("West", "9", tz=FAR_WEST)
        person.resource_calendar_id = self.calendar.copy({"tz": FAR_WEST})
        self.env["biometric.device.user"].create(
            {
                "company_id": self.env.company.id,
                "device_id": far.id,
                "pin": "9",
                "employee_id": person.id,
            }
        )
        stamps = {"SN1": "2026-03-02 08:30:00", "SN2": "2026-03-01 14:00:00"}
        rows = [
            self.lane.punch(serial, pin, stamps[serial], received_at="2026-03-02T00:45:00.000Z")
            for serial, pin in (("SN1", "7"), ("SN2", "9"))
        ]
        self.env.company.partner_id.tz = "Asia/Manila"
        roster = self.env["biometric.roster"].create(
            {"employee_id": self.employee.id, "date": MONDAY, "shift_id": False}
        )
        punches, days = self.env["biometric.punch"], self.env["biometric.day"]

        def found(model, period, *more):
            return model.search([("period", "=", period), *more])

        for reader in ("Pacific/Kiritimati", "America/Los_Angeles"):
            self.env.user.tz = reader
            with freeze_time("2026-03-02 01:00:00"):
                if not punches.search([("pin", "in", ("7", "9"))]):
                    self.store(self.agent, self.lane, *rows)
                    self.rebuild()
                mine = [("device_id", "in", (self.device | far).ids)]
                self.assertEqual(len(found(punches, "today", *mine)), 2, reader)
                own = [("employee_id", "in", (self.employee | person).ids)]
                self.assertEqual(
                    set(found(days, "today", *own).mapped(lambda day: (day.employee_id, day.date))),
                    {(self.employee, MONDAY), (person, date(2026, 3, 1))},
                    reader,
                )
                self.assertEqual(
                    {day.period for day in found(days, "today", *own)}, {"today"}, reader
                )
                last_week = found(days, "last_week", ("employee_id", "=", person.id))
                self.assertNotIn(date(2026, 3, 1), last_week.mapped("date"), reader)
                for period in ("this_week", "coming"):
                    self.assertIn(roster, found(self.env["biometric.roster"], period), reader)
                self.assertNotIn(roster, found(self.env["biometric.roster"], "next_week"), reader)
                self.assertEqual(
                    days.search_count([("period", "!=", "today"), *own])
                    + len(found(days, "today", *own)),
                    days.search_count(own),
                )

    def test_a_payroll_file_and_a_dialog_know_the_same_today(self):
        """Turns red when a file chooses the zone by another rule than the rest of the company."""
        company = self.env.company
        company.resource_calendar_id.tz = "Asia/Manila"
        company.partner_id.tz = FAR_WEST
        with freeze_time("2026-03-02 01:00:00"):
            self.assertEqual(company._biometric_today(), date(2026, 3, 1))
            export = self.env["biometric.export"].create(
                {"date_from": "2026-02-01", "date_to": "2026-03-01"}
            )
            with self.assertRaisesRegex(UserError, "The period is not over.*03/01/2026"):
                export.action_generate()
            company.partner_id.tz = False
            self.assertEqual(company._biometric_today(), MONDAY)
            self.env.user.tz = FAR_WEST
            self.assertEqual(company._biometric_today(), MONDAY, "whoever asks")
