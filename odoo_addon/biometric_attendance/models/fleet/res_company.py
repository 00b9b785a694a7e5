"""Company settings of the fleet: when payroll closes, when statements go out and for what."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine import payroll_calendar
from ..mixins.settings_readers import SETTINGS_READERS

MAX_DAYS_BEFORE = 14


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_payroll_days = fields.Char(
        "Payroll closing days",
        groups=SETTINGS_READERS,
        help="Days of the month, separated by commas: 15, 31. 31 is the end of every month. "
        "Empty: no statement before payroll, only the weekly one.",
    )
    biometric_statement_days_before = fields.Integer(
        "Statement days before payroll", default=2, groups=SETTINGS_READERS
    )
    biometric_statement_weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        "Weekly statement on",
        default="0",
        required=True,
        groups=SETTINGS_READERS,
    )
    biometric_statement_hour = fields.Integer(
        "At (hour)",
        default=7,
        groups=SETTINGS_READERS,
        help="0 to 23, in the time zone of the company's address",
    )
    biometric_statement_early_for = fields.Date(
        "Preliminary statement sent for", readonly=True, copy=False, groups=SETTINGS_READERS
    )
    biometric_statement_final_for = fields.Date(
        "Final statement sent for", readonly=True, copy=False, groups=SETTINGS_READERS
    )

    @api.constrains("biometric_statement_hour")
    def _check_biometric_statement_hour(self):
        if any(not 0 <= company.biometric_statement_hour <= 23 for company in self.sudo()):
            raise ValidationError(self.env._("An hour of the day is from 0 to 23."))

    @api.constrains("biometric_payroll_days", "biometric_statement_days_before")
    def _check_biometric_payroll_days(self):
        for company in self.sudo():
            try:
                payroll_calendar.parse(company.biometric_payroll_days)
            except ValueError as error:
                raise ValidationError(
                    self.env._("“%s” are not days of a month.", company.biometric_payroll_days)
                ) from error
            if not 0 <= company.biometric_statement_days_before <= MAX_DAYS_BEFORE:
                raise ValidationError(self.env._("0 to %s days before.", MAX_DAYS_BEFORE))
