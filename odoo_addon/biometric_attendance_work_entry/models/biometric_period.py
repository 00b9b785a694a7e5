"""Pay groups whose closed periods become work entries by themselves. Owns that choice alone."""

from odoo import fields, models


class BiometricPeriodGroup(models.Model):
    _inherit = "biometric.period.group"

    posts_work_entries = fields.Boolean(
        "Work entries",
        help="Closing a period posts its file as Odoo work entries, or does not close it.",
    )


class BiometricPeriod(models.Model):
    _inherit = "biometric.period"

    def _close(self):
        export = super()._close()
        if self.group_id.sudo().posts_work_entries:
            export._post_work_entries()
        return export
