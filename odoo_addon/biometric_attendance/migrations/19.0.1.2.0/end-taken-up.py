"""To 19.0.1.2.0: the trail takes up every row that it speaks for from now on, as it stands.

What a row was before cannot be proven by a trail that did not witness it, and the entries say so.
After every other part of the upgrade, because those may still change rows; sealed here, so that no
check comes first.
"""

from odoo import SUPERUSER_ID, api

REASON = "taken up at the upgrade to 19.0.1.2.0, unproven before"


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for company in env["res.company"].search([]):
        if env["biometric.state"]._begin(company, REASON):
            env["biometric.erased.key"]._take_up(company, REASON)
            env["biometric.carried"]._take_up(company, REASON)
    while env["biometric.audit"]._seal(1000):
        pass
