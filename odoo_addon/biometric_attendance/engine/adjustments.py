"""Effective decisions applied to a day: to its punches before pairing, to its minutes after.

Raw punches never change: an adjustment works on copies. Only approved, unreversed adjustments may
be handed in; they are applied in their order of approval. Must not know who decided or why.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from .classes import joined
from .values import CLASSES, Adjustment, Facts, Punch, Segment

PUNCH_KINDS = ("add_punch", "void_punch", "set_direction", "clock_correction")
DAY_KINDS = ("excuse_late", "excuse_early", "approve_ot", "reclassify", "set_minutes")
KINDS = PUNCH_KINDS + DAY_KINDS
# What the person stated about a day: an answer with a consequence. Changes no minute of presence.
# `meal_premium` stands and falls with the meal that was missed, short or late: punches that come
# later may show it.
STATED_KINDS = ("premium", "meal_premium", "finding")
# Finding of a day about which its person stated something that nobody has looked at.
ATTESTED = "attested"
# more minutes than any date has
UNLIMITED = 1 << 20


def in_sequence(adjustments: Sequence[Adjustment]) -> list[Adjustment]:
    """Adjustments in the order of approval; ValueError for an unknown kind or class."""
    for item in adjustments:
        if item.kind not in KINDS + STATED_KINDS:
            raise ValueError(f"unknown adjustment {item.kind!r}")
        for name in (item.pay_class, item.to_class):
            if name and name not in CLASSES:
                raise ValueError(f"unknown class {name!r} in adjustment {item.identity!r}")
        if item.kind == "set_minutes" and not item.pay_class:
            raise ValueError("set_minutes must name the class")
    return sorted(adjustments, key=lambda item: (item.sequence, item.identity))


def _given(value: int | None, name: str, item: Adjustment) -> int:
    if value is None:
        raise ValueError(f"{item.kind} {item.identity!r} must say {name}")
    return value


def effective_punches(punches: Iterable[Punch], adjustments: Sequence[Adjustment]) -> list[Punch]:
    """The punches as decided. A clock correction is judged on the raw time of a punch."""
    if not adjustments:
        return list(punches)
    entries = [(punch, punch.at) for punch in punches]
    for item in adjustments:
        if item.kind == "add_punch":
            at = _given(item.at, "at which instant", item)
            added = Punch(at, item.device, f"adjustment:{item.identity}", item.direction)
            entries.append((added, at))
        elif item.kind == "void_punch":
            entries = [(p, raw) for p, raw in entries if not _targets(item, p, raw)]
        elif item.kind == "set_direction":
            entries = [
                (p._replace(direction=item.direction) if _targets(item, p, raw) else p, raw)
                for p, raw in entries
            ]
        elif item.kind == "clock_correction":
            first = _given(item.start, "from when on", item)
            end = _given(item.end, "until when", item)
            entries = [
                (
                    p._replace(at=p.at + item.seconds, offset_seconds=None)
                    if p.device == item.device and first <= raw < end
                    else p,
                    raw,
                )
                for p, raw in entries
            ]
    return [punch for punch, _raw in entries]


def reached_instants(punches: Sequence[Punch], adjustments: Sequence[Adjustment]) -> list[int]:
    """Every instant at which a punch stands, raw or as decided, in order: what can join runs."""
    instants = {punch.at for punch in punches}
    if adjustments:
        decided = effective_punches(punches, in_sequence(adjustments))
        instants.update(punch.at for punch in decided)
    return sorted(instants)


def _targets(item: Adjustment, punch: Punch, raw: int) -> bool:
    if item.target:
        return punch.identity == item.target
    return raw == item.at and item.device in ("", punch.device)


def of_day(adjustments: Sequence[Adjustment], day: date, *kinds: str) -> list[Adjustment]:
    if not adjustments:
        return []
    return [item for item in adjustments if item.day == day and item.kind in kinds]


def premiums(
    adjustments: Sequence[Adjustment], day: date, *kinds: Literal["premium", "meal_premium"]
) -> dict[str, int]:
    """`{pay code: minutes}` of what a date's person stated, in order of the code."""
    owed: dict[str, int] = {}
    for item in of_day(adjustments, day, *kinds):
        owed[item.target] = owed.get(item.target, 0) + _given(
            item.minutes, "how many minutes", item
        )
    return {code: minutes for code, minutes in sorted(owed.items()) if minutes}


def approved_overtime(facts: Facts, adjustments: Sequence[Adjustment], day: date) -> int:
    """Approved overtime minutes of a date: office orders plus approvals; `minutes` None in one
    approves whatever was worked."""
    return facts.approvals.get(day, 0) + sum(
        UNLIMITED if item.minutes is None else item.minutes
        for item in of_day(adjustments, day, "approve_ot")
    )


def excused(minutes: int, kind: str, adjustments: Sequence[Adjustment], day: date) -> int:
    """What stays of late or early minutes after excuses; `minutes` None in one excuses all."""
    for item in of_day(adjustments, day, kind):
        minutes = 0 if item.minutes is None else max(0, minutes - item.minutes)
    return minutes


def adjusted_segments(
    segments: list[Segment], adjustments: Sequence[Adjustment], day: date, origin: int
) -> tuple[list[Segment], list[Adjustment]]:
    """Segments after `reclassify` and `set_minutes`, and the adjustments that took part.

    Minutes set beyond what was punched have no place in time: they are laid after the last
    segment, or from `origin` (an instant) on if there is none.
    """
    used = of_day(adjustments, day, "reclassify", "set_minutes")
    for item in used:
        if item.kind == "reclassify":
            moved = None if item.minutes is None else item.minutes * 60
            segments = _renamed(segments, item.pay_class, item.to_class, moved)
        else:
            minutes = _given(item.minutes, "how many minutes", item)
            segments = _set(segments, item.pay_class, minutes * 60, origin)
    return segments, used


def _renamed(
    segments: Sequence[Segment], name: str, new_name: str | None, seconds: int | None
) -> list[Segment]:
    """The latest `seconds` of a class get another class (or none: they are taken away)."""
    left = sum(end - start for start, end, kind in segments if kind == name)
    left = left if seconds is None else min(left, seconds)
    answer: list[Segment] = []
    for start, end, kind in reversed(segments):
        take = min(left, end - start) if kind == name else 0
        left -= take
        if take and new_name:
            answer.append((end - take, end, new_name))
        if start < end - take:
            answer.append((start, end - take, kind))
    return joined(answer[::-1])


def _set(segments: Sequence[Segment], name: str, seconds: int, origin: int) -> list[Segment]:
    present = sum(end - start for start, end, kind in segments if kind == name)
    if seconds < present:
        return _renamed(segments, name, None, present - seconds)
    start = segments[-1][1] if segments else origin
    return joined([*segments, (start, start + seconds - present, name)])
