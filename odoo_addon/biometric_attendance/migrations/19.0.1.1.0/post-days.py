"""To 19.0.1.1.0: days that are not settled are computed again, files say which days they hold.

A day that was pending or incomplete may be at work, still waiting, or outside employment now, and
its unknown numbers are none; computing it again says so, guessing in SQL would not. Attendances are
shown again, because their hours are the day's own now. Files of before have their days from their
own lines.
"""

import base64
import csv
import io

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    cr.execute(
        """INSERT INTO biometric_stale_day (company_id, employee_id, date)
           SELECT company_id, employee_id, date FROM biometric_day
            WHERE status IS NULL OR status IN ('pending', 'incomplete', 'absent')"""
    )
    cr.execute("UPDATE biometric_day SET is_projected = FALSE WHERE is_projected")
    cr.execute("""UPDATE biometric_export SET kind = 'regular' WHERE kind IS NULL""")
    rows = env["biometric.export.day"]
    for export in env["biometric.export"].search([("state", "=", "done")], order="id"):
        text = base64.b64decode(export.with_context(bin_size=False).data or b"").decode()
        rows._take_over(
            export,
            [
                [line[n] for n in ("employee_id", "work_date", "pay_code", "class", "minutes")]
                for line in csv.DictReader(io.StringIO(text))
            ],
        )
