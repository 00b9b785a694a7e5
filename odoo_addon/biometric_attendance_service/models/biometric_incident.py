"""Names of this addon's jobs where what a job set aside is told."""

from odoo import fields, models

from .biometric_service_invoice import JOB as INVOICE_JOB
from .biometric_service_statement import JOB as STATEMENT_JOB
from .biometric_service_tenant import JOB as LIFE_JOB

JOB_CRONS = {
    LIFE_JOB: "biometric_attendance_service.ir_cron_service_life",
    STATEMENT_JOB: "biometric_attendance_service.ir_cron_service_statement",
    INVOICE_JOB: "biometric_attendance_service.ir_cron_service_invoice",
}


class BiometricIncident(models.Model):
    _inherit = "biometric.incident"

    job = fields.Selection(
        selection_add=[
            (LIFE_JOB, "Tenants by their dates"),
            (STATEMENT_JOB, "Statements of usage"),
            (INVOICE_JOB, "Invoices of statements"),
        ]
    )
