"""What a company owes in time at a date: minutes of live lots by age, and their money where the
reader may see wages.

Owns the report's rows, a view of the entries. Changes nothing.
"""

from odoo import api, fields, models
from odoo.tools import SQL

AGES = [
    ("30", "Up to 30 days"),
    ("90", "31 to 90 days"),
    ("180", "91 to 180 days"),
    ("365", "181 days to a year"),
    ("older", "Over a year"),
]


class BiometricCtoLiability(models.Model):
    _name = "biometric.cto.liability"
    _description = "Time owed by age"
    _auto = False
    _order = "employee_id, earned_on"
    _rec_name = "employee_id"

    company_id = fields.Many2one("res.company", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    lot = fields.Char(readonly=True)
    earned_on = fields.Date("Earned on", readonly=True)
    expires_on = fields.Date("Usable until", readonly=True)
    age = fields.Selection(AGES, readonly=True)
    minutes = fields.Integer("Time owed", readonly=True)
    amount = fields.Float(
        "Money",
        compute="_compute_amount",
        groups="hr.group_hr_manager",
        help="Based on the hourly wage of today's contract; empty without one.",
    )

    @property
    def _table_query(self):
        """Of today, or of the date that the context names: entries of later dates do not count."""
        on = fields.Date.to_date(self.env.context.get("liability_on")) or fields.Date.today()
        return SQL(
            """SELECT min(e.id) AS id, e.company_id, e.employee_id, m.move->>0 AS lot,
                      min(o.earned_on) AS earned_on, min(o.expires_on) AS expires_on,
                      CASE WHEN %(on)s::date - min(o.earned_on) <= 30 THEN '30'
                           WHEN %(on)s::date - min(o.earned_on) <= 90 THEN '90'
                           WHEN %(on)s::date - min(o.earned_on) <= 180 THEN '180'
                           WHEN %(on)s::date - min(o.earned_on) <= 365 THEN '365'
                           ELSE 'older' END AS age,
                      sum((m.move->>1)::integer) AS minutes
                 FROM biometric_cto_entry e
                CROSS JOIN jsonb_array_elements(e.moves) m (move)
                 JOIN LATERAL (SELECT min(x.earned_on) AS earned_on, min(x.expires_on) AS expires_on
                                 FROM biometric_cto_entry x
                                WHERE x.account_id = e.account_id AND x.source = m.move->>0
                                  AND x.kind IN ('opening', 'accrual')) o ON TRUE
                WHERE e.date <= %(on)s
             GROUP BY e.company_id, e.employee_id, e.account_id, m.move->>0
               HAVING sum((m.move->>1)::integer) > 0""",
            on=on,
        )

    @api.depends("minutes", "employee_id")
    def _compute_amount(self):
        for row in self:
            version = row.employee_id.sudo().version_id
            hour = version._get_normalized_wage() if version.wage else 0
            row.amount = hour and round(row.minutes / 60 * hour, 2)
