"""The five steps from signing up to the first payroll: facts tick them, nobody does by hand."""

from typing import NamedTuple

from odoo import api, fields, models


class Step(NamedTuple):
    """name: what is done; how: what to do; action: XML id of the screen where."""

    key: str
    done: bool
    name: str
    how: str
    action: str


class BiometricServiceTenant(models.Model):
    _inherit = "biometric.service.tenant"

    step_agent = fields.Boolean("Agent paired", compute="_compute_steps")
    step_device = fields.Boolean("Terminal approved", compute="_compute_steps")
    step_people = fields.Boolean("People have their PINs", compute="_compute_steps")
    step_day = fields.Boolean("A first day is correct", compute="_compute_steps")
    step_payroll = fields.Boolean("First payroll exported", compute="_compute_steps")
    next_step = fields.Char("Next step", compute="_compute_steps")

    @api.depends_context("lang")
    def _compute_steps(self):
        for tenant in self:
            steps = tenant._steps()
            for step in steps:
                tenant[f"step_{step.key}"] = step.done
            tenant.next_step = next((step.how for step in steps if not step.done), False)

    def _steps(self):
        """[Step] in their order."""
        self.ensure_one()
        _, own = self.env._, [("company_id", "=", self.sudo().company_id.id)]

        def there(model, *domain):
            found = self.env[model].sudo().search_count([*own, *domain], limit=1)
            return bool(self.sudo().company_id and found)

        base = "biometric_attendance."
        return [
            Step(
                "agent",
                there("biometric.agent", ("state", "=", "active")),
                _("Agent paired"),
                _("Pair the agent at your branch and approve it under Fleet › Agents."),
                f"{base}biometric_agent_action",
            ),
            Step(
                "device",
                there("biometric.device", ("state", "=", "active")),
                _("Terminal approved"),
                _("Approve the terminal that reports under Fleet › Terminals."),
                f"{base}biometric_device_action",
            ),
            Step(
                "people",
                there("biometric.device.user", ("employee_id", "!=", False)),
                _("People have their PINs"),
                _("Assign the PINs under To do › PINs and employees."),
                f"{base}biometric_device_user_action",
            ),
            Step(
                "day",
                there("biometric.day", ("is_blocking", "=", False), ("first_in_at", "!=", False)),
                _("A first day is correct"),
                _("Open a day on which someone worked, and correct it where needed."),
                f"{base}biometric_day_action_today",
            ),
            Step(
                "payroll",
                there("biometric.export"),
                _("First payroll exported"),
                _("Close a period and export it under Payroll."),
                f"{base}biometric_period_action",
            ),
        ]

    def action_next_step(self):
        """Button: the screen of the first step that is not done."""
        self.ensure_one()
        self.check_access("read")
        step = next((one for one in self._steps() if not one.done), None)
        return self.env["ir.actions.act_window"]._for_xml_id(step.action) if step else False
