"""Reading a terminal's USB export (`attlog.dat`, `<serial>_attlog.dat`): punches and rejects.

Columns parted by TAB: PIN (right-aligned), wall time, device number, status, verify mode, work
code; an older form has the person's name behind the PIN, which is not kept. One bad line never
costs the others and never disappears: it becomes a reject. The rules are those of the device
port's lines (docs/device_port.md) and the agent's own reading of such files, so that a punch has
the same key, and a bad line the same text, whichever way it came. Pure: no odoo, no clock.
"""

import gzip
import io
import re
import unicodedata
import zlib
from datetime import datetime
from typing import NamedTuple

from . import reject_line

# Bytes, after inflation: a full terminal of 200,000 records exports 12 MB.
MAX_BYTES = 32 * 1024 * 1024
MAX_LINES = 400_000
# Longer texts are nothing of a punch: they may be pieces of a template.
LIMITS = {"pin": 24, "status": 8, "verify": 24, "work_code": 40}

# What stands before `_attlog` in a name.
_FILE_NAME = re.compile(r"([^/\\]+?)_attlog[^/\\]*\Z", re.I)
# As terminals write theirs; people also put a month or a branch before the name.
_SERIAL = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}\Z")
# The vendor's "i" of `i_attlog.dat`: the number set in the terminal's menu, 1 from the factory.
_DEVICE_NUMBER = re.compile(r"\d{1,5}\Z", re.ASCII)
_MARK = b"\xef\xbb\xbf"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# What the agent's runtime takes for blank at the ends of a column.
_BLANKS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
# A time as it stands in an export, right or wrong.
_TIME_LIKE = re.compile(
    rf"[{_BLANKS}]*(?:\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}[T ]|\d{{14}}[{_BLANKS}]*\Z)", re.ASCII
)
_TIME = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]+(\d{1,2}):(\d\d):(\d\d)\Z|"
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\Z",
    re.ASCII,
)


class Unreadable(ValueError):
    """The file as a whole is no export; the text says why."""


class Line(NamedTuple):
    """A punch, or a reject when `reason` is set; `raw` is harmless to keep."""

    number: int
    pin: str = ""
    wall_time: str = ""
    status: str = ""
    verify: str = ""
    work_code: str = ""
    reason: str = ""
    raw: str = ""


def serial_in_name(name):
    """The serial number a file name carries, "" for none: an export may have any name."""
    found = _FILE_NAME.match(name or "")
    if not found or _DEVICE_NUMBER.match(found[1]) or not _SERIAL.match(found[1]):
        return ""
    return found[1]


def inflate(data):
    """The bytes of the export; gzip is told by its mark. Bounded, so no bomb passes."""
    if data[:2] != b"\x1f\x8b":
        if len(data) > MAX_BYTES:
            raise Unreadable(f"larger than {MAX_BYTES // 2**20} MiB")
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            plain = packed.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable("damaged gzip file") from error
    if len(plain) > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES // 2**20} MiB")
    return plain


def parse(data, salt):
    """[Line] of an export's bytes, in the order of the file. `salt`: the company's own, for the
    digests of lines that are withheld. Raises Unreadable."""
    rows = enumerate(data.rstrip(b"\0").split(b"\n"), 1)
    rows = [(number, row) for number, row in rows if any(byte > 32 for byte in row)]
    if len(rows) > MAX_LINES:
        raise Unreadable(f"more than {MAX_LINES} lines")
    lines = [_line(number, row, salt) for number, row in rows]
    if lines and not any(line.wall_time for line in lines):
        raise Unreadable("no line of it is a punch")
    return lines


def _line(number, row, salt):
    while row.startswith(_MARK):
        row = row[len(_MARK) :]
    text, sure = _decode(row)
    columns = _columns(text.removesuffix("\r"))
    text = "\t".join(columns)
    reason, values = _read(columns, text, sure)
    if reason:
        return Line(number, reason=reason, raw=reject_line.kept(text, sure, salt))
    return Line(number, *values)


def _decode(row):
    """(text, whether its character set is certain): names come in those of the firmware."""
    try:
        return row.decode("utf-8"), True
    except UnicodeDecodeError:
        pass
    try:
        return row.decode("gb18030"), False
    except UnicodeDecodeError:
        western = (bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in row)
        return "".join(western), False


def _columns(text):
    """Columns without the name of the older form: it is nobody's business here."""
    columns = text.split("\t")
    named = len(columns) > 2 and _TIME_LIKE.match(columns[2]) and not _TIME_LIKE.match(columns[1])
    return columns[:1] + columns[2:] if named else columns


def _read(columns, text, sure):
    """("", values of a punch) or (reason, None)."""
    if len(columns) < 2:
        return "too_few_columns", None
    if _CONTROL.search(text):
        return "unreadable", None
    pin = columns[0].strip(_BLANKS)
    if not pin:
        return "empty_pin", None
    if not _is_pin(pin, sure):
        return "bad_pin", None
    wall_time = read_time(columns[1].strip(_BLANKS))
    if wall_time is None:
        return "bad_time", None
    behind = [column.strip(_BLANKS) for column in columns[3:6]]
    status, verify, work_code = (behind + ["", "", ""])[:3]
    if (
        _length(status) > LIMITS["status"]
        or _length(verify) > LIMITS["verify"]
        or _length(work_code) > LIMITS["work_code"]
    ):
        return "bad_field", None
    return "", (pin, wall_time, status, verify, work_code)


def _is_pin(pin, sure):
    """Text without blanks, controls and pieces of an envelope; a guessed character set may spell
    a PIN that nobody has."""
    if _length(pin) > LIMITS["pin"] or not (pin.isascii() or sure):
        return False
    return not any(
        letter in "=&" or letter in _BLANKS or unicodedata.category(letter)[0] == "C"
        for letter in pin
    )


def read_time(text):
    """`YYYY-MM-DD HH:MM:SS`, or None for what never was on a clock."""
    found = _TIME.match(text)
    if not found:
        return None
    parts = [int(part) for part in found.groups() if part is not None]
    try:
        when = datetime(*parts)
    except ValueError:
        return None
    return when.strftime("%Y-%m-%d %H:%M:%S") if when.year >= 1970 else None


def _length(text):
    """As the agent counts: characters beyond the first plane are two."""
    return len(text.encode("utf-16-le", "replace")) // 2
