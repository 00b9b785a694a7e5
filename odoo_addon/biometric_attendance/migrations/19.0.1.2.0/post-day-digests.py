"""To 19.0.1.2.0: days get the digests of their inputs and result, payroll files their entry.

A day is computed again for it; one that comes out as it stands gets its digests, any other keeps
its minutes and none, and the next night says what differs. Files of before are taken up into the
trail as they are: what was done to them earlier, nothing can prove.
"""

import base64
import hashlib

from odoo import SUPERUSER_ID, api

REASON = "taken up at the upgrade to 19.0.1.2.0, unproven before"


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    check = env["biometric.day.check"]
    for company in env["res.company"].search([]):
        cr.execute(
            "SELECT DISTINCT employee_id FROM biometric_day WHERE company_id = %s ORDER BY 1",
            (company.id,),
        )
        check._take_digests(company, [row[0] for row in cr.fetchall()])
    files = env["biometric.export"].search([("state", "=", "done")], order="id")
    for export in files:
        control = base64.b64decode(export.with_context(bin_size=False).control or b"")
        digest = hashlib.sha256(control).hexdigest()
        # the triggers are there already, and this row is written once more
        cr.execute("SET LOCAL biometric.allow_change = 'on'")
        cr.execute(
            "UPDATE biometric_export SET control_sha256 = %s WHERE id = %s", (digest, export.id)
        )
        cr.execute("SET LOCAL biometric.allow_change = ''")
        export.invalidate_recordset(["control_sha256"])
        env["biometric.audit"]._record(
            "payroll.take_up", export, None, export._audit_values(), REASON
        )
