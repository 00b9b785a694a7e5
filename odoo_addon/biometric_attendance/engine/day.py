"""From facts to days: `build_days` runs S0 to S15 for one employee.

The only place that knows the order of the steps; each step lives in its own file. Weeks and
periods come afterwards (weeks.py). Pure: the same set of facts gives the same bytes.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from . import intervals as iv
from .adjustments import (
    adjusted_segments,
    approved_overtime,
    effective_punches,
    excused,
    in_sequence,
)
from .attribution import ShiftIndex
from .breaks import worked_timeline
from .classes import DayContext, classify, minutes_by_class, release
from .compliance import late_and_early, meal_findings, rest_is_short
from .explain import Part, derivation
from .instants import DAY, Zone, day_start_wall
from .intervals import Interval
from .night import night_intervals
from .pairing import Pairs, Session, pair
from .punches import in_order, without_double_taps
from .rounding import paid_sessions
from .rules import RuleSet
from .situation import Situation, status_of
from .status import Status
from .values import (
    HOLIDAY,
    WORKDAY,
    Adjustment,
    Day,
    DayType,
    Facts,
    Leave,
    Punch,
    Segment,
    Shift,
    bucket_values,
)

Item = TypeVar("Item")


class Scan:
    """All punches of one employee, paired under one rule set, sorted by date."""

    def __init__(self, facts: Facts, rules: RuleSet) -> None:
        self.facts, self.rules = facts, rules
        self.adjustments = in_sequence(facts.adjustments)
        shifts = sorted(
            (shift for shift in facts.shifts if facts.employs(shift.day)),
            key=lambda shift: shift.order,
        )
        self.shifts_by_day = _by_day(shifts, lambda shift: shift.day)
        self.index = ShiftIndex(shifts, rules, facts.zone)
        punches = in_order(effective_punches(facts.punches, self.adjustments))
        kept, ignored = without_double_taps(punches, rules)
        pairs = pair(kept, self.index, rules, facts.complete_until)
        self.sessions = pairs.sessions
        self.findings = pairs.findings
        self.sessions_by_day = _by_day(pairs.sessions, lambda session: session.day)
        self.unused_by_day = _by_day(pairs.unused, lambda entry: entry.day)
        days = self._days_of(pairs)
        self.ignored_by_day = _by_day(ignored, lambda entry: days[entry.of.order])

    @staticmethod
    def _days_of(pairs: Pairs) -> dict[tuple[int, str, int, int, str, str], date]:
        """The date of every kept punch: a double tap belongs to that of the punch it repeats."""
        days = {punch.order: day for punch, _reason, day in pairs.unused}
        for session in pairs.sessions:
            for punch in (session.in_punch, session.out_punch):
                if punch:
                    days[punch.order] = session.day
        return days

    def previous_out(self, day: date, first_in: int) -> int | None:
        """End of the last work of an earlier date before `first_in`; None if it is not known."""
        ends = [
            s.end for s in self.sessions if s.day < day and s.start < first_in and s.end is not None
        ]
        outside = self.facts.previous_out
        return max(ends, default=None) if outside is None else max([*ends, outside])


def _by_day(items: Iterable[Item], day_of: Callable[[Item], date]) -> dict[date, list[Item]]:
    found: dict[date, list[Item]] = {}
    for item in items:
        found.setdefault(day_of(item), []).append(item)
    return found


def build_days(
    facts: Facts, days: Iterable[date], rules_for: Callable[[date], RuleSet]
) -> list[Day]:
    """One Day per date, in the order asked for.

    `rules_for(date)` gives the RuleSet valid on that date. `facts` should reach two days beyond
    the dates on both sides, so that sessions that begin or end outside are seen whole.
    """
    scans: dict[int, Scan] = {}
    answer: list[Day] = []
    for day in days:
        rules = rules_for(day)
        scan = scans.get(id(rules))
        if scan is None:
            scan = scans[id(rules)] = Scan(facts, rules)
        answer.append(_build(scan, day))
    return answer


def _build(scan: Scan, day: date) -> Day:
    facts, rules = scan.facts, scan.rules
    shifts = tuple(scan.shifts_by_day.get(day, ()))
    sessions = scan.sessions_by_day.get(day, [])
    parts = [_part(shift, sessions, rules, facts.zone) for shift in shifts]
    if any(session.shift is None for session in sessions):
        parts.append(_part(None, sessions, rules, facts.zone))
    timeline = iv.merge(span for part in parts for span in part.worked.timeline)
    plan = _Plan(scan, day, shifts)
    segments, used = _segments(scan, day, plan, timeline)
    buckets = minutes_by_class(segments)
    worked = sum(buckets.values())
    findings = _findings(scan, plan, sessions, timeline, buckets)
    night = iv.total(night_intervals(timeline, rules.night_window, facts.zone)) // 60
    unused, ignored = scan.unused_by_day.get(day, ()), scan.ignored_by_day.get(day, ())
    return Day(
        work_date=day,
        day_type=plan.day_type,
        status=_status(scan, plan, worked, findings, used),
        exceptions=tuple(sorted(findings)),
        scheduled_minutes=plan.scheduled,
        worked_minutes=worked,
        leave_minutes=plan.leave_minutes,
        paid_leave_minutes=plan.paid_leave_minutes,
        undertime_minutes=_undertime(plan, worked, timeline, rules),
        night_minutes=min(worked, night),
        ignored_punches=len(ignored),
        per_shift={
            part.shift.identity: iv.total(part.worked.timeline) // 60
            for part in parts
            if part.shift
        },
        segments=tuple(segments),
        derivation=derivation(parts, unused, ignored, used),
        **bucket_values(buckets),
        **_lateness(scan, day, parts, plan),
        **_part_sums(parts),
    )


def _part_sums(parts: Sequence[Part]) -> dict[str, int]:
    """What the shifts of a date add up to."""
    return {
        "break_minutes": sum(part.worked.break_seconds for part in parts) // 60,
        "paid_break_minutes": sum(iv.total(part.worked.paid_gaps) for part in parts) // 60,
        "rounding_minutes": sum(_rounding_seconds(part) for part in parts) // 60,
        "clamped_minutes": sum(part.paid.clamped_seconds for part in parts) // 60,
    }


def _part(shift: Shift | None, sessions: Sequence[Session], rules: RuleSet, zone: Zone) -> Part:
    own = [session for session in sessions if session.shift is shift]
    paid = paid_sessions(own, shift, rules, zone)
    return Part(shift, own, paid, worked_timeline(paid.pairs, shift, rules))


def _rounding_seconds(part: Part) -> int:
    actual = sum(s.end - s.start for s in part.sessions if s.end is not None)
    return iv.total(part.paid.pairs) + part.paid.clamped_seconds - actual


class _Plan:
    """What was due on a date: expected minutes, leave, and the same as intervals."""

    def __init__(self, scan: Scan, day: date, shifts: Sequence[Shift]) -> None:
        facts, rules = scan.facts, scan.rules
        self.day, self.shifts = day, shifts
        self.day_type: DayType = facts.day_type(day)
        self.workday = self.day_type == WORKDAY
        self.flexible = (
            0 if shifts or not facts.employs(day) else facts.flexible_minutes.get(day, 0)
        )
        nominal = rules.dst_scheduled_basis == "nominal"
        dues = [shift.due for shift in shifts]
        self.due = iv.merge(span for due in dues for span in due)
        self.minutes = self.flexible + sum(
            (shift.nominal_seconds if nominal else iv.total(due)) // 60
            for shift, due in zip(shifts, dues, strict=True)
        )
        counts = self.workday or (self.day_type == HOLIDAY and rules.holiday_has_expected_hours)
        self.scheduled = self.minutes if counts else 0
        start = day_start_wall(day)
        self.whole_day = [(facts.zone.instant(start), facts.zone.instant(start + DAY))]
        self.leaves = self._leaves(facts.leaves)
        self.leave_minutes = self._covered(self.leaves)
        self.paid_leave_minutes = self._covered(
            self._leaves(leave for leave in facts.leaves if leave.paid)
        )
        self.on_leave = not self.minutes and bool(iv.intersect(self.leaves, self.whole_day))
        self.origin = shifts[0].start if shifts else self.whole_day[0][0]

    def _leaves(self, leaves: Iterable[Leave]) -> list[Interval]:
        """A holiday or rest day uses no leave."""
        return iv.merge((leave.start, leave.end) for leave in leaves) if self.workday else []

    def _covered(self, leaves: Sequence[Interval]) -> int:
        if self.flexible:
            return min(self.flexible, iv.overlap(leaves, self.whole_day) // 60)
        return iv.overlap(leaves, self.due) // 60


def _segments(
    scan: Scan, day: date, plan: _Plan, timeline: Sequence[Interval]
) -> tuple[list[Segment], list[Adjustment]]:
    facts, rules = scan.facts, scan.rules
    before = plan.paid_leave_minutes * 60 if rules.leave_counts_as_worked_for_ot else 0
    context = DayContext(day, facts.day_type, facts.zone, plan.shifts, plan.minutes, before)
    approved = approved_overtime(facts, scan.adjustments, day)
    segments = release(classify(timeline, context, rules), approved, rules)
    return adjusted_segments(segments, scan.adjustments, day, plan.origin)


def _undertime(plan: _Plan, worked: int, timeline: Sequence[Interval], rules: RuleSet) -> int:
    """Staying late makes up for coming late only where overtime is a matter of quantity. Rest days
    expect nothing, holidays only where the rule set says so."""
    if rules.ot_basis == "outside_shift":
        spans = iv.merge((shift.start, shift.end) for shift in plan.shifts)
        worked = min(worked, iv.overlap(timeline, spans) // 60) if plan.shifts else worked
    return max(0, plan.scheduled - plan.leave_minutes - worked)


def _findings(
    scan: Scan,
    plan: _Plan,
    sessions: Sequence[Session],
    timeline: Sequence[Interval],
    buckets: Mapping[str, int],
) -> set[str]:
    rules, day = scan.rules, plan.day
    findings = scan.findings.get(day, set[str]()) | meal_findings(sessions, rules)
    if any(session.shift is None for session in sessions):
        findings.add("unscheduled")
    if iv.overlap(timeline, plan.leaves):
        findings.add("work_during_leave")
    if buckets.get("unapproved"):
        findings.add("overtime_unapproved")
    if rules.min_daily_rest_minutes is not None and sessions:
        first_in = sessions[0].start
        if rest_is_short(first_in, scan.previous_out(day, first_in), rules):
            findings.add("daily_rest_short")
    limit = rules.clock_drift_limit_seconds
    if limit is not None and any(
        punch.offset_seconds is not None and abs(punch.offset_seconds) > limit
        for punch in _punches_of(scan, day, sessions)
    ):
        findings.add("clock_drift")
    return findings


def _punches_of(scan: Scan, day: date, sessions: Iterable[Session]) -> Iterator[Punch]:
    for session in sessions:
        yield from (punch for punch in (session.in_punch, session.out_punch) if punch)
    yield from (entry.punch for entry in scan.unused_by_day.get(day, ()))


def _status(
    scan: Scan,
    plan: _Plan,
    worked: int,
    findings: Collection[str],
    used: Iterable[Adjustment],
) -> Status | None:
    facts, day = scan.facts, plan.day
    if not facts.employs(day):
        return None
    decided = any(item.kind == "set_minutes" for item in used)
    window_end = max(
        (scan.index.window_end(shift) for shift in plan.shifts), default=plan.whole_day[0][1]
    )
    situation = Situation(
        day_type=plan.day_type,
        worked=worked,
        leave=plan.leave_minutes,
        unfinished=not decided and ("missing_out" in findings or "missing_in" in findings),
        punched=day in scan.sessions_by_day or day in scan.unused_by_day,
        expected=plan.scheduled,
        has_shift=bool(plan.shifts),
        on_leave=plan.on_leave,
        complete=facts.complete_until > window_end,
    )
    return status_of(situation, scan.rules)


def _lateness(scan: Scan, day: date, parts: Sequence[Part], plan: _Plan) -> dict[str, int]:
    """Late and early are not computed on rest days and holidays; an excuse changes what is
    penalised, not what happened."""
    late = early = 0
    for part in parts if plan.workday else ():
        if part.shift:
            one, other = late_and_early(
                part.shift, part.sessions, part.paid.edges, plan.leaves, scan.rules
            )
            late, early = late + one, early + other
    late, early = late // 60, early // 60
    return {
        "late_minutes": late,
        "early_leave_minutes": early,
        "penalised_late_minutes": excused(late, "excuse_late", scan.adjustments, day),
        "penalised_early_leave_minutes": excused(early, "excuse_early", scan.adjustments, day),
    }
