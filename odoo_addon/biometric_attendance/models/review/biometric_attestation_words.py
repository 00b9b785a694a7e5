"""An attestation in words: what is mailed to the person, and what screens show of it.

Owns sentences and mails. Must not decide anything.
"""

import secrets

from odoo import api, fields
from odoo.tools import email_normalize, format_date

from ...contract import chain
from ..mixins.biometric_words import moment_words, named_moment


class AttestationWords:
    """Of biometric.attestation: how it reads. Mixed into its one class."""

    __slots__ = ()

    @api.depends("employee_id", "date", "event")
    @api.depends_context("lang")
    def _compute_display_name(self):
        events = dict(self._fields["event"]._description_selection(self.env))
        for one in self:
            who, day = (
                one.sudo().employee_id.name or "",
                one.date and format_date(self.env, one.date),
            )
            one.display_name = f"{events.get(one.event, '')}: {who}, {day or ''}"

    def _new_token(self):
        """`(token, its hash)`: of a mail that leads to the page behind the personal link."""
        token = secrets.token_urlsafe(32)
        return token, chain.secret_digest(token)

    def _mail_question(self, token):
        """One mail to the person who is asked; whether it could be addressed."""
        asked = self.sudo()
        employee = asked.employee_id
        address = email_normalize(employee.work_email or employee.user_id.email or "")
        if not address:
            return False
        base = asked.get_base_url()
        path = "odoo/biometric-my-time" if employee.user_id else f"biometric_attendance/my/{token}"
        speaking = asked.with_context(lang=employee.lang or employee.user_id.lang or "en_US")
        speaking._mail(
            address,
            "attestation_asked",
            {
                "url": f"{base}/{path}",
                "until": speaking._until_words(with_zone=True),
                "day": format_date(speaking.env, asked.date),
                "has_login": bool(employee.user_id),
            },
        )
        return True

    def _tell_person(self, yes, reason):
        """What became of a change that somebody asked for."""
        asked = self._asked()
        address = email_normalize(
            asked.employee_id.work_email or asked.employee_id.user_id.email or ""
        )
        if address:
            values = {"yes": yes, "reason": reason, "who": self.env.user.name}
            asked.with_context(lang=asked.employee_id.lang or "en_US")._mail(
                address, "attestation_decided", values
            )

    def _mail(self, address, template, values):
        body = self.env["ir.qweb"]._render(
            f"biometric_attendance.{template}", {"one": self, "place": self._place(), **values}
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.display_name,
                "email_to": address,
                "body_html": body,
                "auto_delete": True,
            }
        )

    def _zone(self):
        return self.sudo().employee_id.tz or self.sudo().company_id.partner_id.tz or "UTC"

    def _place(self):
        """Whose clock the times in the question itself are by, for a mail; "" where it has none."""
        if self.event != "missing_out":
            return ""
        day = (
            self.env["biometric.day"]
            .sudo()
            .search([("employee_id", "=", self.employee_id.id), ("date", "=", self.date)], limit=1)
        )
        return (day.derivation or {}).get("zone") or self._zone()

    def _until_words(self, with_zone=False):
        """Until when, by the clock of whoever is asked; a mail names the zone."""
        words = named_moment if with_zone else moment_words
        return words(self.env, self.until, self._zone())

    def _shown(self):
        """Questions as My time and the page behind a personal link show them: `[{"id", "event",
        "date", "text", "until", "state", "state_text", "answer", "choices": [text]}]`."""
        states = dict(self._fields["state"]._description_selection(self.env))
        events = dict(self._fields["event"]._description_selection(self.env))
        return [
            {
                "id": one.id,
                "event": events[one.event],
                "date": fields.Date.to_string(one.date),
                "date_text": format_date(self.env, one.date),
                "text": one.text,
                "until": one._until_words(),
                "state": one.state,
                "state_text": states[one.state],
                "answer": one.current_text or "",
                "may_change": one.state in ("answered", "not_answered")
                and one.event != "missing_out",
                "choices": [choice["text"] for choice in one.choices or ()],
            }
            for one in self
        ]

    @api.model
    def _of_person(self, employee, since):
        """What a person was asked about dates from `since` on, open ones first (own rights)."""
        rows = self.search(
            [("employee_id", "=", employee.id), ("step", "=", "asked"), ("date", ">=", since)],
            limit=100,
        )
        return rows.sorted(lambda one: (one.state != "open", -one.id))
