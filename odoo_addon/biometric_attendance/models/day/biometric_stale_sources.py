"""What besides punches can change a day: schedules, leaves, holidays, contracts, rule sets, people.

Each model here only says whose days from when to when; they are marked through the one door,
biometric.stale.day. Only days that exist are marked: the others are computed when their time comes.
"""

from datetime import date, timedelta

from odoo import api, models
from odoo.tools import SQL

from ...engine import JUDGED_BY_DEVICES

ALWAYS_FROM, ALWAYS_TO = date(1, 1, 1), date(9999, 12, 31)
# A schedule's or leave's local date can differ from its UTC date, and a night shift reaches over.
NEIGHBOUR = timedelta(days=1)


# Columns of Odoo's that the statements below read.
_READ = {
    "hr.employee": ["resource_id"],
    "hr.version": ["active", "date_version", "employee_id", "resource_calendar_id"],
    "resource.calendar.leaves": ["date_from", "date_to", "resource_id"],
}
# Which contract version, and so which schedule, an employee has from when to before when; the
# oldest version also covers what is older than it.
_IN_FORCE = """(SELECT v.employee_id, v.resource_calendar_id, v.date_version AS first,
                        lead(v.date_version) OVER own AS next, row_number() OVER own AS number
                   FROM hr_version v WHERE v.active
                 WINDOW own AS (PARTITION BY v.employee_id ORDER BY v.date_version))"""


class BiometricStaleDay(models.Model):
    _inherit = "biometric.stale.day"

    @api.model
    def _mark_days(self, source, *values):
        """Mark computed days `d` that the rest of a statement, from FROM on, finds.

        Only what the statement reads is flushed: sources call this in the middle of a create, and
        flushing everything there makes Odoo compute its own fields from half-made records.
        """
        for model, names in _READ.items():
            self.env[model].flush_model(names)
        self.env.cr.execute(
            SQL(
                "INSERT INTO biometric_stale_day (company_id, employee_id, date) "
                "SELECT DISTINCT d.company_id, d.employee_id, d.date " + source,
                *values,
            )
        )
        if self.env.cr.rowcount:
            self._wake()

    @api.model
    def _mark_existing(self, employee_ids, first=ALWAYS_FROM, last=ALWAYS_TO):
        """Mark the computed days of these employees from `first` to `last`, both included."""
        if employee_ids and first <= last:
            self._mark_days(
                "FROM biometric_day d WHERE d.employee_id = ANY(%s) AND d.date BETWEEN %s AND %s",
                list(employee_ids),
                first,
                last,
            )

    @api.model
    def _mark_schedules(self, calendar_ids, first=ALWAYS_FROM, last=ALWAYS_TO, company_ids=None):
        """Mark the days on which somebody's contract version names one of these schedules."""
        self._mark_days(
            f"""FROM {_IN_FORCE} s
                JOIN biometric_day d ON d.employee_id = s.employee_id
                 AND (d.date >= s.first OR s.number = 1) AND (s.next IS NULL OR d.date < s.next)
               WHERE s.resource_calendar_id = ANY(%s) AND d.date BETWEEN %s AND %s
                 AND (%s OR d.company_id = ANY(%s))""",
            list(calendar_ids),
            first,
            last,
            company_ids is None,
            list(company_ids or ()),
        )

    @api.model
    def _mark_unscheduled(self, employee_ids):
        """Mark the days on which these employees have no schedule: their own zone counts then."""
        self._mark_days(
            f"""FROM {_IN_FORCE} s
                JOIN biometric_day d ON d.employee_id = s.employee_id
                 AND (d.date >= s.first OR s.number = 1) AND (s.next IS NULL OR d.date < s.next)
               WHERE s.resource_calendar_id IS NULL AND s.employee_id = ANY(%s)""",
            list(employee_ids),
        )

    @api.model
    def _mark_judged(self, employee_ids, first=None, last=None):
        """Mark the days of these employees that were, or could not be, judged by what is complete:
        absences, open days and assumed check-outs."""
        self._mark_days(
            """FROM biometric_day d
              WHERE d.employee_id = ANY(%s) AND d.date BETWEEN %s AND %s
                AND (d.status = ANY(%s) OR d.exceptions ~ 'missing_out_assumed')""",
            list(employee_ids),
            first or ALWAYS_FROM,
            last or ALWAYS_TO,
            sorted(JUDGED_BY_DEVICES),
        )

    @api.model
    def _mark_personal_leaves(self, leave_ids):
        """Mark the days that these `resource.calendar.leaves` of people can touch."""
        self._mark_days(
            """FROM resource_calendar_leaves l
               JOIN hr_employee e ON e.resource_id = l.resource_id
               JOIN biometric_day d ON d.employee_id = e.id
                AND d.date BETWEEN l.date_from::date - %s AND l.date_to::date + %s
              WHERE l.id = ANY(%s)""",
            NEIGHBOUR.days,
            NEIGHBOUR.days,
            list(leave_ids),
        )


class BiometricDaySource(models.AbstractModel):
    """Mixin: marks days before and after a change, so that both the old and the new span count."""

    _name = "biometric.day.source"
    _description = "Changes make computed days stale"

    # None: any field.
    _day_fields = None

    def _mark_days_stale(self):
        raise NotImplementedError

    def _touches_days(self, vals):
        return self._day_fields is None or bool(set(vals) & set(self._day_fields))

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.sudo()._mark_days_stale()
        return records

    def write(self, vals):
        touched = self._touches_days(vals)
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
    _inherit = "hr.version"

    # What of a version decides which schedule, department and employment a date has.
    _day_fields = {
        "date_version",
        "contract_date_start",
        "contract_date_end",
        "resource_calendar_id",
        "department_id",
        "departure_date",
        "active",
        "employee_id",
    }

    @api.model_create_multi
    def create(self, vals_list):
        people = {vals["employee_id"] for vals in vals_list if vals.get("employee_id")}
        before = self._lives(people)
        versions = super().create(vals_list)
        versions._mark_lives(before)
        return versions

    def write(self, vals):
        if not self._day_fields & set(vals):
            return super().write(vals)
        people = set(self.employee_id.ids) | ({vals.get("employee_id")} - {None, False})
        before = self._lives(people)
        result = super().write(vals)
        self._mark_lives(before)
        return result

    def unlink(self):
        before = self._lives(self.employee_id.ids)
        result = super().unlink()
        self._mark_lives(before)
        return result

    @api.model
    def _lives(self, employee_ids):
        """`{employee_id: [(first date, schedule, department, employed)]}`, ordered by date."""
        employees = self.env["hr.employee"].sudo().browse(sorted(employee_ids))
        return self.env["biometric.schedule"].sudo()._lives(employees) if employees else {}

    @api.model
    def _mark_lives(self, before):
        """Mark the dates that now have another schedule or department, or another answer to
        whether the person is employed."""
        after = self._lives(before)
        for employee_id in before:
            for first, last in _differences(before[employee_id], after[employee_id]):
                self.env["biometric.stale.day"].sudo()._mark_existing([employee_id], first, last)


def _differences(old, new):
    """`(first, last)` of the dates on which two lives say different things."""
    begins = sorted({row[0] for row in (*old, *new)})
    for number, first in enumerate(begins):
        last = begins[number + 1] - timedelta(days=1) if number + 1 < len(begins) else ALWAYS_TO
        if _said(old, first) != _said(new, first):
            yield first, last


def _said(life, day):
    return next((row[1:] for row in reversed(life) if row[0] <= day), None)


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            self.env["biometric.stale.day"].sudo()._mark_existing(self.ids)
        return result


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
        """Days from the rule set's date on of whom it names: people, departments, else all."""
        for rule in self.filtered(lambda rule: rule.state == "adopted"):
            self.env["biometric.stale.day"]._mark_days(
                """FROM biometric_day d
                  WHERE d.company_id = %s AND d.date >= %s
                    AND (%s OR d.employee_id = ANY(%s) OR d.department_id = ANY(%s))""",
                rule.company_id.id,
                rule.valid_from,
                not (rule.employee_ids or rule.department_ids),
                rule.employee_ids.ids,
                rule.department_ids.ids,
            )
