"""To 19.0.1.4.0: a premium that was stated for a missed meal ends where punches show the meal. Days
with such an answer are computed again; every other day says what it said.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        """SELECT DISTINCT employee_id, date FROM biometric_attestation
            WHERE event = 'meal' AND consequence = 'pay_code' AND step IN ('answered', 'changed')"""
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["biometric.stale.day"]._mark(cr.fetchall())
