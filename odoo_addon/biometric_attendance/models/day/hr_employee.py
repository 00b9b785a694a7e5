"""Employees as the day room sees them: whether their attendances are projected, and their days."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    biometric_projected = fields.Boolean(
        "Attendances come from terminals", readonly=True, copy=False, groups="hr.group_hr_user"
    )

    biometric_archived_on = fields.Date(
        "Archived on",
        readonly=True,
        copy=False,
        groups="hr.group_hr_user",
        help="Last day of employment of an archived person whose contract names none.",
    )

    def write(self, vals):
        moved = self.filtered(lambda one: "active" in vals and one.active != vals["active"])
        last_days = {one.id: one.sudo()._biometric_last_day() for one in moved}
        rosters = self._biometric_rosters() if "company_id" in vals else ()
        stood = [(row, row.company_id) for row in rosters]
        result = super().write(vals)
        stale = self.env["biometric.stale.day"].sudo()
        for employee in moved:
            today = employee.sudo()._biometric_date_of(fields.Datetime.now())
            last = False if vals["active"] else today
            super(HrEmployee, employee.sudo()).write({"biometric_archived_on": last})
            first = (last_days[employee.id] or today) + timedelta(days=1)
            stale._mark_existing([employee.id], first)
        if "company_id" in vals:
            stale._mark_existing(self.ids)
        for row, company in stood:
            row._note_company(company)
        return result

    def unlink(self):
        """A person's roster ends through the trail, not by the table's own cascade."""
        self.check_access("unlink")
        self._biometric_rosters().unlink()
        return super().unlink()

    def _biometric_rosters(self):
        return self.env["biometric.roster"].sudo().search([("employee_id", "in", self.ids)])

    def _biometric_last_day(self):
        """Last day of an archived person as far as archiving tells it; None for others. Who was
        archived before this was noted has the day of the last change."""
        self.ensure_one()
        if self.active:
            return None
        return self.biometric_archived_on or self._biometric_date_of(self.write_date)

    def _biometric_date_of(self, moment):
        """The date of an instant where the person works, whoever asks."""
        zone = self.resource_calendar_id.tz or self.tz or "UTC"
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), moment).date()

    @api.model
    def _search(self, domain, *args, **kwargs):
        if self.env.context.get("biometric_skip_projected"):
            domain = Domain(domain) & Domain("biometric_projected", "=", False)
        return super()._search(domain, *args, **kwargs)

    def action_open_biometric_days(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_day_action"
        )
        return dict(action, domain=[("employee_id", "=", self.id)], context={})
