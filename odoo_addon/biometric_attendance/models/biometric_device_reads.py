"""How reading a terminal over port 4370 fares, beside what its push says.

Status as its agent said at the last sync, written by biometric.sync in SQL. What a read proves is
judged by its run (biometric.proof). Must not know the protocol of the read.
"""

from odoo import fields, models


class BiometricDevice(models.Model):
    _inherit = "biometric.device"

    polled_at = fields.Datetime("Last read", readonly=True, copy=False)
    complete_read_at = fields.Datetime(
        "Last complete read",
        readonly=True,
        copy=False,
        help="When the last read began that got every record the terminal counts",
    )
    oldest_pending_at = fields.Datetime("Oldest undelivered", readonly=True, copy=False)
