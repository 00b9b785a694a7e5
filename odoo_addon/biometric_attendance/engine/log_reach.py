"""What a terminal's log or export reaches over by its own order. The agent has the same rule for
the files that are laid there; tests/contract/attlog.json holds what both must answer.

Must not know where the stamps came from, nor what is proven by them.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from . import wall

# Between neighbours that are further apart nothing is proven: whether the terminal stood idle, or
# what follows came from a wrong clock, no stamp can tell.
LONGEST_HOLE = timedelta(days=7)
# A stretch at the beginning that is shorter may be the trials of whoever mounted the terminal.
SHORTEST_SERVICE = timedelta(days=1)
Stamp: TypeAlias = tuple[datetime, str]


class Stretch(NamedTuple):
    """Records without a hole between them."""

    first: Stamp
    last: Stamp


def log_reach(stamps: Sequence[Stamp], read_at: datetime) -> list[Stretch]:
    """The stretches that a log, in its own order, is known to reach over, oldest first.

    stamps: `(naive UTC instant, wall time)` by position; read_at: naive UTC, before which the log
    was written. A terminal appends, so stamps that are impossible at that time, or out of order
    with most others, came from a wrong clock and bound nothing; nor does one alone at an end.
    """
    sane = [
        stamp
        for stamp in stamps
        if stamp[0] <= read_at and int(stamp[1][:4]) >= wall.FIRST_SANE_YEAR
    ]
    kept = _in_order(sane)
    if len(kept) > 1 and _is_hole(kept[-2], kept[-1]):
        kept = kept[:-1]
    if len(kept) > 1 and _is_hole(kept[0], kept[1]):
        kept = kept[1:]
    if not kept:
        return []
    holes = [pair for pair in zip(kept, kept[1:], strict=False) if _is_hole(*pair)]
    bounds = [kept[0], *(stamp for hole in holes for stamp in hole), kept[-1]]
    return [Stretch(*pair) for pair in zip(bounds[::2], bounds[1::2], strict=True)]


def service_begins(stretches: Sequence[Stretch]) -> Stamp | None:
    """Where the log says that a terminal began to serve; None for an empty one."""
    for first, last in stretches:
        if last[0] - first[0] >= SHORTEST_SERVICE:
            return first
    return stretches[0].first if stretches else None


def _is_hole(one: Stamp, following: Stamp) -> bool:
    return following[0] - one[0] > LONGEST_HOLE


def _in_order(stamps: Sequence[Stamp]) -> list[Stamp]:
    """The longest part of them that never goes back."""
    tops: list[datetime] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (at, _wall) in enumerate(stamps):
        place = bisect_right(tops, at)
        before.append(ends[place - 1] if place else -1)
        tops[place : place + 1] = [at]
        ends[place : place + 1] = [index]
    found: list[Stamp] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        found.append(stamps[index])
        index = before[index]
    return found[::-1]
