"""What only a week can know about rest and hours: findings, derived again with every day of it.

Owns the list of findings. They are computed from stored days alone, after these were kept, so they
say the same whatever was computed first. Changes no day and no minute.
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...engine import (
    Zone,
    dates_between,
    epoch,
    slices_of,
    weeks_of,
)
from ..mixins.biometric_computed import ComputedAlone

WEEK = timedelta(days=7)
KINDS = [
    ("weekly_hours_long", "Too many hours"),
    ("weekly_rest_short", "Weekly rest too short"),
]


class StoredDay(NamedTuple):
    employee_id: int
    date: date
    company_id: int
    department_id: int | None
    segments: list
    zone: str


class BiometricWeekFinding(ComputedAlone, models.Model):
    _name = "biometric.week.finding"
    _description = "Weekly exception"
    _inherit = ["biometric.look"]
    _order = "week_start desc, employee_id, kind"
    _rec_name = "week_start"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="cascade", index=True
    )
    department_id = fields.Many2one("hr.department", readonly=True)
    week_start = fields.Date("Week of", required=True, readonly=True)
    kind = fields.Selection(KINDS, "Exception", required=True, readonly=True, index=True)
    worked_minutes = fields.Integer("Worked this week", readonly=True)
    rule_id = fields.Many2one("biometric.rule", readonly=True, ondelete="restrict")
    rule_name = fields.Char("Rule set", readonly=True)

    _one_a_week = models.UniqueIndex("(employee_id, week_start, kind)")

    def _refuse_by_hand(self):
        raise AccessError(self.env._("Weekly exceptions are computed from days."))

    # ------------------------------------------------------------------ from days

    @api.model
    def _follow(self, dates_of, book):
        """Derive the findings of every week that days of `{employee_id: dates}` belong to or are
        averaged into. Called with the days of these dates stored."""
        if not dates_of:
            return
        watching, found = book.watching(), []
        span = max((rules.averaging_weeks or 1 for rules in watching), default=1)
        first = min(map(min, dates_of.values())) - WEEK
        last = max(map(max, dates_of.values())) + WEEK * span
        if watching:
            last = max(last, self._first_others(dates_of) + WEEK * span)
            # whole weeks, those they are averaged with, and the night before
            begin, end = first - WEEK * (span + 1), last + WEEK
            older = self._with_days_before(list(dates_of), begin)
            for employee_id, days in self._stored_days(list(dates_of), begin, end).items():
                # dates without a day count as free from the person's very first day on
                start = begin if employee_id in older else days[0].date
                found += self._findings(days, book, start, (first, last))
        self._keep(list(dates_of), (first, last), found)

    @api.model
    def _stored_days(self, employee_ids, first, last):
        """`{employee_id: [StoredDay]}` by date, from the first day there is within the dates."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT employee_id, date, company_id, department_id, derivation->'segments',
                      derivation->>'zone'
                 FROM biometric_day WHERE employee_id = ANY(%s) AND date BETWEEN %s AND %s
             ORDER BY employee_id, date""",
            (employee_ids, first, last),
        )
        days = defaultdict(list)
        for row in self.env.cr.fetchall():
            days[row[0]].append(StoredDay(*row))
        return days

    @api.model
    def _findings(self, days, book, start, bounds):
        """Rows of one employee's weeks that begin within `bounds`, both included."""
        by_date = {day.date: day for day in days}

        def chosen(day):
            own = by_date.get(day) or days[0]
            return book.find(own.company_id, own.employee_id, own.department_id, day)

        def rules_for(day):
            return chosen(day)[2]

        slices = defaultdict(list)
        for day in dates_between(start, days[-1].date):
            own = by_date.get(day)
            zone = Zone.named((own or days[0]).zone)
            segments = [(epoch(a), epoch(b), name) for a, b, name in own.segments] if own else ()
            for piece in slices_of(day, segments, zone, rules_for(day)):
                slices[piece.week].append(piece)
        weeks = sorted(slices)
        rows = []
        for number, week in enumerate(weeks):
            if not bounds[0] <= week <= bounds[1]:
                continue
            rule_id, rule_name, rules = chosen(week)
            held = weeks[max(0, number + 1 - (rules.averaging_weeks or 1)) : number + 1]
            own = [by_date[piece.day] for piece in slices[week] if piece.day in by_date]
            if not own:
                continue
            pieces = [piece for name in held for piece in slices[name]]
            found = weeks_of(pieces, Zone.named(own[-1].zone), rules_for)[-1]
            rows += [
                (
                    own[-1].company_id,
                    own[-1].employee_id,
                    own[-1].department_id,
                    week,
                    kind,
                    sum(found.buckets.values()),
                    rule_id,
                    rule_name,
                )
                for kind in found.findings
            ]
        return rows

    @api.model
    def _first_others(self, dates_of):
        """Latest first day that anybody has beside these dates: who got an earlier first day now
        has whole averages from there up to then."""
        self.env.cr.execute(
            """SELECT max(o.first) FROM unnest(%s, %s, %s) w (employee_id, begins, ends)
                 CROSS JOIN LATERAL (
                      SELECT min(d.date) AS first FROM biometric_day d
                       WHERE d.employee_id = w.employee_id AND d.date > w.ends) o
                WHERE NOT EXISTS (SELECT 1 FROM biometric_day e
                                   WHERE e.employee_id = w.employee_id AND e.date < w.begins)""",
            (
                list(dates_of),
                [min(days) for days in dates_of.values()],
                [max(days) for days in dates_of.values()],
            ),
        )
        return self.env.cr.fetchone()[0] or min(min(days) for days in dates_of.values())

    @api.model
    def _with_days_before(self, employee_ids, day):
        self.env.cr.execute(
            """SELECT e.id FROM unnest(%s) e (id) WHERE EXISTS (
                   SELECT 1 FROM biometric_day d WHERE d.employee_id = e.id AND d.date < %s)""",
            (employee_ids, day),
        )
        return {row[0] for row in self.env.cr.fetchall()}

    @api.model
    def _keep(self, employee_ids, bounds, rows):
        columns = (
            "company_id, employee_id, department_id, week_start, kind, worked_minutes, rule_id,"
            " rule_name"
        )
        self.env.cr.execute(
            SQL(
                """DELETE FROM biometric_week_finding
                    WHERE employee_id = ANY(%s) AND week_start BETWEEN %s AND %s
                      AND NOT (employee_id, week_start, kind) IN (SELECT * FROM unnest(
                          %s::integer[], %s::date[], %s::varchar[]))""",
                employee_ids,
                *bounds,
                [row[1] for row in rows],
                [row[3] for row in rows],
                [row[4] for row in rows],
            )
        )
        if rows:
            execute_values(
                self.env.cr._obj,
                f"""INSERT INTO biometric_week_finding ({columns}) VALUES %s
                    ON CONFLICT (employee_id, week_start, kind) DO UPDATE
                       SET company_id = EXCLUDED.company_id,
                           department_id = EXCLUDED.department_id,
                           worked_minutes = EXCLUDED.worked_minutes,
                           rule_id = EXCLUDED.rule_id, rule_name = EXCLUDED.rule_name""",
                rows,
            )
        self.invalidate_model()
