"""Where the work entries of a contract version come from: the closed pay periods.

Owns that source, and that Odoo makes no working time from the schedule then. Time off stays Odoo's.
"""

from odoo import fields, models
from odoo.tools.intervals import Intervals


class HrVersion(models.Model):
    _inherit = "hr.version"

    work_entry_source = fields.Selection(
        selection_add=[("biometric", "Biometric attendance")],
        ondelete={"biometric": "set default"},
    )

    def _get_attendance_intervals(self, start_dt, end_dt):
        """Nobody's working time is made ahead whose pay periods tell it."""
        found = super()._get_attendance_intervals(start_dt, end_dt)
        for version in self:
            if version.work_entry_source == "biometric":
                found.setdefault(version.employee_id.resource_id.id, Intervals())
        return found
