"""From facts to days: `build_days` runs S0 to S15 for one employee.

The only place that knows the order of the steps; each step lives in its own file. Weeks and
periods come afterwards (weeks.py). Pure: the same set of facts gives the same bytes.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from . import intervals as iv
from .adjustments import (
    ATTESTED,
    adjusted_segments,
    approved_overtime,
    excused,
    of_day,
    premiums,
)
from .breaks import NOTHING_WORKED, Worked, worked_timeline
from .classes import DayContext, classify, minutes_by_class, release
from .compliance import MEAL_FINDINGS, late_and_early, meal_findings, rest_is_short
from .ends import Ends
from .explain import Owed, Part, derivation
from .instants import DAY, day_start_wall
from .intervals import Interval
from .night import night_intervals
from .pairing import Session
from .rounding import NOTHING_PAID, paid_sessions
from .rules import RuleSet
from .scan import Scan
from .situation import Situation, status_of
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
    if not facts.employs(day):
        return _outside_employment(scan, day)
    shifts = tuple(scan.shifts_by_day.get(day, ()))
    sessions = scan.sessions_by_day.get(day, [])
    plan = _Plan(scan, day, shifts)
    build = _part_of_one_punch if rules.pairing_method == "single" else _part
    parts = [build(shift, sessions, scan, plan) for shift in shifts]
    if any(session.shift is None for session in sessions):
        parts.append(build(None, sessions, scan, plan))
    timeline = iv.merge([span for part in parts for span in part.worked.timeline])
    segments, used = _segments(scan, day, plan, timeline)
    buckets = minutes_by_class(segments)
    worked = sum(buckets.values())
    findings = _findings(scan, plan, sessions, timeline, buckets)
    night = iv.total(night_intervals(timeline, rules.night_window, facts.zone)) // 60
    unused, ignored = scan.unused_by_day.get(day, ()), scan.ignored_by_day.get(day, ())
    lateness = _lateness(scan, day, parts, plan)
    undertime = _undertime(plan, worked, timeline, rules)
    if rules.pairing_method == "single" and sessions:
        lateness, undertime = dict.fromkeys(lateness, 0), 0
    decided = any(item.kind == "set_minutes" for item in used)
    ends = Ends(scan.asked, plan.window_end, scan.open_until.get(day), decided)
    short = undertime > 0 or lateness["early_leave_minutes"] > 0
    status = status_of(_situation(scan, plan, (worked, short), findings, ends), rules)
    return Day(
        work_date=day,
        day_type=plan.day_type,
        status=status,
        exceptions=tuple(sorted(findings)),
        scheduled_minutes=plan.scheduled,
        worked_minutes=worked,
        leave_minutes=plan.leave_minutes,
        paid_leave_minutes=plan.paid_leave_minutes,
        undertime_minutes=undertime,
        night_minutes=min(worked, night),
        ignored_punches=len(ignored),
        per_shift={
            part.shift.identity: iv.total(part.worked.timeline) // 60
            for part in parts
            if part.shift
        },
        segments=tuple(segments),
        derivation=derivation(parts, unused, ignored, used, _owed(scan, day, findings)),
        flexible_week=plan.week,
        **ends.waits(status),
        **bucket_values(buckets),
        **lateness,
        **_part_sums(parts),
    )


def _outside_employment(scan: Scan, day: date) -> Day:
    """Nobody is employed: what was punched is kept and told, and is worth nothing."""
    sessions = scan.sessions_by_day.get(day, [])
    unused, ignored = scan.unused_by_day.get(day, ()), scan.ignored_by_day.get(day, ())
    own = {session.shift for session in sessions}
    parts = [
        Part(shift, [s for s in sessions if s.shift is shift], NOTHING_PAID, NOTHING_WORKED)
        for shift in sorted(own, key=lambda shift: shift.order if shift else (0, 0, ""))
    ]
    return Day(
        work_date=day,
        day_type=scan.facts.day_type(day),
        status="outside_employment" if sessions or unused or ignored else None,
        exceptions=("unscheduled",) if None in own else (),
        ignored_punches=len(ignored),
        derivation=derivation(parts, unused, ignored, ()),
    )


def _part_sums(parts: Sequence[Part]) -> dict[str, int]:
    """What the shifts of a date add up to."""
    breaks = paid_breaks = rounding = clamped = 0
    for part in parts:
        breaks += part.worked.break_seconds
        paid_breaks += iv.total(part.worked.paid_gaps)
        rounding += _rounding_seconds(part)
        clamped += part.paid.clamped_seconds
    return {
        "break_minutes": breaks // 60,
        "paid_break_minutes": paid_breaks // 60,
        "rounding_minutes": rounding // 60,
        "clamped_minutes": clamped // 60,
    }


def _part(shift: Shift | None, sessions: Sequence[Session], scan: Scan, _plan: "_Plan") -> Part:
    own = [session for session in sessions if session.shift is shift]
    paid = paid_sessions(own, shift, scan.rules, scan.facts.zone)
    return Part(shift, own, paid, worked_timeline(paid.pairs, shift, scan.rules))


def _part_of_one_punch(
    shift: Shift | None, sessions: Sequence[Session], scan: Scan, plan: "_Plan"
) -> Part:
    """Who was there by one punch has the minutes that were due, leave left out, or none."""
    own = [session for session in sessions if session.shift is shift]
    counted: list[Interval] = []
    if own and scan.rules.single_counts == "scheduled":
        if shift:
            counted = iv.subtract(shift.due, plan.leaves)
        elif plan.flexible > plan.leave_minutes:
            start = own[0].start
            counted = [(start, start + (plan.flexible - plan.leave_minutes) * 60)]
    return Part(shift, own, NOTHING_PAID, Worked(counted, [], [], []))


def _rounding_seconds(part: Part) -> int:
    actual = iv.total([(s.start, s.end) for s in part.sessions if s.end is not None])
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
        self.week = None if shifts or self.flexible else facts.flexible_weeks.get(day)
        nominal = rules.dst_scheduled_basis == "nominal"
        self.due = iv.merge([span for shift in shifts for span in shift.due])
        self.minutes = self.flexible
        for shift in shifts:
            self.minutes += (shift.nominal_seconds if nominal else iv.total(shift.due)) // 60
        counts = self.workday or (self.day_type == HOLIDAY and rules.holiday_has_expected_hours)
        self.scheduled = self.minutes if counts else 0
        start = day_start_wall(day)
        self.whole_day = [(facts.zone.instant(start), facts.zone.instant(start + DAY))]
        self.leaves: list[Interval] = []
        self.leave_minutes = self.paid_leave_minutes = 0
        if facts.leaves:
            self.leaves = self._leaves(facts.leaves)
            self.leave_minutes = self._covered(self.leaves)
            self.paid_leave_minutes = self._covered(
                self._leaves(leave for leave in facts.leaves if leave.paid)
            )
        self.on_leave = not self.minutes and (
            self.leave_minutes >= self.week[1]
            if self.week
            else bool(iv.intersect(self.leaves, self.whole_day))
        )
        self.origin = shifts[0].start if shifts else self.whole_day[0][0]
        self.window_end = (
            max([scan.index.window_end(shift) for shift in shifts])
            if shifts
            else self.whole_day[0][1]
        )

    def _leaves(self, leaves: Iterable[Leave]) -> list[Interval]:
        """A holiday or rest day uses no leave."""
        return iv.merge((leave.start, leave.end) for leave in leaves) if self.workday else []

    def _covered(self, leaves: Sequence[Interval]) -> int:
        if self.flexible:
            return min(self.flexible, iv.overlap(leaves, self.whole_day) // 60)
        if self.week:
            return min(self.week[1], iv.overlap(leaves, self.whole_day) // 60)
        return iv.overlap(leaves, self.due) // 60


def _segments(
    scan: Scan, day: date, plan: _Plan, timeline: Sequence[Interval]
) -> tuple[list[Segment], list[Adjustment]]:
    facts, rules = scan.facts, scan.rules
    before = plan.paid_leave_minutes * 60 if rules.leave_counts_as_worked_for_ot else 0
    minutes = None if plan.week else plan.minutes
    context = DayContext(day, facts.day_type, facts.zone, plan.shifts, minutes, before)
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
    findings.update(item.target for item in of_day(scan.adjustments, day, "finding"))
    if not findings & MEAL_FINDINGS and of_day(scan.adjustments, day, "meal_premium"):
        findings.add(ATTESTED)
    if buckets.get("unapproved"):
        findings.add("overtime_unapproved")
    if rules.min_daily_rest_minutes is not None and sessions and rules.pairing_method != "single":
        first_in = sessions[0].start
        if rest_is_short(first_in, scan.previous_out(day, first_in), rules):
            findings.add("daily_rest_short")
    limit = rules.clock_drift_limit_seconds
    if (
        limit is not None
        and scan.tells_offsets
        and any(
            punch.offset_seconds is not None and abs(punch.offset_seconds) > limit
            for punch in _punches_of(scan, day, sessions)
        )
    ):
        findings.add("clock_drift")
    return findings


def _owed(scan: Scan, day: date, findings: Collection[str]) -> Owed:
    """What the person's statements are worth: those about a meal nothing where it was taken."""
    if MEAL_FINDINGS.intersection(findings):
        return Owed(premiums(scan.adjustments, day, "premium", "meal_premium"), {})
    return Owed(
        premiums(scan.adjustments, day, "premium"), premiums(scan.adjustments, day, "meal_premium")
    )


def _punches_of(scan: Scan, day: date, sessions: Iterable[Session]) -> Iterator[Punch]:
    for session in sessions:
        yield from (punch for punch in (session.in_punch, session.out_punch) if punch)
    yield from (entry.punch for entry in scan.unused_by_day.get(day, ()))


def _situation(
    scan: Scan, plan: _Plan, result: tuple[int, bool], findings: Collection[str], ends: Ends
) -> Situation:
    """`result`: minutes worked, and whether less than was due."""
    day = plan.day
    return Situation(
        day_type=plan.day_type,
        worked=result[0],
        leave=plan.leave_minutes,
        unfinished=not ends.decided and ("missing_out" in findings or "missing_in" in findings),
        running=ends.running,
        awaited=ends.open_until is not None,
        punched=day in scan.sessions_by_day or day in scan.unused_by_day,
        one_is_enough=scan.rules.pairing_method == "single",
        expected=plan.scheduled,
        short=result[1],
        has_shift=bool(plan.shifts),
        may_come=plan.week is not None,
        on_leave=plan.on_leave,
        over=ends.over,
        complete=ends.complete,
    )


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
