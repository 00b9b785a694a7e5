"""The one door through which a day is marked to be computed again: (employee, date), and a cron.

Rows are only added here and popped by the day cron. There is deliberately no unique index: with
ON CONFLICT DO NOTHING a marker would lean on a row that the cron is just deleting, whose snapshot
does not hold the marker's punches, and the day would stay stale unnoticed. Duplicates are harmless.
"""

from datetime import date, timedelta

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import JUDGED_BY_DEVICES
from ...seams.sql_people import (
    EMPLOYEE_FIELDS,
    EMPLOYEES,
    VERSION_SCHEDULE_FIELDS,
    VERSIONS,
)
from ...seams.sql_time_off import LEAVE_FIELDS, LEAVES
from ...seams.wake import wake_job
from .biometric_belonging import company_on
from .biometric_day_missing import MissingDays

# What computes marked days.
JOB = "biometric_attendance.ir_cron_biometric_day"
ALWAYS_FROM, ALWAYS_TO = date(1, 1, 1), date(9999, 12, 31)
# A schedule's or leave's local date can differ from its UTC date, and a night shift reaches over.
NEIGHBOUR = timedelta(days=1)
# What must be in the database before the statements below read it.
_READ = {
    "hr.employee": EMPLOYEE_FIELDS,
    "hr.version": VERSION_SCHEDULE_FIELDS,
    "resource.calendar.leaves": LEAVE_FIELDS,
}
# Which contract version, and so which schedule, an employee has from when to before when; the
# oldest version also covers what is older than it.
_IN_FORCE = f"""(SELECT v.employee_id, v.calendar_id, v.valid_from AS first,
                        lead(v.valid_from) OVER own AS next, row_number() OVER own AS number
                   FROM {VERSIONS} v WHERE v.active
                 WINDOW own AS (PARTITION BY v.employee_id ORDER BY v.valid_from))"""


class BiometricStaleDay(MissingDays, models.Model):
    _name = "biometric.stale.day"
    _description = "Days to compute again"
    _log_access = False
    _rec_name = "date"

    company_id = fields.Many2one("res.company", ondelete="cascade")
    employee_id = fields.Many2one("hr.employee", required=True, ondelete="cascade")
    date = fields.Date(required=True)

    @api.model
    def _mark(self, pairs):
        """Mark exactly these (employee_id, date) pairs."""
        pairs = sorted(set(pairs))
        if not pairs:
            return
        execute_values(
            self.env.cr._obj,
            f"""INSERT INTO biometric_stale_day (company_id, employee_id, date)
                SELECT e.company_id, e.id, v.date::date FROM (VALUES %s) v (employee_id, date)
                JOIN {EMPLOYEES} e ON e.id = v.employee_id""",
            pairs,
            page_size=1000,
        )
        self._wake()

    @api.model
    def _last_mark(self):
        """Number of the newest mark: what is marked afterwards has a larger one."""
        self.env.flush_all()
        self.env.cr.execute("SELECT COALESCE(max(id), 0) FROM biometric_stale_day")
        return self.env.cr.fetchone()[0]

    @api.model
    def _marked_since(self, mark):
        """{(employee id, date)} marked by this transaction since then; under REPEATABLE READ marks
        of others that began later are not seen."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT DISTINCT employee_id, date FROM biometric_stale_day WHERE id > %s", (mark,)
        )
        return set(self.env.cr.fetchall())

    @api.model
    def _count_waiting(self, employee_ids):
        """How many days of these employees still wait to be computed."""
        self.env.cr.execute(
            """SELECT count(*) FROM (SELECT DISTINCT employee_id, date FROM biometric_stale_day
                                      WHERE employee_id = ANY(%s)) s""",
            (list(employee_ids),),
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _mark_punches(
        self, *, device_ids=None, pins=None, wall_from=None, wall_to=None, punch_ids=None
    ):
        """Mark the days that mapped punches can touch: their wall date and both neighbours."""
        where = [SQL("u.employee_id IS NOT NULL")]
        if punch_ids is not None:
            where.append(SQL("p.id = ANY(%s)", list(punch_ids)))
        if device_ids is not None:
            where.append(SQL("p.device_id = ANY(%s)", list(device_ids)))
        if pins is not None:
            where.append(SQL("p.pin = ANY(%s)", list(pins)))
        if wall_from:
            where.append(SQL("p.wall_date >= %s", wall_from))
        if wall_to:
            where.append(SQL("p.wall_date <= %s", wall_to))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """INSERT INTO biometric_stale_day (company_id, employee_id, date)
                   SELECT DISTINCT u.company_id, u.employee_id, p.wall_date + n.step
                     FROM biometric_punch p
                     JOIN biometric_device_user u ON u.device_id = p.device_id AND u.pin = p.pin
                      AND p.wall_date >= COALESCE(u.valid_from, '0001-01-01'::date)
                      AND p.wall_date <= COALESCE(u.valid_to, '9999-12-31'::date)
                    CROSS JOIN (VALUES (-1), (0), (1)) n (step)
                    WHERE %s""",
                SQL(" AND ").join(where),
            )
        )
        if self.env.cr.rowcount:
            self._wake()

    @api.model
    def _progress(self, employee_ids, since):
        """`(marks that wait, whether a day from `since` on is computed)` of these employees."""
        waiting = self.search_count([("employee_id", "in", employee_ids)])
        computed = self.env["biometric.day"].search_count(
            [("employee_id", "in", employee_ids), ("date", ">=", since)], limit=1
        )
        return waiting, bool(computed)

    @api.model
    def _waiting(self, company, first, last):
        """Number of marks on dates that belong to a company now, whoever's they were when made."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """SELECT count(*) FROM biometric_stale_day s
                    WHERE s.date BETWEEN %s AND %s AND %s = %s""",
                first,
                last,
                company_on(SQL("s.employee_id"), SQL("s.date")),
                company.id,
            )
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _forget(self, employee, company):
        """A person erased in a company: no mark of a day there and no attendance shown from one is
        left. Days themselves are records of what was paid and stay."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "DELETE FROM biometric_stale_day s WHERE s.employee_id = %s AND %s = %s",
                employee.id,
                company_on(SQL("s.employee_id"), SQL("s.date")),
                company.id,
            )
        )
        self.invalidate_model()
        there = ("biometric_day_id.company_id", "=", company.id)
        self.env["biometric.projection"]._forget([("employee_id", "=", employee.id), there])

    def _wake(self):
        job_id = self.env["ir.model.data"]._xmlid_to_res_id(JOB)
        if job_id:
            wake_job(self.env, job_id)

    @api.model
    def _pop(self, limit, resting=()):
        """Take up to `limit` marks away and return their distinct (employee_id, date) pairs, none
        of the employees whose ids are `resting`. Those of today and yesterday first: a punch made
        now does not wait for a month computed again. Of every place: the date of those furthest
        west is one behind that of UTC.

        Safe beside other workers: rows another transaction is popping are skipped. The array makes
        PostgreSQL choose the rows once; with IN it may scan the queue again for each of them.
        """
        self.env.cr.execute(
            """DELETE FROM biometric_stale_day WHERE id = ANY(ARRAY(
                   SELECT id FROM biometric_stale_day WHERE employee_id <> ALL(%s)
                    ORDER BY date < CURRENT_DATE - 2, id LIMIT %s FOR UPDATE SKIP LOCKED))
               RETURNING employee_id, date""",
            (list(resting), limit),
        )
        return sorted(set(self.env.cr.fetchall()))

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
    def _mark_around(self, pairs):
        """Mark the computed days of these (employee_id, date) pairs and both their neighbours."""
        if not pairs:
            return
        employees, dates = zip(*pairs, strict=True)
        self._mark_days(
            """FROM unnest(%s::integer[], %s::date[]) p (employee_id, date)
               JOIN biometric_day d ON d.employee_id = p.employee_id
                AND d.date BETWEEN p.date - 1 AND p.date + 1""",
            list(employees),
            list(dates),
        )

    @api.model
    def _mark_schedules(self, calendar_ids, first=ALWAYS_FROM, last=ALWAYS_TO, company_ids=None):
        """Mark the days on which somebody's contract version names one of these schedules."""
        self._mark_days(
            f"""FROM {_IN_FORCE} s
                JOIN biometric_day d ON d.employee_id = s.employee_id
                 AND (d.date >= s.first OR s.number = 1) AND (s.next IS NULL OR d.date < s.next)
               WHERE s.calendar_id = ANY(%s) AND d.date BETWEEN %s AND %s
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
               WHERE s.calendar_id IS NULL AND s.employee_id = ANY(%s)""",
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
            f"""FROM {LEAVES} l
               JOIN {EMPLOYEES} e ON e.resource_id = l.resource_id
               JOIN biometric_day d ON d.employee_id = e.id
                AND d.date BETWEEN l.date_from::date - %s AND l.date_to::date + %s
              WHERE l.id = ANY(%s)""",
            NEIGHBOUR.days,
            NEIGHBOUR.days,
            list(leave_ids),
        )
