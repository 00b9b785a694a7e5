"""The values that go into a day and the day that comes out.

Owns shapes only: punches, shift occurrences, leaves, what else is known of one employee, and Day.
No rule is applied here. Instants are epoch seconds, dates are local dates.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Final, Literal, NamedTuple, NotRequired, TypeAlias, TypedDict

from . import intervals as iv
from .instants import Zone, minute_of
from .intervals import Interval
from .status import UNJUDGED, Status

Direction: TypeAlias = Literal["in", "out"]
IN: Final = "in"
OUT: Final = "out"
DayType: TypeAlias = Literal["workday", "rest_day", "holiday"]
WORKDAY: Final = "workday"
REST_DAY: Final = "rest_day"
HOLIDAY: Final = "holiday"
BreakMode: TypeAlias = Literal["auto", "auto_if_not_punched", "punched"]
BREAK_MODES: tuple[BreakMode, ...] = ("auto", "auto_if_not_punched", "punched")
# Complete for all time: what a caller says who knows of no device that still owes punches.
ALWAYS = 1 << 62
CLASSES = (
    "regular",
    "overtime",
    "doubletime",
    "rest_day",
    "rest_day_overtime",
    "holiday",
    "holiday_overtime",
    "dropped",
    "unapproved",
)
# the Day field that holds each class
BUCKET_FIELDS = {
    name: f"overtime_{name}_minutes" if name in ("dropped", "unapproved") else f"{name}_minutes"
    for name in CLASSES
}

# What only a date that is over can tell; the plan's own minutes are known before anybody came.
RESULT_FIELDS = frozenset(
    {
        *BUCKET_FIELDS.values(),
        "worked_minutes",
        "break_minutes",
        "paid_break_minutes",
        "late_minutes",
        "early_leave_minutes",
        "penalised_late_minutes",
        "penalised_early_leave_minutes",
        "undertime_minutes",
        "night_minutes",
        "rounding_minutes",
        "clamped_minutes",
    }
)
# Certain as soon as somebody came.
ARRIVAL_FIELDS = frozenset({"late_minutes", "penalised_late_minutes"})
# What a day waits for: that its window closes, or that every device has told all of it.
Wait: TypeAlias = Literal["window", "devices"]

# `(minutes of the week, minutes of a day of leave)` of a schedule that names hours and no times
WeekHours: TypeAlias = tuple[int, int]
# `(start, end, class)`: seconds of one class
Segment: TypeAlias = tuple[int, int, str]
# what JSON can carry
Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"


def bucket_values(buckets: Mapping[str, int]) -> dict[str, int]:
    """Day fields of minutes by class; a class not named is zero."""
    return {field_name: buckets.get(name, 0) for name, field_name in BUCKET_FIELDS.items()}


class Punch(NamedTuple):
    """One usable punch. `identity` names it for ever; `seq` is the device's own order.

    A tuple: a month of 1,000 people makes 90,000 of them, which a dataclass makes three times as
    slowly.
    """

    at: int
    device: str = ""
    identity: str = ""
    direction: Direction | None = None
    state: str = ""
    seq: int = 0
    offset_seconds: int | None = None
    # an ambiguous wall time that the device's order could not decide
    undecided: bool = False

    @property
    def order(self) -> tuple[int, str, int, int, str, str]:
        """S1: instant, device, device order; then an OUT before an IN, so that a matched pair at
        one instant changes nothing."""
        rank = 0 if self.direction == OUT else 2 if self.direction == IN else 1
        return (self.at, self.device, self.seq, rank, self.state, self.identity)


@dataclass(frozen=True, slots=True)
class Break:
    """A break window of a shift. Only unpaid windows shorten the time that is due."""

    start: int
    end: int
    paid: bool = False
    mode: BreakMode = "auto"


class BreakTimes(TypedDict):
    """A break window as local times `HH:MM`; unpaid and `auto` unless it says otherwise."""

    start: str
    end: str
    paid: NotRequired[bool]
    mode: NotRequired[BreakMode]


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift occurrence. `nominal_seconds` is its unpaid-break-free length by the wall clock."""

    identity: str
    day: date
    start: int
    end: int
    breaks: tuple[Break, ...] = ()
    nominal_seconds: int = 0
    # the shift without its unpaid break windows, and its place among others: both are asked several
    # times by everybody who has it
    due: tuple[Interval, ...] = field(init=False, repr=False, compare=False)
    order: tuple[int, int, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"shift {self.identity!r} must end after it starts")
        unpaid = iv.merge((b.start, b.end) for b in self.breaks if not b.paid)
        due = tuple(iv.subtract([(self.start, self.end)], unpaid))
        object.__setattr__(self, "due", due)
        object.__setattr__(self, "order", (self.start, self.end, self.identity))


def make_shift(
    zone: Zone,
    identity: object,
    day: date,
    start: str,
    end: str,
    breaks: Iterable[BreakTimes] = (),
) -> Shift:
    """Shift occurrence from local times `HH:MM`; an end not after the start is on the next day.

    `identity`: kept as its text. `breaks`: a break before the shift's start time belongs to
    the next day. ValueError for a bad time or mode.
    """
    first, last = _window(minute_of(start), minute_of(end), minute_of(start))
    windows: list[Break] = []
    nominal_unpaid: list[Interval] = []
    for item in breaks:
        mode = item.get("mode", "auto")
        if mode not in BREAK_MODES:
            raise ValueError(f"break mode {mode!r} is not one of {', '.join(BREAK_MODES)}")
        begin, close = _window(minute_of(item["start"]), minute_of(item["end"]), first)
        paid = item.get("paid", False)
        windows.append(Break(zone.on(day, begin), zone.on(day, close), paid, mode))
        if not paid:
            nominal_unpaid.append((begin, close))
    nominal = iv.subtract([(first, last)], iv.merge(nominal_unpaid))
    return Shift(
        str(identity),
        day,
        zone.on(day, first),
        zone.on(day, last),
        tuple(windows),
        iv.total(nominal) * 60,
    )


def _window(start: int, end: int, not_before: int) -> Interval:
    if start < not_before:
        start, end = start + 1440, end + 1440
    while end <= start:
        end += 1440
    return start, end


@dataclass(frozen=True, slots=True)
class Leave:
    """An approved absence as instants, end excluded."""

    start: int
    end: int
    paid: bool = True


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One effective decision: approved, not reversed. Applied in the order of `sequence`.

    kind                      | what it uses
    add_punch                 | at, direction, device
    void_punch, set_direction | identity, or device and at; direction
    clock_correction          | device, start, end (instants, end excluded), seconds to add
    excuse_late, excuse_early | day, minutes (None: all)
    approve_ot                | day, minutes (None: all)
    reclassify                | day, pay_class (from), to_class, minutes (None: all)
    set_minutes               | day, pay_class, minutes
    premium, meal_premium     | day, target (pay code), minutes
    finding                   | day, target (finding)
    """

    kind: str
    identity: str = ""
    sequence: int = 0
    day: date | None = None
    at: int | None = None
    device: str = ""
    direction: Direction | None = None
    target: str = ""
    start: int | None = None
    end: int | None = None
    seconds: int = 0
    minutes: int | None = None
    pay_class: str = ""
    to_class: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything known about one employee around the dates asked for.

    day_types: `{date: type}`; a date not named is a workday. flexible_minutes: expected minutes of
    dates that have no shift times. flexible_weeks: of dates whose week alone has a number of
    minutes, see WeekHours. approvals: approved overtime minutes by date. complete_until:
    every device the person may use is proven complete before this instant. as_of: the moment at
    which is asked; what has not closed by then is not judged. away: `(first, last)` of the dates
    between two employments. previous_out: end of work before the first punch given, for the daily
    rest.
    """

    zone: Zone
    punches: tuple[Punch, ...] = ()
    shifts: tuple[Shift, ...] = ()
    leaves: tuple[Leave, ...] = ()
    day_types: Mapping[date, DayType] = field(default_factory=dict[date, DayType])
    flexible_minutes: Mapping[date, int] = field(default_factory=dict[date, int])
    flexible_weeks: Mapping[date, WeekHours] = field(default_factory=dict[date, WeekHours])
    approvals: Mapping[date, int] = field(default_factory=dict[date, int])
    adjustments: tuple[Adjustment, ...] = ()
    complete_until: int = ALWAYS
    as_of: int = ALWAYS
    employed_from: date | None = None
    employed_until: date | None = None
    away: tuple[tuple[date, date], ...] = ()
    previous_out: int | None = None

    def day_type(self, day: date) -> DayType:
        return self.day_types.get(day, WORKDAY)

    def employs(self, day: date) -> bool:
        """True from the first to the last day of employment, both included, but for the dates
        between one and the next."""
        return (
            (self.employed_from is None or day >= self.employed_from)
            and (self.employed_until is None or day <= self.employed_until)
            and not (self.away and any(first <= day <= last for first, last in self.away))
        )

    @cached_property
    def due_shifts(self) -> Sequence[Shift]:
        """The shifts of dates of employment, in the order given."""
        if self.employed_from is None and self.employed_until is None and not self.away:
            return self.shifts
        return [shift for shift in self.shifts if self.employs(shift.day)]

    @cached_property
    def shifts_by_day(self) -> dict[date, list[Shift]]:
        """The shifts of each date that has some, in the order given."""
        found: dict[date, list[Shift]] = {}
        for shift in self.shifts:
            found.setdefault(shift.day, []).append(shift)
        return found


@dataclass(frozen=True)
class Day:
    """The result of one employee and date. `*_minutes` of CLASSES add up to `worked_minutes`.

    night_minutes and paid_break_minutes lie inside the worked ones; break, leave, late and the
    like stand beside them. `segments`: `(start, end, class)` of every worked second, in order.
    `status` is None outside employment where nobody punched. `waits_for`: what can still change the
    day by itself, `waits_until` (instant) at the earliest; None for nothing.
    """

    work_date: date
    day_type: DayType
    status: Status | None
    exceptions: tuple[str, ...] = ()
    scheduled_minutes: int = 0
    worked_minutes: int = 0
    break_minutes: int = 0
    paid_break_minutes: int = 0
    leave_minutes: int = 0
    paid_leave_minutes: int = 0
    late_minutes: int = 0
    early_leave_minutes: int = 0
    penalised_late_minutes: int = 0
    penalised_early_leave_minutes: int = 0
    undertime_minutes: int = 0
    regular_minutes: int = 0
    overtime_minutes: int = 0
    doubletime_minutes: int = 0
    rest_day_minutes: int = 0
    rest_day_overtime_minutes: int = 0
    holiday_minutes: int = 0
    holiday_overtime_minutes: int = 0
    overtime_dropped_minutes: int = 0
    overtime_unapproved_minutes: int = 0
    night_minutes: int = 0
    rounding_minutes: int = 0
    clamped_minutes: int = 0
    ignored_punches: int = 0
    per_shift: Mapping[str, int] = field(default_factory=dict[str, int])
    segments: tuple[Segment, ...] = ()
    derivation: Mapping[str, Json] = field(default_factory=dict[str, Json])
    waits_for: Wait | None = None
    waits_until: int | None = None
    flexible_week: WeekHours | None = None

    @property
    def unknown(self) -> frozenset[str]:
        """Fields whose number nobody can know yet: what stands in them is no result and belongs in
        no sum. Of an incomplete day it is not known how much is short."""
        if self.status == "incomplete":
            return frozenset({"undertime_minutes"})
        if self.status not in UNJUDGED:
            return frozenset()
        return RESULT_FIELDS - ARRIVAL_FIELDS if self.derivation.get("sessions") else RESULT_FIELDS

    @property
    def buckets(self) -> dict[str, int]:
        """Minutes by class, in the order of CLASSES; they add up to worked_minutes."""
        return {name: getattr(self, field_name) for name, field_name in BUCKET_FIELDS.items()}

    def with_segments(self, segments: tuple[Segment, ...], buckets: Mapping[str, int]) -> "Day":
        """The same day with other segments and the minutes by class that they hold."""
        return replace(self, segments=segments, **bucket_values(buckets))
