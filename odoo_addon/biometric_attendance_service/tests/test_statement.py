"""C06: usage becomes money once; the script of the documentation computes the invoice again."""

import csv
import io
import json
import re
import subprocess
import sys
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools import format_amount

from .. import billing
from .common import ServiceCase

PAGE = Path(__file__).resolve().parents[3] / "docs/service.md"
AFTER = "2026-06-05 12:00:00"


@tagged("post_install", "-at_install")
class TestServiceStatement(ServiceCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading("generic_coa", cls.provider, False)
        with freeze_time("2026-02-10 12:00:00"):
            cls.plan = cls.plans["ten"].copy(
                {"name": "By terminal", "included": 1, "fee": 10.01, "price": 7.77, "trial_days": 0}
            )
            cls.tenant = cls.sign_up(plan=cls.plan.id)
            cls.agent, _token = cls.branch(cls.tenant, ["SN1", "SN2", "SN3"])
            cls.people(cls.tenant, cls.agent, "1", "2", "3")
            cls.tenant._order_plan(cls.plan)
        cls.lanes = {}
        cls.statements = cls.env["biometric.service.statement"]

    def punch_day(self, day, *places):
        """places: (serial, PIN)."""
        lane = self.lanes.setdefault("a", self.lane())
        for serial, pin in places:
            self.punch(self.agent, lane, day, pin, serial)

    def close(self, at):
        with freeze_time(f"{at} 12:00:00"):
            return self.statements._close_due(self.tenant)

    def amounts(self, statement):
        return [(line.month, line.is_correction, line.amount) for line in statement.line_ids]

    def test_a_month_is_closed_once_and_by_hand_it_is_the_same(self):
        """C06. Red when a month is closed before it is settled, twice, or counts another sum than
        the one on paper: 3 days with 2, 3 and 1 terminals are 3 terminal-days beyond one a day."""
        self.punch_day("2026-02-20", ("SN1", "1"), ("SN2", "1"))
        self.punch_day("2026-02-21", ("SN1", "1"), ("SN2", "2"), ("SN3", "3"))
        self.punch_day("2026-02-22", ("SN1", "1"))
        self.assertFalse(self.close("2026-03-03"))
        statement = self.close("2026-03-04")
        # Without a trial, billed from the day of the order: the 10th to the 28th.
        self.assertEqual(self.tenant.order_ids.valid_from, self.day("2026-02-10"))
        fee, units = Decimal("10.01") * 19 / 28, Decimal("7.77") * 3 / 28
        due = round(fee, 2) + round(units, 2)
        self.assertEqual(self.amounts(statement), [("2026-02", False, float(due))])
        self.assertEqual((statement.line_ids.days, statement.line_ids.unit_days), (19, 3))
        self.assertEqual(statement.line_ids.fee_text, "Monthly fee, days: 19")
        self.assertEqual(
            statement.line_ids.units_text,
            f"Terminals that recorded, more than 1 a day: 3 on all days, at "
            f"{format_amount(self.env, 7.77, statement.currency_id)} a month",
        )
        self.assertFalse(self.close("2026-03-05"))
        with self.assertRefused("cannot be changed", UserError):
            statement.amount = 1
        with self.assertRefused("cannot be deleted", UserError):
            statement.unlink()

    def test_c06_late_branches_replays_and_moves_are_corrections_of_their_month(self):
        """C06. Sixty days late, ten replays, a device that moved: each month's lines add up to what
        one statement of all of it would have said. Red when a replay costs, when what came late is
        lost, or when it changes a closed statement."""
        self.punch_day("2026-02-20", ("SN1", "1"), ("SN2", "1"))
        february = self.close("2026-03-04")
        before = (february.amount, json.dumps(february.rows))
        row = self.lanes["a"].punch("SN3", "3", "2026-02-20 09:00:00")
        for _again in range(10):
            self.store(self.agent, self.lanes["a"], row)
        self.agent.device_ids.filtered(lambda one: one.serial == "SN2").state = "moved"
        self.punch_day("2026-03-10", ("SN1", "1"))
        march = self.close("2026-04-21")
        one_day = float(round(Decimal("7.77") * 2 / 28, 2) - round(Decimal("7.77") / 28, 2))
        self.assertEqual(
            self.amounts(march), [("2026-03", False, 10.01), ("2026-02", True, one_day)]
        )
        self.assertEqual((february.amount, json.dumps(february.rows)), before)
        self.punch_day("2026-02-21", ("SN1", "1"), ("SN3", "1"))
        self.punch_day("2026-04-02", ("SN1", "1"))
        april = self.close("2026-05-05")
        lines = (february | march | april).line_ids.filtered(lambda line: line.month == "2026-02")
        counts = self.statements._counts(
            self.tenant, self.day("2026-02-10"), self.day("2026-02-28")
        )
        whole = billing.price_month(self.plan._terms(), counts).whole
        self.assertAlmostEqual(sum(lines.mapped("amount")), float(whole), 6)
        self.assertEqual(whole, self.hand_count())
        may = self.close("2026-06-05")
        self.assertEqual(self.amounts(may), [("2026-05", False, 10.01)], "nothing came late")

    def test_what_came_late_and_costs_nothing_is_no_line(self):
        """C06. Red when a month that is due nothing more stands on a later statement: a second
        person at a terminal that was counted already."""
        self.punch_day("2026-02-20", ("SN1", "1"), ("SN2", "1"))
        self.close("2026-03-04")
        self.punch_day("2026-02-20", ("SN1", "2"))
        march = self.close("2026-04-05")
        self.assertEqual(self.amounts(march), [("2026-03", False, 10.01)])
        self.assertEqual({row["month"] for row in march.rows}, {"2026-03"})

    @staticmethod
    def hand_count():
        """The 20th: three terminals, the 21st: two; one a day is included."""
        return round(Decimal("10.01") * 19 / 28, 2) + round(Decimal("7.77") * 3 / 28, 2)

    def test_the_printed_script_computes_the_invoice_to_the_cent(self):
        """C06. The script as it is printed in docs/service.md, on a bare Python, on the export
        alone, as JSON and as CSV; and its sum is what Odoo's invoice says without tax. Red when the
        script passes thirty lines, or the export lacks a figure."""
        self.punch_day("2026-02-20", ("SN1", "1"), ("SN2", "1"))
        self.close("2026-03-04")
        self.punch_day("2026-02-20", ("SN3", "2"))
        self.punch_day("2026-03-10", ("SN1", "1"), ("SN2", "2"), ("SN3", "3"))
        march = self.close("2026-04-05")
        self.assertEqual(len(march.line_ids), 2)
        script = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
        self.assertLessEqual(len(script.splitlines()), 30)
        move = march._invoice()
        texts = {"json": json.dumps(march._export_json()), "csv": march._export_csv()}
        for form, text in texts.items():
            said = self.run_script(script, form, text)
            self.assertEqual(said.splitlines()[-1], f"total {march.amount:.2f}", said)
            self.assertEqual(Decimal(said.split()[-1]), Decimal(str(move.amount_untaxed)))
        changed = texts["csv"].replace("2026-03-10,3,", "2026-03-10,2,")
        self.assertNotEqual(changed, texts["csv"])
        self.assertNotIn(f"total {march.amount:.2f}", self.run_script(script, "csv", changed))
        rows = list(csv.DictReader(io.StringIO(texts["csv"])))
        self.assertEqual(tuple(rows[0]), billing.COLUMNS)

    def run_script(self, script, form, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"statement.{form}"
            path.write_text(text, encoding="utf-8")
            (Path(folder) / "amount.py").write_text(script, encoding="utf-8")
            run = subprocess.run(
                [sys.executable, "-I", "amount.py", str(path)],
                capture_output=True,
                text=True,
                cwd=folder,
                check=False,
            )
            self.assertEqual((run.stderr, run.returncode), ("", 0))
            return run.stdout

    def test_any_currency_and_its_own_cents(self):
        """Red when an amount is rounded to two places where the currency has none, or three."""
        for name, fee, amount in (("JPY", 1001, 679.0), ("KWD", 10.011, 6.793)):
            currency = self.env.ref(f"base.{name}")
            currency.active = True
            plan = self.plan.copy({"name": name, "currency_id": currency.id, "fee": fee})
            with freeze_time("2026-02-10 12:00:00"):
                tenant = self.sign_up(company=name, email=f"{name}@kiln.example", plan=plan.id)
                tenant._order_plan(plan)
            with freeze_time("2026-03-04 12:00:00"):
                statement = self.statements._close_due(tenant)
                move = statement._invoice()
            # Abroad, Odoo's own fiscal position takes the tax off.
            self.assertEqual(move.invoice_line_ids.tax_ids.mapped("amount"), [0.0])
            self.assertEqual(statement.amount, amount)
            self.assertEqual((move.currency_id, move.amount_untaxed), (currency, amount))

    def test_one_currency_a_tenant(self):
        """Red when a month that is corrected later is added up with another currency's."""
        other = self.env.ref("base.JPY")
        other.active = True
        yen = self.plan.copy({"name": "Yen", "currency_id": other.id})
        with self.assertRefused("is billed in USD, and Yen is a plan in JPY: choose one in USD"):
            self.tenant._order_plan(yen)
        self.assertEqual(len(self.tenant.order_ids), 1)

    def test_drafts_are_made_once_with_odoo_s_tax_and_move_the_state(self):
        """Red when a statement has two invoices, one is posted by itself, tax is missing, or what
        is unpaid does not suspend and what is paid does not end it."""
        self.without_commits()
        self.tenant.partner_id.country_id = self.provider.account_fiscal_country_id
        with freeze_time("2026-03-04 12:00:00"):
            self.statements._cron_close()
            self.statements._cron_invoice()
            self.statements._cron_invoice()
        statement = self.statements.search([("tenant_id", "=", self.tenant.id)])
        move = statement.move_ids
        self.assertEqual((len(move), move.state, move.move_type), (1, "draft", "out_invoice"))
        self.assertEqual(move.partner_id, self.tenant.partner_id)
        self.assertEqual(move.company_id, self.provider)
        self.assertEqual(move.invoice_line_ids.tax_ids, self.provider.account_sale_tax_id)
        self.assertGreater(move.amount_total, move.amount_untaxed)
        move.write({"invoice_date": "2026-03-04", "invoice_date_due": "2026-03-18"})
        move.action_post()
        states = []
        for day in ("2026-03-18", "2026-03-19", "2026-04-01", "2026-04-02", "2036-03-18"):
            with freeze_time(f"{day} 12:00:00"):
                self.tenant._go_on()
            states.append(self.tenant.state)
        self.assertEqual(states, ["active", "past_due", "past_due", "suspended", "suspended"])
        self.assertEqual(self.punch(self.agent, self.lane("b"), "2026-03-02"), "stored")
        with freeze_time("2026-04-03 12:00:00"):
            wizard = self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=move.ids
            )
            wizard.create({})._create_payments()
            self.tenant._go_on()
        self.assertEqual(self.tenant.state, "active")
        self.assertFalse(self.tenant.unpaid_since)

    def test_what_is_due_is_an_invoice_that_is_not_whole_paid(self):
        """Red when a part of an invoice ends what is overdue, or when a credit note that nobody
        paid out, or a draft, suspends whoever it is for."""
        with freeze_time("2026-03-04 12:00:00"):
            move = self.statements._close_due(self.tenant)._invoice()
        move.write({"invoice_date": "2026-03-04", "invoice_date_due": "2026-03-18"})
        self.assertFalse(self.tenant._oldest_due(), "a draft")
        move.action_post()
        self.assertEqual(self.tenant._oldest_due(), self.day("2026-03-18"))
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        part = {"amount": 1, "payment_difference_handling": "open"}
        wizard.create(part)._create_payments()
        self.assertEqual(move.payment_state, "partial")
        self.assertEqual(self.tenant._oldest_due(), self.day("2026-03-18"))
        wizard.create({})._create_payments()
        self.assertFalse(self.tenant._oldest_due(), "paid")
        with freeze_time("2026-04-04 12:00:00"):
            statement = self.statements._close_due(self.tenant)
        lines = [(0, 0, {"name": "less", "quantity": 1, "price_unit": 3})]
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.tenant.partner_id.id,
                "biometric_statement_id": statement.id,
                "invoice_date": "2026-04-04",
                "invoice_date_due": "2026-04-04",
                "invoice_line_ids": lines,
            }
        )
        refund.action_post()
        self.assertEqual((refund.state, refund.payment_state), ("posted", "not_paid"))
        self.assertFalse(self.tenant._oldest_due(), "it is theirs, not ours")

    def test_less_than_nothing_is_a_credit_note(self):
        """Red when a statement below zero is an invoice below zero, which Odoo refuses."""
        statement = self.close("2026-03-04")
        sql = "UPDATE biometric_service_statement_line SET amount = -2, is_correction = true"
        self.env.cr.execute("SELECT set_config('biometric.allow_change', 'on', true)")
        self.env.cr.execute(f"{sql} WHERE statement_id = %s", (statement.id,))
        self.env.cr.execute(
            "UPDATE biometric_service_statement SET amount = -2 WHERE id = %s", (statement.id,)
        )
        self.env.cr.execute("SELECT set_config('biometric.allow_change', 'off', true)")
        self.env.invalidate_all()
        move = statement._invoice()
        self.assertEqual((move.move_type, move.amount_untaxed), ("out_refund", 2.0))

    def test_a_later_price_and_a_plan_that_is_gone_change_no_month(self):
        """Red when a month is billed by what a plan says today."""
        self.plan.price = 99
        self.plan.fee = 99
        statement = self.close("2026-03-04")
        self.assertEqual(statement.amount, float(round(Decimal("10.01") * 19 / 28, 2)))
        with freeze_time("2026-03-20 12:00:00"):
            self.tenant._order_plan(self.plans["three"])
        self.assertEqual(
            self.tenant.order_ids.sorted("valid_from")[-1].valid_from, self.day("2026-04-01")
        )
        self.plan.unlink()
        march, april = self.close("2026-05-05")
        self.assertEqual((march.plan_name, march.amount), ("By terminal", 10.01))
        self.assertEqual((april.plan_name, april.amount), ("Three", 19.0))

    def test_preview_says_what_last_month_would_have_cost(self):
        """Red when the dialog shows another sum than the statement of the same month."""
        self.punch_day("2026-03-10", ("SN1", "1"), ("SN2", "2"), ("SN3", "3"))
        with freeze_time("2026-04-10 12:00:00"):
            self.env["biometric.usage"]._count(self.tenant.company_id)
            dialog = self.env["biometric.service.choose"].new(
                {"tenant_id": self.tenant.id, "plan_id": self.plans["people"].id}
            )
            amount = round(Decimal("2.5") * 3 / 31, 2)
            self.assertIn(f"{amount}", dialog.preview)
            self.assertIn("from 2026-05-01 on", dialog.begins)
            self.assertFalse(dialog.not_addable)

    def test_leaving_ends_what_is_billed(self):
        """Red when a day after leaving is billed, or the last part of a month is not."""
        with freeze_time("2026-02-20 12:00:00"):
            self.tenant.action_leave()
        self.punch_day("2026-02-25", ("SN1", "1"), ("SN2", "2"))
        with freeze_time("2026-02-26 12:00:00"):
            statement = self.statements._close_due(self.tenant, final=True)
        self.assertEqual((statement.line_ids.days, statement.line_ids.unit_days), (11, 0))
        self.assertFalse(self.close("2026-06-05"))

    def test_arithmetic_alone(self):
        """Red when half a cent goes down, or a day beyond the included number counts below it."""
        terms = billing.Terms("employees", 2, Decimal("1"), Decimal("0"), 2)
        first = Date.to_date("2026-04-01")
        counts = {first + timedelta(days=n): (9, people) for n, people in enumerate((1, 2, 3, 5))}
        month = billing.price_month(terms, counts)
        self.assertEqual((month.unit_days, month.units), (4, Decimal("0.13")))
        self.assertEqual(billing.rounded(Decimal("0.125"), 2), Decimal("0.13"))
        self.assertEqual(billing.rounded(Decimal("-0.125"), 2), Decimal("-0.13"))
        self.assertEqual(billing.plain(billing.from_float(0.0000010)), "0.000001")
        self.assertEqual(billing.plain(billing.from_float(100.0)), "100")
        with self.assertRefused("without a billed day", ValueError):
            billing.price_month(terms, {})
