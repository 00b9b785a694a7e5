"""Dialog that writes people to terminals: shows each difference first, then orders."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.registry.biometric_registry_push import Push

# So many reasons an error shows.
REASONS = 10


class BiometricUserPush(models.TransientModel):
    _name = "biometric.user.push"
    _inherit = ["biometric.dialog"]
    _description = "Write people to terminals"

    line_ids = fields.One2many("biometric.user.push.line", "push_id")

    @api.model
    def _open(self, pairs, left=()):
        """pairs: [(device, employee)] to be created or renamed; left: device users to be switched
        off."""
        lines = [{"device_id": device.id, "employee_id": person.id} for device, person in pairs]
        lines += [
            {
                "device_id": user.device_id.id,
                "employee_id": user.employee_id.id,
                "user_id": user.id,
                "wish": "disable",
            }
            for user in left
        ]
        dialog = self.create({"line_ids": [(0, 0, line) for line in lines]})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": dialog.id,
            "name": self.env._("Write people to terminals"),
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        commands = self.env["biometric.command"]
        for line in self.line_ids:
            plan = line._plan()
            if plan.problem or plan.action == "none":
                continue
            commands |= self.env["biometric.device.user"]._push(
                line.device_id, line.employee_id, plan
            )
        if not commands:
            raise UserError(self._why_nothing())
        return self.env["biometric.pull"]._open(commands.sudo().device_id[:1], commands)

    def _why_nothing(self):
        """One line a person and terminal that is not written."""
        _ = self.env._
        if not self.line_ids:
            return _("There is nothing to write: nobody was selected.")
        why = [
            f"{line.employee_id.name or line.user_id.pin or ''}, {line.device_id.name}: "
            + (line.problem or _("it is present as it should be"))
            for line in self.line_ids
        ]
        more = [f"+{len(why) - REASONS}"] if len(why) > REASONS else []
        return "\n".join([_("There is nothing to write."), *why[:REASONS], *more])


class BiometricUserPushLine(models.TransientModel):
    _name = "biometric.user.push.line"
    _inherit = ["biometric.dialog"]
    _description = "Person to be written to a terminal"

    push_id = fields.Many2one("biometric.user.push", required=True, ondelete="cascade")
    device_id = fields.Many2one("biometric.device", "Terminal", required=True)
    employee_id = fields.Many2one("hr.employee")
    user_id = fields.Many2one("biometric.device.user", help="Who is switched off")
    wish = fields.Selection(
        [("write", "Be registered"), ("disable", "Switch off")],
        "Expected",
        default="write",
        required=True,
    )
    wanted_pin = fields.Char("Other PIN")
    pin = fields.Char("PIN", compute="_compute_plan")
    action = fields.Selection(
        [
            ("create", "Create"),
            ("rename", "Rename"),
            ("enable", "Switch on"),
            ("disable", "Switch off"),
            ("none", "Nothing to do"),
        ],
        compute="_compute_plan",
    )
    before = fields.Char("Now there", compute="_compute_plan")
    after = fields.Char("Afterwards", compute="_compute_plan")
    problem = fields.Char("Reason why it was not done", compute="_compute_plan")

    def _plan(self):
        self.ensure_one()
        users = self.env["biometric.device.user"]
        if not self.device_id or not (self.employee_id or self.user_id):
            return Push("", "none", "", "", "")
        if self.wish == "disable":
            user = self.user_id or self._user_of_person()
            if not user:
                return Push("", "none", "", "", self.env._("Not known on this terminal"))
            return user._disable_plan()
        if not self.employee_id:
            return Push(self.user_id.pin, "none", "", "", self.env._("Select the person first"))
        return users._push_plan(self.device_id, self.employee_id, self.wanted_pin)

    def _user_of_person(self):
        return self.env["biometric.device.user"].search(
            [
                ("device_id", "=", self.device_id.id),
                ("employee_id", "=", self.employee_id.id),
                ("sync_state", "=", "on_device"),
            ],
            order="id desc",
            limit=1,
        )

    @api.depends("device_id", "employee_id", "user_id", "wish", "wanted_pin")
    def _compute_plan(self):
        for line in self:
            for name, value in line._plan()._asdict().items():
                line[name] = value
