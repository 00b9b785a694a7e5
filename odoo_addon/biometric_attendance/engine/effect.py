"""Parameters that a rule set may name and that decide nothing yet: the one list of them.

Owns the list and its reasons. What is not here is asked for by code that runs; a test holds both
halves. Whoever gives a parameter its effect takes it off.
"""

from collections.abc import Mapping
from dataclasses import fields

from .rules import RuleSet

# parameter: the capability it waits for
NOT_IN_EFFECT: Mapping[str, str] = {
    "ot_month_tier_minutes": "pay codes of a month's tier",
    "profile": "formats of payroll programs",
}


def without_effect(rules: RuleSet) -> list[tuple[str, str]]:
    """`(parameter, what it waits for)` of what a rule set sets and nothing asks for, in the order
    of the parameters."""
    default = RuleSet()
    return [
        (item.name, NOT_IN_EFFECT[item.name])
        for item in fields(RuleSet)
        if item.name in NOT_IN_EFFECT and getattr(rules, item.name) != getattr(default, item.name)
    ]
