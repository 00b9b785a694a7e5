"""What Odoo knows of people's time: schedules and employment as engine values.

Owns the one resolver that says which shift an employee has on a date and why, in the written order
roster, working schedule of the version in force, none. Reads in a fixed number of queries for any
number of people. Computes nothing of what was worked; leaves and holidays on top are
biometric_schedule_absences.py.
"""

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

from odoo import api, models

from ...engine import (
    REST_DAY,
    WORKDAY,
    Line,
    Zone,
    dates_between,
    occurrences,
)
from ...seams.sql_people import VERSION_FIELDS, VERSIONS
from ...seams.sql_schedule import CALENDARS, LINES
from .biometric_plan import Plan
from .biometric_schedule_absences import ScheduleAbsences

# Days around the dates asked for whose shifts may claim a punch (a night shift, a long duty).
MARGIN_DAYS = 2


class BiometricSchedule(ScheduleAbsences, models.AbstractModel):
    _name = "biometric.schedule"
    _description = "Working time of people on dates"

    @api.model
    def _plans(self, employees, first, last, without=()):
        """`{employee_id: [Plan]}` for dates `first` to `last`, both included, plus MARGIN_DAYS:
        one plan per zone the person has had in that time. `without`: ids of requests for time off
        that are left out, as if they had not been made.

        Call it with sudo: schedules and contracts are readable by HR only.
        """
        start, end = first - timedelta(days=MARGIN_DAYS), last + timedelta(days=MARGIN_DAYS)
        versions = self._versions(employees)
        calendars = self._calendars(versions)
        belongings = self.env["biometric.employment.company"]._belongings(employees)
        away = self._away(employees)
        absences = self._absences(employees, belongings, start, end, without)
        shifts_of = {}
        plans = {}
        for employee in employees:
            spans = versions.get(employee.id, [])
            person = belongings[employee.id], away[employee.id]
            names = self._zone_names(employee, person[0], spans, calendars, (start, end))
            plans[employee.id] = [
                self._plan(
                    Zone.named(name), names, person, (spans, calendars, shifts_of), (start, end)
                )
                for name in dict.fromkeys(names.values())
            ]
        self._apply_roster(plans, start, end)
        for employee in employees:
            for plan in plans[employee.id]:
                self._take_absences(plan, employee, absences, start, end)
        return plans

    def _plan(self, zone, names, person, sources, bounds):
        """`person`: companies and times outside employment; `sources`: versions of the person,
        schedules, and what was laid out before."""
        spans = sources[0]
        plan = Plan(zone, names, versions=spans, belonging=person[0])
        self._employment(plan, spans, person[1])
        self._lay_out(plan, *sources, *bounds)
        return plan

    # ------------------------------------------------------------------ reading, set-based

    def _versions(self, employees):
        """`{employee_id: [version row]}` by validity; `until` is the last date, None for open."""
        self.env["hr.version"].flush_model(VERSION_FIELDS)
        self.env.cr.execute(
            f"""SELECT v.id, v.employee_id, v.valid_from, v.contract_date_start,
                       v.contract_date_end, v.calendar_id, v.department_id, v.departure_date
                  FROM {VERSIONS} v
                 WHERE v.employee_id = ANY(%s) AND v.active
              ORDER BY v.employee_id, v.valid_from""",
            [employees.ids],
        )
        versions = defaultdict(list)
        for row in self.env.cr.dictfetchall():
            earlier = versions[row["employee_id"]]
            row["until"] = None
            if earlier:
                earlier[-1]["until"] = row["valid_from"] - timedelta(days=1)
            earlier.append(row)
        return versions

    def _calendars(self, versions):
        """`{calendar_id: dict}` with its zone, its lines and what kind of schedule it is."""
        ids = {row["calendar_id"] for rows in versions.values() for row in rows} - {None}
        self.env["resource.calendar"].flush_model()
        self.env["resource.calendar.attendance"].flush_model()
        calendars = {}
        for calendar in self.env["resource.calendar"].browse(sorted(ids)):
            calendars[calendar.id] = {
                "name": calendar.name,
                "tz": calendar.tz,
                "flexible": calendar.flexible_hours,
                "by_duration": calendar.duration_based,
                "day_minutes": round(calendar.hours_per_day * 60),
                "week_minutes": round(calendar.hours_per_week * 60),
                "two_weeks": calendar.two_weeks_calendar,
                "lines": [],
            }
        self.env.cr.execute(
            f"""SELECT calendar_id, weekday, week_type, hour_from, hour_to, day_period,
                       duration_hours
                  FROM {LINES} l WHERE calendar_id = ANY(%s) ORDER BY calendar_id, id""",
            [sorted(ids)],
        )
        for calendar_id, weekday, week, start, end, period, hours in self.env.cr.fetchall():
            calendar = calendars[calendar_id]
            week = int(week) if calendar["two_weeks"] and week else None
            line = Line(weekday, round(start * 60), round(end * 60), period == "lunch", week)
            calendar["lines"].append((line, round((hours or 0) * 60)))
        return calendars

    @api.model
    def _week_minutes(self, employees):
        """`{employee_id: date -> minutes of a week by the schedule in force, None without one}`."""
        versions = self._versions(employees)
        ids = {row["calendar_id"] for rows in versions.values() for row in rows} - {None}
        weeks = {
            one.id: round(one.hours_per_week * 60)
            for one in self.env["resource.calendar"].browse(sorted(ids))
        }

        def on(spans):
            return lambda day: weeks.get((self._version_on(spans, day) or {}).get("calendar_id"))

        return {one.id: on(versions.get(one.id, [])) for one in employees}

    @api.model
    def _any_flexible(self, employees):
        """Whether somebody has a schedule that is judged over the week."""
        self.env["resource.calendar"].flush_model(["flexible_hours"])
        self.env["hr.version"].flush_model(VERSION_FIELDS)
        self.env.cr.execute(
            f"""SELECT EXISTS (SELECT 1 FROM {VERSIONS} v
                  JOIN {CALENDARS} c ON c.id = v.calendar_id AND c.flexible
                 WHERE v.employee_id = ANY(%s) AND v.active)""",
            [employees.ids],
        )
        return self.env.cr.fetchone()[0]

    # ------------------------------------------------------------------ one employee

    @staticmethod
    def _version_on(spans, day):
        """Row in force on a date; the first one also covers what is older than it."""
        found = spans[0] if spans else None
        for row in spans:
            if row["valid_from"] <= day:
                found = row
        return found

    def _zone_names(self, employee, belonging, spans, calendars, bounds):
        """`{date: zone name}`: that of the schedule in force, else the person's own of then."""
        names = {}
        for first, last, row in self._stretches(spans, *bounds):
            calendar = calendars.get(row["calendar_id"]) if row else None
            scheduled = calendar and calendar["tz"]
            for day in dates_between(first, last):
                names[day] = scheduled or belonging.zone_on(day) or employee.tz or "UTC"
        return names

    def _away(self, employees):
        """`{employee_id: [(first date, last date or None)]}` outside employment by archiving."""
        found = self.env["biometric.employment.break"]._times(employees)
        for employee in employees.filtered(lambda one: not one.active):
            if all(last for _first, last in found[employee.id]):
                last_day = employee._biometric_last_day()
                found[employee.id].append((last_day + timedelta(days=1), None))
        return found

    @api.model
    def _lives(self, employees):
        """`{employee_id: [(first date, schedule id, department id, employed)]}` by date: what a
        person's contract versions say of a date, without reading any schedule."""
        versions, away = self._versions(employees), self._away(employees)
        return {
            employee.id: self._life(versions.get(employee.id, []), away[employee.id])
            for employee in employees
        }

    def _life(self, spans, away):
        plan = Plan(None)
        self._employment(plan, spans, away)
        hired, left = plan.employed_from or date.min, plan.employed_until or date.max
        begins = {date.min, hired, *(row["valid_from"] for row in spans[1:])}
        begins |= {edge for first, last in plan.away for edge in (first, last + timedelta(days=1))}
        if left < date.max:
            begins.add(left + timedelta(days=1))
        life = []
        for day in sorted(begins):
            row = self._version_on(spans, day) or {}
            where = (row.get("calendar_id"), row.get("department_id"))
            away = any(first <= day <= last for first, last in plan.away)
            life.append((day, *where, hired <= day <= left and not away))
        return life

    @staticmethod
    def _employment(plan, spans, away):
        """First and last day under contract and the dates between two contracts; without contract
        dates, always employed but for the times `away` by archiving."""
        ends = [row["departure_date"] or row["contract_date_end"] for row in spans]
        if spans and _is_answered(spans[-1]["departure_date"], away):
            ends[-1] = spans[-1]["contract_date_end"]
        starts = [row["contract_date_start"] for row in spans]
        # of several versions of one contract the last says when it ends
        contracts = dict(zip(starts, ends, strict=True))
        if starts and all(starts):
            plan.employed_from = min(starts)
            plan.away = tuple(
                (end + timedelta(days=1), begin - timedelta(days=1))
                for (_start, end), (begin, _end) in pairwise(sorted(contracts.items()))
                if end and (begin - end).days > 1
            )
        if ends and ends[-1]:
            plan.employed_until = max(day for day in contracts.values() if day)
        for first, last in away:
            if last:
                plan.away += ((first, last),)
            else:
                last_day = first - timedelta(days=1)
                plan.employed_until = min(last_day, plan.employed_until or last_day)

    def _lay_out(self, plan, spans, calendars, shifts_of, start, end):
        """Shifts and day types of each stretch of dates under one version."""
        for first, last, row in self._stretches(spans, start, end):
            calendar_id = row and row["calendar_id"]
            calendar = calendars.get(calendar_id)
            if row:
                plan.department_by_date.update(
                    dict.fromkeys(dates_between(first, last), row["department_id"])
                )
            if not calendar:
                why = self.env._("no working schedule")
                plan.reasons.update(dict.fromkeys(dates_between(first, last), why))
                continue
            memo = (calendar_id, first, last, plan.zone.name)
            if memo not in shifts_of:
                shifts_of[memo] = self._calendar_days(plan.zone, calendar_id, calendar, first, last)
            shifts, day_types, flexible, weeks = shifts_of[memo]
            plan.shifts += shifts
            plan.day_types.update(day_types)
            plan.flexible_minutes.update(flexible)
            plan.flexible_weeks.update(weeks)
            why = self.env._("working schedule %s", calendar["name"])
            plan.reasons.update(dict.fromkeys(dates_between(first, last), why))

    @staticmethod
    def _stretches(spans, start, end):
        """`(first, last, version row)` that together cover `start` to `end`."""
        if not spans:
            return [(start, end, None)]
        stretches = []
        for number, row in enumerate(spans):
            first = start if number == 0 else max(start, row["valid_from"])
            last = end if row["until"] is None else min(end, row["until"])
            if first <= last:
                stretches.append((first, last, row))
        return stretches

    @staticmethod
    def _calendar_days(zone, calendar_id, calendar, first, last):
        """(shifts, day types, minutes by date, hours of the week by date) of one schedule."""
        day_types, flexible, weeks, shifts = {}, {}, {}, []
        days = dates_between(first, last)
        if calendar["flexible"]:
            weeks = dict.fromkeys(days, (calendar["week_minutes"], calendar["day_minutes"]))
            day_types = dict.fromkeys(days, WORKDAY)
        elif calendar["by_duration"]:
            for day in days:
                due = [minutes for line, minutes in calendar["lines"] if line.falls_on(day)]
                flexible[day] = sum(due)
                day_types[day] = WORKDAY if due else REST_DAY
        else:
            lines = [line for line, _minutes in calendar["lines"]]
            shifts = occurrences(zone, lines, first, last, f"schedule-{calendar_id}")
            working = {shift.day for shift in shifts}
            day_types = {day: WORKDAY if day in working else REST_DAY for day in days}
        return shifts, day_types, flexible, weeks

    @api.model
    def _apply_roster(self, plans, start, end):
        rows = self.env["biometric.roster"].search(
            [("employee_id", "in", list(plans)), ("date", ">=", start), ("date", "<=", end)],
            order="employee_id, date, id",
        )
        for (employee, day), own in rows.grouped(
            lambda row: (row.employee_id.id, row.date)
        ).items():
            for plan in plans[employee]:
                self._take_roster(plan, day, own.shift_id.sorted("start"))

    def _take_roster(self, plan, day, shifts):
        plan.shifts = [shift for shift in plan.shifts if shift.day != day] + [
            shift._occurrence(plan.zone, day, number) for number, shift in enumerate(shifts, 1)
        ]
        plan.flexible_minutes.pop(day, None)
        plan.flexible_weeks.pop(day, None)
        plan.day_types[day] = WORKDAY if shifts else REST_DAY
        plan.reasons[day] = self.env._(
            "roster: %s", ", ".join(shifts.mapped("name")) or self.env._("day off")
        )


def _is_answered(departure, away):
    """Whether somebody came back from a departure that Odoo still names: an import that sets
    people active does not clear it. They were away, then they were not."""
    return bool(departure) and any(
        last and first <= departure + timedelta(days=1) <= last for first, last in away
    )
