"""The door of the engine: what the rest of the addon, examples and benches may use of it.

Nothing outside imports a file behind it. Files that are a subject of their own are offered whole,
by their names: formats, intervals, payroll, payroll_calendar, program, roster_csv, wall.
"""

from . import formats, intervals, payroll, payroll_calendar, program, roster_csv, wall
from .attribution import ShiftIndex
from .bank import Bank
from .bank_limits import FOREVER
from .carried import case_from_json, case_to_json
from .case import Case, CaseInputs, Group
from .classes import credit_minutes
from .codes import MEANINGS, STATUS_PRESETS, status_codes
from .day import build_days
from .effect import only_holding, without_effect
from .instants import (
    Zone,
    clock_text,
    dates_between,
    day_start_wall,
    epoch,
    iso,
    resolve_walls,
    wall_of,
)
from .lint import lint
from .log_reach import log_reach, service_begins
from .punches import in_order
from .reach import Known, certain_from, needed_from, touched_between
from .record import MINUTES, day_record, record_digest
from .regimes import REGIMES
from .review import Review
from .rules import WEEKDAYS, RuleError, RuleSet
from .status import JUDGED_BY_DEVICES, STATUSES, UNSETTLED, blocks_pay
from .values import (
    ALWAYS,
    BUCKET_FIELDS,
    CLASSES,
    HOLIDAY,
    IN,
    OUT,
    REST_DAY,
    WORKDAY,
    Adjustment,
    Day,
    DayType,
    Facts,
    Leave,
    Punch,
    make_shift,
)
from .weekly import Line, occurrences
from .weeks import (
    dates_to_derive,
    derive_days,
    month_tiers,
    period_start_of,
    slices_of,
    weeks_of,
)

__all__ = [
    "ALWAYS",
    "Adjustment",
    "BUCKET_FIELDS",
    "Bank",
    "CLASSES",
    "Case",
    "CaseInputs",
    "Day",
    "DayType",
    "FOREVER",
    "Facts",
    "Group",
    "HOLIDAY",
    "IN",
    "JUDGED_BY_DEVICES",
    "Known",
    "Leave",
    "Line",
    "MEANINGS",
    "MINUTES",
    "OUT",
    "Punch",
    "REGIMES",
    "REST_DAY",
    "Review",
    "RuleError",
    "RuleSet",
    "STATUSES",
    "STATUS_PRESETS",
    "ShiftIndex",
    "UNSETTLED",
    "WEEKDAYS",
    "WORKDAY",
    "Zone",
    "blocks_pay",
    "build_days",
    "case_from_json",
    "case_to_json",
    "certain_from",
    "clock_text",
    "credit_minutes",
    "dates_between",
    "dates_to_derive",
    "day_record",
    "day_start_wall",
    "derive_days",
    "epoch",
    "formats",
    "in_order",
    "intervals",
    "iso",
    "lint",
    "log_reach",
    "make_shift",
    "month_tiers",
    "needed_from",
    "occurrences",
    "only_holding",
    "payroll",
    "payroll_calendar",
    "period_start_of",
    "program",
    "record_digest",
    "resolve_walls",
    "roster_csv",
    "service_begins",
    "slices_of",
    "status_codes",
    "touched_between",
    "wall",
    "wall_of",
    "weeks_of",
    "without_effect",
]
