"""Posting a payroll file as a sentence of the audit trail. Owns words alone."""

from odoo import api, models


class BiometricAudit(models.Model):
    _inherit = "biometric.audit"

    @api.model
    def _act_words(self):
        _ = self.env._
        return {
            **super()._act_words(),
            "work_entries.post": _("%(who)s posted a payroll file as work entries: %(what)s"),
        }

    def _label(self, field, name, says_clock):
        if self.action == "work_entries.post":
            known = {"entries": self.env._("Work entries"), "left": self.env._("Not posted")}
            return known.get(name) or super()._label(field, name, says_clock)
        return super()._label(field, name, says_clock)
