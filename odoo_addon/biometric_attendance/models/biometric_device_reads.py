"""What reading a terminal over port 4370 proves, beside what its push proves.

A terminal that never pushes has no heartbeat: a read that got every record the terminal counts
takes its place. The agent says when the last such read began, and since when no record has vanished
unread between two of them. Must not know the protocol of the read.
"""

from odoo import api, fields, models


class BiometricDevice(models.Model):
    _inherit = "biometric.device"

    polled_at = fields.Datetime("Last read", readonly=True, copy=False)
    complete_read_at = fields.Datetime(
        "Last complete read",
        readonly=True,
        copy=False,
        help="When the last read began that got every record the terminal counts",
    )
    reads_since = fields.Datetime("Complete reads since", readonly=True, copy=False)
    oldest_pending_at = fields.Datetime("Oldest undelivered", readonly=True, copy=False)


class BiometricCompleteness(models.AbstractModel):
    _inherit = "biometric.completeness"

    @api.model
    def _device_said(self, device, report, server_now):
        if not report["last_heard_at"]:
            self._device_read(device, report, server_now)
        return super()._device_said(device, report, server_now)

    @api.model
    def _device_read(self, device, report, server_now):
        """Complete reads of a terminal that never pushes move its proof, as a push session does.

        Between the end of one series of complete reads and the beginning of the next, records
        vanished that nobody had read: that window is a gap.
        """
        since, read_at = report["reads_since"], report["complete_read_at"]
        if device.state != "active" or not since or not read_at:
            return
        read_at = min(read_at, server_now)
        if since > read_at:
            return
        start = device.proven_until or device.in_service_from
        if start and since > start:
            self._open_silence(device, start, since)
            device.proven_until = since
        if not report["pending"] and read_at > (device.proven_until or since):
            device.proven_until = read_at
        elif not device.proven_until:
            device.proven_until = since
        if not device.in_service_from:
            device.in_service_from = since
