"""Weeks, N-day periods and months: what is overtime only when days are seen together (S13).

Takes days whose daily rules have been applied and derives whole weeks again, so the order in
which days changed cannot matter. Must not know punches.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from . import intervals as iv
from .classes import joined, minutes_by_class
from .flexible import with_budgets
from .instants import Zone, date_of_wall, dates_between
from .intervals import Interval
from .rules import RuleSet
from .slices import Slice, take_excess, week_start_of
from .values import Day, Segment

# one rule set for all dates, or what gives the one valid on a date
Rules: TypeAlias = RuleSet | Callable[[date], RuleSet]

HELD = ("dropped", "unapproved")
SEVENTH_DAY_OVERTIME_MINUTES = 480
_ANCHOR = date(1970, 1, 5)


@dataclass(frozen=True)
class Week:
    """Minutes by class of one workweek, named by the date it begins."""

    week_start: date
    buckets: dict[str, int]
    findings: tuple[str, ...] = ()


def week_of_instant(at: int, zone: Zone, rules: RuleSet) -> date:
    """First date of the workweek in which an instant lies."""
    return week_start_of(date_of_wall(zone.wall(at) - rules.week_start_time * 60), rules)


def next_week_instant(week: date, zone: Zone, rules: RuleSet) -> int:
    """Instant at which the week after `week` begins, on the local clock."""
    return zone.on(week + timedelta(days=7), rules.week_start_time)


def slices_of(
    day: date,
    segments: Iterable[Segment],
    zone: Zone,
    rules: RuleSet,
    leave_seconds: int = 0,
) -> list[Slice]:
    """Slices of one date, split where its work crosses the start of a week."""
    parts: dict[date, list[Segment]] = {}
    segments = list(segments)
    if segments:
        # nearly always one week has all of it
        week = week_of_instant(segments[0][0], zone, rules)
        if segments[-1][1] <= next_week_instant(week, zone, rules):
            return [Slice(day, week, segments, leave_seconds)]
    for start, end, name in segments:
        while start < end:
            week = week_of_instant(start, zone, rules)
            stop = min(end, next_week_instant(week, zone, rules))
            parts.setdefault(week, []).append((start, stop, name))
            start = stop
    if leave_seconds or not parts:
        parts.setdefault(week_start_of(day, rules), [])
    home = min(parts)
    return [
        Slice(day, week, pieces, leave_seconds if week == home else 0)
        for week, pieces in sorted(parts.items())
    ]


def _by_date(rules: Rules) -> Callable[[date], RuleSet]:
    """`rules_for(date)` of one rule set for all dates, or of a function that already is one."""
    return (lambda _day: rules) if isinstance(rules, RuleSet) else rules


def derive(slices: Iterable[Slice], rules: Rules) -> list[Slice]:
    """The same slices with weekly, seventh-day and N-day overtime in place.

    `rules`: a rule set, or a function of the date. A week goes by the rule set of its first date.
    """
    rules_for = _by_date(rules)
    slices = sorted(slices, key=lambda item: (item.week, item.day))
    for week in _grouped(slices, lambda item: item.week):
        own = rules_for(week[0].week)
        if own.seventh_day_rule:
            _seventh_day(week)
        if own.ot_weekly_threshold_minutes is not None:
            take_excess(week, own.ot_weekly_threshold_minutes, own)
    in_periods = [item for item in slices if rules_for(item.day).ot_period_days is not None]
    for period in _grouped(in_periods, lambda item: period_start_of(item.day, rules_for(item.day))):
        own = rules_for(period[0].day)
        if own.ot_period_threshold_minutes is not None:
            take_excess(period, own.ot_period_threshold_minutes, own)
    return slices


def _grouped(slices: Iterable[Slice], key: Callable[[Slice], date]) -> list[list[Slice]]:
    groups: dict[date, list[Slice]] = {}
    for item in slices:
        groups.setdefault(key(item), []).append(item)
    return [groups[name] for name in sorted(groups)]


def period_start_of(day: date, rules: RuleSet) -> date:
    """First date of the N-day period of a date, counted from the anchor; the date itself where the
    rule set knows no periods."""
    anchor = date.fromisoformat(rules.ot_period_anchor) if rules.ot_period_anchor else _ANCHOR
    return day - timedelta(days=(day - anchor).days % (rules.ot_period_days or 1))


def _seventh_day(week: Sequence[Slice]) -> None:
    """Work on all seven dates of a week: the last is overtime, beyond eight hours doubletime.
    What the daily rules hold back stays held back."""
    last_date = week[0].week + timedelta(days=6)
    worked = {
        item.day for item in week if item.seconds() > 0 and item.week <= item.day <= last_date
    }
    if len(worked) < 7:
        return
    last, passed = max(worked), 0
    for item in (one for one in week if one.day == last):
        fresh: list[Segment] = []
        for start, end, name in item.segments:
            if name in HELD:
                fresh.append((start, end, name))
                continue
            turn = min(end, max(start, start + SEVENTH_DAY_OVERTIME_MINUTES * 60 - passed))
            fresh += [(start, turn, "overtime"), (turn, end, "doubletime")]
            passed += end - start
        item.segments = joined(fresh)


def weeks_of(slices: Iterable[Slice], zone: Zone, rules: Rules) -> list[Week]:
    """Week by week: minutes by class, and findings on long weeks and short weekly rest."""
    rules_for = _by_date(rules)
    found: list[Week] = []
    sums: list[int] = []
    for group in _grouped(slices, lambda item: item.week):
        week, own = group[0].week, rules_for(group[0].week)
        buckets: dict[str, int] = {}
        for item in group:
            for name, minutes in minutes_by_class(item.segments).items():
                buckets[name] = buckets.get(name, 0) + minutes
        sums.append(sum(buckets.values()))
        recent = sums[-(own.averaging_weeks or 1) :]
        bounds = (zone.on(week, own.week_start_time), next_week_instant(week, zone, own))
        found.append(Week(week, buckets, tuple(_week_findings(recent, group, bounds, own))))
    return found


def _week_findings(
    recent: Sequence[int], group: Sequence[Slice], bounds: Interval, rules: RuleSet
) -> Iterator[str]:
    span = rules.averaging_weeks or 1
    limit = rules.max_weekly_minutes
    if limit is not None and len(recent) == span and sum(recent) > limit * span:
        yield "weekly_hours_long"
    if (
        rules.min_weekly_rest_minutes is not None
        and _longest_rest(group, bounds) < rules.min_weekly_rest_minutes * 60
    ):
        yield "weekly_rest_short"


def _longest_rest(group: Iterable[Slice], bounds: Interval) -> int:
    """Longest real time without work inside a week; rest before and after it is not counted."""
    free = iv.subtract(
        [bounds], iv.merge((start, end) for item in group for start, end, _name in item.segments)
    )
    return max((end - start for start, end in free), default=0)


def derive_days(days: Sequence[Day], zone: Zone, rules: Rules) -> tuple[list[Day], list[Week]]:
    """Days of one employee with weekly and period overtime in place, in the order given.

    `rules`: a rule set, or a function that gives the one valid on a date. The days must cover
    whole weeks (and whole N-day periods) to be final. `(days, weeks)`.
    """
    rules_for = _by_date(rules)
    slices: list[Slice] = []
    for day in days:
        leave = day.paid_leave_minutes * 60
        slices += slices_of(day.work_date, day.segments, zone, rules_for(day.work_date), leave)
    slices = derive(slices, rules)
    by_day: dict[date, list[Segment]] = {}
    for item in slices:
        by_day.setdefault(item.day, []).extend(item.segments)
    answer: list[Day] = []
    for day in days:
        segments = tuple(joined(sorted(by_day.get(day.work_date, []))))
        if segments != day.segments:
            answer.append(day.with_segments(segments, minutes_by_class(segments)))
        else:
            answer.append(day)
    if any(day.flexible_week for day in days):
        answer = with_budgets(answer, rules_for)
    return answer, weeks_of(slices, zone, rules)


def month_tiers(days: Iterable[Day], rules: RuleSet) -> dict[str, int]:
    """Overtime minutes beyond the month's tier, by month `YYYY-MM` (an overlay on overtime)."""
    tier = rules.ot_month_tier_minutes
    if tier is None:
        return {}
    months: dict[str, int] = {}
    for day in days:
        name = day.work_date.isoformat()[:7]
        months[name] = months.get(name, 0) + day.overtime_minutes
    return {name: max(0, minutes - tier) for name, minutes in sorted(months.items())}


def dates_to_derive(day: date, rules: RuleSet) -> list[date]:
    """Every date whose classes may change when `day` changes: its week and N-day period, and the
    week before if work of that date may reach into it."""
    first, last = week_start_of(day, rules), week_start_of(day, rules) + timedelta(days=6)
    first, last = first - timedelta(days=1), last + timedelta(days=1)
    if rules.ot_period_days is not None:
        start = period_start_of(day, rules)
        first = min(first, start)
        last = max(last, start + timedelta(days=rules.ot_period_days - 1))
    return dates_between(first, last)
