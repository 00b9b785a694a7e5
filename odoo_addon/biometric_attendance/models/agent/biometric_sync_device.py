"""What an agent is told of one terminal: its state, zone and settings, and from when on a queue
that begins should ask it for what it holds. Reads only.
"""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from odoo import api

from ...engine import wall

# How long a queue counts as one that begins, from its first batch on. An agent asks each terminal
# once; this only bounds for how long one that was switched off may still be asked.
BEGINNING = timedelta(days=1)
# A terminal's clock may be a little off, and its zone may have been mended since.
MARGIN = timedelta(hours=1)


class DeviceAnswer:
    """Of biometric.sync: the answer about one terminal. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _queue_begins(self, said, look, now):
        """Whether the queue the agent speaks of has begun lately: Odoo holds nothing of its lane,
        or its first batch came within the day."""
        if not said["lane"]:
            return False
        return look.lane_since is None or now - look.lane_since < BEGINNING

    def _settings(self, device, now, begins):
        """None for a terminal whose zone is none: its agent keeps what it knows, and sets no clock
        by a zone that we made up."""
        try:
            return self._settings_by_zone(device, now, begins)
        except (ZoneInfoNotFoundError, ValueError):
            return None

    def _settings_by_zone(self, device, now, begins):
        zone = device._zone_now()
        offset = now.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
        answer = {
            "serial": device.serial,
            # The contract knows no terminal that moved away; its port is shut all the same.
            "state": device.state if device.active and device.state != "moved" else "refused",
            "time_zone": zone,
            "dialect": device.dialect or None,
            "channels": device._channels(),
            "settings": device._agent_settings(),
            "utc_offset_minutes": round(offset / timedelta(minutes=1)),
        }
        if begins and device.state == "active" and device.active:
            answer["read_from"] = self._read_from(device)
        return answer

    @api.model
    def _read_from(self, device):
        """Wall time of the terminal before which everything is in Odoo; None: nothing is proven,
        so all of its log is wanted."""
        if not device.complete_until:
            return None
        return wall.from_instant(device.complete_until - MARGIN, device._spans())
