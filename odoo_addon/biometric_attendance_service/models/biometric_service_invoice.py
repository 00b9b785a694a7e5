"""Draft invoices of statements, in the provider's books: one a statement, tax by Odoo.

What is overdue there moves the tenant's state. Must not know how usage is counted.
"""

from odoo import api, fields, models
from odoo.tools import format_date

from odoo.addons.biometric_attendance.seams.job import Turn

JOB = "service_invoice"


class AccountMove(models.Model):
    _inherit = "account.move"

    biometric_statement_id = fields.Many2one(
        "biometric.service.statement",
        "Statement",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )

    _biometric_once = models.UniqueIndex(
        "(biometric_statement_id) WHERE biometric_statement_id IS NOT NULL AND state <> 'cancel'"
    )


class BiometricServicePlan(models.Model):
    _inherit = "biometric.service.plan"

    product_id = fields.Many2one(
        "product.product",
        "Product on invoices",
        domain=[("type", "=", "service")],
        help="Its income account and taxes are used on invoice lines. Empty: the company's own.",
    )


class BiometricServiceStatement(models.Model):
    _inherit = "biometric.service.statement"

    move_ids = fields.One2many("account.move", "biometric_statement_id", "Invoices")

    @api.model
    def _cron_invoice(self):
        """Daily: a draft for every statement that has none and says more or less than nothing."""
        tenants = self.env["biometric.service.tenant"]
        aside = self.env["biometric.job"]._aside(JOB, tenants._name)
        open_ones = self.search(
            [
                ("move_ids", "=", False),
                ("amount", "!=", 0),
                ("tenant_id", "not in", list(aside.resting)),
            ],
            order="month, id",
        )
        turn = Turn(self.env, len(open_ones))
        for tenant, statements in open_ones.grouped("tenant_id").items():
            aside.do(tenant, lambda _one, these=statements: these._invoice())
            if not turn.done(len(statements)):
                break

    def _invoice(self):
        """The draft of each statement; a sum below zero is a credit note."""
        moves = self.env["account.move"].sudo()
        for statement in self.filtered(lambda one: not one.move_ids and one.amount):
            tenant = statement.tenant_id
            sign = -1 if statement.amount < 0 else 1
            moves |= moves.with_company(tenant.provider_id).create(
                {
                    "move_type": "out_refund" if sign < 0 else "out_invoice",
                    "partner_id": tenant.partner_id.id,
                    "currency_id": statement.currency_id.id,
                    "company_id": tenant.provider_id.id,
                    "biometric_statement_id": statement.id,
                    "ref": statement.month_name,
                    "invoice_line_ids": [
                        fields.Command.create(line) for line in statement._invoice_lines(sign)
                    ],
                }
            )
        return moves

    def _taxes(self, product):
        """Taxes of a line as they would be on screen: the product's, else the company's sales tax,
        by the fiscal position of who pays."""
        tenant = self.tenant_id.with_company(self.tenant_id.provider_id)
        taxes = product.taxes_id.filtered(lambda tax: tax.company_id == tenant.provider_id)
        taxes = taxes or tenant.provider_id.account_sale_tax_id
        positions = self.env["account.fiscal.position"].with_company(tenant.provider_id)
        position = positions._get_fiscal_position(tenant.partner_id)
        return position.map_tax(taxes) if position else taxes

    def _invoice_lines(self, sign):
        """[values]: what is due of each month, its fee and its units apart where it is the own."""
        self.ensure_one()
        speaking = self.with_context(lang=self.tenant_id.partner_id.lang or "en_US")
        product = self.tenant_id.plan_id.product_id
        taxes = self._taxes(product)
        lines = []
        for line in speaking.line_ids:
            parts = [(line.amount, line._words_correction())]
            if not line.is_correction:
                parts = [(line.fee, line._words_fee()), (line.units, line._words_units())]
            lines += [
                {
                    "name": words,
                    "quantity": 1,
                    "price_unit": sign * amount,
                    "tax_ids": [fields.Command.set(taxes.ids)],
                    **({"product_id": product.id} if product else {}),
                }
                for amount, words in parts
                if amount
            ]
        return lines

    def action_open_invoice(self):
        """Button, of the provider: the invoice of this statement."""
        self.ensure_one()
        self.check_access("read")
        self.env["account.move"].check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoice"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("biometric_statement_id", "=", self.id)],
        }


class BiometricServiceStatementLine(models.Model):
    _inherit = "biometric.service.statement.line"

    def _month_words(self):
        first = fields.Date.to_date(f"{self.month}-01")
        return format_date(self.env, first, date_format="LLLL y")

    def _basis_words(self):
        known = {
            "devices": self.env._("terminal-days"),
            "employees": self.env._("days of people"),
        }
        return known[self.basis]

    def _words_fee(self):
        return self.env._(
            "%(month)s: %(plan)s, days: %(days)s",
            month=self._month_words(),
            plan=self.statement_id.plan_name,
            days=self.days,
        )

    def _words_units(self):
        return self.env._(
            "%(month)s: %(count)s %(what)s beyond %(included)s a day, at %(price)s a month",
            month=self._month_words(),
            count=self.unit_days,
            what=self._basis_words(),
            included=self.included,
            price=self.price,
        )

    def _words_correction(self):
        return self.env._(
            "Correction of %(month)s: %(count)s %(what)s in total after punches that arrived late",
            month=self._month_words(),
            count=self.unit_days,
            what=self._basis_words(),
        )


class BiometricServiceTenant(models.Model):
    _inherit = "biometric.service.tenant"

    statement_ids = fields.One2many("biometric.service.statement", "tenant_id", "Statements")

    def _oldest_due(self):
        """Due date of the oldest posted invoice of a statement that is not paid."""
        self.ensure_one()
        found = (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("biometric_statement_id.tenant_id", "=", self.id),
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    ("payment_state", "in", ("not_paid", "partial")),
                ],
                order="invoice_date_due, id",
                limit=1,
            )
        )
        return found.invoice_date_due or super()._oldest_due()
