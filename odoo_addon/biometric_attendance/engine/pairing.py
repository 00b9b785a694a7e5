"""From punches to sessions: five methods, missing and doubled punches (S4 closing rule, S5).

Owns who closes what. Must not round, clamp or count. A session that nobody closed stays open: its
end is None and it is worth nothing, unless the rule set assumes the end of the shift.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple, TypeAlias

from .attribution import ShiftIndex
from .punches import effective_time
from .rules import RuleSet
from .values import IN, OUT, Punch, Shift

# a punch and the instant that counts of it
Member: TypeAlias = tuple[Punch, int]


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of presence on one date. A cut edge is a shift boundary, not a punch."""

    day: date
    start: int
    end: int | None
    shift: Shift | None = None
    in_punch: Punch | None = None
    out_punch: Punch | None = None
    assumed: bool = False

    @property
    def order(self) -> tuple[int, int]:
        return (self.start, self.end or self.start)


class Unused(NamedTuple):
    """A punch that forms no session, why, and the date it is told about on."""

    punch: Punch
    reason: str
    day: date


@dataclass
class Pairs:
    """What pairing found: sessions, findings by date, and punches that form no session."""

    sessions: list[Session] = field(default_factory=list[Session])
    findings: dict[date, set[str]] = field(default_factory=dict[date, set[str]])
    unused: list[Unused] = field(default_factory=list[Unused])
    # by date with an open session: until when its check-out may still be made
    open_until: dict[date, int] = field(default_factory=dict[date, int])

    def find(self, day: date, name: str) -> None:
        self.findings.setdefault(day, set()).add(name)

    def add(self, other: "Pairs") -> None:
        """The same with what another pairing found."""
        self.sessions = sorted([*self.sessions, *other.sessions], key=lambda s: s.order)
        self.unused += other.unused
        for day, names in other.findings.items():
            self.findings.setdefault(day, set()).update(names)
        for day, end in other.open_until.items():
            self.open_until[day] = max(end, self.open_until.get(day, end))

    def leave_out(self, punch: Punch, reason: str, day: date) -> None:
        self.unused.append(Unused(punch, reason, day))


class Asked(NamedTuple):
    """When a question is asked: `as_of`, by the clock; `complete_until`, before which every device
    has told everything."""

    as_of: int
    complete_until: int

    def knows(self, end: int) -> bool:
        """Whether nothing of before `end` can be made or arrive any more."""
        return self.as_of >= end and self.complete_until > end


def pair(punches: Iterable[Punch], index: ShiftIndex, rules: RuleSet, asked: Asked) -> Pairs:
    """Sessions of ordered, double-tap-free punches by the rule set's method."""
    pairs = Pairs()
    if rules.pairing_method in ("alternate", "strict"):
        _in_order(punches, index, rules, pairs)
    elif rules.pairing_method == "single":
        _one_each(punches, index, rules, pairs)
    else:
        _outermost(punches, index, rules, pairs)
    pairs.sessions = [
        _settled(session, index, rules, pairs, asked)
        for session in sorted(pairs.sessions, key=lambda s: s.order)
    ]
    return pairs


def _in_order(punches: Iterable[Punch], index: ShiftIndex, rules: RuleSet, pairs: Pairs) -> None:
    """`alternate` and `strict`: scan in order with at most one open session."""
    strict, keep_last = rules.pairing_method == "strict", rules.double_in == "keep_last"
    running: Session | None = None
    for punch in punches:
        at = effective_time(punch.at, rules)
        direction = punch.direction if strict else None
        if running and at > index.limit(running.start, running.shift):
            pairs.sessions.append(running)
            running = None
        if running and direction == IN:
            pairs.find(running.day, "double_in")
            if keep_last and running.in_punch is not None:
                pairs.leave_out(running.in_punch, "double_in", running.day)
                running = _begin(punch, at, index)
            else:
                pairs.leave_out(punch, "double_in", running.day)
        elif running:
            pairs.sessions += _close(running, punch, at, index)
            running = None
        elif direction == OUT:
            _orphan_out(punch, at, index, pairs)
        else:
            running = _begin(punch, at, index)
    if running:
        pairs.sessions.append(running)


def _begin(punch: Punch, at: int, index: ShiftIndex) -> Session:
    shift = index.for_in(at)
    return Session(index.date_of(shift, at), at, None, shift, in_punch=punch)


def _close(session: Session, punch: Punch, at: int, index: ShiftIndex) -> list[Session]:
    """The closed session, cut at the inner boundaries of a block of contiguous shifts."""
    pieces: list[Session] = []
    shift = session.shift
    while shift is not None and at > shift.end:
        following = index.next_in_block(shift)
        if following is None:
            break
        pieces.append(replace(session, day=shift.day, shift=shift, end=shift.end))
        session = replace(session, start=shift.end, in_punch=None)
        shift = following
    day = shift.day if shift else session.day
    closed = Session(
        day, session.start, at, shift, session.in_punch, punch, assumed=session.assumed
    )
    return [*pieces, closed]


def _orphan_out(punch: Punch, at: int, index: ShiftIndex, pairs: Pairs) -> None:
    day = index.date_of(index.for_orphan_out(at), at)
    pairs.find(day, "missing_in")
    pairs.leave_out(punch, "missing_in", day)


class _Half(NamedTuple):
    """The only edge of its shift, or of its unscheduled date."""

    day: date
    shift: Shift | None
    punch: Punch
    at: int
    is_in: bool


_Groups: TypeAlias = dict[tuple[int, int, str] | date, tuple[Shift | None, date, list[Member]]]


def _by_shift(punches: Iterable[Punch], index: ShiftIndex, rules: RuleSet) -> _Groups:
    """Punches by the shift that is nearest to them, or by their unscheduled date."""
    groups: _Groups = {}
    for punch in punches:
        at = effective_time(punch.at, rules)
        shift = index.nearest(at)
        key = shift.order if shift else index.unscheduled_date(at)
        groups.setdefault(key, (shift, index.date_of(shift, at), []))[2].append((punch, at))
    return groups


def _one_each(punches: Iterable[Punch], index: ShiftIndex, rules: RuleSet, pairs: Pairs) -> None:
    """`single`: one punch says that somebody was there; no other is asked for."""
    for shift, day, members in _by_shift(punches, index, rules).values():
        punch, at = members[0]
        pairs.sessions.append(Session(day, at, at, shift, in_punch=punch))
        pairs.unused += [Unused(other, "repeated", day) for other, _at in members[1:]]


def _outermost(punches: Iterable[Punch], index: ShiftIndex, rules: RuleSet, pairs: Pairs) -> None:
    """`first_last` and `strict_first_last`: one session per shift, or per unscheduled date."""
    groups = _by_shift(punches, index, rules)
    strict = rules.pairing_method == "strict_first_last"
    halves: dict[tuple[int, int, str], tuple[Shift, _Half]] = {}
    for shift, day, members in groups.values():
        first, last = _edges(members, strict)
        used = [edge for edge in (first, last) if edge]
        pairs.unused += [Unused(p, "between", day) for p, at in members if (p, at) not in used]
        if first and last:
            pairs.sessions.append(Session(day, first[1], last[1], shift, first[0], last[0]))
        elif edge := first or last:
            half = _Half(day, shift, *edge, first is not None)
            if shift:
                halves[shift.order] = (shift, half)
            else:
                _stay_open(half, pairs)
    for half in _joined_across_blocks(halves, groups, index, rules, pairs):
        _stay_open(half, pairs)


def _edges(members: Sequence[Member], strict: bool) -> tuple[Member | None, Member | None]:
    """First IN and last OUT of ordered members; None where there is none."""
    starts = [m for m in members if not strict or m[0].direction != OUT]
    first = starts[0] if starts else None
    ends = [
        m
        for m in members
        if (not strict or m[0].direction != IN) and (first is None or m[0].order > first[0].order)
    ]
    return first, ends[-1] if ends else None


def _stay_open(half: _Half, pairs: Pairs) -> None:
    if half.is_in:
        pairs.sessions.append(Session(half.day, half.at, None, half.shift, in_punch=half.punch))
    else:
        pairs.find(half.day, "missing_in")
        pairs.leave_out(half.punch, "missing_in", half.day)


def _joined_across_blocks(
    halves: dict[tuple[int, int, str], tuple[Shift, _Half]],
    groups: _Groups,
    index: ShiftIndex,
    rules: RuleSet,
    pairs: Pairs,
) -> list[_Half]:
    """One IN and one OUT over contiguous shifts are one presence, cut at the boundaries, if it is
    no longer than a session may last. Returns the halves that found no other."""
    strict = rules.pairing_method == "strict_first_last"
    joined: set[tuple[int, int, str]] = set()
    left: list[_Half] = []
    for key in sorted(halves):
        if key in joined:
            continue
        shift, half = halves[key]
        following = index.next_in_block(shift)
        while following is not None and following.order not in groups:
            following = index.next_in_block(following)
        found = halves.get(following.order) if following and half.is_in else None
        other = found[1] if found else None
        fits = other is not None and other.at <= index.limit(half.at, shift)
        if found and other and fits and not (strict and other.is_in):
            joined.add(found[0].order)
            session = Session(half.day, half.at, None, shift, in_punch=half.punch)
            pairs.sessions += _close(session, other.punch, other.at, index)
        else:
            left.append(half)
    return left


def _settled(
    session: Session, index: ShiftIndex, rules: RuleSet, pairs: Pairs, asked: Asked
) -> Session:
    """The session as it counts. While its check-out can still be made or arrive, none is missing;
    after that, it may be assumed to have lasted until its shift's end."""
    if session.end is not None:
        return session
    shift = session.shift
    end = index.window_end(shift) if shift else session.start + rules.max_session_minutes * 60
    if not asked.knows(end):
        pairs.open_until[session.day] = max(end, pairs.open_until.get(session.day, end))
        return session
    if rules.missing_out == "shift_end" and shift is not None and session.start < shift.end:
        pairs.find(session.day, "missing_out_assumed")
        return replace(session, end=shift.end, assumed=True)
    pairs.find(session.day, "missing_out")
    return session
