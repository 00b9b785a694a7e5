"""The one door through which a day is marked to be computed again: (employee, date), and a cron.

Rows are only added here and popped by the day cron. There is deliberately no unique index: with
ON CONFLICT DO NOTHING a marker would lean on a row that the cron is just deleting, whose snapshot
does not hold the marker's punches, and the day would stay stale unnoticed. Duplicates are harmless.
"""

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.tools import SQL


class BiometricStaleDay(models.Model):
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
            """INSERT INTO biometric_stale_day (company_id, employee_id, date)
               SELECT e.company_id, e.id, v.date::date FROM (VALUES %s) v (employee_id, date)
               JOIN hr_employee e ON e.id = v.employee_id""",
            pairs,
            page_size=1000,
        )
        self._wake()

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

    def _wake(self):
        cron = self.env.ref("biometric_attendance.ir_cron_biometric_day", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _pop(self, limit):
        """Take up to `limit` marks away and return their distinct (employee_id, date) pairs, those
        of today and yesterday first: a punch made now does not wait for a month computed again.

        Safe beside other workers: rows another transaction is popping are skipped. The array makes
        PostgreSQL choose the rows once; with IN it may scan the queue again for each of them.
        """
        self.env.cr.execute(
            """DELETE FROM biometric_stale_day WHERE id = ANY(ARRAY(
                   SELECT id FROM biometric_stale_day ORDER BY date < CURRENT_DATE - 1, id
                    LIMIT %s FOR UPDATE SKIP LOCKED))
               RETURNING employee_id, date""",
            (limit,),
        )
        return sorted(set(self.env.cr.fetchall()))
