"""Snapping, rounding and clamping of the closed sessions of one shift (S6, S7).

Owns how a punched time becomes a paid time, and says what it moved. Lateness is not judged here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from .instants import DAY, Zone
from .intervals import Interval
from .pairing import Session
from .rules import RuleSet
from .values import Shift

# `(rule, from, to)`: instants, or lengths in seconds of a rounded break
Move: TypeAlias = tuple[str, int, int]


@dataclass(slots=True)
class _Paid:
    """A session on its way to the paid one. An edge that no punch made is never moved."""

    start: int
    end: int
    punched_in: bool
    punched_out: bool


class Paid(NamedTuple):
    """Closed sessions as they are paid: `pairs` in order, what was moved, what clamping took away,
    and first IN and last OUT before clamping (None without a session)."""

    pairs: list[Interval]
    moves: list[Move]
    clamped_seconds: int
    edges: Interval | None


NOTHING_PAID = Paid([], [], 0, None)


class Rounding(NamedTuple):
    """How times are rounded: to `unit` minutes of the local clock, 0 for not at all; a remainder
    up to `down_max` goes down where the mode is `nearest`. `everywhere`: not only the edges."""

    unit: int
    down_max: int
    everywhere: bool
    zone: Zone

    @classmethod
    def of(cls, rules: RuleSet, zone: Zone) -> "Rounding":
        unit, down_max = rules.round_unit_minutes, rules.round_down_max_minutes
        down_max = default_round_down_max(unit) if down_max is None else down_max
        return cls(unit, down_max, bool(unit) and rules.round_scope == "all", zone)

    def clock(self, at: int, mode: str) -> int:
        """The instant rounded `nearest`, `up` or `down`."""
        return round_clock(at, self.unit, self.down_max, mode, self.zone)


class ShiftEdge(NamedTuple):
    """One end of a session. `target`: the scheduled instant that a punch within `snap` minutes is
    taken for, None inside a shift and without one."""

    name: Literal["in", "out"]
    target: int | None
    snap: int
    mode: str


def default_round_down_max(unit: int) -> int:
    """Largest remainder that `nearest` still cuts off: 15 -> 7, 10 -> 4, 6 -> 2, 5 -> 2."""
    return (unit - 1) // 2


def round_length(seconds: int, unit: int, down_max: int) -> int:
    """A length in seconds to the nearest unit (minutes)."""
    rest = seconds % (unit * 60)
    return seconds - rest + (unit * 60 if rest // 60 > down_max else 0)


def round_clock(at: int, unit: int, down_max: int, mode: str, zone: Zone) -> int:
    """An instant rounded on the local clock, counted from local midnight."""
    rest = zone.wall(at) % DAY % (unit * 60)
    up = rest > 0 if mode == "up" else mode == "nearest" and rest // 60 > down_max
    return at - rest + (unit * 60 if up else 0)


def paid_sessions(
    sessions: Iterable[Session], shift: Shift | None, rules: RuleSet, zone: Zone
) -> Paid:
    """The sessions of one shift (or of one date's unscheduled work) as they are paid; open ones
    are worth nothing and are left out."""
    if not rules.moves_times:
        return _as_punched(sessions, shift, rules)
    paid = [
        _Paid(s.start, s.end, s.in_punch is not None, s.out_punch is not None)
        for s in sessions
        if s.end is not None
    ]
    moves: list[Move] = []
    _snap_and_round(paid, shift, rules, Rounding.of(rules, zone), moves)
    _keep_order(paid)
    _round_breaks(paid, rules, moves)
    edges = (paid[0].start, paid[-1].end) if paid else None
    pairs, clamped = _clamp([(p.start, p.end) for p in paid], shift, rules)
    return Paid(pairs, moves, clamped, edges)


def _as_punched(sessions: Iterable[Session], shift: Shift | None, rules: RuleSet) -> Paid:
    """The same where nothing snaps or rounds: closed sessions, none beginning before the one
    before it has ended."""
    spans: list[Interval] = []
    for session in sessions:
        if session.end is not None:
            start = max(session.start, spans[-1][1]) if spans else session.start
            spans.append((start, max(session.end, start)))
    pairs, clamped = _clamp(spans, shift, rules)
    return Paid(pairs, [], clamped, (spans[0][0], spans[-1][1]) if spans else None)


def _snap_and_round(
    paid: Sequence[_Paid],
    shift: Shift | None,
    rules: RuleSet,
    rounding: Rounding,
    moves: list[Move],
) -> None:
    """Only the first IN and the last OUT have a schedule to snap to."""
    if not (rounding.unit or rules.snap_in_minutes or rules.snap_out_minutes):
        return
    last = len(paid) - 1
    for i, item in enumerate(paid):
        if item.punched_in and (i == 0 or rounding.everywhere):
            target = shift.start if shift and i == 0 else None
            edge = ShiftEdge("in", target, rules.snap_in_minutes, rules.round_in)
            item.start = _moved(item.start, edge, rounding, moves)
        if item.punched_out and (i == last or rounding.everywhere):
            target = shift.end if shift and i == last else None
            edge = ShiftEdge("out", target, rules.snap_out_minutes, rules.round_out)
            item.end = _moved(item.end, edge, rounding, moves)


def _moved(at: int, edge: ShiftEdge, rounding: Rounding, moves: list[Move]) -> int:
    """A snapped time is the schedule's own and is not rounded again."""
    if edge.snap and edge.target is not None and abs(at - edge.target) <= edge.snap * 60:
        moved, rule = edge.target, f"snap_{edge.name}"
    elif rounding.unit:
        moved, rule = rounding.clock(at, edge.mode), f"round_{edge.name}"
    else:
        return at
    if moved != at:
        moves.append((rule, at, moved))
    return moved


def _keep_order(paid: Iterable[_Paid]) -> None:
    """Rounding must not turn a session round or let two of them overlap."""
    previous: int | None = None
    for item in paid:
        if previous is not None:
            item.start = max(item.start, previous)
        item.end = max(item.end, item.start)
        previous = item.end


def _round_breaks(paid: Sequence[_Paid], rules: RuleSet, moves: list[Move]) -> None:
    """A break that grows takes from the session after it, then from the one before."""
    unit = rules.round_break_unit_minutes
    if not unit:
        return
    for before, following in zip(paid, paid[1:], strict=False):
        gap = following.start - before.end
        grow = round_length(gap, unit, default_round_down_max(unit)) - gap
        if not grow:
            continue
        moves.append(("round_break", gap, gap + grow))
        later = min(grow, following.end - following.start)
        following.start += later
        before.end -= min(grow - later, before.end - before.start)


def _clamp(
    pairs: list[Interval], shift: Shift | None, rules: RuleSet
) -> tuple[list[Interval], int]:
    """A session of no length stays where it lies inside: a gap may begin or end at it."""
    if shift is None:
        return pairs, 0
    kept: list[Interval] = []
    clamped = 0
    for start, end in pairs:
        first = max(start, shift.start) if rules.pre_shift_work == "ignore" else start
        last = min(end, shift.end) if rules.post_shift_work == "ignore" else end
        if first < last or (first == last and start == end):
            kept.append((first, last))
        clamped += end - start - max(0, last - first)
    return kept, clamped
