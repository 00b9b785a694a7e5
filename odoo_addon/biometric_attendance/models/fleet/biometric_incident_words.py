"""How an incident is told: its words in a reader's language, since when in the reader's clock and
in that of the place, the likely cause that the board knows, what to do first, whom to call.

One mail a person; the queue is woken, so that none waits for its hourly turn. Must not decide what
is an incident.
"""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

from odoo import api, fields
from odoo.tools import format_datetime

from ..mixins.biometric_words import length_words, offset_words


class IncidentWords:
    """Of biometric.incident: its words. Mixed into its one class (biometric_incident.py)."""

    __slots__ = ()

    @api.model
    def _message_of(self, finding):
        """One line for lists and activities, since when in the clock of the place."""
        company = self.env["res.company"].browse(finding.company_id)
        speaking = self.with_context(lang=company.partner_id.lang or "en_US")
        row = speaking.new({"agent_id": finding.agent_id, "device_id": finding.device_id})
        since = finding.since and speaking._clock(finding.since, row._place_zone())
        return speaking._what(finding.kind, finding.facts, since)

    @api.model
    def _clock(self, instant, zone):
        shown = format_datetime(self.env, instant, tz=zone, dt_format="yyyy-MM-dd HH:mm")
        return f"{shown} ({zone})"

    @api.model
    def _what(self, kind, facts, since):
        """What is wrong, with since when where that is known."""
        text = self._what_alone(kind, facts)
        return self.env._("%(what)s, since %(since)s", what=text, since=since) if since else text

    def _what_now(self):
        """What is wrong, in the reader's language. What a job set aside, and what was found before
        facts were kept, has its one line."""
        self.ensure_one()
        return self._what_alone(self.kind, self.facts) if self.facts else self.message

    @api.model
    def _what_alone(self, kind, facts):
        _ = self.env._
        name, value, count, *_more = [*facts, None, None]
        if kind == "device_silent" and value:
            return _("%(name)s: push has stopped; the terminal is read instead", name=name)
        if kind == "clock":
            offset = int(value or 0)
            told = self.env["biometric.device"]._clock_words(offset)
            if abs(offset) >= 300:
                return f"{name}: {told}"
            return _(
                "%(name)s: the clock is %(value)s", name=name, value=offset_words(self.env, offset)
            )
        if kind == "loss":
            cause = dict(
                self.env["biometric.gap"]._fields["cause"]._description_selection(self.env)
            )
            words = cause.get(value, value)
            if not count:
                return f"{name}: {words}"
            return _(
                "%(name)s: %(words)s, %(count)s by number", name=name, words=words, count=count
            )
        texts = {
            "agent_silent": _("%(name)s: the agent is not responding"),
            "device_silent": _("%(name)s: the terminal is not responding"),
            "storage": _("%(name)s: memory is %(value)s %% full"),
            "gap": _("%(name)s: data not confirmed complete"),
            "reject": _("%(name)s: unreadable lines waiting for a decision: %(value)s"),
            "foreign": _("%(name)s: reported by %(value)s, which is not its agent"),
        }
        return texts[kind] % {"name": name, "value": value}

    def _first_step(self):
        """What to do first, in one or two sentences."""
        self.ensure_one()
        _ = self.env._
        return {
            "agent_silent": _(
                "Ask at the branch whether the machine has power, its light is on and "
                "the Internet works. Terminals keep their punches meanwhile: nothing is "
                "lost."
            ),
            "device_silent": _(
                "Ask at the branch whether the terminal shows its clock and its network "
                "cable is plugged in. It keeps its punches meanwhile: nothing is lost."
            ),
            "storage": _(
                "Open the terminal and press Why (not) cleared. It has to be cleared "
                "before it is full, or its oldest punches are lost."
            ),
            "gap": _(
                "Open Gaps and press Pull this window now; what cannot be confirmed has "
                "to be accepted."
            ),
            "clock": _(
                "Set the clock of the terminal, then decide about its punches in quarantine."
            ),
            "reject": _("Open Quarantine, check each line, release or discard it."),
            "loss": _(
                "Leave the terminals switched on: they are asked again for their "
                "punches. What is still open tomorrow has to be accepted by a person. "
                "Replace the card."
            ),
            "foreign": _(
                "Open Foreign terminals and decide: moved to that agent, both receive "
                "it, or refuse. Its punches are on hold until then."
            ),
            "set_aside": _(
                "Fix the cause shown, open the row and press Try again; it is retried "
                "automatically every hour. The others continue."
            ),
        }[self.kind]

    def _likely_cause(self):
        """What the board says of it, in the reader's words; empty where it knows none."""
        self.ensure_one()
        now, board = fields.Datetime.now(), self.env["biometric.device"]
        if self.kind == "agent_silent" and (others := self._others_silent()):
            return self.env._(
                "Other agents of the company not responding: %s. Check Odoo's address or "
                "network rather than this branch",
                others,
            )
        if self.kind in ("agent_silent", "loss"):
            lost = board._board_losses(self.agent_id)
            return board._board_agent(self.agent_id, None, lost, now)["cause"]
        if self.kind in ("foreign", "set_aside"):
            return ""
        return self.device_id._board_cause_now(now)

    def _others_silent(self):
        return self.search_count(
            [
                ("kind", "=", "agent_silent"),
                ("company_id", "=", self.company_id.id),
                ("closed_at", "=", False),
                ("id", "!=", self.id),
            ]
        )

    def _whom_to_call(self):
        self.ensure_one()
        if self.agent_id.contact:
            return self.agent_id.contact
        return self.env._("no contact person: fill in Contact person on the form of the branch")

    # ------------------------------------------------------------------ the mail

    def _mail_all(self):
        """One mail a responsible person, in that person's language and clock; and one line in the
        incident's own history, whoever has an address."""
        self.ensure_one()
        readers = self._responsible()
        for user in readers.filtered("email"):
            self.with_context(lang=user.lang or "en_US", tz=user.tz or "UTC")._mail(user)
        told = ", ".join(readers.filtered("email").mapped("name"))
        self.message_post(
            body=self.env._("Sent by e-mail to: %s", told)
            if told
            else self.env._("Nobody has an e-mail address."),
            subtype_xmlid="mail.mt_note",
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _mail(self, user):
        rows = self._mail_rows(user)
        body = self.env["ir.qweb"]._render(
            "biometric_attendance.incident_mail",
            {"what": self._what_now(), "rows": rows, "link": self._link()},
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": self._subject(),
                "email_to": user.email_formatted,
                "body_html": Markup(body),
                "auto_delete": True,
            }
        )

    def _subject(self):
        what, branch = self._what_now(), self.agent_id.name
        text = what if not branch or what.startswith(branch) else f"{branch}, {what}"
        return self.env._("Over: %s", text) if self.closed_at else text

    def _mail_rows(self, user):
        """[(label, text)] of the mail's table."""
        _ = self.env._
        zone = self._place_zone()
        rows = [(_("Company"), self.company_id.name)]
        if self.agent_id:
            rows.insert(0, (_("Branch"), self._place(self.agent_id)))
        if self.device_id:
            rows.append((_("Terminal"), f"{self._place(self.device_id)} ({self.device_id.serial})"))
        rows.append((_("Since"), self._both_clocks(self.opened_at, user.tz or "UTC", zone)))
        if self.closed_at:
            over = self._both_clocks(self.closed_at, user.tz or "UTC", zone)
            lasted = length_words(
                self.env, round((self.closed_at - self.opened_at).total_seconds())
            )
            return [*rows, (_("Until"), over), (_("Duration"), lasted)]
        if cause := self._likely_cause():
            rows.append((_("Likely cause"), cause))
        rows.append((_("First steps"), self._first_step()))
        return [*rows, (_("Contact person"), self._whom_to_call())] if self.agent_id else rows

    @staticmethod
    def _place(record):
        return f"{record.name}, {record.place}" if record.place else record.name

    def _place_zone(self):
        """UTC where the zone of the place is none: what is wrong is told all the same."""
        if self.device_id:
            zone = self.device_id._zone_now()
        elif self.agent_id:
            zone = self.agent_id._branch_zone()
        else:
            zone = self.company_id.partner_id.tz
        try:
            return ZoneInfo(zone or "UTC").key
        except (ZoneInfoNotFoundError, ValueError):
            return "UTC"

    def _both_clocks(self, instant, mine, theirs):
        """In the reader's clock, and in that of the place where it is another."""
        own = self._clock(instant, mine)
        return own if mine == theirs else f"{own} = {self._clock(instant, theirs)}"

    def _link(self):
        return f"{self.get_base_url()}/odoo/biometric-incidents/{self.id}"
