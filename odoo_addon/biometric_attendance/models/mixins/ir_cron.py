"""Jobs that agents' requests wake: one hint for many of them. What a job does is not known here."""

from odoo import api, models

from ...seams.wake import hint_jobs_together


class IrCron(models.Model):
    _inherit = "ir.cron"

    @api.model
    def _notifydb(self):
        """Called by Odoo after the commit of whoever triggered a job."""
        if self.env.context.get("biometric_agent_id"):
            return hint_jobs_together(self.env)
        return super()._notifydb()
