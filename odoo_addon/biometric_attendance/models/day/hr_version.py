"""Contract versions as the day room sees them: a change makes days stale, and whoever is projected
keeps no native overtime rules.

Owns the field that remembers the rules taken away. Which schedule counts is biometric.schedule's.
"""

from datetime import timedelta

from odoo import api, fields, models

from .biometric_stale import ALWAYS_TO


class HrVersion(models.Model):
    _inherit = "hr.version"

    # What of a version decides which schedule, department and employment a date has.
    _day_fields = {
        "date_version",
        "contract_date_start",
        "contract_date_end",
        "resource_calendar_id",
        "department_id",
        "departure_date",
        "active",
        "employee_id",
    }
    biometric_ruleset_id = fields.Many2one(
        "hr.attendance.overtime.ruleset",
        "Overtime rules applied before",
        readonly=True,
        copy=False,
        groups="hr.group_hr_manager",
        help="What applies again when this person's time is no longer recorded by terminals.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        people = {vals["employee_id"] for vals in vals_list if vals.get("employee_id")}
        before = self._lives(people)
        versions = super().create(vals_list)
        versions._mark_lives(before)
        # a new version of somebody we count gets no native overtime rules either
        for version in versions.sudo().filtered(
            lambda one: one.employee_id.biometric_projected and one.ruleset_id
        ):
            version.write({"biometric_ruleset_id": version.ruleset_id.id, "ruleset_id": False})
        return versions

    def write(self, vals):
        if not self._day_fields & set(vals):
            return super().write(vals)
        people = set(self.employee_id.ids) | ({vals.get("employee_id")} - {None, False})
        before = self._lives(people)
        result = super().write(vals)
        self._mark_lives(before)
        return result

    def unlink(self):
        before = self._lives(self.employee_id.ids)
        result = super().unlink()
        self._mark_lives(before)
        return result

    @api.model
    def _lives(self, employee_ids):
        """`{employee_id: [(first date, schedule, department, employed)]}`, ordered by date."""
        employees = self.env["hr.employee"].sudo().browse(sorted(employee_ids))
        return self.env["biometric.schedule"].sudo()._lives(employees) if employees else {}

    @api.model
    def _mark_lives(self, before):
        """Mark the dates that now have another schedule or department, or another answer to
        whether the person is employed."""
        after = self._lives(before)
        for employee_id in before:
            for first, last in _differences(before[employee_id], after[employee_id]):
                self.env["biometric.stale.day"].sudo()._mark_existing([employee_id], first, last)


def _differences(old, new):
    """`(first, last)` of the dates on which two lives say different things."""
    begins = sorted({row[0] for row in (*old, *new)})
    for number, first in enumerate(begins):
        last = begins[number + 1] - timedelta(days=1) if number + 1 < len(begins) else ALWAYS_TO
        if _said(old, first) != _said(new, first):
            yield first, last


def _said(life, day):
    return next((row[1:] for row in reversed(life) if row[0] <= day), None)
