"""Leaves and public holidays on top of what was planned.

Owns which dates an absence means. Odoo stores absences as instants, by the hours of a working
schedule; a day that somebody took off, and a public holiday, are dates, whatever shift lies on
them. Must not know which shift that is, nor what was worked.
"""

from collections import defaultdict
from datetime import timedelta

from ...engine import (
    HOLIDAY,
    Leave,
    Zone,
    dates_between,
    day_start_wall,
    epoch,
)
from ...engine import intervals as iv
from ...seams.sql_time_off import ABSENCES, REQUEST_FIELDS

DAY = timedelta(days=1)


class ScheduleAbsences:
    """Of biometric.schedule: leaves and public holidays. Mixed into its one class."""

    __slots__ = ()

    def _absences(self, employees, belongings, start, end, without):
        """Leaves by resource and public holidays by company that touch the range (UTC).
        `without`: ids of requests that are left out.

        A leave is `(span, paid, first date, last date, half)`, the dates None where less than days
        was asked for, the half (am, pm) where half a day was not; a holiday `(span, schedule id,
        name, zone it may have been written in)`."""
        self.env["resource.calendar.leaves"].flush_model()
        self.env["hr.leave"].flush_model(REQUEST_FIELDS)
        companies = {one for own in belongings.values() for one in own.company_ids}
        zones = {
            one.id: Zone.named(one._biometric_zone())
            for one in self.env["res.company"].browse(sorted(companies))
        }
        self.env.cr.execute(
            f"""SELECT l.resource_id, l.company_id, l.calendar_id, l.date_from, l.date_to, l.name,
                       l.unpaid, l.first_day, l.last_day, l.half
                  FROM {ABSENCES} l
                 WHERE l.date_from < %s AND l.date_to > %s
                   AND (l.resource_id = ANY(%s)
                        OR (l.resource_id IS NULL AND l.company_id = ANY(%s)))
                   AND (l.holiday_id IS NULL OR l.holiday_id <> ALL(%s::int[]))
              ORDER BY l.date_from, l.id""",
            [
                end + timedelta(days=2),
                start - timedelta(days=2),
                employees.resource_id.ids,
                sorted(companies),
                list(without),
            ],
        )
        personal, public = defaultdict(list), defaultdict(list)
        for row in self.env.cr.fetchall():
            resource, company, calendar, begin, close, name, unpaid, *dates = row
            # Odoo ends whole days at 23:59:59: up to the full minute
            span = (epoch(begin), -(-epoch(close) // 60) * 60)
            if resource:
                personal[resource].append((span, not unpaid, *dates))
            else:
                public[company].append((span, calendar, name, zones[company]))
        return personal, public

    def _take_absences(self, plan, employee, absences, start, end):
        """Personal leaves, and public holidays: of a whole day's work a holiday, else a leave."""
        personal, public = absences
        for span, paid, *asked in personal.get(employee.resource_id.id, []):
            pieces = self._pieces(plan, span, *asked)
            plan.leaves += [Leave(*piece, paid) for piece in pieces]
        holidays = [
            (company_id, *holiday)
            for company_id in sorted(plan.belonging.company_ids)
            for holiday in public.get(company_id, [])
        ]
        for company_id, span, calendar_id, name, zone in holidays:
            whole = self._whole_dates(span, plan.zone) or self._whole_dates(span, zone)
            touched = whole or self._touched(plan.zone, span)
            for day in touched:
                if plan.company_on(day) != company_id:
                    continue
                row = self._version_on(plan.versions, day)
                if calendar_id and (not row or row["calendar_id"] != calendar_id):
                    continue
                if not start <= day <= end:
                    continue
                if whole or self._covers(plan, span, day):
                    plan.day_types[day] = HOLIDAY
                    plan.reasons[day] = self.env._("public holiday %s", name or "")
                else:
                    plan.leaves += self._cut(plan, span, day)

    def _pieces(self, plan, span, first, last, half):
        """The instants of a leave. Who has no working schedule has no halves of a day either: Odoo
        stores the whole date then."""
        if first is not None:
            return self._days_off(plan, span, first, last)
        dates = self._whole_dates(span, plan.zone) if half else []
        return self._half_day(plan, span, dates[0], half) if len(dates) == 1 else [span]

    @staticmethod
    def _half_day(plan, span, day, half):
        """The pieces of half a day off: half of the work of its date, and none of another's."""
        every = iv.merge(piece for shift in plan.shifts for piece in shift.due)
        own = iv.merge(piece for shift in plan.shifts if shift.day == day for piece in shift.due)
        early, late = _halves(own)
        return iv.merge([*iv.subtract([span], every), *(early if half == "am" else late)])

    @staticmethod
    def _days_off(plan, span, first, last):
        """The pieces of a leave of whole days: all work of its dates, at whatever hour a shift of
        theirs begins and ends, and none of a shift of another date that reaches into them."""
        inside, outside = [], []
        for shift in plan.shifts:
            (inside if first <= shift.day <= last else outside).extend(shift.due)
        return iv.merge([*iv.subtract([span], iv.merge(outside)), *inside])

    @staticmethod
    def _touched(zone, span):
        return dates_between(zone.date_at(span[0]), zone.date_at(span[1] - 1))

    def _whole_dates(self, span, zone):
        """The dates of a holiday that goes from midnight to midnight in a zone, else []."""
        touched = self._touched(zone, span)
        begins, ends = touched[0], touched[-1] + DAY
        whole = (zone.instant(day_start_wall(begins)), zone.instant(day_start_wall(ends)))
        return touched if whole == span else []

    @staticmethod
    def _covers(plan, span, day):
        """Whether an absence takes all work of a date, or the whole of the date; without hours,
        most of it."""
        midnight = plan.zone.instant(day_start_wall(day))
        following = plan.zone.instant(day_start_wall(day + DAY))
        if span[0] <= midnight and following <= span[1]:
            return True
        due = iv.merge(piece for shift in plan.shifts if shift.day == day for piece in shift.due)
        due = due or _around_noon(plan, day)
        if due:
            return not iv.subtract(due, [span])
        noon = midnight + 12 * 3600
        return span[0] <= noon < span[1]

    @staticmethod
    def _cut(plan, span, day):
        """A holiday of a part of a date, as leaves: of hours without times what lies in them."""
        midnight = plan.zone.instant(day_start_wall(day))
        following = plan.zone.instant(day_start_wall(day + DAY))
        within = _around_noon(plan, day) or [(midnight, following)]
        return [Leave(*piece, True) for piece in iv.intersect([span], within)]


def _halves(due):
    """Work of a date in two of the same length."""
    left, early = iv.total(due) // 120 * 60, []
    for start, end in due:
        if left > 0:
            early.append((start, min(end, start + left)))
        left -= end - start
    return early, iv.subtract(due, early)


def _around_noon(plan, day):
    """Where hours of a date that have no times lie, as Odoo places them: around noon."""
    _week, minutes = plan.flexible_weeks.get(day, (0, 0))
    minutes = plan.flexible_minutes.get(day, 0) or minutes
    noon = plan.zone.instant(day_start_wall(day)) + 12 * 3600
    return [(noon - minutes * 30, noon + minutes * 30)] if minutes else []
