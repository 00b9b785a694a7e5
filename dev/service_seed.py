"""The provider's console from the demo data of its addon, for pictures.

Runs in Odoo's shell (`env` is given) of a database with that addon.
"""

# ruff: noqa: F821 - env comes from the shell

from odoo.modules.module import Manifest
from odoo.tools.convert import convert_file

ADDON = "biometric_attendance_service"

for name in Manifest.for_addon(ADDON)["demo"]:
    convert_file(env, ADDON, name, {}, mode="init", noupdate=True)
env.company.name = "Bayanihan Attendance"
# the address that dev/pictures.ts opens
shown = env["biometric.service.tenant"].search([("name", "=", "Fjord Seafood")], limit=1)
shown.sudo().status_token = "pictures"
env.cr.commit()
