"""Gaps between sessions and automatic deductions of one shift (S8, S9).

Turns paid sessions into the worked timeline; every minute it takes away is named. Must not know
classes. Time between two shifts never arrives here: each shift is worked out alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from . import intervals as iv
from .intervals import Interval
from .rules import RuleSet
from .values import Break, Shift

# what took minutes away, and which
Deduction: TypeAlias = tuple[str, list[Interval]]


@dataclass(frozen=True)
class Worked:
    """Worked timeline of one shift, as intervals, and what was taken out of it."""

    timeline: list[Interval]
    paid_gaps: list[Interval]
    unpaid_gaps: list[Interval]
    deductions: list[Deduction]

    @property
    def break_seconds(self) -> int:
        seconds = iv.total(self.unpaid_gaps)
        for _rule, taken in self.deductions:
            seconds += iv.total(taken)
        return seconds


NOTHING_WORKED = Worked([], [], [], [])


def worked_timeline(pairs: Sequence[Interval], shift: Shift | None, rules: RuleSet) -> Worked:
    """`pairs`: the paid sessions in order; `shift` None for the unscheduled work of a date."""
    longest_paid = rules.short_break_paid_max_minutes * 60 if shift else 0
    gaps = [
        (left[1], right[0])
        for left, right in zip(pairs, pairs[1:], strict=False)
        if right[0] > left[1]
    ]
    paid_gaps = [gap for gap in gaps if gap[1] - gap[0] <= longest_paid]
    unpaid_gaps = [gap for gap in gaps if gap[1] - gap[0] > longest_paid]
    base = iv.merge([*pairs, *paid_gaps])
    timeline = base
    deductions: list[Deduction] = []
    for window in shift.breaks if shift else ():
        taken = _window_deduction(window, timeline, unpaid_gaps, rules)
        if taken:
            filled = window.mode == "auto_if_not_punched" and _around(window, unpaid_gaps)
            deductions.append(("break_filled_up" if filled else "break_window", taken))
            timeline = iv.subtract(timeline, taken)
    meal = _meal_deduction(base, timeline, unpaid_gaps, deductions, rules)
    if meal:
        deductions.append(("meal", meal))
        timeline = iv.subtract(timeline, meal)
    return Worked(timeline, paid_gaps, unpaid_gaps, deductions)


def _window_deduction(
    window: Break,
    timeline: Sequence[Interval],
    unpaid_gaps: Sequence[Interval],
    rules: RuleSet,
) -> list[Interval]:
    """What a window takes. A punched break that touches it stands for it, if it is one: a tap out
    and in again is deducted as punched, and the rest of the window with it."""
    if window.paid or window.mode == "punched":
        return []
    span = [(window.start, window.end)]
    if window.mode == "auto_if_not_punched":
        punched = _around(window, unpaid_gaps)
        if punched and iv.total(punched) >= rules.punched_break_min_minutes * 60:
            return []
    return iv.intersect(timeline, span)


def _around(window: Break, unpaid_gaps: Sequence[Interval]) -> list[Interval]:
    """Punched breaks that touch a window."""
    return [gap for gap in unpaid_gaps if iv.overlap([gap], [(window.start, window.end)])]


def _meal_deduction(
    base: Sequence[Interval],
    timeline: Sequence[Interval],
    unpaid_gaps: Sequence[Interval],
    deductions: Sequence[Deduction],
    rules: RuleSet,
) -> list[Interval]:
    """The minutes directly after `meal_after` worked minutes, or the last ones if fewer remain."""
    if rules.meal_after_minutes is None or iv.total(base) <= rules.meal_after_minutes * 60:
        return []
    length = rules.meal_minutes * 60
    if rules.meal_mode == "top_up":
        taken_already = sum(iv.total(taken) for _rule, taken in deductions)
        length = max(0, length - iv.total(unpaid_gaps) - taken_already)
    room = iv.total(timeline)
    length = min(length, room)
    return iv.stretch(timeline, min(rules.meal_after_minutes * 60, room - length), length)
