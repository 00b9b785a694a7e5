"""What files of payroll programs have in common: cells, limits, and refusals that name people.

Owns how a value becomes a cell and how a file is refused before a byte of it is written. Must not
know any program's columns.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from .payroll import ExportError, hours_text

# More names than these help nobody who reads a refusal.
MOST_NAMES = 10


class Refused(ExportError):
    """A file that must not be made. `word`: what of the input is refused, for programs."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


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
    if not found:
        return
    shown = ", ".join(found[:MOST_NAMES])
    more = len(found) - MOST_NAMES
    raise Refused(word, f"{shown}{f' and {more} more' if more > 0 else ''}: {remedy}")


def limited(word: str, text: str, longest: int, what: str) -> str:
    """A value that must be there and may be so long."""
    if not text or len(text) > longest:
        raise Refused(word, f"{what} {text!r} must have 1 to {longest} characters")
    return text


def matching(word: str, text: str, pattern: str, remedy: str) -> str:
    """A value in the one form that the program takes."""
    if not re.fullmatch(pattern, text):
        raise Refused(word, f"{text!r}: {remedy}")
    return text


def within(word: str, minutes: int, most_hours: str, whose: str) -> int:
    """Minutes that the column can hold; `most_hours` as the program writes it, `999.99`."""
    if abs(int(hours_text(minutes).replace(".", ""))) > int(most_hours.replace(".", "")):
        raise Refused(word, f"{whose}: {hours_text(minutes)} hours; the column holds {most_hours}")
    return minutes


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
