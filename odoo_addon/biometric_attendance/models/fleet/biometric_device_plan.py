"""How a device is read and when its memory may be cleared: what an administrator sets, and the
`settings` the agent is sent (docs/contract.md).

Owns these fields and their checks. Only biometric administrators write devices (access list), and
every change is audited; the comm key goes in and never comes out. Must not know sync.
"""

import ipaddress
import re

from odoo import api
from odoo.exceptions import ValidationError

_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_TIME = re.compile(rf"{_CLOCK}\Z")
_SPAN = re.compile(rf"{_CLOCK}-{_CLOCK}\Z")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?\Z")
# Networks beside the private ones in which no machine of the Internet stands.
_CARRIERS_OWN = ipaddress.ip_network("100.64.0.0/10")
# Where clouds answer their machines' questions about keys, inside private ranges; and their names.
_CLOUDS_OWN = frozenset(
    map(
        ipaddress.ip_address,
        ("100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"),
    )
)
_CLOUD_NAME = re.compile(r"(?:metadata|instance-data)(?:\.[a-z0-9.-]*internal)?\Z")
MAX_SPANS = 8
MAX_TIMES = 24
# Seconds without a word; what the agent accepts.
DEFAULT_SILENCE, MIN_SILENCE, MAX_SILENCE = 120, 10, 3600
# A comm key of port 4370 is a number of 32 bits.
MAX_COMM_KEY = 2**32 - 1

CLEANUP = [
    ("never", "Never"),
    ("above", "When its memory exceeds"),
    ("every", "Every (days)"),
]


def _list(value):
    return [part.strip() for part in (value or "").split(",") if part.strip()]


class DevicePlan:
    """Of biometric.device: checks of its plan, what the agent is sent. Mixed into its one class."""

    __slots__ = ()

    def _compute_comm_key(self):
        self.comm_key = False

    def _inverse_comm_key(self):
        """Kept where no reader reaches; empty text changes nothing, 0 takes the key away."""
        for device in self:
            text = (device.comm_key or "").strip()
            if not text:
                continue
            if not text.isascii() or not text.isdigit() or int(text) > MAX_COMM_KEY:
                raise ValidationError(self.env._("A comm key is a number of at most 32 bits."))
            device.sudo().write({"comm_key_secret": text, "comm_key_set": int(text) != 0})
            device._audit("comm_key", None, {"comm_key": "changed"})
        self.invalidate_recordset(["comm_key"])

    @api.constrains("silence_seconds")
    def _check_silence(self):
        if any(not MIN_SILENCE <= device.silence_seconds <= MAX_SILENCE for device in self):
            raise ValidationError(self.env._("The limit must be between 10 seconds and one hour."))

    @api.constrains("poll_host", "poll_port", "poll_minutes", "poll_times", "quiet_hours")
    def _check_poll(self):
        for device in self:
            if device.poll_host and not self._is_host(device.poll_host):
                raise ValidationError(self.env._("“%s” is not a valid address.", device.poll_host))
            if not 1 <= device.poll_port <= 65535:
                raise ValidationError(self.env._("A port is a number from 1 to 65535."))
            if not 1 <= device.poll_minutes <= 10080:
                raise ValidationError(self.env._("The interval is from 1 minute to 7 days."))
            times = _list(device.poll_times)
            if len(times) > MAX_TIMES or not all(map(_TIME.match, times)):
                raise ValidationError(self.env._("Times are written 06:00, 13:30."))
            self._check_hours(device.quiet_hours)

    @api.constrains(
        "cleanup_when",
        "cleanup_percent",
        "cleanup_days",
        "cleanup_hours",
        "channel_poll",
        "poll_host",
    )
    def _check_cleanup(self):
        for device in self:
            if not 1 <= device.cleanup_percent <= 100 or not 1 <= device.cleanup_days <= 3650:
                raise ValidationError(self.env._("1 to 100 percent, 1 to 3650 days."))
            self._check_hours(device.cleanup_hours)
            if device.cleanup_when == "never":
                continue
            if not _list(device.cleanup_hours):
                raise ValidationError(self.env._("Enter the quiet hours in which to clear it."))
            if not device.poll_host:
                raise ValidationError(
                    self.env._(
                        "A terminal that only pushes is never cleared automatically: its "
                        "log cannot be read and compared first. Enter the address for "
                        "reading."
                    )
                )

    def _check_hours(self, text):
        spans = _list(text)
        if len(spans) > MAX_SPANS or not all(map(_SPAN.match, spans)):
            raise ValidationError(self.env._("Hours are written 07:30-09:30, 16:30-18:00."))

    @staticmethod
    def _is_host(text):
        """A private address or a host name; never loopback, link-local, multicast or public."""
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            last = text.rstrip(".").lower().rsplit(".", 1)[-1]
            # A name whose last part is a number is an address in another spelling: 127.1, 0x7f.1
            is_number = re.match(r"(?:\d+|0x[0-9a-f]*)\Z", last)
            if last == "localhost" or _CLOUD_NAME.match(text.rstrip(".").lower()):
                return False
            return bool(_HOST_NAME.match(text)) and not is_number
        address = getattr(address, "ipv4_mapped", None) or address
        if address in _CLOUDS_OWN:
            return False
        if address.version == 4 and address in _CARRIERS_OWN:
            return True
        return address.is_private and not (
            address.is_loopback
            or address.is_link_local
            or address.is_multicast
            or address.is_unspecified
            or address.is_reserved
        )

    def _agent_settings(self):
        """`settings` of one device in the answer to a sync; what a person named wins."""
        self.ensure_one()
        device = self.sudo()
        settings = dict(device.settings or {})
        if device.silence_seconds != DEFAULT_SILENCE:
            settings["silence_seconds"] = device.silence_seconds
        if device.poll_host:
            settings["poll"] = {
                "host": device.poll_host,
                "port": device.poll_port,
                "transport": device.poll_transport,
                "comm_key": int(device.comm_key_secret or 0),
                "mode": self._poll_mode(),
                "interval_minutes": device.poll_minutes,
                "times": _list(device.poll_times),
                "quiet": _list(device.quiet_hours),
                "live": device.poll_live,
            }
        if device.cleanup_when != "never":
            settings["cleanup"] = {
                "when": device.cleanup_when,
                "percent": device.cleanup_percent,
                "days": device.cleanup_days,
                "hours": _list(device.cleanup_hours),
            }
        return settings

    def _poll_mode(self):
        self.ensure_one()
        if self.channel_poll:
            return "both" if self.channel_push else "poll"
        return "push"
