"""Until when a date can still change by itself, and what it waits for.

Owns that question alone. Must not know how a day was worked out.
"""

from typing import TypedDict

from .pairing import Asked
from .status import UNSETTLED, Status
from .values import Wait


class Waits(TypedDict):
    """Two fields of a Day."""

    waits_for: Wait | None
    waits_until: int | None


class Ends:
    """`window`: the end of the date's shifts' windows, or of the date. `open_until`: until when
    somebody who came can still go; None once nobody is waited for. `decided`: a person said what
    the date is worth, which ends the waiting."""

    def __init__(self, asked: Asked, window: int, open_until: int | None, decided: bool) -> None:
        self._asked, self._window, self.decided = asked, window, decided
        self.open_until = None if decided else open_until

    @property
    def over(self) -> bool:
        return self.decided or self._asked.as_of >= self._window

    @property
    def running(self) -> bool:
        return self.open_until is not None and self._asked.as_of < self.open_until

    @property
    def complete(self) -> bool:
        return self._asked.complete_until > self._window

    def waits(self, status: Status) -> Waits:
        """What a day in this status waits for, if it is not settled."""
        end = self._window if self.open_until is None else self.open_until
        if status not in UNSETTLED or self._asked.knows(end):
            return {"waits_for": None, "waits_until": None}
        over = self._asked.as_of >= end
        return {"waits_for": "devices" if over else "window", "waits_until": end}
