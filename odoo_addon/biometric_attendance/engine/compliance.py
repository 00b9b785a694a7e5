"""Late, early, meals and rest of one date (S10): findings beside the worked minutes.

Judged on real punches unless the rule set says otherwise; nothing here creates or takes minutes.
"""

from collections.abc import Iterable, Sequence

from . import intervals as iv
from .intervals import Interval
from .pairing import Session
from .rules import RuleSet
from .values import Shift


def late_and_early(
    shift: Shift,
    sessions: Sequence[Session],
    edges: Interval | None,
    leaves: Sequence[Interval],
    rules: RuleSet,
) -> tuple[int, int]:
    """`(late_seconds, early_seconds)` of one shift on a workday.

    `sessions`: all of the shift's, open ones too, in order. `edges`: first IN and last OUT after
    rounding, or None. A shift without any punch is neither late nor early: it is undertime.
    """
    if not sessions:
        return 0, 0
    due = iv.subtract(shift.due, leaves)
    first_in, last_out = sessions[0].start, sessions[-1].end
    if rules.compliance_basis == "rounded" and edges:
        first_in = edges[0] if sessions[0].end is not None else first_in
        last_out = edges[1] if last_out is not None else None
    late = iv.before(due, first_in)
    early = iv.after(due, last_out) if last_out is not None else 0
    return (
        _beyond_grace(late, rules.late_grace_minutes, rules),
        _beyond_grace(early, rules.early_leave_grace_minutes, rules),
    )


def _beyond_grace(seconds: int, grace_minutes: int, rules: RuleSet) -> int:
    if seconds <= grace_minutes * 60:
        return 0
    return seconds - grace_minutes * 60 if rules.late_count_from == "grace_end" else seconds


MEAL_FINDINGS = frozenset({"meal_missing", "meal_short", "meal_late"})


def meal_findings(sessions: Iterable[Session], rules: RuleSet) -> set[str]:
    """Names of the meal rules that the punched breaks of a date do not meet. Open sessions tell
    nothing.

    A meal is a punched gap that is not a paid short break. It is short below `meal_min_minutes`,
    late if it begins after more worked minutes than the rule allows, missing if there is none.
    Automatic deductions are no evidence of a meal.
    """
    first, second = rules.meal_required_after_minutes, rules.second_meal_required_after_minutes
    if first is None and second is None:
        return set()
    limits = [limit for limit in (first, second) if limit is not None]
    meals: list[tuple[int, int]] = []
    worked, previous_end = 0, None
    for session in sessions:
        if session.end is None:
            continue
        if (
            previous_end is not None
            and session.start - previous_end > rules.short_break_paid_max_minutes * 60
        ):
            meals.append((worked, session.start - previous_end))
        worked += session.end - session.start
        previous_end = session.end
    found = (
        _meal_finding(number, limit * 60, meals, worked, rules)
        for number, limit in enumerate(limits)
    )
    return {name for name in found if name is not None}


def _meal_finding(
    number: int, limit: int, meals: Sequence[tuple[int, int]], worked: int, rules: RuleSet
) -> str | None:
    if worked <= limit:
        return None
    long_enough = [begins for begins, length in meals if length >= rules.meal_min_minutes * 60]
    if len(long_enough) > number:
        return "meal_late" if long_enough[number] > limit else None
    return "meal_short" if len(meals) > number else "meal_missing"


def rest_is_short(first_in: int | None, previous_out: int | None, rules: RuleSet) -> bool:
    """True if the real time between two days' work is below the daily rest."""
    if rules.min_daily_rest_minutes is None or previous_out is None or first_in is None:
        return False
    return first_in - previous_out < rules.min_daily_rest_minutes * 60
