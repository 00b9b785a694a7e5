"""Screens that a plan does not hold are not offered in the menu of who works in that company."""

from odoo import models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Ids of menus of features that the reader's company's plan lacks; of all features while it
        is suspended. Odoo keeps the answer per login until caches are cleared, which a change of
        plan or state does."""
        hidden = super()._load_menus_blacklist()
        tenant = self.env["biometric.service.tenant"]._of(self.env.user.company_id)
        if not tenant.plan_id and tenant.state != "suspended":
            return hidden
        features = self.env["biometric.service.feature"].sudo().search([], limit=100)
        if tenant.state != "suspended":
            features -= tenant.plan_id.feature_ids
        return [*hidden, *features.menu_ids.ids]
