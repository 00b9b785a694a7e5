"""Snapping, rounding and clamping of the closed sessions of one shift (S6, S7).

Owns how a punched time becomes a paid time, and says what it moved. Lateness is not judged here.
"""

from .instants import DAY


class Paid:
    """A session on its way to the paid one: `[start, end]` plus the session it came from."""

    __slots__ = ("end", "session", "start")

    def __init__(self, session):
        self.session, self.start, self.end = session, session.start, session.end


def default_round_down_max(unit):
    """Largest remainder that `nearest` still cuts off: 15 -> 7, 10 -> 4, 6 -> 2, 5 -> 2."""
    return (unit - 1) // 2


def round_length(seconds, unit, down_max):
    """A length in seconds to the nearest unit (minutes)."""
    rest = seconds % (unit * 60)
    return seconds - rest + (unit * 60 if rest // 60 > down_max else 0)


def round_clock(at, unit, down_max, mode, zone):
    """An instant rounded on the local clock, counted from local midnight."""
    rest = zone.wall(at) % DAY % (unit * 60)
    up = mode == "up" and rest > 0 or mode == "nearest" and rest // 60 > down_max
    return at - rest + (unit * 60 if up else 0)


def paid_sessions(sessions, shift, rules, zone):
    """Closed sessions of one shift (or of one date's unscheduled work) as they are paid.

    Returns `(pairs, moves, clamped_seconds, edges)`: pairs `[start, end]` in order; moves
    `(rule, from, to)`; what clamping took away; first IN and last OUT before clamping.
    """
    paid, moves = [Paid(session) for session in sessions], []
    _snap_and_round(paid, shift, rules, zone, moves)
    _keep_order(paid)
    _round_breaks(paid, rules, moves)
    edges = (paid[0].start, paid[-1].end) if paid else None
    pairs, clamped = _clamp([(p.start, p.end) for p in paid], shift, rules)
    return pairs, moves, clamped, edges


def _snap_and_round(paid, shift, rules, zone, moves):
    unit = rules.round_unit_minutes
    everywhere = unit and rules.round_scope == "all"
    down_max = rules.round_down_max_minutes
    down_max = default_round_down_max(unit) if unit and down_max is None else down_max
    for i, item in enumerate(paid):
        if item.session.in_punch and (i == 0 or everywhere):
            target = shift.start if shift and i == 0 else None
            item.start = _moved(
                item.start,
                target,
                rules.snap_in_minutes,
                "in",
                unit,
                down_max,
                rules.round_in,
                zone,
                moves,
            )
        last = i == len(paid) - 1
        if item.session.out_punch and (last or everywhere):
            target = shift.end if shift and last else None
            item.end = _moved(
                item.end,
                target,
                rules.snap_out_minutes,
                "out",
                unit,
                down_max,
                rules.round_out,
                zone,
                moves,
            )


def _moved(at, target, snap, edge, unit, down_max, mode, zone, moves):
    """A snapped time is the schedule's own and is not rounded again."""
    if snap and target is not None and abs(at - target) <= snap * 60:
        moved, rule = target, f"snap_{edge}"
    elif unit:
        moved, rule = round_clock(at, unit, down_max, mode, zone), f"round_{edge}"
    else:
        return at
    if moved != at:
        moves.append((rule, at, moved))
    return moved


def _keep_order(paid):
    """Rounding must not turn a session round or let two of them overlap."""
    previous = None
    for item in paid:
        if previous is not None:
            item.start = max(item.start, previous)
        item.end = max(item.end, item.start)
        previous = item.end


def _round_breaks(paid, rules, moves):
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


def _clamp(pairs, shift, rules):
    """A session of no length stays where it lies inside: a gap may begin or end at it."""
    if shift is None:
        return pairs, 0
    kept, clamped = [], 0
    for start, end in pairs:
        first = max(start, shift.start) if rules.pre_shift_work == "ignore" else start
        last = min(end, shift.end) if rules.post_shift_work == "ignore" else end
        if first < last or first == last and start == end:
            kept.append((first, last))
        clamped += end - start - max(0, last - first)
    return kept, clamped
