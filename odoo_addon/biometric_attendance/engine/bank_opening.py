"""Corrections of a balance that was brought in wrongly. Owns which lots they touch and what is owed
by them; who may correct is not known here.
"""

from datetime import date

from .bank import Bank
from .bank_entries import Entry, Move
from .bank_limits import FOREVER


def correct_opening(
    bank: Bank, source: str, on: date, minutes: int, expires_on: date | None = None, wrong: str = ""
) -> None:
    """`minutes` above zero settle what is owed, the rest opens a lot. Below zero they leave the lot
    `wrong` first, then what ends first; what was taken already is owed from now on."""
    bank.advance(on)
    ends = expires_on or FOREVER
    if minutes >= 0:
        settled = min(bank.owed, minutes)
        moves = ((source, minutes - settled),)
        bank.correct_opening(Entry("opening", minutes, on, source, moves, -settled, on, ends))
        return
    alive = [lot for lot in bank.lots.values() if lot.expires_on >= on and lot.left]
    left = -minutes
    taken: list[Move] = []
    for lot in sorted(alive, key=lambda lot: (lot.name != wrong, lot.order)):
        part = min(left, lot.left)
        if part:
            taken.append((lot.name, -part))
            left -= part
    bank.correct_opening(Entry("opening", minutes, on, source, tuple(taken), left, on, ends))
