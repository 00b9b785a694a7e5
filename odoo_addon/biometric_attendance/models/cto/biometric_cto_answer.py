"""How requests for time off out of a time account were answered, a line a team: how many, how many
were refused, by a person or by the rule set, days from request to granted.

Owns the report's rows, a view of the requests. Changes nothing.
"""

from odoo import fields, models
from odoo.tools import SQL

from ...seams.sql_time_off import REQUESTS

# Numbers of lines that no request has, so that none of both stands for two teams.
BEYOND = 2**30


class BiometricCtoAnswer(models.Model):
    _name = "biometric.cto.answer"
    _description = "Answers to requests for time off"
    _auto = False
    _order = "company_id, department_id"
    _rec_name = "department_id"

    company_id = fields.Many2one("res.company", readonly=True)
    department_id = fields.Many2one("hr.department", "Team", readonly=True)
    asked = fields.Integer(readonly=True)
    granted = fields.Integer(readonly=True)
    refused = fields.Integer(readonly=True)
    barred = fields.Integer("Refused by a rule", readonly=True)
    median_days = fields.Float("Days until approval, median", readonly=True, digits=(6, 1))
    p90_days = fields.Float("Days until approval, 90 % of requests", readonly=True, digits=(6, 1))

    @property
    def _table_query(self):
        return SQL(
            f"""SELECT min(r.id) AS id, r.company_id, r.department_id, count(*) AS asked,
                       count(*) FILTER (WHERE r.state = 'granted') AS granted,
                       count(*) FILTER (WHERE r.state = 'refused') AS refused,
                       count(*) FILTER (WHERE r.state = 'barred') AS barred,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.days) AS median_days,
                       percentile_cont(0.9) WITHIN GROUP (ORDER BY r.days) AS p90_days
                  FROM (SELECT id, company_id, department_id, state, days FROM {REQUESTS} q
                         UNION ALL
                        SELECT {BEYOND} + id, company_id, department_id, 'barred', NULL
                          FROM biometric_cto_refusal) r
              GROUP BY r.company_id, r.department_id"""
        )

    def action_open_requests(self):
        """The requests behind a line."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Requests"),
            "res_model": "hr.leave",
            "view_mode": "list,form",
            "domain": [
                ("holiday_status_id.biometric_account", "!=", False),
                ("department_id", "=", self.department_id.id),
                ("company_id", "=", self.company_id.id),
            ],
        }

    def action_open_barred(self):
        """The requests of a line that a rule refused."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_cto_refusal_action"
        )
        domain = [
            ("department_id", "=", self.department_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        return dict(action, domain=domain, context={})
