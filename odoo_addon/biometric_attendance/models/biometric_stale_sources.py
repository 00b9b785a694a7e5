"""What besides punches can change a day: schedules, leaves, holidays, contracts, rule sets, people.

Each model here only says whose days from when to when; they are marked through the one door,
biometric.stale.day. Only days that exist are marked: the others are computed when their time comes.
"""

from datetime import date, timedelta

from odoo import api, models

ALWAYS_FROM, ALWAYS_TO = date(1, 1, 1), date(9999, 12, 31)
# A schedule's or leave's local date can differ from its UTC date, and a night shift reaches over.
NEIGHBOUR = timedelta(days=1)


class BiometricStaleDay(models.Model):
    _inherit = "biometric.stale.day"

    @api.model
    def _mark_existing(self, employee_ids, first=ALWAYS_FROM, last=ALWAYS_TO):
        """Mark the computed days of these employees from `first` to `last`, both included."""
        if not employee_ids:
            return
        self.env.flush_all()
        self.env.cr.execute(
            """INSERT INTO biometric_stale_day (company_id, employee_id, date)
               SELECT company_id, employee_id, date FROM biometric_day
                WHERE employee_id = ANY(%s) AND date BETWEEN %s AND %s""",
            (list(employee_ids), first, last),
        )
        if self.env.cr.rowcount:
            self._wake()

    @api.model
    def _mark_schedules(self, calendar_ids):
        """Mark the days on which somebody's contract version names one of these schedules."""
        self.env.flush_all()
        self.env.cr.execute(
            """INSERT INTO biometric_stale_day (company_id, employee_id, date)
               SELECT d.company_id, d.employee_id, d.date
                 FROM (SELECT v.employee_id, v.resource_calendar_id, v.date_version AS first,
                              lead(v.date_version) OVER own AS next,
                              row_number() OVER own AS number
                         FROM hr_version v WHERE v.active
                       WINDOW own AS (PARTITION BY v.employee_id ORDER BY v.date_version)) s
                 JOIN biometric_day d ON d.employee_id = s.employee_id
                  AND (d.date >= s.first OR s.number = 1)
                  AND (s.next IS NULL OR d.date < s.next)
                WHERE s.resource_calendar_id = ANY(%s)""",
            (list(calendar_ids),),
        )
        if self.env.cr.rowcount:
            self._wake()


class BiometricDaySource(models.AbstractModel):
    """Mixin: marks days before and after a change, so that both the old and the new span count."""

    _name = "biometric.day.source"
    _description = "Changes make computed days stale"

    # None: any field.
    _day_fields = None

    def _mark_days_stale(self):
        raise NotImplementedError

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.sudo()._mark_days_stale()
        return records

    def write(self, vals):
        touched = self._day_fields is None or set(vals) & set(self._day_fields)
        if touched:
            self.sudo()._mark_days_stale()
        result = super().write(vals)
        if touched:
            self.sudo()._mark_days_stale()
        return result

    def unlink(self):
        self.sudo()._mark_days_stale()
        return super().unlink()


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

    def _mark_days_stale(self):
        employees = self.env["hr.employee"].with_context(active_test=False)
        for leave in self:
            domain = (
                [("resource_id", "=", leave.resource_id.id)]
                if leave.resource_id
                else [("company_id", "=", leave.company_id.id)]
            )
            self.env["biometric.stale.day"]._mark_existing(
                employees.search(domain).ids,
                leave.date_from.date() - NEIGHBOUR,
                leave.date_to.date() + NEIGHBOUR,
            )


class ResourceCalendar(models.Model):
    _name = "resource.calendar"
    _inherit = ["resource.calendar", "biometric.day.source"]
    _day_fields = (
        "tz",
        "two_weeks_calendar",
        "flexible_hours",
        "hours_per_day",
        "full_time_required_hours",
        "duration_based",
        "name",
    )

    def _mark_days_stale(self):
        self.env["biometric.stale.day"]._mark_schedules(self.ids)


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "biometric.day.source"]

    def _mark_days_stale(self):
        self.env["biometric.stale.day"]._mark_schedules(self.calendar_id.ids)


class HrVersion(models.Model):
    _name = "hr.version"
    _inherit = ["hr.version", "biometric.day.source"]
    _day_fields = (
        "date_version",
        "contract_date_start",
        "contract_date_end",
        "resource_calendar_id",
        "department_id",
        "departure_date",
        "active",
        "employee_id",
    )

    def _mark_days_stale(self):
        """From the version's date on; the oldest one also covers what is older than it."""
        for version in self.filtered("employee_id"):
            oldest = min(version.employee_id.version_ids.mapped("date_version"))
            first = ALWAYS_FROM if version.date_version <= oldest else version.date_version
            self.env["biometric.stale.day"]._mark_existing(version.employee_id.ids, first)


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    def write(self, vals):
        result = super().write(vals)
        if {"tz", "company_id"} & set(vals):
            self.env["biometric.stale.day"].sudo()._mark_existing(self.ids)
        return result


class BiometricRule(models.Model):
    _name = "biometric.rule"
    _inherit = ["biometric.rule", "biometric.day.source"]
    _day_fields = (
        "parameters",
        "state",
        "valid_from",
        "company_id",
        "department_ids",
        "employee_ids",
        "active",
        "name",
    )

    def _mark_days_stale(self):
        """Whole company: departments and people of a rule set only narrow whom it wins for."""
        employees = self.env["hr.employee"].with_context(active_test=False)
        for rule in self.filtered(lambda rule: rule.state == "adopted"):
            people = rule.employee_ids
            if rule.department_ids or not people:
                people = employees.search([("company_id", "=", rule.company_id.id)])
            self.env["biometric.stale.day"]._mark_existing(people.ids, rule.valid_from)
