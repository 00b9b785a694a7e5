"""Mixin of what days are computed from: a change marks the days before and after it.

Which days, each model says; they are marked through the one door, biometric.stale.day.
"""

from odoo import api, models


class BiometricDaySource(models.AbstractModel):
    """Mixin: marks days before and after a change, so that both the old and the new span count."""

    _name = "biometric.day.source"
    _description = "Changes trigger a recomputation"

    # None: any field.
    _day_fields = None

    def _mark_days_stale(self):
        raise NotImplementedError

    def _touches_days(self, vals):
        return self._day_fields is None or bool(set(vals) & set(self._day_fields))

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.sudo()._mark_days_stale()
        return records

    def write(self, vals):
        touched = self._touches_days(vals)
        if touched:
            self.sudo()._mark_days_stale()
        result = super().write(vals)
        if touched:
            self.sudo()._mark_days_stale()
        return result

    def unlink(self):
        self.sudo()._mark_days_stale()
        return super().unlink()
