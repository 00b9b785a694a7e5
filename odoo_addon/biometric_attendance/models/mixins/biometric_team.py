"""Whose team a record's employee is of, as record rules ask it: searched in lists, evaluated on
single records, always as it stands now.

Owns both answers, so that they cannot differ. Who is of whose team, hr.employee says.
"""

from odoo import api


class TeamReader:
    """Of models with `employee_id` and `team_user_id`: the reader, where the employee is of the
    reader's team."""

    __slots__ = ()

    @api.depends_context("uid")
    def _compute_team(self):
        team = self.env["hr.employee"]._biometric_team(self.env.user)
        for row in self:
            row.team_user_id = self.env.user if row.sudo().employee_id & team else False

    @api.model
    def _search_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        users = self.env["res.users"].sudo().browse(value)
        return [("employee_id", "in", self.env["hr.employee"]._biometric_team(users).ids)]
