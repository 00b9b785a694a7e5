"""Dialog that shows the checks of one device; a clear is ordered from here or not at all."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class BiometricChecklist(models.TransientModel):
    _name = "biometric.checklist"
    _inherit = ["biometric.dialog"]
    _description = "Terminal checks"

    device_id = fields.Many2one("biometric.device", "Terminal", required=True, readonly=True)
    kind = fields.Selection([("why", "Why"), ("clear", "Clear")], required=True, readonly=True)
    summary = fields.Char(readonly=True)
    failed = fields.Boolean("Failed check", readonly=True)
    line_ids = fields.One2many("biometric.checklist.line", "checklist_id", readonly=True)

    @api.model
    def _open(self, device, kind, checks):
        failed = [
            (number, check) for number, check in enumerate(checks, 1) if check.state == "failed"
        ]
        if failed:
            number, first = failed[0]
            where = {"number": number, "detail": first.detail}
            if kind == "why":
                summary = self.env._("Start at step %(number)s: %(detail)s", **where)
            else:
                summary = self.env._("Not now. Step %(number)s: %(detail)s", **where)
        elif kind == "why":
            summary = self.env._("Everything that can be checked from here is in order.")
        else:
            summary = self.env._("No known objection. The agent makes the final check.")
        dialog = self.create(
            {
                "device_id": device.id,
                "kind": kind,
                "failed": bool(failed),
                "summary": summary,
                "line_ids": [
                    (0, 0, {"sequence": number, **check._asdict()})
                    for number, check in enumerate(checks, 1)
                ],
            }
        )
        title = (
            self.env._("Why does nothing arrive?")
            if kind == "why"
            else self.env._("Clear the terminal's punches")
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": dialog.id,
            "name": f"{device.name}: {title}",
            "view_mode": "form",
            "target": "new",
        }

    def action_clear(self):
        """The list is made anew: what was shown may be minutes old."""
        self.ensure_one()
        self.check_access("write")
        device = self.device_id
        device.check_access("write")
        for check in device._clear_checks():
            if check.state == "failed":
                raise UserError(f"{check.name}: {check.detail}")
        command = self.env["biometric.command"]._give(device, "clear_log", {})
        return self.env["biometric.pull"]._open(device, command)


class BiometricChecklistLine(models.TransientModel):
    _name = "biometric.checklist.line"
    _inherit = ["biometric.dialog"]
    _description = "Terminal check"
    _order = "sequence"

    checklist_id = fields.Many2one("biometric.checklist", required=True, ondelete="cascade")
    sequence = fields.Integer()
    name = fields.Char(readonly=True)
    state = fields.Selection(
        [("ok", "In order"), ("failed", "Problem here"), ("unknown", "Unknown")], readonly=True
    )
    detail = fields.Char(readonly=True)
