"""Whether a line that could not be read may be kept as it came, and what is kept of it otherwise.

An unreadable line may hold anything: a template, a photo, a name, a password. So it is kept only
where it is made of short columns such as attendance has; of any other its length, number of columns
and a salted digest remain. The agent has the same rule, and tests/contract/rejects.json holds what
both must answer. Pure: no odoo, no clock.
"""

import hashlib
import re

MAX_COLUMNS = 12
# Of UTF-8.
MAX_BYTES = 200
WITHHELD = "withheld: it may hold personal data"

# Names of tables that stand before a row, with a blank behind them.
_TABLE = re.compile(r"(?:ATTLOG|rtlog|transaction) ", re.I)
# Words of the access dialect and of attendance lines in pairs.
_WORD = re.compile(
    r"(?:time|time_second|pin|cardno|eventaddr|event|eventtype|inoutstatus|inoutstate|verifytype|"
    r"verified|verify|status|workcode|index|doorid|sitecode|linkid|devid|attstate|maskflag|"
    r"temperature|convtemperature)=",
    re.I | re.ASCII,
)
# A time, a number, an address; or a short code without a blank.
_COLUMN = re.compile(r"(?:[0-9\-/:.+ ]{0,28}|[A-Za-z0-9_.-]{1,16})\Z")
# A word or a number that stands alone is less: pieces of a wrapped template come one a line.
_LONE = re.compile(r" *(?:[0-9]{0,8}|[A-Z]?[a-z]{0,7}|[A-Z]{1,8}) *\Z")


def kept(text, sure, salt, table="table ATTLOG"):
    """The line as it may be kept. sure: whether its bytes were UTF-8; salt: the company's own."""
    return text if sure and _is_keepable(text) else _withheld(text, salt, table)


def _is_keepable(text):
    named = _TABLE.match(text)
    columns = text[named.end() if named else 0 :].split("\t")
    if len(text.encode()) > MAX_BYTES or len(columns) > MAX_COLUMNS:
        return False
    if len(columns) == 1 and not _WORD.match(columns[0]):
        return bool(_LONE.match(columns[0]))
    return all(_COLUMN.match(_without_word(column)) for column in columns)


def _without_word(column):
    found = _WORD.match(column)
    return column[found.end() :] if found else column


def _withheld(text, salt, table):
    data = text.encode()
    columns = text.count("\t") + 1
    digest = hashlib.sha256(f"{salt}\n".encode() + data).hexdigest()[:16]
    return f"{WITHHELD} ({table}, {len(data)} bytes, {columns} columns, digest {digest})"
