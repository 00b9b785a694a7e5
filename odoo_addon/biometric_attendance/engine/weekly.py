"""From the lines of a weekly working schedule to shift occurrences on dates.

Owns how lines of work and breaks join to shifts: over midnight, around lunch, split. Knows nothing
of where the lines come from, nor of leaves and holidays. Minutes are local wall clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from .instants import DAY, Zone, day_start_wall
from .intervals import Interval
from .values import Break, BreakMode, Shift

MIDNIGHT = 1440
# Work resumed after a longer gap is a second shift of a split day, not a break.
SPLIT_GAP_MINUTES = 180


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a schedule. `week`: 0 or 1 in a two-week schedule, None for every week."""

    weekday: int
    start: int
    end: int
    is_break: bool = False
    week: int | None = None

    def falls_on(self, day: date) -> bool:
        return self.weekday == day.weekday() and self.week in (None, week_parity(day))


def week_parity(day: date) -> int:
    """0 or 1, alternating every Monday without a jump at New Year (53-week years included)."""
    return (day.toordinal() - 1) // 7 % 2


# Work pieces that form one shift and the breaks between them, in minutes after the first midnight.
_Group: TypeAlias = tuple[list[Interval], list[Interval]]


def occurrences(
    zone: Zone,
    lines: Iterable[Line],
    first: date,
    last: date,
    identity: str,
    break_mode: BreakMode = "auto_if_not_punched",
) -> list[Shift]:
    """Shifts that start from `first` to `last` (dates, both included), in order.

    `identity` names the schedule; each shift is called `identity/YYYY-MM-DD/n`. Time between two
    lines is a break up to SPLIT_GAP_MINUTES or where a break line says so; a line that ends at
    24:00 goes on in one that begins at 00:00.
    """
    spans: list[tuple[int, int, bool]] = []
    ordered = sorted(lines, key=lambda item: (item.start, item.end))
    # one day more on either side: the first date's night may have begun before, the last goes on
    for offset in range(-1, (last - first).days + 2):
        day = first + timedelta(days=offset)
        for line in ordered:
            if line.falls_on(day):
                base = offset * MIDNIGHT
                spans.append((base + line.start, base + line.end, line.is_break))
    shifts: list[Shift] = []
    number: dict[date, int] = {}
    for group in _group(spans):
        day = first + timedelta(days=group[0][0][0] // MIDNIGHT)
        if first <= day <= last:
            number[day] = number.get(day, 0) + 1
            name = f"{identity}/{day.isoformat()}/{number[day]}"
            shifts.append(_shift(zone, first, day, name, group, break_mode))
    return shifts


def _group(spans: Sequence[tuple[int, int, bool]]) -> list[_Group]:
    """Lists of work pieces that form one shift each, with the break windows between them."""
    work = sorted((start, end) for start, end, is_break in spans if not is_break)
    declared = [(start, end) for start, end, is_break in spans if is_break]
    groups: list[_Group] = []
    for start, end in work:
        if end <= start:
            continue
        if groups:
            pieces, breaks = groups[-1]
            close = pieces[-1][1]
            gap = start - close
            bridged = any(begin <= close and start <= finish for begin, finish in declared)
            same_date = start // MIDNIGHT == pieces[0][0] // MIDNIGHT
            if gap <= 0 or bridged or (gap <= SPLIT_GAP_MINUTES and same_date):
                if gap > 0:
                    breaks.append((close, start))
                pieces.append((start, max(end, close)))
                continue
        groups.append(([(start, end)], []))
    return groups


def _shift(
    zone: Zone, first: date, day: date, name: str, group: _Group, break_mode: BreakMode
) -> Shift:
    pieces, breaks = group
    base = day_start_wall(first)

    def instant(minute: int) -> int:
        return zone.instant(base + minute * 60)

    start, end = pieces[0][0], pieces[-1][1]
    nominal = (end - start - sum(close - begin for begin, close in breaks)) * 60
    windows = tuple(
        Break(instant(begin), instant(close), False, break_mode) for begin, close in breaks
    )
    return Shift(name, day, instant(start), instant(end), windows, min(nominal, 2 * DAY))
