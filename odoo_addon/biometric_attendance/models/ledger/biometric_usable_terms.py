"""What holds for all punches of one device: its zones, what its keys mean, when it served here.

Read once a device; biometric_usable.py asks it of each punch. Must not know punches.
"""

from typing import NamedTuple

from ...engine import Zone, epoch, wall


class Terms(NamedTuple):
    """Moments are epoch seconds."""

    spans: list
    codes: dict  # {status as sent: (direction or None, state)}
    serves_from: int | None
    left_at: int | None
    back_at: int | None
    # of the only span; None where the device had several zones
    zone: Zone | None

    @classmethod
    def of(cls, device):
        spans = device._spans()
        return cls(
            spans,
            device._status_codes(),
            _epoch(device.in_service_said and device.in_service_from),
            _epoch(device.moved_at),
            _epoch(device.back_at),
            Zone.named(wall.span_zone(spans, "")) if len(spans) < 2 else None,
        )

    def zone_at(self, wall_time):
        return self.zone or Zone.named(wall.span_zone(self.spans, wall_time))

    def serves(self, at):
        if self.serves_from is not None and at < self.serves_from:
            return False
        left = self.left_at is not None and at >= self.left_at
        return not left or (self.back_at is not None and at >= self.back_at)


def _epoch(moment):
    return epoch(moment) if moment else None
