"""Which pay periods hold a payroll file. Owns that answer alone; periods are the review room's."""

from odoo import models
from odoo.tools import SQL


class BiometricPeriod(models.Model):
    _inherit = "biometric.period"

    def _with_file(self):
        found = super()._with_file()
        kept = self.filtered("id")
        if not kept:
            return found
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT p.id FROM biometric_period p
                    WHERE p.id = ANY(%s) AND EXISTS (
                          SELECT 1 FROM biometric_export e
                           WHERE e.company_id = p.company_id AND e.state = 'done'
                             AND e.date_from <= p.date_to AND e.date_to >= p.date_from)""",
                kept.ids,
            )
        )
        return found | self.browse(row[0] for row in self.env.cr.fetchall())
