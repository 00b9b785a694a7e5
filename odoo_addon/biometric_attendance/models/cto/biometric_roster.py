"""The roster and its shifts, where time off out of a time account lies on their dates: what the
time off takes follows, in the same transaction.

Owns when that is looked at: once, after all rows of a change are written. What it takes says
leave_roster.py.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from odoo import api, models

# `{(employee id, date)}` that changed inside `_debits_follow`. Not in Odoo's context: that comes
# with every call.
_CHANGED = ContextVar("biometric_roster_changed", default=None)


class BiometricRoster(models.Model):
    _inherit = "biometric.roster"

    @api.model
    @contextmanager
    def _debits_follow(self):
        """Gather the dates that change inside; at the end of the outermost, debits follow once.
        Whoever catches a refusal keeps nothing of the change."""
        if _CHANGED.get() is not None:
            yield
            return
        token = _CHANGED.set(set())
        try:
            with self._all_or_nothing():
                yield
                self.env["hr.leave"]._biometric_follow_roster(_CHANGED.get())
        finally:
            _CHANGED.reset(token)

    def _note_changed(self):
        _CHANGED.get().update((row.employee_id.id, row.date) for row in self.sudo())

    @api.model_create_multi
    def create(self, vals_list):
        with self._debits_follow():
            rows = super().create(vals_list)
            rows._note_changed()
        return rows

    def write(self, vals):
        with self._debits_follow():
            self._note_changed()
            result = super().write(vals)
            self._note_changed()
        return result

    def unlink(self):
        with self._debits_follow():
            self._note_changed()
            return super().unlink()

    @api.model
    def _bring_in_step(self, wishes):
        with self._debits_follow():
            return super()._bring_in_step(wishes)


class BiometricShift(models.Model):
    _inherit = "biometric.shift"

    def write(self, vals):
        """Other hours of a shift are other minutes on every date that has it."""
        if not {"start", "end", "break_start", "break_end", "break_paid"} & set(vals):
            return super().write(vals)
        roster = self.env["biometric.roster"]
        with roster._debits_follow():
            result = super().write(vals)
            roster.sudo().search([("shift_id", "in", self.ids)])._note_changed()
        return result
