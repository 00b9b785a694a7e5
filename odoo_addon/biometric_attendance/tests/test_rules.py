"""Rule sets as people handle them: presets, form, warnings, drafts, and the trial before saving."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..engine import MINUTES, REGIMES
from .test_day import DayCase

MARCH = {"date_from": "2026-03-01", "date_to": "2026-03-31"}


@tagged("post_install", "-at_install", "biometric_day")
class TestRuleForm(DayCase):
    def test_every_preset_can_be_adopted(self):
        """Red if a regime names a parameter that the engine does not know."""
        for name in REGIMES:
            rule = self.env["biometric.rule"].create({"name": name, "preset": name})
            self.assertEqual(rule.parameters or {}, REGIMES[name]["rules"])
            rule._rule_set()

    def test_the_form_keeps_only_what_differs_and_what_it_does_not_show(self):
        rule = self.env["biometric.rule"].create(
            {"name": "Office", "state": "draft", "parameters": {"day_boundary": "04:00"}}
        )
        with Form(rule) as form:
            form.p_late_grace_minutes = 5
            form.p_ot_weekly_threshold_minutes = "2400"
            form.p_ot_daily_threshold_minutes = ""
            form.p_meal_required_after_minutes = "5:30"
            form.p_night_window = "22:00-06:00"
        self.assertEqual(
            rule.parameters,
            {
                "day_boundary": "04:00",
                "late_grace_minutes": 5,
                "ot_weekly_threshold_minutes": 2400,
                "meal_required_after_minutes": 330,
                "ot_daily_threshold_minutes": None,
                "night_window": ["22:00", "06:00"],
            },
        )
        with Form(rule) as form:
            form.p_late_grace_minutes = 0
        self.assertNotIn("late_grace_minutes", rule.parameters)

    def test_a_preset_fills_the_form(self):
        with Form(self.env["biometric.rule"].with_context(default_state="draft")) as form:
            form.preset = "california"
            self.assertEqual(form.p_ot_weekly_threshold_minutes, "40:00")
            form.p_ot_weekly_threshold_minutes = "40:00"
        rule = form.save()
        self.assertEqual(rule.parameters, REGIMES["california"]["rules"])
        self.assertIn("rounding", rule.to_confirm)

    def test_impossible_values_are_refused_and_risky_ones_warned_of(self):
        rule = self.env["biometric.rule"].create({"name": "Risky", "state": "draft"})
        self.assertFalse(rule.warnings)
        rule.parameters = {"duplicate_window_seconds": 300}
        self.assertIn("60 seconds", rule.warnings)
        with self.assertRaisesRegex(ValidationError, "ot_weekly_threshold_minutes"):
            rule.p_ot_weekly_threshold_minutes = "forty hours"
        with self.assertRaisesRegex(ValidationError, "night_window"):
            rule.p_night_window = "late"

    def test_a_draft_counts_for_nobody_until_it_is_adopted(self):
        self.punch_in("2026-03-02 08:10:00", "2026-03-02 17:00:00")
        self.rebuild()
        rule = self.env["biometric.rule"].create(
            {
                "name": "Lenient",
                "state": "draft",
                "valid_from": "2026-01-01",
                "parameters": {"late_grace_minutes": 15},
            }
        )
        self.rebuild()
        self.assertEqual(self.day().late_minutes, 10)
        rule.action_adopt()
        self.rebuild()
        self.assertEqual(self.day().late_minutes, 0)
        entry = self.env["biometric.audit"].search(
            [("model", "=", "biometric.rule"), ("res_id", "=", rule.id)], order="id desc", limit=1
        )
        self.assertTrue(entry.action.startswith("rule."))


@tagged("post_install", "-at_install", "biometric_day")
class TestTrial(DayCase):
    """Each test saves for real afterwards and finds exactly what was announced. Red if the trial
    computes with other facts than the cron, or if anything of it stays."""

    def setUp(self):
        super().setUp()
        self.other = self.make_employee("Ben Cruz", "8")
        for day in (2, 3, 4, 5, 6):
            self.punch_in(f"2026-03-0{day} 08:07:00", f"2026-03-0{day} 18:{day}0:00")
            self.punch_in(f"2026-03-0{day} 07:58:00", f"2026-03-0{day} 17:01:00", pin="8")
        self.people = self.employee | self.other
        self.dates = [date(2026, 3, number) for number in range(1, 32)]
        rebuild = self.env["biometric.day.rebuild"].sudo()
        rebuild._rebuild([(person.id, day) for person in self.people for day in self.dates])
        self.rebuild()

    def stored(self):
        names = ("status", *MINUTES)
        days = self.env["biometric.day"].search([("employee_id", "in", self.people.ids)])
        return {
            (day.employee_id.id, day.date): {name: day[name] for name in names}
            for day in days
            if day.date in self.dates
        }

    def announced_is_what_comes(self, trial, save):
        before = self.stored()
        found = trial.sudo()._differences()
        self.assertEqual(self.stored(), before)
        self.assertFalse(self.env["biometric.stale.day"].sudo().search_count([]))
        trial.action_try()
        self.assertEqual(trial.day_count, len(found))
        self.assertGreater(trial.day_count, 0)
        save()
        self.rebuild()
        after = self.stored()
        real = {}
        for key, values in after.items():
            changed = {n: (before[key][n], v) for n, v in values.items() if before[key][n] != v}
            if changed:
                real[key] = changed
        names = set(next(iter(after.values())))
        announced = {
            key: {name: value for name, value in changed.items() if name in names}
            for key, changed in found.items()
        }
        self.assertEqual({key: value for key, value in announced.items() if value}, real)
        return trial

    def test_rule_set(self):
        rule = self.env["biometric.rule"].create(
            {
                "name": "Weekly",
                "state": "draft",
                "valid_from": "2026-12-01",
                "parameters": {
                    "ot_weekly_threshold_minutes": 2500,
                    "late_grace_minutes": 10,
                    "ot_requires_approval": True,
                },
            }
        )
        trial = self.env["biometric.trial"].create({"kind": "rule", "rule_id": rule.id, **MARCH})

        def save():
            rule.write({"valid_from": "2026-03-01"})
            rule.action_adopt()

        self.announced_is_what_comes(trial, save)
        self.assertLess(trial.lost_minutes, 0)
        self.assertEqual(rule.state, "adopted")

    def test_a_rule_set_of_named_people_stays_theirs_when_they_leave(self):
        """Turns red when an archived person drops out of the list: without anybody left in it, the
        rule set would count for the whole company, and the leaver be paid by another."""
        self.env["biometric.rule"].create(
            {
                "name": "Ben's",
                "valid_from": "2026-03-01",
                "employee_ids": [Command.set(self.other.ids)],
                "parameters": {"round_unit_minutes": 30},
            }
        )
        self.rebuild()
        before = {day: day.rule_name for day in self.env["biometric.day"].search([])}
        self.assertIn("Ben's", self.day(employee=self.other).rule_name)
        self.assertNotIn("Ben's", self.day().rule_name)
        with freeze_time("2026-03-31 10:00:00"):
            self.other.active = False
        self.env.invalidate_all()
        pairs = [(person.id, day) for person in self.people for day in self.dates]
        self.env["biometric.day.rebuild"].sudo()._rebuild(pairs)
        self.assertEqual({day: day.rule_name for day in before}, before)

    def test_a_rule_set_of_a_department_stays_of_it_when_it_is_closed(self):
        """Turns red when an archived department drops out of the list, as above."""
        department = self.env["hr.department"].create({"name": "Night desk"})
        self.other.department_id = department
        self.env["biometric.rule"].create(
            {
                "name": "Desk",
                "valid_from": "2026-03-01",
                "department_ids": [Command.set(department.ids)],
            }
        )
        department.active = False
        self.env.invalidate_all()
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, self.dates[1])])
        self.assertNotIn("Desk", self.day().rule_name)

    def test_whom_a_rule_set_is_for_is_not_deleted(self):
        """Turns red when deleting the last name of a rule set makes it one of the whole company."""
        named = {
            "employee_ids": self.env["hr.employee"].create({"name": "Nobody yet"}),
            "department_ids": self.env["hr.department"].create({"name": "Night desk"}),
        }
        for field, one in named.items():
            self.env["biometric.rule"].create(
                {"name": f"Set {field}", field: [Command.set(one.ids)]}
            )
            with self.assertRaisesRegex(
                UserError, f"Set {field} applies to them.*Archive it instead"
            ):
                one.unlink()

    def test_the_trial_counts_who_left_and_who_went_to_another_company(self):
        """Turns red when a rule set is tried on those alone who are still here."""
        second = self.env["res.company"].create({"name": "Second"})
        with freeze_time("2026-03-16 10:00:00"):
            self.employee.company_id = second
            self.other.active = False
        self.rebuild()
        rule = self.env["biometric.rule"].create(
            {
                "name": "Tight",
                "state": "draft",
                "valid_from": "2026-12-01",
                "parameters": {"late_grace_minutes": 0, "ot_daily_threshold_minutes": 300},
            }
        )
        for named in (False, True):
            rule.employee_ids = self.people if named else False
            self.env.invalidate_all()
            trial = self.env["biometric.trial"].create(
                {"kind": "rule", "rule_id": rule.id, **MARCH}
            )
            trial.action_try()
            self.assertEqual(trial.line_ids.employee_id, self.people, f"named: {named}")

    def test_a_break_punched_too_short_is_said(self):
        """Turns red when the trial is silent about planned breaks that are filled up."""
        self.punch_in("2026-03-02 12:04:00", "2026-03-02 12:06:00")
        self.rebuild()
        rule = self.env["biometric.rule"].create(
            {"name": "Late", "state": "draft", "parameters": {"late_grace_minutes": 10}}
        )
        trial = self.env["biometric.trial"].create(MARCH | {"kind": "rule", "rule_id": rule.id})
        trial.action_try()
        self.assertEqual(trial.filled_days, 1)
        shown = self.env["biometric.day"].search(trial.action_open_filled()["domain"])
        self.assertEqual((shown.employee_id, shown.date), (self.employee, date(2026, 3, 2)))

    def test_the_counts_of_a_trial_open_their_days(self):
        """Turns red when a number of the answer opens other days than it counts."""
        self.rebuild()
        trial = self.env["biometric.trial"].create(
            {"kind": "zone", "device_id": self.device.id, "tz": "Asia/Tokyo", **MARCH}
        )
        trial.action_try()
        days = self.env["biometric.day"]
        self.assertEqual(days.search_count(trial.action_open_days()["domain"]), trial.day_count)
        for line in trial.line_ids:
            found = days.search(line.action_open_days()["domain"])
            self.assertEqual((len(found), found.employee_id), (line.day_count, line.employee_id))

    def test_working_schedule(self):
        short = self.calendar.copy()
        short.attendance_ids.filtered(lambda line: line.day_period != "morning").unlink()
        self.rebuild()
        trial = self.env["biometric.trial"].create(
            {
                "kind": "schedule",
                "calendar_id": short.id,
                "employee_ids": [Command.set(self.employee.ids)],
                **MARCH,
            }
        )
        self.announced_is_what_comes(
            trial,
            lambda: self.employee.create_version(
                {"date_version": date(2026, 3, 1), "resource_calendar_id": short.id}
            ),
        )

    def test_zone_of_a_device(self):
        trial = self.env["biometric.trial"].create(
            {"kind": "zone", "device_id": self.device.id, "tz": "Asia/Tokyo", **MARCH}
        )
        zones = self.env["biometric.device.zone"]
        self.announced_is_what_comes(
            trial,
            lambda: zones.create(
                {
                    "device_id": self.device.id,
                    "tz": "Asia/Tokyo",
                    "valid_from": "2026-02-28 00:00:00",
                }
            ),
        )

    def test_owner_of_a_pin(self):
        third = self.env["hr.employee"].create(
            {
                "name": "Third",
                "date_version": "2026-01-01",
                "resource_calendar_id": self.calendar.id,
            }
        )
        self.people |= third
        self.env["biometric.day.rebuild"].sudo()._rebuild([(third.id, day) for day in self.dates])
        pin = self.employee.sudo().biometric_user_ids
        trial = self.env["biometric.trial"].create(
            {"kind": "mapping", "device_user_id": pin.id, "employee_id": third.id, **MARCH}
        )

        def save():
            pin.employee_id = third

        self.announced_is_what_comes(trial, save)

    def test_only_hr_may_try(self):
        chief = new_test_user(self.env, "chief", "biometric_attendance.group_approver")
        with self.assertRaises(AccessError):
            self.env["biometric.trial"].with_user(chief).create({"kind": "rule", **MARCH})
