"""What a plan and a state stop: a further terminal, and a PIN for a further person. Nothing else.

What the terminal records meanwhile, and what that person punches, is stored and waits.
"""

from odoo import api, models
from odoo.exceptions import UserError


class BiometricDevice(models.Model):
    _inherit = "biometric.device"

    def action_approve(self):
        self.check_access("write")
        for company, devices in self.grouped("company_id").items():
            tenant = self.env["biometric.service.tenant"]._of(company)
            further = devices.filtered(lambda device: device.state != "active")
            if tenant.state == "suspended" and further:
                raise UserError(
                    self.env._(
                        "%s is suspended: no further terminal until it is paid or a plan "
                        "is ordered. What this terminal records is kept while it waits "
                        "for approval.",
                        company.name,
                    )
                )
        return super().action_approve()


class BiometricDeviceUser(models.Model):
    _inherit = "biometric.device.user"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            device = self.env["biometric.device"].browse(vals.get("device_id"))
            self._check_room(device.sudo().company_id, vals.get("employee_id"))
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("employee_id"):
            for company in self.sudo().company_id:
                self._check_room(company, vals["employee_id"])
        return super().write(vals)

    @api.model
    def _check_room(self, company, employee_id):
        """UserError where a PIN would be a further person's and the plan holds no more."""
        limit = self.env["biometric.service.tenant"]._of(company).plan_id.employee_limit
        if not limit or not employee_id:
            return
        own = [("company_id", "=", company.id), ("employee_id", "!=", False)]
        held = self.sudo()._read_group(own, ["employee_id"])
        people = {person.id for (person,) in held}
        if employee_id in people or len(people) < limit:
            return
        raise UserError(
            self.env._(
                "The plan of %(company)s includes %(limit)s people, %(have)s have a PIN. "
                "The punches of this PIN are kept and count once it is mapped.",
                company=company.name,
                limit=limit,
                have=len(people),
            )
        )
