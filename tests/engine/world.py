"""Seeded random employees, rule sets and punches for the property tests. Same seed, same world."""

import random
from datetime import date, timedelta

from engine.instants import Zone
from engine.rules import RuleSet
from engine.values import HOLIDAY, REST_DAY, Facts, Leave, Punch, make_shift

# A DST zone on both sides of the equator, a half-hour one, a quarter-hour one, one without.
ZONES = (
    "Asia/Manila",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)
# Each clock change of 2026 in these zones lies in the nine dates from one of them.
STARTS = (
    date(2026, 3, 2),
    date(2026, 3, 27),
    date(2026, 4, 1),
    date(2026, 9, 30),
    date(2026, 10, 23),
    date(2026, 10, 30),
)
SHIFTS = (
    [("08:00", "17:00", [{"start": "12:00", "end": "13:00"}])],
    [("22:00", "06:00", [{"start": "02:00", "end": "02:30", "mode": "auto_if_not_punched"}])],
    [("06:00", "14:00", []), ("14:00", "22:00", [])],
    [("08:00", "12:00", []), ("13:00", "17:00", [])],
    [("00:30", "09:15", [{"start": "04:00", "end": "04:20", "paid": True}])],
    [],
)


def random_rules(rng, **fixed):
    """A rule set from all over the table; `fixed` parameters stay."""
    values = {
        "punch_precision": rng.choice(("minute", "minute", "second")),
        "duplicate_window_seconds": rng.choice((0, 60, 60, 120)),
        "duplicate_scope": rng.choice(("employee", "device")),
        "duplicate_labels": rng.choice(("keep_both", "later_label")),
        "check_in_early_window_minutes": rng.choice((60, 120, 240)),
        "check_out_late_window_minutes": rng.choice((60, 360)),
        "day_boundary": rng.choice(("00:00", "05:00")),
        "max_session_minutes": rng.choice((600, 960, 960, 1560)),
        "pairing_method": rng.choice(
            ("alternate", "alternate", "strict", "first_last", "strict_first_last")
        ),
        "double_in": rng.choice(("keep_first", "keep_last")),
        "missing_out": rng.choice(("flag", "shift_end")),
        "round_unit_minutes": rng.choice((0, 0, 5, 15)),
        "round_in": rng.choice(("nearest", "up", "down")),
        "round_out": rng.choice(("nearest", "up", "down")),
        "round_down_max_minutes": rng.choice((None, None, 3)),
        "round_scope": rng.choice(("edges", "all")),
        "round_break_unit_minutes": rng.choice((0, 0, 15)),
        "snap_in_minutes": rng.choice((0, 10)),
        "snap_out_minutes": rng.choice((0, 10)),
        "pre_shift_work": rng.choice(("count", "ignore")),
        "post_shift_work": rng.choice(("count", "count", "ignore")),
        "short_break_paid_max_minutes": rng.choice((0, 20)),
        "meal_after_minutes": rng.choice((None, 300)),
        "meal_minutes": 45,
        "meal_mode": rng.choice(("auto", "top_up")),
        "meal_required_after_minutes": rng.choice((None, 300)),
        "late_grace_minutes": rng.choice((0, 5, 15)),
        "late_count_from": rng.choice(("schedule", "grace_end")),
        "early_leave_grace_minutes": rng.choice((0, 5, 15)),
        "compliance_basis": rng.choice(("actual", "rounded")),
        "absent_below_minutes": rng.choice((0, 120)),
        "half_day_below_minutes": rng.choice((0, 240)),
        "holiday_has_expected_hours": rng.choice((False, False, True)),
        "dst_scheduled_basis": rng.choice(("elapsed", "nominal")),
        "ot_basis": rng.choice(("quantity", "quantity", "outside_shift")),
        "ot_daily_threshold_minutes": rng.choice(("schedule", None, 480)),
        "dt_daily_threshold_minutes": rng.choice((None, 600)),
        "ot_weekly_threshold_minutes": rng.choice((None, 2400)),
        "seventh_day_rule": rng.choice((False, True)),
        "off_day_classification": rng.choice(("separate", "none")),
        "ot_threshold_offday_minutes": rng.choice((480, 300, None)),
        "day_class_attribution": rng.choice(("shift_start", "calendar")),
        "ot_min_minutes": rng.choice((0, 30)),
        "ot_round_unit_minutes": rng.choice((0, 15)),
        "ot_requires_approval": rng.choice((False, False, True)),
        "leave_counts_as_worked_for_ot": rng.choice((False, True)),
        "night_window": rng.choice((None, ("22:00", "06:00"), ("23:00", "05:30"))),
        "min_daily_rest_minutes": rng.choice((None, 660)),
    }
    return RuleSet.from_dict(values | fixed)


def random_facts(rng, zone_name=None, dates=9):
    """`(Facts, dates)`: one employee over `dates` days, with taps, gaps and forgotten punches."""
    zone = Zone.named(zone_name or rng.choice(ZONES))
    first, pattern = rng.choice(STARTS), rng.choice(SHIFTS)
    days = [first + timedelta(days=n) for n in range(dates)]
    types = {day: rng.choice((REST_DAY, HOLIDAY)) for day in days if rng.random() < 0.25}
    shifts, punches, leaves = [], [], []
    for day in days:
        if types.get(day) != REST_DAY:
            shifts += [
                make_shift(zone, f"{day}/{number}", day, *shift)
                for number, shift in enumerate(pattern)
            ]
        if rng.random() < 0.8:
            punches += _punches_of(rng, zone, day, pattern)
        if rng.random() < 0.15:
            start = zone.on(day, rng.choice((0, 480, 720)))
            leaves.append(Leave(start, start + rng.choice((4, 24)) * 3600, rng.random() < 0.7))
    facts = Facts(
        zone=zone,
        punches=tuple(punches),
        shifts=tuple(shifts),
        leaves=tuple(leaves),
        day_types=types,
        approvals={day: 60 for day in days if rng.random() < 0.5},
        complete_until=zone.on(rng.choice(days), 720) if rng.random() < 0.3 else 1 << 62,
    )
    return facts, days


def _punches_of(rng, zone, day, pattern):
    found = []
    for start, end, _breaks in pattern or [("09:00", "18:00", [])]:
        shift = make_shift(zone, "x", day, start, end)
        edges = [(shift.start, "in"), (shift.end, "out")]
        if rng.random() < 0.5:
            noon = (shift.start + shift.end) // 2
            edges[1:1] = [(noon, "out"), (noon + rng.choice((600, 1800, 3600)), "in")]
        for at, direction in edges:
            if rng.random() < 0.08:
                continue
            found.append(_punch(rng, at + int(rng.gauss(0, 900)), direction))
            if rng.random() < 0.1:
                found.append(_punch(rng, found[-1].at + rng.randrange(90), direction))
    return found


def _punch(rng, at, direction):
    if rng.random() < 0.06:
        direction = "in" if direction == "out" else "out"
    if rng.random() < 0.1:
        direction = None
    device = rng.choice("AB")
    return Punch(at, device, f"{device}/{at}/{direction}/{rng.randrange(10**9)}", direction)


def worlds(count, seed, **kwargs):
    """`count` triples of random numbers, facts and dates."""
    for number in range(count):
        rng = random.Random(seed * 100_003 + number)
        facts, days = random_facts(rng, **kwargs)
        yield rng, facts, days
