"""Examples about more than one date: kinds period, week_split and roster.

Lays given minutes out as segments or as what is due on each date and asks the engine; holds no rule
of its own.
"""

from dataclasses import replace
from datetime import date, timedelta

from domain_input import employment_of, first_of, instant, rules_of, zone_of
from engine import (
    BUCKET_FIELDS,
    CLASSES,
    HOLIDAY,
    REST_DAY,
    WORKDAY,
    Day,
    Facts,
    Leave,
    Zone,
    build_days,
    dates_between,
    derive_days,
    month_tiers,
    period_start_of,
    slices_of,
    weeks,
)
from engine.classes import DayContext, classify, minutes_by_class, release
from engine.slices import STRAIGHT, Slice

WEEK_CLASSES = ("regular", "overtime", "doubletime")


def _own_threshold(rules, scheduled):
    """Without a schedule there is no scheduled number of minutes to compare with."""
    if rules.ot_daily_threshold_minutes == "schedule" and scheduled is None:
        return replace(rules, ot_daily_threshold_minutes=None)
    return rules


def run_period(case):
    rules, zone = rules_of(case), Zone.named("UTC")
    rows = sorted(case["daily"], key=lambda row: row["date"])
    if rules.ot_period_days is not None and rules.ot_period_anchor is None and rows:
        start = first_of(case, ("period_start", "period"), rows[0]["date"])
        rules = replace(rules, ot_period_anchor=start if isinstance(start, str) else start[0])
    days = [_period_day(row, case, rules, zone) for row in rows]
    derived, found = derive_days(days, zone, rules)
    result = {"worked_minutes": sum(day.worked_minutes for day in derived)}
    for name in CLASSES:
        result[BUCKET_FIELDS[name]] = sum(day.buckets[name] for day in derived)
    result["leave_minutes"] = sum(day.leave_minutes for day in derived)
    result["weeks"] = [
        {"week_start": week.week_start.isoformat()}
        | {name: week.buckets.get(name, 0) for name in WEEK_CLASSES}
        for week in found
    ]
    result["week_findings"] = {week.week_start.isoformat(): list(week.findings) for week in found}
    result["days"] = [
        {
            "date": day.work_date.isoformat(),
            "worked_minutes": day.worked_minutes,
            "undertime_minutes": day.undertime_minutes,
            "scheduled_minutes": day.scheduled_minutes,
        }
        | {BUCKET_FIELDS[name]: n for name, n in day.buckets.items()}
        for day in derived
    ]
    tiers = month_tiers(derived, rules)
    result["month_tiers"] = tiers
    result["overtime_month_tier_minutes"] = sum(tiers.values())
    if rules.ot_period_days is not None:
        result["periods"] = _n_day_periods(derived, rules)
    return result


def _n_day_periods(days, rules):
    sums = {}
    for day in days:
        start = period_start_of(day.work_date, rules).isoformat()
        entry = sums.setdefault(start, {"period_start": start} | dict.fromkeys(WEEK_CLASSES, 0))
        for name in WEEK_CLASSES:
            entry[name] += day.buckets[name]
    return [sums[start] for start in sorted(sums)]


def _period_day(row, case, rules, zone):
    """A Day whose work is laid from the time of day at which weeks begin."""
    day = date.fromisoformat(row["date"])
    kind = first_of(row, ("day_type", "type", "class"), WORKDAY)
    if row["date"] in (case.get("holidays") or ()):
        kind = HOLIDAY
    scheduled = first_of(row, ("scheduled_minutes", "scheduled"))
    own = _own_threshold(rules, scheduled)
    start = zone.on(day, rules.week_start_time)
    worked = first_of(row, ("worked_minutes", "worked", "minutes"), 0)
    leave = row.get("leave_minutes", 0)
    before = leave * 60 if rules.leave_counts_as_worked_for_ot else 0
    planned = None if case.get("flexible") else scheduled or 0
    context = DayContext(day, lambda _day: kind, zone, (), planned, before)
    segments = classify([(start, start + worked * 60)] if worked else [], context, own)
    approved = first_of(row, ("approved_ot_minutes", "approved_minutes"), 0)
    segments = release(segments, approved, own)
    result = Day(
        work_date=day,
        day_type=kind,
        status="present",
        worked_minutes=worked,
        leave_minutes=leave,
        paid_leave_minutes=leave,
        flexible_week=_week_hours(case),
    )
    return result.with_segments(tuple(segments), minutes_by_class(segments))


def _week_hours(case):
    """`{"week_minutes", "day_minutes"}` of a schedule that names hours and no times."""
    hours = case.get("flexible")
    return hours and (hours["week_minutes"], hours["day_minutes"])


def run_week_split(case):
    rules, zone = rules_of(case), zone_of(case)
    start, end = (instant(text, zone) for text in case["session"])
    rules = _own_threshold(rules, None)
    day = zone.date_at(start)
    context = DayContext(day, lambda _day: WORKDAY, zone, (), 0)
    segments = classify([(start, end)], context, rules)
    week = weeks.week_of_instant(start, zone, rules)
    following = week + timedelta(days=7)
    earlier = [
        _worked_before(week, case.get("straight_minutes_before", 0)),
        _worked_before(following, case.get("straight_minutes_before_next", 0)),
    ]
    slices = weeks.derive([*earlier, *slices_of(day, segments, zone, rules)], rules)
    result = {}
    for prefix, name in (("previous", week), ("next", following)):
        own = [item for item in slices if item.week == name and item.day == day]
        result[f"{prefix}_week_minutes"] = sum(item.seconds() for item in own) // 60
        for kind in WEEK_CLASSES:
            result[f"{prefix}_week_{kind}_minutes"] = sum(item.seconds(kind) for item in own) // 60
        result[f"{prefix}_week_start"] = name.isoformat()
    return result


def _worked_before(week, minutes):
    """Straight minutes already worked in a week, as a slice before its first date."""
    return Slice(week - timedelta(days=8), week, [(0, minutes * 60, STRAIGHT)])


def run_roster(case):
    """What is due on each date of a period, without a punch: as a schedule by duration says it."""
    rules, zone = rules_of(case), Zone.named("UTC")
    first, last = (date.fromisoformat(text) for text in case["period"])
    hired, left = employment_of(case)
    dates, workdays = dates_between(first, last), set(case.get("workdays", range(5)))
    minutes = _minutes_per_day(case.get("minutes_per_day", 480))
    types = {day: WORKDAY if day.weekday() in workdays else REST_DAY for day in dates}
    types |= dict.fromkeys(_holidays(case), HOLIDAY)
    facts = Facts(
        zone=zone,
        day_types=types,
        flexible_minutes={
            day: minutes.get(day.weekday(), 0) for day in dates if day.weekday() in workdays
        },
        leaves=tuple(Leave(zone.on(day, 0), zone.on(day, 1440)) for day in _leave_days(case)),
        employed_from=hired,
        employed_until=left,
    )
    days = [
        day for day in build_days(facts, dates, lambda _day: rules) if facts.employs(day.work_date)
    ]
    return {
        "expected_days": sum(1 for day in days if day.scheduled_minutes),
        "scheduled_minutes": sum(day.scheduled_minutes for day in days),
        "leave_minutes": sum(day.leave_minutes for day in days),
        "leave_days": sum(1 for day in days if day.leave_minutes),
        "holidays": sum(1 for day in days if day.day_type == HOLIDAY),
        "calendar_days": len(days),
        "dates": [day.work_date.isoformat() for day in days if day.scheduled_minutes],
        "days": [
            {
                "date": day.work_date.isoformat(),
                "day_type": day.day_type,
                "expected_minutes": day.scheduled_minutes,
                "leave_minutes": day.leave_minutes,
            }
            for day in days
        ],
    }


def _holidays(case):
    for item in case.get("holidays") or ():
        yield date.fromisoformat(item["date"] if isinstance(item, dict) else item)


def _minutes_per_day(value):
    """Minutes by weekday number from such a table, or from one number. JSON knows only texts as
    names."""
    if isinstance(value, dict):
        return {int(day): minutes for day, minutes in value.items()}
    return dict.fromkeys(range(7), value)


def _leave_days(case):
    ranges = [*(case.get("leave_ranges") or ()), *(case.get("leaves") or ())]
    if case.get("leave_range"):
        ranges.append(case["leave_range"])
    ranges = [(r["start"], r["end"]) if isinstance(r, dict) else r for r in ranges]
    return {
        day
        for first, last in ranges
        for day in dates_between(date.fromisoformat(first), date.fromisoformat(last))
    }
