"""Strict reading of the file an agent signs with `export` (docs/agent.md, "Signed CSV").

Pure, like wire.py. The signature covers every byte before its own line, so a file is read only
after whoever calls has checked it.
"""

import base64
import csv
import hashlib
import io
from typing import NamedTuple

from . import chain, wire
from .wire import Malformed

MAX_FILE_BYTES = 64 * 1024 * 1024
COLUMNS = (
    "serial",
    "pin",
    "wall_time",
    "status",
    "verify",
    "work_code",
    "extra",
    "channel",
    "received_at",
    "state",
    "lane",
    "seq",
    "key",
    "clock",
    "salt",
    "hash",
)
# The agent gave such a row another number, or cannot prove it any more: it never delivers it.
NEVER_DELIVERED = ("renumbered", "damaged")
_MARK = b"\r\n#signature,"


class SignedFile(NamedTuple):
    """fingerprint: 16 hex digits; signed_text: what the signature is over; signature: base64."""

    fingerprint: str
    signed_text: str
    signature: str
    body: bytes
    digest: str


def split(data):
    """SignedFile of the bytes of a file; Malformed when its last line is no signature."""
    if len(data) > MAX_FILE_BYTES:
        raise Malformed(f"the file is larger than {MAX_FILE_BYTES // 1024 // 1024} MiB")
    at = data.rfind(_MARK) + 2
    line = data[at:]
    if at < 2 or not line.endswith(b"\r\n") or line.count(b"\n") != 1:
        raise Malformed("its last line is not the agent's signature")
    cells = line.decode("ascii", "replace").strip().split(",")
    if len(cells) != 4 or cells[1] != "ed25519":
        raise Malformed("its last line is not the agent's signature")
    try:
        base64.b64decode(cells[3], validate=True)
    except ValueError as error:
        raise Malformed("its signature is damaged") from error
    digest = hashlib.sha256(data[:at]).hexdigest()
    signed_text = "\n".join((chain.VERSION, "export", digest))
    return SignedFile(cells[2], signed_text, cells[3], data[:at], digest)


def parse(body):
    """[(lane, Sighting)] of the signed part, in its order; Malformed names the line."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("the file is not UTF-8") from error
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        if tuple(next(rows, ())) != COLUMNS:
            raise Malformed("its columns are not those of this version")
        sightings = [found for cells in rows if (found := _sighting(cells))]
    except csv.Error as error:
        raise Malformed(f"line {rows.line_num}: not CSV") from error
    except Malformed as error:
        raise Malformed(f"line {rows.line_num}: {error}") from error
    return sightings


def _sighting(cells):
    if len(cells) != len(COLUMNS):
        raise Malformed("wrong number of columns")
    row = {name: _exact(cell) for name, cell in zip(COLUMNS, cells, strict=True)}
    if row["state"] in NEVER_DELIVERED:
        return None
    if not row["seq"].isascii() or not row["seq"].isdigit():
        raise Malformed("seq: whole number expected")
    lane = wire.lane(row)
    return lane, wire.exported_punch(lane, row | {"seq": int(row["seq"])})


def _exact(cell):
    """What a spreadsheet would have run wears one apostrophe, and so does what begins with one."""
    return cell[1:] if cell.startswith("'") else cell
