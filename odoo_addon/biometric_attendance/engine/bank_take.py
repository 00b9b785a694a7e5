"""Which lots time off is taken out of: what ends first, of those that are alive on its date.

Owns that choice alone; must not know why it is taken, nor post anything.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from .bank_entries import Lot, Move


def alive(lots: Iterable[Lot], on: date) -> list[Lot]:
    """Lots that can be used on a date, in the order they are used up."""
    return sorted((lot for lot in lots if lot.expires_on >= on), key=lambda lot: lot.order)


def take_days(lots: Iterable[Lot], days: Iterable[int], on: date) -> list[Move] | None:
    """`[(lot, minutes)]` for consecutive dates from `on`; None if any date lacks cover."""
    lots = list(lots)
    left = {lot.name: lot.left for lot in lots}
    taken: dict[str, int] = {}
    for number, wanted in enumerate(days):
        minutes = wanted
        for lot in alive(lots, on + timedelta(days=number)):
            part = min(minutes, left[lot.name])
            if part:
                left[lot.name] -= part
                taken[lot.name] = taken.get(lot.name, 0) + part
                minutes -= part
        if minutes:
            return None
    return list(taken.items())
