"""Who hears that a record which was signed says something else now, and signs it anew.

Owns when that is told and to whom: once for each new state, to whoever had signed. What a record
says and who may sign it is not decided here.
"""

from odoo import api
from odoo.tools import email_normalize

from .biometric_month_content import digest_of

SIGNATURES = ("certify", "sign")
# Records whose days are read at once.
BATCH = 500
_MAYBE = """
SELECT r.id FROM biometric_month_record r
  JOIN LATERAL (SELECT max(s.done_at) AS at FROM biometric_month_step s
                 WHERE s.record_id = r.id AND s.kind IN ('certify', 'sign', 'ask_again')) told
    ON told.at IS NOT NULL
 WHERE EXISTS (SELECT 1 FROM biometric_day d
                WHERE d.employee_id = r.employee_id AND d.company_id = r.company_id
                  AND d.date BETWEEN r.date_from AND r.date_to AND d.computed_at >= told.at)
 ORDER BY r.id"""


class MonthAsk:
    """Of biometric.month.record: asking for new signatures. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _ask_again(self, aside):
        """Tell whoever signed a record that days of it changed since (sudo); one that cannot be
        told does not stop the others. aside: biometric.job's, of this model."""
        self.env["biometric.day"].flush_model()
        self.env["biometric.month.step"].flush_model()
        self.env.cr.execute(_MAYBE)
        ids = [row[0] for row in self.env.cr.fetchall() if row[0] not in aside.resting]
        for start in range(0, len(ids), BATCH):
            aside.do(self.browse(ids[start : start + BATCH]), lambda rows: rows._tell_changed())

    def _tell_changed(self):
        """The step and the mails of those of these records that changed and were not told so."""
        stands, contents = self._stands(), self._contents()
        for one in self:
            state, dates = stands[one.id]
            content = contents[one.id]
            digest = digest_of(content)
            told = one.step_ids.filtered(lambda step: step.kind == "ask_again").sorted("id")[-1:]
            if state != "changed" or told.digest == digest:
                continue
            self.env["biometric.month.step"]._keep("ask_again", [(one, content, digest)])
            for user, address in one._signers().items():
                is_own = user in one.employee_id.user_id
                speaking = one.with_context(lang=user.lang or one.employee_id.lang or "en_US")
                speaking._mail_changed(address, dates, is_own)
            if not one.employee_id.user_id:
                one._tell_without_login(dates)

    def _signatures(self):
        """Steps that are signatures, in their order."""
        return self.step_ids.filtered(lambda step: step.kind in SIGNATURES).sorted("id")

    def _signers(self):
        """`{user: address}` of the logins that signed the record and are still of its company."""
        steps = self._signatures()
        by_link = steps.filtered("by_link")
        users = (steps - by_link).user_id
        if by_link:
            # Whoever certified by a link may have been given a login since.
            users |= self.employee_id.user_id
        users = users.filtered(lambda user: user.active and self.company_id in user.company_ids)
        found = {user: email_normalize(user.email or "") for user in users}
        return {user: address for user, address in found.items() if address}

    def _tell_without_login(self, dates):
        """The person, where they certified by their personal link."""
        address = email_normalize(self.employee_id.work_email or "")
        if address and self.step_ids.filtered("by_link"):
            self.with_context(lang=self.employee_id.lang or "en_US")._mail_changed(
                address, dates, True
            )

    def _mail_changed(self, address, dates, is_own):
        path = "biometric-my-time" if is_own else f"biometric-monthly-records/{self.id}"
        body = self.env["ir.qweb"]._render(
            "biometric_attendance.month_changed",
            {
                "one": self,
                "dates": self._dates_text(dates),
                "is_own": is_own,
                "has_login": bool(self.employee_id.user_id),
                "url": f"{self.get_base_url()}/odoo/{path}",
            },
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.env._("New signature needed: %s", self.display_name),
                "email_to": address,
                "body_html": body,
                "auto_delete": True,
            }
        )
