"""What was done about an adjustment: who, when, at which level, with which words. Append-only.

Owns the history alone; the state that follows stands on the adjustment.
"""

from odoo import fields, models

ACTIONS = [
    ("draft", "Drafted"),
    ("amend", "Changed as a draft"),
    ("submit", "Requested"),
    ("withdraw", "Withdrawn"),
    ("pass", "Approved, next level decides"),
    ("approve", "Approved"),
    ("effect", "The day as it is now"),
    ("reject", "Rejected"),
    ("reverse", "Reversed"),
    ("escalate", "Not decided in time"),
    ("agree", "Employee agrees"),
    ("dispute", "Employee disputes"),
    ("without_answer", "No answer in time"),
    ("yield", "Replaced by the terminal's punch"),
    ("question", "The real punch is at another time"),
]


class BiometricAdjustmentStep(models.Model):
    _name = "biometric.adjustment.step"
    _description = "Steps of adjustments"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "id desc"
    _rec_name = "action"

    adjustment_id = fields.Many2one(
        "biometric.adjustment", required=True, readonly=True, ondelete="restrict", index=True
    )
    employee_id = fields.Many2one(
        "hr.employee", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    action = fields.Selection(ACTIONS, required=True, readonly=True)
    level = fields.Integer(readonly=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    done_at = fields.Datetime("When", required=True, readonly=True)
    text = fields.Char(readonly=True)
    self_approved = fields.Boolean("Self-approved", readonly=True)
    day = fields.Json(readonly=True, help="For what took effect: the resulting days.")
    by_link = fields.Boolean("By personal link", readonly=True)
