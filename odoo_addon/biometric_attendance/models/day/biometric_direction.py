"""What a punch says about coming and going: the one place where the days ask.

A punch of biometric.punch._usable carries its direction, as its device's map of codes tells it.
"""

from ...engine import state_direction


def punch_direction(row):
    """`in`, `out` or None of a row of `_usable`, or of a punch record."""
    if hasattr(row, "direction"):
        return row.direction
    return state_direction(row.status)
