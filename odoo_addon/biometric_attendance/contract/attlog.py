"""Reading a terminal's USB export (`attlog.dat`, `<serial>_attlog.dat`): punches and rejects.

Columns parted by TAB: PIN (right-aligned), wall time, device number, status, verify mode, work
code. One bad line never costs the others and never disappears: it becomes a reject. The rules are
those of the device port's lines (docs/device_port.md), so that a punch has the same key whichever
way it came. Pure: no odoo, no clock.
"""

import gzip
import hashlib
import io
import re
import zlib
from datetime import datetime
from typing import NamedTuple

# Bytes, after inflation: a full terminal of 200,000 records exports 12 MB.
MAX_BYTES = 32 * 1024 * 1024
MAX_LINES = 400_000
LIMITS = {"pin": 64, "status": 8, "verify": 24, "work_code": 64, "extra": 512, "raw": 1024}
# Longer than any code a terminal writes; templates and photos are hundreds of characters.
MAX_COLUMN = 120

_FILE_NAME = re.compile(
    r"(?:(?P<serial>[A-Za-z0-9._-]{1,64})_)?attlog[^/\\]*\.dat(?:\.gz)?\Z", re.I
)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]")
_TIME = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]+(\d{1,2}):(\d\d):(\d\d)\Z|"
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\Z",
    re.ASCII,
)
_SECRET = re.compile(
    r"(^|[\t\s,;&])(tmp|template|content|feature|photo|pic|passwd|password|pwd|pass|idnum|name|"
    r"card|cardno)=",
    re.I,
)
_LONG_RUN = re.compile(r"[A-Za-z0-9+/=_-]{100,}")


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
    """The serial number a file name carries, "" for none; Unreadable for no export's name."""
    found = _FILE_NAME.match(name or "")
    if not found:
        raise Unreadable("the name is not attlog.dat or SERIAL_attlog.dat")
    return found["serial"] or ""


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


def parse(data):
    """[Line] of an export's bytes, in the order of the file. Raises Unreadable."""
    rows = [(number, row) for number, row in enumerate(data.rstrip(b"\0").split(b"\n"), 1)]
    rows = [(number, row.removesuffix(b"\r")) for number, row in rows if row.strip()]
    if len(rows) > MAX_LINES:
        raise Unreadable(f"more than {MAX_LINES} lines")
    lines = [_line(number, row) for number, row in rows]
    if lines and not any(line.wall_time for line in lines):
        raise Unreadable("no line of it is a punch")
    return lines


def _line(number, row):
    try:
        text, sure = row.decode("utf-8"), True
    except UnicodeDecodeError:
        text, sure = row.decode("cp1252", "replace"), False
    reason, values = _read(text, sure)
    if reason:
        return Line(number, reason=reason, raw=harmless(text))
    return Line(number, *values)


def _read(text, sure):
    """("", values of a punch) or (reason, None)."""
    columns = text.split("\t")
    if len(columns) < 2:
        return "too_few_columns", None
    if _CONTROL.search(text):
        return "unreadable", None
    pin = columns[0].strip()
    if not pin:
        return "empty_pin", None
    if len(pin) > LIMITS["pin"] or _BLANK.search(pin) or not (pin.isascii() or sure):
        return "bad_pin", None
    wall_time = read_time(columns[1].strip())
    if wall_time is None:
        return "bad_time", None
    status, verify, work_code = ([column.strip() for column in columns[3:6]] + ["", "", ""])[:3]
    if (
        len(status) > LIMITS["status"]
        or len(verify) > LIMITS["verify"]
        or len(work_code) > LIMITS["work_code"]
    ):
        return "bad_field", None
    return "", (pin, wall_time, status, verify, work_code)


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


def harmless(text):
    """A line as it may be kept: short, without secrets and anything like a template."""
    if _SECRET.search(text):
        return _withheld(text)
    text = _LONG_RUN.sub(lambda run: _withheld(run[0]), text)
    return text.replace("\0", "\u2400").replace("\n", "\u240a")[: LIMITS["raw"]]


def _withheld(text):
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    return f"[{len(text)} characters withheld, sha256 {digest}]"
