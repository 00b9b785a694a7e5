"""Words for the acts of this addon in the daily notice."""

from odoo import api, models


class BiometricNotice(models.AbstractModel):
    _inherit = "biometric.notice"

    @api.model
    def _about_words(self):
        return {**super()._about_words(), "service": self.env._("The company's plan")}

    @api.model
    def _step_words(self):
        _ = self.env._
        return {
            **super()._step_words(),
            "state": _("state changed"),
            "order": _("plan ordered"),
            "leave": _("leaving"),
            "stay": _("staying after all"),
            "stop": _("agents stopped for leaving"),
            "delete": _("company deleted"),
        }
