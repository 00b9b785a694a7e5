"""The settings have a page of their own: the view that showed auditors in Odoo's page is switched
off before the new views are read, since its fields are no longer there. Odoo itself removes it when
the upgrade ends."""


def migrate(cr, _version):
    cr.execute(
        "UPDATE ir_ui_view SET active = false WHERE id IN (SELECT res_id FROM ir_model_data "
        "WHERE module = 'biometric_attendance' AND model = 'ir.ui.view' "
        "AND name = 'res_config_settings_view_form_audit')"
    )
