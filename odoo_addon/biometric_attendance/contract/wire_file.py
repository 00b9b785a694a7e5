"""Strict reading of a request for a part of a file (docs/contract.md).

Pure: no odoo, no clock. Must not know which files there are.
"""

import re

from .wire import Malformed

_RANGE = re.compile(r"bytes=(\d{1,10})-(\d{1,10})\Z", re.ASCII)
MAX_RANGE_BYTES = 1024 * 1024


def byte_range(header):
    """(start, end without) of a Range header that asks for one part of at most a MiB."""
    found = _RANGE.match(header or "")
    start, last = map(int, found.groups()) if found else (0, -1)
    if not 0 <= last - start < MAX_RANGE_BYTES:
        raise Malformed(f"Range: bytes=FROM-TO of at most {MAX_RANGE_BYTES} bytes expected")
    return start, last + 1
