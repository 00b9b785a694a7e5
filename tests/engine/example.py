"""A short way to write one example of a day and read its result."""

import run_domain

LUNCH = {"start": "12:00", "end": "13:00", "mode": "auto"}
DAY = "2026-03-04"


def shift(start="08:00", end="17:00", *breaks, **more):
    return {"id": "S1", "start": start, "end": end, "breaks": list(breaks)} | more


def tap(text, device="A", **more):
    """`08:00`, `08:00:30` or `03-05 06:00` of 2026 in Manila."""
    day, _space, clock = text.rpartition(" ")
    clock += ":00" if clock.count(":") == 1 else ""
    return {"t": f"2026-{day or DAY[5:]}T{clock}+08:00", "dev": device} | more


def labelled(text, direction, device="A"):
    return tap(text, device, dir=direction)


def result(*punches, shifts=None, rules=None, day_type="workday", tz="Asia/Manila", **case):
    """Result of 2026-03-04; a text among the punches is a tap without a label."""
    answer = run_domain.run(
        {
            "id": "T",
            "kind": "day",
            "rules": rules or {},
            "schedule": {
                "tz": tz,
                "work_date": case.pop("work_date", DAY),
                "day_type": day_type,
                "shifts": [shift()] if shifts is None else shifts,
            }
            | case.pop("schedule", {}),
            "punches": [tap(item) if isinstance(item, str) else item for item in punches],
        }
        | case
    )
    if "error" in answer:
        raise AssertionError(answer["error"])
    return answer["result"]
