"""To 19.0.1.2.0: rule sets keep the archived people and departments they name.

Left out of the list, they made it shorter or empty, and an empty one counted for the whole company:
days since then are computed again.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    for rule in env["biometric.rule"].search([("state", "=", "adopted")]):
        if all(rule.employee_ids.mapped("active") + rule.department_ids.mapped("active")):
            continue
        env["biometric.stale.day"]._mark_days(
            "FROM biometric_day d WHERE d.company_id = %s AND d.date >= %s",
            rule.company_id.id,
            rule.valid_from,
        )
