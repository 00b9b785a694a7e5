"""Which payroll files held a day, and with which lines, for its evidence; and that payroll officers
may have the evidence of what they paid. Owns that part alone."""

from odoo import api, models


class BiometricDayEvidence(models.AbstractModel):
    _inherit = "biometric.day.evidence"

    @api.model
    def _check_may(self, day):
        """Payroll officers answer for the days that stand in their files."""
        day.check_access("read")
        if self.env.user.has_group("biometric_attendance.group_payroll_officer") and self._held(
            day
        ).filtered(lambda one: one.state in ("paid", "changed")):
            return
        super()._check_may(day)

    def _held(self, day):
        return self.env["biometric.export.day"].search(
            [
                ("employee_id", "=", day.sudo().employee_id.id),
                ("date", "=", day.date),
                ("company_id", "=", day.company_id.id),
            ],
            order="id",
            limit=1000,
        )

    def _beside(self, day):
        files = [
            {
                "file": one.export_id.name,
                "sha256": one.export_id.sha256,
                "control_sha256": one.export_id.control_sha256,
                "employee_id": one.payroll_number or None,
                "rule": one.rule_name or None,
                "state": one.state,
                "minutes": one.minutes,
                "produced_at": one.export_id.generated_at,
            }
            for one in self._held(day)
        ]
        return super()._beside(day) | {"payroll_files": files}
