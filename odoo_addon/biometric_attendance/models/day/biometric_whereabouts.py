"""Where the people of today are and were: at which branch now, and in which hours of the day.

Read from what a day keeps of its sessions and shifts; nothing is stored and nothing is judged here.
The same statements count for a screen and find the days behind each number.
"""

from datetime import timedelta

from odoo import api, fields
from odoo.tools import SQL

from ..mixins.sql_view import uncompiled

# The clocks of all places on earth lie between these and UTC.
FURTHEST_WEST, FURTHEST_EAST = timedelta(hours=12), timedelta(hours=14)
# A night shift that reaches into a date began on the one before.
NIGHT = timedelta(days=1)
# What a day keeps, and the names of its two ends there.
SPANS = {"here_in_hour": ("sessions", "in", "out"), "due_in_hour": ("shifts", "start", "end")}


class DayWhereabouts:
    """Of biometric.day: branch and hours. Mixed into its one class."""

    __slots__ = ()

    def _compute_of_hours(self):
        self.here_in_hour = self.due_in_hour = False

    @api.depends("status", "derivation")
    def _compute_branch_id(self):
        self.env.cr.execute(SQL("%s AND d.id = ANY(%s)", self._at_branches(), list(self._ids)))
        branches = dict(self.env.cr.fetchall())
        for day in self:
            day.branch_id = branches.get(day.id, False)

    @api.model
    def _at_branches(self):
        """Statement of `(day, branch)` of whoever is at work; whose last punch was typed in by a
        person is at no branch. A derivation names a punch by the first digits of its key."""
        self.flush_model(["status", "derivation", "company_id"])
        self.env["biometric.device"].flush_model(["agent_id"])
        return SQL(
            """SELECT d.id, v.agent_id FROM biometric_day d
                CROSS JOIN LATERAL (
                      SELECT s->>'in_punch' AS digits
                        FROM jsonb_array_elements(d.derivation->'sessions') s
                    ORDER BY s->>'in' DESC LIMIT 1) l
                 JOIN biometric_punch p ON p.company_id = d.company_id
                  AND p.key >= l.digits AND p.key < l.digits || 'g'
                 JOIN biometric_device v ON v.id = p.device_id
                WHERE d.status = 'at_work'"""
        )

    @api.model
    def _search_branch_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        known = SQL("(SELECT b.id FROM (%s) b)", self._at_branches())
        wanted = [one for one in value if one]
        named = SQL(
            "(SELECT b.id FROM (%s) b WHERE b.agent_id = ANY(%s))", self._at_branches(), wanted
        )
        domain = [("id", "in", named)]
        return ["|", *domain, ("id", "not in", known)] if False in value else domain

    @api.model
    def _count_at_branches(self):
        """`{id of the branch, or None: number}` of the days of whoever the reader sees at work."""
        days = self._search([("presence", "=", "at_work")])
        self.env.cr.execute(
            SQL(
                """SELECT b.agent_id, count(*) FROM biometric_day d
                     LEFT JOIN (%s) b ON b.id = d.id WHERE d.id IN %s GROUP BY b.agent_id""",
                self._at_branches(),
                days.subselect(),
            )
        )
        return dict(self.env.cr.fetchall())

    # ------------------------------------------------------------------ hours of today

    @api.model
    def _hours_today(self, *asked):
        """Statement of `(day, what, hour)`: hours of today, by the clock of each place, that a
        session (`here_in_hour`) or a shift (`due_in_hour`) touches, of those asked for. Who is at
        work still is; what has no end otherwise counts in the hour of its beginning alone."""
        self.flush_model(["date", "status", "derivation"])
        now = fields.Datetime.now()
        return SQL(
            """SELECT DISTINCT d.id, e.what, extract(hour FROM h.hour)::integer AS hour
                 FROM biometric_day d
                CROSS JOIN LATERAL (SELECT COALESCE(d.derivation->>'zone', 'UTC') AS zone,
                                           %(now)s::timestamp AT TIME ZONE 'UTC' AS now) z
                CROSS JOIN LATERAL (SELECT date_trunc('day', z.now AT TIME ZONE z.zone) AS day) t
                CROSS JOIN LATERAL (%(spans)s) e
                CROSS JOIN LATERAL (
                      SELECT e.begins AT TIME ZONE z.zone AS begins,
                             GREATEST(e.begins, COALESCE(e.ends,
                                      CASE WHEN d.status = 'at_work' THEN z.now END)
                                      - interval '1 second') AT TIME ZONE z.zone AS ends) s
                CROSS JOIN LATERAL generate_series(
                      date_trunc('hour', GREATEST(s.begins, t.day)),
                      LEAST(s.ends, t.day + interval '1 day' - interval '1 second'),
                      interval '1 hour') h (hour)
                WHERE d.date BETWEEN %(first)s AND %(last)s AND %(companies)s
                  AND d.date BETWEEN t.day::date - 1 AND t.day::date + 1
                  AND s.ends >= t.day AND s.begins < t.day + interval '1 day'""",
            now=now,
            spans=SQL(" UNION ALL ").join(_spans_of(which) for which in asked),
            first=_earliest(now),
            last=(now + FURTHEST_EAST).date(),
            companies=self._of_companies(SQL.identifier("d", "company_id")),
        )

    @api.model
    def _count_hours_today(self):
        """`{what: [number] of 24}`: the days of whoever the reader sees, by the hours of today."""
        days = self._search([("date", ">=", _earliest(fields.Datetime.now()))])
        self.env.cr.execute(
            SQL(
                """SELECT t.what, t.hour, count(*) FROM (%s) t WHERE t.id IN %s
                 GROUP BY t.what, t.hour""",
                self._hours_today(*SPANS),
                days.subselect(),
            )
        )
        counts = {which: [0] * 24 for which in SPANS}
        for which, hour, count in self.env.cr.fetchall():
            counts[which][hour] = count
        return counts

    @api.model
    def _search_here_in_hour(self, operator, value):
        return self._search_hours(operator, value, "here_in_hour")

    @api.model
    def _search_due_in_hour(self, operator, value):
        return self._search_hours(operator, value, "due_in_hour")

    @api.model
    def _search_hours(self, operator, value, which):
        if operator != "in":
            return NotImplemented
        hours = [one for one in value if one is not False]
        uncompiled(self.env)
        found = SQL(
            "(SELECT t.id FROM (%s) t WHERE t.hour = ANY(%s))", self._hours_today(which), hours
        )
        return [("id", "in", found)]


def _spans_of(which):
    """Statement of `(what, begins, ends)` of the sessions or shifts of day d."""
    what, begins, ends = SPANS[which]
    planned = SQL("WHERE d.status NOT IN ('on_leave', 'holiday', 'rest_day')")
    return SQL(
        """SELECT %(which)s AS what, (e->>%(begins)s)::timestamptz AS begins,
                  (e->>%(ends)s)::timestamptz AS ends
             FROM jsonb_array_elements(d.derivation->%(what)s) e %(only)s""",
        which=which,
        what=what,
        begins=begins,
        ends=ends,
        only=planned if which == "due_in_hour" else SQL(),
    )


def _earliest(now):
    """First date whose work can reach into today, at any place."""
    return (now - FURTHEST_WEST).date() - NIGHT
