"""What a month costs, in exact decimals: the one place where usage becomes money.

Pure: knows neither Odoo nor the clock. The script of docs/service.md computes the same from an
export alone, written apart from this file.
"""

import calendar
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

# Columns of a statement's export, one row a billed day; the same names in JSON and CSV.
COLUMNS = (
    "month",
    "days_in_month",
    "basis",
    "included",
    "price",
    "fee",
    "decimals",
    "billed_before",
    "day",
    "devices",
    "employees",
)


class Terms(NamedTuple):
    """What was ordered. basis: `devices` or `employees`; price, fee: of a whole month, Decimal."""

    basis: str
    included: int
    price: Decimal
    fee: Decimal
    decimals: int  # of the currency


class Month(NamedTuple):
    """One month of a statement: amounts are exact, `fee` + `units` = `whole`."""

    month: str  # YYYY-MM
    days: int  # billed
    unit_days: int  # beyond what is included
    fee: Decimal
    units: Decimal
    billed_before: Decimal

    @property
    def whole(self):
        return self.fee + self.units

    @property
    def due(self):
        return self.whole - self.billed_before


def days_of(first, last):
    """Every date from `first` to `last`, both included; none where the end is before."""
    return [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]


def days_in_month(day):
    return calendar.monthrange(day.year, day.month)[1]


def rounded(amount, decimals):
    """Half a cent goes up, away from zero."""
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def price_month(terms, counts, billed_before=Decimal(0)):
    """The Month of `counts`: `{date: (devices, employees)}` of every billed day of one month.

    A day counts what is beyond the included number; a month's price is paid by its days. A month
    without a billed day costs nothing: ValueError.
    """
    if not counts:
        raise ValueError("a month without a billed day has no price")
    first = min(counts)
    whole = days_in_month(first)
    column = ("devices", "employees").index(terms.basis)
    over = sum(max(0, units[column] - terms.included) for units in counts.values())
    return Month(
        f"{first:%Y-%m}",
        len(counts),
        over,
        rounded(terms.fee * len(counts) / whole, terms.decimals),
        rounded(terms.price * over / whole, terms.decimals),
        billed_before,
    )


def export_rows(terms, counts, billed_before):
    """The rows from which anybody computes `price_month` again: numbers, and money as text."""
    return [
        {
            "month": f"{day:%Y-%m}",
            "days_in_month": days_in_month(day),
            "basis": terms.basis,
            "included": terms.included,
            "price": plain(terms.price),
            "fee": plain(terms.fee),
            "decimals": terms.decimals,
            "billed_before": plain(billed_before),
            "day": day.isoformat(),
            "devices": devices,
            "employees": employees,
        }
        for day, (devices, employees) in sorted(counts.items())
    ]


def plain(amount):
    """A Decimal without an exponent: `0.0000001`, not `1E-7`."""
    return format(amount, "f")


def from_float(value):
    """The Decimal that a person typed, of a float that Odoo keeps of it."""
    return Decimal(repr(value or 0.0)).quantize(Decimal("0.000001")).normalize() + Decimal(0)
