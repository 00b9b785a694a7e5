"""The statuses a date can have, and what each means for pay.

Owns the list. Which of them a date has is situation.py.
"""

from typing import Literal, TypeAlias, get_args

Status: TypeAlias = Literal[
    "outside_employment",
    "at_work",
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
]
STATUSES: tuple[Status, ...] = get_args(Status)
# Days in one of these are paid, with the minutes they have. Every other one blocks, and so does a
# status that nobody has heard of, or none at all: what is new must be let in here first.
PAYING: frozenset[Status] = frozenset[Status](
    {
        "present",
        "half_day",
        "worked_holiday",
        "worked_rest_day",
        "on_leave",
        "holiday",
        "rest_day",
        "absent",
    }
)
# Nobody can say yet how such a day will end: its window is open, or a punch may be on its way.
UNJUDGED: frozenset[Status] = frozenset[Status]({"at_work", "pending"})
# A passing hour or a late punch can still change these by itself: the check-out may be on its way.
UNSETTLED: frozenset[Status] = UNJUDGED | frozenset[Status]({"incomplete"})
# Days whose status was judged, or could not be, by which devices are complete.
JUDGED_BY_DEVICES: frozenset[Status] = UNSETTLED | frozenset[Status]({"absent"})


def blocks_pay(status: str | Literal[False] | None) -> bool:
    """Whether a day in this status must not be paid; an unknown or empty status blocks."""
    return status not in PAYING
