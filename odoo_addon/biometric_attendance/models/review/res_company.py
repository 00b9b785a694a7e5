"""Company settings of the review room."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..mixins.settings_readers import SETTINGS_READERS


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_needs_yes = fields.Boolean(
        "A change needs the employee's yes",
        groups=SETTINGS_READERS,
        help="An adjustment that somebody else asked for has no effect before the employee agreed, "
        "or did not answer in time; then it is marked so.",
    )
    biometric_yes_days = fields.Integer(
        "Days to say yes",
        default=5,
        groups=SETTINGS_READERS,
        help="After so many days without an answer it takes effect.",
    )
    biometric_answer_days = fields.Integer(
        "Days to agree or dispute",
        default=14,
        groups=SETTINGS_READERS,
        help="After a change of a day. 0: without end.",
    )
    biometric_yield_minutes = fields.Integer(
        "A typed punch gives way within (min)",
        default=30,
        groups=SETTINGS_READERS,
        help="When the terminal's own punch arrives so close to one that was typed while the "
        "terminal still owed punches, the typed one is withdrawn on record.",
    )

    biometric_remind_days = fields.Integer(
        "Remind before a period closes (days)",
        default=2,
        groups=SETTINGS_READERS,
        help="Whoever can mend a day or decide a request is told so many days before the end of "
        "the period, and once after it. 0: nobody is reminded.",
    )

    biometric_ask_missing_out = fields.Boolean(
        "Ask who did not punch out",
        groups=SETTINGS_READERS,
        help="An hour after nobody can punch out of a day any more, whoever has no check-out is "
        "asked whether they left at the likeliest time. The answer is a request; nothing is "
        "applied by itself.",
    )

    @api.constrains("biometric_yes_days", "biometric_answer_days", "biometric_yield_minutes")
    def _check_review_numbers(self):
        for company in self.sudo():
            if not 1 <= company.biometric_yes_days <= 366:
                raise ValidationError(self.env._("Days to say yes are from 1 to 366."))
            if not 0 <= company.biometric_answer_days <= 366:
                raise ValidationError(self.env._("Days to agree or dispute are from 0 to 366."))
            if not 0 <= company.biometric_yield_minutes <= 720:
                raise ValidationError(
                    self.env._("A typed punch gives way within 0 to 720 minutes.")
                )
