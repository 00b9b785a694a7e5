"""A rule set: every attendance parameter as data, checked once when it is read.

Owns names, defaults, units and limits. Knows nothing of days or of how a parameter is used.
`RuleSet.from_dict` refuses an unknown name or an impossible value with a sentence that names it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, TypeAlias, TypeGuard, TypeVar

from .instants import clock_text, minute_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_REVIEW = ("four_eyes", "employee_ack", "ack_days", "reason_codes", "lock_after_days")
_EXPORT = ("profile", "code_map", "zero_policy", "negative_policy")
_ALIASES: dict[str, str] = {
    **{f"review_{name}": name for name in _REVIEW},
    **{f"export_{name}": name for name in _EXPORT},
    "second_meal_after_minutes": "second_meal_required_after_minutes",
}

# Reads one parameter as somebody wrote it; RuleError says what it must be.
Check: TypeAlias = Callable[[object], object]
Value = TypeVar("Value")


class RuleError(ValueError):
    """A rule set that cannot be used; the message names the parameter."""


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, (list, tuple))


def _is_table(value: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(value, dict)


def _whole_number(value: object, low: int, high: int, also: str = "") -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise RuleError(f"must be a whole number from {low} to {high}{also}")
    return value


def _whole(low: int, high: int, optional: bool = False) -> Check:
    def check(value: object) -> int | None:
        if value is None and optional:
            return None
        return _whole_number(value, low, high, " or none" if optional else "")

    return check


def _one_of(*words: str) -> Check:
    def check(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise RuleError("must be one of " + ", ".join(words))
        return value

    return check


def _yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise RuleError("must be true or false")
    return value


def _clock(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1440:
        return value
    try:
        minute = minute_of(value) if isinstance(value, str) else 1440
    except ValueError:
        minute = 1440
    if minute == 1440:
        raise RuleError("must be a local time HH:MM")
    return minute


def _window(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = value.replace("–", "-").split("-")
    if _is_table(value):
        value = [value.get("start", value.get("from")), value.get("end", value.get("to"))]
    if not _is_list(value) or len(value) != 2:
        raise RuleError("must be none or two local times HH:MM")
    start, end = (_clock(part.strip() if isinstance(part, str) else part) for part in value)
    if start == end:
        raise RuleError("must not begin and end at the same time")
    return (start, end)


def _daily_threshold(value: object) -> object:
    if value == "schedule":
        return value
    return _whole(0, 1440, optional=True)(None if value == "none" else value)


def _factor(value: object) -> Fraction:
    try:
        factor = None if isinstance(value, bool) else Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        factor = None
    if factor is None or not 0 < factor <= 10:
        raise RuleError("must be a factor above 0 and at most 10")
    return factor


def _whole_list(value: object) -> tuple[int, ...] | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = [value]
    if not _is_list(value) or not value:
        raise RuleError("must be none or a list of minutes")
    return tuple(sorted({_whole_number(part, 1, 1440) for part in value}))


def _words(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not _is_list(value):
        raise RuleError("must be none or a list of texts")
    words = tuple(part for part in value if isinstance(part, str))
    if len(words) != len(value):
        raise RuleError("must be none or a list of texts")
    return words


def _table(value: object) -> tuple[tuple[str, object], ...]:
    if not _is_table(value):
        raise RuleError("must be a table by name")
    rows = [(name, entry) for name, entry in value.items() if isinstance(name, str)]
    if len(rows) != len(value):
        raise RuleError("must be a table by name")
    return tuple(sorted(rows, key=lambda row: row[0]))


def _iso_date(value: object) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise RuleError("must be none or a date YYYY-MM-DD") from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > 64:
        raise RuleError("must be a text of at most 64 characters")
    return value


_DAY = _whole(0, 1440)
_SPAN = _whole(0, 2880)
_OPTIONAL_DAY = _whole(0, 1440, optional=True)
_LARGE = _whole(0, 1_000_000, optional=True)
_COUNT = _whole(0, 3_660, optional=True)


def _rule(default: Value, check: Check) -> Value:
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
        "alternate", _one_of("alternate", "strict", "first_last", "strict_first_last", "single")
    )
    single_counts: str = _rule("zero", _one_of("zero", "scheduled"))
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
    # breaks and meals of a shift
    short_break_paid_max_minutes: int = _rule(0, _DAY)
    punched_break_min_minutes: int = _rule(10, _DAY)
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
    ot_daily_threshold_minutes: int | Literal["schedule"] | None = _rule(
        "schedule", _daily_threshold
    )
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
    night_window: tuple[int, int] | None = _rule(None, _window)
    # flags on rest and long weeks
    min_daily_rest_minutes: int | None = _rule(None, _OPTIONAL_DAY)
    min_weekly_rest_minutes: int | None = _rule(None, _whole(0, 10_080, optional=True))
    max_weekly_minutes: int | None = _rule(None, _whole(0, 10_080, optional=True))
    averaging_weeks: int | None = _rule(None, _whole(1, 104, optional=True))
    # percent by class, exported as a factor, never used for minutes
    rate_table: tuple[tuple[str, int | float | str], ...] = _rule((), _table)
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
    cto_usage_block_minutes: tuple[int, ...] | None = _rule(None, _whole_list)
    cto_max_consecutive_days: int | None = _rule(None, _COUNT)
    cto_notice_days: int | None = _rule(None, _COUNT)
    cto_may_offset_lateness: bool = _rule(False, _yes_no)
    cto_on_termination: str = _rule("forfeit", _one_of("forfeit", "pay_cash"))
    cto_cash_convertible: bool = _rule(False, _yes_no)
    # what one may ask to be paid in a calendar year: minutes, and how often
    cto_payout_cap_minutes: int | None = _rule(None, _LARGE)
    cto_payouts_per_year: int | None = _rule(None, _COUNT)
    # overtime of a calendar year up to so many minutes earns nothing
    cto_contingent_minutes: int | None = _rule(None, _LARGE)
    # credit comes beside the pay of overtime, not in its place
    cto_beside_pay: bool = _rule(False, _yes_no)
    # a right opens when so many minutes have come together; nothing of it is lost by time
    cto_opens_at_minutes: int | None = _rule(None, _LARGE)
    cto_take_within_months: int = _rule(2, _whole(1, 60))
    cto_answer_days: int = _rule(7, _whole(0, 366))
    # flex account: worked minus due of each day, both signs
    flex_account: bool = _rule(False, _yes_no)
    flex_yellow_minutes: int | None = _rule(None, _LARGE)
    flex_red_minutes: int | None = _rule(None, _LARGE)
    flex_settlement: str = _rule("none", _one_of("none", "month", "quarter", "year"))
    flex_over_carry: str = _rule("forfeit", _one_of("forfeit", "pay_cash"))
    flex_carry_minutes: int | None = _rule(None, _LARGE)
    # worked once the account stands at the red limit: paid, forfeited, or counted all the same
    flex_beyond_red: str = _rule("pay_cash", _one_of("pay_cash", "forfeit", "count"))
    # review and payroll file
    four_eyes: bool = _rule(True, _yes_no)
    employee_ack: bool = _rule(False, _yes_no)
    ack_days: int = _rule(5, _whole(0, 366))
    reason_codes: tuple[str, ...] | None = _rule(None, _words)
    lock_after_days: int | None = _rule(None, _COUNT)
    profile: str = _rule("canonical", _text)
    code_map: tuple[tuple[str, str], ...] = _rule((), _table)
    zero_policy: str = _rule("omit", _one_of("omit", "blank", "zero"))
    negative_policy: str = _rule("allow", _one_of("allow", "hold"))

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> "RuleSet":
        """Rule set from `{parameter: value}`, defaults for the rest. RuleError says what is bad."""
        # each value has the type of its own field, as that field's check left it
        checked: dict[str, Any] = {}
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

    def _check_together(self) -> None:
        if (self.ot_period_days is None) != (self.ot_period_threshold_minutes is None):
            raise RuleError("ot_period_days and ot_period_threshold_minutes must be given together")
        unit = self.round_unit_minutes
        if unit and self.round_down_max_minutes is not None and self.round_down_max_minutes >= unit:
            raise RuleError("round_down_max_minutes must be smaller than round_unit_minutes")
        if self.averaging_weeks is not None and self.max_weekly_minutes is None:
            raise RuleError("averaging_weeks needs max_weekly_minutes")
        yellow, red = self.flex_yellow_minutes, self.flex_red_minutes
        if yellow is not None and red is not None and red < yellow:
            raise RuleError("flex_red_minutes must not be below flex_yellow_minutes")
        dt, ot = "dt_daily_threshold_minutes", "ot_daily_threshold_minutes"
        double, over = getattr(self, dt), getattr(self, ot)
        if double is not None and isinstance(over, int) and double < over:
            raise RuleError(f"{dt} must not be below {ot}")

    def to_dict(self) -> dict[str, object]:
        """Every parameter as JSON can carry it; `from_dict` reads it back to an equal rule set."""
        plain = {item.name: _plain(getattr(self, item.name)) for item in fields(self)}
        for name in ("day_boundary", "week_start_time"):
            plain[name] = clock_text(getattr(self, name))
        if self.night_window is not None:
            plain["night_window"] = [clock_text(minute) for minute in self.night_window]
        return plain | {"rate_table": dict(self.rate_table), "code_map": dict(self.code_map)}

    @property
    def sums_up(self) -> bool:
        """Whether whole weeks or periods decide: one day then changes its neighbours."""
        return (
            self.ot_weekly_threshold_minutes is not None
            or self.seventh_day_rule
            or self.ot_period_days is not None
        )

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # of some seventy values; caches ask for it at every person
        return hash(tuple([getattr(self, item.name) for item in fields(self)]))

    @cached_property
    def moves_times(self) -> bool:
        """Whether a punched time or break may count as another: snapped or rounded."""
        return bool(
            self.snap_in_minutes
            or self.snap_out_minutes
            or self.round_unit_minutes
            or self.round_break_unit_minutes
        )

    @cached_property
    def codes(self) -> dict[str, str]:
        """Pay code by class, as a dict."""
        return dict(self.code_map)


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return list(value) if _is_list(value) else value


_CHECKS: dict[str, Check] = {
    item.name: item.metadata["check"] for item in fields(RuleSet) if item.default is not MISSING
}
