"""What a tenant ordered, from which day on, at which price: kept as it was then.

The month is billed by the order of its first billed day. Rows are added, never changed, so that no
later change of a plan, nor its end, moves an old amount.
"""

from datetime import date

from odoo import api, fields, models

from .. import billing
from .biometric_service_plan import BASES


class BiometricServiceOrder(models.Model):
    _name = "biometric.service.order"
    _description = "Orders of plans"
    _order = "valid_from desc, id desc"
    _rec_name = "plan_name"

    tenant_id = fields.Many2one(
        "biometric.service.tenant", required=True, readonly=True, ondelete="restrict", index=True
    )
    valid_from = fields.Date("Valid from", required=True, readonly=True)
    plan_name = fields.Char("Plan", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    basis = fields.Selection(BASES, "Counted", required=True, readonly=True)
    included = fields.Integer(readonly=True)
    # Texts, because a float is not what was agreed.
    price = fields.Char(required=True, readonly=True)
    fee = fields.Char(required=True, readonly=True)
    support_hours = fields.Integer("Support hours a month", readonly=True)
    ordered_by_id = fields.Many2one("res.users", "Sent by", readonly=True, ondelete="set null")

    @api.model
    def _keep(self, tenant, plan, valid_from):
        """The order of `plan` by `tenant` from a date on."""
        terms = plan._terms()
        return self.sudo().create(
            {
                "tenant_id": tenant.id,
                "valid_from": valid_from,
                "plan_name": plan.name,
                "currency_id": plan.currency_id.id,
                "basis": terms.basis,
                "included": terms.included,
                "price": billing.plain(terms.price),
                "fee": billing.plain(terms.fee),
                "support_hours": plan.support_hours,
                "ordered_by_id": self.env.uid,
            }
        )

    @api.model
    def _in_force(self, tenant, day):
        """The order that holds on a date, or none."""
        domain = [("tenant_id", "=", tenant.id), ("valid_from", "<=", day)]
        return self.sudo().search(domain, limit=1)

    def _terms(self):
        self.ensure_one()
        return billing.Terms(
            self.basis,
            self.included,
            billing.Decimal(self.price),
            billing.Decimal(self.fee),
            self.currency_id.decimal_places,
        )

    @api.model
    def _begin(self, tenant):
        """The day from which a further order counts: for the first one the day after the trial, or
        today; else the first of the next month, because a month has one price."""
        today = tenant._today()
        known = self.sudo().search_count([("tenant_id", "=", tenant.id)], limit=1)
        if not known:
            return max(today, fields.Date.add(tenant.trial_until, days=1))
        return date(today.year + today.month // 12, today.month % 12 + 1, 1)
