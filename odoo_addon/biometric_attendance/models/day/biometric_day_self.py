"""Days that an act of the employee about themselves touches: shown wherever the day counts.

Whose acts those are and which dates they touch is biometric.duty's answer. Must not know the acts.
"""

from odoo import api
from odoo.tools import SQL


class DaySelfApproved:
    """Of biometric.day: whether its employee decided about it. Mixed into its one class."""

    __slots__ = ()

    @api.depends("employee_id", "date")
    def _compute_self_approved(self):
        days = self.filtered(lambda day: day.employee_id and day.date)
        found = set()
        if days:
            dates = days.mapped("date")
            concerns = self.env["biometric.audit.concern"]
            found = concerns._self_approved_dates(days.employee_id.ids, min(dates), max(dates))
        for day in self:
            day.self_approved = (day.employee_id.id, day.date) in found

    @api.model
    def _search_self_approved(self, operator, value):
        if operator != "in" or len(set(value)) > 1:
            return NotImplemented
        rows = SQL(
            """(SELECT d.id FROM biometric_day d JOIN biometric_audit_concern c
                    ON c.is_self AND c.person_id = d.employee_id
                   AND d.date >= COALESCE(c.date_from, d.date)
                   AND d.date <= COALESCE(c.date_to, d.date))"""
        )
        return [("id", "in" if True in set(value) else "not in", rows)]
