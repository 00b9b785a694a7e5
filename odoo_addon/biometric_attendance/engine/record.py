"""A computed day as the values that are kept of it, and the digest of a kept day.

Owns which values a day leaves behind and what they are called. Knows no database; whoever keeps a
day and whoever checks one both ask here. Instants are naive UTC texts `2026-03-02T08:00:00`.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from operator import attrgetter

from . import intervals as iv
from .instants import iso
from .status import blocks_pay
from .values import WORKDAY, Day, Facts, Json

# Characters of `2026-03-04T00:00Z`.
_TO_THE_MINUTE = 17
# One encoder for all days: making one costs as much as writing a day.
_ENCODE = json.JSONEncoder(sort_keys=True).encode

MINUTES = (
    "scheduled_minutes",
    "worked_minutes",
    "break_minutes",
    "paid_break_minutes",
    "leave_minutes",
    "paid_leave_minutes",
    "late_minutes",
    "early_leave_minutes",
    "penalised_late_minutes",
    "penalised_early_leave_minutes",
    "undertime_minutes",
    "regular_minutes",
    "overtime_minutes",
    "doubletime_minutes",
    "rest_day_minutes",
    "rest_day_overtime_minutes",
    "holiday_minutes",
    "holiday_overtime_minutes",
    "overtime_dropped_minutes",
    "overtime_unapproved_minutes",
    "night_minutes",
)


_MINUTES_OF = attrgetter(*MINUTES)

# All names of a day's record.
RECORD = (
    *MINUTES,
    "date",
    "day_type",
    "status",
    "is_blocking",
    "exceptions",
    "first_in_at",
    "last_out_at",
    "due_at",
    "waits_for",
    "settles_at",
    "derivation",
)


def day_record(day: Day, facts: Facts, in_service: bool = True) -> dict[str, Json]:
    """What is kept of a day: minutes (None where nobody can know them yet), status, instants, and
    `derivation` with the day's picture. `in_service`: a terminal the person may use stood there."""
    sessions = day.derivation.get("sessions") or ()
    starts: list[str] = []
    ends: list[str] = []
    for session in sessions if isinstance(sessions, (list, tuple)) else ():
        if isinstance(session, Mapping):
            starts += [str(session["in"])] if session.get("in_punch") else []
            ends += [str(session["out"])] if session.get("out_punch") else []
    unknown, waits = day.unknown, day.waits_for
    numbers: dict[str, Json] = dict(zip(MINUTES, _MINUTES_OF(day), strict=True))
    for name in unknown & numbers.keys():
        numbers[name] = None
    return numbers | {
        "date": day.work_date.isoformat(),
        "day_type": day.day_type,
        "status": day.status,
        "is_blocking": blocks_pay(day.status),
        "exceptions": " ".join(day.exceptions) or None,
        "first_in_at": _naive(min(starts)) if starts else None,
        "last_out_at": _naive(max(ends)) if ends and day.status != "at_work" else None,
        "due_at": _due_at(facts, day),
        "waits_for": "service" if waits == "devices" and not in_service else waits,
        "settles_at": None if day.waits_until is None else _naive(iso(day.waits_until)),
        "derivation": {**day.derivation, **_picture(facts, day)},
    }


def record_digest(values: Mapping[str, Json]) -> str:
    """Digest of a kept day: of what `day_record` says and what its keeper wrote beside it."""
    return hashlib.sha256(_ENCODE(values).encode()).hexdigest()


def _naive(text: str) -> str:
    """Naive UTC text of an instant as instants.iso writes it, or as any other ISO text does."""
    if text.endswith("Z"):
        return f"{text[:-1]}:00" if len(text) == _TO_THE_MINUTE else text[:-1]
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None).isoformat()


def _due_at(facts: Facts, day: Day) -> str | None:
    """When the date's first work that no leave covers begins; None where nothing is due."""
    if day.day_type != WORKDAY or not day.scheduled_minutes:
        return None
    shifts = facts.shifts_by_day.get(day.work_date, ())
    due = iv.merge([piece for shift in shifts for piece in shift.due])
    left = iv.subtract(due, iv.merge((leave.start, leave.end) for leave in facts.leaves))
    return _naive(iso(left[0][0])) if left else None


def _picture(facts: Facts, day: Day) -> dict[str, Json]:
    """What the day's picture shows besides the engine's derivation: counted spans, shifts, zone."""
    return {
        "segments": [[iso(start), iso(end), name] for start, end, name in day.segments],
        "shifts": [
            {"shift": shift.identity, "start": iso(shift.start), "end": iso(shift.end)}
            for shift in facts.shifts_by_day.get(day.work_date, ())
        ],
        "zone": facts.zone.name,
    }
