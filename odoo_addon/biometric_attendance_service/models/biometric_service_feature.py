"""What a plan may hold of the screens: a feature is a name and the menus that open it.

A menu that is not in a plan is not shown; what stands behind it is neither changed nor removed, and
no right is taken: records, exports and payroll are no feature. Odoo keeps which menus a login is
offered until caches are cleared, which every change here does. Must not know plans or tenants.
"""

from odoo import api, fields, models


class BiometricServiceFeature(models.Model):
    _name = "biometric.service.feature"
    _description = "Features of plans"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    menu_ids = fields.Many2many("ir.ui.menu", string="Menus", required=True)

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
