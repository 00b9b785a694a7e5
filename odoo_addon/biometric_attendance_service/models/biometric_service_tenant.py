"""A tenant: one company that buys attendance, its plan, and the facts that decide its state.

The state is never chosen: it follows from dates (life.py) and is moved by the hourly job or by the
act that changed a date. Owns the facts, the acts and who may do them. Must not know mails, money,
or how a company is deleted.
"""

import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .. import life

PROVIDER = "biometric_attendance_service.group_provider"
OWNER = "biometric_attendance.group_administrator"
JOB = "service_life"
# What no plan and no state takes away, told to whoever reads the screen.
STATE_WORDS = [
    ("trial", "Trial"),
    ("active", "Active"),
    ("past_due", "Past due"),
    ("suspended", "Suspended"),
    ("closing", "Closing"),
    ("deleted", "Deleted"),
]


class BiometricServiceTenant(models.Model):
    _name = "biometric.service.tenant"
    _description = "Tenants"
    _order = "name, id"

    name = fields.Char(required=True, readonly=True)
    # Empty once the company is deleted: what remains is the provider's own record of it.
    company_id = fields.Many2one("res.company", readonly=True, ondelete="restrict")
    provider_id = fields.Many2one(
        "res.company",
        "Provider",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
        help="The company that writes the invoices",
    )
    partner_id = fields.Many2one(
        "res.partner", "Invoices to", required=True, readonly=True, ondelete="restrict"
    )
    owner_id = fields.Many2one(
        "res.users", readonly=True, ondelete="set null", help="Signed up by; informed by e-mail"
    )
    plan_id = fields.Many2one("biometric.service.plan", readonly=True, ondelete="set null")
    state = fields.Selection(
        STATE_WORDS,
        required=True,
        readonly=True,
        default="trial",
        index=True,
        # Columns of the board in the order of a tenant's life, those without one as well.
        group_expand=True,
    )
    state_since = fields.Date("Since", required=True, readonly=True)
    signed_up_on = fields.Date("Signed up", required=True, readonly=True)
    trial_until = fields.Date("Trial until", required=True, readonly=True)
    ordered_on = fields.Date("Ordered", readonly=True)
    # Averaged over the tenants of a month: how many of a hundred trials became customers.
    ordered_share = fields.Float(
        "Ordered, in %", compute="_compute_ordered_share", store=True, aggregator="avg"
    )
    unpaid_since = fields.Date(
        "Unpaid since", readonly=True, help="Due date of the oldest invoice that is not paid"
    )
    grace_days = fields.Integer(
        "Days of grace", default=14, help="From the due date of an invoice until suspension"
    )
    leaving_on = fields.Date("Leaving since", readonly=True)
    deleted_on = fields.Date("Deleted", readonly=True)
    next_on = fields.Date("Until", compute="_compute_next_on", help="What ends this state")
    order_ids = fields.One2many("biometric.service.order", "tenant_id", "Orders")
    status_token = fields.Char(
        "Token of the status page",
        readonly=True,
        copy=False,
        groups=PROVIDER,
        default=lambda _self: secrets.token_urlsafe(24),
    )

    _one_company = models.UniqueIndex("(company_id) WHERE company_id IS NOT NULL")
    _one_status = models.UniqueIndex("(status_token)")

    @api.depends("state", "trial_until", "unpaid_since", "grace_days")
    def _compute_next_on(self):
        for tenant in self:
            tenant.next_on = life.next_date(tenant._facts(), tenant.state)

    @api.depends("ordered_on")
    def _compute_ordered_share(self):
        for tenant in self:
            tenant.ordered_share = 100.0 if tenant.ordered_on else 0.0

    def _facts(self):
        self.ensure_one()
        return life.Facts(
            self.trial_until,
            self.ordered_on or None,
            self.unpaid_since or None,
            self.grace_days,
            self.leaving_on or None,
            self.deleted_on or None,
        )

    @api.constrains("grace_days")
    def _check_grace(self):
        if any(tenant.grace_days < 0 for tenant in self):
            raise ValidationError(self.env._("The days of grace cannot be negative."))

    def write(self, vals):
        """A reader of the form writes the days of grace; whatever else a state follows from, the
        acts write, so that no call from outside makes one leave, paid or another's customer."""
        if not self.env.su and (others := vals.keys() - {"grace_days"}):
            names = ", ".join(sorted(others))
            raise AccessError(
                self.env._("%s can only be changed by the actions of a tenant.", names)
            )
        if vals.keys() & {"plan_id", "state"}:
            # Which menus are offered follows from both
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_refused(self):
        raise UserError(
            self.env._("A tenant leaves through its own steps and cannot be deleted here.")
        )

    # ------------------------------------------------------------------ who may

    @api.model
    def _check_provider(self):
        if not self.env.su and not self.env.user.has_group(PROVIDER):
            raise AccessError(self.env._("Only the provider's staff can do this."))

    def _check_may_decide(self):
        """The provider's staff, or a biometric administrator of the tenant's own company."""
        self.check_access("read")
        user = self.env.user
        for tenant in self.sudo():
            own = user.has_group(OWNER) and tenant.company_id in user.company_ids
            if not (self.env.su or own or user.has_group(PROVIDER)):
                raise AccessError(
                    self.env._("Administrators of %s and the provider decide this.", tenant.name)
                )

    @api.model
    def _of(self, company):
        """The tenant (sudo) of a company, or none: then nothing is limited."""
        return self.sudo().search([("company_id", "=", company.id)], limit=1)

    # ------------------------------------------------------------------ dates move states

    def _today(self):
        """The date at the tenant's place; at the provider's once the company is gone."""
        self.ensure_one()
        return (self.company_id or self.provider_id)._biometric_today()

    @api.model
    def _cron_life(self):
        """Hourly: bring every tenant to the state that the dates say; mail what is due."""
        aside = self.env["biometric.job"]._aside(JOB, self._name)
        aside.round(self.search([("state", "!=", "deleted")]), lambda one: one._go_on())

    def _go_on(self, reason=None):
        """One tenant: read what is unpaid, move the state, say what is due."""
        self.ensure_one()
        tenant = self.sudo()
        unpaid = tenant._oldest_due()
        if unpaid != tenant.unpaid_since:
            tenant.unpaid_since = unpaid
        state = life.state_on(tenant._facts(), tenant._today())
        if state != tenant.state:
            tenant._move(state, reason)
        tenant._apply_limits()
        tenant._say_what_is_due()

    def _oldest_due(self):
        """Due date of the oldest invoice not paid, or False. Without invoices nothing is due."""
        return False

    def _move(self, state, reason=None):
        before = {"state": self.state, "since": str(self.state_since)}
        self.write({"state": state, "state_since": self._today()})
        after = {
            "state": state,
            "since": str(self.state_since),
            "next": str(self.next_on or ""),
        }
        self._note("state", before, after, reason)
        self._mail_state()

    def _note(self, step, before, after, reason=None):
        """One entry in the tenant's own trail, where its people read it; in the provider's once
        the company is gone."""
        company = self.company_id or self.provider_id
        self.env["biometric.audit"].sudo()._record(
            f"service.{step}", self, before, after, reason, company=company
        )

    # ------------------------------------------------------------------ what a plan limits

    def _apply_limits(self):
        """Hand the company the limits of its plan. Without a plan there are none."""
        self.ensure_one()
        if self.company_id:
            limit = self.plan_id.device_limit
            if self.company_id.biometric_device_limit != limit:
                self.company_id.biometric_device_limit = limit

    def _use(self):
        """`(active devices, people with a PIN)` of the tenant."""
        self.ensure_one()
        own = [("company_id", "=", self.company_id.id)]
        devices = self.env["biometric.device"].sudo()
        people = self.env["biometric.device.user"].sudo()
        groups = people._read_group([*own, ("employee_id", "!=", False)], ["employee_id"])
        return devices.search_count([*own, ("state", "=", "active")]), len(groups)

    # ------------------------------------------------------------------ acts

    def _order_plan(self, plan, reason=None):
        """Order a plan. Limits change at once; the price with the next month, the first time with
        the day after the trial."""
        self.ensure_one()
        self._check_may_decide()
        tenant = self.sudo()
        if tenant.state in ("closing", "deleted"):
            raise UserError(self.env._("%s is leaving; withdraw the departure first.", tenant.name))
        tenant._check_currency(plan)
        orders = self.env["biometric.service.order"]
        today = tenant._today()
        valid_from = orders._begin(tenant)
        before = {"plan": tenant.plan_id.name or None}
        orders.with_user(self.env.user)._keep(tenant, plan, valid_from)
        tenant.write({"plan_id": plan.id, "ordered_on": tenant.ordered_on or today})
        after = {"plan": plan.name, "from": str(valid_from)}
        tenant._note("order", before, after, reason)
        tenant._go_on()

    def _check_currency(self, plan):
        """One currency a tenant: what is late for an old month is a line of a later statement."""
        billed = self.order_ids.currency_id[:1]
        if billed and plan.currency_id != billed:
            raise UserError(
                self.env._(
                    "%(tenant)s is billed in %(billed)s, and %(plan)s is a plan in %(other)s: "
                    "choose one in %(billed)s.",
                    tenant=self.name,
                    billed=billed.name,
                    plan=plan.name,
                    other=plan.currency_id.name,
                )
            )

    def action_leave(self):
        """Button: the customer leaves. Everything goes on until its owner stops the agents."""
        self.ensure_one()
        self._check_may_decide()
        tenant = self.sudo()
        if tenant.leaving_on:
            raise UserError(self.env._("%s is already leaving.", tenant.name))
        tenant.leaving_on = tenant._today()
        tenant._note("leave", None, {"on": str(tenant.leaving_on)})
        tenant._go_on()

    def action_stay(self):
        """Button: the customer changed their mind. Agents that were told “gone” are known again."""
        self.ensure_one()
        self._check_may_decide()
        tenant = self.sudo()
        if not tenant.leaving_on or tenant.deleted_on:
            raise UserError(self.env._("%s is not leaving.", tenant.name))
        self.env["biometric.service.gone"].sudo()._take_back(tenant)
        self.env["biometric.service.deletion"].sudo()._withdraw(tenant)
        tenant.leaving_on = False
        tenant._note("stay", None, {"on": str(tenant._today())})
        tenant._go_on()

    def action_order(self):
        """Button: the dialog with plans and what the last month would cost."""
        self.ensure_one()
        self._check_may_decide()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Choose a plan"),
            "res_model": "biometric.service.choose",
            "view_mode": "form",
            "target": "new",
            "context": {"default_tenant_id": self.id, "default_plan_id": self.sudo().plan_id.id},
        }

    @api.model
    def action_own(self):
        """Menu: the reader's own company's plan."""
        self.check_access("read")
        tenant = self._of(self.env.company).sudo(False)
        if not tenant:
            raise UserError(
                self.env._("%s has no plan; nothing is limited.", self.env.company.name)
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Our plan"),
            "res_model": self._name,
            "res_id": tenant.id,
            "view_mode": "form",
            "views": [[self.env.ref("biometric_attendance_service.tenant_view_own").id, "form"]],
        }
