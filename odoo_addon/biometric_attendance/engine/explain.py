"""The derivation of a day: which punches formed which session, what was left out and why, which
rule took which minutes. Compact and JSON-able; instants as ISO text. Computes nothing new.
"""

from .instants import iso


def derivation(parts, unused, ignored, adjustments):
    """Only what there is something to say about; every list in order of time."""
    answer = {
        "sessions": [_session(session) for part in parts for session in part.sessions],
        "paid": [_paid(part) for part in parts if part.paid],
        "ignored": sorted(
            [_left_out(punch, reason, of) for punch, of, reason, _day in ignored]
            + [_left_out(punch, reason) for punch, reason, _day in unused],
            key=lambda entry: (entry["at"], entry["punch"]),
        ),
        "undecided": sorted(
            {
                punch.identity
                for part in parts
                for session in part.sessions
                for punch in (session.in_punch, session.out_punch)
                if punch and punch.undecided
            }
        ),
        "adjustments": [item.identity for item in adjustments],
    }
    return {name: value for name, value in answer.items() if value}


def _session(session):
    entry = {
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


def _paid(part):
    worked = part.worked
    entry = {
        "shift": part.shift.identity if part.shift else None,
        "worked": _spans(worked.timeline),
        "unpaid_gaps": _spans(worked.unpaid_gaps),
        "paid_gaps": _spans(worked.paid_gaps),
        "deductions": [[rule, _spans(taken)] for rule, taken in worked.deductions],
        "moves": [[rule, *_move(rule, before, after)] for rule, before, after in part.moves],
    }
    if part.clamped_seconds:
        entry["clamped_minutes"] = part.clamped_seconds // 60
    return {name: value for name, value in entry.items() if value or name == "shift"}


def _move(rule, before, after):
    """A rounded break is a length in minutes, every other move is a time."""
    return (before // 60, after // 60) if rule == "round_break" else (iso(before), iso(after))


def _spans(intervals):
    return [[iso(start), iso(end)] for start, end in intervals]


def _left_out(punch, reason, of=None):
    entry = {"punch": punch.identity, "at": iso(punch.at), "reason": reason}
    return entry if of is None else entry | {"of": of.identity}
