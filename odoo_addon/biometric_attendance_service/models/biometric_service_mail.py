"""What a tenant's owner is told by mail, in plain words and their language, with the date that
matters. Owns the words' templates and the address. Must not know when something is told.
"""

from odoo import models
from odoo.tools import email_normalize, format_date


class BiometricServiceTenant(models.Model):
    _inherit = "biometric.service.tenant"

    def _mail_state(self):
        """The tenant came into a state."""
        self._mail(f"state_{self.state}")

    def _mail(self, name, **values):
        """Queue the mail `mail_<name>`. Nobody to write to: nothing is sent."""
        self.ensure_one()
        address = email_normalize(self.owner_id.email or self.partner_id.email or "")
        if not address:
            return
        speaking = self.with_context(lang=self.owner_id.lang or "en_US")
        body = speaking.env["ir.qweb"]._render(
            f"biometric_attendance_service.mail_{name}",
            {
                "tenant": speaking,
                "company": self.company_id.name or self.name,
                "until": format_date(speaking.env, self.next_on) if self.next_on else "",
                **values,
            },
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": speaking._subject(name),
                "email_to": address,
                "body_html": body,
                "auto_delete": True,
            }
        )

    def _subject(self, name):
        _, company = self.env._, self.company_id.name or self.name
        return {
            "state_trial": _("%s: your trial has started", company),
            "trial_ends": _("%s: your trial ends soon", company),
            "state_active": _("%s: your plan is active", company),
            "state_past_due": _("%s: an invoice is overdue", company),
            "state_suspended": _("%s: suspended, recording continues", company),
            "state_closing": _("%s: how to leave with all your data", company),
            "state_deleted": _("%s: deleted", company),
            "onboarding": _("%s: your next step", company),
        }[name]
