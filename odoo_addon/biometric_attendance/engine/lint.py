"""Warnings on a rule set that is valid but likely to hurt somebody; shown when it is saved.

Owns the judgement only: refusing is rules.py. Each warning is `(level, parameter, text)`.
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from .instants import DAY
from .payroll import DEFAULT_CODES, PAYOUT
from .rules import RuleSet
from .values import Shift

# `(level, parameter, text)`
Warned: TypeAlias = tuple[str, str, str]
# An error contradicts what the rule set itself asks for; a warning may be meant.
ERROR, WARNING, NOTICE = "error", "warning", "notice"
LONGEST_NEUTRAL_UNIT = 15
LONGEST_SAFE_WINDOW_SECONDS = 60
# in percent
LARGEST_RATE = 1000
SMALLEST_USUAL_RATE = 5


def lint(rules: RuleSet, shifts: Iterable[Shift] = ()) -> list[Warned]:
    """Warnings in a fixed order. `shifts`: occurrences of one person, to look for windows that
    overlap."""
    checks = (
        _one_sided_rounding,
        _coarse_rounding,
        _rounded_meals,
        _double_taps,
        _grace,
        _meal_cliff,
        _assumed,
        _bank,
        _labels,
        _rates,
    )
    found = [warning for check in checks for warning in check(rules)]
    return found + list(_overlaps(rules, shifts))


def _one_sided_rounding(rules: RuleSet) -> Iterator[Warned]:
    if not rules.round_unit_minutes:
        return
    if rules.round_in == "up" and rules.round_out == "down":
        yield (
            WARNING,
            "round_in",
            "Rounding can only favour the employer. 29 CFR 785.48(b) "
            "accepts rounding only if over time it does not fail to pay for all time worked.",
        )
    down_max = rules.round_down_max_minutes
    if down_max is not None and down_max > rules.round_unit_minutes // 2:
        yield (
            WARNING,
            "round_down_max_minutes",
            "More than half of the unit is rounded down: leaving times lose more than they gain.",
        )


def _coarse_rounding(rules: RuleSet) -> Iterator[Warned]:
    for name in ("round_unit_minutes", "round_break_unit_minutes"):
        if getattr(rules, name) > LONGEST_NEUTRAL_UNIT:
            yield (
                WARNING,
                name,
                f"A unit above {LONGEST_NEUTRAL_UNIT} minutes is hard to defend as neutral.",
            )


def _rounded_meals(rules: RuleSet) -> Iterator[Warned]:
    """Where a meal has a least length, rounding its punches hides that it was short."""
    if rules.meal_required_after_minutes is None:
        return
    text = (
        "Rounding reaches the punches of a meal that these rules require: records then show meals "
        "that were short as whole, or the other way round. Round only the first and the last punch "
        "of the day (Donohue v. AMN, California 2021: no rounding of meal punches)."
    )
    if rules.round_unit_minutes and rules.round_scope == "all":
        yield ERROR, "round_scope", text
    if rules.round_break_unit_minutes:
        yield ERROR, "round_break_unit_minutes", text


def _double_taps(rules: RuleSet) -> Iterator[Warned]:
    if rules.duplicate_window_seconds > LONGEST_SAFE_WINDOW_SECONDS:
        yield (
            WARNING,
            "duplicate_window_seconds",
            "A window above 60 seconds swallows real short "
            "breaks: people punch out for lunch and in again within minutes.",
        )


def _grace(rules: RuleSet) -> Iterator[Warned]:
    if max(rules.snap_in_minutes, rules.snap_out_minutes) > LONGEST_NEUTRAL_UNIT:
        yield (
            WARNING,
            "snap_in_minutes",
            "Snapping over more than 15 minutes changes pay, not only lateness.",
        )


def _meal_cliff(rules: RuleSet) -> Iterator[Warned]:
    if rules.meal_after_minutes is not None and rules.meal_minutes and rules.meal_mode == "auto":
        after, meal = rules.meal_after_minutes, rules.meal_minutes
        yield (
            NOTICE,
            "meal_minutes",
            f"Cliff: {after} worked minutes stay {after}, {after + 1} become {after + 1 - meal}.",
        )


def _assumed(rules: RuleSet) -> Iterator[Warned]:
    if rules.missing_out == "shift_end":
        yield (
            NOTICE,
            "missing_out",
            "A forgotten punch is paid until the end of the shift. The "
            "assumption stays visible on the day.",
        )


def _bank(rules: RuleSet) -> Iterator[Warned]:
    if (
        rules.cto_eligible
        and rules.cto_expiry_policy == "none"
        and rules.cto_balance_cap_minutes is None
    ):
        yield (
            NOTICE,
            "cto_expiry_policy",
            "The bank has neither an expiry nor a cap: what is owed can only grow.",
        )


def _labels(rules: RuleSet) -> Iterator[Warned]:
    if rules.pairing_method in ("strict", "strict_first_last"):
        yield (
            NOTICE,
            "pairing_method",
            "Labels are often wrong at real terminals: compare the "
            "incomplete days of both methods before adopting this one.",
        )


def _rates(rules: RuleSet) -> Iterator[Warned]:
    """125 pays a quarter more; 1.25 would pay next to nothing."""
    classes = sorted(name.removesuffix("_minutes") for name in {*DEFAULT_CODES, PAYOUT})
    for name, percent in rules.rate_table:
        if type(percent) is not int or not 0 <= percent <= LARGEST_RATE:
            yield (
                ERROR,
                "rate_table",
                f"rate_table: {name} is {percent!r}. A rate is in whole percent, from 0 to "
                f"{LARGEST_RATE}: 125 pays a quarter more.",
            )
        elif 0 < percent < SMALLEST_USUAL_RATE:
            yield (
                WARNING,
                "rate_table",
                f"rate_table: {name} is paid at {percent} percent. 200 is double, not 2.",
            )
        if name not in classes:
            yield (
                WARNING,
                "rate_table",
                f"rate_table: there is no class {name}, so this rate pays nothing. Classes are "
                f"{', '.join(classes)}.",
            )


def _overlaps(rules: RuleSet, shifts: Iterable[Shift]) -> Iterator[Warned]:
    """Windows of two neighbouring shifts that share more than half of the shorter shift."""
    ordered = sorted(shifts, key=lambda shift: shift.order)
    early = rules.check_in_early_window_minutes * 60
    late = rules.check_out_late_window_minutes * 60
    for first, second in zip(ordered, ordered[1:], strict=False):
        if first.end == second.start or second.start - first.end > DAY:
            continue
        shared = first.end + late - (second.start - early)
        if shared > min(first.end - first.start, second.end - second.start) / 2:
            yield (
                WARNING,
                "check_out_late_window_minutes",
                f"Windows of {first.identity} and {second.identity} overlap by "
                f"{shared // 60} minutes, more than half a shift.",
            )
            return
