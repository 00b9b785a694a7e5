"""Time off out of a time account: what may be asked for, what approval takes, what comes back."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .test_cto import CtoCase, lots_of


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoLeave(CtoCase):
    def test_approval_debits_and_refusal_gives_back_to_the_same_lots(self):
        """Red if a cancelled request returns elsewhere, or only the state changes."""
        self.bring(600, date(2026, 12, 31))
        self.bring(240, date(2026, 6, 30))
        leave = self.ask()
        self.assertEqual(leave.state, "confirm")
        self.assertEqual(self.account().balance_minutes, 840)
        leave.action_approve()
        self.assertEqual(self.account().balance_minutes, 360)
        self.assertEqual(lots_of(self.account()), {"opening:2026-12-31": 360})
        self.assertEqual(
            self.entries("kind", "minutes", "use_date", "leave_number")[-1],
            ("usage", -480, date(2026, 3, 12), leave.id),
        )
        leave.sudo().write({"biometric_refusal": "staffing", "biometric_refusal_text": "Fair day"})
        leave.action_refuse()
        self.assertEqual(
            lots_of(self.account()), {"opening:2026-06-30": 240, "opening:2026-12-31": 600}
        )
        self.assertEqual(self.entries()[-1], ("usage_reversal", 480))

    def test_back_to_approval_and_approved_again_is_one_usage(self):
        self.bring(600)
        leave = self.ask()
        leave.action_approve()
        leave.action_back_to_approval()
        self.assertEqual(self.account().balance_minutes, 600)
        leave.action_approve()
        self.assertEqual(self.account().balance_minutes, 120)

    def test_cancelling_by_the_employee_gives_back(self):
        self.bring(600)
        leave = self.ask()
        leave.action_approve()
        leave._force_cancel("Changed my mind")
        self.assertEqual((leave.state, self.account().balance_minutes), ("cancel", 600))

    def test_more_than_there_is_on_that_day_is_refused_with_what_to_do(self):
        """Red if a lot that is over by then counts, or the words name no way out."""
        self.bring(480, date(2026, 3, 11))
        with self.assertRaisesRegex(
            ValidationError, "Ana Reyes has 0 h 0 min available on .*12.*takes 8 h 0 min"
        ):
            self.ask()
        self.assertEqual(self.ask("2026-03-11").state, "confirm")

    def test_a91_what_was_asked_for_earlier_is_not_promised_twice(self):
        """A91. Red if two open requests may both count on the same minutes."""
        self.bring(480)
        self.ask("2026-03-12")
        with self.assertRaisesRegex(ValidationError, "Request less time or a later date"):
            self.ask("2026-03-13")

    def test_blocks_days_in_a_row_and_notice(self):
        self.bring(6000)
        self.ruled(cto_usage_block_minutes=[240, 480], cto_max_consecutive_days=2)
        with self.assertRaisesRegex(
            ValidationError, "only be taken in whole blocks; 2 h 0 min is not one"
        ):
            self.ask(request_unit_hours=True, request_hour_from=8, request_hour_to=10)
        with self.assertRaisesRegex(ValidationError, "fewer consecutive days.* is for 3"):
            self.ask("2026-03-16", "2026-03-18")
        self.ruled(cto_notice_days=5)
        with self.assertRaisesRegex(ValidationError, "has to be requested earlier"):
            self.ask("2026-03-11")

    def test_what_is_entered_afterwards_gave_no_notice_and_makes_up_for_no_lateness(self):
        """Red if a day that is over is measured by its notice, or time off stands for the hours
        that somebody came late."""
        self.bring(6000)
        self.ruled(cto_notice_days=5)
        self.assertEqual(self.ask("2026-03-06").state, "confirm")
        self.punch_in("2026-03-09 10:00:00", "2026-03-09 17:00:00")
        self.rebuild()
        hours = {"request_unit_hours": True, "request_hour_from": 8, "request_hour_to": 10}
        with self.assertRaisesRegex(ValidationError, "cannot make up for late arrival"):
            self.ask("2026-03-09", **hours)

    def test_half_days_hours_and_a_weekend_take_what_the_schedule_says(self):
        """Red if a weekend between two days is paid for, or half a day costs a whole one."""
        self.bring(6000)
        for values, minutes in (
            ({"first": "2026-03-13", "last": "2026-03-16"}, 960),
            (
                {
                    "first": "2026-03-17",
                    "request_unit_hours": True,
                    "request_hour_from": 8,
                    "request_hour_to": 10.5,
                },
                150,
            ),
        ):
            before = self.account().balance_minutes
            self.ask(**values).action_approve()
            self.assertEqual(before - self.account().balance_minutes, minutes, values)

    def test_an_approved_request_that_is_changed_takes_the_difference(self):
        self.bring(6000)
        leave = self.ask("2026-03-17", "2026-03-18")
        leave.action_approve()
        self.assertEqual(self.account().balance_minutes, 6000 - 960)
        leave.with_context(leave_skip_state_check=True).write({"request_date_to": "2026-03-17"})
        self.assertEqual(self.account().balance_minutes, 6000 - 480)

    def test_an_approved_request_is_debited_once(self):
        """Red if a second word of the same approval takes the time again."""
        self.bring(1200)
        leave = self.ask("2026-03-17")
        leave.action_approve()
        count = len(self.account().entry_ids)
        leave._biometric_debit()
        self.assertEqual(self.account().balance_minutes, 1200 - 480)
        self.assertEqual(len(self.account().entry_ids), count)

    def test_refusing_asks_why(self):
        """Red if time off out of an account can be refused without a reason."""
        self.bring(600)
        leave = self.ask()
        action = leave.action_refuse()
        self.assertEqual((leave.state, action["res_model"]), ("confirm", "biometric.cto.refuse"))
        wizard = self.env["biometric.cto.refuse"].create(
            {"leave_ids": leave.ids, "reason": "staffing", "text": "no"}
        )
        with self.assertRaisesRegex(UserError, "Explain briefly"):
            wizard.action_confirm()
        wizard.text = "Two colleagues are away that day"
        wizard.action_confirm()
        self.assertEqual((leave.state, leave.biometric_refusal), ("refuse", "staffing"))

    def test_the_report_tells_how_requests_were_answered(self):
        """Red if a refusal counts as granted, or days are counted from elsewhere."""
        self.bring(6000)
        self.employee.department_id = self.env["hr.department"].create({"name": "Press"})
        for number, day in enumerate(("2026-03-16", "2026-03-17", "2026-03-18"), 1):
            leave = self.ask(day)
            with freeze_time(f"2026-03-1{number} 04:00:00"):
                leave.action_approve()
        refused = self.ask("2026-03-19")
        refused.write({"biometric_refusal": "staffing", "biometric_refusal_text": "Inventory"})
        refused.action_refuse()
        self.env.cr.execute("UPDATE hr_leave SET create_date = '2026-03-10 04:00:00'")
        self.env.flush_all()
        line = self.env["biometric.cto.answer"].search(
            [("department_id", "=", self.employee.department_id.id)]
        )
        self.assertEqual((line.asked, line.granted, line.refused), (4, 3, 1))
        self.assertEqual((line.median_days, round(line.p90_days, 1)), (2, 2.8))
        found = self.env["hr.leave"].search(line.action_open_requests()["domain"])
        self.assertEqual(len(found), 4)

    def test_what_a_rule_refused_is_kept_once_and_counted(self):
        """Red if a request that the rule set does not let through leaves no trace, leaves two, or
        the report counts it as answered by a person."""
        self.bring(60)
        self.employee.department_id = self.env["hr.department"].create({"name": "Press"})
        self.env.flush_all()
        with self.enter_registry_test_mode():
            for _again in range(2):
                try:
                    # no assertRaises: it would take back what the refusal keeps
                    self.ask()
                    refused = False
                except ValidationError:
                    refused = True
                self.assertTrue(refused)
        kept = self.env["biometric.cto.refusal"].search([])
        self.assertEqual(
            (kept.employee_id, kept.reason, kept.minutes, kept.use_date, kept.asked_on),
            (self.employee, "insufficient", 480, date(2026, 3, 12), date(2026, 3, 10)),
        )
        self.assertEqual(kept.department_id.name, "Press")
        with self.assertRefused("Requests that a rule refused cannot be changed"):
            kept.sudo().reason = "notice"
        self.env["hr.leave"].search([("employee_id", "=", self.employee.id)]).unlink()
        self.env.flush_all()
        line = self.env["biometric.cto.answer"].search(
            [("department_id", "=", self.employee.department_id.id)]
        )
        self.assertEqual((line.asked, line.granted, line.refused, line.barred), (1, 0, 0, 1))
        self.assertEqual(
            self.env["biometric.cto.refusal"].search(line.action_open_barred()["domain"]), kept
        )

    def test_the_balance_at_the_date_stands_on_the_request_and_beside_the_type(self):
        self.bring(240, date(2026, 3, 31))
        self.bring(60)
        leave = self.ask(request_unit_hours=True, request_hour_from=8, request_hour_to=9)
        self.assertRegex(
            leave.biometric_balance_text, r"5 h 0 min, of which 4 h 0 min can be used until .*31"
        )
        kind = self.kind.with_context(employee_id=self.employee.id)
        self.assertEqual(kind.display_name, "Time off for overtime (5 h 0 min)")
        late = kind.with_context(default_date_from="2026-04-02")
        self.assertEqual(late.display_name, "Time off for overtime (1 h 0 min)")
        (card,) = self.kind.get_allocation_data(self.employee)[self.employee]
        self.assertEqual((card[0], card[1]["remaining_leaves"]), ("Time off for overtime", 5.0))
        stranger = new_test_user(self.env, "cleo", groups="base.group_user")
        self.assertEqual(kind.with_user(stranger).display_name, "Time off for overtime")

    def test_lots_end_by_night_and_what_comes_back_to_a_dead_one_ends_at_once(self):
        self.bring(480, date(2026, 3, 31))
        leave = self.ask("2026-03-30")
        leave.action_approve()
        self.bring(100, date(2026, 3, 20))
        with freeze_time("2026-04-02 04:00:00"):
            self.env["biometric.cto.night"]._night(self.env.company)
            self.assertEqual(
                self.entries("kind", "minutes", "date")[-1], ("expiry", -100, date(2026, 3, 21))
            )
            leave._force_cancel("Was ill")
        self.assertEqual(self.entries()[-2:], [("usage_reversal", 480), ("expiry", -480)])
        self.assertEqual(self.account().balance_minutes, 0)

    def test_a_warning_says_what_is_lost_and_when(self):
        """Red if somebody is warned of what a planned leave takes, or nobody is."""
        user = new_test_user(self.env, "ana", groups="base.group_user", email="ana@example.com")
        self.employee.user_id = user
        self.bring(480, date(2026, 4, 9))
        before = self.env["mail.mail"].search([])
        self.env["biometric.cto.night"]._night(self.env.company)
        mail = self.env["mail.mail"].search([]) - before
        self.assertIn("ana@example.com", mail.email_to)
        self.assertRegex(
            str(mail.body_html), "You will lose 8 h 0 min on .*10.* unless you take it"
        )
        self.ask("2026-03-12")
        self.env["biometric.cto.night"]._warn(self.env.company, date(2026, 3, 10))
        self.assertEqual(self.env["mail.mail"].search([]) - before, mail)

    def test_a_forecast_under_planned_time_off(self):
        self.bring(480, date(2026, 3, 31))
        self.bring(600)
        self.ask("2026-03-12")
        look = self.env["biometric.cto.account"]
        self.assertEqual(
            look.get_forecast(self.employee.id, "2026-03-31"), {"balance": 600, "lost": 0}
        )
        data = look.get_panel_data(self.employee.id)["accounts"][0]
        self.assertEqual(data["losses"], [{"date": "2026-03-31", "minutes": 0, "days": 21}])
        self.assertEqual([lot["left"] for lot in data["lots"]], [480, 600])
        for minutes, told in (
            (960, ("2026-03-11", "2026-03-12")),
            (600, ("2026-03-11", "2026-03-11")),
            (300, ("2026-03-11", "2026-03-11", 8.0, 14.0)),
        ):
            context = look.action_request(self.employee.id, minutes)["context"]
            names = ("date_from", "date_to", "hour_from", "hour_to")[: len(told)]
            found = tuple(context[f"default_request_{name}"] for name in names)
            self.assertEqual((found, "default_request_hour_to" in context), (told, minutes == 300))
