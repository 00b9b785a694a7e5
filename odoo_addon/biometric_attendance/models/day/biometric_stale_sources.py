"""What besides punches can change a day: schedules, leaves, holidays, contracts, rule sets, people.

Each model here only says whose days from when to when; they are marked through the one door,
biometric.stale.day. Only days that exist are marked: the others are computed when their time comes.
"""

from odoo import api, models

from .biometric_stale import NEIGHBOUR


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "biometric.day.source"]
    _day_fields = (
        "date_from",
        "date_to",
        "resource_id",
        "calendar_id",
        "company_id",
        "time_type",
        "holiday_id",
    )

    def _touches_days(self, vals):
        # the day names its public holiday, never what somebody's leave is about
        return super()._touches_days(vals) or (
            "name" in vals and any(not leave.resource_id for leave in self)
        )

    def _mark_days_stale(self):
        """Of a person: their dates. Public: everybody's of the company, or of one schedule."""
        stale = self.env["biometric.stale.day"]
        personal = self.filtered("resource_id")
        if personal:
            stale._mark_personal_leaves(personal.ids)
        for leave in self - personal:
            first = leave.date_from.date() - NEIGHBOUR
            last = leave.date_to.date() + NEIGHBOUR
            company = leave.company_id.ids
            if leave.calendar_id:
                stale._mark_schedules(leave.calendar_id.ids, first, last, company)
            else:
                stale._mark_days(
                    """FROM biometric_day d
                      WHERE d.company_id = ANY(%s) AND d.date BETWEEN %s AND %s""",
                    company,
                    first,
                    last,
                )


class HrLeave(models.Model):
    _inherit = "hr.leave"

    def write(self, vals):
        result = super().write(vals)
        if "holiday_status_id" in vals:
            self.env["hr.leave.type"]._mark_leaves_stale([("holiday_id", "in", self.ids)])
        return result


class HrLeaveType(models.Model):
    _inherit = "hr.leave.type"

    def write(self, vals):
        changed = self.filtered(lambda kind: "unpaid" in vals and kind.unpaid != vals["unpaid"])
        result = super().write(vals)
        if changed:
            self._mark_leaves_stale([("holiday_id.holiday_status_id", "in", changed.ids)])
        return result

    def _mark_leaves_stale(self, domain):
        """Whether leaves are paid was changed: mark the days of those that are in force."""
        leaves = self.env["resource.calendar.leaves"].sudo().search(domain)
        if leaves:
            leaves._mark_days_stale()


class ResourceCalendar(models.Model):
    _name = "resource.calendar"
    _inherit = ["resource.calendar", "biometric.day.source"]
    _day_fields = (
        "tz",
        "two_weeks_calendar",
        "flexible_hours",
        "hours_per_day",
        "hours_per_week",
        "duration_based",
        "name",
    )

    def _mark_days_stale(self):
        self.env["biometric.stale.day"]._mark_schedules(self.ids)

    def write(self, vals):
        """A company without an address in a zone has that of its working schedule."""
        if "tz" not in vals:
            return super().write(vals)
        companies = self.env["res.company"].sudo()
        return self._marking_holidays(
            companies.search([("resource_calendar_id", "in", self.ids)]),
            lambda: super(ResourceCalendar, self).write(vals),
        )

    @api.model
    def _marking_holidays(self, companies, change):
        """Do what may move these companies to another zone."""
        zones = {company: company._biometric_zone() for company in companies}
        result = change()
        moved = companies.filtered(lambda company: company._biometric_zone() != zones[company])
        moved._biometric_mark_holidays()
        return result


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """The address of a company says which zone it is in."""
        if "tz" not in vals:
            return super().write(vals)
        companies = self.env["res.company"].sudo()
        return self.env["resource.calendar"]._marking_holidays(
            companies.search([("partner_id", "in", self.ids)]),
            lambda: super(ResPartner, self).write(vals),
        )


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "biometric.day.source"]

    def _mark_days_stale(self):
        self.env["biometric.stale.day"]._mark_schedules(self.calendar_id.ids)


class ResourceResource(models.Model):
    _inherit = "resource.resource"

    def write(self, vals):
        """An employee's time zone is stored here, whoever changes it."""
        moved = self.filtered(lambda one: "tz" in vals and one.tz != vals["tz"])
        result = super().write(vals)
        if moved:
            people = self.env["hr.employee"].sudo().with_context(active_test=False)
            employees = people.search([("resource_id", "in", moved.ids)])
            self.env["biometric.stale.day"].sudo()._mark_unscheduled(employees.ids)
        return result
