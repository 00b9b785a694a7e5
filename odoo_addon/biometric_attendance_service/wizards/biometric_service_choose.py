"""Dialog: choose a plan, seeing what the last month would have cost and what cannot be added."""

from odoo import api, fields, models
from odoo.tools import format_amount


class BiometricServiceChoose(models.TransientModel):
    _name = "biometric.service.choose"
    _inherit = ["biometric.dialog"]
    _description = "Choose a plan"

    tenant_id = fields.Many2one("biometric.service.tenant", required=True, readonly=True)
    plan_id = fields.Many2one("biometric.service.plan", required=True)
    support_hours = fields.Integer(related="plan_id.support_hours")
    preview = fields.Char("Last month would have cost", compute="_compute_preview")
    not_addable = fields.Text("Limits", compute="_compute_preview")
    begins = fields.Char("Counts", compute="_compute_preview")

    @api.model
    def _is_here(self, record):
        """The provider's staff choose for tenants whose companies they never enter."""
        if record._name == self.env["biometric.service.tenant"]._name:
            return bool((record.company_id | record.provider_id) & self.env.companies)
        return super()._is_here(record)

    @api.depends("tenant_id", "plan_id")
    @api.depends_context("lang")
    def _compute_preview(self):
        for dialog in self:
            plan, tenant = dialog.plan_id, dialog.tenant_id.sudo()
            if not plan or not tenant:
                dialog.update({"preview": False, "not_addable": False, "begins": False})
                continue
            month = self.env["biometric.service.statement"].sudo()._preview(tenant, plan)
            dialog.preview = self.env._(
                "%(amount)s without tax, by what was used in %(month)s",
                amount=format_amount(self.env, float(month.whole), plan.currency_id),
                month=month.month,
            )
            dialog.not_addable = "\n".join(plan._not_addable(*tenant._use())) or False
            dialog.begins = dialog._words_begin(tenant)

    def _words_begin(self, tenant):
        begin = self.env["biometric.service.order"]._begin(tenant)
        return self.env._(
            "The limits apply immediately, the price from %s on.", fields.Date.to_string(begin)
        )

    def action_order(self):
        self.ensure_one()
        self.check_access("write")
        self.tenant_id._order_plan(self.plan_id)
        return {"type": "ir.actions.act_window_close"}
