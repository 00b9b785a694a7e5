"""Reading a roster from a CSV file, and writing the empty one people fill in. Pure.

Two layouts, told apart by the header: one row per assignment (employee, date, shift), or a plan
with one column per date (employee, 2026-03-02, 2026-03-03, …). Who an employee is and what a shift
is called is the importer's part; here a cell is text with the line it stands on.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from .spreadsheet_text import as_meant, human_text

MAX_BYTES = 2 * 1024 * 1024
MAX_CELLS = 50_000
WHO, DAY, SHIFT, NAME = "employee", "date", "shift", "name"
# What a day off may be written as; an empty cell is never one.
DAY_OFF = ("off", "day off", "-")


class Unreadable(ValueError):
    """The file as a whole cannot be read; the text says why."""


class Cell(NamedTuple):
    """One wish: who works which shift on a date. Texts as they stand in the file."""

    line: int
    who: str
    day: date
    shift: str
    # as it stands beside the number; "" where the file names nobody
    name: str = ""


def parse(data: bytes, date_format: str | None = None) -> tuple[list[Cell], list[tuple[int, str]]]:
    """`([Cell], [(line, fault)])` of the bytes of a file. Unreadable when there is no roster in it.

    Dates are ISO, or in `date_format` (as strftime) where one is given; a two-digit year or any
    other form is a fault. Empty cells of a plan mean "leave as it is", an empty shift of a row is a
    fault. Lines are counted as an editor counts them, the header being line 1.
    """
    return parse_rows(_rows(data), date_format)


def parse_rows(
    rows: Iterator[tuple[int, list[str]]], date_format: str | None = None
) -> tuple[list[Cell], list[tuple[int, str]]]:
    """The same of rows that were read already: `(line, [text])`."""
    _number, header = next(rows, (0, list[str]()))
    if not header:
        raise Unreadable("the file is empty")
    titles = [title.strip().lower() for title in header]
    if WHO not in titles:
        raise Unreadable('the first line has no column "employee"')
    reader = _Reader(titles, date_format)
    for number, row in rows:
        reader.read(number, row)
        if len(reader.cells) > MAX_CELLS:
            raise Unreadable(f"more than {MAX_CELLS} assignments in one file")
    return reader.cells, reader.faults


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    if len(data) > MAX_BYTES:
        raise Unreadable(f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("the file is not UTF-8 text; save it as CSV UTF-8") from error
    if "\0" in text:
        raise Unreadable("the file is no text")
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise Unreadable(f"line {reader.line_num} is no CSV: {error}") from error


class _Reader:
    def __init__(self, titles: Sequence[str], date_format: str | None) -> None:
        self.cells: list[Cell] = []
        self.faults: list[tuple[int, str]] = []
        self._format = date_format
        self._who = titles.index(WHO)
        self._name = titles.index(NAME) if NAME in titles else None
        # columns of date and shift where a row is one assignment, else the date of each column
        self._single: tuple[int, int] | None = None
        self._days: dict[int, date] = {}
        if DAY in titles and SHIFT in titles:
            self._single = titles.index(DAY), titles.index(SHIFT)
        else:
            self._days = self._plan(titles)

    def _plan(self, titles: Iterable[str]) -> dict[int, date]:
        days: dict[int, date] = {}
        refused = 'the first line is neither "employee, date, shift" nor dates: '
        for at, title in enumerate(titles):
            if title in ("", WHO, NAME):
                continue
            day = self._date(title)
            if day is None:
                raise Unreadable(f'{refused}"{title}" is no date')
            days[at] = day
        if not days:
            raise Unreadable(f"{refused}there is no column with a date")
        return days

    def read(self, number: int, row: Sequence[str]) -> None:
        who = _text(row, self._who)
        name = "" if self._name is None else _text(row, self._name)
        if not who:
            self.faults.append((number, "no employee"))
        elif self._single:
            written, shift = (_text(row, at) for at in self._single)
            self._read_single(Cell(number, who, date.min, shift, name), written)
        else:
            for at, day in self._days.items():
                if shift := _text(row, at):
                    self.cells.append(Cell(number, who, day, shift, name))

    def _read_single(self, cell: Cell, written: str) -> None:
        day = self._date(written)
        if day is None:
            self.faults.append((cell.line, f"no date '{written}'"))
        elif not cell.shift:
            self.faults.append((cell.line, "no shift; write OFF for a day off"))
        else:
            self.cells.append(cell._replace(day=day))

    def _date(self, text: str) -> date | None:
        for form in ("%Y-%m-%d", self._format):
            try:
                if form and (found := datetime.strptime(text, form).date()).year > 1999:
                    return found
            except ValueError:
                continue
        return None


def _text(row: Sequence[str], at: int) -> str:
    return as_meant(row[at].strip()) if at < len(row) else ""


def write(days: Sequence[date], people: Iterable[tuple[str, str, Mapping[date, str]]]) -> bytes:
    """Bytes of a plan to fill in. `people`: `[(who, name, {day: shift text})]`."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for number, row in enumerate(plan_rows(days, people)):
        writer.writerow([human_text(text) for text in row] if number else row)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def plan_rows(
    days: Sequence[date], people: Iterable[tuple[str, str, Mapping[date, str]]]
) -> list[list[str]]:
    """The plan as rows of texts, the header first."""
    header = [WHO, NAME, *(day.isoformat() for day in days)]
    return [header] + [
        [who, name, *(shifts.get(day, "") for day in days)] for who, name, shifts in people
    ]
