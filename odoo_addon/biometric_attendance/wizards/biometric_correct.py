"""Dialogs of corrections: asking for one, and the words that go with a decision.

Owns what is shown and typed. Who may, and what follows, is biometric.adjustment.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.review.biometric_adjustment import PAY_CLASSES


class BiometricCorrect(models.TransientModel):
    _name = "biometric.correct"
    _inherit = ["biometric.dialog"]
    _description = "Request correction"

    employee_id = fields.Many2one("hr.employee.public", required=True)
    date = fields.Date("Day", required=True)
    kind = fields.Selection("_kinds", "Requested change", required=True, default="add_punch")
    clock = fields.Char("Punched at", size=5, help="According to the local clock: 17:05.")
    next_day = fields.Boolean("After midnight")
    direction = fields.Selection([("in", "In"), ("out", "Out")])
    punch_id = fields.Many2one("biometric.punch")
    minutes = fields.Integer(help="Left at 0: all minutes now on the day.")
    pay_class = fields.Selection(PAY_CLASSES, "Pay class")
    to_class = fields.Selection(PAY_CLASSES, "New pay class")
    to_employee_id = fields.Many2one("hr.employee.public", "Was made by")
    reason_id = fields.Many2one("biometric.reason", "Why")
    reason_text = fields.Char("Explanation")
    evidence_ids = fields.Many2many("ir.attachment", string="Files")

    @api.model
    def _kinds(self):
        """What the reader may ask for; the rest needs a terminal or HR."""
        asked = self.env["biometric.adjustment"]
        names = asked._kinds_of(self.env.user)
        labels = dict(asked._fields["kind"]._description_selection(self.env))
        return [(name, labels[name]) for name in names if name in labels]

    def action_confirm(self):
        """Hand the request in; the day shows it."""
        self.ensure_one()
        values = {
            "kind": self.kind,
            "employee_id": self.employee_id.id,
            "date": str(self.date),
            "clock": self.clock,
            "next_day": self.next_day,
            "direction": self.direction,
            "punch_id": self.punch_id.id,
            "minutes": self.minutes,
            "pay_class": self.pay_class,
            "to_class": self.to_class,
            "to_employee_id": self.to_employee_id.id,
            "reason_id": self.reason_id.id,
            "reason_text": self.reason_text,
            "evidence_ids": self.evidence_ids.ids,
        }
        self.env["biometric.adjustment"].request(values)
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class BiometricAdjustmentSay(models.TransientModel):
    _name = "biometric.adjustment.say"
    _inherit = ["biometric.dialog"]
    _description = "Decision texts"

    adjustment_ids = fields.Many2many("biometric.adjustment", readonly=True)
    swap_id = fields.Many2one("biometric.swap", readonly=True)
    verdict = fields.Selection(
        [
            ("reject", "Reject"),
            ("reverse", "Reverse"),
            ("dispute", "Dispute"),
            ("refuse", "Refuse a swap"),
        ],
        required=True,
        readonly=True,
    )
    text = fields.Char("Why", required=True)

    def action_confirm(self):
        self.ensure_one()
        rows = self.adjustment_ids
        if self.verdict == "refuse" and self.swap_id:
            self.swap_id.reject(self.text)
        elif not rows:
            raise UserError(self.env._("Choose at least one request."))
        elif self.verdict == "reject":
            rows.reject(self.text)
        elif self.verdict == "reverse":
            rows.reverse(self.text)
        else:
            for one in rows:
                one.answer(False, self.text)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
