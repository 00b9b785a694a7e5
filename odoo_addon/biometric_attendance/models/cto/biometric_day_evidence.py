"""Entries of time accounts that belong to a day, for its evidence. Owns that part alone."""

from odoo import models


class BiometricDayEvidence(models.AbstractModel):
    _inherit = "biometric.day.evidence"

    def _beside(self, day):
        rows = self.env["biometric.cto.entry"].search(
            [
                ("employee_id", "=", day.employee_id.id),
                "|",
                ("work_date", "=", day.date),
                ("use_date", "=", day.date),
            ],
            order="account_id, number",
            limit=1000,
        )
        entries = [
            {
                "number": one.number,
                "kind": one.kind,
                "minutes": one.minutes,
                "balance_minutes": one.balance_minutes,
                "work_date": one.work_date,
                "use_date": one.use_date,
                "reason": one.reason or None,
                "posted_at": one.posted_at,
                "previous_hash": one.previous_hash,
                "hash": one.hash,
            }
            for one in rows
        ]
        return super()._beside(day) | {"time_account": entries}
