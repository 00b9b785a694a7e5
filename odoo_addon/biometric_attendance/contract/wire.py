"""Strict reading of what an agent posts (docs/contract.md), into plain values.

Pure: no odoo, no clock. A wrong envelope raises Malformed, which names the field; a wrong
sighting does not refuse its neighbours, it comes back with `fault` set. Fields that the contract
does not name are ignored: nothing posted ever chooses a model, a field or a database.
"""

import base64
import binascii
import json
import re
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from . import chain

MAX_BODY_BYTES = 1024 * 1024
MAX_SIGHTINGS = 1000
MAX_USERS = 1000
MAX_UPLOAD_USERS = 100_000
MAX_DEVICES = 1000
MAX_LISTED = 100
MAX_ERRORS = 20
MAX_COUNTERSIGNED = 50
MAX_REMEMBERED = 400
# Largest whole number that TypeScript and JSON readers hold exactly.
MAX_WHOLE = 2**53 - 1
# Numbers of a lane fit a PostgreSQL integer: two thousand million sightings of one queue file.
MAX_SEQ = 2**31 - 1

# What the texts of a sighting may be, as parts of one expression.
_TEXTS = {
    "serial": r"[A-Za-z0-9._-]{1,64}",
    "pin": r"[^\n\0]{1,64}",
    "wall_time": r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}",
    "status": r"[^\n\0]{0,8}",
    "verify": r"[^\n\0]{0,24}",
    "work_code": r"[^\n\0]{0,64}",
    "extra": r"[^\n\0]{0,512}",
    "channel": r"(?:push|poll|file)",
    "received_at": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z",
    "clock": r"(?:ok|unsure)",
    "salt": r"[0-9a-f]{32}",
    "reason": r"[^\n\0]{1,32}",
    "raw": r"[^\n\0]{0,1024}",
    "key": r"[0-9a-f]{64}",
    "leaf": r"[0-9a-f]{64}",
    "hash": r"[0-9a-f]{64}",
}
_NAMES = ("key", "salt", "serial", "wall_time", "received_at")
_HEX64, _HEX32, _SERIAL, _WALL, _INSTANT = (re.compile(_TEXTS[name] + r"\Z") for name in _NAMES)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Years of instants that an agent states. Wider is no clock, and what is computed with it overflows.
FIRST_YEAR, LAST_YEAR = 1970, 2099


class Malformed(ValueError):
    """The request does not have the shape of the contract; the text names the field."""

    # Odoo logs an exception with this attribute in one line of that level, without a traceback.
    loglevel = 20


class Sighting(NamedTuple):
    """One sighting as posted. Fields that its kind does not have are empty texts.

    `proof`: base64 of the signature under the reason of a bare leaf.
    `fault`: None, or why it is not kept: bad_field, key_mismatch, leaf_mismatch.
    """

    kind: str
    seq: int
    leaf: str = ""
    hash: str = ""
    serial: str = ""
    pin: str = ""
    wall_time: str = ""
    status: str = ""
    verify: str = ""
    work_code: str = ""
    extra: str = ""
    channel: str = ""
    received_at: str = ""
    clock: str = ""
    salt: str = ""
    key: str = ""
    reason: str = ""
    raw: str = ""
    proof: str = ""
    fault: str | None = None


def load(data):
    """JSON object of version 1 from bytes, or Malformed."""
    try:
        body = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is not JSON in UTF-8") from error
    if not isinstance(body, dict):
        raise Malformed("the body is not a JSON object")
    if body.get("version") != 1 or isinstance(body.get("version"), bool):
        raise Malformed("version: only 1 is known")
    return body


def _no_constant(name):
    raise ValueError(name)


def text(obj, name, limit, *, pattern=None, empty=True, default=None):
    """A text without line feed, NUL or half characters, at most `limit` characters."""
    value = obj.get(name, default)
    if not isinstance(value, str):
        raise Malformed(f"{name}: text expected")
    if len(value) > limit:
        raise Malformed(f"{name}: at most {limit} characters")
    if not empty and not value:
        raise Malformed(f"{name}: must not be empty")
    if "\n" in value or "\0" in value:
        raise Malformed(f"{name}: must not hold a line feed or NUL")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Malformed(f"{name}: not valid Unicode") from error
    if pattern is not None and not pattern.match(value):
        raise Malformed(f"{name}: wrong form")
    return value


def plain(obj, name, limit):
    """Free text for people, cut to `limit`, control characters taken out; missing is empty."""
    value = obj.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{name}: text expected")
    value = _CONTROL.sub(" ", value[: limit * 2]).strip()
    return value.encode("utf-8", "replace").decode()[:limit]


def whole(obj, name, low=0, high=MAX_WHOLE, *, default=None, optional=False):
    value = obj.get(name, default)
    if value is None and optional:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Malformed(f"{name}: whole number from {low} to {high} expected")
    return value


def flag(obj, name, default=False):
    value = obj.get(name, default)
    if not isinstance(value, bool):
        raise Malformed(f"{name}: true or false expected")
    return value


def choice(obj, name, values, default=None):
    value = obj.get(name, default)
    if not isinstance(value, str) or value not in values:
        raise Malformed(f"{name}: one of {', '.join(values)} expected")
    return value


def group(obj, name):
    """A JSON object below `name`; missing is an empty one."""
    value = obj.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Malformed(f"{name}: object expected")
    return value


def listed(obj, name, limit, *, least=0):
    value = obj.get(name)
    if value is None and not least:
        return []
    if not isinstance(value, list) or not least <= len(value) <= limit:
        raise Malformed(f"{name}: list of {least} to {limit} expected")
    return value


def objects(obj, name, limit, *, least=0):
    rows = listed(obj, name, limit, least=least)
    if not all(isinstance(row, dict) for row in rows):
        raise Malformed(f"{name}: list of objects expected")
    return rows


def instant(obj, name, *, optional=False):
    """Text of an instant as sent, checked to exist in the calendar; None when optional and null."""
    value = obj.get(name)
    if value is None and optional:
        return None
    value = text(obj, name, 24, pattern=_INSTANT)
    to_datetime(value, name)
    return value


def to_datetime(value, name="instant"):
    """Naive UTC datetime with milliseconds of a contract instant."""
    try:
        when = datetime.fromisoformat(value[:-1])
    except ValueError as error:
        raise Malformed(f"{name}: no such instant") from error
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise Malformed(f"{name}: a year from {FIRST_YEAR} to {LAST_YEAR} expected")
    return when


def from_datetime(value):
    """Contract instant of a naive UTC datetime."""
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def wall_time(obj, name, *, optional=False):
    if obj.get(name) is None and optional:
        return None
    value = text(obj, name, 19, pattern=_WALL)
    _check_calendar(value, name)
    return value


def _check_calendar(value, name):
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise Malformed(f"{name}: no such time") from error


def serial(obj, name="serial"):
    return text(obj, name, 64, pattern=_SERIAL)


def lane(obj, name="lane"):
    return text(obj, name, 32, pattern=_HEX32)


def digest(obj, name):
    return text(obj, name, 64, pattern=_HEX64)


def uuid(obj, name):
    return text(obj, name, 36, pattern=_UUID)


def word(obj, name):
    return text(obj, name, 32, pattern=_WORD)


def raw_base64(obj, name, size, *, optional=False):
    """Exactly `size` bytes from base64."""
    if obj.get(name) is None and optional:
        return None
    value = text(obj, name, 4 * size)
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"{name}: not base64") from error
    if len(data) != size:
        raise Malformed(f"{name}: {size} bytes expected")
    return data


def sighting_count(body):
    """How many sightings a punches request carries; Malformed when it is no list of some."""
    return len(listed(body, "sightings", MAX_SIGHTINGS, least=1))


def parse_batch(body):
    """(batch_id, lane, [Sighting]) of a punches request; Malformed when the envelope is wrong."""
    batch_id = uuid(body, "batch_id")
    lane_name = lane(body)
    rows = objects(body, "sightings", MAX_SIGHTINGS, least=1)
    return batch_id, lane_name, [_sighting(lane_name, row) for row in rows]


def _sighting(lane_name, row):
    # Without its number a sighting cannot be answered, so a wrong number refuses the envelope.
    seq = whole(row, "seq", 1, MAX_SEQ)
    kind = row.get("kind")
    try:
        if kind == "punch":
            return _check(lane_name, _punch(row, seq))
        if kind == "reject":
            return _check(lane_name, _reject(row, seq))
        if kind == "leaf":
            named = Sighting("leaf", seq, digest(row, "leaf"), digest(row, "hash"))
            if row.get("reason") is None and row.get("signature") is None:
                return named
            return named._replace(reason=word(row, "reason"), proof=text(row, "signature", 128))
    except Malformed:
        return Sighting(kind, seq, fault="bad_field")
    return Sighting("leaf", seq, fault="bad_field")


class _Form:
    """Texts of a sighting and what each may be. They are read as one text joined by LF, which none
    may hold, so that one expression judges them all: field by field took a third of an ingest."""

    def __init__(self, names):
        self.names = tuple(names)
        self._pick = itemgetter(*self.names)
        self._match = re.compile("\n".join(_TEXTS[name] for name in self.names) + r"\Z").match

    def read(self, row):
        """The values in the order of `names`; Malformed names the first that is wrong."""
        try:
            values = self._pick(row)
            joined = "\n".join(values)
            joined.encode()
        except (KeyError, TypeError, UnicodeEncodeError) as error:
            raise Malformed(f"{self._wrong(row)}: text expected") from error
        if not self._match(joined):
            raise Malformed(f"{self._wrong(row)}: wrong form")
        return values

    def _wrong(self, row):
        for name in self.names:
            value = row.get(name)
            if not isinstance(value, str) or not re.match(_TEXTS[name] + r"\Z", value):
                return name
        return "a field"


# In the order of Sighting.
_PUNCH = _Form(Sighting._fields[2:16])
_REJECT = _Form(
    ("leaf", "hash", "serial", "channel", "received_at", "clock", "salt", "reason", "raw")
)


def _punch(row, seq):
    sighting = Sighting("punch", seq, *_PUNCH.read(row))
    _check_calendar(sighting.wall_time, "wall_time")
    to_datetime(sighting.received_at, "received_at")
    return sighting


def _reject(row, seq):
    values = dict(zip(_REJECT.names, _REJECT.read(row), strict=True))
    to_datetime(values["received_at"], "received_at")
    return Sighting("reject", seq, **values)


def _check(lane_name, sighting):
    if sighting.kind == "punch":
        key = chain.punch_key(sighting.serial, sighting.pin, sighting.wall_time, sighting.status)
        if key != sighting.key:
            return sighting._replace(fault="key_mismatch")
    if chain.sighting_leaf(lane_name, sighting) != sighting.leaf:
        return sighting._replace(fault="leaf_mismatch")
    return sighting


def exported_punch(lane_name, row):
    """Sighting of a punch in a file its agent signed; its leaf follows from its fields.

    Malformed when a field is wrong or the key is not that of the fields.
    """
    seq = whole(row, "seq", 1, MAX_SEQ)
    sighting = _punch(row | {"leaf": row["hash"]}, seq)
    sighting = sighting._replace(leaf=chain.sighting_leaf(lane_name, sighting))
    if fault := _check(lane_name, sighting).fault:
        raise Malformed(f"key: {fault}")
    return sighting


def parse_upload(body):
    """(id, total) of a list of users that travels in several requests; None for a list in one."""
    row = group(body, "upload")
    if not row:
        return None
    return uuid(row, "id"), whole(row, "total", 1, MAX_UPLOAD_USERS)


def parse_users(body):
    """List of dicts of a users request, in the names of biometric.device.user."""
    users = {}
    for row in objects(body, "users", MAX_USERS):
        counts = group(row, "credentials")
        pin = text(row, "pin", 64, empty=False)
        users[pin] = {
            "pin": pin,
            "device_name": plain(row, "name", 64),
            "privilege": plain(row, "privilege", 24)
            if isinstance(row.get("privilege"), str)
            else str(whole(row, "privilege", 0, 255, default=0)),
            "card": plain(row, "card", 32),
            "group": plain(row, "group", 24),
            "has_password": flag(row, "has_password"),
            "fingers": whole(counts, "finger", 0, 1000, default=0),
            "faces": whole(counts, "face", 0, 1000, default=0),
            "palms": whole(counts, "palm", 0, 1000, default=0),
        }
    return list(users.values())
