"""Company settings of time accounts: since when overtime may become time off."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..mixins.settings_readers import SETTINGS_READERS


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_cto_from = fields.Date(
        "Time off for overtime from",
        groups=SETTINGS_READERS,
        help="First day whose overtime can become time off if its rule set allows it. Earlier "
        "days are paid as before; empty: all days.",
    )

    def write(self, vals):
        begins = vals.get("biometric_cto_from") and not any(self.mapped("biometric_cto_from"))
        result = super().write(vals)
        if begins:
            self._biometric_offer_time_off()
        if vals.get("biometric_cto_from"):
            for company in self:
                self.env["biometric.cto.accrual"].sudo()._sweep(company, company.biometric_cto_from)
        return result

    @api.constrains("biometric_cto_from")
    def _check_biometric_cto_from(self):
        """A day that was paid is not made time off too by a date that somebody types."""
        for company in self.filtered(lambda one: one.sudo().biometric_cto_from):
            since = company.sudo().biometric_cto_from
            paid = self.env["biometric.cto.accrual"].sudo()._last_paid(company, since)
            if paid:
                raise ValidationError(
                    self.env._(
                        "Overtime until %(day)s was paid with the payroll file %(file)s. "
                        "Start after it, and import earlier balances from a file.",
                        day=format_date(self.env, paid[0]),
                        file=paid[1],
                    )
                )

    def _biometric_offer_time_off(self):
        """The time off types that come along can be chosen from now on."""
        for name in ("leave_type_cto", "leave_type_flex"):
            kind = self.env.ref(f"biometric_attendance.{name}", raise_if_not_found=False)
            if kind:
                kind.sudo().active = True
