"""Pay class of every worked minute and the release of overtime (S11, S12).

A timeline goes in, segments `(start, end, class)` come out; together they are the timeline again.
Weeks and periods are not known here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

from . import intervals as iv
from .instants import Zone, dates_between, day_start_wall
from .intervals import Interval
from .rules import RuleSet
from .values import HOLIDAY, REST_DAY, WORKDAY, DayType, Segment, Shift

OVERTIME = ("overtime", "doubletime", "rest_day_overtime", "holiday_overtime")


@dataclass(frozen=True)
class DayContext:
    """What the classes of a date depend on besides its timeline. `plan_minutes`: scheduled minutes
    whatever the day's type, None where only the week has a number. `counted_before`: seconds of
    leave that count as worked."""

    day: date
    day_type: Callable[[date], DayType]
    zone: Zone
    shifts: Sequence[Shift]
    plan_minutes: int | None
    counted_before: int = 0


class _Piece(NamedTuple):
    """Work on one kind of day. `outside`: whether it lies outside every shift, None where that
    does not matter."""

    start: int
    end: int
    kind: DayType
    outside: bool | None


def classify(timeline: Sequence[Interval], context: DayContext, rules: RuleSet) -> list[Segment]:
    """Segments of the timeline in time order, before any overtime is released."""
    if not timeline:
        return []
    segments: list[Segment] = []
    counter = context.counted_before
    for piece in _uniform_pieces(timeline, context, rules):
        segments += _by_quantity(piece, counter, _marks(piece, context, rules))
        counter += piece.end - piece.start
    return joined(segments)


def _uniform_pieces(
    timeline: Sequence[Interval], context: DayContext, rules: RuleSet
) -> Iterator[_Piece]:
    """Pieces of one kind of day, each wholly inside or outside the shifts."""
    calendar = rules.day_class_attribution == "calendar"
    by_shift = rules.ot_basis == "outside_shift"
    cuts = _midnights(timeline, context.zone) if calendar else []
    cuts += [edge for s in context.shifts for edge in (s.start, s.end)] if by_shift else []
    for start, end in iv.split_at(timeline, cuts):
        day = context.zone.date_at(start) if calendar else context.day
        outside = not any(s.start <= start < s.end for s in context.shifts) if by_shift else None
        yield _Piece(start, end, context.day_type(day), outside)


def _midnights(timeline: Sequence[Interval], zone: Zone) -> list[int]:
    if not timeline:
        return []
    first, last = zone.date_at(timeline[0][0]), zone.date_at(timeline[-1][1])
    if first == last:
        return []
    return [
        zone.instant(day_start_wall(day)) for day in dates_between(first + timedelta(days=1), last)
    ]


def _marks(piece: _Piece, context: DayContext, rules: RuleSet) -> list[tuple[int, str]]:
    """`(counted seconds, class)`: from where on a minute of this piece has which class."""
    separate = piece.kind != WORKDAY and rules.off_day_classification == "separate"
    threshold = _threshold(piece, context, rules)
    double = rules.dt_daily_threshold_minutes
    marks: list[tuple[int, str]] = [(0, piece.kind if separate else "regular")]
    if threshold is not None and (double is None or threshold < double):
        marks.append((threshold * 60, f"{piece.kind}_overtime" if separate else "overtime"))
    if double is not None:
        marks.append((double * 60, "doubletime"))
    return marks


def _threshold(piece: _Piece, context: DayContext, rules: RuleSet) -> int | None:
    """Minutes of the day after which a minute is overtime; None for never. A date has one: that of
    its own type, whichever class a minute of it has.

    Where minutes outside the shifts are overtime, a date without any shift still has its
    threshold: there is no shift to be outside of.
    """
    if piece.outside is not None and context.shifts:
        return 0 if piece.outside else None
    workday = context.day_type(context.day) == WORKDAY
    if not workday and rules.off_day_classification == "separate":
        return rules.ot_threshold_offday_minutes
    if rules.ot_daily_threshold_minutes != "schedule":
        return rules.ot_daily_threshold_minutes
    return context.plan_minutes if workday else rules.ot_threshold_offday_minutes


def _by_quantity(
    piece: _Piece, counter: int, marks: Sequence[tuple[int, str]]
) -> Iterator[Segment]:
    """Cut one piece where the day's counter (seconds) passes the marks."""
    start, end = piece.start, piece.end
    for i, (mark, name) in enumerate(marks):
        following = marks[i + 1][0] if i + 1 < len(marks) else None
        first = max(start, start + mark - counter)
        last = end if following is None else min(end, start + following - counter)
        if first < last:
            yield first, last, name


def joined(segments: Iterable[Segment]) -> list[Segment]:
    """Neighbours of one class become one segment."""
    result: list[Segment] = []
    for start, end, name in segments:
        if result and result[-1][1] == start and result[-1][2] == name:
            result[-1] = (result[-1][0], end, name)
        elif start < end:
            result.append((start, end, name))
    return result


def release(segments: list[Segment], approved_minutes: int, rules: RuleSet) -> list[Segment]:
    """S12: overtime below the minimum or beyond the unit is dropped, what is not approved is
    held; both stay visible. The latest overtime goes first."""
    raw = iv.total([(start, end) for start, end, name in segments if name in OVERTIME]) // 60
    if not raw:
        return segments
    kept = 0 if raw < rules.ot_min_minutes else raw
    if rules.ot_round_unit_minutes:
        kept -= kept % rules.ot_round_unit_minutes
    released = min(kept, approved_minutes) if rules.ot_requires_approval else kept
    if released == raw:
        return segments
    limits: _Limits = ((released * 60, None), (kept * 60, "unapproved"), (None, "dropped"))
    answer: list[Segment] = []
    position = 0
    for start, end, name in segments:
        if name not in OVERTIME:
            answer.append((start, end, name))
            continue
        answer += _held_back((start, end, name), position, limits)
        position += end - start
    return joined(answer)


# `(seconds of overtime, bucket)`: up to where it goes into which; None: no end, its own class
_Limits: TypeAlias = Sequence[tuple[int | None, str | None]]


def _held_back(segment: Segment, position: int, limits: _Limits) -> Iterator[Segment]:
    """The parts of an overtime segment that begins after `position` seconds of overtime."""
    start, end, name = segment
    first = start
    for limit, bucket in limits:
        last = end if limit is None else min(end, start + limit - position)
        if first < last:
            yield first, last, bucket or name
            first = last


def minutes_by_class(segments: Iterable[Segment]) -> dict[str, int]:
    """Whole minutes by class. Cumulative, so that they add up to the floor of the whole even
    where seconds count."""
    buckets: dict[str, int] = {}
    passed = 0
    for start, end, name in segments:
        minutes = (passed + end - start) // 60 - passed // 60
        buckets[name] = buckets.get(name, 0) + minutes
        passed += end - start
    return buckets


# What earns by which day class; the first is compensated first.
EARNING: dict[DayType, tuple[str, ...]] = {
    WORKDAY: ("overtime_minutes", "doubletime_minutes"),
    REST_DAY: ("rest_day_minutes", "rest_day_overtime_minutes"),
    HOLIDAY: ("holiday_minutes", "holiday_overtime_minutes"),
}


def _field(day: object, name: str) -> int:
    """A minute field of a Day, or of whatever else has all that EARNING names."""
    return getattr(day, name)


def earning_minutes(day: object) -> dict[DayType, int]:
    """Minutes of a day that may be compensated in time, by day class, zero ones left out."""
    sums: dict[DayType, int] = {
        kind: sum(_field(day, name) for name in names) for kind, names in EARNING.items()
    }
    return {kind: minutes for kind, minutes in sums.items() if minutes}


def compensable(day: object, rules: RuleSet) -> dict[DayType, int]:
    """The same by a rule set; nothing where it makes nobody eligible."""
    return earning_minutes(day) if rules.cto_eligible else {}


def above_contingent(overtime: Iterable[tuple[str, int]], rules: RuleSet) -> dict[str, int]:
    """`{source: minutes}` of overtime that earns: what lies above the contingent of the year.
    `overtime`: `(source, minutes)` of one calendar year in the order of its days."""
    found: dict[str, int] = {}
    left = rules.cto_contingent_minutes or 0
    for source, minutes in overtime:
        inside = min(left, minutes)
        left -= inside
        found[source] = minutes - inside
    return found


def compensated_by(choice: Literal["time", "pay"], rules: RuleSet) -> str:
    """What an answer comes to: where a law grants the time off beside the pay, both."""
    return "both" if rules.cto_beside_pay else choice


def kept_from_pay(day: object, compensated: Mapping[DayType, int]) -> dict[str, int]:
    """`{day field: minutes}` that time off stands for, so that nobody is paid for them too;
    `compensated`: minutes by day class. Dearer minutes are compensated last."""
    found: dict[str, int] = {}
    for kind, minutes in compensated.items():
        for name in EARNING[kind]:
            part = min(minutes, _field(day, name))
            if part:
                found[name] = part
                minutes -= part
    return found


def credited(day_class: DayType, minutes: int, rules: RuleSet) -> int:
    """Overtime minutes rounded to the input unit, times the multiplier, floored to the minute."""
    unit = rules.cto_input_round_unit_minutes
    if unit:
        rest = minutes % unit
        minutes += unit - rest if rest > (unit - 1) // 2 else -rest
    factor = multiplier(day_class, rules)
    return minutes * factor.numerator // factor.denominator


def multiplier(day_class: DayType, rules: RuleSet) -> Fraction:
    """What a minute of overtime earns on such a day; ValueError for any other word."""
    if day_class == WORKDAY:
        return rules.cto_multiplier_workday
    if day_class == REST_DAY:
        return rules.cto_multiplier_rest_day
    if day_class == HOLIDAY:
        return rules.cto_multiplier_holiday
    raise ValueError(f"unknown day class {day_class!r}")
