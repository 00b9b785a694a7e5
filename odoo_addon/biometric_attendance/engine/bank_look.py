"""What a bank of compensatory time shows: what can be used on a date, what will be left. Changes
nothing.
"""

from collections.abc import Iterable
from datetime import date

from .bank import Bank


def available(bank: Bank, on: date) -> int:
    """Minutes that could be taken on a date: what is alive then; none while something is owed."""
    alive = sum(lot.left for lot in bank.lots.values() if lot.expires_on >= on)
    return 0 if bank.owed else alive


def forecast(bank: Bank, on: date, planned: Iterable[tuple[str, date, int]]) -> tuple[int, int]:
    """`(balance, minutes lost by expiry until then)` on a date if nothing but `planned` uses
    `(source, date, minutes)` comes."""
    then = Bank.replay(bank.rules, bank.entries)
    count = len(then.entries)
    for source, day, minutes in sorted(planned, key=lambda use: (use[1], use[0])):
        if day <= on:
            then.use(source, day, minutes)
    then.advance(on)
    lost = sum(entry.minutes for entry in then.entries[count:] if entry.kind == "expiry")
    return then.balance, -lost
