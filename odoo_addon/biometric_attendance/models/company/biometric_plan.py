"""What a plan limits: how many devices a company may approve. Nothing else, ever.

Capture, delivery, quarantine, computing and every export go on whatever the plan says (promise
I10): the only door it has is the button that approves a further device.
"""

from odoo import models
from odoo.exceptions import UserError


class BiometricDevice(models.Model):
    _inherit = "biometric.device"

    def action_approve(self):
        self.check_access("write")
        for company, devices in self.grouped("company_id").items():
            limit = company.sudo().biometric_device_limit
            wanted = devices.filtered(lambda device: device.state != "active")
            if not limit or not wanted:
                continue
            active = self.sudo().search_count(
                [("company_id", "=", company.id), ("state", "=", "active")]
            )
            if active + len(wanted) > limit:
                raise UserError(
                    self.env._(
                        "The plan of %(company)s includes %(limit)s terminals, "
                        "%(active)s are active. What this terminal records is kept while "
                        "it waits for approval.",
                        company=company.name,
                        limit=limit,
                        active=active,
                    )
                )
        return super().action_approve()
