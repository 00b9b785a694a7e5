"""Employee-days per second of the pure engine: `python3 tests/bench/engine.py [EMPLOYEES] [DAYS]`.

People, shifts and punches come from a fixed seed: four shift patterns, punched lunches, forgotten
and doubled punches, leave, holidays, weekly overtime. One process, one core; prints figures only.
"""

import platform
import random
import sys
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "odoo_addon/biometric_attendance"))

from engine import (  # noqa: E402
    HOLIDAY,
    REST_DAY,
    Facts,
    Leave,
    Punch,
    RuleSet,
    Zone,
    build_days,
    derive_days,
    make_shift,
)

LUNCH = [{"start": "12:00", "end": "13:00", "mode": "auto_if_not_punched"}]
PATTERNS = (
    ("08:00", "17:00", LUNCH),
    ("09:00", "18:00", [{"start": "13:00", "end": "14:00"}]),
    ("22:00", "06:00", []),
    ("14:00", "22:00", []),
)
RULES = {
    "night_window": ["22:00", "06:00"],
    "ot_weekly_threshold_minutes": 2400,
    "late_grace_minutes": 5,
    "day_class_attribution": "calendar",
}


def employee(rng, zone, first, count):
    start, end, breaks = rng.choice(PATTERNS)
    punches, shifts, types, leaves = [], [], {}, []
    for day in (first + timedelta(days=n) for n in range(count)):
        if day.weekday() >= 5:
            types[day] = REST_DAY
            continue
        if rng.random() < 0.03:
            types[day] = HOLIDAY
        shift = make_shift(zone, f"{start}-{end}", day, start, end, breaks)
        shifts.append(shift)
        if rng.random() < 0.04:
            leaves.append(Leave(shift.start, shift.end))
            continue
        times = [shift.start + rng.randrange(-900, 600), shift.end + rng.randrange(-300, 5400)]
        if breaks and rng.random() < 0.7:
            noon = (shift.start + shift.end) // 2 + rng.randrange(-900, 900)
            times[1:1] = [noon, noon + rng.randrange(1800, 3900)]
        times = [at for at in times if rng.random() > 0.02]
        times += [at + 9 for at in times if rng.random() < 0.05]
        punches += [Punch(at, rng.choice("AB"), f"{at}") for at in times]
    return Facts(
        zone=zone,
        punches=tuple(punches),
        shifts=tuple(shifts),
        leaves=tuple(leaves),
        day_types=types,
    )


def main(employees=1000, days=31):
    zone, rng = Zone.named("Asia/Manila"), random.Random(7)
    first, rules = date(2026, 3, 2), RuleSet.from_dict(RULES)
    people = [employee(rng, zone, first, days) for _ in range(employees)]
    dates = [first + timedelta(days=n) for n in range(days)]
    punches = sum(len(facts.punches) for facts in people)
    started, cpu = time.perf_counter(), time.process_time()
    built = [build_days(facts, dates, lambda _day: rules) for facts in people]
    middle = time.perf_counter()
    built = [derive_days(days_of, zone, rules)[0] for days_of in built]
    derived, cpu = time.perf_counter(), time.process_time() - cpu
    count = employees * days
    print(
        f"{employees} employees x {days} days = {count} employee-days, {punches} punches; "
        f"Python {platform.python_version()}"
    )
    print(f"days  {middle - started:7.2f} s  {count / (middle - started):9.0f} employee-days/s")
    print(f"weeks {derived - middle:7.2f} s  {count / (derived - middle):9.0f} employee-days/s")
    print(
        f"days and weeks together {count / (derived - started):.0f} employee-days/s, "
        f"{count / cpu:.0f} per second of processor time"
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
