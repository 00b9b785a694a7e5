"""Pay periods that close by themselves, so many days after their end as the rule sets say, and who
is told when one cannot.

Owns when. How a period is closed, biometric.period says.
"""

from collections import Counter

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ...engine import gate
from ..mixins.biometric_words import sentence

# So many kinds of blockers a mail names.
NAMED = 12


class PeriodSchedule:
    """Of biometric.period: its closing by schedule. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _cron_gate(self):
        """Every night: a period that is over is ready where nothing blocks it, and open again where
        something does. Where its rule sets say so it is exported, or its payroll officers are told
        why not."""
        aside = self.env["biometric.job"]._aside("period_gate", "biometric.period")
        over = self.sudo().search(
            [
                ("state", "in", ("open", "ready", "locked")),
                ("date_to", "<=", fields.Date.context_today(self)),
            ]
        )
        aside.round(over, lambda one: one._look_at_gate(), is_planned=True)

    def _look_at_gate(self):
        """One period (sudo) on its night."""
        self.ensure_one()
        today = self.company_id._biometric_today()
        if self.date_to >= today:
            return
        standing = gate.stands(self._gate().blockers, self._passed())
        self._note_gate(len(standing))
        if self.state != "locked":
            state = "open" if standing else "ready"
            if self.state != state:
                self.write({"state": state})
        due = self._due_on()
        if not due or today < due:
            return
        if standing:
            self._tell_blocked(standing)
            return
        try:
            with self.env.cr.savepoint():
                self._close()
        except UserError as error:
            self._tell_failed(str(error))

    def _note_gate(self, count):
        """How many blockers there were is no act of anybody: it stands beside the period."""
        self.env.cr.execute(
            "UPDATE biometric_period SET gate_count = %s, gate_at = %s WHERE id = %s",
            (count, fields.Datetime.now(), self.id),
        )
        self.invalidate_recordset(["gate_count", "gate_at"])

    def _due_on(self):
        """Date on which the period is to be exported by itself: the latest that a rule set of its
        days names (lock_after_days); None where none does."""
        rules = self.env["biometric.day"]._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("employee_id", "in", self._paid_people().ids),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
            ],
            ["rule_id"],
        )
        return gate.closes_on(self.date_to, [rule._rule_set() for (rule,) in rules if rule])

    # ------------------------------------------------------------------ who is told

    def _tell_blocked(self, standing):
        kinds = Counter(reason for _what, _date, reason in standing)
        self._mail_officers(
            [f"{sentence(self._why(kind))}: {n}" for kind, n in kinds.most_common(NAMED)]
        )

    def _tell_failed(self, text):
        self._mail_officers([line for line in text.splitlines() if line][:NAMED])

    def _mail_officers(self, lines):
        self._mail_lines(
            None,
            lines,
            lambda speaking: speaking.env._("%s was not exported", speaking.display_name),
        )

    def _mail_lines(self, subject, lines, subject_of=None):
        """One mail to each payroll officer of the company. subject_of: the subject in the words of
        who reads it."""
        officers = self.env["biometric.duty"]._others("payroll_officer", self.company_id, set())
        for user in officers:
            address = email_normalize(user.email or "")
            if not address:
                continue
            speaking = self.with_context(lang=user.lang or "en_US", tz=user.tz)
            title = subject_of(speaking) if subject_of else subject
            body = speaking.env["ir.qweb"]._render(
                "biometric_attendance.period_not_exported", {"title": title, "lines": lines}
            )
            self.env["mail.mail"].sudo().create(
                {
                    "subject": title,
                    "email_to": address,
                    "body_html": body,
                    "auto_delete": True,
                }
            )
