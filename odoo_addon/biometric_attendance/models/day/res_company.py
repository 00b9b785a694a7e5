"""Company settings of days: whether Odoo's attendances show them; and its zone, by which its public
holidays are dates."""

from odoo import fields, models

from ..mixins.settings_readers import SETTINGS_READERS


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_projection = fields.Boolean(
        "Show biometric days in Attendances",
        default=True,
        groups=SETTINGS_READERS,
        help="Sessions from terminals appear as read-only attendances in Odoo's own screens.",
    )

    def _biometric_mark_holidays(self):
        """The zone of these companies is another one: so are the dates of their public holidays."""
        own = [("resource_id", "=", False), ("company_id", "in", self.ids)]
        if holidays := self.env["resource.calendar.leaves"].sudo().search(own):
            holidays._mark_days_stale()

    def write(self, vals):
        switched = self.filtered(
            lambda company: (
                "biometric_projection" in vals
                and company.sudo().biometric_projection != bool(vals["biometric_projection"])
            )
        )
        result = self.env["resource.calendar"]._marking_holidays(
            self if {"partner_id", "resource_calendar_id"} & set(vals) else self.browse(),
            lambda: super(ResCompany, self).write(vals),
        )
        if switched and not vals["biometric_projection"]:
            for company in switched:
                self.env["biometric.projection"]._withdraw(company)
        return result
