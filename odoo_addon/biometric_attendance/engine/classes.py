"""Pay class of every worked minute and the release of overtime (S11, S12).

A timeline goes in, segments `(start, end, class)` come out; together they are the timeline again.
Weeks and periods are not known here.
"""

from dataclasses import dataclass
from datetime import timedelta

from . import intervals as iv
from .instants import dates_between, day_start_wall
from .values import HOLIDAY, REST_DAY, WORKDAY

OVERTIME = ("overtime", "doubletime", "rest_day_overtime", "holiday_overtime")


@dataclass(frozen=True)
class DayContext:
    """What the classes of a date depend on besides its timeline. `plan_minutes`: scheduled minutes
    whatever the day's type. `counted_before`: seconds of leave that count as worked."""

    day: object
    day_type: object
    zone: object
    shifts: tuple
    plan_minutes: int
    counted_before: int = 0


def classify(timeline, context, rules):
    """Segments of the timeline in time order, before any overtime is released."""
    segments, counter = [], context.counted_before
    for (start, end), kind, outside in _uniform_pieces(timeline, context, rules):
        separate = kind != WORKDAY and rules.off_day_classification == "separate"
        base = kind if separate else "regular"
        over = f"{kind}_overtime" if separate else "overtime"
        threshold = _threshold(kind, separate, outside, context, rules)
        for part_start, part_end, name in _by_quantity(
            start, end, counter, threshold, base, over, rules.dt_daily_threshold_minutes
        ):
            segments.append((part_start, part_end, name))
        counter += end - start
    return joined(segments)


def _uniform_pieces(timeline, context, rules):
    """Pieces of one kind of day, each wholly inside or outside the shifts."""
    calendar = rules.day_class_attribution == "calendar"
    by_shift = rules.ot_basis == "outside_shift"
    cuts = _midnights(timeline, context.zone) if calendar else []
    cuts += [edge for s in context.shifts for edge in (s.start, s.end)] if by_shift else []
    for start, end in iv.split_at(timeline, cuts):
        day = context.zone.date_at(start) if calendar else context.day
        outside = not any(s.start <= start < s.end for s in context.shifts) if by_shift else None
        yield (start, end), context.day_type(day), outside


def _midnights(timeline, zone):
    if not timeline:
        return []
    first, last = zone.date_at(timeline[0][0]), zone.date_at(timeline[-1][1])
    return [
        zone.instant(day_start_wall(day)) for day in dates_between(first + timedelta(days=1), last)
    ]


def _threshold(kind, separate, outside, context, rules):
    """Minutes of the day after which a minute of this kind is overtime; None for never.

    Where minutes outside the shifts are overtime, a date without any shift still has its
    threshold: there is no shift to be outside of.
    """
    if outside is not None and context.shifts:
        return 0 if outside else None
    if separate:
        return rules.ot_threshold_offday_minutes
    if rules.ot_daily_threshold_minutes != "schedule":
        return rules.ot_daily_threshold_minutes
    if context.day_type(context.day) == WORKDAY or (kind == WORKDAY and context.shifts):
        return context.plan_minutes
    return rules.ot_threshold_offday_minutes


def _by_quantity(start, end, counter, threshold, base, over, double_threshold):
    """Cut one piece where the day's counter passes the thresholds."""
    marks = [(0, base)]
    if threshold is not None and (double_threshold is None or threshold < double_threshold):
        marks.append((threshold * 60, over))
    if double_threshold is not None:
        marks.append((double_threshold * 60, "doubletime"))
    for i, (mark, name) in enumerate(marks):
        following = marks[i + 1][0] if i + 1 < len(marks) else None
        first = max(start, start + mark - counter)
        last = end if following is None else min(end, start + following - counter)
        if first < last:
            yield first, last, name


def joined(segments):
    """Neighbours of one class become one segment."""
    result = []
    for start, end, name in segments:
        if result and result[-1][1] == start and result[-1][2] == name:
            result[-1] = (result[-1][0], end, name)
        elif start < end:
            result.append((start, end, name))
    return result


def release(segments, approved_minutes, rules):
    """S12: overtime below the minimum or beyond the unit is dropped, what is not approved is
    held; both stay visible. The latest overtime goes first."""
    raw = sum(end - start for start, end, name in segments if name in OVERTIME) // 60
    kept = 0 if raw < rules.ot_min_minutes else raw
    if rules.ot_round_unit_minutes:
        kept -= kept % rules.ot_round_unit_minutes
    released = min(kept, approved_minutes) if rules.ot_requires_approval else kept
    if released == raw:
        return segments
    limits = ((released * 60, None), (kept * 60, "unapproved"), (None, "dropped"))
    answer, position = [], 0
    for start, end, name in segments:
        if name not in OVERTIME:
            answer.append((start, end, name))
            continue
        answer += _held_back(start, end, name, position, limits)
        position += end - start
    return joined(answer)


def _held_back(start, end, name, position, limits):
    reached = 0
    for limit, bucket in limits:
        first = max(start, start + reached - position)
        last = end if limit is None else min(end, start + limit - position)
        if first < last:
            yield first, last, bucket or name
        reached = limit


def minutes_by_class(segments):
    """Whole minutes by class. Cumulative, so that they add up to the floor of the whole even
    where seconds count."""
    buckets, passed = {}, 0
    for start, end, name in segments:
        minutes = (passed + end - start) // 60 - passed // 60
        buckets[name] = buckets.get(name, 0) + minutes
        passed += end - start
    return buckets


def credit_minutes(day, rules):
    """Compensatory minutes a day would earn: `{workday, rest_day, holiday: minutes}` by class."""
    earned = {
        WORKDAY: day.overtime_minutes + day.doubletime_minutes,
        REST_DAY: day.rest_day_minutes + day.rest_day_overtime_minutes,
        HOLIDAY: day.holiday_minutes + day.holiday_overtime_minutes,
    }
    return {name: credited(name, minutes, rules) for name, minutes in earned.items() if minutes}


def credited(day_class, minutes, rules):
    """Overtime minutes rounded to the input unit, times the multiplier, floored to the minute."""
    unit = rules.cto_input_round_unit_minutes
    if unit:
        rest = minutes % unit
        minutes += unit - rest if rest > (unit - 1) // 2 else -rest
    factor = getattr(rules, f"cto_multiplier_{day_class}")
    return minutes * factor.numerator // factor.denominator
