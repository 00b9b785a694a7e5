"""Company settings of the review room."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..mixins.settings_readers import SETTINGS_READERS


class ResCompany(models.Model):
    _inherit = "res.company"

    biometric_needs_yes = fields.Boolean(
        "A change needs the employee's consent",
        groups=SETTINGS_READERS,
        help="An adjustment requested by someone else has no effect until the employee agrees "
        "or has not answered in time; in that case it is marked so.",
    )
    biometric_yes_days = fields.Integer(
        "Days to answer",
        default=5,
        groups=SETTINGS_READERS,
        help="After this many days without an answer it takes effect.",
    )
    biometric_answer_days = fields.Integer(
        "Days to agree or dispute",
        default=14,
        groups=SETTINGS_READERS,
        help="Days after a day was changed. 0: no limit.",
    )
    biometric_yield_minutes = fields.Integer(
        "Manual punch replaced within (min)",
        default=30,
        groups=SETTINGS_READERS,
        help="If the terminal's own punch arrives this close to one entered while the "
        "terminal still had punches to deliver, the manual one is withdrawn, with a "
        "record of it.",
    )

    biometric_remind_days = fields.Integer(
        "Remind before a period closes (days)",
        default=2,
        groups=SETTINGS_READERS,
        help="People who can fix a day or decide a request are reminded this many days before "
        "the end of the period, and once after it. 0: nobody is reminded.",
    )

    biometric_ask_missing_out = fields.Boolean(
        "Ask who did not punch out",
        groups=SETTINGS_READERS,
        help="One hour after nobody can punch out of a day any more, employees without a "
        "check-out are asked whether they left at the most likely time. The answer "
        "becomes a request; nothing is applied automatically.",
    )

    @api.constrains("biometric_yes_days", "biometric_answer_days", "biometric_yield_minutes")
    def _check_review_numbers(self):
        for company in self.sudo():
            if not 1 <= company.biometric_yes_days <= 366:
                raise ValidationError(self.env._("The days to answer are from 1 to 366."))
            if not 0 <= company.biometric_answer_days <= 366:
                raise ValidationError(self.env._("Days to agree or dispute are from 0 to 366."))
            if not 0 <= company.biometric_yield_minutes <= 720:
                raise ValidationError(
                    self.env._("A manual punch can be replaced within 0 to 720 minutes.")
                )
