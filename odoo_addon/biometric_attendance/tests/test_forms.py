"""What is typed into a new form is there after its first save, the way the web client saves it."""

from odoo.tests import Form, tagged

from .test_day import DayCase

# One value of each kind of field that is none of the defaults.
TYPED = {
    "p_pairing_method": "single",
    "p_single_counts": "scheduled",
    "p_duplicate_window_seconds": 45,
    "p_missing_out": "shift_end",
    "p_max_session_minutes": 900,
    "p_late_grace_minutes": 7,
    "p_early_leave_grace_minutes": 6,
    "p_pre_shift_work": "ignore",
    "p_post_shift_work": "ignore",
    "p_ot_basis": "outside_shift",
    "p_ot_daily_threshold_minutes": "8:00",
    "p_dt_daily_threshold_minutes": "12:00",
    "p_ot_weekly_threshold_minutes": "40:00",
    "p_week_start": "sun",
    "p_ot_min_minutes": 15,
    "p_ot_round_unit_minutes": 15,
    "p_ot_requires_approval": True,
    "p_cto_eligible": True,
    "p_cto_requires_authority_ref": True,
    "p_cto_cash_convertible": True,
    "p_flex_account": True,
    "p_short_break_paid_max_minutes": 20,
    "p_punched_break_min_minutes": 12,
    "p_meal_after_minutes": "6:00",
    "p_meal_minutes": 30,
    "p_meal_required_after_minutes": "5:00",
    "p_min_daily_rest_minutes": "11:00",
    "p_round_unit_minutes": 15,
    "p_round_in": "up",
    "p_round_out": "down",
    "p_off_day_classification": "none",
    "p_night_window": "22:00-06:00",
}


@tagged("post_install", "-at_install", "biometric_day")
class TestForms(DayCase):
    def test_a_rule_set_keeps_all_that_was_typed_at_its_first_save(self):
        """Turns red when two fields of one save write the same thing over each other."""
        rules = self.env["biometric.rule"].with_context(default_state="draft")
        with Form(rules) as form:
            form.name = "Typed"
            shown = {name for name in form._view["fields"] if name.startswith("p_")}
            self.assertEqual(shown, set(TYPED))
            for name, value in TYPED.items():
                form[name] = value
        rule = form.save()
        rule.invalidate_recordset()
        self.assertEqual({name: rule[name] for name in TYPED}, TYPED)
        self.assertEqual(len(rule.parameters), len(TYPED))

    def test_text_and_fields_of_one_save_come_together(self):
        """Turns red when one of the two is lost, or both say different things unnoticed."""
        rules = self.env["biometric.rule"].with_context(default_state="draft")
        with Form(rules) as form:
            form.name = "Both"
            form.parameters_text = '{"day_boundary": "04:00", "late_grace_minutes": 5}'
            self.assertEqual(form.p_late_grace_minutes, 5)
            form.p_round_unit_minutes = 10
        rule = form.save()
        self.assertEqual(
            rule.parameters,
            {"day_boundary": "04:00", "late_grace_minutes": 5, "round_unit_minutes": 10},
        )
        with self.assertRaisesRegex(Exception, "Grace for arriving late is entered twice"):
            rule.write({"parameters_text": '{"late_grace_minutes": 9}', "p_late_grace_minutes": 3})

    def test_a_preset_and_what_is_typed_over_it(self):
        rules = self.env["biometric.rule"].with_context(default_state="draft")
        with Form(rules) as form:
            form.preset = "california"
            form.p_late_grace_minutes = 4
        rule = form.save()
        self.assertEqual(rule.p_late_grace_minutes, 4)
        self.assertEqual(rule.p_ot_weekly_threshold_minutes, "40:00")

    def test_what_is_not_in_effect_is_said(self):
        """Turns red when a rule set that sets what nothing asks for looks like any other."""
        rule = self.env["biometric.rule"].create({"name": "Tier", "preset": "japan"})
        words = "nothing is decided by: ot_month_tier_minutes"
        self.assertIn(words, rule.not_in_effect)
        self.assertNotIn("ot_requires_approval", rule.not_in_effect)
        plain = self.env["biometric.rule"].create({"name": "House", "preset": "house"})
        self.assertFalse(plain.not_in_effect)

    def test_a_terminal_keeps_all_that_was_typed_at_its_first_save(self):
        typed = {"name": "Gate", "serial": "FORM1", "poll_host": "192.168.1.9", "poll_port": 4371}
        with Form(self.env["biometric.device"]) as form:
            for name, value in typed.items():
                form[name] = value
            form.comm_key = "4711"
            form.status_preset = "us320"
            form.status_meanings = "7 = Out"
            form.verify_meanings = "7 = face"
        device = form.save()
        device.invalidate_recordset()
        self.assertEqual((device.status_map, device.verify_map), ({"7": "out"}, {"7": "face"}))
        self.assertEqual({name: device[name] for name in typed}, typed)
        self.assertTrue(device.comm_key_set)

    def test_a_payroll_program_keeps_all_that_was_typed_at_its_first_save(self):
        typed = {"name": "Steuerbüro", "program": "lug_month", "first_line": "none"}
        with Form(self.env["biometric.payroll.profile"]) as form:
            for name, value in typed.items():
                form[name] = value
        profile = form.save()
        profile.invalidate_recordset()
        self.assertEqual({name: profile[name] for name in typed}, typed)

    def test_every_field_with_an_inverse_is_tried_here(self):
        """Turns red when a form gets a field with an inverse that no first save above fills."""
        found = {
            (model, name)
            for model in self.env
            if model.startswith("biometric.")
            for name, field in self.env[model]._fields.items()
            if field.inverse and not field.related and not name.startswith("message_")
        }
        device = ("comm_key", "status_meanings", "verify_meanings")
        tried = {("biometric.device", name) for name in device}
        self.assertEqual(found, tried | {("biometric.payroll.profile", "first_line")})
