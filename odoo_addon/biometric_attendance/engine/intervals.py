"""Arithmetic on time intervals: sorted lists of `(start, end)` in epoch seconds, end excluded.

Owns nothing else; knows no rule. Every function returns a new sorted, disjoint list.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

Interval: TypeAlias = tuple[int, int]


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Union; touching intervals become one."""
    ordered = list(intervals)
    if len(ordered) < 2:
        return [span for span in ordered if span[0] < span[1]]
    ordered.sort()
    merged: list[Interval] = []
    for start, end in ordered:
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def total(intervals: Iterable[Interval]) -> int:
    """Seconds covered."""
    seconds = 0
    for start, end in intervals:
        seconds += end - start
    return seconds


def intersect(left: Sequence[Interval], right: Sequence[Interval]) -> list[Interval]:
    """What both sorted disjoint lists cover."""
    if not left or not right:
        return []
    common: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            common.append((start, end))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return common


def subtract(left: Iterable[Interval], right: Sequence[Interval]) -> list[Interval]:
    """What `left` covers and `right` does not."""
    if not right:
        return [span for span in left if span[0] < span[1]]
    rest: list[Interval] = []
    for start, end in left:
        for cut_start, cut_end in right:
            if cut_end <= start or cut_start >= end:
                continue
            if cut_start > start:
                rest.append((start, cut_start))
            start = max(start, cut_end)
            if start >= end:
                break
        if start < end:
            rest.append((start, end))
    return rest


def overlap(left: Sequence[Interval], right: Sequence[Interval]) -> int:
    """Seconds that both cover."""
    return total(intersect(left, right)) if left and right else 0


def before(intervals: Iterable[Interval], at: int) -> int:
    """Seconds covered before instant `at`."""
    return sum(min(end, at) - start for start, end in intervals if start < at)


def after(intervals: Iterable[Interval], at: int) -> int:
    """Seconds covered from instant `at` on."""
    return sum(end - max(start, at) for start, end in intervals if end > at)


def stretch(intervals: Iterable[Interval], position: int, length: int) -> list[Interval]:
    """The part that begins after `position` covered seconds and covers `length` seconds."""
    part: list[Interval] = []
    passed = 0
    for start, end in intervals:
        first = start + max(0, position - passed)
        last = min(end, start + position + length - passed)
        if first < last:
            part.append((first, last))
        passed += end - start
    return part


def split_at(intervals: Iterable[Interval], cuts: Iterable[int]) -> list[Interval]:
    """The same intervals, cut at the given instants."""
    ordered = sorted(cuts)
    if not ordered:
        return list(intervals)
    pieces: list[Interval] = []
    for start, end in intervals:
        for cut in ordered:
            if start < cut < end:
                pieces.append((start, cut))
                start = cut
        pieces.append((start, end))
    return pieces
