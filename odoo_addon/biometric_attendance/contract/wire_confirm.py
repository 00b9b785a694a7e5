"""Strict reading of a confirm request (docs/contract.md) into plain values. Pure, like wire.py."""

import re
from datetime import date

from . import wire

MAX_DAYS = 1000
MAX_REJECTS = 1000
MAX_KEYS = 5000
_HEX64 = re.compile(r"[0-9a-f]{64}\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


def parse_days(body):
    """{day text: (count, digest)} of a confirm request."""
    days = {}
    for row in wire.objects(body, "days", MAX_DAYS, least=1):
        day = wire.text(row, "day", 10, pattern=_DAY)
        try:
            date.fromisoformat(day)
        except ValueError as error:
            raise wire.Malformed("day: no such day") from error
        days[day] = (wire.whole(row, "count"), wire.digest(row, "digest"))
    return days


def parse_keys(body):
    return _digests(body, "keys", MAX_KEYS)


def parse_rejects(body):
    """Digests of unreadable lines of a confirm request."""
    return _digests(body, "rejects", MAX_REJECTS)


def _digests(body, name, most):
    digests = wire.listed(body, name, most, least=1)
    for item in digests:
        if not isinstance(item, str) or not _HEX64.match(item):
            raise wire.Malformed(f"{name}: 64 lower-case hex digits expected")
    return digests
