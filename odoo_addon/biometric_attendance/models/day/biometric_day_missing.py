"""Days that must exist although nobody punched, and days that only the passing of time settles.

Owns from when to when a person is tracked. Marks through biometric.stale.day; computes nothing.
"""

from datetime import timedelta

from odoo import api, fields

from ...seams.job import go_round
from ...seams.sql_people import EMPLOYEES, VERSIONS
from ...seams.sql_schedule import CALENDARS, RESOURCES

# A terminal's memory or a wrong clock must not make years of absences of people whose mapping says
# no first day: so many days back at most.
LONGEST_FILL_DAYS = 400
# A second or so of the two statements where everybody has a year of days.
PEOPLE_PER_PIECE = 500


class MissingDays:
    """Of biometric.stale.day: what is marked although nothing changed. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _tracked(self, employee_ids=None):
        """`{employee_id: (first, last)}`: dates on which the terminals know the person.

        They begin where a mapping begins, else at its first punch, else the day at the terminal
        on which somebody mapped it; they end with the last mapping.
        """
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT u.employee_id,
                      min(COALESCE(u.valid_from, LEAST((u.write_date AT TIME ZONE 'UTC'
                             AT TIME ZONE COALESCE((
                                 SELECT z.tz FROM biometric_device_zone z
                                  WHERE z.device_id = d.id ORDER BY z.valid_from DESC LIMIT 1),
                             a.tz, 'UTC'))::date, (
                          SELECT min(p.wall_date) FROM biometric_punch p
                           WHERE p.device_id = u.device_id AND p.pin = u.pin
                             AND p.wall_date BETWEEN %(oldest)s
                                 AND COALESCE(u.valid_to, '9999-12-31'::date))))),
                      max(COALESCE(u.valid_to, '9999-12-31'::date))
                 FROM biometric_device_user u
                 JOIN biometric_device d ON d.id = u.device_id AND d.state IN ('active', 'moved')
            LEFT JOIN biometric_agent a ON a.id = d.agent_id
                WHERE u.employee_id IS NOT NULL
                  AND (%(all)s OR u.employee_id = ANY(%(employees)s))
             GROUP BY u.employee_id""",
            {
                "oldest": fields.Date.today() - timedelta(days=LONGEST_FILL_DAYS),
                "all": employee_ids is None,
                "employees": list(employee_ids or ()),
            },
        )
        return {employee: (first, last) for employee, first, last in self.env.cr.fetchall()}

    @api.model
    def _cron_fill(self):
        """Mark what no event marks: dates of tracked people without a row, and settled days. Some
        people at a time, in turns."""
        aside = self.env["biometric.job"]._aside("fill", "hr.employee")
        people = self.env["hr.employee"].sudo()
        go_round(
            self.env,
            "fill",
            {*self._people_to_fill()} - aside.resting,
            lambda ids: aside.do(people.browse(ids).exists(), lambda some: self._fill(some.ids)),
            PEOPLE_PER_PIECE,
        )

    @api.model
    def _people_to_fill(self):
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT employee_id FROM biometric_device_user WHERE employee_id IS NOT NULL
                UNION SELECT employee_id FROM biometric_day WHERE settles_at <= %s""",
            (fields.Datetime.now(),),
        )
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _fill(self, employee_ids):
        self._mark_missing(employee_ids)
        self._mark_settled(employee_ids)

    @api.model
    def _mark_missing(self, employee_ids):
        """Dates up to today on which they are tracked and employed and have no day."""
        tracked = self._tracked(employee_ids)
        if not tracked:
            return
        self.env.cr.execute(
            f"""INSERT INTO biometric_stale_day (company_id, employee_id, date)
               SELECT e.company_id, e.id, day::date
                 FROM unnest(%s, %s, %s) t (employee_id, first, last)
                 JOIN {EMPLOYEES} e ON e.id = t.employee_id AND e.active
                 JOIN {RESOURCES} r ON r.id = e.resource_id
                 JOIN LATERAL (
                      SELECT CASE WHEN bool_and(v.contract_date_start IS NOT NULL)
                                  THEN min(v.contract_date_start) END AS begins,
                             (array_agg(COALESCE(v.departure_date, v.contract_date_end)
                                        ORDER BY v.valid_from DESC))[1] AS ends,
                             (array_agg(s.tz ORDER BY v.valid_from DESC))[1] AS tz
                        FROM {VERSIONS} v
                   LEFT JOIN {CALENDARS} s ON s.id = v.calendar_id
                       WHERE v.employee_id = e.id AND v.active
                         AND v.valid_from <= (%s::timestamp AT TIME ZONE 'UTC'
                             AT TIME ZONE COALESCE(s.tz, r.tz, 'UTC'))::date) c ON TRUE
                 JOIN LATERAL generate_series(
                      GREATEST(t.first, c.begins),
                      LEAST((%s::timestamp AT TIME ZONE 'UTC'
                                AT TIME ZONE COALESCE(c.tz, r.tz, 'UTC'))::date, t.last,
                            c.ends),
                      interval '1 day') day ON TRUE
                WHERE (c.begins IS NULL OR EXISTS (
                       SELECT 1 FROM {VERSIONS} v
                        WHERE v.employee_id = e.id AND v.active AND v.contract_date_start <= day
                          AND COALESCE(v.departure_date, v.contract_date_end, day) >= day))
                  AND NOT EXISTS (SELECT 1 FROM biometric_employment_break b
                                   WHERE b.employee_id = e.id
                                     AND day BETWEEN b.date_from AND b.date_to)
                  AND NOT EXISTS (SELECT 1 FROM biometric_day d
                                   WHERE d.employee_id = e.id AND d.date = day::date)
                  AND NOT EXISTS (SELECT 1 FROM biometric_stale_day s
                                   WHERE s.employee_id = e.id AND s.date = day::date)""",
            (
                list(tracked),
                *map(list, zip(*tracked.values(), strict=True)),
                fields.Datetime.now(),
                fields.Datetime.now(),
            ),
        )
        if self.env.cr.rowcount:
            self._wake()

    @api.model
    def _mark_settled(self, employee_ids):
        """Unsettled days whose window has closed, or whose devices became complete past it."""
        devices = self.env["biometric.device"].sudo().with_context(active_test=False)
        first_days = devices.search([("in_service_from", "!=", False)])._first_days()
        self.env.flush_all()
        self.env.cr.execute(
            """INSERT INTO biometric_stale_day (company_id, employee_id, date)
               SELECT d.company_id, d.employee_id, d.date
                 FROM biometric_day d
                WHERE d.employee_id = ANY(%(employees)s)
                  AND d.settles_at <= %(now)s AND (d.waits_for = 'window'
                   OR d.settles_at < COALESCE((
                      SELECT CASE WHEN bool_and(v.complete_until IS NOT NULL)
                                       FILTER (WHERE s.serves)
                                  THEN min(v.complete_until) FILTER (WHERE s.serves)
                                  ELSE d.settles_at END
                        FROM biometric_device_user u
                        JOIN biometric_device v ON v.id = u.device_id
                         AND v.state IN ('active', 'moved')
                   LEFT JOIN unnest(%(devices)s::integer[], %(first_days)s::date[])
                             f (device_id, day) ON f.device_id = v.id
                       CROSS JOIN LATERAL (SELECT COALESCE(f.day <= d.date, TRUE)) s (serves)
                       WHERE u.employee_id = d.employee_id
                         AND d.date >= COALESCE(u.valid_from, '0001-01-01'::date)
                         AND d.date <= COALESCE(u.valid_to, '9999-12-31'::date)
                      HAVING count(*) > 0), %(now)s))""",
            {
                "employees": list(employee_ids),
                "now": fields.Datetime.now(),
                "devices": list(first_days),
                "first_days": list(first_days.values()),
            },
        )
        if self.env.cr.rowcount:
            self._wake()
