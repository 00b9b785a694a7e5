"""Reading opening balances of time accounts from a CSV file. Pure.

One line a lot: employee, hours, and where there are any the last date of use and a document. Who an
employee is is the importer's part.
"""

import csv
import io
import re
from datetime import date, datetime
from typing import NamedTuple

from .spreadsheet_text import as_meant

MAX_BYTES = 2 * 1024 * 1024
WHO, HOURS, EXPIRES, DOCUMENT, NAME = "employee", "hours", "expires", "document", "name"
# 08:30:00 AM is what a spreadsheet may make of 8:30 when it saves the file.
_CLOCK = re.compile(r"(-?)([0-9]{1,5}):([0-5][0-9])(?::00)?(?: ?([AaPp])[Mm])?")
_DECIMAL = re.compile(r"(-?)([0-9]{1,5})(?:[.,]([0-9]{1,2}))?")


class Unreadable(ValueError):
    """The file as a whole cannot be read; the text says why."""


class Lot(NamedTuple):
    """One balance brought in: texts as they stand, minutes whole and signed."""

    line: int
    who: str
    name: str
    minutes: int
    expires_on: date | None
    document: str


def parse(data: bytes, date_format: str | None = None) -> tuple[list[Lot], list[tuple[int, str]]]:
    """`([Lot], [(line, fault)])` of the bytes of a file. Hours are `8:30`, `8.5` or `8,5`; dates
    ISO, or in `date_format` (as strftime). Unreadable where there are no balances in it."""
    if len(data) > MAX_BYTES:
        raise Unreadable("the file is larger than 2 MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("the file is not UTF-8") from error
    delimiter = ";" if text.partition("\n")[0].count(";") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    titles = [title.strip().lower() for title in next(rows, list[str]())]
    missing = [title for title in (WHO, HOURS) if title not in titles]
    if missing:
        raise Unreadable(f'the first line has no column "{missing[0]}"')
    lots: list[Lot] = []
    faults: list[tuple[int, str]] = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        try:
            lots.append(_lot(rows.line_num, dict(zip(titles, row, strict=False)), date_format))
        except ValueError as error:
            faults.append((rows.line_num, str(error)))
    if not lots and not faults:
        raise Unreadable("the file has no lines")
    return lots, faults


def _lot(line: int, cells: dict[str, str], date_format: str | None) -> Lot:
    who, name, document = (
        as_meant(cells.get(title, "").strip()) for title in (WHO, NAME, DOCUMENT)
    )
    if not who:
        raise ValueError("names no employee")
    last = _date(cells.get(EXPIRES, "").strip(), date_format)
    minutes = minutes_of(cells.get(HOURS, "").strip())
    if not minutes:
        raise ValueError("brings no time")
    return Lot(line, who, name, minutes, last, document)


def _date(text: str, date_format: str | None) -> date | None:
    for form in ("%Y-%m-%d", date_format):
        try:
            if form and text and (found := datetime.strptime(text, form).date()).year > 1999:
                return found
        except ValueError:
            continue
    if text:
        raise ValueError(f"{text!r} is no date; write it as 2026-12-31")
    return None


def minutes_of(text: str) -> int:
    """Whole minutes of `8:30`, `8.5`, `8,25`; ValueError for anything else, and for parts of a
    minute."""
    if match := _CLOCK.fullmatch(text):
        sign, hours, rest, half = match.groups()
        whole = int(hours)
        if half and not 1 <= whole <= 12:
            raise ValueError(f"{text!r} are no hours; write them as 8:30 or 8.5")
        if half:
            whole = whole % 12 + (12 if half in "Pp" else 0)
        minutes = whole * 60 + int(rest)
    elif match := _DECIMAL.fullmatch(text):
        sign, hours, part = match.groups()
        hundredths = int((part or "0").ljust(2, "0")) * 60
        if hundredths % 100:
            raise ValueError(f"{text!r} hours are no whole minutes; write them as 8:20")
        minutes = int(hours) * 60 + hundredths // 100
    else:
        raise ValueError(f"{text!r} are no hours; write them as 8:30 or 8.5")
    return -minutes if sign else minutes
