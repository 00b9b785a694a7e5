"""Hours of support: what a plan holds of them, what the customer granted and the provider used.

Counted from the customer's own grants and trail, so that both sides count the same: an hour of a
grant is used once somebody of the provider looked in it, and belongs to the month the grant began
in, by the customer's date. Going beyond the plan is told before, on the dialog of the grant, and
refused nowhere. Must not know how a grant is made or ended.
"""

from datetime import date, timedelta
from math import ceil

from odoo import api, fields, models

from .biometric_service_tenant import PROVIDER

HOUR = timedelta(hours=1)
# The model of grants, in the addon that every installation has.
GRANTS = "biometric.support"
# Started hours of a grant, counted from its begin, in which the trail holds a look. A look written
# while the grant ended belongs to its last hour: the access was asked for before.
_LOOKED = """
SELECT a.res_id, count(DISTINCT floor(extract(epoch FROM
           LEAST(a.happened_at, COALESCE(g.revoked_at, g.expires_at) - interval '1 second')
           - g.granted_at) / 3600))
  FROM biometric_audit a JOIN biometric_support g ON g.id = a.res_id
 WHERE a.model = 'biometric.support' AND a.action = 'support.look' AND a.res_id IN %s
 GROUP BY a.res_id
"""


class BiometricServiceTenant(models.Model):
    _inherit = "biometric.service.tenant"

    support_included = fields.Integer("Support hours in the plan", compute="_compute_support")
    support_granted = fields.Integer(
        "Granted this month", compute="_compute_support", help="Started hours of support access"
    )
    support_used = fields.Integer(
        "Used this month",
        compute="_compute_support",
        help="Hours of access in which the provider's staff viewed data",
    )
    support_beyond = fields.Integer("Support hours beyond the plan", compute="_compute_support")

    def _compute_support(self):
        hours = self.sudo()._support_hours({one: one._today() for one in self.sudo()})
        for tenant in self:
            included, granted, used = hours[tenant.id]
            tenant.support_included = included or 0
            tenant.support_granted = granted
            tenant.support_used = used
            tenant.support_beyond = 0 if included is None else max(0, used - included)

    def _support_of_month(self, day):
        """Values of a statement: hours included, granted and used in the month of `day` (sudo)."""
        included, granted, used = self._support_hours({self: day})[self.id]
        return {
            "support_included": included or 0,
            "support_granted": granted,
            "support_used": used,
        }

    @api.model
    def _support_hours(self, days):
        """`{tenant id: (included or None, granted, used)}` in hours, of the month in which each
        tenant's date in `days` (`{tenant: date}`, with sudo) lies. None: no plan says anything."""
        tenants = self.browse([one.id for one in days]).sudo()
        months = {one.id: (day.year, day.month) for one, day in days.items()}
        granted, used = dict.fromkeys(months, 0), dict.fromkeys(months, 0)
        included = tenants._support_included(days)
        grants = tenants._support_grants(days.values())
        of = {one.company_id: one for one in tenants if one.company_id}
        looked = self._support_looked(grants)
        for grant in grants:
            tenant = of[grant.company_id]
            begun = tenant._support_date(grant.granted_at)
            if (begun.year, begun.month) != months[tenant.id]:
                continue
            if tenant._is_ours(grant.user_id):
                granted[tenant.id] += _hours(grant)
                used[tenant.id] += looked.get(grant.id, 0)
        return {one: (included[one], granted[one], used[one]) for one in months}

    def _support_grants(self, days):
        """Grants of these tenants that can have begun in the months of some dates, whatever the
        zone: a day more at both ends."""
        grants = self.env[GRANTS].sudo()
        if not days:
            return grants
        latest = max(days)
        after = date(latest.year + latest.month // 12, latest.month % 12 + 1, 1)
        return grants.search(
            [
                ("company_id", "in", self.company_id.ids),
                ("granted_at", ">=", min(days).replace(day=1) - timedelta(days=1)),
                ("granted_at", "<", after + timedelta(days=1)),
            ],
            limit=100_000,
        )

    @api.model
    def _support_looked(self, grants):
        """`{grant id: hours of it in which somebody looked}`."""
        if not grants:
            return {}
        self.env[GRANTS].flush_model()
        self.env.cr.execute(_LOOKED, (tuple(grants.ids),))
        return dict(self.env.cr.fetchall())

    def _support_date(self, instant):
        zone = self.company_id._biometric_zone()
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), instant).date()

    def _is_ours(self, user):
        """Whether a user works for the provider; a customer may let others look as well."""
        self.ensure_one()
        return user.company_id == self.provider_id or user.has_group(PROVIDER)

    def _support_included(self, days):
        """`{tenant id: hours a month}` by the order in force on each one's date, before the first
        one by the plan chosen; None without either."""
        orders = self.env["biometric.service.order"].sudo()
        held = orders.search([("tenant_id", "in", self.ids)], limit=100_000).grouped("tenant_id")
        found = {}
        for tenant in self:
            own = held.get(tenant, orders)
            said = own.filtered(lambda order, one=tenant: order.valid_from <= days[one])[:1]
            said = said or tenant.plan_id
            found[tenant.id] = said.support_hours if said else None
        return found


def _hours(grant):
    """Hours of a grant that began before it ended; at least one."""
    end = min(filter(None, (grant.revoked_at, grant.expires_at)))
    return max(1, ceil((end - grant.granted_at) / HOUR))


class BiometricSupportGrant(models.TransientModel):
    _inherit = "biometric.support.grant"

    support_note = fields.Text("Support in the plan", compute="_compute_support_note")
    support_beyond = fields.Integer("Support beyond the plan", compute="_compute_support_note")

    @api.depends("user_id", "hours")
    @api.depends_context("lang", "company")
    def _compute_support_note(self):
        tenant = self.env["biometric.service.tenant"]._of(self.env.company)
        for dialog in self:
            user = dialog.user_id.sudo()
            said = tenant and user and tenant._is_ours(user) and dialog._words_support(tenant)
            dialog.support_beyond, dialog.support_note = said or (0, False)

    def _words_support(self, tenant):
        """(hours beyond the plan at most, what is told), or None where no plan says anything."""
        included, _granted, used = tenant._support_hours({tenant: tenant._today()})[tenant.id]
        if included is None:
            return None
        most = used + self._unused_hours(tenant) + max(0, self.hours)
        words = {"included": included, "used": used, "most": most, "beyond": most - included}
        if most <= included:
            return 0, self.env._(
                "The plan includes %(included)s hours of support a month. Used: "
                "%(used)s; with this and what is open, %(most)s at most.",
                **words,
            )
        return words["beyond"], self.env._(
            "The plan includes %(included)s hours of support a month. Used: %(used)s; "
            "with this and what is open, %(most)s at most: %(beyond)s beyond the plan. "
            "Nothing is refused, and no statement charges it; agree with %(provider)s "
            "beforehand what further hours cost.",
            provider=tenant.provider_id.name,
            **words,
        )

    @api.model
    def _unused_hours(self, tenant):
        """Hours of open grants to the provider's people in which nobody looked yet."""
        own = [("company_id", "=", tenant.company_id.id), ("revoked_at", "=", False)]
        now = fields.Datetime.now()
        grants = self.env[GRANTS].sudo().search([*own, ("expires_at", ">", now)], limit=1000)
        ours = grants.filtered(lambda grant: tenant._is_ours(grant.user_id))
        looked = tenant._support_looked(ours)
        return sum(
            min(_left(grant, now), _hours(grant) - looked.get(grant.id, 0)) for grant in ours
        )


def _left(grant, now):
    """Hours of an open grant that have not ended yet."""
    return ceil((grant.expires_at - now) / HOUR)
