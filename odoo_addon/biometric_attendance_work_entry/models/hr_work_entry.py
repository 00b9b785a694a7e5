"""Which payroll file a work entry came from. Owns that note alone."""

from odoo import fields, models


class HrWorkEntry(models.Model):
    _inherit = "hr.work.entry"

    biometric_export_id = fields.Many2one(
        "biometric.export",
        "Payroll file",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="biometric_attendance.group_payroll_officer",
        help="The file that last contained this time.",
    )
    biometric_pay_code = fields.Char("Pay code", readonly=True, copy=False)
