"""What is computed is changed by nobody's hand: refused by the model, under sudo as well. What
computes it writes rows in SQL. Must not know what is computed.
"""

from odoo import api


class ComputedAlone:
    """Of models with `_refuse_by_hand`, which raises and says what to correct instead."""

    __slots__ = ()

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_by_hand()
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_by_hand()
        return super().write(vals)

    def unlink(self):
        self._refuse_by_hand()
        return super().unlink()
