"""Credit and payroll files: a day that a file holds is answered for."""

from odoo import api, models


class BiometricCtoAccrual(models.AbstractModel):
    _inherit = "biometric.cto.accrual"

    @api.model
    def _paid_in(self, employee, day):
        held = (
            self.env["biometric.export.day"]
            .sudo()
            .search(
                [
                    ("employee_id", "=", employee.id),
                    ("date", "=", day),
                    ("state", "in", ("paid", "changed")),
                ],
                limit=1,
            )
        )
        return held.export_id.name or super()._paid_in(employee, day)

    @api.model
    def _last_paid(self, company, since):
        self.env.flush_all()
        self.env.cr.execute(
            f"""SELECT p.date, e.name
                  FROM biometric_export_day p
                  JOIN biometric_export e ON e.id = p.export_id
                  JOIN biometric_day d ON d.employee_id = p.employee_id AND d.date = p.date
                 WHERE p.company_id = %s AND p.date >= %s AND p.state IN ('paid', 'changed')
                   AND ({" + ".join(f"COALESCE(d.{name}, 0)" for name in self._earning)}) > 0
                   AND NOT EXISTS (SELECT FROM biometric_cto_entry c
                                    WHERE c.employee_id = p.employee_id
                                      AND c.work_date = p.date)
              ORDER BY p.date DESC, e.id DESC LIMIT 1""",
            (company.id, since),
        )
        return self.env.cr.fetchone() or super()._last_paid(company, since)
