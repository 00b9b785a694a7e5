"""Sheets of paper as our reports fill them: how many rows a page takes, and which way a name runs.

Owns the measures of a page and where a table is cut. Must not know Odoo, nor what is printed.

Measures are CSS pixels on a page 1000 wide. Content wider than the paper is shrunk to it by every
build of wkhtmltopdf and by browsers alike; sizes in mm or pt come out a fifth larger or smaller
from one build to the next. Pages carry their own head and number: headers, footers and repeated
table heads are options that only the patched builds know.
"""

import unicodedata
from dataclasses import dataclass, field
from itertools import groupby

WIDTH = 1000
# What the margins of paper format A4 and Letter leave (biometric_paper.xml), less three lines of
# reserve for text that is wider than `lines` thinks.
HEIGHT = {"A4": 1440, "Letter": 1300}
FOOT = 40
TEXT, LINE, PAD, BORDER, APART = 14, 17, 4, 1, 10
TITLE, TITLE_LINE, HEAD_GAP = 26, 32, 18
GROUP = 46
# Height of what proves a paper: a code and what it says beside it.
STAMP = 150
# Rows that sums take along to a page of their own: nobody signs an empty table.
ALONG = 3
RIGHT_TO_LEFT = ("R", "AL")


@dataclass(frozen=True)
class Column:
    label: str
    width: int
    # Numbers stand at the end of their cell.
    is_number: bool = False
    # A text that follows a number stands apart from it.
    is_apart: bool = False

    @property
    def room(self):
        """Width for a text in pixels."""
        return self.width - 2 * PAD - (APART if self.is_apart else 0)


@dataclass
class Table:
    """Rows of text under one head; `sums` and what stands below them close the last page."""

    columns: list
    rows: list
    title: str = ""
    sums: list = field(default_factory=list)
    # Height of what follows the sums: remarks, a line to sign on.
    below: int = 0
    # Room for handwriting: the least height of a row.
    row_height: int = 0

    def height(self, cells):
        """Height of a row in pixels."""
        most = max(
            lines(text, column.room) for column, text in zip(self.columns, cells, strict=True)
        )
        return max(self.row_height, most * LINE + 2 * PAD + BORDER)

    @property
    def head(self):
        return self.height([column.label for column in self.columns]) + (GROUP if self.title else 0)

    @property
    def tail(self):
        return (self.height(self.sums) if self.sums else 0) + self.below


@dataclass(frozen=True)
class Part:
    """Rows `start` to `end` of a table on one page; the last part has the sums."""

    table: Table
    start: int
    end: int

    @property
    def rows(self):
        return self.table.rows[self.start : self.end]

    @property
    def is_last(self):
        return self.end == len(self.table.rows)


def cut(tables, room):
    """Tables laid one below the other on pages of `room` pixels: `[[Part]]`, a list per page.

    A row is never cut; a table's head never stands without a row; sums never stand without one.
    """
    pages, left = [[]], room
    for table in tables:
        heights = [table.height(cells) for cells in table.rows]
        start = 0
        while True:
            end, used = _fill(table, heights, start, left)
            if end is None and pages[-1]:
                pages.append([])
                left = room
                continue
            if end is None:
                # Higher than a whole page: it runs over rather than not being printed.
                end, used = min(start + 1, len(heights)), room
            pages[-1].append(Part(table, start, end))
            left -= used
            if end == len(heights):
                break
            pages.append([])
            left, start = room, end
    return pages


def _fill(table, heights, start, left):
    """`(end, height)`: how far the rows from `start` go in what is left; `(None, 0)`: nowhere."""
    used, end = table.head, start
    while end < len(heights) and used + heights[end] <= left:
        used += heights[end]
        end += 1
    if end == len(heights):
        if used + table.tail <= left:
            return end, used + table.tail
        end = max(start, end - ALONG)
        used = table.head + sum(heights[start:end])
    return (end, used) if end > start else (None, 0)


def lines(text, width, size=TEXT):
    """Lines that a text takes in `width` pixels, rather too many than too few: fonts differ."""
    room = width / size
    count, used = 1, 0.0
    for word in str(text or "").split():
        length = sum(map(_em, word))
        if used and used + 0.36 + length > room:
            count, used = count + 1, 0.0
        used += length + (0.36 if used else 0)
        while used > room:
            count, used = count + 1, used - room
    return count


def _em(character):
    """Width of a character in em, of a wide font."""
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0.0
    if unicodedata.bidirectional(character) == "AL":
        return 0.52
    if character in "ijlI.,:;'|/":
        return 0.34
    if character in "rtf!()[]-":
        return 0.42
    return 0.76 if character.isupper() or character in "mwMW@%" else 0.64


def direction(text):
    """`rtl` for a text whose first letter belongs to a script that runs from right to left."""
    for character in str(text or ""):
        kind = unicodedata.bidirectional(character)
        if kind in RIGHT_TO_LEFT:
            return "rtl"
        if kind == "L":
            break
    return "ltr"


def runs(text):
    """`[(direction, words)]`: words that run one way. wkhtmltopdf draws Arabic and a number of one
    run over each other; apart they stand where they belong."""
    return [
        (way, " ".join(words))
        for way, words in groupby(str(text or "").split(), key=_word_direction)
    ]


def _word_direction(word):
    letters = (unicodedata.bidirectional(character) for character in word if character.isalpha())
    return "rtl" if any(kind in RIGHT_TO_LEFT for kind in letters) else "ltr"
