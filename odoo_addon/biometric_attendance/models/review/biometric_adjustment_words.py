"""An adjustment in words, and who reads them: on screen, in the mail to whom it concerns.

Owns sentences alone. Must not decide anything.
"""

import base64
import hashlib

from odoo import api
from odoo.tools import email_normalize, format_date

from ..mixins.biometric_words import moment_words, named_moment

# What of a day is told before and after; minutes as hours.
TOLD = (
    "worked_minutes",
    "regular_minutes",
    "overtime_minutes",
    "overtime_unapproved_minutes",
    "late_minutes",
    "penalised_late_minutes",
    "early_leave_minutes",
    "penalised_early_leave_minutes",
)


def hours(minutes):
    """`8:05` of 485 minutes; an en dash where nobody knows."""
    if minutes is None or minutes is False:
        return "–"
    return f"{int(minutes) // 60}:{int(minutes) % 60:02d}"


class AdjustmentWords:
    """Of biometric.adjustment: how it reads. Mixed into its one class."""

    __slots__ = ()

    def _reason_words(self):
        self.ensure_one()
        one = self.sudo()
        return ": ".join(filter(None, [one.reason_id.name, one.reason_text])) or False

    @api.depends("kind", "at", "direction", "minutes", "pay_class", "to_class", "seconds")
    @api.depends_context("lang")
    def _compute_change_text(self):
        for one in self:
            one.change_text = one._change_words()

    def _change_words(self, named=False):
        """named: with the name of the zone behind each time, for a mail."""
        one = self.sudo()
        tz = one.employee_id.tz or one.company_id.partner_id.tz or "UTC"
        there = one.punch_id.device_id._zone_now() if named and one.punch_id else ""
        wall_time = one._wall_words(one.punch_id, there)

        def shown(at):
            return (named_moment if named else moment_words)(self.env, at, tz)

        words = dict(self._fields["kind"]._description_selection(self.env))[one.kind]
        classes = dict(self._fields["pay_class"]._description_selection(self.env))
        ways = dict(self._fields["direction"]._description_selection(self.env))
        parts = {
            "add_punch": [shown(one.at), ways.get(one.direction)],
            "void_punch": [wall_time],
            "set_direction": [wall_time, ways.get(one.direction)],
            "clock_correction": [
                one.device_id.name,
                f"{shown(one.window_from)} – {shown(one.window_to)}",
                f"{one.seconds:+d} s",
            ],
            "reclassify": [
                one.minutes and hours(one.minutes),
                f"{classes.get(one.pay_class)} → {classes.get(one.to_class)}",
            ],
            "set_minutes": [classes.get(one.pay_class), hours(one.minutes)],
            "remap": [wall_time, one.to_employee_id.name],
            "reversal": [one.reverses_id and one.reverses_id._change_words(named)],
        }.get(one.kind, [hours(one.minutes)])
        return f"{words}: {', '.join(part for part in parts if part)}"

    def _wall_words(self, punch, zone=""):
        """What the terminal's clock showed, with seconds: they tell punches apart. zone: whose
        clock that is, where a mail says it."""
        if not punch.wall_time:
            return ""
        day, clock = punch.wall_time.split(" ", 1)
        return f"{format_date(self.env, day)} {clock}" + (f" ({zone})" if zone else "")

    def _is_withdrawn(self):
        """Whether whoever asked took it back: nobody rejected it then."""
        return self.state == "rejected" and "withdraw" in self.sudo().step_ids.mapped("action")

    def _state_words(self):
        """How it stands, as the person reads it."""
        if self._is_withdrawn():
            actions = self.env["biometric.adjustment.step"]._fields["action"]
            return dict(actions._description_selection(self.env))["withdraw"]
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    @api.depends("day_before", "step_ids", "state")
    @api.depends_context("lang")
    def _compute_day_texts(self):
        for one in self:
            one.before_text = one._day_words(one.day_before)
            effect = one.sudo().step_ids.filtered(lambda step: step.action == "effect")[:1]
            one.after_text = one._day_words(effect.day)

    def _day_words(self, days):
        """A snapshot in words, one line a person; False for none."""
        labels = {
            name: self.env["biometric.day"]._fields[name]._description_string(self.env)
            for name in TOLD
        }
        statuses = dict(
            self.env["biometric.day"]._fields["status"]._description_selection(self.env)
        )
        lines = []
        for day in (days or {}).values():
            if not isinstance(day, dict):
                continue
            told = [statuses.get(day.get("status")) or ""]
            told += [f"{labels[name]} {hours(day[name])}" for name in TOLD if day.get(name)]
            on = format_date(self.env, day["date"]) if day.get("date") else ""
            lines.append(f"{on}: {', '.join(filter(None, told))}")
        return "\n".join(lines) or False

    def _compute_evidence_text(self):
        """Each file with the beginning of its digest, and whether it is what was submitted."""
        for one in self:
            kept = {file.id: file for file in one.sudo().evidence_ids}
            lines = []
            for told in one.evidence or ():
                file = kept.get(told["id"])
                data = base64.b64decode(file.datas or b"") if file else None
                if data is None:
                    state = self.env._("is removed")
                elif hashlib.sha256(data).hexdigest() == told["sha256"]:
                    state = self.env._("as attached")
                else:
                    state = self.env._("was changed since")
                lines.append(f"{told['name']} ({told['sha256'][:16]}…): {state}")
            one.evidence_text = "\n".join(lines) or False

    # ------------------------------------------------------------------ who is told

    def _tell_employee(self, text=None):
        """Whoever it concerns reads what became of it: old, new, who, why, and what to do. `text`:
        words, or a function that says them by the environment of whoever reads."""
        for one in self.sudo():
            people = one.employee_id | one.to_employee_id
            for person in people:
                user = person.user_id
                address = email_normalize(user.email or person.work_email or "")
                if not address or user == self.env.user:
                    continue
                speaking = one.with_context(lang=user.lang or person.lang or "en_US")
                said = text(speaking.env) if callable(text) else text
                speaking._mail(address, "adjustment_told", said, user.tz or person.tz)

    def _tell_asker(self, text):
        """Whoever asked for it, where that is not the person it is about, and they are still in
        the company. `text`: a function that says the words by the environment of whoever reads."""
        for one in self.sudo():
            user = one.requested_by_id
            address = email_normalize(user.email or "")
            is_here = one.company_id in user.company_ids
            if address and is_here and user != one.employee_id.user_id:
                speaking = one.with_context(lang=user.lang or "en_US")
                speaking._mail(address, "adjustment_told", text(speaking.env), user.tz)

    def _tell_deciders(self, text=None):
        """Whoever may decide now reads that something waits."""
        for one in self.sudo():
            for user in one._deciders() - self.env.user:
                if address := email_normalize(user.email or ""):
                    speaking = one.with_context(lang=user.lang or "en_US")
                    speaking._mail(address, "adjustment_waits", text, user.tz)

    def _mail(self, address, template, text, zone):
        """zone: the reader's own, whose clock the mail speaks by; it is named."""
        zone = zone or self.company_id.partner_id.tz or "UTC"
        until = named_moment(self.env, self.due_at, zone)
        states = dict(self._fields["state"]._description_selection(self.env))
        body = self.env["ir.qweb"]._render(
            f"biometric_attendance.{template}",
            {
                "one": self,
                "change": self._change_words(named=True),
                "state": states[self.state],
                "who": self.decided_by_id.name or self.env.user.name,
                "asker": self.requested_by_id.name,
                "reason": self._reason_words(),
                "text": text or "",
                "until": until,
            },
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.display_name,
                "email_to": address,
                "body_html": body,
                "auto_delete": True,
            }
        )
