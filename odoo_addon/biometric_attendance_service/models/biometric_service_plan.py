"""Plans as data: what a month costs, and how much may be added.

A plan limits what is added and which screens are offered, never what is kept: how long records stay
is the customer's law and choice. What somebody ordered is kept apart (biometric.service.order), so
a plan may change or go. Must not know tenants or states.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount

from .. import billing

# What is counted, of a plan and of whatever is kept of it.
BASES = [("devices", "Terminals that recorded"), ("employees", "People who punched")]
NEVER_NEGATIVE = (
    "fee",
    "price",
    "included",
    "device_limit",
    "employee_limit",
    "support_hours",
    "trial_days",
)


class BiometricServicePlan(models.Model):
    _name = "biometric.service.plan"
    _description = "Plans"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    basis = fields.Selection(
        BASES,
        "Counted",
        required=True,
        default="devices",
        help="Counted day by day from the punches, by the terminal's own date.",
    )
    fee = fields.Float("Per month", digits=(16, 6), help="For the whole company")
    included = fields.Integer(help="Daily number included in the monthly fee")
    price = fields.Float(
        "Each further one, per month",
        digits=(16, 6),
        help="A day beyond the included number costs its share of the month.",
    )
    device_limit = fields.Integer(
        "Terminals at most", help="0: no limit. No further one is approved; existing ones continue."
    )
    employee_limit = fields.Integer(
        "People at most",
        help="0: no limit. No further person gets a PIN; their punches are kept.",
    )
    support_hours = fields.Integer(
        "Support hours a month",
        help="Hours of support access, as granted by the customer, included in the fee; 0: "
        "none. Further hours are announced beforehand and never refused.",
    )
    feature_ids = fields.Many2many("biometric.service.feature", string="Screens")
    trial_days = fields.Integer("Days of trial", default=30)
    is_offered = fields.Boolean("Offered at sign-up", default=True)

    @api.constrains(*NEVER_NEGATIVE)
    def _check_not_negative(self):
        for plan in self:
            for name in NEVER_NEGATIVE:
                if plan[name] < 0:
                    label = plan._fields[name]._description_string(self.env)
                    raise ValidationError(self.env._("“%s” cannot be negative.", label))

    def write(self, vals):
        if "feature_ids" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def _terms(self):
        """billing.Terms of one plan as it stands."""
        self.ensure_one()
        return billing.Terms(
            self.basis,
            self.included,
            billing.from_float(self.price),
            billing.from_float(self.fee),
            self.currency_id.decimal_places,
        )

    def _offer(self):
        """One line for whoever signs up: what a month costs, and what is in it."""
        self.ensure_one()
        words = {
            "name": self.name,
            "fee": format_amount(self.env, self.fee, self.currency_id),
            "included": self.included,
            "price": format_amount(self.env, self.price, self.currency_id),
        }
        units = {"devices": self.env._("terminals"), "employees": self.env._("people")}
        words["units"] = units[self.basis]
        if not self.price:
            return self.env._("%(name)s: %(fee)s a month, %(units)s: %(included)s", **words)
        return self.env._(
            "%(name)s: %(fee)s a month, %(units)s a day: %(included)s, each further %(price)s",
            **words,
        )

    def _not_addable(self, devices, people):
        """Sentences about what cannot be added while a company has so many active devices and
        people with a PIN; none where there is room."""
        self.ensure_one()
        said = []
        if self.device_limit and devices >= self.device_limit:
            said.append(
                self.env._(
                    "%(have)s terminals are active, %(plan)s includes %(limit)s: all "
                    "continue to work, but none can be added.",
                    have=devices,
                    plan=self.name,
                    limit=self.device_limit,
                )
            )
        if self.employee_limit and people >= self.employee_limit:
            said.append(
                self.env._(
                    "%(have)s people have a PIN, %(plan)s includes %(limit)s: all "
                    "continue to work, but nobody can be added.",
                    have=people,
                    plan=self.name,
                    limit=self.employee_limit,
                )
            )
        return said
