"""An approved use that takes other minutes. Owns what returns, what is taken and what of
the rest is owed; why it changed is not known here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from .bank import Bank
from .bank_entries import Entry, Move
from .bank_take import take_days


def change_use(bank: Bank, source: str, on: date, days: Sequence[int], posted_on: date) -> bool:
    """Give back and take again in one, so that a lot that ended since serves it still; without
    `days` nothing is taken. Its limits were judged when it was asked for: what there is alone
    stands against it. False, and nothing posted, where that is less. What pays for what is owed is
    only what is taken less than before."""
    bank.advance(posted_on)
    old = dict(bank.taken(source))
    more = sum(days) - sum(old.values())
    lots = [replace(lot, left=lot.left + old.get(lot.name, 0)) for lot in bank.lots.values()]
    new = take_days(lots, days, on)
    if new is None or (bank.owed and more > 0):
        return False
    if dict(new) == old:
        return True
    left = settled = min(bank.owed, max(0, -more))
    returned: list[Move] = []
    for name, minutes in old.items():
        free = max(0, minutes - dict(new).get(name, 0))
        part = min(left, free) if bank.lots[name].expires_on >= posted_on else 0
        left -= part
        returned.append((name, minutes - part))
    back = Entry(
        "usage_reversal", sum(old.values()), posted_on, source, tuple(returned), left - settled
    )
    moves = tuple((name, -minutes) for name, minutes in new)
    again = Entry("usage", -sum(days), posted_on, source, moves)
    bank.change_use(entry for entry in (back, again) if entry.minutes)
    return True
