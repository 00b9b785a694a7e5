"""What payroll files told, to be summed up: by department, against the period before, at what cost.

Owns those rows, a view of what files hold. Each minute stands once in its own period, and once as
the former one in the period of the group that follows. Changes nothing.
"""

from odoo import fields, models
from odoo.tools import SQL

from ...seams.sql_people import HOURLY_WAGES, VERSIONS

# Classes beyond what was due, whose cost is asked for.
OVERTIME = ("overtime", "doubletime", "rest_day_overtime", "holiday_overtime")
# Of a day there are at most so many codes; the number of a row is made with it.
_CODES = 64
_ROWS = f"""
    WITH told AS (
        SELECT d.id::bigint * %(codes)s + 2 * (m.place - 1) AS id, d.company_id, d.export_id,
               e.period_id, d.employee_id, d.date, split_part(m.key, '|', 1) AS pay_code,
               split_part(m.key, '|', 2) AS pay_class, m.value::integer AS minutes,
               COALESCE((d.factors->>m.key)::numeric, 1) AS factor
          FROM biometric_export_day d
          JOIN biometric_export e ON e.id = d.export_id
         CROSS JOIN LATERAL jsonb_each_text(d.minutes) WITH ORDINALITY m (key, value, place)
         WHERE d.state IN ('paid', 'changed', 'payout')),
    following AS (
        SELECT p.id, lead(p.id) OVER (PARTITION BY p.group_id ORDER BY p.date_from) AS next_id
          FROM biometric_period p
         WHERE EXISTS (SELECT 1 FROM biometric_export e WHERE e.period_id = p.id)),
    placed AS (
        SELECT t.id, t.company_id, t.export_id, t.period_id, t.employee_id, t.date, t.pay_code,
               t.pay_class, t.minutes, 0 AS former_minutes, t.factor FROM told t
         UNION ALL
        SELECT t.id + 1, t.company_id, NULL, f.next_id, t.employee_id, t.date, t.pay_code,
               t.pay_class, 0, t.minutes, t.factor
          FROM told t JOIN following f ON f.id = t.period_id WHERE f.next_id IS NOT NULL)
    SELECT r.id, r.company_id, r.export_id, r.period_id, p.group_id, r.employee_id,
           v.department_id, r.date, COALESCE(p.date_to, e.date_to) AS period_end, r.pay_code,
           r.pay_class, r.minutes, r.former_minutes, r.minutes - r.former_minutes AS change_minutes,
           CASE WHEN r.pay_class = ANY(%(overtime)s) THEN r.minutes ELSE 0 END AS overtime_minutes,
           CASE WHEN r.pay_class = ANY(%(overtime)s)
                THEN round((r.minutes / 60.0 * r.factor * h.wage)::numeric, 2)
                ELSE 0 END AS overtime_cost
      FROM placed r
      LEFT JOIN biometric_period p ON p.id = r.period_id
      LEFT JOIN biometric_export e ON e.id = r.export_id
      LEFT JOIN LATERAL (
           SELECT x.id, x.department_id FROM {VERSIONS} x
            WHERE x.employee_id = r.employee_id AND x.active AND x.valid_from <= r.date
         ORDER BY x.valid_from DESC LIMIT 1) v ON TRUE
      LEFT JOIN {HOURLY_WAGES} h ON h.version_id = v.id
"""


class BiometricPayrollFigure(models.Model):
    _name = "biometric.payroll.figure"
    _description = "Payroll file figures"
    _inherit = ["biometric.look"]
    _auto = False
    _order = "period_end desc, employee_id, date, pay_code"
    _rec_name = "pay_code"

    company_id = fields.Many2one("res.company", readonly=True)
    export_id = fields.Many2one("biometric.export", "File", readonly=True)
    period_id = fields.Many2one("biometric.period", "Pay period", readonly=True)
    group_id = fields.Many2one("biometric.period.group", "Pay group", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    department_id = fields.Many2one(
        "hr.department", readonly=True, help="The person's department on that day, not today's."
    )
    date = fields.Date(readonly=True)
    period_end = fields.Date("Period ends", readonly=True)
    pay_code = fields.Char("Pay code", readonly=True)
    pay_class = fields.Char("Pay class", readonly=True)
    minutes = fields.Integer("In the file", readonly=True)
    former_minutes = fields.Integer(
        "Previous period", readonly=True, help="Figure in the file of the previous period."
    )
    change_minutes = fields.Integer("Change", readonly=True)
    overtime_minutes = fields.Integer("Overtime", readonly=True)
    overtime_cost = fields.Float(
        "Overtime cost",
        readonly=True,
        digits=(16, 2),
        groups="hr.group_hr_manager",
        help="Based on the hourly wage of the contract valid on that day, times the rule "
        "set's rate; empty without a wage.",
    )

    @property
    def _table_query(self):
        return SQL(_ROWS, codes=_CODES, overtime=list(OVERTIME))
