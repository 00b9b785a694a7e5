"""Closing a pay period: its gate, the lock with its file, corrections in the next one."""

import base64
import csv
import io
import json
from datetime import date, datetime, timedelta
from unittest.mock import patch

import openpyxl
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..engine import gate
from .review_case import WHY, ReviewCase
from .test_cto import CtoCase
from .test_day import MONDAY

TUESDAY = MONDAY + timedelta(days=1)
APRIL = datetime(2026, 4, 20, 4)


MEAL = (
    {"text": "Yes"},
    {"text": "No", "consequence": "pay_code", "pay_code": "MEAL", "minutes": 60},
)


class PeriodCase(ReviewCase):
    """ReviewCase with a weekly pay group; Ana worked on the Monday of its first week."""

    def setUp(self):
        super().setUp()
        frozen = freeze_time(APRIL)
        frozen.start()
        self.addCleanup(frozen.stop)
        self.device.complete_until = "2026-04-10 00:00:00"
        self.device.in_service_from = "2026-03-01 00:00:00"
        self.group = self.env["biometric.period.group"].create(
            {"name": "Line", "rhythm": "weekly", "anchor": str(MONDAY)}
        )
        self.week, self.next_week = self.group.period_ids.sorted("date_from")[:2]
        self.work(MONDAY)
        self.rebuild()

    def work(self, day, end="17:00"):
        self.punch_in(f"{day} 08:00:00", f"{day} {end}:00")

    def close(self, period=None, user=None):
        period = (period or self.week).with_user(user or self.pay)
        period.action_close()
        return self.env["biometric.export"].search([("period_id", "=", period.id)])

    def reasons(self, period=None):
        self.env.invalidate_all()
        return [one[2] for one in (period or self.week)._gate().blockers]

    @staticmethod
    def rows(export):
        data = base64.b64decode(export.with_context(bin_size=False).data).decode()
        return list(csv.DictReader(io.StringIO(data)))

    @staticmethod
    def control(export):
        return json.loads(base64.b64decode(export.with_context(bin_size=False).control))


@tagged("post_install", "-at_install", "biometric_review")
class TestPeriod(PeriodCase):
    # ------------------------------------------------------------------ lock, days and file

    def test_one_act_locks_the_period_and_makes_its_file(self):
        """Red when a file names people by our rows, or a period is locked without its file."""
        export = self.close()
        self.assertEqual((self.week.state, export.state), ("exported", "done"))
        rows = self.rows(export)
        self.assertEqual({row["employee_id"] for row in rows}, {"B7"})
        self.assertEqual([row["minutes"] for row in rows], ["480"])
        held = self.env["biometric.export.day"].search([("export_id", "=", export.id)])
        worked = held.filtered(lambda one: one.date == MONDAY)
        self.assertEqual((worked.payroll_number, worked.rule_name), ("B7", self.day().rule_name))
        self.assertEqual(self.control(export)["pay_group"], "Line")

    def test_a_failed_file_leaves_the_period_open(self):
        """Red when the lock stays though no file was made."""
        broken = patch.object(
            type(self.env["biometric.export"]), "_write_file", side_effect=UserError("disk is full")
        )
        with broken, self.assertRaisesRegex(UserError, "disk is full"), self.env.cr.savepoint():
            self.close()
        self.env.invalidate_all()
        self.assertEqual(self.week.state, "open")
        self.assertFalse(self.week.export_ids)

    def test_an_exported_period_says_who_and_gives_the_same_bytes(self):
        """A25. Red when a second export makes a second batch."""
        export = self.close()
        before = (export.name, export.sha256, export.control_sha256)
        with self.assertRaisesRegex(UserError, f"already exported: {export.name}, by review-pay"):
            self.close()
        self.assertEqual(self.env["biometric.export"].search_count([]), 1)
        self.assertIn(f"/biometric.export/{export.id}/data", self.week.action_download()["url"])
        export.invalidate_recordset()
        self.assertEqual((export.name, export.sha256, export.control_sha256), before)

    def test_only_payroll_closes_and_only_what_is_over(self):
        with self.assertRaisesRegex(AccessError, "Only payroll officers"):
            self.close(user=self.hal)
        now = self.group.period_ids.filtered(lambda one: one.date_to >= date(2026, 4, 20))[-1]
        with self.assertRaisesRegex(UserError, "has not ended yet"):
            self.close(now)

    def test_no_file_goes_around_the_gate(self):
        """Red when a file by dates pays what a period has not closed."""
        with self.assertRaisesRegex(UserError, "are in the pay period .*not exported yet"):
            self.env["biometric.export"].create(
                {"date_from": "2026-03-02", "date_to": "2026-03-06"}
            ).action_generate()

    def test_a_line_of_a_file_has_its_proof(self):
        """Red when the proof of a line leaves out its punches, its file or the head of the trail,
        or a payroll officer cannot have it, or has it of what no file holds."""
        export = self.close()
        row = (
            self.env["biometric.export.day"]
            .with_user(self.pay)
            .search([("export_id", "=", export.id), ("date", "=", MONDAY)])
        )
        self.assertIn(f"/evidence/{self.day().id}", row.action_proof()["url"])
        evidence = self.env["biometric.day.evidence"].with_user(self.pay)
        _name, data = evidence._file(self.day().with_user(self.pay))
        said = json.loads(data)
        self.assertEqual(
            [(one["file"], one["sha256"], one["employee_id"]) for one in said["payroll_files"]],
            [(export.name, export.sha256, "B7")],
        )
        self.assertTrue(said["punches"])
        self.assertIn("trail_head", said)
        self.work(TUESDAY + timedelta(days=7))
        self.rebuild()
        with self.assertRaisesRegex(AccessError, "for HR officers and auditors"):
            evidence._file(self.day(TUESDAY + timedelta(days=7)).with_user(self.pay))

    def test_the_workbook_for_people_holds_text_and_numbers_as_what_they_are(self):
        """S19, S20. Red when a number loses its zeros, a name becomes a formula, or hours are
        text."""
        self.employee.write({"barcode": "00042", "name": "=cmd|' /C calc'!A0"})
        export = self.close()
        name, data = export.with_user(self.pay)._sheet()
        self.assertEqual(name, f"{export.name}.xlsx")
        book = openpyxl.load_workbook(io.BytesIO(data))
        lines, sums = book.worksheets
        self.assertEqual(
            [(cell.value, cell.data_type) for cell in lines[2][:6]],
            [
                ("00042", "s"),
                ("=cmd|' /C calc'!A0", "s"),
                (datetime.combine(MONDAY, datetime.min.time()), "d"),
                ("REG", "s"),
                (8, "n"),
                (480, "n"),
            ],
        )
        self.assertEqual([cell.value for cell in sums[2]][2:], ["REG", 8, 480])
        with self.assertRefused("not allowed to", AccessError):
            export.with_user(self.hal)._sheet()

    def test_zero_policy_and_rounding_reach_the_file(self):
        """Red when a rule set's zero_policy, or a program's rounding, stops before the bytes."""
        self.env["biometric.rule"].create(
            {
                "name": "Zeros",
                "valid_from": "2026-01-01",
                "parameters": {
                    "zero_policy": "zero",
                    "code_map": {"regular_minutes": "R", "overtime_minutes": "O"},
                },
            }
        )
        self.group.profile_id = self.env["biometric.payroll.profile"].create(
            {
                "name": "Sage",
                "program": "sage_ie",
                "rounding": "total",
                "code_ids": [(0, 0, {"pay_code": "R", "text": "1"})],
            }
        )
        self.rebuild()
        self.employee.barcode = "118"
        export = self.close()
        told = [(row["pay_code"], row["work_date"], row["hours"]) for row in self.rows(export)]
        self.assertEqual(told, [("O", "", "0.00"), ("R", str(MONDAY), "8.00")])
        self.assertEqual(self.control(export)["rounding"], "total")
        text = base64.b64decode(export.with_context(bin_size=False).program_data).decode()
        self.assertEqual(text.splitlines(), ["2,118,1,,,8.00,"])
        check = self.env["biometric.audit.check"]._begin(self.env.company, "zero lines")
        while check._step():
            pass
        found = self.env["biometric.audit.finding"].search([])
        self.assertFalse(found.filtered(lambda one: export.name in (one.place or "")))

    # ------------------------------------------------------------------ corrections

    def test_what_changes_afterwards_is_in_the_next_file(self):
        """A26. Red when a change after the lock waits for somebody, comes whole, or is told twice;
        and when an approval that came late is lost."""
        first = self.close()
        self.punch_in(f"{MONDAY} 18:00:00", f"{MONDAY} 19:00:00")
        self.work(TUESDAY + timedelta(days=7))
        self.rebuild()
        data = self.next_week.with_user(self.pay).get_cockpit_data(self.next_week.id)
        self.assertEqual(data["corrections"], {"days": 1, "people": 1, "minutes": 60})
        second = self.close(self.next_week)
        told = [
            (row["work_date"], row["pay_code"], row["minutes"], row["kind"], row["origin_batch"])
            for row in self.rows(second)
        ]
        self.assertEqual(
            told,
            [
                (str(MONDAY), "OT", "60", "correction", first.name),
                (str(TUESDAY + timedelta(days=7)), "REG", "480", "regular", ""),
            ],
        )
        self.assertEqual(self.control(second)["previous_sha256"], first.sha256)
        third = self.group.period_ids.sorted("date_from")[2]
        self.assertEqual(self.rows(self.close(third)), [])

    def test_what_an_answer_owes_is_in_the_next_file_once(self):
        """RC14. Red when a pay code that an answer owes is not looked for before the period, or is
        taken for a change in every period after it was told."""
        first = self.close()
        question = self.env["biometric.attestation.question"].create(
            {"name": "Meal", "event": "out", "text": "Did you get your meal break?"}
            | {"valid_from": "2026-01-01", "choice_ids": [(0, 0, one) for one in MEAL]}
        )
        asked = self.env["biometric.attestation"].sudo()._ask(self.employee, MONDAY, question)
        asked.with_user(self.ana).answer(2)
        self.rebuild()
        data = self.next_week.with_user(self.pay).get_cockpit_data(self.next_week.id)
        self.assertEqual(data["corrections"], {"days": 1, "people": 1, "minutes": 60})
        (row,) = self.rows(self.close(self.next_week))
        self.assertEqual(
            (row["pay_code"], row["minutes"], row["kind"]), ("MEAL", "60", "correction")
        )
        self.assertEqual(row["origin_batch"], first.name)
        third = self.group.period_ids.sorted("date_from")[2]
        self.assertEqual(third._changed_before(), [])
        self.assertEqual(self.rows(self.close(third)), [])

    def test_a_day_that_was_let_pass_is_paid_whole_later(self):
        """Red when a day that no file holds is not looked for before the period."""
        self.punch_in(f"{TUESDAY} 08:00:00")
        self.rebuild()
        self.pass_week()
        self.assertEqual(len(self.rows(self.close())), 1)
        self.punch_in(f"{TUESDAY} 17:00:00")
        self.rebuild()
        rows = self.rows(self.close(self.next_week))
        self.assertEqual(
            [(row["work_date"], row["minutes"], row["kind"]) for row in rows],
            [(str(TUESDAY), "480", "regular")],
        )

    def test_a_leaver_is_paid_and_another_group_is_not(self):
        """Red when an archived person is left out, or a group pays the people of another."""
        team = self.env["hr.department"].create({"name": "Shop"})
        other = self.make_employee("Ben Cruz", "8", department_id=team.id)
        self.env["biometric.period.group"].create(
            {
                "name": "Shop",
                "rhythm": "weekly",
                "anchor": str(MONDAY),
                "department_ids": [(6, 0, team.ids)],
            }
        )
        self.punch_in(f"{MONDAY} 08:00:00", f"{MONDAY} 17:00:00", pin="8")
        self.rebuild()
        self.employee.active = False
        people = self.week._paid_people()
        self.assertIn(self.employee, people)
        self.assertNotIn(other, people)

    # ------------------------------------------------------------------ gate

    def test_every_blocker_is_named_and_leads_to_its_screen(self):
        """Red when a fact of the list no longer blocks, or leads nowhere."""
        self.assertEqual(self.reasons(), [])
        self.punch_in(f"{TUESDAY} 08:00:00")
        self.rebuild()
        self.assertEqual(self.reasons(), ["incomplete"])
        self.ask(self.mia, "excuse_late", minutes=5)
        self.assertIn("open_adjustment", self.reasons())
        self.device.complete_until = "2026-03-07 00:00:00"
        self.assertIn("device_not_complete", self.reasons())
        gap = self.env["biometric.gap"].create(
            {
                "company_id": self.env.company.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": "2026-03-03 00:00:00",
                "window_to": "2026-03-03 01:00:00",
                "opened_at": "2026-03-03 01:00:00",
            }
        )
        self.assertIn("gap_open", self.reasons())
        self.employee.barcode = False
        self.assertIn("employee_not_mapped", self.reasons())
        self.env["biometric.audit.finding"].sudo()._found(
            self.env.company.id, [{"code": "lane_hash", "place": "lane 1", "text": "broken"}]
        )
        self.assertIn("chain_not_verified", self.reasons())
        self.env["biometric.stale.day"]._mark([(self.employee.id, MONDAY)])
        self.assertIn("days_being_computed", self.reasons())
        found = self.week._gate()
        self.assertEqual(found.minutes, sorted(found.minutes, reverse=True))
        for blocker in found.blockers:
            reader = self.hal if blocker[2] == "chain_not_verified" else self.pay
            action = self.week.with_user(reader).action_mend(*blocker)
            if action.get("domain") and blocker[0] != "waiting" and blocker[2][:8] != "employee":
                self.assertTrue(self.env[action["res_model"]].search(action["domain"]), blocker)
        with self.assertRaisesRegex(UserError, "cannot be exported yet. Blocking issues"):
            self.close()
        gap.sudo().write({"state": "accepted"})
        self.assertNotIn("gap_open", self.reasons())

    def test_a_number_that_the_program_does_not_take_blocks_before_the_button(self):
        """Red when the gate is green and closing is refused: a badge is no DATEV personnel
        number."""
        self.group.profile_id = self.env["biometric.payroll.profile"].create(
            {
                "name": "Datev",
                "program": "lug_month",
                "company_code": "10042",
                "second_code": "1234567",
                "code_ids": [(0, 0, {"pay_code": "REG", "text": "200"})],
            }
        )
        (blocker,) = self.week._gate().blockers
        self.assertEqual(blocker, (f"employee:{self.employee.id}", "", "number_unfit"))
        self.assertIn(blocker[2], gate.MUST_BE_MENDED)
        self.assertEqual(self.week._why(blocker[2]), "payroll number not accepted by the program")
        action = self.week.with_user(self.pay).action_mend(*blocker)
        self.assertEqual(action["context"], {"default_employee_id": self.employee.id})
        with self.assertRaisesRegex(
            UserError, "Ana Reyes payroll number not accepted by the program"
        ):
            self.close()
        self.employee.barcode = "118"
        self.assertEqual(self.reasons(), [])
        data = base64.b64decode(self.close().with_context(bin_size=False).program_data)
        self.assertIn(b"118;200;;;8,00;;;;", data)

    def test_a_statement_that_nobody_gave_blocks_and_leads_to_its_day(self):
        """Red when what an employee was asked and has to answer does not block, or blocks after
        the answer, or nobody is led to it."""
        question = self.env["biometric.attestation.question"].create(
            {"name": "Meal", "event": "meal", "text": "Did you get your meal break?"}
            | {"valid_from": "2026-01-01", "is_required": True}
            | {"choice_ids": [(0, 0, one) for one in MEAL]}
        )
        asked = self.env["biometric.attestation"].sudo()._ask(self.employee, MONDAY, question)
        (blocker,) = self.week._gate().blockers
        self.assertEqual(blocker, (f"employee:{self.employee.id}", str(MONDAY), "open_attestation"))
        self.assertEqual(self.week._why(blocker[2]), "not confirmed by the employee")
        action = self.week.with_user(self.pay).action_mend(*blocker)
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), self.day())
        with self.assertRaisesRegex(UserError, "Ana Reyes .*not confirmed by the employee"):
            self.close()
        asked.with_user(self.ana).answer(1)
        self.rebuild()
        self.assertEqual(self.reasons(), [])

    def test_held_overtime_and_classes_without_a_code_block(self):
        self.env["biometric.rule"].create(
            {
                "name": "Held",
                "valid_from": "2026-01-01",
                "parameters": {
                    "ot_requires_approval": True,
                    "code_map": {"overtime_minutes": "OT"},
                },
            }
        )
        self.work(TUESDAY, "19:00")
        self.rebuild()
        found = self.week._gate()
        names = self.week._names_of(found.blockers)
        told = {(names[one], one[2]): n for one, n in zip(*found, strict=True)}
        self.assertEqual(told[("Ana Reyes", "overtime_unapproved")], 120)
        self.assertEqual(told.get(("Regular (Held)", "class_not_mapped")), 960, told)

    def test_a_day_that_was_written_into_blocks_and_becomes_a_finding(self):
        """Red when days are not computed once more before they are locked."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE biometric_day SET regular_minutes = 999 WHERE id = %s", (self.day().id,)
        )
        self.env.invalidate_all()
        exports = type(self.env["biometric.export"])
        with (
            patch.object(exports, "_keep_findings") as kept,
            self.assertRaisesRegex(UserError, "day does not match its punches"),
        ):
            self.close()
        self.assertTrue(kept.called)

    def test_days_are_compared_before_the_button_is_pressed(self):
        """Red when the cockpit learns only from closing that a day does not match its punches,
        or when looking writes a finding."""
        week = self.week.with_user(self.pay)
        days = self.env["biometric.day"].search_count(
            [("date", ">=", week.date_from), ("date", "<=", week.date_to)]
        )
        equal = {"days": days, "count": 0, "refusal": "", "differs": []}
        self.assertEqual(week.get_cockpit_check(), equal)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE biometric_day SET regular_minutes = 999 WHERE id = %s", (self.day().id,)
        )
        self.env.invalidate_all()
        with patch.object(type(self.env["biometric.export"]), "_keep_findings") as kept:
            said = week.get_cockpit_check()
        self.assertFalse(kept.called)
        self.assertEqual((said["count"], said["days"]), (2, days))
        self.assertEqual({one["name"] for one in said["differs"]}, {"Ana Reyes"})
        self.assertIn("999", " ".join(one["text"] for one in said["differs"]))
        with self.assertRefused("Payroll, HR and auditors see what blocks", AccessError):
            self.week.with_user(self.mia).get_cockpit_check()

    # ------------------------------------------------------------------ two people

    def pass_week(self):
        self.week.with_user(self.pay).action_ask_override(WHY)
        self.week.with_user(self.hal).action_confirm_override()

    def test_two_people_let_a_period_pass_and_the_control_record_prints_it(self):
        """Red when one person is enough, or what comes later passes with it."""
        self.punch_in(f"{TUESDAY} 08:00:00")
        self.rebuild()
        self.week.with_user(self.pay).action_ask_override(WHY)
        with self.assertRaisesRegex(UserError, "Two people override a period"):
            self.week.with_user(self.pay).action_confirm_override()
        with self.assertRaisesRegex(AccessError, "Only payroll officers and HR officers"):
            self.week.with_user(self.mia).action_confirm_override()
        with self.assertRaisesRegex(UserError, "cannot be exported yet"):
            self.close()
        self.week.with_user(self.hal).action_confirm_override()
        self.punch_in(f"{TUESDAY + timedelta(days=1)} 08:00:00")
        self.rebuild()
        with self.assertRaisesRegex(UserError, "Blocking issues: 1"):
            self.close()
        self.pass_week()
        said = self.control(self.close())["override"]
        self.assertEqual(
            (said["asked_by"], said["confirmed_by"], said["reason"], said["passed"]),
            ("review-pay", "review-hal", WHY, {"incomplete": 2}),
        )

    def test_what_must_be_mended_never_passes(self):
        """Red when somebody without a payroll number can be let pass."""
        self.employee.barcode = False
        with self.assertRaisesRegex(UserError, "None of what blocks"):
            self.week.with_user(self.pay).action_ask_override(WHY)
        passed = self.week._gate().blockers
        self.assertEqual(gate.stands(passed, passed), passed)

    # ------------------------------------------------------------------ by itself

    def test_a_period_closes_by_itself_or_its_officers_are_told(self):
        """Red when lock_after_days is accepted and ignored, or a failure is told to nobody."""
        self.env["biometric.period"]._cron_gate()
        self.assertEqual(self.week.state, "ready")
        self.env["biometric.rule"].create(
            {"name": "Soon", "valid_from": "2026-01-01", "parameters": {"lock_after_days": 10}}
        )
        self.punch_in(f"{TUESDAY} 08:00:00")
        self.rebuild()
        before = self.env["mail.mail"].search([])
        self.env["biometric.period"]._cron_gate()
        self.assertEqual((self.week.state, self.week.gate_count), ("open", 1))
        mails = (self.env["mail.mail"].search([]) - before).filtered(
            lambda mail: self.week.display_name in mail.subject
        )
        self.assertEqual(mails.mapped("email_to"), ["pay@example.com"])
        self.assertIn("Incomplete: 1", mails.body_html)
        self.punch_in(f"{TUESDAY} 17:00:00")
        self.rebuild()
        with freeze_time(datetime(2026, 3, 18, 3)):
            self.assertGreater(self.week._due_on(), date(2026, 3, 17))
        self.env["biometric.period"]._cron_gate()
        self.assertEqual(self.week.state, "exported")

    def test_a_file_that_the_program_refuses_by_night_is_told_and_nothing_is_locked(self):
        """Red when the schedule fails in silence, or leaves a period locked without its file."""
        self.group.profile_id = self.env["biometric.payroll.profile"].create(
            {
                "name": "Datev",
                "program": "lug_month",
                "company_code": "10042",
                "second_code": "12",
                "code_ids": [(0, 0, {"pay_code": "REG", "text": "200"})],
            }
        )
        self.employee.barcode = "118"
        self.env["biometric.rule"].create(
            {"name": "Soon", "valid_from": "2026-01-01", "parameters": {"lock_after_days": 10}}
        )
        self.rebuild()
        before = self.env["mail.mail"].search([])
        self.env["biometric.period"]._cron_gate()
        self.assertEqual(self.week.state, "ready")
        self.assertFalse(self.week.export_ids)
        mails = (self.env["mail.mail"].search([]) - before).filtered(
            lambda mail: self.week.display_name in mail.subject
        )
        self.assertEqual(mails.mapped("email_to"), ["pay@example.com"])
        self.assertIn("consultant&#39;s number has 4 to 7 digits", mails.body_html)
        self.group.profile_id.second_code = "1234567"
        self.env["biometric.period"]._cron_gate()
        self.assertEqual(self.week.state, "exported")

    # ------------------------------------------------------------------ cockpit

    def test_every_kind_of_issue_has_its_lines(self):
        """Red when sixty days of one kind leave a count of another without a line, or all of
        ten thousand are sent."""
        kinds = ["incomplete"] * 100 + ["gap"] * 20
        pairs = [((f"employee:{n}", "", kind), 9) for n, kind in enumerate(kinds)]
        told = [blocker for blocker, _minutes in self.env["biometric.period"]._told_of(pairs)]
        self.assertEqual([one[2] for one in told], ["incomplete"] * 60 + ["gap"] * 10)
        self.assertEqual(told, [pair[0] for pair in pairs[:60] + pairs[100:110]])

    def test_the_cockpit_shows_everything_in_one_reading(self):
        self.punch_in(f"{TUESDAY} 08:00:00")
        self.rebuild()
        data = self.env["biometric.period"].with_user(self.pay).get_cockpit_data(self.week.id)
        self.assertEqual(data["gate"]["open"], 1)
        self.assertEqual(
            [(one["name"], one["date"]) for one in data["gate"]["blockers"]],
            [("Ana Reyes", str(TUESDAY))],
        )
        self.assertEqual((data["totals"]["people"], data["totals"]["minutes"]), (1, 480))
        self.assertFalse(data["totals"]["is_made"])
        self.assertTrue(data["may_close"])
        json.dumps(data)
        self.env["biometric.period"].search([]).unlink()
        data = self.env["biometric.period"].with_user(self.pay).get_cockpit_data()
        self.assertEqual(data, {"period": False, "periods": []})


@tagged("post_install", "-at_install", "biometric_cto")
class TestPeriodOfABank(CtoCase):
    def test_overtime_that_became_time_off_is_no_change(self):
        """Red when minutes that time off stands for, which no file told, are shown as corrections
        to come in every period after; or when a change beside them is not."""
        self.device.complete_until = "2026-03-09 12:00:00"
        self.device.in_service_from = "2026-03-01 00:00:00"
        self.employee.barcode = "B7"
        group = self.env["biometric.period.group"].create(
            {"name": "Line", "rhythm": "weekly", "anchor": "2026-03-02"}
        )
        week, following = group.period_ids.sorted("date_from")[:2]
        self.works()
        before = week._cockpit_totals()
        self.assertEqual(
            [(one["label"], one["minutes"]) for one in before["classes"]], [("Regular", 480)]
        )
        export = week._close()
        self.assertEqual(following._changed_before(), [])
        self.assertEqual(week._cockpit_totals(), before | {"is_made": True})
        self.assertEqual(before["minutes"], export.total_minutes)
        self.works(on="2026-03-03")
        told = [(who, str(day), minutes) for who, day, minutes in following._changed_before()]
        self.assertEqual(told, [(self.employee.id, "2026-03-03", 480)])
