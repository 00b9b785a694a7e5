"""Joiners, movers, leavers as the day room sees them: the last shift of a leaver may end on the
date after. Owns that alone; the list and its one click are the registry's."""

from datetime import timedelta

from odoo import models

from ...engine import day_start_wall

DAY = timedelta(days=1)


class BiometricRegistryWork(models.Model):
    _inherit = "biometric.registry.work"

    def _last_day(self):
        """A PIN counts to the end of the last night: a check-out of the morning after is of it."""
        last = super()._last_day()
        return last + DAY if self._works_into(last + DAY) else last

    def _works_into(self, morning):
        """Whether a shift of the date before ends on this one."""
        person, eve = self.employee_id.sudo(), morning - DAY
        plans = self.env["biometric.schedule"].sudo()._plans(person, eve, eve)
        return any(
            shift.day == eve and shift.end > plan.zone.instant(day_start_wall(morning))
            for plan in plans[person.id]
            for shift in plan.shifts
        )
