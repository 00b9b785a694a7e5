"""What the registry asks of a device: whose people belong on it, and whether it takes users."""

from odoo import fields, models


class BiometricDevice(models.Model):
    _inherit = "biometric.device"

    work_location_id = fields.Many2one(
        "hr.work.location",
        "Work location",
        check_company=True,
        help="People with this work location are to be registered on this terminal",
    )

    def _is_readable(self):
        """Whether its users can be read and written over port 4370."""
        self.ensure_one()
        return bool(self.poll_host or self.polled_at)

    def _takes_users(self):
        self.ensure_one()
        return self.state == "active" and (self.channel_push or self._is_readable())
