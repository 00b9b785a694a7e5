"""Requests for time off that a rule set refused: nothing of the request itself stays, this line
does. Without it the report of answers would count only what was let through.

Owns the line. Never changed; the same request again on one day is one line.
"""

from odoo import api, fields, models

from .biometric_cto_account import ACCOUNTS

# Names as the engine says them.
BARRED = [
    ("insufficient", "Not enough time in the account"),
    ("block", "Not in whole blocks"),
    ("consecutive_days", "Too many days in a row"),
    ("notice", "Requested too late"),
    ("lateness", "To make up for coming late"),
    ("not_open", "No entitlement open yet"),
]


class BiometricCtoRefusal(models.Model):
    _name = "biometric.cto.refusal"
    _description = "Requests that a rule refused"
    _inherit = ["biometric.append.only", "biometric.look"]
    _log_access = False
    _order = "asked_on desc, id desc"
    _rec_name = "employee_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="restrict", index=True
    )
    department_id = fields.Many2one("hr.department", "Team", readonly=True)
    asked_on = fields.Date("Requested on", required=True, readonly=True)
    use_date = fields.Date("First date of use", required=True, readonly=True)
    minutes = fields.Integer("Time", required=True, readonly=True)
    kind = fields.Selection(ACCOUNTS, "Account", required=True, readonly=True)
    reason = fields.Selection(BARRED, "Reason for refusal", required=True, readonly=True)

    _once = models.UniqueIndex("(employee_id, asked_on, use_date, minutes, kind, reason)")

    @api.model
    def _keep(self, leave, reason):
        """In a transaction of its own: the refusal takes back everything else. leave: the request,
        seen by the system."""
        first, days = leave._biometric_days()
        employee = leave.employee_id
        columns = (
            employee.company_id.id,
            employee.id,
            employee.department_id.id or None,
            employee.company_id._biometric_today(),
            first,
            sum(days),
            leave._kind(),
            reason,
        )
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, self.env.uid, {})
            if not env["hr.employee"].sudo().browse(employee.id).exists():
                return  # made in the transaction that is taken back
            cr.execute(
                """INSERT INTO biometric_cto_refusal (company_id, employee_id, department_id,
                          asked_on, use_date, minutes, kind, reason)
                   VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
                columns,
            )
