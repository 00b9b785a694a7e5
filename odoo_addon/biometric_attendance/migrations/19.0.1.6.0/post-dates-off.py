"""To 19.0.1.6.0: a leave of whole days and a public holiday are dates, whatever shift lies on them,
and a departure date ends a contract whose end an earlier version still names. The days that these
touch are computed again; one that comes out as it stands stays as it is.
"""

from odoo import SUPERUSER_ID, api

AFTER_DEPARTURE = """
    SELECT DISTINCT d.employee_id, d.date
      FROM biometric_day d JOIN hr_version v ON v.employee_id = d.employee_id
     WHERE v.departure_date < d.date AND v.contract_date_start IS NOT NULL"""


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    env["resource.calendar.leaves"].search([("time_type", "=", "leave")])._mark_days_stale()
    cr.execute(AFTER_DEPARTURE)
    env["biometric.stale.day"]._mark(cr.fetchall())
