"""Time accounts: what a day earns, who chooses, what is taken, given back, lost and paid."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .test_day import MONDAY, DayCase

TUESDAY = date(2026, 3, 3)


class CtoCase(DayCase):
    """DayCase with a bank: overtime of a workday becomes time off from March on."""

    PARAMETERS = {"cto_eligible": True, "ot_daily_threshold_minutes": 480}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.biometric_cto_from = "2026-03-01"
        cls.env.company.partner_id.tz = "Asia/Manila"
        cls.rule = cls.env["biometric.rule"].create(
            {"name": "Bank", "valid_from": "2026-01-01", "parameters": cls.PARAMETERS}
        )
        cls.kind = cls.env.ref("biometric_attendance.leave_type_cto")

    def setUp(self):
        super().setUp()
        clock = freeze_time("2026-03-10 04:00:00")
        clock.start()
        self.addCleanup(clock.stop)

    def ruled(self, **parameters):
        self.rule.sudo().parameters = self.PARAMETERS | parameters

    def bring(self, minutes, until=None, employee=None):
        """A lot that stood before."""
        employee = employee or self.employee
        accounts = self.env["biometric.cto.account"]
        book = accounts._open(self.env.company, employee.ids)[employee.id]
        on = date(2026, 3, 1)
        book.bank.opening(f"opening:{until}", on, minutes, until or date.max)
        accounts._write_down([book])

    def works(self, on="2026-03-02", until="20:00:00", employee=None):
        """A day from eight with an hour of lunch; the rest beyond eight hours is overtime."""
        self.punch_in(
            f"{on} 08:00:00",
            f"{on} 12:00:00",
            f"{on} 13:00:00",
            f"{on} {until}",
            pin=employee or "7",
        )
        self.rebuild()

    def account(self, employee=None, kind="bank"):
        return self.env["biometric.cto.account"].search(
            [("employee_id", "=", (employee or self.employee).id), ("kind", "=", kind)]
        )

    def entries(self, *names, employee=None, kind="bank"):
        """Entries in the order they were written, as tuples of these fields."""
        found = self.account(employee, kind).entry_ids.sorted("number")
        return [tuple(entry[name] for name in names or ("kind", "minutes")) for entry in found]

    def ask(self, first="2026-03-12", last=None, employee=None, **values):
        """A request for time off of whole days out of the bank."""
        return self.env["hr.leave"].create(
            {
                "employee_id": (employee or self.employee).id,
                "holiday_status_id": self.kind.id,
                "request_date_from": first,
                "request_date_to": last or first,
                **values,
            }
        )


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoAccrual(CtoCase):
    def test_a90_overtime_of_a_day_becomes_time_and_is_posted_once(self):
        """A90. Red if a second computation posts again, or the entry forgets its day."""
        self.works()
        self.assertEqual(self.day().overtime_minutes, 180)
        fields = ("kind", "minutes", "date", "work_date", "choice", "chosen_by", "rule_name")
        told = ("accrual", 180, MONDAY, MONDAY, "time", "rule", "Bank (2026-01-01)")
        self.assertEqual(self.entries(*fields), [told])
        self.env["biometric.day.rebuild"]._rebuild([(self.employee.id, MONDAY)])
        self.env["biometric.cto.accrual"]._sweep(self.env.company, date(2026, 3, 1))
        self.assertEqual(self.entries(*fields), [told])
        self.assertEqual(self.account().balance_minutes, 180)

    def test_a90_a_changed_day_posts_the_difference_with_the_date_of_today(self):
        """A90. Red if a change writes the whole day anew, or dates back what was corrected."""
        self.works()
        self.punch_in("2026-03-02 18:00:00", "2026-03-02 19:00:00")
        self.rebuild()
        self.assertEqual(self.day().overtime_minutes, 120)
        self.assertEqual(
            self.entries("kind", "minutes", "date", "work_date"),
            [
                ("accrual", 180, MONDAY, MONDAY),
                ("accrual_reversal", -60, date(2026, 3, 10), MONDAY),
            ],
        )

    def test_a_day_of_a_locked_period_posts_with_todays_date_and_names_its_day(self):
        """Red if a late punch writes into a period that was closed, or is not credited."""
        group = self.env["biometric.period.group"].create({"name": "All", "anchor": "2026-02-01"})
        periods = self.env["biometric.period"].search([("group_id", "=", group.id)])
        locked = periods.filtered(lambda one: one.date_from <= MONDAY <= one.date_to)
        locked.sudo().write({"state": "locked"})
        self.works()
        self.assertEqual(
            self.entries("minutes", "date", "work_date"), [(180, date(2026, 3, 10), MONDAY)]
        )
        with self.assertRaisesRegex(UserError, "a payroll file or a closed period"):
            self.account().entry_ids.action_take_pay()

    def test_days_before_the_company_begins_are_paid(self):
        """Red if switching the bank on turns overtime that was paid into time off."""
        self.env.company.biometric_cto_from = "2026-03-03"
        self.works()
        self.works("2026-03-03")
        self.assertEqual(self.entries("work_date"), [(TUESDAY,)])
        days = self.day() | self.day(TUESDAY)
        kept = self.env["biometric.cto.accrual"]._kept_from_pay(self.env.company, days)
        self.assertEqual(dict(kept), {(self.employee.id, TUESDAY): {"workday": 180}})

    def test_where_an_order_is_required_overtime_waits_for_it(self):
        """Red if a credit is posted without its paper, or the paper posts nothing."""
        self.ruled(cto_requires_authority_ref=True)
        self.works()
        self.assertEqual(self.entries(), [])
        self.env["biometric.cto.agreement"].create(
            {"valid_from": "2026-03-01", "reference": "Office order 12"}
        )
        self.assertEqual(
            self.entries("minutes", "authority", "chosen_by"),
            [(180, "Office order 12", "agreement")],
        )

    def test_an_own_agreement_outranks_that_of_the_company(self):
        """Red if the answer of a person's own paper is not the one that counts."""
        agreements = self.env["biometric.cto.agreement"]
        agreements.create({"valid_from": "2026-03-01", "reference": "All"})
        agreements.create(
            {
                "employee_id": self.employee.id,
                "valid_from": "2026-03-01",
                "choice": "pay",
                "reference": "Own letter 3",
            }
        )
        self.works()
        fields = ("kind", "minutes", "choice", "overtime_minutes", "authority")
        self.assertEqual(self.entries(*fields), [("accrual", 0, "pay", 180, "Own letter 3")])

    def test_a_cap_keeps_what_found_no_room_with_its_reason(self):
        """Red if the overflow leaves no trace, or is looked for again when there is room."""
        self.ruled(cto_balance_cap_minutes=200)
        self.works()
        self.works("2026-03-03")
        self.works("2026-03-04")
        fields = ("minutes", "over_minutes", "over_reason")
        self.assertEqual(
            self.entries(*fields),
            [(180, 0, False), (20, 160, "balance_cap"), (0, 180, "balance_cap")],
        )
        self.env["biometric.cto.accrual"]._sweep(self.env.company, date(2026, 3, 1))
        self.assertEqual(len(self.entries()), 3)

    def test_credit_on_certificate_waits_for_it(self):
        self.ruled(cto_credit_timing="on_certificate", cto_multiplier_workday=1.5)
        self.works()
        self.assertEqual(self.entries(), [])
        certificate = self.env["biometric.cto.certificate"].create(
            {
                "name": "COC 1",
                "employee_id": self.employee.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-08",
            }
        )
        self.assertEqual(self.entries("minutes", "date"), [(270, date(2026, 3, 10))])
        self.assertEqual((certificate.credited_minutes, certificate.balance_minutes), (270, 270))
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            certificate.name = "COC 2"

    def test_credit_of_the_next_month_comes_by_night(self):
        self.ruled(cto_credit_timing="next_month_first")
        self.works()
        night = self.env["biometric.cto.night"]
        night._night(self.env.company)
        self.assertEqual(self.entries(), [])
        with freeze_time("2026-04-01 04:00:00"):
            night._night(self.env.company)
        self.assertEqual(self.entries("minutes", "date"), [(180, date(2026, 4, 1))])

    def test_the_employee_answers_for_a_day_and_the_ledger_says_so(self):
        """Red if an answer leaves no entry, or anybody may answer for others."""
        user = new_test_user(self.env, "ana", groups="base.group_user")
        self.employee.user_id = user
        other = new_test_user(
            self.env, "ben", groups="base.group_user,biometric_attendance.group_payroll_officer"
        )
        self.works()
        entry = self.account().entry_ids
        with self.assertRaisesRegex(AccessError, "Only the employee or an HR officer"):
            entry.with_user(other).action_take_pay()
        entry.with_user(user).action_take_pay()
        self.assertEqual(
            self.entries("kind", "minutes", "choice", "chosen_by"),
            [
                ("accrual", 180, "time", "rule"),
                ("accrual_reversal", -180, "pay", "employee"),
            ],
        )
        self.account().entry_ids[0].with_user(user).action_take_time()
        self.assertEqual(self.account().balance_minutes, 180)
        said = self.env["biometric.audit"].search([("action", "=", "cto.answer")])
        self.assertEqual(len(said), 2)

    def test_what_was_taken_cannot_be_paid_too(self):
        self.works()
        leave = self.ask(request_unit_hours=True, request_hour_from=8, request_hour_to=10)
        leave.action_approve()
        with self.assertRaisesRegex(UserError, "Time off was already taken from this credit"):
            self.account().entry_ids.filtered("choice").action_take_pay()

    def test_a_day_that_is_not_payable_any_more_takes_its_credit_back(self):
        """Red if overtime of an incomplete day stays in the account."""
        self.works()
        self.device.complete_until = "2026-03-09"
        self.punch_in("2026-03-02 21:00:00")
        self.rebuild()
        self.assertEqual(self.day().status, "incomplete")
        self.assertEqual(self.account().balance_minutes, 0)


def lots_of(account):
    """`{lot: minutes left}` by the moves of the entries, what is empty left out."""
    left = {}
    for entry in account.entry_ids:
        for lot, minutes in entry.moves or ():
            left[lot] = left.get(lot, 0) + minutes
    return {lot: minutes for lot, minutes in left.items() if minutes}


@tagged("post_install", "-at_install", "biometric_cto")
class TestCtoContingent(CtoCase):
    """Only overtime above the year's contingent earns, beside its pay, and opens a right."""

    PARAMETERS = {
        "cto_eligible": True,
        "ot_daily_threshold_minutes": 480,
        "cto_contingent_minutes": 200,
        "cto_beside_pay": True,
        "cto_opens_at_minutes": 160,
    }

    def earned(self):
        fields = ("minutes", "overtime_minutes", "work_date", "choice")
        return [entry for entry in self.entries("kind", *fields) if entry[0].startswith("accrual")]

    def test_only_what_lies_above_the_contingent_of_the_year_earns(self):
        """Red if a minute inside earns, a day of before the bank is not counted, or a changed day
        does not move what lies above."""
        self.env.company.biometric_cto_from = "2026-03-03"
        self.works()
        self.works("2026-03-03")
        self.works("2026-03-04")
        wednesday = date(2026, 3, 4)
        self.assertEqual(
            self.earned(),
            [
                ("accrual", 160, 180, TUESDAY, "both"),
                ("accrual", 180, 180, wednesday, "both"),
            ],
        )
        self.assertIn("20 min", self.account().entry_ids.sorted("number")[0].note)
        self.punch_in("2026-03-02 18:00:00", "2026-03-02 19:00:00")
        self.rebuild()
        self.assertEqual(self.earned()[2], ("accrual_reversal", -60, 180, TUESDAY, "both"))
        self.assertEqual(self.account().balance_minutes, 280)
        count = len(self.account().entry_ids)
        self.env["biometric.cto.accrual"]._sweep(self.env.company, date(2026, 1, 1))
        self.assertEqual(len(self.account().entry_ids), count)

    def test_it_comes_beside_the_pay_and_nobody_chooses(self):
        """Red if the overtime leaves the payroll file, or an answer takes the rest away."""
        self.works()
        self.works("2026-03-03")
        days = self.day() | self.day(TUESDAY)
        kept = self.env["biometric.cto.accrual"]._kept_from_pay(self.env.company, days)
        self.assertEqual(dict(kept), {})
        with self.assertRaisesRegex(
            UserError, "this time off comes in addition to the pay: there is nothing to choose"
        ):
            self.account().entry_ids[0].action_take_pay()

    def test_a_right_that_nobody_took_is_told_and_nothing_is_lost(self):
        """Red if its last day passes in silence, or takes a minute."""
        self.employee.leave_manager_id = new_test_user(
            self.env, "boss", groups="base.group_user", email="boss@example.com"
        )
        self.works()
        self.works("2026-03-03")
        mails = self.env["mail.mail"]
        before = mails.search([])
        with freeze_time("2026-05-03 04:00:00"):
            self.env["biometric.cto.night"]._night(self.env.company)
            self.assertFalse(mails.search([]) - before)
        with freeze_time("2026-05-04 04:00:00"):
            self.env["biometric.cto.night"]._night(self.env.company)
        told = mails.search([]) - before
        self.assertIn("boss@example.com", " ".join(told.mapped("email_to")))
        self.assertIn("Nothing is lost", told[0].body_html)
        self.assertEqual(self.account().balance_minutes, 160)

    def test_a_request_that_nobody_answered_in_time_is_told(self):
        self.employee.leave_manager_id = new_test_user(
            self.env, "boss", groups="base.group_user", email="boss@example.com"
        )
        self.works()
        self.works("2026-03-03")
        self.ask("2026-04-09", request_unit_hours=True, request_hour_from=8, request_hour_to=10)
        self.env.flush_all()
        self.env.cr.execute("UPDATE hr_leave SET create_date = '2026-03-10 05:00:00'")
        self.env.invalidate_all()
        mails = self.env["mail.mail"]
        before = mails.search([])
        with freeze_time("2026-03-18 04:00:00"):
            self.env["biometric.cto.night"]._night(self.env.company)
        told = mails.search([]) - before
        self.assertIn("should have been answered by yesterday", told[0].body_html)
