"""From punches to sessions: four methods, missing and doubled punches (S4 closing rule, S5).

Owns who closes what. Must not round, clamp or count. A session that nobody closed stays open: its
end is None and it is worth nothing, unless the rule set assumes the end of the shift.
"""

from dataclasses import dataclass, field, replace

from .punches import effective_time
from .values import IN, OUT, Punch, Shift


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of presence on one date. A cut edge is a shift boundary, not a punch."""

    day: object
    start: int
    end: int | None
    shift: Shift | None = None
    in_punch: Punch | None = None
    out_punch: Punch | None = None
    assumed: bool = False

    @property
    def order(self):
        return (self.start, self.end or self.start)


@dataclass
class Pairs:
    """What pairing found: sessions, findings by date, and punches that form no session."""

    sessions: list = field(default_factory=list)
    findings: dict = field(default_factory=dict)
    # (punch, reason, date)
    unused: list = field(default_factory=list)

    def find(self, day, name):
        self.findings.setdefault(day, set()).add(name)

    def leave_out(self, punch, reason, day):
        self.unused.append((punch, reason, day))


def pair(punches, index, rules, complete_until):
    """Sessions of ordered, double-tap-free punches by the rule set's method."""
    pairs = Pairs()
    if rules.pairing_method in ("alternate", "strict"):
        _in_order(punches, index, rules, pairs)
    else:
        _outermost(punches, index, rules, pairs)
    pairs.sessions = [
        _settled(session, index, rules, pairs, complete_until)
        for session in sorted(pairs.sessions, key=lambda s: s.order)
    ]
    return pairs


def _in_order(punches, index, rules, pairs):
    """`alternate` and `strict`: scan in order with at most one open session."""
    strict, keep_last = rules.pairing_method == "strict", rules.double_in == "keep_last"
    running = None
    for punch in punches:
        at = effective_time(punch.at, rules)
        direction = punch.direction if strict else None
        if running and at > limit_of(running.start, running.shift, index, rules):
            pairs.sessions.append(running)
            running = None
        if running and direction == IN:
            pairs.find(running.day, "double_in")
            loser = running.in_punch if keep_last else punch
            pairs.leave_out(loser, "double_in", running.day)
            running = _begin(punch, at, index) if keep_last else running
        elif running:
            pairs.sessions += _close(running, punch, at, index)
            running = None
        elif direction == OUT:
            _orphan_out(punch, at, index, pairs)
        else:
            running = _begin(punch, at, index)
    if running:
        pairs.sessions.append(running)


def _begin(punch, at, index):
    shift = index.for_in(at)
    return Session(index.date_of(shift, at), at, None, shift, in_punch=punch)


def limit_of(start, shift, index, rules):
    """Last instant at which a session that begins at `start` may be closed."""
    longest = start + rules.max_session_minutes * 60
    return min(longest, index.window_end(shift)) if shift else longest


def _close(session, punch, at, index):
    """The closed session, cut at the inner boundaries of a block of contiguous shifts."""
    pieces, shift = [], session.shift
    following = index.next_in_block(shift) if shift else None
    while following is not None and at > shift.end:
        pieces.append(replace(session, day=shift.day, shift=shift, end=shift.end))
        session = replace(session, start=shift.end, in_punch=None)
        shift, following = following, index.next_in_block(following)
    day = shift.day if shift else session.day
    return [*pieces, replace(session, day=day, shift=shift, end=at, out_punch=punch)]


def _orphan_out(punch, at, index, pairs):
    day = index.date_of(index.for_orphan_out(at), at)
    pairs.find(day, "missing_in")
    pairs.leave_out(punch, "missing_in", day)


def _outermost(punches, index, rules, pairs):
    """`first_last` and `strict_first_last`: one session per shift, or per unscheduled date."""
    groups = {}
    for punch in punches:
        at = effective_time(punch.at, rules)
        shift = index.nearest(at)
        key = shift.order if shift else index.unscheduled_date(at)
        groups.setdefault(key, (shift, index.date_of(shift, at), []))[2].append((punch, at))
    strict = rules.pairing_method == "strict_first_last"
    half = {}
    for key, (shift, day, members) in groups.items():
        first, last = _edges(members, strict)
        used = [edge for edge in (first, last) if edge]
        pairs.unused += [(p, "between", day) for p, at in members if (p, at) not in used]
        if first and last:
            pairs.sessions.append(Session(day, first[1], last[1], shift, first[0], last[0]))
        elif shift:
            half[key] = (shift, first or last, bool(first))
        else:
            _half(day, None, first or last, bool(first), pairs)
    _join_across_blocks(half, groups, index, rules, pairs)


def _edges(members, strict):
    """First IN and last OUT of ordered members; None where there is none."""
    starts = [m for m in members if not strict or m[0].direction != OUT]
    first = starts[0] if starts else None
    ends = [
        m
        for m in members
        if (not strict or m[0].direction != IN) and (first is None or m[0].order > first[0].order)
    ]
    return first, ends[-1] if ends else None


def _half(day, shift, edge, is_in, pairs):
    punch, at = edge
    if is_in:
        pairs.sessions.append(Session(day, at, None, shift, in_punch=punch))
    else:
        pairs.find(day, "missing_in")
        pairs.leave_out(punch, "missing_in", day)


def _join_across_blocks(half, groups, index, rules, pairs):
    """One IN and one OUT over contiguous shifts are one presence, cut at the boundaries, if it is
    no longer than a session may last."""
    joined, strict = set(), rules.pairing_method == "strict_first_last"
    for key in sorted(half):
        if key in joined:
            continue
        shift, (punch, at), is_in = half[key]
        following = index.next_in_block(shift)
        while following is not None and following.order not in groups:
            following = index.next_in_block(following)
        other = half.get(following.order) if following and is_in else None
        fits = other and other[1][1] <= limit_of(at, shift, index, rules)
        if fits and not (strict and other[2]):
            joined.add(following.order)
            session = Session(shift.day, at, None, shift, in_punch=punch)
            pairs.sessions += _close(session, other[1][0], other[1][1], index)
        else:
            _half(shift.day, shift, (punch, at), is_in, pairs)


def _settled(session, index, rules, pairs, complete_until):
    """The session as it counts: an open one may be assumed to have lasted until its shift's end,
    but only once nothing that could close it can still arrive."""
    if session.end is not None:
        return session
    shift = session.shift
    may_assume = (
        rules.missing_out == "shift_end"
        and shift
        and session.start < shift.end
        and complete_until > index.window_end(shift)
    )
    if may_assume:
        pairs.find(session.day, "missing_out_assumed")
        return replace(session, end=shift.end, assumed=True)
    pairs.find(session.day, "missing_out")
    return session
