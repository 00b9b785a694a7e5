"""Dialogs for words: of a decision about a day or a change of an answer, of a paper on consent.

Own the words. Who may decide and what follows, biometric.day.approval, biometric.attestation and
biometric.consent say.
"""

from odoo import fields, models
from odoo.exceptions import UserError


class BiometricReviewSay(models.TransientModel):
    _name = "biometric.review.say"
    _inherit = ["biometric.dialog"]
    _description = "Review texts"

    day_id = fields.Many2one("biometric.day", readonly=True)
    attestation_id = fields.Many2one("biometric.attestation", readonly=True)
    verdict = fields.Selection(
        [
            ("confirm", "Correct as it is"),
            ("count", "Use the other answer"),
            ("refuse", "Refuse the change"),
        ],
        required=True,
        readonly=True,
    )
    text = fields.Char("Why", required=True)

    def action_confirm(self):
        self.ensure_one()
        if self.verdict == "confirm" and self.day_id:
            self.env["biometric.day.approval"].confirm_day(self.day_id.id, self.text)
        elif self.verdict != "confirm" and self.attestation_id:
            self.attestation_id.decide_change(self.verdict == "count", self.text)
        else:
            raise UserError(self.env._("Open this from the record it concerns."))
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class BiometricConsentNote(models.TransientModel):
    _name = "biometric.consent.note"
    _inherit = ["biometric.dialog"]
    _description = "Consent on paper"

    employee_id = fields.Many2one("hr.employee", required=True)
    verdict = fields.Selection(
        [
            ("given", "Agreed"),
            ("no_biometrics", "No biometrics: card or PIN"),
            ("withdrawn", "Withdrawn"),
        ],
        "Answer",
        required=True,
    )
    date = fields.Date(
        "Date on the document",
        required=True,
        default=lambda self: self.env.company._biometric_today(),
    )
    note = fields.Char("Location of the document", required=True)

    def action_confirm(self):
        self.ensure_one()
        self.env["biometric.consent"].keep_paper(
            self.employee_id.id, self.verdict, str(self.date), self.note
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}
