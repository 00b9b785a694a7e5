"""The statement of a month: usage counted once, closed once, corrected only by a later statement.

Made from the usage ledger. Its rows are kept as they were, so that its export says the same for
ever and a script of thirty lines computes the amount from the export alone (docs/service.md). What
arrives later for a month that is closed is a line of the next statement. Owns closing and the
exports. Must not know invoices.
"""

import csv
import io
from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL, format_amount

from .. import billing
from .biometric_service_plan import BASES

JOB = "service_statement"
# A month is closed so many days after its end: branches that were cut off have come back.
SETTLE_DAYS = 3
FORMAT = "biometric usage statement 1"


class BiometricServiceStatement(models.Model):
    _name = "biometric.service.statement"
    _description = "Statements of usage"
    _inherit = ["biometric.append.only"]
    _order = "month desc, id desc"
    _rec_name = "month_name"

    tenant_id = fields.Many2one(
        "biometric.service.tenant", required=True, readonly=True, ondelete="restrict"
    )
    provider_id = fields.Many2one(related="tenant_id.provider_id", string="Provider")
    month = fields.Date(required=True, readonly=True, help="Its first day")
    month_name = fields.Char("Statement", compute="_compute_month_name")
    closed_at = fields.Datetime("Closed", required=True, readonly=True)
    plan_name = fields.Char("Plan", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    amount = fields.Monetary("Amount without tax", readonly=True)
    support_included = fields.Integer("Support hours in the plan", readonly=True)
    support_granted = fields.Integer("Support hours granted", readonly=True)
    support_used = fields.Integer("Support hours used", readonly=True)
    line_ids = fields.One2many("biometric.service.statement.line", "statement_id", "Lines")
    # What the export says: billing.COLUMNS of every billed day, own month and corrected ones.
    rows = fields.Json("Entries", required=True, readonly=True)
    upto_usage = fields.Integer(
        "Up to usage entry", readonly=True, help="Last entry of the usage ledger it contains"
    )

    _once = models.UniqueIndex("(tenant_id, month)")

    @api.depends("month")
    def _compute_month_name(self):
        for statement in self:
            statement.month_name = f"{statement.month:%Y-%m}"

    # ------------------------------------------------------------------ closing

    @api.model
    def _cron_close(self):
        """Daily: close every month that is over and settled, tenant by tenant."""
        tenants = self.env["biometric.service.tenant"]
        aside = self.env["biometric.job"]._aside(JOB, tenants._name)
        due = tenants.search([("ordered_on", "!=", False), ("company_id", "!=", False)])
        aside.round(due, self._close_due)

    @api.model
    def _close_due(self, tenant, final=False):
        """Close the months of one tenant that are over; with `final` also the running one, up to
        the day of leaving. Returns the statements made."""
        made = self.browse()
        today = tenant._today()
        for first, last in self._open_months(tenant, today, final):
            made |= self._close(tenant, first, last)
        return made

    def _open_months(self, tenant, today, final):
        """[(first, last billed day)] of months without a statement, oldest first."""
        orders = tenant.order_ids.sorted("valid_from")
        if not orders:
            return []
        end = min(filter(None, (tenant.leaving_on, today)))
        held = {row.month for row in self.search([("tenant_id", "=", tenant.id)], limit=10_000)}
        months, first = [], orders[0].valid_from
        while first <= end:
            month = first.replace(day=1)
            after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            last = fields.Date.subtract(after, days=1)
            settled = today >= fields.Date.add(after, days=SETTLE_DAYS)
            if month not in held and (settled or final):
                months.append((first, min(last, end)))
            first = after
        return months

    @api.model
    def _close(self, tenant, first, last):
        """The statement of one month, `first` to `last` billed day, with what came late for
        earlier ones."""
        usage = self.env["biometric.usage"].sudo()
        usage._count(tenant.company_id, tenant._today())
        order = self.env["biometric.service.order"]._in_force(tenant, first)
        upto, since = self._last_usage(tenant), self._told_upto(tenant)
        counts = self._counts(tenant, first, last)
        months = [(order._terms(), counts, billing.Decimal(0), False)]
        months += self._corrections(tenant, first, since)
        rows, lines, total = [], [], billing.Decimal(0)
        for terms, counted, before, correction in months:
            priced = billing.price_month(terms, counted, before)
            if correction and not priced.due:
                continue
            rows += billing.export_rows(terms, counted, before)
            lines.append(self._line(priced, terms, correction))
            total += priced.due
        return self.sudo().create(
            {
                "tenant_id": tenant.id,
                "month": first.replace(day=1),
                "closed_at": fields.Datetime.now(),
                "plan_name": order.plan_name,
                "currency_id": order.currency_id.id,
                "amount": float(total),
                "line_ids": [fields.Command.create(line) for line in lines],
                "rows": rows,
                "upto_usage": upto,
                **tenant.sudo()._support_of_month(first),
            }
        )

    @staticmethod
    def _line(priced, terms, correction):
        return {
            "month": priced.month,
            "is_correction": correction,
            "days": priced.days,
            "basis": terms.basis,
            "included": terms.included,
            "unit_days": priced.unit_days,
            "price": billing.plain(terms.price),
            "fee": float(priced.fee),
            "units": float(priced.units),
            "billed_before": float(priced.billed_before),
            "amount": float(priced.due),
        }

    def _corrections(self, tenant, before, since):
        """[(Terms, counts, billed before, True)] of closed months that usage reached later."""
        self.env.cr.execute(
            """SELECT DISTINCT date_trunc('month', day)::date FROM biometric_usage
                WHERE company_id = %s AND id > %s AND day < %s ORDER BY 1""",
            (tenant.company_id.id, since, before.replace(day=1)),
        )
        touched = [row[0] for row in self.env.cr.fetchall()]
        found = []
        for month in touched:
            own = [("tenant_id", "=", tenant.id), ("month", "=", month)]
            closed = self.search(own, limit=1)
            if not closed:
                continue
            days = closed._billed_days()
            order = self.env["biometric.service.order"]._in_force(tenant, min(days))
            counts = self._counts(tenant, min(days), max(days))
            found.append((order._terms(), counts, self._billed(tenant, month), True))
        return found

    def _billed_days(self):
        self.ensure_one()
        return [
            fields.Date.to_date(row["day"])
            for row in self.rows
            if row["month"] == f"{self.month:%Y-%m}"
        ]

    def _billed(self, tenant, month):
        """What all statements said of a month together."""
        lines = self.env["biometric.service.statement.line"].search(
            [("statement_id.tenant_id", "=", tenant.id), ("month", "=", f"{month:%Y-%m}")],
            limit=10_000,
        )
        return sum((billing.from_float(line.amount) for line in lines), billing.Decimal(0))

    def _counts(self, tenant, first, last):
        """`{date: (devices, employees)}` of every day from `first` to `last`; a day without punches
        is none of either."""
        counts = dict.fromkeys(billing.days_of(first, last), (0, 0))
        self.env["biometric.usage"].flush_model()
        self.env.cr.execute(
            SQL(
                """SELECT DISTINCT ON (day) day, devices, employees FROM biometric_usage
                    WHERE company_id = %s AND day BETWEEN %s AND %s ORDER BY day, revision DESC""",
                tenant.company_id.id,
                first,
                last,
            )
        )
        counts |= {day: (devices, people) for day, devices, people in self.env.cr.fetchall()}
        return counts

    def _last_usage(self, tenant):
        usage = self.env["biometric.usage"].sudo()
        own = [("company_id", "=", tenant.company_id.id)]
        return usage.search(own, order="id desc", limit=1).id or 0

    def _told_upto(self, tenant):
        own = [("tenant_id", "=", tenant.id)]
        return self.search(own, order="upto_usage desc", limit=1).upto_usage

    # ------------------------------------------------------------------ before ordering

    @api.model
    def _preview(self, tenant, plan):
        """billing.Month: what the calendar month before this one would have cost in `plan`."""
        last = fields.Date.subtract(tenant._today().replace(day=1), days=1)
        counts = self._counts(tenant, last.replace(day=1), last)
        return billing.price_month(plan._terms(), counts)

    # ------------------------------------------------------------------ out

    def _export_json(self):
        """The whole of a statement as plain values; money as text."""
        self.ensure_one()
        amount = billing.rounded(billing.from_float(self.amount), self.currency_id.decimal_places)
        return {
            "format": FORMAT,
            "tenant": self.tenant_id.name,
            "number": self.id,
            "month": self.month_name,
            "closed_at": self.closed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "currency": self.currency_id.name,
            "amount": billing.plain(amount),
            "support_hours": {
                "included": self.support_included,
                "granted": self.support_granted,
                "used": self.support_used,
            },
            "rows": self.rows,
        }

    def _export_csv(self):
        self.ensure_one()
        file = io.StringIO()
        writer = csv.DictWriter(file, billing.COLUMNS, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return file.getvalue()

    def action_download(self):
        """Button: as JSON. The same as CSV is at the same address with .csv."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/biometric_attendance_service/statement/{self.id}.json",
            "target": "download",
        }

    def action_download_csv(self):
        """Button: as CSV."""
        action = self.action_download()
        return {**action, "url": action["url"].replace(".json", ".csv")}


class BiometricServiceStatementLine(models.Model):
    _name = "biometric.service.statement.line"
    _description = "Lines of statements"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "statement_id, is_correction, month"
    _rec_name = "month"

    statement_id = fields.Many2one(
        "biometric.service.statement", required=True, readonly=True, ondelete="restrict", index=True
    )
    currency_id = fields.Many2one(related="statement_id.currency_id", string="Currency")
    month = fields.Char(required=True, readonly=True)
    is_correction = fields.Boolean(
        "Correction", readonly=True, help="Arrived after this month was closed"
    )
    days = fields.Integer("Days", readonly=True)
    basis = fields.Selection(BASES, "Counted", readonly=True)
    included = fields.Integer("Included a day", readonly=True)
    unit_days = fields.Integer("Days beyond", readonly=True)
    price = fields.Char("Price of a month", readonly=True)
    fee = fields.Monetary("Monthly fee", readonly=True)
    units = fields.Monetary("Beyond", readonly=True)
    billed_before = fields.Monetary("On earlier statements", readonly=True)
    amount = fields.Monetary(readonly=True)
    fee_text = fields.Char("Monthly fee, in words", compute="_compute_words")
    units_text = fields.Char("Beyond, in words", compute="_compute_words")

    @api.depends("days", "basis", "included", "unit_days", "price", "currency_id")
    @api.depends_context("lang")
    def _compute_words(self):
        """What a line charges, as one reads it where its columns have no room."""
        basis = dict(self._fields["basis"]._description_selection(self.env))
        for line in self:
            line.fee_text = self.env._("Monthly fee, days: %s", line.days)
            line.units_text = self.env._(
                "%(what)s, more than %(included)s a day: "
                "%(days)s on all days, at %(price)s a month",
                what=basis.get(line.basis, ""),
                included=line.included,
                days=line.unit_days,
                price=format_amount(self.env, float(line.price or 0), line.currency_id),
            )
