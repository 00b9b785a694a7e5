"""The screen Today: where people are now, and how the last weeks went, in two readings.

`get_today` is what is read again with every change, `get_trends` what changes once a day. States
are those of the days, counted under the reader's own record rules; every number comes with the
domain that lists it. Owns which states are shown together and how far back is looked. Computes no
state.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_time

from ..mixins.biometric_bus import SEES_PEOPLE
from ..mixins.biometric_words import day_words
from ..mixins.sql_view import uncompiled

TODAY = ("period", "=", "today")
IS_LATE = ("late_minutes", ">", 0)
OFF = ("rest_day", "holiday")
SETTLED = ("absent", "on_leave", *OFF)
# What each number lists. All but `late` part the days: each is in one of them. Who is at work, or
# due and not here, may belong to the night that began yesterday.
STATES = {
    "at_work": [("presence", "=", "at_work")],
    "not_here": [("presence", "=", "not_here")],
    "late": [TODAY, IS_LATE],
    "absent": [TODAY, ("status", "=", "absent")],
    "on_leave": [TODAY, ("status", "=", "on_leave")],
    "out": [
        TODAY,
        ("presence", "=", "other"),
        ("first_in_at", "!=", False),
        ("status", "not in", SETTLED),
    ],
    "expected": [TODAY, ("presence", "=", "expected")],
    "off": [TODAY, ("status", "in", OFF)],
    "unknown": [
        TODAY,
        ("presence", "=", "other"),
        ("first_in_at", "=", False),
        ("status", "not in", SETTLED),
    ],
}
SINCE_YESTERDAY = [("presence", "in", ("at_work", "not_here"))]
# Names that are shown of a list; the others are one click away.
MOST_NAMES = 10
WEEKS = 8
WEEK = timedelta(days=7)
# Days since a finding came up: from, to (None: without end).
AGES = ((0, 1), (2, 3), (4, 7), (8, 14), (15, 30), (31, None))
# More lines in one chart nobody can tell apart; the others are one line together.
MOST_DEPARTMENTS = 6
# Screens need to know about days that people are living in; a month computed again is no news.
NEWS = timedelta(days=2)


class BiometricToday(models.AbstractModel):
    _name = "biometric.today"
    _description = "Today"

    @api.model
    def get_today(self):
        """`{"date", "clock", "domains": {state: domain}, "departments": [{"id", "name", "counts":
        {state: number}}], "branches": [{"id", "name", "count"}], "names": {"not_here" | "late":
        [{"id", "name", "clock", "minutes"}]}, "hours": {"here": [24 numbers], "due": [24 numbers],
        "now": 0 to 23}}`; departments by name, without any last (id False)."""
        self._check_may()
        uncompiled(self.env)
        days = self.env["biometric.day"]
        hours = days._count_hours_today()
        zone = self.env.company._biometric_zone()
        now = fields.Datetime.now()
        # Found once: whose today it is depends on the place of each.
        today = days.search([TODAY])
        return {
            "date": day_words(self.env, self.env.company._biometric_today(), weekday=True),
            "clock": format_time(self.env, now, tz=zone, time_format="short"),
            "domains": STATES,
            "departments": self._by_department(today),
            "branches": self._by_branch(),
            "names": {"not_here": self._missing_people(now), "late": self._late_people(today)},
            "hours": {
                "here": hours["here_in_hour"],
                "due": hours["due_in_hour"],
                "now": fields.Datetime.context_timestamp(self.with_context(tz=zone), now).hour,
            },
        }

    @api.model
    def get_trends(self):
        """`{"weeks": [{"from", "to", "label"}], "departments": [{"id", "name", "late": [minutes a
        week]}], "others": {"ids", "late"} or False, "overtime": [minutes a week], "held": [the
        same, to be approved], "findings": [{"from", "to", "count"}] or False}`.

        Weeks begin as the reader's language has it; the last one is the current. `others` are the
        departments beyond MOST_DEPARTMENTS, `ids` those that are *not* among them. `findings`: open
        work by the date of its day, False for whom it is not."""
        self._check_may()
        uncompiled(self.env)
        first, _before = self.env["biometric.day"]._period_bounds(
            "this_week", self.env.company._biometric_zone()
        )
        first -= WEEK * (WEEKS - 1)
        late, overtime, held = self._week_sums(first)
        shown, others = self._most_late(late)
        return {
            "weeks": [self._week(first + WEEK * number) for number in range(WEEKS)],
            "departments": shown,
            "others": others,
            "overtime": overtime,
            "held": held,
            "findings": self._findings_by_age(),
        }

    @api.model
    def _check_may(self):
        has_group = self.env.user.has_group
        if not any(has_group(f"biometric_attendance.group_{role}") for role in SEES_PEOPLE):
            raise AccessError(
                self.env._(
                    "Today shows other people: it is for attendance approvers, HR, payroll and "
                    "auditors. Your own days are under My time."
                )
            )

    # ------------------------------------------------------------------ now

    @api.model
    def _by_department(self, today):
        found = defaultdict(lambda: dict.fromkeys(STATES, 0))
        days = self.env["biometric.day"]
        now = today | days.search(SINCE_YESTERDAY)
        groups = days._read_group(
            [("id", "in", now.ids)],
            ["department_id", "presence", "status"],
            ["__count", "first_in_at:count"],
        )
        for department, presence, status, count, came in groups:
            counts = found[department]
            if presence != "other":
                counts[presence] += count
            elif status in SETTLED:
                counts["off" if status in OFF else status] += count
            else:
                counts["out"] += came
                counts["unknown"] += count - came
        for department, count in days._read_group(
            [("id", "in", today.ids), IS_LATE], ["department_id"], ["__count"]
        ):
            found[department]["late"] += count
        rows = [
            {"id": one.id, "name": one.sudo().name or "", "counts": counts}
            for one, counts in found.items()
        ]
        return sorted(rows, key=lambda row: (not row["id"], row["name"].casefold()))

    @api.model
    def _by_branch(self):
        """Where whoever is at work came in; whom a person typed in is at no branch (id False)."""
        counts = self.env["biometric.day"]._count_at_branches()
        branches = self.env["biometric.agent"].sudo().browse([one for one in counts if one])
        names = {one.id: one.name for one in branches}
        rows = [
            {"id": one or False, "name": names.get(one, ""), "count": count}
            for one, count in counts.items()
        ]
        return sorted(rows, key=lambda row: (not row["id"], -row["count"], row["name"]))

    @api.model
    def _missing_people(self, now):
        days = self.env["biometric.day"].search(
            STATES["not_here"], order="due_at, id", limit=MOST_NAMES
        )
        return [
            self._person(day, day.due_at, int((now - day.due_at).total_seconds()) // 60)
            for day in days
        ]

    @api.model
    def _late_people(self, today):
        days = self.env["biometric.day"].search(
            [("id", "in", today.ids), IS_LATE], order="late_minutes DESC, id", limit=MOST_NAMES
        )
        return [self._person(day, day.first_in_at, day.late_minutes) for day in days]

    @api.model
    def _person(self, day, moment, minutes):
        return {
            "id": day.id,
            "name": day.employee_id.sudo().name or "",
            "clock": day._clock(moment) or "",
            "minutes": minutes,
        }

    # ------------------------------------------------------------------ the last weeks

    @api.model
    def _week(self, first):
        last = first + WEEK - timedelta(days=1)
        return {
            "from": fields.Date.to_string(first),
            "to": fields.Date.to_string(last),
            "label": day_words(self.env, first),
        }

    @api.model
    def _week_sums(self, first):
        """(late minutes `{department: [a week]}`, overtime `[a week]`, to be approved `[a week]`)
        from `first` on."""
        some = Domain.OR(
            Domain(name, ">", 0)
            for name in ("late_minutes", "overtime_minutes", "overtime_unapproved_minutes")
        )
        groups = self.env["biometric.day"]._read_group(
            Domain("date", ">=", first) & Domain("date", "<", first + WEEK * WEEKS) & some,
            ["date:day", "department_id"],
            ["late_minutes:sum", "overtime_minutes:sum", "overtime_unapproved_minutes:sum"],
        )
        late = defaultdict(lambda: [0] * WEEKS)
        overtime, held = [0] * WEEKS, [0] * WEEKS
        for day, department, late_minutes, minutes, held_minutes in groups:
            week = (day - first).days // WEEK.days
            late[department][week] += late_minutes or 0
            overtime[week] += minutes or 0
            held[week] += held_minutes or 0
        return late, overtime, held

    @api.model
    def _most_late(self, late):
        """(the departments with most late minutes, the others together or False)."""
        order = sorted(
            ((one, weeks) for one, weeks in late.items() if any(weeks)),
            key=lambda row: (-sum(row[1]), row[0].sudo().name or ""),
        )
        shown = [
            {"id": one.id, "name": one.sudo().name or "", "late": weeks}
            for one, weeks in order[:MOST_DEPARTMENTS]
        ]
        rest = order[MOST_DEPARTMENTS:]
        if not rest:
            return shown, False
        together = [sum(weeks) for weeks in zip(*(weeks for _one, weeks in rest), strict=True)]
        return shown, {"ids": [row["id"] for row in shown], "late": together}

    @api.model
    def _findings_by_age(self):
        work = self.env["biometric.work"]
        if not work.has_access("read"):
            return False
        today = self.env.company._biometric_today()
        counts = [0] * len(AGES)
        for day, count in work._read_group([], ["date:day"], ["__count"]):
            age = max(0, (today - day).days)
            place = next(n for n, (_from, to) in enumerate(AGES) if to is None or age <= to)
            counts[place] += count
        return [
            {
                "from": begin,
                "to": end,
                "count": count,
                # a place east of the company's may have tomorrow's date already
                "domain": [
                    *([("date", "<=", str(today - timedelta(days=begin)))] if begin else []),
                    *([("date", ">=", str(today - timedelta(days=end)))] if end else []),
                ],
            }
            for (begin, end), count in zip(AGES, counts, strict=True)
        ]

    @api.model
    def _tell_screens(self, rows):
        """Days were kept as these rows say: screens that show today hear of it, once a company."""
        since = fields.Date.today() - NEWS
        companies = {row["company_id"] for row in rows if row["date"] >= since}
        for company in self.env["res.company"].browse(sorted(companies)):
            self.env["biometric.bus"]._tell("day", company, {})
