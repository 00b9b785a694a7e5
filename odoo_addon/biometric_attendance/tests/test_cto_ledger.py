"""Time accounts as a ledger and in payroll: paid once, proven, brought in, closed, seen by whom."""

import base64
import csv
import io
from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..verifier import bank as seal
from .test_cto import TUESDAY, CtoCase, lots_of


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoPayroll(CtoCase):
    def produced(self, how="action_generate", **values):
        period = {"date_from": "2026-03-01", "date_to": "2026-03-06"}
        export = self.env["biometric.export"].create(period | values)
        getattr(export, how)()
        return export

    @staticmethod
    def lines(export):
        rows = csv.DictReader(io.StringIO(base64.b64decode(export.data).decode()))
        names = ("work_date", "pay_code", "class", "minutes", "kind", "origin_batch", "origin_date")
        return [tuple(row[name] for name in names) for row in rows]

    def officer(self, login="pay"):
        groups = "base.group_user,biometric_attendance.group_payroll_officer"
        return new_test_user(self.env, login, groups=groups)

    def test_a90_minutes_that_become_time_off_are_not_paid_too(self):
        """A90. Red if overtime stands in the account and in the payroll file."""
        self.works()
        told = [line[:4] for line in self.lines(self.produced())]
        self.assertEqual(told, [("2026-03-02", "REG", "regular", "480")])

    def test_what_found_no_room_is_paid_where_the_rule_set_says_so(self):
        self.ruled(cto_balance_cap_minutes=90, cto_over_cap="pay_cash", cto_multiplier_workday=1.5)
        self.works()
        told = [line[1:4] for line in self.lines(self.produced())]
        self.assertEqual(told, [("OT", "overtime", "120"), ("REG", "regular", "480")])

    def test_an_answer_after_the_file_is_refused_and_before_it_changes_the_file(self):
        self.works()
        self.account().entry_ids.action_take_pay()
        self.assertIn("OT", [line[1] for line in self.lines(self.produced())])
        with self.assertRaisesRegex(UserError, "is in a payroll file"):
            self.account().entry_ids[0].action_take_time()

    def test_a90_a_payout_leaves_the_account_and_is_a_line_of_one_file(self):
        """A90. Red if a payout is paid twice, in none, or without the lot it came from."""
        self.ruled(cto_cash_convertible=True, cto_payout_cap_minutes=200)
        self.works()
        self.works("2026-03-03")
        user = new_test_user(self.env, "ana", groups="base.group_user")
        self.employee.user_id = user
        wishes = self.env["biometric.cto.payout"].with_user(user)
        with self.assertRaisesRegex(
            ValidationError, "allows less than that to be paid out per year"
        ):
            wishes.create({"minutes": 201})
        wish = wishes.create({"minutes": 200})
        with self.assertRaisesRegex(AccessError, "payroll officer decides"):
            wish.action_approve()
        with self.assertRaisesRegex(UserError, "The employee cannot be changed"):
            wish.write({"employee_id": self.make_employee("Ben Cruz", "8").id})
        wish.with_user(self.officer()).action_approve()
        self.assertEqual((wish.state, self.account().balance_minutes), ("approved", 160))
        with self.assertRaisesRegex(
            UserError, "This was already decided: make a new request instead"
        ):
            wish.write({"minutes": 5})
        payer = self.officer("pay3")
        for again in ("action_approve", "action_cancel", "action_ask_reason"):
            actor = user if again == "action_cancel" else payer
            with self.assertRaisesRegex(
                UserError, "This was already decided: make a new request instead"
            ):
                getattr(wish.with_user(actor), again)()
        self.assertEqual((wish.state, self.account().balance_minutes), ("approved", 160))
        with freeze_time("2026-03-20 04:00:00"):
            first = self.produced(date_to="2026-03-12")
            paid = [line for line in self.lines(first) if line[4] == "payout"]
            self.assertEqual(
                paid,
                [
                    (
                        "2026-03-10",
                        "CTO",
                        "cto_payout",
                        "180",
                        "payout",
                        "day:2026-03-02:workday",
                        "2026-03-02",
                    ),
                    (
                        "2026-03-10",
                        "CTO",
                        "cto_payout",
                        "20",
                        "payout",
                        "day:2026-03-03:workday",
                        "2026-03-03",
                    ),
                ],
            )
            with self.assertRaisesRegex(UserError, "Nothing is new or changed"):
                self.produced("action_generate_changes", date_to="2026-03-15")
        check = self.env["biometric.audit.check"]._begin(self.env.company, "test")
        while check._step():
            pass
        place = f"payroll file {first.name}"
        found = self.env["biometric.audit.finding"].search([("place", "=like", f"{place}%")])
        self.assertFalse(found.mapped("text"))

    def test_a93_who_asked_does_not_decide(self):
        """A93. Red if the one who asked, or whose time it is, pays it out."""
        self.ruled(cto_cash_convertible=True)
        self.works()
        one, other = self.officer(), self.officer("pay2")
        wish = (
            self.env["biometric.cto.payout"]
            .sudo()
            .create(
                {
                    "employee_id": self.employee.id,
                    "minutes": 60,
                    "requested_by_id": one.id,
                }
            )
        )
        with self.assertRaisesRegex(UserError, "The requester of a change cannot decide about it"):
            wish.with_user(one).action_approve()
        self.employee.user_id = other
        with self.assertRaisesRegex(UserError, "You cannot decide about yourself"):
            wish.with_user(other).action_approve()
        wish.with_user(one).sudo().requested_by_id = other
        with self.assertRaisesRegex(UserError, "You cannot decide about yourself"):
            wish.with_user(other).action_ask_reason()
        asked = wish.with_user(one).action_ask_reason()
        dialog = self.env[asked["res_model"]].with_user(one).with_context(**asked["context"])
        dialog.create({"reason": "No money for it this month"}).action_confirm()
        self.assertEqual(wish.reason, "No money for it this month")
        self.assertEqual((wish.state, self.account().balance_minutes), ("refused", 180))


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoLedger(CtoCase):
    def check(self):
        """Codes of what a verification finds about time accounts."""
        check = self.env["biometric.audit.check"]._begin(self.env.company, "test")
        while check._step():
            pass
        found = self.env["biometric.audit.finding"].search([("code", "=like", "cto%")])
        return sorted(set(found.mapped("code")))

    def test_a92_nobody_writes_entries(self):
        """A92. Red if ORM or SQL lets anybody add, change or remove an entry."""
        self.works()
        entry = self.account().entry_ids
        for act, words in (
            (lambda: entry.sudo().write({"minutes": 1}), "cannot be changed"),
            (lambda: entry.sudo().unlink(), "cannot be deleted"),
        ):
            with self.assertRaisesRegex(UserError, f"Entries of time accounts {words}"):
                act()
        with self.assertRaisesRegex(AccessError, "cannot be entered manually"):
            entry.sudo().create({"minutes": 5})
        with self.assertRaisesRegex(AccessError, "results from days, agreements and time off"):
            self.account().sudo().write({"balance_minutes": 5})
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("UPDATE biometric_cto_entry SET minutes = 1")

    def forged(self, statement):
        """Run it past the trigger, as somebody with the database could."""
        self.env.flush_all()
        with self.env.cr.savepoint():
            self.env.cr.execute("SET LOCAL biometric.allow_change = 'on'")
            self.env.cr.execute(statement)
            self.env.cr.execute("SET LOCAL biometric.allow_change = ''")

    def test_a92_a_whole_ledger_verifies_and_each_forgery_shows(self):
        """A92. Red if one of these changes of a row goes unseen."""
        self.works()
        self.works("2026-03-03")
        self.env["biometric.cto.night"]._night(self.env.company)
        self.assertEqual(self.check(), [])
        for statement, code in (
            ("UPDATE biometric_cto_entry SET note = 'x' WHERE number = 1", "cto_hash"),
            ("UPDATE biometric_cto_entry SET minutes = 999 WHERE number = 2", "cto_sum"),
            ("UPDATE biometric_cto_account SET balance_minutes = 1000", "cto_balance"),
            ("DELETE FROM biometric_cto_entry WHERE number = 2", "cto_end"),
        ):
            savepoint = self.env.cr.savepoint()
            self.forged(statement)
            self.assertIn(code, self.check(), statement)
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def test_the_sum_is_the_lots_less_what_is_owed(self):
        self.works()
        self.ask(request_unit_hours=True, request_hour_from=8, request_hour_to=11).action_approve()
        self.punch_in("2026-03-02 18:00:00", "2026-03-02 19:00:00")
        self.rebuild()
        account = self.account()
        self.assertEqual((account.balance_minutes, account.owed_minutes), (-60, 60))
        self.assertEqual(sum(lots_of(account).values()) - account.owed_minutes, -60)
        self.works("2026-03-03")
        self.assertEqual((account.balance_minutes, account.owed_minutes), (120, 0))
        self.assertEqual(self.check(), [])

    def imported(self, text, **values):
        wizard = self.env["biometric.cto.import"].create(
            {"data": base64.b64encode(text.encode()), "file_name": "b.csv", "on": "2026-03-01"}
            | values
        )
        wizard.action_try()
        return wizard

    def test_balances_are_tried_first_and_every_bad_line_is_named(self):
        """Red if a trial posts, a bad line passes, or the sums do not tell what changes."""
        self.employee.barcode = "0042"
        self.make_employee("Ben Cruz", "8")
        self.make_employee("Ben Cruz", "9")
        wizard = self.imported(
            "employee,hours,expires,name\n"
            "0042,8:30,2026-12-31,\n"
            "Nobody,1,,\nBen Cruz,1,,\n0042,x,,\n0042,1.333,,\n0042,2,31.12.2026,\n"
            "0042,2,2025-01-01,\n0042,2,,Cleo\n0042,-2,,\n0042,8.5,2026-12-31,\n"
        )
        for number, words in enumerate(
            (
                "nobody has the name Nobody",
                "matches several people",
                "'x' are no hours",
                "'1.333' are no hours",
                "'31.12.2026' is no date",
                "would already have expired",
                "but the line names Cleo",
                "cannot be negative",
                "the same as line 2",
            ),
            3,
        ):
            self.assertIn(f"Line {number}: ", wizard.faults)
            self.assertIn(words, wizard.faults.splitlines()[number - 3])
        self.assertEqual((wizard.state, self.account().exists()), ("choose", self.account()))
        self.assertFalse(self.account())
        good = self.imported("employee;hours;expires\nAna Reyes;8,5;2026-12-31\n0042;1:30;\n")
        self.assertEqual(
            (good.state, good.total_minutes, good.before_minutes, good.after_minutes),
            ("tried", 600, 0, 600),
        )
        self.assertFalse(self.account())
        good.action_import()
        self.assertEqual((good.state, good.after_minutes), ("done", 600))
        self.assertEqual(
            self.entries("kind", "minutes", "expires_on"),
            [("opening", 510, date(2026, 12, 31)), ("opening", 90, False)],
        )
        self.assertTrue(self.env["biometric.audit"].search([("action", "=", "cto.opening")]))

    def test_s82_no_name_enters_a_ledger_that_no_erasure_reaches(self):
        """S82. Red when a text that somebody types goes into entries of the time account with the
        person's name in it."""
        words = "do not write the"
        self.employee.barcode = "0042"
        agreement = {"employee_id": self.employee.id, "choice": "time"}
        agreements = self.env["biometric.cto.agreement"]
        with self.assertRaisesRegex(ValidationError, words):
            agreements.create(agreement | {"reference": "Letter of Ana, 9 March"})
        agreements.create(agreement | {"reference": "Letter 9, bananas"})
        self.works()
        with self.assertRaisesRegex(UserError, words):
            self.close(document="Letter of Mrs REYES")
        wizard = self.imported("employee,hours,expires,document\n'0042,8:30,,Letter of Ana Reyes\n")
        self.assertIn(words, wizard.faults)

    def close(self, **values):
        self.env["biometric.cto.close"].create(
            {"account_id": self.account().id, "document": "Letter of 9 March"} | values
        ).action_confirm()

    def test_leaving_forfeits_or_pays_by_the_rule_set(self):
        for outcome, kind in (("forfeit", "forfeit"), ("pay_cash", "payout")):
            savepoint = self.env.cr.savepoint()
            self.ruled(cto_on_termination=outcome)
            self.works()
            self.close()
            self.assertEqual(self.entries()[-1], (kind, -180))
            self.assertEqual(self.account().balance_minutes, 0)
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def test_moving_opens_the_same_lots_in_the_other_company(self):
        """Red if minutes are lost or paid on the way, or a lot lives longer there."""
        self.ruled(cto_expiry_policy="end_of_year_plus", cto_on_termination="pay_cash")
        other = self.env["res.company"].create({"name": "Second"})
        self.env.user.company_ids -= other
        self.works()
        with self.assertRaisesRegex(UserError, "you need access to both"):
            self.close(how="moves", to_company_id=other.id)
        self.env.user.company_ids |= other
        self.close(how="moves", to_company_id=other.id)
        accounts = self.env["biometric.cto.account"].search(
            [("employee_id", "=", self.employee.id)]
        )
        balances = {account.company_id: account.balance_minutes for account in accounts}
        self.assertEqual(balances, {self.env.company: 0, other: 180})
        there = accounts.filtered(lambda one: one.company_id == other).entry_ids
        self.assertEqual((there.kind, there.expires_on), ("opening", date(2026, 12, 31)))

    def test_time_owed_at_a_date_by_age(self):
        self.works()
        self.works("2026-03-03")
        owed = self.env["biometric.cto.liability"]
        rows = owed.search([("employee_id", "=", self.employee.id)])
        self.assertEqual(
            sorted(zip(rows.mapped("minutes"), rows.mapped("age"), strict=True)),
            [(180, "30"), (180, "30")],
        )
        owed.invalidate_model()
        then = owed.with_context(liability_on="2026-03-02")
        self.assertEqual(then.search([]).mapped("minutes"), [180])
        owed.invalidate_model()
        later = owed.with_context(liability_on="2026-06-30")
        self.assertEqual(set(later.search([]).mapped("age")), {"180"})

    def test_own_team_and_everybody(self):
        """Red if somebody sees an account of a person who is not theirs to see."""
        self.works()
        ana = new_test_user(self.env, "ana", groups="base.group_user")
        self.employee.user_id = ana
        stranger = new_test_user(self.env, "ben", groups="base.group_user")
        stranger.group_ids |= self.env.ref("biometric_attendance.group_employee")
        hr = new_test_user(
            self.env, "cleo", groups="base.group_user,biometric_attendance.group_hr_officer"
        )
        approver = "base.group_user,biometric_attendance.group_approver"
        boss = new_test_user(self.env, "boss", groups=approver)
        other = new_test_user(self.env, "other", groups=approver)
        self.employee.attendance_manager_id = boss
        accounts, entries = self.env["biometric.cto.account"], self.env["biometric.cto.entry"]
        for user, count in ((ana, 1), (stranger, 0), (hr, 1), (boss, 1), (other, 0)):
            self.assertEqual(accounts.with_user(user).search_count([]), count, user.login)
            self.assertEqual(entries.with_user(user).search_count([]), count, user.login)
        for user in (ana, hr, boss, self.env.user):
            with self.assertRaisesRegex(
                AccessError, "cannot be entered manually|not allowed to create"
            ):
                entries.with_user(user).create({"minutes": 5})
        with self.assertRaisesRegex(AccessError, "Only the employee or an HR officer"):
            entries.with_user(boss).search([]).action_take_pay()
        self.assertEqual(accounts.with_user(ana).get_panel_data()["accounts"][0]["balance"], 180)
        with self.assertRaisesRegex(AccessError, "not allowed to see the time accounts"):
            accounts.with_user(stranger).get_panel_data(self.employee.id)
        self.assertTrue(accounts.with_user(hr).get_panel_data(self.employee.id)["accounts"])

    def test_a_day_that_is_paid_by_agreement_is_proven_too(self):
        """Red if an entry that moves no lot is stored otherwise than its hash covers it."""
        self.env["biometric.cto.agreement"].create(
            {"choice": "pay", "reference": "Letter 9", "valid_from": "2026-03-01"}
        )
        self.works()
        self.assertEqual(self.entries("minutes", "moves"), [(0, [])])
        check = self.env["biometric.audit.check"]._begin(self.env.company, "test")
        while check._step():
            pass
        found = self.env["biometric.audit.finding"].search([("place", "=like", "time account%")])
        self.assertEqual(found.mapped("text"), [])

    def test_the_chain_covers_every_column_that_is_told(self):
        """Red if a column is added to the entry and not to its hash, without being named here."""
        columns = {name for name, field in self.account().entry_ids._fields.items() if field.store}
        outside = {"id", "hash", "previous_hash"}
        self.assertEqual(columns - set(seal.SEALED), outside)


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoFlex(CtoCase):
    PARAMETERS = {
        "flex_account": True,
        "ot_daily_threshold_minutes": None,
        "flex_yellow_minutes": 100,
        "flex_red_minutes": 300,
        "flex_settlement": "month",
        "flex_carry_minutes": 120,
    }

    def test_days_add_up_with_both_signs_and_a_band_is_told(self):
        """Red if a short day earns, a changed one is posted whole, or nobody hears of yellow."""
        self.employee.attendance_manager_id = new_test_user(
            self.env, "boss", groups="base.group_user", email="boss@example.com"
        )
        before = self.env["mail.mail"].search([])
        self.works()
        self.works("2026-03-03", "16:00:00")
        self.assertEqual(
            self.entries("kind", "minutes", "work_date", kind="flex"),
            [("difference", 180, date(2026, 3, 2)), ("difference", -60, TUESDAY)],
        )
        self.assertEqual(self.account(kind="flex").band, "yellow")
        mail = self.env["mail.mail"].search([]) - before
        self.assertIn("boss@example.com", mail[0].email_to)
        self.assertFalse(self.account())

    def test_red_stops_the_account_says_so_and_what_is_beyond_is_paid_once(self):
        """Red if a minute beyond the limit stays, is lost or paid twice, or the person, who leads
        them and HR are not told what is stopped, on either side of zero."""
        self.employee.work_email = "ana@example.com"
        groups = "base.group_user,biometric_attendance.group_hr_officer"
        self.employee.user_id = new_test_user(
            self.env, "ana", groups="base.group_user", email="ana@example.com"
        )
        self.employee.attendance_manager_id = new_test_user(
            self.env, "boss", groups="base.group_user", email="boss@example.com"
        )
        new_test_user(self.env, "hr", groups=groups, email="hr@example.com")
        told = self.env["mail.mail"].search([])
        self.works()
        self.works("2026-03-03")
        found = self.entries("kind", "minutes", "work_date", kind="flex")
        self.assertEqual(
            found,
            [
                ("difference", 180, date(2026, 3, 2)),
                ("difference", 180, TUESDAY),
                ("payout", -60, TUESDAY),
            ],
        )
        account = self.account(kind="flex")
        self.assertEqual((account.balance_minutes, account.band), (300, "red"))
        self.env["biometric.day.rebuild"]._rebuild([(self.employee.id, TUESDAY)])
        self.assertEqual(len(account.entry_ids), 3)
        red = [
            mail
            for mail in self.env["mail.mail"].search([]) - told
            if "not added but paid with the next payroll file" in mail.body_html
        ]
        receivers = " ".join(mail.email_to for mail in red)
        for address in ("ana@example.com", "boss@example.com", "hr@example.com"):
            self.assertIn(address, receivers)
        panel = self.env["biometric.cto.account"].with_user(self.employee.user_id).get_panel_data()
        self.assertIn("paid with the next payroll file", panel["accounts"][0]["stopped"])
        self.assertEqual(panel["accounts"][0]["entries"][0]["note"], "beyond the limit")

    def test_a_debt_at_the_limit_is_told_and_stops_time_off(self):
        """Red if the other side of zero is not told, or says that somebody is paid."""
        self.employee.attendance_manager_id = new_test_user(
            self.env, "boss", groups="base.group_user", email="boss@example.com"
        )
        told = self.env["mail.mail"].search([])
        self.works("2026-03-03", "13:30:00")
        self.works("2026-03-04", "13:30:00")
        account = self.account(kind="flex")
        self.assertEqual((account.balance_minutes, account.band), (-420, "red"))
        mails = self.env["mail.mail"].search([]) - told
        self.assertIn("no more time off can be taken", mails[0].body_html)
        self.assertNotIn("paid", "".join(mails.mapped("body_html")))

    def test_the_cut_at_the_end_of_the_month(self):
        self.works()
        with freeze_time("2026-04-02 04:00:00"):
            self.env["biometric.cto.night"]._night(self.env.company)
            self.env["biometric.cto.night"]._night(self.env.company)
        self.assertEqual(self.entries(kind="flex"), [("difference", 180), ("settlement", -60)])

    def test_time_off_out_of_it_may_go_below_zero_down_to_the_limit(self):
        kind = self.env.ref("biometric_attendance.leave_type_flex")
        hours = {"request_unit_hours": True, "request_hour_from": 8, "holiday_status_id": kind.id}
        self.works()
        self.ask(**hours, request_hour_to=16).action_approve()
        self.assertEqual(self.account(kind="flex").balance_minutes, 180 - 420)
        with self.assertRaisesRegex(ValidationError, "takes 2 h 0 min"):
            self.ask("2026-03-13", **hours, request_hour_to=10)


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoBegins(CtoCase):
    def test_time_off_does_not_begin_inside_what_was_paid(self):
        """Red if overtime that a payroll file paid becomes time off too, or a day that is in an
        account already keeps the setting from being saved."""
        self.env.company.biometric_cto_from = False
        self.works()
        period = {"date_from": "2026-03-01", "date_to": "2026-03-06"}
        export = self.env["biometric.export"].create(period)
        export.action_generate()
        with self.assertRaisesRegex(ValidationError, f"paid with the payroll file {export.name}"):
            self.env.company.biometric_cto_from = date(2026, 3, 2)
        self.assertFalse(self.account())
        self.env.company.biometric_cto_from = date(2026, 3, 3)
        self.assertFalse(self.account())

    def test_a_day_in_the_account_and_in_a_file_keeps_nobody_from_saving(self):
        self.works()
        period = {"date_from": "2026-03-01", "date_to": "2026-03-06"}
        self.env["biometric.export"].create(period).action_generate()
        self.env.company.biometric_cto_from = date(2026, 3, 2)
        self.assertEqual(self.entries(), [("accrual", 180)])


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoFlexLeave(CtoCase):
    PARAMETERS = {"flex_account": True, "ot_daily_threshold_minutes": None, "flex_red_minutes": 240}

    def test_red_by_time_off_is_told(self):
        """Red if an account that leave takes to the limit is told to nobody, or told twice."""
        boss = new_test_user(self.env, "b", groups="base.group_user", email="boss@example.com")
        self.employee.attendance_manager_id = boss
        kind = self.env.ref("biometric_attendance.leave_type_flex")
        before = self.env["mail.mail"].search([])
        hours = {"request_unit_hours": True, "request_hour_from": 8, "holiday_status_id": kind.id}
        leave = self.ask(**hours, request_hour_to=12)
        leave.action_approve()
        self.assertEqual(self.account(kind="flex").band, "red")
        told = (self.env["mail.mail"].search([]) - before).filtered(
            lambda mail: "boss@example.com" in (mail.email_to or "")
        )
        self.assertEqual(len(told), 1)
        self.assertIn("no more time off can be taken", told.body_html)
