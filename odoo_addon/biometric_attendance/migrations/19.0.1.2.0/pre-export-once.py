"""To 19.0.1.2.0: a day stands in one regular file, of whichever company.

Where an employee had changed company, the second one's file may hold the same dates again. The
later row becomes a difference: what both files hold stays as it was paid, and the next file of
changes of the company whose day it is not takes its part back.
"""


def migrate(cr, version):
    if not version:
        return
    cr.execute("SELECT to_regclass('biometric_export_day') IS NOT NULL")
    if not cr.fetchone()[0]:
        return
    # the rows are a ledger already where this version was installed once before
    cr.execute("SET LOCAL biometric.allow_change = 'on'")
    cr.execute(
        """UPDATE biometric_export_day SET state = 'changed' WHERE id IN (
               SELECT id FROM (
                   SELECT id, row_number() OVER (PARTITION BY employee_id, date
                                                 ORDER BY export_id, id) AS number
                     FROM biometric_export_day WHERE state = 'paid') paid
                WHERE paid.number > 1)"""
    )
    cr.execute("SET LOCAL biometric.allow_change = ''")
