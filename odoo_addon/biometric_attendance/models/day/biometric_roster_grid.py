"""The roster as a grid of people and dates: what is planned and why, in one reading, and what
somebody changes of it, in one act.

Owns who is shown, a page at a time, and that nobody overwrites what changed meanwhile. What a plan
is says biometric.schedule; what a row may be, and who may write it, is the roster's own. Judges no
plan: the rules of rest it hands out are those of the rule sets. What would be wrong with a wish is
biometric_roster_check.py.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...engine import dates_between
from ..mixins.biometric_words import span_words
from .biometric_roster_check import RosterCheck
from .biometric_roster_plans import DAY, WEEK, Plans

# People on one page: their month is some 2,000 cells, which a browser draws at once.
PAGE = 60
# Cells changed by one act: a page of people for a month.
MOST_CHANGES = PAGE * 31
EVERYBODY = ("hr_officer", "payroll_officer", "auditor")


class BiometricRosterGrid(RosterCheck, models.AbstractModel):
    _name = "biometric.roster.grid"
    _description = "Roster grid"

    @api.model
    def open_grid(self, first=None, days=7, department=False, search="", offset=0):
        """Plans of a page of people of the company, in the week of the date `first` (ISO; None:
        today), in its month where `days` are more than seven. With the day before and after, whose
        shifts matter to rest.

        `{"first", "days": [{"date", "weekday", "number", "off", "today"}], "label", "may_write",
        "departments": [[id, name]], "shifts": [shift], "people": [person], "offset", "total",
        "page", "reasons": [text]}`. A shift is `{"id", "name", "code", "color", "hours", "start",
        "end", "minutes"}`, `start` and `end` in minutes from midnight of its date. A person is
        `{"id", "name", "department", "contract": minutes or None, "rest", "week_rest", "week_most":
        minutes or None, "cells": [cell]}` with a cell for the day before, each of `days` and the
        day after, as `Plans.cell` says. `reasons` are what cells name by number."""
        self.env["biometric.roster"].check_access("read")
        begin, last = self._span(first, int(days))
        domain = self._people_domain(department, search)
        people = self.env["hr.employee"].sudo()
        total = people.search_count(domain)
        offset = max(0, min(int(offset), max(0, total - 1) // PAGE * PAGE))
        employees = people.search(domain, order="name, id", limit=PAGE, offset=offset)
        plans = Plans(self, employees, begin - DAY, last + DAY)
        reasons = {}
        return {
            "first": fields.Date.to_string(begin),
            "days": self._days(begin, last),
            "label": self._label(begin, last),
            "may_write": self.env["biometric.roster"].has_access("write"),
            "departments": self._departments(),
            "shifts": self._shifts(plans),
            "people": [self._person(one, plans, reasons, (begin, last)) for one in employees],
            "offset": offset,
            "total": total,
            "page": PAGE,
            "reasons": list(reasons),
        }

    @api.model
    def apply(self, changes):
        """Change cells: `[[employee id, date, was, wanted]]`, where None is nothing on the roster,
        [] a day off, and else ids of shifts. Refused as a whole where a cell is not what it was.
        Answers `{"cells": [[employee id, date, cell]], "reasons": [text], "changed": rows that
        were added or went}`."""
        self.env["biometric.roster"].check_access("write")
        if len(changes) > MOST_CHANGES:
            raise UserError(
                self.env._("At most %s days at once. Choose fewer people.", MOST_CHANGES)
            )
        asked = [self._change(*change) for change in changes]
        if not asked:
            return {"cells": [], "reasons": [], "changed": 0}
        employees = self._named({employee for employee, *_rest in asked})
        days = [day for _employee, day, *_rest in asked]
        plans = Plans(self, employees, min(days), max(days))
        self._check_unchanged(asked, plans)
        shifts = self.env["biometric.shift"]
        wishes = {
            (employee, day): None if wanted is None else shifts.browse(wanted)
            for employee, day, _was, wanted in asked
        }
        added, removed, _same = self.env["biometric.roster"]._bring_in_step(wishes)
        plans = Plans(self, employees, min(days), max(days))
        reasons = {}
        cells = [
            [employee, fields.Date.to_string(day), plans.cell(employee, day, reasons)]
            for employee, day in wishes
        ]
        return {
            "cells": cells,
            "reasons": list(reasons),
            "changed": len(added) + len(removed),
        }

    # ------------------------------------------------------------------ what is shown

    @api.model
    def _span(self, first, days):
        """(first, last date) of the week of a date, as the reader's language begins it; its month
        where more than a week is asked for."""
        day = fields.Date.to_date(first) if first else self.env.company._biometric_today()
        if days > WEEK:
            begin = day.replace(day=1)
            return begin, fields.Date.add(begin, months=1) - DAY
        begins = int(self.env["res.lang"]._get_data(code=self.env.user.lang).week_start or 1)
        begin = day - ((day.isoweekday() - begins) % WEEK) * DAY
        return begin, begin + (WEEK - 1) * DAY

    @api.model
    def _label(self, begin, last):
        """The dates; of which company where the reader has several on screen."""
        text = span_words(self.env, begin, last)
        return f"{self.env.company.name}: {text}" if len(self.env.companies) > 1 else text

    @api.model
    def _days(self, begin, last):
        today = self.env.company._biometric_today()
        return [
            {
                "date": fields.Date.to_string(day),
                "weekday": format_date(self.env, day, date_format="EEE"),
                "number": day.day,
                "off": day.weekday() > 4,
                "today": day == today,
            }
            for day in dates_between(begin, last)
        ]

    @api.model
    def _people_domain(self, department, search):
        """People of the company whose roster the reader may see, as its record rules have it."""
        domain = Domain("company_id", "=", self.env.company.id)
        has_group = self.env.user.has_group
        if not any(has_group(f"biometric_attendance.group_{role}") for role in EVERYBODY):
            own = self.env.user.sudo().employee_ids
            seen = own
            if has_group("biometric_attendance.group_approver"):
                seen |= self.env["hr.employee"]._biometric_team(self.env.user)
            domain &= Domain("id", "in", seen.ids)
        if department:
            domain &= Domain("department_id", "child_of", int(department))
        if search and search.strip():
            domain &= Domain("name", "ilike", search.strip())
        return domain

    @api.model
    def _departments(self):
        groups = (
            self.env["hr.employee"]
            .sudo()
            ._read_group(self._people_domain(False, ""), ["department_id"])
        )
        # parents too: whoever plans a plant chooses it once
        found = self.env["hr.department"].sudo().union(*(one for (one,) in groups))
        while parents := found.parent_id - found:
            found |= parents
        rows = [[one.id, one.complete_name or one.name] for one in found]
        return sorted(rows, key=lambda row: row[1].casefold())

    @api.model
    def _shifts(self, plans):
        """Shifts of the company for whoever plans, and what is planned, archived ones too."""
        found = plans.shifts
        if self.env["biometric.roster"].has_access("write"):
            own = [("company_id", "=", self.env.company.id)]
            found = self.env["biometric.shift"].sudo().search(own) | found
        return [
            {
                "id": shift.id,
                "name": shift.name,
                "code": shift.code or shift.name[:3],
                "color": shift.color,
                "hours": shift._hours_text(),
                "start": shift._span()[0],
                "end": shift._span()[1],
                "minutes": shift.duration_minutes,
                "active": shift.active,
            }
            for shift in found
        ]

    @api.model
    def _person(self, employee, plans, reasons, bounds):
        begin, last = bounds
        limits = plans.limits(employee, begin)
        return {
            "id": employee.id,
            "name": employee.name or "",
            "department": employee.department_id.name or "",
            "contract": plans.contract_minutes(employee, begin, last),
            "rest": limits.rest,
            "week_rest": limits.week_rest,
            "week_most": limits.week_most,
            "cells": [
                plans.cell(employee.id, day, reasons)
                for day in dates_between(begin - DAY, last + DAY)
            ],
        }

    # ------------------------------------------------------------------ what is changed

    @api.model
    def _change(self, employee, day, was, wanted):
        def ids(value):
            return None if value is None or value is False else sorted({int(one) for one in value})

        return int(employee), fields.Date.to_date(day), ids(was), ids(wanted)

    @api.model
    def _named(self, employee_ids):
        """These people, all of them whose roster the reader sees."""
        domain = self._people_domain(False, "") & Domain("id", "in", list(employee_ids))
        found = self.env["hr.employee"].sudo().search(domain)
        if set(found.ids) != employee_ids:
            raise AccessError(
                self.env._(
                    "Someone in the selection is not in this company, or you are not allowed "
                    "to plan them."
                )
            )
        return found

    @api.model
    def _check_unchanged(self, asked, plans):
        for employee, day, was, _wanted in asked:
            if plans.own(employee, day) != was:
                raise UserError(
                    self.env._(
                        "The roster of %(person)s on %(date)s was changed in the "
                        "meantime. Nothing was saved: check the current roster, then "
                        "plan again.",
                        person=self.env["hr.employee"].sudo().browse(employee).name,
                        date=format_date(self.env, day),
                    )
                )
