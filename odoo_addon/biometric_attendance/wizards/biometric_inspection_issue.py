"""Dialog that gives an inspector access: the link is shown once.

Owns what is asked and shown. The link itself is biometric.inspection.
"""

import base64

from odoo import fields, models

from ..seams.qr import qr_svg


class BiometricInspectionIssue(models.TransientModel):
    _name = "biometric.inspection.issue"
    _inherit = ["biometric.dialog"]
    _description = "Grant access to an inspector"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    name = fields.Char("Inspector", required=True, help="Name and authority.")
    reason = fields.Char("Why", required=True)
    date_from = fields.Date("From", required=True, default=lambda s: s._last_month()[0])
    date_to = fields.Date("To", required=True, default=lambda s: s._last_month()[1])
    hours = fields.Integer("Lasts (hours)", required=True, default=8)
    number = fields.Char(
        size=8, help="4 to 8 digits; tell them verbally. The link alone opens nothing."
    )
    url = fields.Char("Link", readonly=True)
    qr = fields.Binary("QR code", readonly=True, attachment=False)

    def action_issue(self):
        """Make the link and show it, this once."""
        self.ensure_one()
        self.check_access("write")
        _link, token = self.env["biometric.inspection"]._issue(
            self.number,
            self.hours,
            company=self.company_id,
            name=self.name,
            reason=self.reason,
            date_from=self.date_from,
            date_to=self.date_to,
        )
        self.url = f"{self.get_base_url()}/biometric_attendance/inspection/{token}"
        self.qr = base64.b64encode(qr_svg(self.url).encode())
        self.number = False
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "name": self.env._("Inspector access"),
            "view_mode": "form",
            "target": "new",
        }
