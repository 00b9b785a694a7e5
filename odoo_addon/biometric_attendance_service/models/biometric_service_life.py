"""What the steps of a tenant's life need of other rooms: the trial's end is told before it comes,
and steps of setting up that are not done are told after some days.

Owns which of these mails is due when. Must not know how a mail looks.
"""

from odoo import fields, models

# The trial's end is told so many days before.
WARN_DAYS = 5
# Days after signing up on which the next step is told, where one is not done.
ONBOARDING_DAYS = (1, 3, 7, 14)


class BiometricServiceTenant(models.Model):
    _inherit = "biometric.service.tenant"

    trial_warned_on = fields.Date("Warned on", readonly=True)
    onboarding_told = fields.Integer("E-mails about setting up", readonly=True)

    def _say_what_is_due(self):
        self.ensure_one()
        today = self._today()
        warn_from = fields.Date.subtract(self.trial_until, days=WARN_DAYS)
        if self.state == "trial" and not self.trial_warned_on and today >= warn_from:
            self.trial_warned_on = today
            self._mail("trial_ends")
        if self.state in ("trial", "active"):
            self._say_next_step(today)

    def _say_next_step(self, today):
        """At most one mail a day of ONBOARDING_DAYS, and none once all is set up."""
        days = (today - self.signed_up_on).days
        due = sum(days >= one for one in ONBOARDING_DAYS)
        if due <= self.onboarding_told:
            return
        self.onboarding_told = due
        step = next((one for one in self._steps() if not one.done), None)
        if step:
            self._mail("onboarding", step=step)
