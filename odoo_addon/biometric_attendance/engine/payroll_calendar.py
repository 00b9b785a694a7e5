"""On which days payroll closes, from the days of the month that a company names. Pure.

A day past the end of a month means its last day: 31 is the end of February too.
"""

import calendar
import re
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Literal

MAX_CLOSES = 5
_LIST = re.compile(r"\s*\d{1,2}\s*(?:,\s*\d{1,2}\s*)*\Z")


def parse(text: str | Literal[False] | None) -> list[int]:
    """Sorted days of the month of "15, 31"; [] for none. Raises ValueError."""
    if not text or not text.strip():
        return []
    if not _LIST.match(text):
        raise ValueError("days of the month, parted by commas")
    days = sorted({int(part) for part in text.split(",")})
    if not all(1 <= day <= 31 for day in days) or len(days) > MAX_CLOSES:
        raise ValueError(f"at most {MAX_CLOSES} days from 1 to 31")
    return days


def closes(days: Iterable[int], first: date, last: date) -> list[date]:
    """The closing dates from `first` to `last`, both included, in order."""
    found: set[date] = set()
    year, month = first.year, first.month
    while date(year, month, 1) <= last:
        length = calendar.monthrange(year, month)[1]
        found |= {date(year, month, min(day, length)) for day in days}
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return sorted(day for day in found if first <= day <= last)


def due(
    days: Collection[int],
    days_before: int,
    today: date,
    early_for: date | Literal[False] | None,
    final_for: date | Literal[False] | None,
) -> list[tuple[str, date, date]]:
    """What is to be said today: [(stage, first day, closing day)].

    `early` from `days_before` days before a close until it; `final` from the day after it, for a
    week. early_for, final_for: the close each was said for last.
    """
    if not days:
        return []
    span = timedelta(days=62)
    said: list[tuple[str, date, date]] = []
    known = closes(days, today - span, today + span)
    for before, close in zip(known, known[1:], strict=False):
        first = before + timedelta(days=1)
        opens = close - timedelta(days=days_before)
        if opens <= today <= close and days_before and (early_for or date.min) < close:
            said.append(("early", first, close))
        ended = close < today <= close + timedelta(days=7)
        if ended and (final_for or date.min) < close:
            said.append(("final", first, close))
    return said
