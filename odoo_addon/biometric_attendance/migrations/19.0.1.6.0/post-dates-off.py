"""To 19.0.1.6.0: a day off and a public holiday are dates, whatever shift lies on them, and a
departure ends a contract whose end is later. Days around them are computed again; every other day
says what it said.
"""

from datetime import timedelta

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    env["resource.calendar.leaves"].search([])._mark_days_stale()
    for one in env["hr.version"].search([("departure_date", "!=", False)]):
        following = one.departure_date + timedelta(days=1)
        env["biometric.stale.day"]._mark_existing(one.employee_id.ids, following)
