"""How reading a terminal over port 4370 fares, beside what its push says; which of the two carries
it now; what it says of itself, in words. Owns the buttons that show what it brought.

Status as its agent said at the last sync, written by biometric.sync in SQL. What a read proves is
judged by its run (biometric.proof). Must not know the protocol of the read.
"""

from datetime import timedelta

from odoo import api

from ...engine import wall
from ..mixins.biometric_words import offset_words

# How the agent's plan of reads names this reason (`asked_by` of a run).
PUSH_SILENT = "push is silent"
# This long after a terminal's own log told of its clock being set, its punches are looked at.
CLOCK_WATCH = timedelta(hours=1)
# A window that is read again is wider than what was asked for: its edges may be a little off.
PULL_MARGIN = timedelta(minutes=2)
# Seconds that a wrong zone may differ from whole quarters of an hour.
ZONE_SLACK = 120


class DeviceReads:
    """Of biometric.device: how reading fares. Mixed into its one class."""

    __slots__ = ()

    def _wall_window(self, start, end):
        """Wall times of the terminal, as text, around two instants of naive UTC."""
        self.ensure_one()
        spans = self._spans()
        return tuple(
            wall.from_instant(when, spans) for when in (start - PULL_MARGIN, end + PULL_MARGIN)
        )

    def action_open_punches(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_punch_action"
        )
        return dict(action, domain=[("device_id", "=", self.id)], context={})

    def action_open_users(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_device_user_action"
        )
        return dict(
            action,
            domain=[("device_id", "=", self.id)],
            context={
                "default_device_id": self.id,
            },
        )

    def action_open_rejects(self):
        """The lines nobody could read, as they came."""
        self.check_access("read")
        return self._open_rejects([])

    def action_open_gaps(self):
        """The windows of one terminal that are not proven complete."""
        self.ensure_one()
        self.check_access("read")
        return self.env["biometric.gap"]._action_of_device(self)

    def _open_rejects(self, domain):
        self.env["biometric.sighting"].check_access("read")
        view = self.env.ref("biometric_attendance.biometric_sighting_view_rejects")
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.sighting",
            "name": self.env._("Unreadable lines"),
            "view_mode": "list",
            "views": [(view.id, "list")],
            "domain": [("device_id", "in", self.ids), ("kind", "=", "reject"), *domain],
        }

    @api.depends("facts")
    def _compute_facts_text(self):
        labels = self._fact_labels()
        for device in self:
            told = sorted(
                (labels.get(name, name.replace("_", " ")), value)
                for name, value in (device.facts or {}).items()
            )
            device.facts_text = "\n".join(f"{label}: {value}" for label, value in told)

    @api.model
    def _fact_labels(self):
        """What agents call the common facts of a terminal, in words."""
        _ = self.env._
        return {
            "capacity": _("Room for punches"),
            "clock_changed_at_wall": _("Clock set to"),
            "clock_changes": _("Clock set (times)"),
            "comm_key": _("Comm key"),
            "configured_at": _("Configured address"),
            "firmware": _("Firmware"),
            "found_at": _("Address where it was found"),
            "mac": _("Hardware address"),
            "memory_clears": _("Memory cleared (times)"),
            "name": _("Model"),
            "platform": _("Platform"),
            "poll_clock_offset_seconds": _("Clock ahead at the last read (s)"),
            "punches": _("Punches in memory"),
            "push_version": _("Push version"),
            "record_layout": _("Record layout"),
            "unsafe_to_clear": _("Reason why it is no longer cleared"),
            "users": _("Users"),
        }

    @api.model
    def _note_carriers(self, runs, heard):
        """A switch between the channels, noted with its reason.

        runs: the runs that are new; heard: [(device, when push was heard last)].
        """
        for run in runs.sorted("started_at"):
            if run.channel == "poll" and run.asked_by == PUSH_SILENT:
                run.device_id._switch_carrier(
                    "poll", run.started_at, self.env._("push has stopped")
                )
        for device, heard_at in heard:
            if device.carrier == "poll" and heard_at and heard_at > device.carrier_since:
                device._switch_carrier("push", heard_at, self.env._("push works again"))

    def _note_clock(self, told, now):
        """told: the facts of this sync. While its clock was set lately, the order of its punches
        is weighed: the odd ones may come before or after the word of it."""
        self.ensure_one()
        before, after = ((facts or {}).get("clock_changes", 0) for facts in (self.facts, told))
        if isinstance(before, int) and isinstance(after, int) and after > before:
            self.clock_set_at = now
        if self.clock_set_at and now - self.clock_set_at <= CLOCK_WATCH:
            self.env["biometric.flag"]._weigh_order(self, self.clock_set_at - CLOCK_WATCH)

    def _note_offset(self, told, since, now):
        """told: seconds its clock is ahead by the agent's word, None: not known; since: when its
        push session began. Live punches of a clock that is off wait for a person."""
        self.ensure_one()
        off = told is not None and abs(told) > wall.SKEW_LIMIT.total_seconds()
        if off:
            self.env["biometric.flag"]._weigh_clock(self, told, since)
        if off and not self.clock_off_since:
            first = self.env["biometric.flag"].search(
                [
                    ("device_id", "=", self.id),
                    ("kind", "=", "skew"),
                    ("found_at", ">=", max(since or now, now - CLOCK_WATCH)),
                ],
                order="found_at",
                limit=1,
            )
            self.clock_off_since = first.found_at or now
        elif not off and self.clock_off_since:
            self.clock_off_since = False

    @api.depends("clock_offset_seconds", "last_heard_at", "polled_at")
    @api.depends_context("lang")
    def _compute_clock_offset_text(self):
        for device in self:
            heard = device.last_heard_at or device.polled_at
            device.clock_offset_text = heard and offset_words(self.env, device.clock_offset_seconds)

    @api.model
    def _clock_words(self, seconds):
        """How a clock that is off is told: negative is slow."""
        _ = self.env._
        slow, size = seconds < 0, abs(seconds)
        quarters = round(size / 900)
        if quarters and abs(size - 900 * quarters) <= ZONE_SLACK:
            hours = f"{quarters // 4}:{quarters % 4 * 15:02d}"
            if quarters == 4:
                words = _("one hour slow") if slow else _("one hour fast")
            else:
                words = _("%s hours slow", hours) if slow else _("%s hours fast", hours)
            return _("%s: wrong time zone or summer time at the terminal?", words)
        minutes = round(size / 60)
        words = _("%s min slow", minutes) if slow else _("%s min fast", minutes)
        return _("%s: set its clock", words)

    def _switch_carrier(self, carrier, since, reason):
        self.ensure_one()
        if self.carrier == carrier:
            return
        self.write({"carrier": carrier, "carrier_since": since, "carrier_reason": reason})
        words = {
            "poll": self.env._("Reading takes over: %s", reason),
            "push": self.env._("Reading paused: %s", reason),
        }
        self.message_post(body=words[carrier])
