"""Dates and limits of the compensatory bank: when a credit dies, what a request may ask for.

Pure functions of the rule set; they know no ledger.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from .bank_entries import Entry, Right
from .rules import RuleSet

FOREVER = date.max


def request_limit(days: Sequence[int], on: date, requested_on: date | None, rules: RuleSet) -> str:
    """Name of the limit that a request breaks, or an empty text. `days`: minutes per date, or one
    total; a date between two others on which nothing is due has none."""
    blocks, several = rules.cto_usage_block_minutes, len(days) > 1
    asked = [minutes for minutes in days if minutes]
    if not (days and days[0] and days[-1]) or min(asked) < 0:
        return "block"
    if blocks and not all(in_blocks(minutes, blocks, several) for minutes in asked):
        return "block"
    longest = rules.cto_max_consecutive_days
    count = len(asked) if several or not blocks else -(-asked[0] // max(blocks))
    if longest is not None and count > longest:
        return "consecutive_days"
    notice = rules.cto_notice_days
    if notice is not None and requested_on and (on - requested_on).days < notice:
        return "notice"
    return ""


def in_blocks(minutes: int, blocks: Sequence[int], one_day: bool) -> bool:
    """A day must be one of the blocks; a bare total may be made of several."""
    if minutes in blocks:
        return True
    if one_day or minutes < max(blocks):
        return False
    reachable = {0}
    for amount in range(1, minutes + 1):
        if any(amount - block in reachable for block in blocks):
            reachable.add(amount)
    return minutes in reachable


def payout_limit(minutes: int, on: date, entries: Iterable[Entry], rules: RuleSet) -> str:
    """Name of the limit that a wish to be paid breaks, or an empty text. Only what was paid at
    somebody's wish in the same calendar year counts, not what was paid at expiry or at the end."""
    if not rules.cto_cash_convertible:
        return "not_convertible"
    if minutes <= 0:
        return "block"
    asked = [
        -entry.minutes
        for entry in entries
        if entry.kind == "payout" and entry.reason == "wish" and entry.on.year == on.year
    ]
    most, often = rules.cto_payout_cap_minutes, rules.cto_payouts_per_year
    if often is not None and len(asked) >= often:
        return "payouts"
    if most is not None and sum(asked) + minutes > most:
        return "payout_cap"
    return ""


def rights_of(entries: Iterable[Entry], rules: RuleSet) -> tuple[list[Right], int]:
    """`(open rights, minutes still closed)` where minutes must come together before they may be
    taken; what is taken comes out of the oldest right, then out of what is closed."""
    threshold = rules.cto_opens_at_minutes or 0
    rights: list[Right] = []
    closed = 0
    for entry in entries:
        if entry.minutes < 0:
            closed -= _taken_from(rights, -entry.minutes)
            continue
        closed += entry.minutes
        if closed >= threshold and closed > 0:
            last = add_months(entry.on, rules.cto_take_within_months)
            answer = entry.on + timedelta(days=rules.cto_answer_days)
            rights.append(Right(entry.on, last, answer, closed))
            closed = 0
    return rights, closed


def _taken_from(rights: list[Right], minutes: int) -> int:
    """Takes from the oldest rights; what none of them covers."""
    while rights and minutes:
        first = rights[0]
        part = min(minutes, first.minutes)
        minutes -= part
        rest = first.minutes - part
        rights[:1] = [replace(first, minutes=rest)] if rest else []
    return minutes


def add_months(day: date, months: int) -> date:
    """The same day of a later month, clamped to its length."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_on(earned_on: date, rules: RuleSet) -> date | None:
    """Date from which a credit is posted; None: not before it is certified."""
    if rules.cto_credit_timing == "immediate":
        return earned_on
    if rules.cto_credit_timing == "next_month_first":
        return add_months(earned_on.replace(day=1), 1)
    return None


def expiry_date(earned_on: date, rules: RuleSet, period_end: date | None = None) -> date:
    """Last date on which a credit can be used. Without a pay period, its month counts as one."""
    policy, value = rules.cto_expiry_policy, rules.cto_expiry_value
    if policy == "end_of_year_plus":
        return date(earned_on.year + value, 12, 31)
    if policy == "months_after_earn":
        return add_months(earned_on, value)
    if policy == "days_after_earn":
        return earned_on + timedelta(days=value)
    if policy == "months_after_period_end":
        month_end = add_months(earned_on.replace(day=1), 1) - timedelta(days=1)
        return add_months(period_end or month_end, value)
    return FOREVER
