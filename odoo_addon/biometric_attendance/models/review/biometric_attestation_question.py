"""A question that people are asked after something happened, as data: event, words, answers, and
what follows from each answer.

Owns the question and its versions. A question that was asked keeps its words and answers in the row
of the attestation (biometric.attestation), whatever becomes of it here. Must not know who is asked.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

EVENTS = [
    ("out", "Punched out for the day"),
    ("meal", "Meal break missing, short or late"),
    ("period_end", "End of a pay period"),
    ("next_in", "First check-in of the next pay period"),
]
CONSEQUENCES = [
    ("nothing", "Nothing"),
    ("finding", "Exception: someone reviews the day"),
    ("pay_code", "Pay code: minutes are owed"),
]
# What a change of makes another version.
WORDED = {"text", "choice_ids", "event"}


class BiometricAttestationQuestion(models.Model):
    _name = "biometric.attestation.question"
    _description = "Questions to employees"
    _inherit = ["biometric.audited"]
    _order = "company_id, event, id"
    _audit_word = "question"

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    event = fields.Selection(
        EVENTS,
        "When it is asked",
        required=True,
        help="Terminals cannot ask: the question is sent by e-mail and to My time, once the "
        "day is complete.",
    )
    text = fields.Text("Question", required=True)
    version = fields.Integer(readonly=True, default=1, help="Increases when the text changes.")
    choice_ids = fields.One2many(
        "biometric.attestation.choice", "question_id", "Answers", copy=True
    )
    by_mail = fields.Boolean("Also ask by e-mail", default=True)
    hours = fields.Integer(
        "Hours to answer",
        required=True,
        default=72,
        help="After that it is recorded as “not answered”; no answer is ever assumed.",
    )
    is_required = fields.Boolean(
        "Payroll needs an answer",
        help="The person who closes the period is informed who did not answer.",
    )
    valid_from = fields.Date(
        "Asked about days from",
        required=True,
        default=lambda self: self.env.company._biometric_today(),
    )
    active = fields.Boolean(default=True)

    _some_hours = models.Constraint(
        "CHECK (hours BETWEEN 1 AND 720)", "Hours to answer are from 1 to 720."
    )

    @api.constrains("choice_ids", "active")
    def _check_choices(self):
        for question in self:
            if question.active and len(question.choice_ids) < 2:
                raise ValidationError(
                    self.env._("“%s” needs at least two answers to choose from.", question.name)
                )

    def write(self, vals):
        result = super().write(vals)
        if WORDED & set(vals):
            self._count_up()
        return result

    def unlink(self):
        """With its answers, each with its own entry; a question that was asked stays."""
        self.choice_ids.unlink()
        return super().unlink()

    def _count_up(self):
        """Other words, another version: what was asked before says which one it was."""
        for question in self.sudo():
            super(BiometricAttestationQuestion, question).write({"version": question.version + 1})

    def _shown_choices(self):
        """The answers as they are shown and what follows from each: plain values, in order."""
        self.ensure_one()
        return [
            {
                "text": choice.text,
                "consequence": choice.consequence,
                "pay_code": choice.pay_code or None,
                "minutes": choice.minutes if choice.consequence == "pay_code" else 0,
            }
            for choice in self.choice_ids.sorted(lambda one: (one.sequence, one.id))
        ]


class BiometricAttestationChoice(models.Model):
    _name = "biometric.attestation.choice"
    _description = "Answers to choose from"
    _inherit = ["biometric.audited"]
    _order = "question_id, sequence, id"
    _rec_name = "text"
    _audit_word = "choice"

    question_id = fields.Many2one(
        "biometric.attestation.question", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="question_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    text = fields.Char("Answer", required=True)
    consequence = fields.Selection(CONSEQUENCES, required=True, default="nothing")
    pay_code = fields.Char("Pay code", help="As it appears in the payroll file, for example MEAL.")
    minutes = fields.Integer(help="Minutes owed under the pay code, for example 60.")

    @api.constrains("consequence", "pay_code", "minutes")
    def _check_consequence(self):
        for choice in self:
            code = (choice.pay_code or "").strip()
            if choice.consequence != "pay_code":
                continue
            if not code or len(code) > 20 or "|" in code:
                raise ValidationError(
                    self.env._("“%s” owes minutes: enter their pay code.", choice.text)
                )
            if not 1 <= choice.minutes <= 1440:
                raise ValidationError(self.env._("Minutes owed are from 1 to 1440."))

    def write(self, vals):
        result = super().write(vals)
        self.question_id._count_up()
        return result
