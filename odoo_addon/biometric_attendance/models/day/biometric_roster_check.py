"""What would be wrong with a roster that is wished for, in words, before anything is written.

Owns the gathering of the dates around a wish and the sentences. What is wrong judges the engine,
by the same examples as the grid on screen. Writes nothing; must not know who wishes.
"""

from odoo import api
from odoo.tools import format_date

from ...engine import dates_between, roster_check
from .biometric_roster_plans import DAY, WEEK, Plans


class RosterCheck:
    """Of biometric.roster.grid: the check of a wish. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _trouble(self, wishes):
        """Lines that say what would break a rule of rest, overlap, or fall on leave or outside
        employment (call with sudo). `wishes`: `{(employee id, date): ids of shifts}`, [] a day
        off."""
        people = self.env["hr.employee"].browse({employee for employee, _day in wishes})
        lines = []
        if not wishes:
            return lines
        days = [day for _employee, day in wishes]
        plans = Plans(self, people, min(days) - WEEK * DAY, max(days) + (WEEK + 1) * DAY)
        for employee in people.sorted("name"):
            own = sorted(day for one, day in wishes if one == employee.id)
            for monday in sorted({day - day.weekday() * DAY for day in own}):
                dates = [
                    self._planned(plans, employee, day, wishes)
                    for day in dates_between(monday - DAY, monday + WEEK * DAY)
                ]
                limits = plans.limits(employee, monday)
                lines += [
                    f"{employee.name}, {format_date(self.env, day)}: {self._conflict_words(one)}"
                    for day in own
                    if monday <= day < monday + WEEK * DAY
                    for one in roster_check.date_conflicts(dates, (day - monday).days + 1, limits)
                ]
                lines += [
                    f"{employee.name}: {self._conflict_words(one)}"
                    for one in roster_check.week_conflicts(dates[:-1], limits)
                ]
        return lines

    @api.model
    def _planned(self, plans, employee, day, wishes):
        """The engine's value of a date, with what is wished there over what stands there."""
        cell = plans.cell(employee.id, day, {})
        spans, minutes, own = cell["spans"], cell["minutes"], cell["own"]
        if (employee.id, day) in wishes:
            own = wishes[employee.id, day]
            shifts = self.env["biometric.shift"].browse(own)
            spans = [shift._span() for shift in shifts]
            minutes = sum(shifts.mapped("duration_minutes"))
        spans = [tuple(span) for span in spans]
        return roster_check.Planned(spans, minutes, bool(own), cell["leave"], cell["outside"])

    @api.model
    def _conflict_words(self, conflict):
        _ = self.env._
        values = {
            "minutes": _hours(conflict.minutes),
            "limit": _hours(conflict.limit),
        }
        return {
            "outside": lambda: _("not employed on this date"),
            "leave": lambda: _("on leave"),
            "overlap": lambda: _("overlaps with other work"),
            "rest": lambda: _("only %(minutes)s rest, %(limit)s is the least", **values),
            "week_most": lambda: _("%(minutes)s in a week, %(limit)s is the most", **values),
            "week_rest": lambda: _(
                "only %(minutes)s free in a week, %(limit)s is the least", **values
            ),
        }[conflict.kind]()


def _hours(minutes):
    """`11:00`, as the grid writes it."""
    return f"{minutes // 60}:{minutes % 60:02d}"
