"""What a removal says of days: up to which date those of a company, or of one person, cannot be
computed any more. One reading for the service and for the verifier. Standard library alone; knows
neither odoo nor where entries come from.
"""

import json
from datetime import date, timedelta
from typing import NamedTuple, Optional

# Days hang together: what a removal took up to a date reaches so many days beyond it.
AROUND = timedelta(days=10)


class Removal(NamedTuple):
    """person: number of the erased employee; reach: last date, exclusive, that hangs on what went
    by its own date (`before`); until: last date of the person that stands for itself."""

    person: Optional[int]  # noqa: UP045 - Python 3.9
    reach: Optional[date]  # noqa: UP045 - Python 3.9
    until: Optional[date]  # noqa: UP045 - Python 3.9


def removal_of(after, day):
    """Removal of the `after` (text) of an entry of the date `day`, or None where it has not the
    form of one. A person of whom nothing is kept has no PIN any more: nothing up to that day can be
    computed. One of whom punches are kept is computed again behind what went."""
    try:
        said = json.loads(after)
        before = date.fromisoformat(said["before"]) if said.get("before") else None
        person = int(said["person"]) if said.get("person") is not None else None
        if person is not None and not 0 < person < 2**31:
            return None
        reach = before + AROUND if before else None
        kept = reach and said.get("kept")
        return Removal(person, reach, reach if kept else day)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return None
