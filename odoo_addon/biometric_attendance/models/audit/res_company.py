"""Company settings of the audit room, and the trace that every change of our settings leaves.

Owns who receives the nightly head. Must not know what other rooms' settings mean.
"""

from odoo import api, fields, models

from ..mixins.settings_readers import SETTINGS_READERS


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_auditors = fields.Char(
        "Auditors",
        groups=SETTINGS_READERS,
        help="E-mail addresses, separated by commas, that receive the head of the audit trail "
        "every night. Anyone who keeps these mails can prove what the trail contained on "
        "that day.",
    )

    biometric_notice = fields.Selection(
        [
            ("everybody", "The person who acted, the employee concerned, and auditors"),
            ("actors", "The person who acted, and auditors"),
            ("nobody", "Auditors only"),
        ],
        "Daily notice to",
        groups=SETTINGS_READERS,
        default="everybody",
        required=True,
        help="Once a day they receive an e-mail with the audit trail entries that name them. "
        "Auditors always get their list.",
    )

    def _biometric_settings(self):
        return {
            # Of a choice its value: its words are the reader's language.
            name: (
                self[name]
                if field.type == "selection"
                else field.convert_to_export(self[name], self)
            )
            or None
            for name, field in self._fields.items()
            if name.startswith("biometric_") and field.store and not field.relational
        }

    @api.model_create_multi
    def create(self, vals_list):
        """A company's trail begins with its settings and the parameters as they are."""
        companies = super().create(vals_list)
        state = self.env["biometric.state"].sudo()
        for company in companies:
            state._born(company, self.env._("as they are when the company is created"))
        return companies

    def write(self, vals):
        if not any(name.startswith("biometric_") for name in vals):
            return super().write(vals)
        before = {company.id: company.sudo()._biometric_settings() for company in self}
        result = super().write(vals)
        for company in self:
            old, new = before[company.id], company.sudo()._biometric_settings()
            changed = [name for name in new if new[name] != old[name]]
            if changed:
                self.env["biometric.audit"].sudo()._record(
                    "settings.change",
                    company,
                    {name: old[name] for name in changed},
                    {name: new[name] for name in changed},
                    company=company,
                )
        return result
