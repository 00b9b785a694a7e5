"""A case as JSON and back, so that somebody without Odoo computes the same days.

Owns the written form alone: instants as epoch seconds, dates as text. Judges nothing: what cannot
be read is a ValueError, KeyError or TypeError.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any, TypeAlias

from .case import Case, Group
from .instants import Zone, dates_between
from .rules import RuleSet
from .values import Adjustment, Break, DayType, Facts, Leave, Punch, Shift, WeekHours

# one JSON object, as `json.loads` gives it
Object: TypeAlias = dict[str, Any]
# A week that begins before the first date asks for the rules of its own first date.
_AROUND = timedelta(days=10)


def case_to_json(case: Case) -> Object:
    """JSON object of a case; facts that several groups share are in it once."""
    facts: list[Object] = []
    rules: dict[int, int] = {}
    books: list[RuleSet] = []
    groups: list[Object] = []

    def number(book: RuleSet) -> int:
        if id(book) not in rules:
            rules[id(book)] = len(books)
            books.append(book)
        return rules[id(book)]

    for group in case.groups:
        own = facts_to_json(replace(group.facts, complete_until=0))
        if own not in facts:
            facts.append(own)
        groups.append(
            {
                "facts": facts.index(own),
                "rules": number(group.rules),
                "complete_until": group.facts.complete_until,
                "days": [day.isoformat() for day in group.days],
            }
        )
    spans: list[list[Any]] = []
    days = [day for group in case.groups for day in group.days]
    for day in dates_between(min(days) - _AROUND, max(days) + _AROUND):
        own_rules = number(case.rules_for(day))
        if not spans or spans[-1][1] != own_rules:
            spans.append([day.isoformat(), own_rules])
    return {
        "facts": facts,
        "rules": [book.to_dict() for book in books],
        "groups": groups,
        "rules_from": spans,
    }


def case_from_json(value: Object) -> Case:
    """The case that `case_to_json` wrote."""
    facts = [facts_from_json(one) for one in value["facts"]]
    books = [RuleSet.from_dict(one) for one in value["rules"]]
    groups = tuple(
        Group(
            replace(facts[int(one["facts"])], complete_until=one["complete_until"]),
            books[int(one["rules"])],
            tuple(date.fromisoformat(day) for day in one["days"]),
        )
        for one in value["groups"]
    )
    spans = [
        (date.fromisoformat(since), books[int(number)]) for since, number in value["rules_from"]
    ]

    def rules_for(day: date) -> RuleSet:
        return next((book for since, book in reversed(spans) if since <= day), spans[0][1])

    return Case(groups, rules_for)


def facts_to_json(facts: Facts) -> Object:
    """JSON object of facts."""
    return {
        "zone": facts.zone.name,
        "punches": [
            [p.at, p.device, p.identity, p.direction, p.state, p.seq, p.offset_seconds, p.undecided]
            for p in facts.punches
        ],
        "shifts": [
            [
                *(s.identity, s.day.isoformat(), s.start, s.end, s.nominal_seconds),
                [[b.start, b.end, b.paid, b.mode] for b in s.breaks],
            ]
            for s in facts.shifts
        ],
        "leaves": [[leave.start, leave.end, leave.paid] for leave in facts.leaves],
        "day_types": _dated(facts.day_types),
        "flexible_minutes": _dated(facts.flexible_minutes),
        "flexible_weeks": {day: list(hours) for day, hours in _dated(facts.flexible_weeks).items()},
        "approvals": _dated(facts.approvals),
        "adjustments": [
            asdict(item) | {"day": item.day and item.day.isoformat()} for item in facts.adjustments
        ],
        "complete_until": facts.complete_until,
        "as_of": facts.as_of,
        "employed_from": facts.employed_from and facts.employed_from.isoformat(),
        "employed_until": facts.employed_until and facts.employed_until.isoformat(),
        "away": [[first.isoformat(), last.isoformat()] for first, last in facts.away],
        "previous_out": facts.previous_out,
    }


def facts_from_json(value: Object) -> Facts:
    """The facts that `facts_to_json` wrote."""
    day_types: dict[date, DayType] = _undated(value["day_types"])
    weeks: dict[date, Sequence[int]] = _undated(value["flexible_weeks"])
    hours: dict[date, WeekHours] = {day: (week[0], week[1]) for day, week in weeks.items()}
    return Facts(
        zone=Zone.named(value["zone"]),
        punches=tuple(Punch(*one) for one in value["punches"]),
        shifts=tuple(
            Shift(
                identity,
                date.fromisoformat(day),
                start,
                end,
                tuple(Break(*one) for one in breaks),
                nominal,
            )
            for identity, day, start, end, nominal, breaks in value["shifts"]
        ),
        leaves=tuple(Leave(*one) for one in value["leaves"]),
        day_types=day_types,
        flexible_minutes=_undated(value["flexible_minutes"]),
        flexible_weeks=hours,
        approvals=_undated(value["approvals"]),
        adjustments=tuple(
            Adjustment(**(one | {"day": _date(one["day"])})) for one in value["adjustments"]
        ),
        complete_until=value["complete_until"],
        as_of=value["as_of"],
        employed_from=_date(value["employed_from"]),
        employed_until=_date(value["employed_until"]),
        away=tuple(
            (date.fromisoformat(first), date.fromisoformat(last)) for first, last in value["away"]
        ),
        previous_out=value["previous_out"],
    )


def _dated(values: Mapping[date, Any]) -> Object:
    return {day.isoformat(): values[day] for day in sorted(values)}


def _undated(values: Mapping[str, Any]) -> dict[date, Any]:
    return {date.fromisoformat(day): value for day, value in values.items()}


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
