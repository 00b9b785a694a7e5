"""Dialog that writes people to terminals: shows each difference first, then orders."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.biometric_registry import Push


class BiometricUserPush(models.TransientModel):
    _name = "biometric.user.push"
    _description = "Write people to terminals"

    line_ids = fields.One2many("biometric.user.push.line", "push_id")

    @api.model
    def _open(self, pairs):
        """pairs: [(device, employee)]."""
        dialog = self.create(
            {
                "line_ids": [
                    (0, 0, {"device_id": device.id, "employee_id": employee.id})
                    for device, employee in pairs
                ]
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": dialog.id,
            "name": self.env._("Write people to terminals"),
            "view_mode": "form",
            "target": "new",
        }

    def action_confirm(self):
        self.ensure_one()
        commands = self.env["biometric.command"]
        for line in self.line_ids:
            plan = line._plan()
            if plan.problem or plan.action == "none":
                continue
            commands |= self.env["biometric.device.user"]._push(
                line.device_id, line.employee_id, plan
            )
        if not commands:
            raise UserError(self.env._("There is nothing to write."))
        return self.env["biometric.pull"]._open(commands.sudo().device_id[:1], commands)


class BiometricUserPushLine(models.TransientModel):
    _name = "biometric.user.push.line"
    _description = "Person to be written to a terminal"

    push_id = fields.Many2one("biometric.user.push", required=True, ondelete="cascade")
    device_id = fields.Many2one("biometric.device", required=True)
    employee_id = fields.Many2one("hr.employee", required=True)
    wanted_pin = fields.Char("PIN")
    pin = fields.Char("PIN there", compute="_compute_plan")
    action = fields.Selection(
        [("create", "Create"), ("rename", "Rename"), ("none", "Nothing to do")],
        compute="_compute_plan",
    )
    before = fields.Char("Now on the terminal", compute="_compute_plan")
    after = fields.Char("Then", compute="_compute_plan")
    problem = fields.Char("Not done because", compute="_compute_plan")

    def _plan(self):
        self.ensure_one()
        if not self.device_id or not self.employee_id:
            return Push("", "none", "", "", "")
        return self.env["biometric.device.user"]._push_plan(
            self.device_id, self.employee_id, self.wanted_pin
        )

    @api.depends("device_id", "employee_id", "wanted_pin")
    def _compute_plan(self):
        for line in self:
            for name, value in line._plan()._asdict().items():
                line[name] = value
