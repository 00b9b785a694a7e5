"""Columns of the lists of people and terminals that do not go together. Of SQL views.

Must not know which kinds of rows a list has, where they come from or what is done about them.
"""

from odoo import fields, models

from ..mixins.sql_view import SqlView


class BiometricRegistryRow(SqlView, models.AbstractModel):
    _name = "biometric.registry.row"
    _description = "Terminal users"

    company_id = fields.Many2one("res.company", readonly=True)
    device_id = fields.Many2one("biometric.device", "Terminal", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    user_id = fields.Many2one("biometric.device.user", "Terminal user", readonly=True)
    pin = fields.Char("PIN", readonly=True)
