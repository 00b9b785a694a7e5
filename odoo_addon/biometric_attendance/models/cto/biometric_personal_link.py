"""Time accounts behind a personal link: what stands on them, for people without a login. Owns that
part of the page alone."""

from odoo import models


class BiometricPersonalLink(models.Model):
    _inherit = "biometric.personal.link"

    def _left(self):
        """Besides leave that is left, the balance of each time account as *My time* shows it."""
        accounts = self.env["biometric.cto.account"]
        kinds = dict(accounts._fields["kind"]._description_selection(self.env))
        told = super()._left()
        for one in accounts._visible(self.employee_id):
            name = kinds[one.kind]
            if one.company_id != self.company_id:
                name = f"{name} ({one.company_id.name})"
            told.append({"name": name, "left": accounts._clock(one.balance_minutes)})
        return told
