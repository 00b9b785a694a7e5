"""What a payroll officer knows before pressing the button: codes that are missing, why the file
would be refused, and who fixes what they may not open."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .review_case import WHY
from .test_cto import CtoCase
from .test_day import MONDAY
from .test_period import MEAL, PeriodCase


@tagged("post_install", "-at_install", "biometric_review")
class TestPeriodKnown(PeriodCase):
    def program(self, program, codes, **values):
        """The program of the group; codes: `{ours: (text, column)}`."""
        self.group.profile_id = self.env["biometric.payroll.profile"].create(
            {
                "name": "Ours",
                "program": program,
                "code_ids": [
                    (0, 0, {"pay_code": ours, "text": text, "column": column})
                    for ours, (text, column) in codes.items()
                ],
                **values,
            }
        )
        return self.group.profile_id

    def check(self):
        self.env.invalidate_all()
        return self.week.with_user(self.pay).get_cockpit_check(True)["refusal"]

    # ------------------------------------------------------------------ codes

    def test_a_code_that_a_statement_owes_is_missed_before_the_button(self):
        """Red when the gate looks at the classes of days alone: closing would be refused."""
        self.employee.barcode = "118"
        profile = self.program("sage_ie", {"REG": ("1", "extra")})
        self.assertEqual(self.reasons(), [])
        question = self.env["biometric.attestation.question"].create(
            {"name": "Meal", "event": "out", "text": "Did you get your meal break?"}
            | {"valid_from": "2026-01-01", "choice_ids": [(0, 0, one) for one in MEAL]}
        )
        asked = self.env["biometric.attestation"].sudo()._ask(self.employee, MONDAY, question)
        asked.with_user(self.ana).answer(2)
        self.rebuild()
        self.env.invalidate_all()
        found = self.week._gate()
        self.assertEqual(found.blockers, [(f"code:{profile.id}:MEAL", "", "class_not_mapped")])
        self.assertEqual(found.minutes, [60])
        action = self.week.with_user(self.pay).action_mend(*found.blockers[0])
        self.assertEqual((action["res_model"], action["res_id"]), (profile._name, profile.id))
        profile.code_ids = [(0, 0, {"pay_code": "MEAL", "text": "7"})]
        self.assertEqual(self.reasons(), [])
        self.assertIn(b"2,118,7,,,1.00,", self.close()._bytes("program_data"))

    def test_a_column_of_another_program_is_no_code(self):
        """Red when a profile that was made for Gusto and is Sage's now passes the gate, and the
        file is refused: Sage knows no column, so the pay code has no code."""
        self.employee.barcode = "118"
        profile = self.program("sage_ie", {"REG": (False, "regular")})
        (blocker,) = self.week._gate().blockers
        self.assertEqual(blocker, (f"code:{profile.id}:REG", "", "class_not_mapped"))

    # ------------------------------------------------------------------ what does not block

    def test_what_lies_outside_of_the_period_or_is_settled_blocks_nothing(self):
        """Red when a period waits for a terminal that came later, a gap of another week, a finding
        that was explained or is gone, or a request that was decided."""
        later = self.make_device(self.agent, serial="SN2", tz="Asia/Manila")
        later.in_service_from = "2026-03-20 00:00:00"
        for first, last in (("02-20", "02-21"), ("03-09", "03-10")):
            self.env["biometric.gap"].create(
                {
                    "company_id": self.env.company.id,
                    "device_id": self.device.id,
                    "kind": "silence",
                    "window_from": f"2026-{first} 00:00:00",
                    "window_to": f"2026-{last} 01:00:00",
                    "opened_at": "2026-03-10 01:00:00",
                }
            )
        findings = self.env["biometric.audit.finding"].sudo()
        for name in ("explained_at", "gone_at"):
            findings._found(
                self.env.company.id, [{"code": "lane_hash", "place": name, "text": "broken"}]
            )
            self.env.cr.execute(
                f"UPDATE biometric_audit_finding SET {name} = now() WHERE place = %s", (name,)
            )
        asked = self.ask(self.mia, "excuse_late", minutes=5)
        self.assertEqual(self.reasons(), ["open_adjustment"])
        asked.with_user(self.hal).reject(WHY)
        self.rebuild()
        self.assertEqual(self.reasons(), [])
        later.in_service_from = "2026-03-04 00:00:00"
        self.assertEqual(self.reasons(), ["device_not_complete"])

    # ------------------------------------------------------------------ refusals

    def test_why_the_file_would_be_refused_is_known_before_the_button(self):
        """Red when whoever closes the period is the first to hear what the payroll program does not
        take, or when asking keeps or locks something."""
        self.employee.barcode = "118"
        codes = {"REG": ("200", "extra")}
        profile = self.program("lug_month", codes, company_code="10042", second_code="12")
        self.assertEqual(self.reasons(), [])
        why = self.check()
        self.assertRegex(why, "No file for Ours: '12': a consultant's number has 4 to 7 digits")
        self.assertFalse(self.week.export_ids)
        self.assertEqual(self.week.state, "open")
        self.assertEqual(self.week.with_user(self.pay).get_cockpit_check()["refusal"], "")
        with self.assertRefused("a consultant's number has 4 to 7 digits"):
            self.close()
        profile.second_code = "1234567"
        self.assertEqual(self.check(), "")
        self.assertTrue(self.close().program_filename)

    def test_a_correction_that_the_program_cannot_hold_is_known_too(self):
        """Red when only days of the period are looked at: hours below zero of an earlier one refuse
        the file of this."""
        self.employee.barcode = "AB12CD"
        self.program("gusto", {"REG": ("", "regular"), "OT": ("", "overtime")})
        self.close()
        self.punch_in(f"{MONDAY} 10:00:00", f"{MONDAY} 14:00:00")
        self.rebuild()
        self.assertLess(self.day().regular_minutes, 480)
        self.program("quickbooks_iif", {"REG": ("P", "extra")}, company_code="A", second_code="1")
        said = self.next_week.with_user(self.pay).get_cockpit_check(True)["refusal"]
        self.assertRegex(said, "Ana Reyes .*below zero, .*negative_policy: hold")
        with self.assertRefused("below zero", UserError):
            self.close(self.next_week)

    def test_what_changed_before_the_period_is_a_difference_for_every_program(self):
        """Red when a program that replaces what it had gets the whole of a day that an earlier
        payroll paid: its hours would be paid twice."""
        self.employee.barcode = "AB12CD"
        columns = {"REG": ("", "regular"), "OT": ("", "overtime")}
        self.program("gusto", columns)
        head, row = self.close()._bytes("program_data").decode().splitlines()
        self.assertEqual(row, "Reyes,Ana,,AB12CD,8.00,,")
        self.punch_in(f"{MONDAY} 18:00:00", f"{MONDAY} 19:00:00")
        self.work(MONDAY + timedelta(days=8))
        self.rebuild()
        made = self.close(self.next_week)
        self.assertEqual([row["minutes"] for row in self.rows(made)], ["60", "480"])
        self.assertEqual(
            made._bytes("program_data").decode().splitlines(),
            [head, "Reyes,Ana,,AB12CD,8.00,1.00,"],
        )
        third = self.group.period_ids.sorted("date_from")[2]
        self.punch_in(f"{MONDAY} 20:00:00", f"{MONDAY} 20:30:00")
        self.rebuild()
        text = self.close(third)._bytes("program_data").decode()
        self.assertEqual(text.splitlines(), [head, "Reyes,Ana,,AB12CD,,0.50,"])

    def test_a_period_in_which_nobody_worked_is_closed_without_a_file_for_the_program(self):
        """Red when a week of holidays can never be closed, and its officers get a mail every night,
        because the payroll program takes no file without a line."""
        self.employee.barcode = "118"
        self.program("sage_ie", {"REG": ("1", "extra")})
        self.close()
        self.assertEqual(self.next_week.with_user(self.pay).get_cockpit_check(True)["refusal"], "")
        export = self.close(self.next_week)
        self.assertEqual((export.state, export.line_count), ("done", 0))
        self.assertFalse(export.program_filename)
        self.assertNotIn("program", self.control(export))
        self.assertIn("/data?", self.next_week.with_user(self.pay).action_download()["url"])

    # ------------------------------------------------------------------ by itself

    def test_a_period_closes_by_itself_on_its_day_and_a_locked_one_stays_locked(self):
        """Red when a period is exported before the rule set's day, or the night opens what somebody
        locked because something blocks it."""
        self.env["biometric.rule"].create(
            {"name": "Later", "valid_from": "2026-01-01", "parameters": {"lock_after_days": 43}}
        )
        self.rebuild()
        periods = self.env["biometric.period"]
        self.assertEqual(str(self.week._due_on()), "2026-04-20")
        with freeze_time("2026-04-19 04:00:00"):
            periods._cron_gate()
        self.assertEqual(self.week.state, "ready")
        self.punch_in(f"{MONDAY + timedelta(days=1)} 08:00:00")
        self.rebuild()
        self.week.with_user(self.pay).action_lock()
        periods._cron_gate()
        self.assertEqual((self.week.state, self.week.gate_count), ("locked", 1))
        self.punch_in(f"{MONDAY + timedelta(days=1)} 17:00:00")
        self.rebuild()
        self.env.invalidate_all()
        periods._cron_gate()
        self.assertEqual(self.week.state, "exported")

    def test_a_period_is_not_locked_by_hand_before_it_is_over(self):
        now = self.group.period_ids.filtered(lambda one: str(one.date_to) >= "2026-04-20")[-1]
        with self.assertRefused("has not ended yet"):
            now.with_user(self.pay).action_lock()

    def test_a_group_is_paid_by_a_program_of_its_company(self):
        """Red when a group's file is made with the codes and the name of another company."""
        other = self.env["res.company"].create({"name": "Other"})
        profile = self.program("sage_ie", {"REG": ("1", "extra")})
        theirs = profile.copy({"company_id": other.id})
        with self.assertRefused("is another company's payroll program", ValidationError):
            self.group.profile_id = theirs

    # ------------------------------------------------------------------ proof

    def test_a_payroll_officer_has_no_proof_of_a_day_that_was_left_out(self):
        """Red when whoever pays may read where everybody was on days that no file paid."""
        tuesday = MONDAY + timedelta(days=1)
        self.punch_in(f"{tuesday} 08:00:00")
        self.rebuild()
        self.week.with_user(self.pay).action_ask_override(WHY)
        self.week.with_user(self.hal).action_confirm_override()
        export = self.close()
        row = export.day_ids.filtered(lambda one: one.date == tuesday)
        self.assertEqual(row.state, "left_out")
        evidence = self.env["biometric.day.evidence"].with_user(self.pay)
        with self.assertRefused("for HR officers and auditors", AccessError):
            evidence._file(self.day(tuesday).with_user(self.pay))
        self.assertTrue(evidence._file(self.day().with_user(self.pay)))

    # ------------------------------------------------------------------ who is who

    def test_whoever_acts_as_somebody_else_is_no_second_person(self):
        """Red when code that acts as another user confirms what whoever is logged in asked for."""
        self.punch_in(f"{MONDAY + timedelta(days=1)} 08:00:00")
        self.rebuild()
        self.week.with_user(self.pay).action_ask_override(WHY)
        audit = type(self.env["biometric.audit"])
        with (
            patch.object(audit, "_real_uid", lambda _audit: self.pay.id),
            self.assertRefused("Two people override a period"),
        ):
            self.week.with_user(self.hal).action_confirm_override()
        self.assertFalse(self.week.override_confirmed_by_id)

    def test_nobody_confirms_for_their_own_days_or_a_second_time(self):
        """Red when the second person is the one whose day is let pass, while another could confirm,
        or takes the name of whoever confirmed before."""
        self.punch_in(f"{MONDAY + timedelta(days=1)} 08:00:00")
        self.rebuild()
        self.employee.user_id = self.hal
        self.week.with_user(self.pay).action_ask_override(WHY)
        with self.assertRefused("You cannot decide about yourself: this concerns Ana Reyes"):
            self.week.with_user(self.hal).action_confirm_override()
        self.week.with_user(self.ida).action_confirm_override()
        self.assertEqual(self.week.override_confirmed_by_id, self.ida)
        other = self.make_user("ute", "hr_officer")
        with self.assertRefused("Nobody requested to override"):
            self.week.with_user(other).action_confirm_override()
        self.assertEqual(self.week.override_confirmed_by_id, self.ida)

    # ------------------------------------------------------------------ who fixes what

    def blocked(self):
        """Blockers of every kind, each with a screen of its own."""
        self.punch_in(f"{MONDAY + timedelta(days=1)} 08:00:00")
        self.program("sage_ie", {"OT": ("3", "extra")})
        self.employee.barcode = False
        self.device.complete_until = "2026-03-07 00:00:00"
        self.rebuild()
        self.ask(self.mia, "excuse_late", minutes=5)
        self.env["biometric.gap"].create(
            {
                "company_id": self.env.company.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": "2026-03-03 00:00:00",
                "window_to": "2026-03-03 01:00:00",
                "opened_at": "2026-03-03 01:00:00",
            }
        )
        self.env["biometric.audit.finding"].sudo()._found(
            self.env.company.id, [{"code": "lane_hash", "place": "lane 1", "text": "broken"}]
        )
        self.env["biometric.stale.day"]._mark([(self.employee.id, MONDAY)])
        self.env.invalidate_all()

    def test_each_blocker_leads_to_a_screen_its_reader_may_open_or_says_who_fixes_it(self):
        """Red when “Fix” ends in “you are not allowed to access”, for one of the three roles that
        see the gate, or when nobody is named instead."""
        self.blocked()
        kinds = {one[0].partition(":")[0] for one in self.week._gate().blockers}
        self.assertEqual(kinds, {"employee", "device", "gap", "finding", "code", "waiting"})
        named = {
            "pay": {"finding": "HR officer or administrator"},
            "hal": {"code": "Payroll officer", "employee": "Payroll officer"},
            "aud": {},
        }
        for user in (self.pay, self.hal, self.make_user("aud", "auditor")):
            period, told = self.week.with_user(user), {}
            for one in period.get_cockpit_data(self.week.id)["gate"]["blockers"]:
                if one["reason"] == "chain_not_verified":
                    self.assertEqual(
                        (one["name"], one["label"]), ("lane 1", "Finding not explained")
                    )
                asked = (one["what"], one["date"], one["reason"])
                if one["by"]:
                    told[one["what"].partition(":")[0]] = one["by"]
                    with self.assertRefused(f"This is fixed by: {one['by']}", AccessError):
                        period.action_mend(*asked)
                    continue
                action = period.action_mend(*asked)
                model = self.env[action["res_model"]].with_user(user)
                model.search(action.get("domain") or [("id", "=", action["res_id"])])
                model.get_views([(False, "form" if action.get("res_id") else "list")])
            with self.subTest(user.login):
                self.assertEqual(told, named[user.login.removeprefix("review-")])

    def test_a_statement_of_somebody_who_left_blocks_as_well(self):
        """Red when whoever left before answering is not asked for, though the file pays them."""
        question = self.env["biometric.attestation.question"].create(
            {"name": "Meal", "event": "meal", "text": "Did you get your meal break?"}
            | {"valid_from": "2026-01-01", "is_required": True}
            | {"choice_ids": [(0, 0, one) for one in MEAL]}
        )
        self.env["biometric.attestation"].sudo()._ask(self.employee, MONDAY, question)
        self.assertEqual(self.reasons(), ["open_attestation"])
        self.employee.active = False
        self.assertIn(self.employee, self.week._paid_people())
        self.assertEqual(self.reasons(), ["open_attestation"])


@tagged("post_install", "-at_install", "biometric_cto")
class TestKnownOfABank(CtoCase):
    def test_banked_time_that_is_paid_needs_its_code_before_the_button(self):
        """Red when the gate is green and the file refused for the pay code of a payout."""
        self.device.complete_until = "2026-03-16 12:00:00"
        self.device.in_service_from = "2026-03-01 00:00:00"
        self.employee.barcode = "118"
        profile = self.env["biometric.payroll.profile"].create(
            {
                "name": "Ours",
                "program": "sage_ie",
                "code_ids": [(0, 0, {"pay_code": "REG", "text": "1"})],
            }
        )
        self.ruled(cto_cash_convertible=True, cto_payout_cap_minutes=200)
        self.works()
        user = new_test_user(self.env, "ana", groups="base.group_user")
        self.employee.user_id = user
        wish = self.env["biometric.cto.payout"].with_user(user).create({"minutes": 60})
        role = "base.group_user,biometric_attendance.group_payroll_officer"
        wish.with_user(new_test_user(self.env, "pay", groups=role)).action_approve()
        group = self.env["biometric.period.group"].create(
            {"name": "Line", "rhythm": "weekly", "anchor": "2026-03-09", "profile_id": profile.id}
        )
        week = group.period_ids.sorted("date_from")[0]
        found = [pair for pair in zip(*week._gate(), strict=True) if pair[0][0][:5] == "code:"]
        self.assertEqual(found, [((f"code:{profile.id}:CTO", "", "class_not_mapped"), 60)])
        profile.code_ids = [(0, 0, {"pay_code": "CTO", "text": "9"})]
        self.env.invalidate_all()
        self.assertNotIn("class_not_mapped", [one[2] for one in week._gate().blockers])
