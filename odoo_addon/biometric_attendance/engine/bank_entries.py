"""The lines of the compensatory bank: what an entry, a lot and an overflow hold.

Owns shapes only; which operation writes which line is bank.py. Minutes are whole and signed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from .values import WORKDAY, DayType

EntryKind: TypeAlias = Literal[
    "opening",
    "accrual",
    "accrual_reversal",
    "usage",
    "usage_reversal",
    "expiry",
    "forfeit",
    "payout",
    "difference",
    "settlement",
]
# a lot and signed minutes
Move: TypeAlias = tuple[str, int]


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. `moves`: `((lot, signed minutes), …)`; `owed`: signed change of what
    is owed; minutes = sum of moves - owed. The lot's dates stand on the entry that opens it."""

    kind: EntryKind
    minutes: int
    on: date
    source: str = ""
    moves: tuple[Move, ...] = ()
    owed: int = 0
    earned_on: date | None = None
    expires_on: date | None = None
    # accruals: what the source asked for in all, caps left aside
    asked: int | None = None
    reason: str = ""

    @property
    def credit_date(self) -> date:
        """The date whose month and lot the entry belongs to."""
        return self.earned_on or self.on


@dataclass
class Lot:
    """What is left of one credit, and what of it expired without pay."""

    name: str
    earned_on: date
    expires_on: date
    left: int = 0
    expired: int = 0

    @property
    def order(self) -> tuple[date, date, str]:
        """Use takes the earliest expiry first, then the earliest earned."""
        return (self.expires_on, self.earned_on, self.name)


@dataclass(frozen=True)
class Right:
    """Credit that came together into a right to time off: until when it is to be taken, and until
    when a request for it is to be answered."""

    opened_on: date
    last_on: date
    answer_on: date
    minutes: int


@dataclass(frozen=True)
class Overflow:
    """Credit that found no room. `overtime_minutes`: the part of the overtime that goes to pay."""

    source: str
    minutes: int
    reason: str
    overtime_minutes: int
    earned_on: date


@dataclass
class Claim:
    """A source of credit: what it asks for, what of it was credited, whether it waits."""

    on: date
    day_class: DayType = WORKDAY
    overtime_minutes: int = 0
    period_end: date | None = None
    wanted: int | None = None
    credited: int = 0
    waits: bool = False
