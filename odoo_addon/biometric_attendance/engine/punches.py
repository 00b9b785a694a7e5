"""From raw punches to the ones that count: identity, order, double taps, precision (S0-S3).

Must not know shifts. Raw punches are never changed; what is left out is returned with its reason.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .rules import RuleSet
from .values import IN, OUT, Direction, Punch


class Ignored(NamedTuple):
    """A punch that does not count, the kept one it repeats, and why."""

    punch: Punch
    of: Punch
    reason: str


@dataclass(slots=True)
class _Last:
    """The punch last kept, and whether it took the place of another."""

    punch: Punch
    burst: bool


def in_order(punches: Iterable[Punch]) -> list[Punch]:
    """S0 and S1: each event once, ordered by instant, device and device order.

    Equal device, instant, direction and state is the same event delivered again; the smallest
    identity stays, so that the answer does not depend on which delivery came first.
    """
    known: dict[tuple[str, int, Direction | None, str], Punch] = {}
    for punch in punches:
        key = (punch.device, punch.at, punch.direction, punch.state)
        other = known.get(key)
        if other is None or (punch.seq, punch.identity) < (other.seq, other.identity):
            known[key] = punch
    return sorted(known.values(), key=lambda punch: punch.order)


def without_double_taps(
    ordered: Iterable[Punch], rules: RuleSet
) -> tuple[list[Punch], list[Ignored]]:
    """S2 on ordered punches: `(kept, ignored)`.

    A gap shorter than the window is a double tap; equal to the window is not. Known opposite
    directions are both kept. With `later_label`, an OUT after an IN inside the window takes its
    place (the wrong key, then the right one), and so does the last of such a burst.
    """
    window, replaces = rules.duplicate_window_seconds, rules.duplicate_labels == "later_label"
    kept: list[Punch] = []
    ignored: list[Ignored] = []
    last: dict[str, _Last] = {}
    for punch in ordered:
        scope = punch.device if rules.duplicate_scope == "device" else ""
        entry = last.get(scope)
        if entry is not None and punch.at - entry.punch.at < window:
            previous = entry.punch
            opposite = (
                punch.direction and previous.direction and punch.direction != previous.direction
            )
            if not opposite:
                ignored.append(Ignored(punch, previous, "double_tap"))
                continue
            corrects = (previous.direction, punch.direction) == (IN, OUT) or entry.burst
            if replaces and corrects:
                kept.remove(previous)
                ignored = [
                    item._replace(of=punch) if item.of is previous else item for item in ignored
                ]
                ignored.append(Ignored(previous, punch, "label_corrected"))
                kept.append(punch)
                last[scope] = _Last(punch, True)
                continue
        kept.append(punch)
        last[scope] = _Last(punch, False)
    return kept, ignored


def effective_time(at: int, rules: RuleSet) -> int:
    """S3: the instant that counts; seconds are cut off at both ends alike."""
    return at if rules.punch_precision == "second" else at - at % 60


def effective_times(instants: Collection[int], rules: RuleSet) -> Collection[int]:
    """The same of many: each that counts, once."""
    if rules.punch_precision == "second":
        return set(instants)
    return {at - at % 60 for at in instants}
