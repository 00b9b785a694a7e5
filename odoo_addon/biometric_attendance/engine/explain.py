"""The derivation of a day: which punches formed which session, what was left out and why, which
rule took which minutes. Compact and JSON-able; instants as ISO text. Computes nothing new.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .breaks import Worked
from .instants import iso
from .intervals import Interval
from .pairing import Session, Unused
from .punches import Ignored
from .rounding import Paid
from .values import Adjustment, Json, Punch, Shift


@dataclass(frozen=True, slots=True)
class Part:
    """The work of one shift of a date, or of its unscheduled sessions (shift None)."""

    shift: Shift | None
    sessions: list[Session]
    paid: Paid
    worked: Worked


class Owed(NamedTuple):
    """Minutes by pay code that the person's statements are owed; `off`: and those that are not,
    because punches show the meal that a statement says was missed."""

    premiums: Mapping[str, int]
    off: Mapping[str, int]


NOTHING_OWED = Owed({}, {})


def derivation(
    parts: Sequence[Part],
    unused: Iterable[Unused],
    ignored: Iterable[Ignored],
    adjustments: Iterable[Adjustment],
    owed: Owed = NOTHING_OWED,
) -> dict[str, Json]:
    """Only what there is something to say about; every list in order of time."""
    sessions = [session for part in parts for session in part.sessions]
    punches = [session.in_punch for session in sessions] + [one.out_punch for one in sessions]
    undecided = {punch.identity for punch in punches if punch and punch.undecided}
    left_out = [_left_out(punch, reason, of) for punch, of, reason in ignored]
    left_out += [_left_out(punch, reason) for punch, reason, _day in unused]
    left_out.sort(key=lambda entry: (entry["at"], entry["punch"]))
    answer: dict[str, Json] = {
        "sessions": [_session(session) for session in sessions],
        "paid": [_paid(part) for part in parts if part.paid.pairs],
        "ignored": left_out,
        "undecided": sorted(undecided),
        "adjustments": [item.identity for item in adjustments],
        "premiums": [[code, minutes] for code, minutes in owed.premiums.items()],
        "premiums_off": [[code, minutes] for code, minutes in owed.off.items()],
    }
    return {name: value for name, value in answer.items() if value}


def _session(session: Session) -> dict[str, Json]:
    entry: dict[str, Json] = {
        "shift": session.shift.identity if session.shift else None,
        "in": iso(session.start),
        "out": None if session.end is None else iso(session.end),
    }
    if session.in_punch:
        entry["in_punch"] = session.in_punch.identity
    if session.out_punch:
        entry["out_punch"] = session.out_punch.identity
    if session.assumed:
        entry["assumed"] = True
    return entry


def _paid(part: Part) -> dict[str, Json]:
    worked = part.worked
    entry: dict[str, Json] = {
        "shift": part.shift.identity if part.shift else None,
        "worked": _spans(worked.timeline),
        "unpaid_gaps": _spans(worked.unpaid_gaps),
        "paid_gaps": _spans(worked.paid_gaps),
        "deductions": [[rule, _spans(taken)] for rule, taken in worked.deductions],
        "moves": [[rule, *_move(rule, before, after)] for rule, before, after in part.paid.moves],
    }
    if part.paid.clamped_seconds:
        entry["clamped_minutes"] = part.paid.clamped_seconds // 60
    return {name: value for name, value in entry.items() if value or name == "shift"}


def _move(rule: str, before: int, after: int) -> tuple[Json, Json]:
    """A rounded break is a length in minutes, every other move is a time."""
    return (before // 60, after // 60) if rule == "round_break" else (iso(before), iso(after))


def _spans(intervals: Iterable[Interval]) -> list[list[str]]:
    return [[iso(start), iso(end)] for start, end in intervals]


def _left_out(punch: Punch, reason: str, of: Punch | None = None) -> dict[str, str]:
    entry = {"punch": punch.identity, "at": iso(punch.at), "reason": reason}
    return entry if of is None else entry | {"of": of.identity}
