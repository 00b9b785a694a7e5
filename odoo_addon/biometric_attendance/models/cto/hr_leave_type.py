"""Time off types that are taken out of a time account: which account, and its balance beside the
name.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .biometric_cto_account import ACCOUNTS


class HrLeaveType(models.Model):
    _inherit = "hr.leave.type"

    biometric_account = fields.Selection(
        ACCOUNTS,
        "Taken from",
        help="Approval debits the person's time account, refusal and cancellation credit it back.",
    )

    @api.constrains("biometric_account", "requires_allocation", "time_type")
    def _check_biometric_account(self):
        for one in self.filtered("biometric_account"):
            if one.requires_allocation:
                raise ValidationError(
                    self.env._(
                        "%s is taken from a time account: it must not require an "
                        "allocation as well.",
                        one.name,
                    )
                )

    @api.depends("biometric_account")
    @api.depends_context("employee_id", "holiday_status_display_name", "default_date_from")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        employee = self.env["hr.employee"].browse(self.env.context.get("employee_id") or ())
        own = self.filtered("biometric_account")
        if not own or not employee or not self.requested_display_name():
            return result
        account = self.env["biometric.cto.account"].sudo()
        day = fields.Date.to_date(self.env.context.get("default_date_from"))
        for one in own:
            if not employee._biometric_may_see_balance():
                continue
            minutes, _ends = account._alive(employee.sudo(), one.biometric_account, day)
            one.display_name = f"{one.name} ({account._clock(minutes)})"
        return result

    def get_allocation_data(self, employees, target_date=None):
        """The balance in the dashboard and cards of Time Off, in hours."""
        result = super().get_allocation_data(employees, target_date)
        day = fields.Date.to_date(target_date)
        for one in self.filtered("biometric_account"):
            for employee in employees.filtered(lambda who: who._biometric_may_see_balance()):
                result[employee].append(one._biometric_card(employee.sudo(), day))
        return result

    def _biometric_card(self, employee, day):
        minutes, ends = (
            self.env["biometric.cto.account"].sudo()._alive(employee, self.biometric_account, day)
        )
        hours = minutes / 60
        card = dict.fromkeys(
            ("max_leaves", "leaves_taken", "virtual_leaves_taken", "total_virtual_excess"), 0
        )
        card |= {
            "remaining_leaves": hours,
            "virtual_remaining_leaves": hours,
            "max_leaves": hours,
            "closest_allocation_remaining": ends[1] / 60 if ends else 0,
            "closest_allocation_expire": ends[0].strftime("%m/%d/%Y") if ends else False,
            "closest_allocation_duration": False,
            "holds_changes": False,
            "virtual_excess_data": {},
            "request_unit": self.request_unit,
            "icon": self.sudo().icon_id.url,
            "allows_negative": False,
            "max_allowed_negative": 0,
            "employee_company": employee.company_id.id,
        }
        return (self.name, card, self.requires_allocation, self.id)
