"""Whose clock a date and time is shown by: Odoo shows each by the reader's own, and so says every
heading of ours. What shows the place's time is a text that says so itself.

Owns the words alone, for lists, forms, filters, groups and exports alike. Must not know which
fields there are.
"""

from odoo import api, models

from .biometric_cards import Cards


class Base(Cards, models.AbstractModel):
    _inherit = "base"

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        found = super().fields_get(allfields, attributes)
        if self._name.startswith("biometric."):
            for name, told in found.items():
                if self._fields[name].type == "datetime" and told.get("string"):
                    told["string"] = self.env._("%s (your time)", told["string"])
        return found
