"""To 19.0.1.3.0: the trail is told the settings that the review brings, as they begin.

After every other part of the upgrade; sealed here, so that no check comes first.
"""

from odoo import SUPERUSER_ID, api

REASON = "as the upgrade to 19.0.1.3.0 brings them: review"


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for company in env["res.company"].search([]):
        env["biometric.state"]._take_up(company, REASON, {"res.company": company.ids})
    while env["biometric.audit"]._seal(1000):
        pass
