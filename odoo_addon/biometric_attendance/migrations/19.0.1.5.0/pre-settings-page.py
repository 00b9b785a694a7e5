"""The settings have a page of their own: the view that showed auditors in Odoo's page goes before
the new views are read, since its fields are no longer there."""

from odoo import SUPERUSER_ID, api

GONE = "biometric_attendance.res_config_settings_view_form_audit"


def migrate(cr, _version):
    view = api.Environment(cr, SUPERUSER_ID, {}).ref(GONE, raise_if_not_found=False)
    if view:
        # What somebody built upon it shows the same fields, and would stop the upgrade as well.
        (view.inherit_children_ids | view).unlink()
