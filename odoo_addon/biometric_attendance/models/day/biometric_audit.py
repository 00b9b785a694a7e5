"""Entries of the audit trail by computed day: what was done about its person that names its date.

Owns one searched field.
"""

from odoo import api, fields, models
from odoo.fields import Domain


class BiometricAudit(models.Model):
    _inherit = "biometric.audit"

    # For histories: searched, never read.
    day_id = fields.Many2one("biometric.day", search="_search_day_id", store=False)

    @api.model
    def _search_day_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        days = self.env["biometric.day"].browse([one for one in value if one]).exists()
        days.check_access("read")
        return Domain.OR(
            Domain("person_id", "=", day.employee_id.id) & self._about_day(day.date)
            for day in days.sudo()
        )

    @api.model
    def _history_fields(self):
        return super()._history_fields() | {"biometric.day": "day_id"}
