"""Logins as the day room sees them: the clock somebody reads by on screen is not where they work.

Owns that one distinction. Which zone a day goes by is biometric.schedule's.
"""

from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _get_employee_fields_to_sync(self):
        """Odoo gives the time zone of anybody's own preferences to their employee, where it says
        by which clock days without a working schedule go, paid ones too. Of whoever is recorded by
        terminals it stays what HR entered there."""
        names = super()._get_employee_fields_to_sync()
        mapped = [("employee_id.user_id", "in", self.ids)]
        if "tz" in names and self.env["biometric.device.user"].sudo().search_count(mapped, limit=1):
            return [name for name in names if name != "tz"]
        return names
