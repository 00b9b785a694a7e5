"""What rounding gave people and took from them: the paid time of a day against the punched one.

Owns those rows, a view of what days say of themselves. Over a month rounding to the nearest comes
to nothing; where it does not, the rule takes time from people. Changes nothing.
"""

from odoo import fields, models
from odoo.tools import SQL

from ...seams.sql_people import VERSIONS

# A move says which rule turned what into what: times, or lengths of a break in minutes. An arrival
# that is put earlier, a departure that is put later and a break that shrinks give time.
_ROWS = f"""
    SELECT d.id, d.company_id, d.employee_id, v.department_id, d.date, count(*)::integer AS moves,
           sum(gain.minutes) AS bias_minutes, sum(GREATEST(gain.minutes, 0)) AS given_minutes,
           sum(LEAST(gain.minutes, 0)) AS taken_minutes
      FROM biometric_day d
     CROSS JOIN LATERAL jsonb_array_elements(d.derivation->'paid') part
     CROSS JOIN LATERAL jsonb_array_elements(part->'moves') move
     CROSS JOIN LATERAL (
           SELECT CASE WHEN move->>0 = 'round_break'
                       THEN (move->>1)::numeric - (move->>2)::numeric
                       ELSE EXTRACT(EPOCH FROM (move->>2)::timestamptz - (move->>1)::timestamptz)
                            / CASE WHEN right(move->>0, 3) = '_in' THEN -60 ELSE 60 END
                  END AS minutes) gain
      LEFT JOIN LATERAL (
           SELECT x.department_id FROM {VERSIONS} x
            WHERE x.employee_id = d.employee_id AND x.active AND x.valid_from <= d.date
         ORDER BY x.valid_from DESC LIMIT 1) v ON TRUE
  GROUP BY d.id, d.company_id, d.employee_id, v.department_id, d.date
"""


class BiometricRoundingBias(models.Model):
    _name = "biometric.rounding.bias"
    _description = "Effect of rounding"
    _inherit = ["biometric.look"]
    _auto = False
    _order = "date desc, employee_id"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    date = fields.Date(readonly=True)
    moves = fields.Integer("Times rounded", readonly=True)
    bias_minutes = fields.Float(
        "Balance (minutes)",
        readonly=True,
        digits=(16, 2),
        help="Above zero: rounding added time. Below zero: it removed time.",
    )
    given_minutes = fields.Float("Given (minutes)", readonly=True, digits=(16, 2))
    taken_minutes = fields.Float("Taken (minutes)", readonly=True, digits=(16, 2))

    @property
    def _table_query(self):
        return SQL(_ROWS)
