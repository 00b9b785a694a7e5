"""A rule set: every attendance parameter as data, checked once when it is read.

Owns names, defaults, units and limits. Knows nothing of days or of how a parameter is used.
`RuleSet.from_dict` refuses an unknown name or an impossible value with a sentence that names it.
"""

from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property

from .instants import clock_text, minute_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALIASES = {
    f"review_{name}": name
    for name in ("four_eyes", "employee_ack", "ack_days", "reason_codes", "lock_after_days")
}
_ALIASES |= {
    f"export_{name}": name for name in ("profile", "code_map", "zero_policy", "negative_policy")
}
_ALIASES |= {"second_meal_after_minutes": "second_meal_required_after_minutes"}


class RuleError(ValueError):
    """A rule set that cannot be used; the message names the parameter."""


def _whole(low, high, optional=False):
    def check(value):
        if value is None and optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            none = " or none" if optional else ""
            raise RuleError(f"must be a whole number from {low} to {high}{none}")
        return value

    return check


def _one_of(*words):
    def check(value):
        if value not in words:
            raise RuleError("must be one of " + ", ".join(str(word) for word in words))
        return value

    return check


def _yes_no(value):
    if not isinstance(value, bool):
        raise RuleError("must be true or false")
    return value


def _clock(value):
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1440:
        return value
    try:
        minute = minute_of(value) if isinstance(value, str) else 1440
    except ValueError:
        minute = 1440
    if minute == 1440:
        raise RuleError("must be a local time HH:MM")
    return minute


def _window(value):
    if value is None:
        return None
    if isinstance(value, str):
        value = value.replace("–", "-").split("-")
    if isinstance(value, dict):
        value = [value.get("start", value.get("from")), value.get("end", value.get("to"))]
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise RuleError("must be none or two local times HH:MM")
    start, end = (_clock(part.strip() if isinstance(part, str) else part) for part in value)
    if start == end:
        raise RuleError("must not begin and end at the same time")
    return (start, end)


def _daily_threshold(value):
    if value == "schedule":
        return value
    return _whole(0, 1440, optional=True)(None if value == "none" else value)


def _factor(value):
    try:
        factor = None if isinstance(value, bool) else Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        factor = None
    if factor is None or not 0 < factor <= 10:
        raise RuleError("must be a factor above 0 and at most 10")
    return factor


def _whole_list(value):
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, (list, tuple)) or not value:
        raise RuleError("must be none or a list of minutes")
    return tuple(sorted({_whole(1, 1440)(part) for part in value}))


def _words(value):
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or not all(isinstance(part, str) for part in value):
        raise RuleError("must be none or a list of texts")
    return tuple(value)


def _table(value):
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise RuleError("must be a table by name")
    return tuple(sorted(value.items()))


def _iso_date(value):
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise RuleError("must be none or a date YYYY-MM-DD") from error


def _text(value):
    if not isinstance(value, str) or not value or len(value) > 64:
        raise RuleError("must be a text of at most 64 characters")
    return value


_DAY = _whole(0, 1440)
_SPAN = _whole(0, 2880)
_OPTIONAL_DAY = _whole(0, 1440, optional=True)
_LARGE = _whole(0, 1_000_000, optional=True)
_COUNT = _whole(0, 3_660, optional=True)


def _rule(default, check):
    return field(default=default, metadata={"check": check})


@dataclass(frozen=True)
class RuleSet:
    """Names ending in `_minutes` are whole minutes, `_seconds` whole seconds; None switches off."""

    # which punches, and of which day
    punch_precision: str = _rule("minute", _one_of("minute", "second"))
    duplicate_window_seconds: int = _rule(60, _whole(0, 3_600))
    duplicate_scope: str = _rule("employee", _one_of("employee", "device"))
    # keep_both: known opposite directions are never a double tap; later_label: an OUT that follows
    # an IN inside the window replaces it (somebody corrected the key), see docs/engine.md
    duplicate_labels: str = _rule("keep_both", _one_of("keep_both", "later_label"))
    check_in_early_window_minutes: int = _rule(120, _SPAN)
    check_out_late_window_minutes: int = _rule(360, _SPAN)
    day_boundary: int = _rule(0, _clock)
    max_session_minutes: int = _rule(960, _whole(1, 4_320))
    clock_drift_limit_seconds: int | None = _rule(120, _whole(1, 86_400, optional=True))
    # pairs
    pairing_method: str = _rule(
        "alternate", _one_of("alternate", "strict", "first_last", "strict_first_last")
    )
    double_in: str = _rule("keep_first", _one_of("keep_first", "keep_last"))
    missing_out: str = _rule("flag", _one_of("flag", "shift_end"))
    # rounding, snapping, clamping
    round_unit_minutes: int = _rule(0, _whole(0, 240))
    round_down_max_minutes: int | None = _rule(None, _whole(0, 240, optional=True))
    round_in: str = _rule("nearest", _one_of("nearest", "up", "down"))
    round_out: str = _rule("nearest", _one_of("nearest", "up", "down"))
    round_scope: str = _rule("edges", _one_of("edges", "all"))
    round_break_unit_minutes: int = _rule(0, _whole(0, 240))
    snap_in_minutes: int = _rule(0, _whole(0, 240))
    snap_out_minutes: int = _rule(0, _whole(0, 240))
    pre_shift_work: str = _rule("count", _one_of("count", "ignore"))
    post_shift_work: str = _rule("count", _one_of("count", "ignore"))
    # breaks and meals
    short_break_paid_max_minutes: int = _rule(0, _DAY)
    meal_after_minutes: int | None = _rule(None, _OPTIONAL_DAY)
    meal_minutes: int = _rule(0, _DAY)
    meal_mode: str = _rule("auto", _one_of("auto", "top_up"))
    meal_required_after_minutes: int | None = _rule(None, _OPTIONAL_DAY)
    second_meal_required_after_minutes: int | None = _rule(None, _OPTIONAL_DAY)
    meal_min_minutes: int = _rule(30, _DAY)
    # lateness, status, expected time
    late_grace_minutes: int = _rule(0, _DAY)
    early_leave_grace_minutes: int = _rule(0, _DAY)
    late_count_from: str = _rule("schedule", _one_of("schedule", "grace_end"))
    compliance_basis: str = _rule("actual", _one_of("actual", "rounded"))
    absent_below_minutes: int = _rule(0, _DAY)
    half_day_below_minutes: int = _rule(0, _DAY)
    dst_scheduled_basis: str = _rule("elapsed", _one_of("elapsed", "nominal"))
    holiday_has_expected_hours: bool = _rule(False, _yes_no)
    # classes and overtime
    ot_basis: str = _rule("quantity", _one_of("quantity", "outside_shift"))
    ot_daily_threshold_minutes: int | str | None = _rule("schedule", _daily_threshold)
    dt_daily_threshold_minutes: int | None = _rule(None, _OPTIONAL_DAY)
    ot_weekly_threshold_minutes: int | None = _rule(None, _whole(0, 10_080, optional=True))
    ot_period_days: int | None = _rule(None, _whole(1, 366, optional=True))
    ot_period_threshold_minutes: int | None = _rule(None, _LARGE)
    ot_period_anchor: str | None = _rule(None, _iso_date)
    ot_month_tier_minutes: int | None = _rule(None, _LARGE)
    seventh_day_rule: bool = _rule(False, _yes_no)
    week_start: str = _rule("mon", _one_of(*WEEKDAYS))
    week_start_time: int = _rule(0, _clock)
    off_day_classification: str = _rule("separate", _one_of("none", "separate"))
    ot_threshold_offday_minutes: int | None = _rule(480, _OPTIONAL_DAY)
    day_class_attribution: str = _rule("shift_start", _one_of("shift_start", "calendar"))
    ot_min_minutes: int = _rule(0, _DAY)
    ot_round_unit_minutes: int = _rule(0, _DAY)
    ot_requires_approval: bool = _rule(False, _yes_no)
    leave_counts_as_worked_for_ot: bool = _rule(False, _yes_no)
    night_window: tuple | None = _rule(None, _window)
    # flags on rest and long weeks
    min_daily_rest_minutes: int | None = _rule(None, _OPTIONAL_DAY)
    min_weekly_rest_minutes: int | None = _rule(None, _whole(0, 10_080, optional=True))
    max_weekly_minutes: int | None = _rule(None, _whole(0, 10_080, optional=True))
    averaging_weeks: int | None = _rule(None, _whole(1, 104, optional=True))
    # percent by class, exported as a factor, never used for minutes
    rate_table: tuple = _rule((), _table)
    # compensatory time off
    cto_eligible: bool = _rule(False, _yes_no)
    cto_requires_authority_ref: bool = _rule(False, _yes_no)
    cto_multiplier_workday: Fraction = _rule(Fraction(1), _factor)
    cto_multiplier_rest_day: Fraction = _rule(Fraction(3, 2), _factor)
    cto_multiplier_holiday: Fraction = _rule(Fraction(3, 2), _factor)
    cto_input_round_unit_minutes: int = _rule(0, _DAY)
    cto_cap_per_month_minutes: int | None = _rule(None, _LARGE)
    cto_balance_cap_minutes: int | None = _rule(None, _LARGE)
    cto_over_cap: str = _rule("forfeit", _one_of("forfeit", "pay_cash"))
    cto_credit_timing: str = _rule(
        "immediate", _one_of("immediate", "next_month_first", "on_certificate")
    )
    cto_expiry_policy: str = _rule(
        "none",
        _one_of(
            "none",
            "end_of_year_plus",
            "months_after_earn",
            "days_after_earn",
            "months_after_period_end",
        ),
    )
    cto_expiry_value: int = _rule(0, _whole(0, 3_660))
    cto_on_expiry: str = _rule("forfeit", _one_of("forfeit", "pay_cash"))
    cto_usage_block_minutes: tuple | None = _rule(None, _whole_list)
    cto_max_consecutive_days: int | None = _rule(None, _COUNT)
    cto_notice_days: int | None = _rule(None, _COUNT)
    cto_may_offset_lateness: bool = _rule(False, _yes_no)
    cto_on_termination: str = _rule("forfeit", _one_of("forfeit", "pay_cash"))
    cto_cash_convertible: bool = _rule(False, _yes_no)
    # review and payroll file
    four_eyes: bool = _rule(True, _yes_no)
    employee_ack: bool = _rule(False, _yes_no)
    ack_days: int = _rule(5, _whole(0, 366))
    reason_codes: tuple | None = _rule(None, _words)
    lock_after_days: int | None = _rule(None, _COUNT)
    profile: str = _rule("canonical", _text)
    code_map: tuple = _rule((), _table)
    zero_policy: str = _rule("omit", _one_of("omit", "blank", "zero"))
    negative_policy: str = _rule("allow", _one_of("allow", "hold"))

    @classmethod
    def from_dict(cls, values):
        """Rule set from `{parameter: value}`; what is left out keeps its default.

        Raises RuleError for an unknown name, an impossible value or settings that contradict.
        """
        checked = {}
        for given, value in values.items():
            name = _ALIASES.get(given, given)
            if name not in _CHECKS:
                near = get_close_matches(str(name), _CHECKS, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise RuleError(f"unknown parameter {given!r}{hint}")
            try:
                checked[name] = _CHECKS[name](value)
            except RuleError as error:
                raise RuleError(f"{given}: {error}, not {value!r}") from None
        rules = cls(**checked)
        rules._check_together()
        return rules

    def _check_together(self):
        if (self.ot_period_days is None) != (self.ot_period_threshold_minutes is None):
            raise RuleError("ot_period_days and ot_period_threshold_minutes must be given together")
        unit = self.round_unit_minutes
        if unit and self.round_down_max_minutes is not None and self.round_down_max_minutes >= unit:
            raise RuleError("round_down_max_minutes must be smaller than round_unit_minutes")
        if self.averaging_weeks is not None and self.max_weekly_minutes is None:
            raise RuleError("averaging_weeks needs max_weekly_minutes")
        dt, ot = self.dt_daily_threshold_minutes, self.ot_daily_threshold_minutes
        if dt is not None and isinstance(ot, int) and dt < ot:
            raise RuleError(
                "dt_daily_threshold_minutes must not be below ot_daily_threshold_minutes"
            )

    def to_dict(self):
        """Every parameter as JSON can carry it; `from_dict` reads it back to an equal rule set."""
        return {item.name: _plain(item.name, getattr(self, item.name)) for item in fields(self)}

    @property
    def sums_up(self):
        """Whether whole weeks or periods decide: one day then changes its neighbours."""
        return (
            self.ot_weekly_threshold_minutes is not None
            or self.seventh_day_rule
            or self.ot_period_days is not None
        )

    @cached_property
    def codes(self):
        """Pay code by class, as a dict."""
        return dict(self.code_map)


def _plain(name, value):
    if name in ("day_boundary", "week_start_time"):
        return clock_text(value)
    if name == "night_window" and value is not None:
        return [clock_text(part) for part in value]
    if name in ("rate_table", "code_map"):
        return dict(value)
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return list(value) if isinstance(value, tuple) else value


_CHECKS = {
    item.name: item.metadata["check"] for item in fields(RuleSet) if item.default is not MISSING
}
