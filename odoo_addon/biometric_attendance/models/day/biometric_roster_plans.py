"""What is planned for some people over some dates: the plan of each date, and what the roster
itself names there.

Owns one reading of both for the grid and for the check of a wish. What a plan is says
biometric.schedule. Must not know who looks, nor what is wished.
"""

from datetime import timedelta

from ...engine import HOLIDAY, REST_DAY, dates_between, day_start_wall, roster_check
from ...engine import intervals as iv

DAY = timedelta(days=1)
WEEK = 7


class Plans:
    """Plans of some people over some dates, and what stands on the roster there."""

    def __init__(self, grid, employees, first, last):
        su = grid.sudo().env
        self._plans = su["biometric.schedule"]._plans(employees, first, last)
        self._weeks = su["biometric.schedule"]._week_minutes(employees)
        self._book = su["biometric.rule"]._book_of(employees)
        rows = grid.env["biometric.roster"].search(
            [("employee_id", "in", employees.ids), ("date", ">=", first), ("date", "<=", last)]
        )
        self.shifts = rows.shift_id.sudo()
        self._own = {
            key: sorted(own.shift_id.ids)
            for key, own in rows.grouped(lambda row: (row.employee_id.id, row.date)).items()
        }

    def own(self, employee_id, day):
        """Ids of the shifts on the roster, [] for a day off, None for nothing."""
        return self._own.get((employee_id, day))

    def _plan(self, employee_id, day):
        plans = self._plans[employee_id]
        return next((plan for plan in plans if plan.holds(day)), plans[-1])

    def limits(self, employee, day):
        """Limits of a person's rule set on a date, as the engine takes them."""
        plan = self._plan(employee.id, day)
        department = plan.department_by_date.get(day)
        rules = self._book.find(plan.company_on(day), employee.id, department, day)[2]
        return roster_check.Limits(
            rules.min_daily_rest_minutes,
            rules.min_weekly_rest_minutes,
            # an average over weeks cannot be broken by one of them
            None if rules.averaging_weeks else rules.max_weekly_minutes,
        )

    def contract_minutes(self, employee, first, last):
        """Minutes of the working schedules in force over these dates, a seventh of a week a date;
        None without one. Time outside employment counts nothing."""
        due, known = 0, False
        for day in dates_between(first, last):
            minutes = self._weeks[employee.id](day)
            if minutes is not None:
                known = True
                due += 0 if self._plan(employee.id, day).is_outside(day) else minutes
        return round(due / 7) if known else None

    def cell(self, employee_id, day, reasons):
        """`{"own": shift ids or None, "spans": [[begin, end]] in minutes from midnight of the date,
        "minutes": planned work, "kind": day type or "", "leave": whether a leave touches it,
        "outside": not employed, "why": number of its reason}`."""
        plan = self._plan(employee_id, day)
        midnight = plan.zone.instant(day_start_wall(day))
        following = plan.zone.instant(day_start_wall(day + DAY))
        shifts = sorted((one for one in plan.shifts if one.day == day), key=lambda one: one.order)
        minutes = sum(iv.total(one.due) for one in shifts) // 60
        if day in plan.flexible_minutes:
            minutes = plan.flexible_minutes[day]
        elif day in plan.flexible_weeks:
            minutes = round(plan.flexible_weeks[day][0] / 7)
        kind = plan.day_types.get(day, "")
        own = self.own(employee_id, day)
        return {
            "own": own,
            "spans": [[(one.start - midnight) // 60, (one.end - midnight) // 60] for one in shifts]
            # on a holiday nobody is expected by a schedule; whom the roster names may be
            if kind != HOLIDAY or own
            else [],
            "minutes": 0 if kind == REST_DAY else minutes,
            "kind": kind,
            "leave": self._is_leave(plan, day, (midnight, following)),
            "outside": plan.is_outside(day),
            "why": reasons.setdefault(plan.reasons.get(day, ""), len(reasons)),
        }

    @staticmethod
    def _is_leave(plan, day, date):
        """Whether a leave touches a date, `date` in instants: not by a shift of another one that
        reaches into it."""
        beside = [piece for shift in plan.shifts if shift.day != day for piece in shift.due]
        own = iv.subtract([date], iv.merge(beside))
        leaves = [(leave.start, leave.end) for leave in plan.leaves]
        return bool(iv.overlap(iv.merge(leaves), own))
