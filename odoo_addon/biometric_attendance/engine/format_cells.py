"""What files of payroll programs have in common: cells, limits, and refusals that name people.

Owns how a value becomes a cell and how a file is refused before a byte of it is written. Must not
know any program's columns.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from .payroll import ExportError, hours_text, table_text

# More names than these help nobody who reads a refusal.
MOST_NAMES = 10


# Of programs that take no hours below zero.
HOLD_BACK = (
    "below zero, which this program cannot take; the rule set can hold such differences back "
    "(negative_policy: hold)"
)


class Refused(ExportError):
    """A file that must not be made. `word`: what of the input is refused, for programs."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word

    def named(self, _names: Mapping[str, str]) -> "Refused":
        """The same with people by their names. `names`: by number."""
        return self


class PeopleRefused(Refused):
    """Refused because of people. `about`: `(number in the program, what is wrong of it or "")`."""

    def __init__(self, word: str, about: Sequence[tuple[str, str]], remedy: str) -> None:
        super().__init__(word, _listed((f"{who} {what}".strip() for who, what in about), remedy))
        self.about, self.remedy = about, remedy

    def named(self, names: Mapping[str, str]) -> Refused:
        about = [(names.get(number, number), what) for number, what in self.about]
        return PeopleRefused(self.word, about, self.remedy)


@dataclass(frozen=True)
class Total:
    """Period minutes of one person. `reference`: the payroll program's own number or id, as text;
    `extra`: minutes by the program's own code or name; `zeros`: which of regular, overtime and
    doubletime are told though they are zero, to take back what an earlier file wrote."""

    reference: str
    regular: int = 0
    overtime: int = 0
    doubletime: int = 0
    extra: Mapping[str, int] = field(default_factory=dict[str, int])
    first: str = ""
    last: str = ""
    title: str = ""
    zeros: frozenset[str] = frozenset()

    @property
    def minutes(self) -> int:
        return self.regular + self.overtime + self.doubletime + sum(self.extra.values())

    @property
    def who(self) -> str:
        """The name for a refusal; the number where no name came."""
        return " ".join(part for part in (self.first, self.last) if part) or self.reference


def hours_or_blank(minutes: int, point: str = ".") -> str:
    """Zero is blank: most importers read a zero as a value to write."""
    return hours_text(minutes, point) if minutes else ""


def refuse_all(word: str, names: Iterable[str], remedy: str) -> None:
    """Refuse the whole file if there is anybody on the list: a file that leaves one out pays
    nothing to that person and reports no error."""
    found = sorted(set(names))
    if found:
        raise Refused(word, _listed(found, remedy))


def refuse_people(word: str, about: Iterable[tuple[str, str]], remedy: str) -> None:
    """The same of people by their number, with what is wrong of each."""
    found = sorted(set(about))
    if found:
        raise PeopleRefused(word, found, remedy)


def _listed(names: Iterable[str], remedy: str) -> str:
    found = list(names)
    more = len(found) - MOST_NAMES
    shown = ", ".join(found[:MOST_NAMES])
    return f"{shown}{f' and {more} more' if more > 0 else ''}: {remedy}"


def limited(word: str, text: str, longest: int, what: str) -> str:
    """A value that must be there and may be so long."""
    if not text or len(text) > longest:
        raise Refused(word, f"{what} {text!r} must have 1 to {longest} characters")
    return text


def matching(word: str, text: str, pattern: str, remedy: str) -> str:
    """A value in the one form that the program takes; digits are 0 to 9."""
    if not re.fullmatch(pattern, text, re.ASCII):
        raise Refused(word, f"{text!r}: {remedy}")
    return text


def all_matching(word: str, values: Iterable[str], pattern: str, remedy: str) -> None:
    """The same of codes and the like, with all that are wrong."""
    wrong = (repr(one) for one in values if not re.fullmatch(pattern, one, re.ASCII))
    refuse_all(word, wrong, remedy)


def people_matching(word: str, numbers: Iterable[str], pattern: str, remedy: str) -> None:
    """The same of people's numbers."""
    wrong = ((one, "") for one in numbers if not re.fullmatch(pattern, one, re.ASCII))
    refuse_people(word, wrong, f"{remedy}; see Payroll › Payroll numbers")


def within(word: str, hours: Iterable[tuple[str, int]], most_hours: str) -> None:
    """Refused where minutes are more than the column can hold. `hours`: `(number, minutes)`;
    `most_hours` as the program writes it, `999.99`."""
    most = int(most_hours.replace(".", ""))
    wrong = (
        (number, f"{hours_text(minutes)} hours")
        for number, minutes in hours
        if abs(int(hours_text(minutes).replace(".", ""))) > most
    )
    remedy = f"the column holds {most_hours}; look at their days, or close shorter periods"
    refuse_people(word, wrong, remedy)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Rows under their headings, quoted where needed."""
    found = [tuple(row) for row in rows]
    for row in found:
        _plain(row)
    return table_text(columns, found, delimiter)


def line_of(cells: Sequence[str], delimiter: str) -> str:
    """One row of a file that knows no quotes: a delimiter in a value would move what follows into
    another column."""
    _plain(cells, delimiter)
    return delimiter.join(cells)


def _plain(cells: Iterable[str], delimiter: str = "") -> None:
    for cell in cells:
        if any(char == delimiter or unicodedata.category(char) == "Cc" for char in cell):
            what = "a line break or a tab" if delimiter in ("", "\t") else repr(delimiter)
            raise Refused("cell", f"{cell!r} holds {what}, which the program cannot take: mend it")


def unique(word: str, keys: Sequence[tuple[str, str]], remedy: str) -> None:
    """`keys`: `(what the importer matches by, name of the person)`; two people with one key would
    be paid as one."""
    seen: dict[str, str] = {}
    twice: list[str] = []
    for key, name in keys:
        if seen.setdefault(key, name) != name:
            twice += [seen[key], name]
    refuse_all(word, twice, remedy)


def encoded(text: str, encoding: str, alphabet: str = "") -> bytes:
    """Bytes of the file. `alphabet`: a pattern that every character must match, where the program
    takes less than its encoding has. Refused, never `?`."""
    bad = sorted({char for char in text if alphabet and not re.fullmatch(alphabet, char)})
    if not bad:
        try:
            return text.encode(encoding)
        except UnicodeEncodeError as error:
            bad = [error.object[error.start]]
    line = next(line for line in text.splitlines() if bad[0] in line)
    raise Refused("encoding", f"the program has no character {bad[0]!r}; it stands in: {line}")


def american(day: date) -> str:
    """MM/DD/YYYY"""
    return f"{day:%m/%d/%Y}"


def german(day: date) -> str:
    """TT.MM.JJJJ"""
    return f"{day:%d.%m.%Y}"


def joined(lines: Iterable[str]) -> str:
    """Lines, each ended by CRLF."""
    return "".join(f"{line}\r\n" for line in lines)
