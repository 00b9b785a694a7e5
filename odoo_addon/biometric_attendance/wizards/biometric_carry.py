"""Dialog that takes in a terminal's USB export and says what came of it."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..seams.binary import raw


class BiometricCarry(models.TransientModel):
    _name = "biometric.carry"
    _inherit = ["biometric.dialog"]
    _description = "Import USB file"

    device_id = fields.Many2one(
        "biometric.device", "Terminal", required=True, domain=[("state", "=", "active")]
    )
    file = fields.Binary(attachment=False)
    file_name = fields.Char("File name")
    run_id = fields.Many2one("biometric.run", readonly=True)
    read_count = fields.Integer(related="run_id.read_count")
    new_count = fields.Integer(related="run_id.new_count")
    duplicate_count = fields.Integer(related="run_id.duplicate_count")
    rejected_count = fields.Integer(related="run_id.rejected_count")
    own_count = fields.Integer("My own, pending", compute="_compute_own_count")
    gap_count = fields.Integer("Gaps closed", compute="_compute_gap_count")

    def _compute_gap_count(self):
        for dialog in self:
            dialog.gap_count = len(dialog.run_id.gap_ids)

    def _own_waiting(self):
        """What of this terminal waits for somebody else, because its own person brought it."""
        return [("reason", "=", "own_carried"), ("device_id", "=", self.device_id.id)]

    def _compute_own_count(self):
        for dialog in self:
            waiting = dialog._own_waiting()
            dialog.own_count = self.env["biometric.quarantine"].search_count(waiting)

    def action_open_own(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_quarantine_action"
        )
        return dict(action, domain=self._own_waiting(), context={})

    def action_open_punches(self):
        self.ensure_one()
        self.check_access("read")
        return self.run_id.action_open_punches()

    def action_open_new(self):
        self.ensure_one()
        self.check_access("read")
        return self.run_id.action_open_new()

    def action_open_known(self):
        self.ensure_one()
        self.check_access("read")
        return self.run_id.action_open_known()

    def action_open_rejects(self):
        self.ensure_one()
        self.check_access("read")
        return self.run_id.action_open_rejects()

    def action_open_gaps(self):
        self.ensure_one()
        self.check_access("read")
        return self.run_id.action_open_gaps()

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        if not self.file:
            raise UserError(self.env._("Choose the file from the USB stick."))
        self.run_id = self.env["biometric.carried"]._store(
            self.device_id, self.file_name or "", raw(self.file)
        )
        # The content is in the sightings now; a copy beside them would only be a second truth.
        self.file = False
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "name": self.env._("Import USB file"),
            "view_mode": "form",
            "target": "new",
        }
