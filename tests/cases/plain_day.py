"""A computed day in plain words: as a table that JSON can carry, and as one line of text.

Odoo keeps days as columns; examples and properties compare them by this.
"""

import json
from dataclasses import fields

from engine import iso


def plain_day(day):
    """Every field of a Day under its name; dates and instants as ISO text, None for a number that
    is not known."""
    unknown = day.unknown
    plain = {
        item.name: None if item.name in unknown else getattr(day, item.name) for item in fields(day)
    }
    return plain | {
        "work_date": day.work_date.isoformat(),
        "exceptions": list(day.exceptions),
        "waits_until": None if day.waits_until is None else iso(day.waits_until),
        "segments": [[iso(start), iso(end), name] for start, end, name in day.segments],
    }


def day_text(day):
    """One line; equal days give equal bytes."""
    return json.dumps(plain_day(day), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
