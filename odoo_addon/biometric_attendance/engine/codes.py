"""What the key pressed at a terminal says of a punch, per family of firmware.

Owns the meanings and the direction each gives. Knows no terminal: which family one belongs to, and
where it differs, is data of the caller. Source: the vendors' tables of status codes.
"""

from collections.abc import Mapping

from .values import IN, OUT, Direction

# Key pressed at the terminal (status), per family of firmware; what is not named says nothing.
STATUS_PRESETS: dict[str, dict[str, str]] = {
    "standard": {
        "0": "in",
        "1": "out",
        "2": "break_out",
        "3": "break_in",
        "4": "ot_in",
        "5": "ot_out",
    },
    "us320": {
        "0": "in",
        "1": "out",
        "2": "meal_in",
        "3": "meal_out",
        "4": "break_in",
        "5": "break_out",
    },
    "access": {"0": "in", "1": "out"},
    "none": {},
}
_DIRECTIONS: dict[str, Direction] = {
    "in": IN,
    "break_in": IN,
    "meal_in": IN,
    "ot_in": IN,
    "out": OUT,
    "break_out": OUT,
    "meal_out": OUT,
    "ot_out": OUT,
}
# The status that means the same on most terminals: what the engine is told.
_STANDARD_STATUS = {
    "in": "0",
    "out": "1",
    "break_out": "2",
    "meal_out": "2",
    "break_in": "3",
    "meal_in": "3",
    "ot_in": "4",
    "ot_out": "5",
    "nothing": "",
}
MEANINGS = frozenset(_STANDARD_STATUS)


def status_codes(meanings: Mapping[str, str]) -> dict[str, tuple[Direction | None, str]]:
    """`{code: (direction, the same status as most terminals write it)}` of `{code: meaning}`. A
    code that is not among them says nothing and stays as it is."""
    return {
        code: (_DIRECTIONS.get(meaning), _STANDARD_STATUS.get(meaning, code))
        for code, meaning in meanings.items()
    }
