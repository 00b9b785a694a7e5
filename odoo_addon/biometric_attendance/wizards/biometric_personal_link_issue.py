"""Dialog that gives out a personal link: shown once, as a QR code, or mailed.

Owns what is shown. The link itself is biometric.personal.link.
"""

import base64

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..seams.qr import qr_svg


class BiometricPersonalLinkIssue(models.TransientModel):
    _name = "biometric.personal.link.issue"
    _inherit = ["biometric.dialog"]
    _description = "Issue a personal link"

    employee_id = fields.Many2one("hr.employee.public", required=True)
    number = fields.Char(size=8, help="4 to 8 digits known only to the person; tell them verbally.")
    days = fields.Integer("Lasts (days)", required=True, default=90)
    by_mail = fields.Boolean(
        "Send it by mail", help="To the work address, otherwise the private one."
    )
    url = fields.Char("Link", readonly=True)
    qr = fields.Binary("QR code", readonly=True, attachment=False)

    def action_issue(self):
        """Make the link and show it, this once."""
        self.ensure_one()
        employee = self.env["hr.employee"].browse(self.employee_id.id)
        links = self.env["biometric.personal.link"]
        _link, token = links._issue(employee, self.number, self.days)
        self.url = f"{self.get_base_url()}/biometric_attendance/my/{token}"
        self.qr = base64.b64encode(qr_svg(self.url).encode())
        self.number = False
        if self.by_mail:
            self._mail(employee.sudo())
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "name": self.env._("Personal link"),
            "view_mode": "form",
            "target": "new",
        }

    def _mail(self, employee):
        address = email_normalize(employee.work_email or employee.private_email or "")
        if not address:
            raise UserError(
                self.env._("%s has no e-mail address. Print the QR code.", employee.name)
            )
        speaking = self.with_context(lang=employee.lang or "en_US")
        body = speaking.env["ir.qweb"]._render(
            "biometric_attendance.personal_link_mail", {"name": employee.name, "url": self.url}
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": speaking.env._("Your attendance"),
                "email_to": address,
                "body_html": body,
                "auto_delete": True,
            }
        )
