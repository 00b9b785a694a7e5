"""The engine against a second reading of the same rules (minutewise.py) on random examples.

Red on any change of a step: the model counts sets of minutes and shares no code with the engine.
`MINUTEWISE_CASES=20000` looks longer.
"""

import os
import random
import unittest
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import run_domain

from .minutewise import Reader
from .minutewise_weeks import DAYS, period

COUNT = int(os.environ.get("MINUTEWISE_CASES", "300"))
ZONES = {
    "Asia/Manila": ("2026-03-04",),
    "Asia/Kathmandu": ("2026-03-04",),
    "America/New_York": ("2026-03-07", "2026-03-08", "2026-10-31", "2026-11-01"),
    "Europe/Berlin": ("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"),
    "Australia/Lord_Howe": ("2026-04-04", "2026-04-05", "2026-10-03", "2026-10-04"),
}
LUNCH = {"start": "12:00", "end": "13:00", "paid": False, "mode": "auto"}
SPLIT = [("06:00", "10:00", []), ("16:00", "20:30", [])]
# contiguous shifts; how first and last punch join over them is not in the second reading
BLOCKS = (
    [("06:00", "14:00", []), ("14:00", "22:00", [])],
    [("06:00", "14:00", []), ("14:00", "22:00", []), ("22:00", "06:00", [])],
    [("07:00", "07:00", [{"start": "22:30", "end": "05:00", "paid": True, "mode": "auto"}])],
)
OUTERMOST = ("first_last", "strict_first_last", "single")
PATTERNS = (
    [("08:00", "17:00", [LUNCH])],
    [("08:00", "17:00", [LUNCH | {"mode": "auto_if_not_punched"}])],
    [
        (
            "09:07",
            "18:22",
            [LUNCH | {"mode": "punched"}, LUNCH | {"start": "15:00", "end": "15:15", "paid": True}],
        )
    ],
    [("22:00", "06:30", [{"start": "03:10", "end": "03:40", "paid": False, "mode": "auto"}])],
    *BLOCKS,
    [("08:00", "12:00", []), ("13:00", "17:00", [])],
    SPLIT,
    [("00:00", "08:00", [])],
    [("22:00", "06:30", [{"start": "02:10", "end": "02:40", "paid": False, "mode": "auto"}])],
    [("01:30", "09:00", [{"start": "01:40", "end": "02:20", "paid": False, "mode": "auto"}])],
    [],
)
CHOICES = {
    "duplicate_window_seconds": (0, 60, 60, 61, 300),
    "duplicate_scope": ("employee", "employee", "device"),
    "check_in_early_window_minutes": (0, 60, 120, 240),
    "check_out_late_window_minutes": (0, 60, 360),
    "day_boundary": ("00:00", "05:00", "12:00"),
    "max_session_minutes": (480, 960, 1560),
    "pairing_method": (
        "alternate",
        "alternate",
        "strict",
        "strict",
        "first_last",
        "strict_first_last",
        "single",
    ),
    "single_counts": ("zero", "scheduled"),
    "punched_break_min_minutes": (0, 10, 10, 20, 45),
    "double_in": ("keep_first", "keep_last"),
    "missing_out": ("flag", "flag", "shift_end"),
    "round_unit_minutes": (0, 0, 5, 6, 10, 15, 30),
    "round_in": ("nearest", "nearest", "up", "down"),
    "round_out": ("nearest", "nearest", "up", "down"),
    "round_scope": ("edges", "all"),
    "round_break_unit_minutes": (0, 0, 5, 15),
    "snap_in_minutes": (0, 0, 5, 12),
    "snap_out_minutes": (0, 0, 5, 12),
    "pre_shift_work": ("count", "count", "ignore"),
    "post_shift_work": ("count", "count", "ignore"),
    "short_break_paid_max_minutes": (0, 15, 20),
    "meal_after_minutes": (None, None, 240, 300),
    "meal_minutes": (0, 30, 45, 60),
    "meal_mode": ("auto", "top_up"),
    "meal_required_after_minutes": (None, 240, 300),
    "late_grace_minutes": (0, 5, 10),
    "early_leave_grace_minutes": (0, 5, 10),
    "late_count_from": ("schedule", "grace_end"),
    "compliance_basis": ("actual", "actual", "rounded"),
    "absent_below_minutes": (0, 120),
    "half_day_below_minutes": (0, 240, 300),
    "dst_scheduled_basis": ("elapsed", "elapsed", "nominal"),
    "ot_basis": ("quantity", "quantity", "outside_shift"),
    "ot_daily_threshold_minutes": ("schedule", "schedule", None, 300, 480),
    "dt_daily_threshold_minutes": (None, None, 540),
    "off_day_classification": ("separate", "separate", "none"),
    "ot_threshold_offday_minutes": (480, 480, 240, 0),
    "day_class_attribution": ("shift_start", "calendar"),
    "ot_min_minutes": (0, 0, 30, 60),
    "ot_round_unit_minutes": (0, 0, 15, 30),
    "ot_requires_approval": (False, False, True),
    "leave_counts_as_worked_for_ot": (False, True),
    "night_window": (None, ["22:00", "06:00"], ["23:00", "05:30"], ["19:00", "22:15"]),
    "min_daily_rest_minutes": (None, 660),
}


def weeks_example(rng):
    """One random example of kind `period`: up to three weeks of minutes a day."""
    choices = {
        "ot_daily_threshold_minutes": (None, 480, 480),
        "dt_daily_threshold_minutes": (None, 720),
        "ot_weekly_threshold_minutes": (None, 2400, 2640),
        "week_start": DAYS,
        "seventh_day_rule": (False, True),
        "off_day_classification": ("none", "separate"),
        "ot_min_minutes": (0, 30),
        "ot_round_unit_minutes": (0, 15),
        "leave_counts_as_worked_for_ot": (False, True),
    }
    rules = {name: rng.choice(values) for name, values in choices.items()}
    if rng.random() < 0.2:
        rules |= {"ot_period_days": rng.choice((7, 14)), "ot_period_threshold_minutes": 3600}
    first, daily = date(2026, 3, rng.randrange(1, 29)), []
    for number in range(rng.randrange(5, 22)):
        row = {"date": (first + timedelta(days=number)).isoformat()}
        row["worked_minutes"] = rng.choice((0, 480, 480, rng.randrange(900), rng.randrange(600)))
        if rng.random() < 0.1:
            row["leave_minutes"] = rng.choice((120, 240))
        if rng.random() < 0.15:
            row["day_type"] = rng.choice(("rest_day", "holiday"))
        daily.append(row)
    daily = rng.sample(daily, len(daily))
    case = {"id": "W", "kind": "period", "rules": rules, "daily": daily}
    if rng.random() < 0.4:
        week = rng.choice((1200, 1920, 1922, 2400))
        case["flexible"] = {"week_minutes": week, "day_minutes": 480}
    return case


def local(day, minutes, second=0):
    """Local text of a minute of a date; it may lie beyond midnight."""
    on = date.fromisoformat(day) + timedelta(days=minutes // 1440)
    clock = minutes % 1440
    return f"{on}T{clock // 60:02d}:{clock % 60:02d}:{second:02d}"


def minute(clock):
    return int(clock[:2]) * 60 + int(clock[3:])


def example(rng):
    """One random example; the punches follow the plan, with everything that goes wrong."""
    tz = rng.choice(list(ZONES))
    day, pattern = rng.choice(ZONES[tz]), rng.choice(PATTERNS)
    rules = {k: rng.choice(v) for k, v in CHOICES.items() if rng.random() < 0.4}
    if rules.get("pairing_method") in OUTERMOST and pattern in BLOCKS:
        pattern = SPLIT
    shifts, punches, types = [], {}, {}
    for offset in (-1, 0, 1):
        on = (date.fromisoformat(day) + timedelta(days=offset)).isoformat()
        types[on] = rng.choice(("workday",) * 6 + ("rest_day", "holiday"))
        for number, (start, end, breaks) in enumerate(pattern, 1):
            if offset == 0 or rng.random() < 0.7:
                name = f"S{number}{offset:+d}"
                shift = {"id": name, "date": on, "start": start, "end": end, "breaks": breaks}
                shifts.append(shift)
            if rng.random() < (0.92 if offset == 0 else 0.4):
                punches |= {tap["t"]: tap for tap in taps(rng, tz, on, start, end)}
        if not pattern and rng.random() < 0.8:
            edges = rng.choice(("07:10", "20:00")), rng.choice(("12:00", "04:00"))
            punches |= {tap["t"]: tap for tap in taps(rng, tz, on, *edges)}
    plan = {"tz": tz, "work_date": day, "day_type": types[day], "day_types": types}
    return {
        "id": "M",
        "kind": "day",
        "rules": rules,
        "schedule": plan | {"shifts": shifts},
        "punches": rng.sample(list(punches.values()), len(punches)),
        "approved_ot_minutes": rng.choice((0, 45, 120)),
        "leaves": leaves(rng, tz, day),
    } | asked(rng, tz, day)


def asked(rng, tz, day):
    """When is asked, and until when the devices have told all: mostly long after."""
    if rng.random() < 0.6:
        return {}
    now = rng.randrange(300, 2400)
    told = rng.choice((now, now, now - 400, now + 1))
    return {
        "as_of": stamp(local(day, now), tz),
        "complete_until": stamp(local(day, max(told, 0)), tz),
    }


def leaves(rng, tz, day):
    start, end = rng.choice((0, 480, 720, 780)), rng.choice((720, 1020, 1440, 1900))
    if start >= end or rng.random() < 0.6:
        return []
    return [{"start": stamp(local(day, start), tz), "end": stamp(local(day, end), tz)}]


def stamp(text, tz):
    """The same moment with an offset (UTC)."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz))
    return datetime.fromtimestamp(moment.timestamp(), UTC).isoformat()


def taps(rng, tz, day, start, end):
    first, last = minute(start), minute(end)
    last += 1440 if last <= first else 0
    edges = [(first, "in"), (last, "out")]
    if rng.random() < 0.5:
        noon = rng.choice((720, (first + last) // 2, first + 300, first + 301))
        length = rng.choice((10, 15, 16, 20, 21, 30, 38, 60, 75))
        if first < noon and noon + length < last:
            edges[1:1] = [(noon, "out"), (noon + length, "in")]
    found = []
    for at, direction in edges:
        if rng.random() < 0.07:
            continue
        at += rng.choice((0, 0, 0, rng.randrange(-25, 26), rng.randrange(-150, 420)))
        for again in (0, rng.choice((0, 1, 2, 5))) if rng.random() < 0.12 else (0,):
            second = rng.choice((0, 0, rng.randrange(60)))
            found.append(tap(rng, local(day, max(at, 0) + again, second), tz, direction))
    return found


def tap(rng, text, tz, direction):
    item = {"t": stamp(text, tz), "dev": rng.choice("AB")}
    if rng.random() < 0.05:
        direction = "in" if direction == "out" else "out"
    form = rng.random()
    if form < 0.45:
        item["dir"] = direction
    elif form < 0.9:
        item["state"] = rng.choice({"in": (0, 3, 4), "out": (1, 2, 5)}[direction])
    return item


class SecondReadingTest(unittest.TestCase):
    def test_engine_and_minute_by_minute_reading_agree(self):
        for number in range(COUNT):
            case = example(random.Random(number))
            answer = run_domain.run(case)
            self.assertNotIn("error", answer, case)
            wanted = Reader(case).result()
            for name, value in wanted.items():
                found = answer["result"][name]
                if name == "per_shift":
                    found = {key: found.get(key) for key in value}
                self.assertEqual(found, value, f"seed {number} {name}: {case}")

    def test_engine_and_second_reading_agree_on_weeks(self):
        for number in range(COUNT):
            case = weeks_example(random.Random(number))
            answer = run_domain.run(case)
            self.assertNotIn("error", answer, case)
            found = answer["result"]
            by_date = {day["date"]: day["overtime_minutes"] for day in found["days"]}
            found["overtime_by_date"] = by_date
            for name, field in (("due", "scheduled_minutes"), ("short", "undertime_minutes")):
                found[f"{name}_by_date"] = {d["date"]: d[field] for d in found["days"] if d[field]}
            for name, value in period(case).items():
                self.assertEqual(found[name], value, f"seed {number} {name}: {case}")


if __name__ == "__main__":
    unittest.main()
