"""The one status of a date: first that fits (S15)."""

from .values import HOLIDAY, REST_DAY

STATUSES = (
    "incomplete",
    "conflict",
    "holiday",
    "worked_holiday",
    "rest_day",
    "worked_rest_day",
    "on_leave",
    "pending",
    "absent",
    "half_day",
    "present",
)
BLOCKING = ("incomplete", "pending", "conflict")


def status_of(
    *, day_type, unfinished, punched, worked, leave, expected, has_shift, on_leave, complete, rules
):
    """`worked`, `leave`, `expected`: minutes. `unfinished`: a session without its other end.
    `on_leave`: leave on a date that has no expected minutes. `complete`: no punch is missing any
    more from any device the person may use.

    A workday on which nothing is due and nothing was punched has nothing to be absent from: it is
    a rest day.
    """
    if unfinished:
        return "incomplete"
    covered = leave >= expected if expected else on_leave
    if day_type not in (HOLIDAY, REST_DAY) and covered and (worked or punched):
        return "conflict"
    if day_type in (HOLIDAY, REST_DAY):
        return f"worked_{day_type}" if worked else day_type
    if covered:
        return "on_leave"
    if not punched and not worked:
        if not expected and not has_shift:
            return REST_DAY
        return "absent" if complete else "pending"
    if worked + leave < rules.absent_below_minutes:
        return "absent"
    return "half_day" if worked + leave < rules.half_day_below_minutes else "present"
