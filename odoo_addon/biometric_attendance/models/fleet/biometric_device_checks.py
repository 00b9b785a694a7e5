"""Two lists a person reads on a device: why nothing arrives, and whether its memory may be cleared.

Each is a list of Check, in order; computed from what stands in Odoo now, nothing is stored. The
agent judges a clear once more by itself and has the last word. Reads only.
"""

from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields
from odoo.exceptions import UserError

from .biometric_board import AGENT_LATE

# A terminal that pushes is there when it was heard no longer ago than this, in seconds.
HEARD_SECONDS = 180
# Seconds a clock may differ before its stamps need a look.
CLOCK_LIMIT = 60
# A day that waits longer than this to be computed waits for a reason.
STALE_LIMIT = timedelta(minutes=15)
# What a clear is decided on: a read no older than this.
READ_LIMIT = timedelta(days=2)
RECENT_DAYS = 30


class Check(NamedTuple):
    """One line: its name, `ok`, `failed` or `unknown`, and the reason in words."""

    name: str
    state: str
    detail: str


def _check(name, holds, good, bad):
    """None as `holds`: not known."""
    if holds is None:
        return Check(name, "unknown", bad)
    return Check(name, "ok" if holds else "failed", good if holds else bad)


class DeviceChecks:
    """Of biometric.device: why nothing arrives, and may it be cleared. Mixed into its one class."""

    __slots__ = ()

    @api.depends("facts")
    def _compute_security_note(self):
        """Whoever reaches port 4370 of such a terminal can read and clear it."""
        key = self.env._("set a number other than 0 at the terminal (Comm. > Comm Key) and here.")
        notes = {
            "none": self.env._("This terminal can be read and cleared without a comm key: %s", key),
            "default": self.env._("This terminal has the default comm key 0: %s", key),
        }
        for device in self:
            device.security_note = notes.get((device.facts or {}).get("comm_key"), False)

    @api.depends("facts", "poll_host")
    def _compute_moved_note(self):
        """A terminal that moved was found again by its serial number (docs/contract.md, facts)."""
        for device in self:
            found = (device.facts or {}).get("found_at")
            device.moved_note = (
                self.env._(
                    "The terminal no longer responds at %(old)s. The agent found it by "
                    "its serial number at %(new)s and reads it there.",
                    old=(device.facts or {}).get("configured_at") or device.poll_host or "",
                    new=found,
                )
                if found and found != device.poll_host
                else False
            )

    def action_take_address(self):
        """The address at which the agent found it becomes the one that is set; administrators."""
        self.ensure_one()
        self.check_access("write")
        found = (self.facts or {}).get("found_at")
        if not isinstance(found, str) or not found:
            raise UserError(self.env._("The agent reports no other address."))
        self.poll_host = found

    def _seconds_since(self, when):
        return (fields.Datetime.now() - when).total_seconds() if when else None

    def _is_recent(self, when, seconds):
        passed = self._seconds_since(when)
        return passed is not None and passed <= seconds

    def _last_read(self):
        """The last time the whole log was read, or tried to be."""
        self.ensure_one()
        return (
            self.env["biometric.run"]
            .sudo()
            .search(
                [
                    ("device_id", "=", self.id),
                    ("channel", "=", "poll"),
                    ("outcome", "in", ("complete", "incomplete", "failed")),
                ],
                order="ended_at desc, id desc",
                limit=1,
            )
        )

    def _why_steps(self):
        """[Check] from the cable to payroll; the first `failed` one is the place to begin."""
        self.ensure_one()
        device = self.sudo()
        return [
            *device._agent_steps(),
            *device._terminal_steps(),
            *device._arrival_steps(),
            *device._payroll_steps(),
        ]

    def _agent_steps(self):
        _ = self.env._
        agent = self.agent_id
        seen = agent.last_seen_at
        paired = bool(agent) and agent.state == "active"
        offset = agent.clock_offset_seconds or 0
        return [
            _check(
                _("Agent is paired and approved"),
                paired,
                agent.name or "",
                _("Pair the agent of the branch and approve its fingerprint"),
            ),
            _check(
                _("Agent is online"),
                self._is_recent(seen, AGENT_LATE),
                _("last contact %s s ago", round(self._seconds_since(seen) or 0)),
                _("Power, network or Internet at the branch; last contact %s UTC", seen)
                if seen
                else _("No contact so far"),
            ),
            _check(
                _("Agent's clock is right"),
                None if not seen else agent.clock != "unsure" and abs(offset) <= CLOCK_LIMIT,
                _("%s s off", offset),
                _("Its clock is not trusted (%s s off): allow it to reach a time service", offset),
            ),
        ]

    def _terminal_steps(self):
        _ = self.env._
        heard = self._is_recent(self.last_heard_at, HEARD_SECONDS)
        read = self._last_read()
        reads = self.channel_poll or (self.poll_host and not heard)
        known = self.last_heard_at or read
        steps = [
            _check(
                _("Terminal is approved"),
                self.state == "active" and self.active,
                _("approved"),
                _("Approve the terminal; what it sent is kept and then counts"),
            ),
            _check(
                _("Its address is allowed"),
                bool(known) or None,
                self.peer or self.poll_host or "",
                _("No contact so far: check the agent's allowlist (devicePort.allow) or the cable"),
            ),
        ]
        if self.channel_push or not self.poll_host:
            steps.append(
                _check(
                    _("Terminal calls the agent"),
                    heard,
                    _("last contact %s s ago", round(self._seconds_since(self.last_heard_at) or 0)),
                    _("Power, cable, or its server address and port; last contact %s UTC")
                    % (self.last_heard_at or _("never")),
                )
            )
        if reads:
            steps.append(
                _check(
                    _("Terminal can be read"),
                    read.outcome == "complete" if read else None,
                    read.message or _("read %s UTC", read.ended_at),
                    read.message or _("Not read yet: check address, port and comm key"),
                )
            )
        offset = self._clock_offset()
        steps.append(
            _check(
                _("Terminal's clock is right"),
                None if offset is None else abs(offset) <= CLOCK_LIMIT,
                _("%s s off", offset),
                _("Clock is off by %s s: set its clock", offset)
                if offset is not None
                else _("Unknown until its next punch"),
            )
        )
        return steps

    def _clock_offset(self):
        """Seconds the terminal's clock is ahead, or None when nobody knows."""
        said = (self.facts or {}).get("poll_clock_offset_seconds")
        if isinstance(said, int) and not isinstance(said, bool):
            return said
        if not self.last_punch_at and not self.clock_offset_seconds:
            return None
        return self.clock_offset_seconds

    def _arrival_steps(self):
        _ = self.env._
        undecided = self.env["biometric.quarantine"].search_count(
            [("device_id", "=", self.id), ("reason", "=", "reject")], limit=1000
        )
        stored = self.env["biometric.punch"].search_count(
            [("device_id", "=", self.id), ("wall_date", ">=", self._recent_day())], limit=100000
        )
        return [
            _check(
                _("Nothing is waiting at the agent"),
                not self.pending,
                _("all delivered"),
                _("Punches waiting for delivery: %s, see the agent's errors", self.pending),
            ),
            _check(
                _("Every line could be read"),
                not undecided,
                _("no unreadable line"),
                _("Unreadable lines in quarantine: %s", undecided),
            ),
            _check(
                _("Punches are in Odoo"),
                bool(stored),
                _("%(count)s in %(days)s days", count=stored, days=RECENT_DAYS),
                _("None within %s days: have someone punch and check again", RECENT_DAYS),
            ),
        ]

    def _recent_day(self):
        return fields.Date.subtract(self._day_of(fields.Datetime.now()), days=RECENT_DAYS)

    def _payroll_steps(self):
        _ = self.env._
        punches = self.env["biometric.punch"].search(
            [("device_id", "=", self.id), ("wall_date", ">=", self._recent_day())], limit=5000
        )
        unmapped = sorted({punch.pin for punch in punches if not punch.employee_id})
        people = punches.employee_id
        waiting, computed = self.env["biometric.stale.day"]._progress(
            people.ids, self._recent_day()
        )
        return [
            _check(
                _("Every PIN is mapped"),
                not unmapped if punches else None,
                _("all mapped"),
                _("Map these PINs: %s", ", ".join(unmapped[:10])) if unmapped else _("No punches"),
            ),
            _check(
                _("Days are computed"),
                computed and not waiting if people else None,
                _("up to date"),
                _("Days waiting to be computed: %s", waiting) if people else _("Nobody is mapped"),
            ),
        ]

    def _clear_checks(self):
        """[Check]: the five conditions of a clear, as far as Odoo can see them. One `failed`
        forbids to order it; the agent proves all five again at the terminal."""
        self.ensure_one()
        device = self.sudo()
        return [
            device._check_threshold(),
            device._check_confirmed(),
            device._check_counted(),
            device._check_channels(),
            device._check_disable(),
        ]

    def _check_threshold(self):
        _ = self.env._
        name = _("Reason to clear")
        percent = self.storage_percent
        if not self.poll_host:
            return Check(
                name,
                "failed",
                _(
                    "The terminal only pushes, so its log cannot be compared first. Let "
                    "it overwrite its oldest records automatically (its menu: cyclic "
                    "delete), or enter an address."
                ),
            )
        if self.cleanup_when == "never":
            return Check(name, "ok", _("manually; its memory is %s %% full", percent or 0))
        return Check(name, "ok", _("policy is set; its memory is %s %% full", percent or 0))

    def _check_confirmed(self):
        _ = self.env._
        name = _("Odoo has every record")
        gaps = self.env["biometric.gap"].search_count(
            [
                ("state", "=", "open"),
                ("kind", "!=", "overflow"),
                "|",
                ("device_id", "=", self.id),
                "&",
                ("device_id", "=", False),
                ("agent_id", "=", self.agent_id.id),
            ]
        )
        undecided = self.env["biometric.quarantine"].search_count(
            [("device_id", "=", self.id), ("reason", "=", "reject")], limit=1000
        )
        if self.pending:
            return Check(name, "failed", _("Punches waiting for delivery: %s", self.pending))
        if undecided:
            return Check(name, "failed", _("Unreadable lines that need a decision: %s", undecided))
        if gaps:
            return Check(name, "failed", _("windows not confirmed complete: %s", gaps))
        return Check(name, "ok", _("compared again, record by record, just before clearing"))

    def _check_counted(self):
        _ = self.env._
        name = _("All records counted by the terminal were read")
        run = self._last_read()
        if not run:
            return Check(name, "unknown", _("not read yet; the agent reads it first"))
        words = _(
            "read %(read)s, counted %(counted)s", read=run.read_count, counted=run.device_count
        )
        if run.outcome != "complete" or run.read_count != run.device_count:
            return Check(name, "failed", f"{words}: {run.message or run.outcome}")
        if fields.Datetime.now() - run.ended_at > READ_LIMIT:
            return Check(
                name, "unknown", _("%s, but days ago; the agent is reading it again", words)
            )
        return Check(name, "ok", words)

    def _check_channels(self):
        _ = self.env._
        name = _("Every channel is connected and idle")
        if not self._is_recent(self.agent_id.last_seen_at, AGENT_LATE):
            return Check(name, "failed", _("the agent is not online"))
        pushes = self.channel_push or self.last_heard_at
        if pushes and not self._is_recent(self.last_heard_at, HEARD_SECONDS):
            return Check(
                name, "failed", _("push has stopped: punches still in the terminal would be lost")
            )
        if pushes and not self.upload_idle:
            return Check(name, "failed", _("push is still uploading"))
        return Check(name, "ok", _("push is idle") if pushes else _("it is only read"))

    def _check_disable(self):
        _ = self.env._
        name = _("It is blocked while it is read and cleared")
        refused = (
            self.env["biometric.run"]
            .sudo()
            .search(
                [
                    ("device_id", "=", self.id),
                    ("outcome", "=", "not_cleared"),
                    ("message", "ilike", "ignores disable"),
                ],
                limit=1,
            )
        )
        said = (self.facts or {}).get("unsafe_to_clear")
        if refused or said:
            words = _("It ignores “disable”: it is never cleared")
            return Check(name, "failed", f"{words} ({said})" if isinstance(said, str) else words)
        return Check(name, "unknown", _("verified by the agent at the terminal, for 120 s at most"))

    def action_why(self):
        self.ensure_one()
        self.check_access("read")
        return self.env["biometric.checklist"]._open(self, "why", self._why_steps())

    def action_clear(self):
        self.ensure_one()
        self.check_access("write")
        return self.env["biometric.checklist"]._open(self, "clear", self._clear_checks())
