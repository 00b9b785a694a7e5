"""The flex account: worked minus due of each day, added up with both signs.

Owns differences, bands and the cut at settlement. Must not know lots, leave or a clock: it has no
expiry and may be negative, which the bank of compensatory time (bank.py) never is.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Literal, Protocol, TypeAlias

from .bank_entries import Entry
from .rules import RuleSet

Band: TypeAlias = Literal["green", "yellow", "red"]
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Counted(Protocol):
    """A Day, or whatever else has what a difference is made of."""

    @property
    def regular_minutes(self) -> int: ...
    @property
    def scheduled_minutes(self) -> int: ...
    @property
    def leave_minutes(self) -> int: ...


def difference(day: Counted, rules: RuleSet) -> int | None:
    """Straight minutes less what was due; None without a flex account. Overtime that is paid or
    banked counts nowhere else, and leave is no debt."""
    if not rules.flex_account:
        return None
    return day.regular_minutes - max(0, day.scheduled_minutes - day.leave_minutes)


class Flex:
    """Account of one employee. Operations return nothing; what they add stands in `entries`."""

    def __init__(self, rules: RuleSet, entries: Iterable[Entry] = ()) -> None:
        self.rules = rules
        self.entries = list(entries)
        self._posted: dict[str, int] = {}
        for entry in self.entries:
            if entry.kind == "difference":
                self._posted[entry.source] = self._posted.get(entry.source, 0) + entry.minutes

    @property
    def balance(self) -> int:
        return sum(entry.minutes for entry in self.entries)

    def opening(self, source: str, on: date, minutes: int) -> None:
        """A balance brought in with documents; it may be negative."""
        self.entries.append(Entry("opening", minutes, on, source))

    def post(self, source: str, on: date, minutes: int, posted_on: date | None = None) -> None:
        """The difference of a day; the same source again posts only what changed."""
        change = minutes - self._posted.get(source, 0)
        if not change:
            return
        self._posted[source] = minutes
        posted = max(posted_on or on, self.entries[-1].on if self.entries else date.min)
        self.entries.append(Entry("difference", change, posted, source, earned_on=on))
        self._stop_at_red(source, on, change, posted)

    def _stop_at_red(self, source: str, on: date, change: int, posted: date) -> None:
        """Nothing is built up beyond the red limit: what a day adds there is paid or forfeited at
        once. A debt is not stopped by it, `use` is."""
        red, beyond = self.rules.flex_red_minutes, self.rules.flex_beyond_red
        if red is None or beyond == "count":
            return
        over = min(change, self.balance - red)
        if over > 0:
            kind = "payout" if beyond == "pay_cash" else "forfeit"
            self.entries.append(Entry(kind, -over, posted, source, earned_on=on, reason="red"))

    def use(self, source: str, on: date, minutes: int, posted_on: date) -> str:
        """Take time off; the name of what stands against it, or an empty text. A debt has its end
        at the red limit."""
        red = self.rules.flex_red_minutes
        if minutes <= 0:
            return "block"
        if red is not None and self.balance - minutes < -red:
            return "insufficient"
        self.entries.append(Entry("usage", -minutes, posted_on, source, earned_on=on))
        return ""

    def cancel_use(self, source: str, on: date) -> None:
        """Time not taken comes back; a source that holds nothing adds nothing."""
        if taken := self.taken(source):
            self.entries.append(Entry("usage_reversal", taken, on, source))

    def change_use(self, source: str, on: date, days: Sequence[int], posted_on: date) -> bool:
        """An approved use takes other minutes than it did, none without `days`; False, and nothing
        posted, where the red limit stands against more of them."""
        more = sum(days) - self.taken(source)
        red = self.rules.flex_red_minutes
        if more > 0 and red is not None and self.balance - more < -red:
            return False
        if more:
            self.cancel_use(source, posted_on)
            if days:
                self.entries.append(Entry("usage", -sum(days), posted_on, source, earned_on=on))
        return True

    def holds(self, source: str) -> bool:
        """Whether a use stands and was not given back."""
        return bool(self.taken(source))

    def taken(self, source: str) -> int:
        """Minutes of a use that stands."""
        return -sum(
            entry.minutes
            for entry in self.entries
            if entry.source == source and entry.kind in ("usage", "usage_reversal")
        )

    def settle(self, on: date) -> None:
        """At the end of a settlement period, once: what is above the carry is forfeited or paid. A
        debt is carried whole, nobody pays for it by time alone."""
        source, limit = f"settlement:{on}", self.rules.flex_carry_minutes
        if limit is None or any(entry.source == source for entry in self.entries):
            return
        over = sum(entry.minutes for entry in self.entries if entry.credit_date <= on) - limit
        if over > 0:
            kind = "payout" if self.rules.flex_over_carry == "pay_cash" else "settlement"
            posted = max(on, self.entries[-1].on)
            self.entries.append(Entry(kind, -over, posted, source, earned_on=on))


def band_of(balance: int, rules: RuleSet) -> Band:
    """Where a balance lies, whichever its sign: green up to the yellow limit, included; red from
    the red limit on, where nothing is built up and no more time off is taken."""
    yellow, red = rules.flex_yellow_minutes, rules.flex_red_minutes
    if red is not None and abs(balance) >= max(1, red):
        return "red"
    return "yellow" if yellow is not None and abs(balance) > yellow else "green"


def settlement_before(on: date, rules: RuleSet) -> date | None:
    """Last date of the settlement period that ended before `on`; None where none ever ends."""
    months = _MONTHS.get(rules.flex_settlement)
    if months is None:
        return None
    begin = date(on.year, (on.month - 1) // months * months + 1, 1)
    return begin - timedelta(days=1)
