"""The door of the engine: what the rest of the addon, examples and benches may use of it.

Nothing outside imports a file behind it. Files that are a subject of their own are offered whole,
by their names: bank_csv, brazil, formats, gate, intervals, payroll, payroll_calendar, program,
proposals,
roster_check, roster_csv, wall.
"""

from . import (
    bank_csv,
    brazil,
    formats,
    gate,
    intervals,
    payroll,
    payroll_calendar,
    program,
    proposals,
    roster_check,
    roster_csv,
    wall,
)
from .adjustments import ATTESTED, KINDS, effective_punches, in_sequence, reached_instants
from .attribution import ShiftIndex
from .bank import Bank
from .bank_change import change_use
from .bank_entries import Entry, Overflow
from .bank_limits import FOREVER, due_on, rights_of
from .bank_look import available, forecast
from .bank_opening import correct_opening
from .carried import case_from_json, case_to_json
from .case import Case, CaseInputs, Group
from .classes import (
    above_contingent,
    compensable,
    compensated_by,
    credited,
    earning_minutes,
    kept_from_pay,
)
from .codes import MEANINGS, STATUS_PRESETS, status_codes
from .day import build_days
from .effect import without_effect
from .flex import Flex, band_of, difference, settlement_before
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
from .record import MINUTES, RECORD, day_record, record_digest
from .regimes import REGIMES
from .review import Review, answer_days
from .rules import WEEKDAYS, RuleError, RuleSet
from .sentences import sentences
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
    "ATTESTED",
    "Adjustment",
    "BUCKET_FIELDS",
    "Bank",
    "CLASSES",
    "Case",
    "CaseInputs",
    "Day",
    "DayType",
    "Entry",
    "FOREVER",
    "Facts",
    "Flex",
    "Group",
    "HOLIDAY",
    "IN",
    "JUDGED_BY_DEVICES",
    "KINDS",
    "Known",
    "Leave",
    "Line",
    "MEANINGS",
    "MINUTES",
    "OUT",
    "Overflow",
    "Punch",
    "RECORD",
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
    "answer_days",
    "available",
    "band_of",
    "bank_csv",
    "brazil",
    "blocks_pay",
    "build_days",
    "case_from_json",
    "case_to_json",
    "certain_from",
    "change_use",
    "clock_text",
    "compensable",
    "correct_opening",
    "credited",
    "dates_between",
    "dates_to_derive",
    "day_record",
    "day_start_wall",
    "derive_days",
    "difference",
    "due_on",
    "earning_minutes",
    "effective_punches",
    "epoch",
    "forecast",
    "formats",
    "gate",
    "in_order",
    "in_sequence",
    "intervals",
    "iso",
    "above_contingent",
    "compensated_by",
    "kept_from_pay",
    "lint",
    "log_reach",
    "make_shift",
    "month_tiers",
    "needed_from",
    "occurrences",
    "payroll",
    "payroll_calendar",
    "period_start_of",
    "program",
    "proposals",
    "reached_instants",
    "record_digest",
    "resolve_walls",
    "rights_of",
    "roster_check",
    "roster_csv",
    "sentences",
    "service_begins",
    "settlement_before",
    "slices_of",
    "status_codes",
    "touched_between",
    "wall",
    "wall_of",
    "weeks_of",
    "without_effect",
]
