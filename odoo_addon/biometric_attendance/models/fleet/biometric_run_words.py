"""A run in words: what was read or told, when by the clock of the place, and what came of it.

Owns the sentence and whether a push session still goes on: its row stays open until the terminal
begins another one, which may be never. Must not know screens.
"""

from datetime import timedelta

from odoo import api, fields
from odoo.fields import Domain

from ..mixins.biometric_words import date_in, moment_words, time_words

# A session is brought up to date every five minutes while its terminal is heard; one that was not
# for three times as long is over, whether or not somebody said so.
SESSION_QUIET = timedelta(minutes=15)
# Who asked for a session: the terminal itself.
DEVICE = "device"


class RunWords:
    """Of biometric.run: its sentence. Mixed into its one class."""

    __slots__ = ()

    @api.depends("outcome", "ended_at")
    def _compute_result(self):
        quiet = fields.Datetime.now() - SESSION_QUIET
        for run in self:
            over = run.outcome == "open" and run.ended_at and run.ended_at < quiet
            run.result = "ended" if over else run.outcome

    @api.model
    def _search_result(self, operator, value):
        if operator != "in":
            return NotImplemented
        quiet = fields.Datetime.now() - SESSION_QUIET
        over = Domain("outcome", "=", "open") & Domain("ended_at", "<", quiet)
        plain = [one for one in value if one not in ("ended", "open")]
        found = Domain("outcome", "in", plain) if plain else Domain.FALSE
        if "ended" in value:
            found |= over
        if "open" in value:
            found |= Domain("outcome", "=", "open") & ~over
        return found

    @api.depends("channel", "asked_by", "outcome", "started_at", "ended_at", "read_count")
    @api.depends_context("lang")
    def _compute_story(self):
        for run in self:
            zone = run.device_id._zone_now() if run.device_id else "UTC"
            run.story = run._words()(zone)

    def _words(self):
        """What makes its sentence."""
        if self.channel == "file":
            return self._file_words
        if self.outcome in ("confirmed", "resent"):
            return self._check_words
        # on the push channel a terminal is asked for windows too; it alone begins a session
        if self.channel == "push" and self.asked_by == DEVICE:
            return self._session_words
        return self._read_words

    def _session_words(self, zone):
        _ = self.env._
        begun = moment_words(self.env, self.started_at, zone)
        if self.result == "open":
            last = self._end_words(zone)
            return _("Connected since %(begun)s, last contact %(last)s.", begun=begun, last=last)
        return _(
            "Connected from %(begun)s to %(end)s.",
            begun=begun,
            end=self._end_words(zone) or _("an unknown time"),
        )

    def _end_words(self, zone):
        """When it ended; of the same date the time alone."""
        if not self.ended_at:
            return ""
        day = date_in(self.env, self.ended_at, zone)
        if self.started_at and date_in(self.env, self.started_at, zone) == day:
            return time_words(self.env, self.ended_at, zone)
        return moment_words(self.env, self.ended_at, zone)

    def _check_words(self, zone):
        """The agent compared what it holds with what Odoo holds."""
        _ = self.env._
        values = {
            "when": moment_words(self.env, self.started_at, zone),
            "count": self.read_count,
        }
        if self.outcome == "resent":
            return _("%(when)s, compared with Odoo: the missing punches were sent again.", **values)
        return _("%(when)s, compared with Odoo, matching punches: %(count)s.", **values)

    def _file_words(self, zone):
        return self.env._(
            "%(who)s imported a file on %(when)s: %(counts)s.",
            who=self.asked_by or self.env._("Someone"),
            when=moment_words(self.env, self.started_at, zone),
            counts=self._counts_words(),
        )

    def _read_words(self, zone):
        _ = self.env._
        values = {
            "when": moment_words(self.env, self.started_at, zone),
            "counts": self._counts_words(),
        }
        if self.window_from and self.window_to:
            values["window"] = f"{self.window_from[:16]} – {self.window_to[:16]}"
            return _("%(when)s, read %(window)s again: %(counts)s.", **values)
        if self.outcome in ("cleared", "not_cleared", "unclear"):
            return _("%(when)s, read before its memory was cleared: %(counts)s.", **values)
        if self.channel == "push":
            return _("%(when)s, terminal asked to resend its punches: %(counts)s.", **values)
        return _("%(when)s, complete read: %(counts)s.", **values)

    def _counts_words(self):
        """What a read brought, and whether that is all the terminal counts."""
        _ = self.env._
        if not self.read_count and not self.rejected_count:
            if self.outcome == "failed":
                return _("no response")
            return _("there was nothing to read")
        parts = [_("%(read)s read, %(new)s new", read=self.read_count, new=self.new_count)]
        if self.rejected_count:
            parts.append(_("%s unreadable", self.rejected_count))
        if self.device_count >= 0 and self.channel == "poll":
            parts.append(
                _("as many as it counts")
                if self.device_count == self.read_count
                else _("it counts %s", self.device_count)
            )
        return ", ".join(parts)
