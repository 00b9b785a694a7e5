"""Swaps of shifts on the roster grid: which cells wait for one, and how many there are.

Owns what is marked. What a swap is says biometric.swap; the grid itself is the day room's.
"""

from odoo import api, fields, models

# Swaps read with one page of the grid: more would not be marks any more.
MOST_SWAPS = 500


class BiometricRosterGrid(models.AbstractModel):
    _inherit = "biometric.roster.grid"

    @api.model
    def open_grid(self, first=None, days=7, department=False, search="", offset=0):
        """The same with `"swaps": {"waiting": number, "marks": [[employee id, date, words]]}`: how
        many open swaps of the company the reader sees, and the shown dates that they touch."""
        grid = super().open_grid(first, days, department, search, offset)
        swaps = self.env["biometric.swap"].search(
            [("state", "=", "submitted"), ("company_id", "=", self.env.company.id)],
            limit=MOST_SWAPS,
        )
        shown = {day["date"] for day in grid["days"]}
        people = {person["id"] for person in grid["people"]}
        marks = [
            [employee, fields.Date.to_string(day), swap.change_text]
            for swap in swaps
            for employee, day in swap.sudo()._touched()
            if employee in people and fields.Date.to_string(day) in shown
        ]
        return {**grid, "swaps": {"waiting": len(swaps), "marks": marks}}
