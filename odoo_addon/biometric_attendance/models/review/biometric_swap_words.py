"""A swap in words, and who reads them: on screen, in mails to the two people and to whoever
decides.

Owns sentences alone. Must not decide anything.
"""

from odoo import api
from odoo.tools import email_normalize, format_date


class SwapWords:
    """Of biometric.swap: how it reads. Mixed into its one class."""

    __slots__ = ()

    @api.depends("employee_id", "to_employee_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for one in self:
            row = one.sudo()
            people = f"{row.employee_id.name or ''}, {row.to_employee_id.name or ''}"
            one.display_name = f"{people}, {format_date(self.env, one.date) if one.date else ''}"

    @api.depends("employee_id", "date", "shift_id", "to_employee_id", "to_date", "to_shift_id")
    @api.depends_context("lang")
    def _compute_change_text(self):
        for one in self:
            one.change_text = one._change_words()

    def _change_words(self):
        one, _ = self.sudo(), self.env._
        values = {
            "who": one.employee_id.name,
            "shift": self._shift_words(one.shift_id),
            "date": format_date(self.env, one.date),
            "to": one.to_employee_id.name,
        }
        if not one.to_shift_id:
            return _("%(who)s gives %(shift)s on %(date)s to %(to)s", **values)
        return _(
            "%(who)s gives %(shift)s on %(date)s to %(to)s and works %(to_shift)s on %(to_date)s "
            "in return",
            to_shift=self._shift_words(one.to_shift_id),
            to_date=format_date(self.env, one.to_date),
            **values,
        )

    @api.model
    def _shift_words(self, shift):
        return f"{shift.name} ({shift._hours_text()})"

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_trouble_text(self):
        """Of what is still open; the rest is done."""
        for one in self:
            one.trouble_text = one._trouble_words()

    def _trouble_words(self):
        one = self.sudo()
        if self.state != "submitted":
            return False
        if obstacle := one._obstacle(self.env):
            return obstacle
        return "\n".join(one._trouble()) or False

    def _why(self):
        """The reason beside each entry of the roster that it changes."""
        return f"{self._change_words()}: {self.reason_text or ''}"

    def _values(self):
        """What the trail says of it (sudo)."""
        values = {}
        for name in ("employee_id", "shift_id", "to_employee_id", "to_shift_id"):
            values[name] = [self[name].id, self[name].display_name] if self[name] else None
        for name in ("date", "to_date"):
            values[name] = str(self[name]) if self[name] else None
        return {**values, "state": self.state, "reason_text": self.reason_text or None}

    def _roster_words(self):
        """What stands on the roster of its dates: one line a person and date (sudo)."""
        people, shifts = self.env["hr.employee"], self.env["biometric.shift"]
        lines = []
        for (employee, day), own in self._standing().items():
            said = " + ".join(shifts.browse(own or ()).mapped("name"))
            if not said:
                said = self.env._("as scheduled") if own is None else self.env._("day off")
            lines.append(f"{people.browse(employee).name}, {day}: {said}")
        return lines

    # ------------------------------------------------------------------ who is told

    def _speaking(self, person):
        return self.with_context(lang=person.user_id.lang or person.lang or "en_US")

    def _tell_colleague(self):
        """Whoever is asked reads what for, and what would be wrong with it."""
        one = self.sudo()
        self._tell_person(
            one.to_employee_id,
            lambda env: env._("You are asked to swap a shift. Open My time to agree or decline."),
        )

    def _tell_both(self, step, text=None):
        """Both read what became of it; whoever did it knows."""
        said = {
            "approve": lambda env: env._("The swap was approved and the roster updated."),
            "reject": lambda env: env._("The swap was refused. The roster is unchanged."),
            "decline": lambda env: env._(
                "The colleague declined the swap. The roster is unchanged."
            ),
            "withdraw": lambda env: env._("The swap was withdrawn. The roster is unchanged."),
            "expire": lambda env: env._("The swap expired. The roster is unchanged."),
        }[step]
        one = self.sudo()
        for person in one.employee_id | one.to_employee_id:
            self._tell_person(person, said, text)

    def _tell_person(self, person, said, text=None):
        user = person.user_id
        address = email_normalize(user.email or person.work_email or "")
        if address and user != self.env.user:
            speaking = self.sudo()._speaking(person)
            words = text(speaking.env) if callable(text) else text
            speaking._mail(address, said(speaking.env), words)

    def _tell_deciders(self, text=None):
        """Whoever may decide now reads that it waits."""
        one = self.sudo()
        for user in one._deciders() - self.env.user:
            if address := email_normalize(user.email or ""):
                speaking = one.with_context(lang=user.lang or "en_US")
                speaking._mail(
                    address, speaking.env._("A swap of shifts is waiting for your decision."), text
                )

    def _clock_of(self, person):
        return person.tz or self.company_id.partner_id.tz or "UTC"

    def _mail(self, address, said, text):
        people = self.employee_id | self.to_employee_id
        body = self.env["ir.qweb"]._render(
            "biometric_attendance.swap_told",
            {
                "said": said,
                "change": self._change_words(),
                "place": ", ".join(sorted({self._clock_of(one) for one in people})),
                "reason": self.reason_text or "",
                "trouble": (self._trouble_words() or "").splitlines(),
                "text": text or "",
                "who": self.decided_by_id.name if self.state in ("approved", "rejected") else "",
            },
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": f"{self.env._('Swap of shifts')}: {self.display_name}",
                "email_to": address,
                "body_html": body,
                "auto_delete": True,
            }
        )
