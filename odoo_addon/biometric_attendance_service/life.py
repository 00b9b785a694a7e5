"""The states of a tenant: what they are, and which one follows from the facts on a date.

Pure: knows neither Odoo nor the clock. A state is never chosen; it is what facts and dates say.
Must not know what a state stops on screen, and no state stops capture, delivery or raw export.
"""

from datetime import date, timedelta
from typing import NamedTuple

STATES = ("trial", "active", "past_due", "suspended", "closing", "deleted")


class Facts(NamedTuple):
    """Dates that decide, each None where it did not happen."""

    trial_until: date  # last day of the trial
    ordered_on: date | None = None
    # due date of the oldest invoice that is not paid
    unpaid_since: date | None = None
    grace_days: int = 14
    leaving_on: date | None = None
    deleted_on: date | None = None


def state_on(facts, today):
    """The state on a date."""
    if facts.deleted_on:
        return "deleted"
    if facts.leaving_on:
        return "closing"
    if facts.unpaid_since and today > facts.unpaid_since:
        return "suspended" if today > suspended_after(facts) else "past_due"
    if facts.ordered_on:
        return "active"
    return "trial" if today <= facts.trial_until else "suspended"


def suspended_after(facts):
    """The last day before suspension for what is not paid."""
    return facts.unpaid_since + timedelta(days=facts.grace_days)


def next_date(facts, state):
    """The date that the mail and the screen name with a state: what ends it if nothing is done."""
    if state == "trial":
        return facts.trial_until
    if state == "past_due":
        return suspended_after(facts)
    return None
