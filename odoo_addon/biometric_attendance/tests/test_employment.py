"""Whose company a date was, and who was employed on it: kept when the employee's record changes."""

import base64
import csv
import importlib.util
import io
from datetime import date, datetime, timedelta
from pathlib import Path

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import Lane
from .test_day import MONDAY, DayCase

TUESDAY = MONDAY + timedelta(days=1)
MOVED = date(2026, 3, 9)
AT_MOVE = "2026-03-09 02:00:00"
PERIOD = {"date_from": "2026-03-01", "date_to": "2026-03-31"}


@tagged("post_install", "-at_install", "biometric_day")
class TestCompanyOfADay(DayCase):
    """Ana works two days for one company, then moves to another in another zone."""

    def setUp(self):
        super().setUp()
        self.a = self.env.company
        self.b = self.env["res.company"].create({"name": "Second"})
        self.agent_b, _token = self.make_agent("There", company=self.b, tz="Asia/Tokyo")
        self.device_b = self.make_device(self.agent_b, "SNB", tz="Asia/Tokyo")
        for day in ("2026-03-02", "2026-03-03"):
            self.punch_in(f"{day} 08:00:00", f"{day} 17:00:00")
        self.rebuild()

    def move(self, **values):
        with freeze_time(AT_MOVE):
            self.employee.write({"company_id": self.b.id, **values})
        return self.env["biometric.employment.company"].search(
            [("employee_id", "=", self.employee.id), ("valid_from", "!=", False)]
        )

    def calendar_of_b(self):
        schedule = self.calendar.copy({"company_id": self.b.id, "tz": "Asia/Tokyo"})
        schedule.attendance_ids.filtered(lambda line: line.dayofweek == "0").unlink()
        return schedule

    def rule(self, company, **parameters):
        return self.env["biometric.rule"].create(
            {
                "name": f"Of {company.name}",
                "company_id": company.id,
                "valid_from": "2026-01-01",
                "parameters": parameters,
            }
        )

    def companies(self):
        self.rebuild()
        return {day.date: day.company_id for day in self.worked(self.env)}

    def worked(self, env):
        own = [("employee_id", "=", self.employee.id), ("worked_minutes", ">", 0)]
        return env["biometric.day"].search(own)

    def produced(self, company, how="action_generate"):
        self.rebuild()
        return self.at_once(company, how)

    def at_once(self, company, how="action_generate"):
        export = self.env["biometric.export"].create({**PERIOD, "company_id": company.id})
        getattr(export, how)()
        return export

    @staticmethod
    def minutes(export):
        rows = csv.DictReader(io.StringIO(base64.b64decode(export.data).decode()))
        return [(row["work_date"], int(row["minutes"]), row["kind"]) for row in rows]

    def test_days_of_before_stay_whatever_makes_them_computed_again(self):
        """Turns red when a day takes the company that its employee has now: the second company's
        file would pay it once more, by its own rules."""
        self.rule(self.a, round_unit_minutes=0)
        first = self.produced(self.a)
        self.assertEqual(first.total_minutes, 960)
        self.move(resource_calendar_id=self.calendar_of_b().id, tz="Asia/Tokyo")
        at_b = self.rule(self.b)
        changes = [
            ("a late punch", lambda: self.punch_in("2026-03-04 08:00:00", "2026-03-04 17:00:00")),
            ("the zone of the terminal", lambda: self.device.zone_ids.write({"tz": "Asia/Taipei"})),
            ("a rule set of the first", lambda: self.rule(self.a, late_grace_minutes=5)),
            (
                "a rule set of the second",
                lambda: at_b.write({"parameters": {"ot_daily_threshold_minutes": 60}}),
            ),
            ("a day asked for by name", self.mark_all),
        ]
        for what, change in changes:
            change()
            found = self.companies()
            self.assertEqual(set(found.values()), {self.a}, what)
            day = self.day()
            self.assertEqual((day.worked_minutes, day.overtime_minutes), (480, 0), what)
            self.assertEqual(day.scheduled_minutes, 480, f"{what}: the schedule of then")
            self.assertIn("Office hours", day.shift_reason, what)
            self.assertEqual(day.derivation["zone"], "Asia/Manila", what)
            self.assertIn(self.a.name, day.rule_name, what)

    def test_without_a_schedule_the_zone_of_then_counts(self):
        """Turns red when days of before are judged by the zone that the person has now."""
        self.employee.resource_calendar_id = False
        self.move(tz="Asia/Tokyo")
        self.mark_all()
        self.rebuild()
        self.assertEqual(self.day().derivation["zone"], "Asia/Manila")

    def mark_all(self):
        self.env["biometric.stale.day"].sudo()._mark_existing([self.employee.id])

    def test_both_companies_files_pay_each_day_once(self):
        """Turns red when days of before the move are in the second company's file, or days after
        it in none."""
        first = self.produced(self.a)
        self.move()
        self.env["biometric.device.user"].create(
            {
                "company_id": self.b.id,
                "device_id": self.device_b.id,
                "pin": "70",
                "employee_id": self.employee.id,
            }
        )
        lane = self.lane.__class__("b" * 32)
        rows = [
            lane.punch(
                "SNB",
                "70",
                f"2026-03-10 {clock}",
                str(number),
                received_at="2026-03-10T23:00:00.000Z",
            )
            for number, clock in enumerate(("09:00:00", "18:00:00"))
        ]
        self.store(self.agent_b, lane, *rows)
        self.mark_all()
        found = self.companies()
        self.assertEqual({found[MONDAY], found[TUESDAY]}, {self.a})
        self.assertEqual(found[date(2026, 3, 10)], self.b)
        second = self.produced(self.b)
        self.assertEqual({row[0] for row in self.minutes(second)}, {"2026-03-10"})
        total = sum(self.env["biometric.day"].search([]).mapped("worked_minutes"))
        self.assertEqual(first.total_minutes + second.total_minutes, total)

    def test_a_move_that_was_entered_late_is_taken_back_by_one_and_paid_by_the_other(self):
        """Turns red when the second company pays what stands in the first one's file, or nobody
        does in the end: the sum is exactly once at every step but the one in between."""
        first = self.produced(self.a)
        move = self.move()
        move.valid_from = TUESDAY
        self.assertEqual(self.companies(), {MONDAY: self.a, TUESDAY: self.b})
        draft = self.env["biometric.export"].create({**PERIOD, "company_id": self.b.id})
        self.assertIn("a file of another company", draft.earlier_text)
        self.assertNotIn(first.name, draft.earlier_text)
        with self.assertRefused("in a payroll file already; a second file would pay them twice"):
            draft.action_generate()
        with self.assertRaisesRegex(UserError, "Days in a file of the company .*: 1"):
            draft.action_generate_changes()
        back = self.produced(self.a, "action_generate_changes")
        self.assertEqual(self.minutes(back), [("2026-03-03", -480, "correction")])
        draft.action_generate_changes()
        self.assertEqual(self.minutes(draft), [("2026-03-03", 480, "correction")])
        self.assertEqual(first.total_minutes + back.total_minutes + draft.total_minutes, 960)
        for company in (self.a, self.b):
            with self.assertRaisesRegex(UserError, "Nothing is new or changed"):
                self.produced(company, "action_generate_changes")

    def test_what_another_company_holds_is_a_list_of_days_left_out(self):
        self.produced(self.a)
        self.move().valid_from = TUESDAY
        self.punch_in("2026-03-04 08:00:00", "2026-03-04 17:00:00")
        self.rebuild()
        export = self.produced(self.b, "action_generate_changes")
        self.assertEqual([row[0] for row in self.minutes(export)], ["2026-03-04"])
        rows = self.env["biometric.export.day"].search(export.action_open_left_out()["domain"])
        held = [row.date for row in rows if row.state == "elsewhere"]
        self.assertEqual(held, [TUESDAY])
        self.assertEqual(export.blocked_days, len(rows))

    def test_two_companies_files_of_one_moment_cannot_hold_one_day(self):
        """Turns red when the index that decides between two who produce at once goes by company."""
        rows = self.env["biometric.export.day"]
        first, second = (
            self.env["biometric.export"].create({**PERIOD, "company_id": company.id})
            for company in (self.a, self.b)
        )
        paid = [(self.employee.id, MONDAY, "paid", {"REG|regular": 480})]
        rows._insert(first, paid, {}, {})
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            rows._insert(second, paid, {}, {})

    def test_days_that_wait_refuse_the_file_of_the_company_whose_they_are(self):
        """Turns red when marks are counted by the employee's company: a file would be made of days
        that are just being computed."""
        self.move()
        self.punch_in("2026-03-03 12:00:00")
        with self.assertRefused(r"Days of this period being computed: \d+\."):
            self.at_once(self.a)

    def test_each_company_sees_its_own_days(self):
        roster = self.env["biometric.roster"].create(
            {"employee_id": self.employee.id, "date": MONDAY, "shift_id": False}
        )
        self.move()
        self.mark_all()
        self.rebuild()
        for company, count in ((self.a, 2), (self.b, 0)):
            reader = new_test_user(
                self.env,
                f"hr-{company.id}",
                groups="base.group_user,biometric_attendance.group_payroll_officer,"
                "biometric_attendance.group_hr_officer",
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            env = self.env(user=reader, context={"allowed_company_ids": company.ids})
            days = self.worked(env)
            self.assertEqual(len(days), count)
            names = {"display_name": {}, "employee_id": {"fields": {"display_name": {}}}}
            for row in days.web_read(names):
                self.assertIn("Ana Reyes", row["display_name"])
                self.assertEqual(row["employee_id"]["display_name"], "Ana Reyes")
            rows = env["biometric.roster"].search([("employee_id", "=", self.employee.id)])
            self.assertEqual(rows, roster.with_env(env) if count else rows.browse())
            spans = env["biometric.employment.company"].search([])
            self.assertEqual(spans.company_id, company)
            until = MOVED - timedelta(days=1) if count else False
            self.assertEqual(spans.valid_to, until, "until when, whoever it was then")
            with self.assertRaisesRegex(UserError, "with access to both"):
                spans.filtered("valid_from").unlink() if not count else spans.unlink()

    def test_public_holidays_are_those_of_the_company_of_the_date(self):
        self.move(resource_calendar_id=self.calendar_of_b().id)
        holidays = self.env["resource.calendar.leaves"].sudo()
        for company, day in ((self.a, MONDAY), (self.b, TUESDAY)):
            holidays.with_company(company).create(
                {
                    "name": f"Day of {company.name}",
                    "company_id": company.id,
                    "calendar_id": False,
                    "date_from": datetime(2026, 3, day.day) - timedelta(hours=8),
                    "date_to": datetime(2026, 3, day.day, 15, 59, 59),
                }
            )
        self.mark_all()
        self.rebuild()
        self.assertEqual(self.day().status, "worked_holiday")
        self.assertEqual(self.day(TUESDAY).status, "present")

    def test_a_move_is_noted_once_and_undone_by_moving_back(self):
        spans = self.env["biometric.employment.company"]
        move = self.move()
        self.assertEqual(move.valid_from, MOVED)
        entry = self.env["biometric.audit"].search([("action", "=", "company.create")], limit=1)
        self.assertTrue(entry)
        with freeze_time(AT_MOVE):
            self.employee.company_id = self.a
        found = spans.search([("employee_id", "=", self.employee.id)])
        self.assertEqual(found.company_id, self.a)
        self.assertEqual(len(found), 1)

    def test_a_move_that_was_none_is_taken_away(self):
        """Turns red when the order of companies is that of the database, which puts the beginning
        behind all dates: the last company would be the first."""
        move = self.move()
        with freeze_time("2026-03-16 02:00:00"):
            self.employee.company_id = self.a
        with freeze_time("2026-03-20 02:00:00"):
            self.employee.company_id = self.b
            self.employee.company_id = self.a
        spans = self.env["biometric.employment.company"]
        own = [("employee_id", "=", self.employee.id)]
        self.assertEqual(spans.search(own).company_id, self.a | self.b)
        self.assertEqual(len(spans.search(own)), 3)
        move.unlink()
        self.mark_all()
        self.assertEqual(set(self.companies().values()), {self.a})
        self.assertEqual(self.employee.company_id, self.a)

    def mapping(self):
        return self.env["biometric.device.user"].search([("employee_id", "=", self.employee.id)])

    def test_pins_at_the_former_company_end_with_the_move(self):
        """Turns red when a PIN at a terminal of the former company still means who has moved: who
        gets the number there next would be paid to them, by the new company, and nobody be told."""
        self.move()
        self.assertEqual(self.mapping().valid_to, MOVED)
        self.punch_in("2026-03-08 22:00:00", "2026-03-09 06:00:00")
        self.punch_in("2026-03-10 08:00:00", "2026-03-10 17:00:00")
        self.rebuild()
        self.assertEqual(self.day(MOVED - timedelta(days=1)).worked_minutes, 480, "the last night")
        self.assertFalse(self.day(date(2026, 3, 10)).worked_minutes)
        waiting = self.env["biometric.quarantine"].search([("reason", "=", "unmapped")])
        self.assertEqual(
            sorted(waiting.mapped("wall_time")),
            ["2026-03-10 08:00:00", "2026-03-10 17:00:00"],
            "kept",
        )
        # one place, two companies: the first one's officer says that the PIN means them still
        self.mapping().valid_to = date(2026, 12, 31)
        self.rebuild()
        day = self.day(date(2026, 3, 10))
        self.assertEqual((day.worked_minutes, day.company_id), (480, self.b))

    def test_pins_count_again_where_there_was_no_move(self):
        """Turns red when a slip, taken back the same day, leaves PINs that count for nobody, or
        opens one that somebody else has been given since."""
        other = self.mapping().copy({"pin": "8", "valid_to": "2026-02-01"})
        self.move()
        with freeze_time(AT_MOVE):
            self.employee.company_id = self.a
        self.assertEqual((self.mapping() - other).valid_to, False)
        self.assertEqual(other.valid_to, date(2026, 2, 1), "ended by a person")
        self.move()
        newcomer = self.env["hr.employee"].create({"name": "New"})
        self.env["biometric.device.user"].map_pins(
            self.device.ids, [["7", newcomer.id, "2026-03-10"]]
        )
        with freeze_time(AT_MOVE):
            self.employee.company_id = self.a
        self.assertEqual((self.mapping() - other).valid_to, MOVED, "given on")

    def test_a_pin_open_at_another_companys_terminal_is_work_of_that_company(self):
        """Turns red when a move of before moves were noted leaves a PIN that counts and stands in
        no list: it goes on as it was until somebody ends it or says until when it counts."""
        self.env.cr.execute(
            "UPDATE hr_employee SET company_id = %s WHERE id = %s", (self.b.id, self.employee.id)
        )
        self.env.invalidate_all()
        work = self.env["biometric.registry.work"].search(
            [("employee_id", "=", self.employee.id), ("kind", "=", "leave")]
        )
        self.assertEqual((work.company_id, work.pin), (self.a, "7"))
        with freeze_time("2026-03-20 02:00:00"):
            work.action_do()
        self.assertEqual(self.mapping().valid_to, date(2026, 3, 19))
        self.env.flush_all()
        # the view numbers its rows anew
        work.invalidate_model()
        self.assertNotIn("leave", self.env["biometric.registry.work"].search([]).mapped("kind"))

    def test_s45_a_trial_says_nothing_of_another_companys_days(self):
        """S45. Turns red when the former company's officer is told what a change does to days that
        somebody worked for another company, or may not try a rule set for having had them."""
        self.move()
        new = {"employee_id": self.employee.id, "pin": "9", "valid_from": MOVED}
        self.env["biometric.device.user"].create({"device_id": self.device_b.id, **new})
        lane = Lane("b" * 32)
        row = {"serial": "SNB", "pin": "9"}
        walls = ("2026-03-10 08:30:00", "2026-03-10 19:00:00")
        row["received_at"] = "2026-03-10T23:00:00.000Z"
        self.store(self.agent_b, lane, *(lane.punch(wall=wall, **row) for wall in walls))
        rule = self.rule(self.a, late_grace_minutes=0, ot_daily_threshold_minutes=300)
        rule.write({"state": "draft", "valid_from": "2026-12-01"})
        self.rebuild()
        self.assertIn(date(2026, 3, 10), self.worked(self.env).mapped("date"))
        groups = "base.group_user,biometric_attendance.group_hr_officer"
        officer = new_test_user(self.env, "officer-of-a", groups=groups)
        trials = self.env["biometric.trial"].with_user(officer)
        trial = trials.create({"kind": "rule", "rule_id": rule.id, **PERIOD})
        trial.action_try()
        self.assertEqual(trial.line_ids.mapped("dates"), [["2026-03-02", "2026-03-03"]])
        shown = trial.web_read({"line_ids": {"fields": {"employee_id": {"fields": {}}}}})
        self.assertTrue(shown[0]["line_ids"][0]["employee_id"])

    def test_dates_of_moves_are_refused_where_they_say_nothing(self):
        move = self.move()
        first = self.env["biometric.employment.company"].search(
            [("employee_id", "=", self.employee.id), ("valid_from", "=", False)]
        )
        with self.assertRaisesRegex(ValidationError, "still in the future"):
            move.valid_from = "2999-01-01"
        with self.assertRaisesRegex(UserError, "applies from the very beginning"):
            first.valid_from = MONDAY
        with self.assertRaisesRegex(UserError, "this is the current one"):
            move.unlink()


@tagged("post_install", "-at_install", "biometric_day")
class TestTimesOutside(DayCase):
    """Archiving ends employment, coming back begins it anew; the time between stays."""

    def turn(self, at, active):
        with freeze_time(at):
            self.employee.active = active

    def times(self):
        rows = self.env["biometric.employment.break"].search(
            [("employee_id", "=", self.employee.id)], order="date_from"
        )
        return [(row.date_from, row.date_to or None) for row in rows]

    def statuses(self, *dates):
        for day in dates:
            self.punch_in(f"{day} 08:00:00", f"{day} 17:00:00")
        self.rebuild()
        return [self.day(date.fromisoformat(day)).status for day in dates]

    def test_who_comes_back_was_away_in_between(self):
        """Turns red when coming back forgets when the person was not employed: a badge used by
        somebody else in that time would be paid."""
        self.turn("2026-03-02 10:00:00", active=False)
        self.assertEqual(self.times(), [(TUESDAY, None)])
        self.turn("2026-03-09 01:00:00", active=True)
        self.assertEqual(self.times(), [(TUESDAY, date(2026, 3, 8))])
        self.turn("2026-03-10 10:00:00", active=False)
        self.turn("2026-03-16 10:00:00", active=True)
        self.assertEqual(
            self.times(),
            [(TUESDAY, date(2026, 3, 8)), (date(2026, 3, 11), date(2026, 3, 15))],
        )
        found = self.statuses(
            "2026-03-02", "2026-03-03", "2026-03-09", "2026-03-10", "2026-03-12", "2026-03-16"
        )
        outside = "outside_employment"
        self.assertEqual(found, ["present", outside, "present", "present", outside, "present"])

    def test_who_set_it_and_when_is_in_the_trail(self):
        self.turn("2026-03-02 10:00:00", active=False)
        self.turn("2026-03-09 01:00:00", active=True)
        entries = self.env["biometric.audit"].search([("action", "=like", "break.%")], order="id")
        self.assertEqual(entries.mapped("action"), ["break.create", "break.change"])
        row = self.env["biometric.employment.break"].search([])[:1]
        self.assertEqual(row.create_uid, self.env.user)

    def test_archived_by_mistake_leaves_nothing(self):
        """Turns red when a slip makes a day that nobody is paid for."""
        self.turn("2026-03-02 10:00:00", active=False)
        self.turn("2026-03-02 10:05:00", active=True)
        self.assertEqual(self.times(), [])
        self.turn("2026-03-02 10:00:00", active=False)
        self.turn("2026-03-03 10:00:00", active=True)
        self.assertEqual(self.times(), [])
        self.assertEqual(self.statuses("2026-03-03"), ["present"])

    def test_a_contract_that_began_before_the_return_was_noted_counts(self):
        self.employee.version_id.write({"contract_date_start": "2026-01-01"})
        self.turn("2026-03-02 10:00:00", active=False)
        self.employee.version_id.write({"contract_date_end": "2026-03-02"})
        self.employee.create_version(
            {
                "date_version": date(2026, 3, 5),
                "contract_date_start": date(2026, 3, 5),
                "contract_date_end": False,
            }
        )
        self.turn("2026-03-09 01:00:00", active=True)
        self.assertEqual(self.times(), [(TUESDAY, date(2026, 3, 4))])
        self.assertEqual(
            self.statuses("2026-03-04", "2026-03-05"), ["outside_employment", "present"]
        )

    def test_the_date_is_that_of_the_place(self):
        """Turns red when it is that of the reader: the morning's punches would be after leaving."""
        self.env.user.tz = "America/Los_Angeles"
        self.turn("2026-03-02 01:00:00", active=False)
        self.assertEqual(self.times(), [(TUESDAY, None)])

    def test_who_is_created_archived_is_away(self):
        with freeze_time("2026-03-02 10:00:00"):
            gone = self.env["hr.employee"].create({"name": "Resolved on", "active": False})
        away = self.env["biometric.employment.break"].search([("employee_id", "=", gone.id)])
        self.assertEqual(away.date_from, TUESDAY)

    def test_nobody_is_called_absent_while_away(self):
        """Turns red when the dates in between are filled for ever and never get a day."""
        stale = self.env["biometric.stale.day"].sudo()
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        self.turn("2026-03-02 10:00:00", active=False)
        self.turn("2026-03-09 01:00:00", active=True)
        with freeze_time("2026-03-10 10:00:00"):
            self.rebuild()
            stale._cron_fill()
            self.rebuild()
            days = self.env["biometric.day"].search([("employee_id", "=", self.employee.id)])
            stale._cron_fill()
            waiting = stale.search_count([("employee_id", "=", self.employee.id)])
        between = [day for day in days.mapped("date") if TUESDAY <= day < MOVED]
        self.assertEqual((between, waiting), ([], 0))
        self.assertIn(MOVED, days.mapped("date"))

    def test_dates_that_say_nothing_are_refused(self):
        breaks = self.env["biometric.employment.break"]
        own = {"employee_id": self.employee.id}
        with self.assertRaisesRegex(ValidationError, "is employed now"):
            self.refused(breaks.create, {**own, "date_from": MONDAY})
        with self.assertRaisesRegex(ValidationError, "ends before it starts"):
            self.refused(breaks.create, {**own, "date_from": TUESDAY, "date_to": MONDAY})
        breaks.create({**own, "date_from": MONDAY, "date_to": MOVED})
        with self.assertRaisesRegex(ValidationError, "are in another time"):
            self.refused(breaks.create, {**own, "date_from": TUESDAY, "date_to": TUESDAY})
        self.employee.active = False
        with self.assertRaisesRegex(UserError, "restore the person"):
            breaks.search([("date_to", "=", False)]).unlink()

    def refused(self, change, *arguments):
        with self.env.cr.savepoint():
            change(*arguments)

    def test_hr_corrects_the_dates_and_others_do_not(self):
        self.turn("2026-03-02 10:00:00", active=False)
        self.turn("2026-03-09 01:00:00", active=True)
        away = self.env["biometric.employment.break"].search(
            [("employee_id", "=", self.employee.id)]
        )
        groups = "base.group_user,biometric_attendance.group_"
        hr = new_test_user(self.env, "hr-dates", groups=f"{groups}hr_officer")
        approver = new_test_user(self.env, "no-hr-dates", groups=f"{groups}approver")
        away.with_user(hr).date_from = date(2026, 3, 4)
        self.assertEqual(self.statuses("2026-03-03"), ["present"])
        with self.assertRaises(AccessError):
            away.with_user(approver).date_from = MONDAY


@tagged("post_install", "-at_install", "biometric_day")
class TestTakenOver(DayCase):
    """What an upgrade makes of moves and of archiving that nobody noted."""

    def setUp(self):
        super().setUp()
        self.a = self.env.company
        self.b = self.env["res.company"].create({"name": "Second"})
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        self.rebuild()
        # as the version before left it: everything is the new company's
        self.env.cr.execute(
            "UPDATE hr_employee SET company_id = %s WHERE id = %s", (self.b.id, self.employee.id)
        )
        self.env.cr.execute("UPDATE biometric_day SET company_id = %s, digest = NULL", (self.b.id,))
        self.env.invalidate_all()

    def upgrade(self, *names, rebuild=True):
        for name in names:
            path = Path(__file__).parents[1] / "migrations" / "19.0.1.2.0" / f"{name}.py"
            spec = importlib.util.spec_from_file_location(f"migration_{len(name)}", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            module.migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        if rebuild:
            self.rebuild()

    def spans(self):
        rows = self.env["biometric.employment.company"].search(
            [("employee_id", "=", self.employee.id)]
        )
        return [(row.valid_from or None, row.company_id) for row in reversed(rows)]

    def track(self, moment, old, new):
        message = self.env["mail.message"].create(
            {"model": "hr.employee", "res_id": self.employee.id}
        )
        field = self.env["ir.model.fields"]._get("hr.employee", "company_id")
        value = self.env["mail.tracking.value"].create(
            {
                "field_id": field.id,
                "old_value_integer": old.id,
                "new_value_integer": new.id,
                "mail_message_id": message.id,
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_tracking_value SET create_date = %s WHERE id = %s", (moment, value.id)
        )

    def test_the_chatter_tells_when_somebody_moved(self):
        self.track("2026-03-09 02:00:00", self.a, self.b)
        self.upgrade("post-employment")
        self.assertEqual(self.spans(), [(None, self.a), (MOVED, self.b)])
        self.assertEqual(self.day().company_id, self.a)

    def test_the_files_tell_where_the_chatter_does_not(self):
        """Both companies' files paid Monday: the second one's part is a difference now, and comes
        back with its next file."""
        exports = self.env["biometric.export"]
        first, second = (
            exports.create({**PERIOD, "company_id": company.id}) for company in (self.a, self.b)
        )
        rows = self.env["biometric.export.day"]
        self.env.cr.execute("DROP INDEX biometric_export_day_once")
        for export in (first, second):
            rows._insert(export, [(self.employee.id, MONDAY, "paid", {"REG|regular": 480})], {}, {})
            # as the release before left it: there a file was written like any record
            self.env.cr.execute(
                "UPDATE biometric_export SET name = %s, state = 'done', generated_at = %s "
                "WHERE id = %s",
                (f"file-{export.id}", MOVED, export.id),
            )
            export.invalidate_recordset()
        self.upgrade("pre-export-once", "post-employment")
        found = rows.search([("date", "=", MONDAY)], order="id")
        self.assertEqual(found.mapped("state"), ["paid", "changed"])
        self.assertEqual(self.spans(), [(None, self.a), (TUESDAY, self.b)])
        self.assertEqual(self.day().company_id, self.a)
        back = exports.create({**PERIOD, "company_id": self.b.id})
        back.action_generate_changes()
        self.assertEqual(back.total_minutes, -480)

    def test_days_of_a_rule_set_whose_people_left_are_computed_again(self):
        """Turns red when days stay as a rule set of somebody who left computed them for all."""
        rule = self.env["biometric.rule"].create(
            {
                "name": "Hers",
                "company_id": self.b.id,
                "valid_from": "2026-01-01",
                "employee_ids": [Command.set(self.employee.ids)],
            }
        )
        self.rebuild()
        stale = self.env["biometric.stale.day"].sudo()
        self.upgrade("post-rule-names", rebuild=False)
        self.assertFalse(stale.search_count([]), "everybody it names is here")
        rule.employee_ids.active = False
        self.rebuild()
        self.upgrade("post-rule-names", rebuild=False)
        self.assertIn(MONDAY, stale.search([]).mapped("date"))

    def test_who_was_archived_is_away_from_the_day_that_was_noted(self):
        self.env.cr.execute("ALTER TABLE hr_employee ADD COLUMN biometric_archived_on date")
        self.env.cr.execute(
            "UPDATE hr_employee SET active = FALSE, biometric_archived_on = %s WHERE id = %s",
            (MONDAY, self.employee.id),
        )
        self.env.invalidate_all()
        self.upgrade("post-employment")
        self.upgrade("post-employment")
        away = self.env["biometric.employment.break"].search(
            [("employee_id", "=", self.employee.id)]
        )
        self.assertEqual((away.date_from, away.date_to), (TUESDAY, False))
