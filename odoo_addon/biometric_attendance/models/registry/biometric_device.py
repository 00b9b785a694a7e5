"""What the registry asks of a device: whose people belong on it, in which areas it is, and whether
it takes users."""

from odoo import api, fields, models


class BiometricDevice(models.Model):
    _inherit = "biometric.device"

    work_location_id = fields.Many2one(
        "hr.work.location",
        "Work location",
        check_company=True,
        help="People with this work location are to be registered on this terminal",
    )

    area_ids = fields.Many2many(
        "biometric.area",
        "biometric_area_device",
        "device_id",
        "area_id",
        "Areas",
        readonly=True,
        copy=False,
        groups="biometric_attendance.group_approver,biometric_attendance.group_hr_officer,"
        "biometric_attendance.group_payroll_officer,biometric_attendance.group_administrator,"
        "biometric_attendance.group_auditor",
    )

    def _is_readable(self):
        """Whether its users can be read and written over port 4370."""
        self.ensure_one()
        return bool(self.poll_host or self.polled_at)

    def _takes_users(self):
        self.ensure_one()
        return self.state == "active" and (self.channel_push or self._is_readable())

    @api.ondelete(at_uninstall=False)
    def _unlink_from_areas(self):
        """An area loses a terminal through the trail, not by a cascade of the table."""
        areas = self.env["biometric.area"].sudo().with_context(active_test=False)
        for area in areas.search([("device_ids", "in", self.ids)]):
            area.device_ids -= self
