"""Dates and limits of the compensatory bank: when a credit dies, what a request may ask for.

Pure functions of the rule set; they know no ledger.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from .rules import RuleSet

FOREVER = date.max


def request_limit(days: Sequence[int], on: date, requested_on: date | None, rules: RuleSet) -> str:
    """Name of the limit that a request breaks, or an empty text. `days`: minutes per date, or one
    total."""
    blocks, several = rules.cto_usage_block_minutes, len(days) > 1
    if min(days) <= 0 or (blocks and not all(in_blocks(day, blocks, several) for day in days)):
        return "block"
    longest = rules.cto_max_consecutive_days
    count = len(days) if several or not blocks else -(-days[0] // max(blocks))
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


def add_months(day: date, months: int) -> date:
    """The same day of a later month, clamped to its length."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


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
