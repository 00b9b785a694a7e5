"""Which payroll files held a day, for its evidence. Owns that part alone."""

from odoo import models


class BiometricDayEvidence(models.AbstractModel):
    _inherit = "biometric.day.evidence"

    def _beside(self, day):
        held = self.env["biometric.export.day"].search(
            [("employee_id", "=", day.employee_id.id), ("date", "=", day.date)],
            order="id",
            limit=1000,
        )
        files = [
            {
                "file": one.export_id.name,
                "sha256": one.export_id.sha256,
                "state": one.state,
                "minutes": one.minutes,
                "produced_at": one.export_id.generated_at,
            }
            for one in held
        ]
        return super()._beside(day) | {"payroll_files": files}
