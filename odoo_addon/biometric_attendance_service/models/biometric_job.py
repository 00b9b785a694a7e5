"""Tenants that a job sets aside are told to the provider, whose business they are."""

from odoo import api, models

from .biometric_incident import JOB_CRONS


class BiometricJob(models.AbstractModel):
    _inherit = "biometric.job"

    @api.model
    def _company_told(self, row):
        if row._name == "biometric.service.tenant":
            return row.sudo().provider_id
        return super()._company_told(row)

    @api.model
    def _wake(self, job, at):
        if job in JOB_CRONS:
            self.env.ref(JOB_CRONS[job]).sudo()._trigger(at)
            return None
        return super()._wake(job, at)
