"""A second reading of the rules: one date worked out minute by minute, with sets and plain loops.

Owns a slow model of S0-S15 that shares no code with the engine: same example in, same figures out.
It reads examples (tests/cases) at minute precision; week rules, adjustments and decisions that need
more than one rule set are not its business.
"""

from datetime import datetime

from .minutewise_pairs import Presence

OVER = ("overtime", "doubletime", "rest_day_overtime", "holiday_overtime")
NEVER = 10**9


class Reader(Presence):
    """One example, worked out for its work date."""

    # S6 and S7

    def rounded(self, minute, mode):
        unit, down_max = self.rule["round_unit_minutes"], self.rule["round_down_max_minutes"]
        down_max = (unit - 1) // 2 if down_max is None else down_max
        local = self.clock(minute)
        rest = (local.hour * 60 + local.minute) % unit
        up = rest > 0 if mode == "up" else rest > down_max if mode == "nearest" else False
        return minute - rest + (unit if up else 0)

    def moved(self, minute, target, edge):
        snap = self.rule[f"snap_{edge}_minutes"]
        if snap and target is not None and abs(minute - target) <= snap:
            return target
        if self.rule["round_unit_minutes"]:
            return self.rounded(minute, self.rule[f"round_{edge}"])
        return minute

    def paid_pairs(self, sessions, shift):
        pairs, every = [], self.rule["round_scope"] == "all"
        for number, session in enumerate(sessions):
            start, end = session["in"], session["out"]
            first, last = number == 0, number == len(sessions) - 1
            unit = self.rule["round_unit_minutes"]
            if session["real"][0] and (first or (every and unit)):
                start = self.moved(start, shift["a"] if shift and first else None, "in")
            if session["real"][1] and (last or (every and unit)):
                end = self.moved(end, shift["z"] if shift and last else None, "out")
            start = max(start, pairs[-1][1]) if pairs else start
            pairs.append([start, max(start, end)])
        self.edges = (pairs[0][0], pairs[-1][1]) if pairs else None
        self.round_breaks(pairs)
        kept = []
        for start, end in pairs:
            first, last = start, end
            if shift and self.rule["pre_shift_work"] == "ignore":
                first = max(start, shift["a"])
            if shift and self.rule["post_shift_work"] == "ignore":
                last = min(end, shift["z"])
            if first < last or first == last and start == end:
                kept.append((first, last))
        return kept

    def round_breaks(self, pairs):
        unit = self.rule["round_break_unit_minutes"]
        for left, right in zip(pairs, pairs[1:], strict=False) if unit else ():
            gap = right[0] - left[1]
            rest = gap % unit
            grow = unit - rest if rest > (unit - 1) // 2 else -rest
            later = min(grow, right[1] - right[0])
            right[0] += later
            left[1] -= min(grow - later, left[1] - left[0])

    # S8 and S9

    def taken_as_break(self, pairs, unpaid, window):
        """Whether the pauses around a window are together long enough to be its break."""
        pause = set()
        for left, right in zip(pairs, pairs[1:], strict=False):
            between = set(range(left[1], right[0])) & unpaid
            pause |= between if between & window else set()
        return bool(pause) and len(pause) >= self.rule["punched_break_min_minutes"]

    def work(self, pairs, shift):
        longest = self.rule["short_break_paid_max_minutes"] if shift else 0
        base, unpaid, paid = set(), set(), 0
        for start, end in pairs:
            base |= set(range(start, end))
        for left, right in zip(pairs, pairs[1:], strict=False):
            gap = set(range(left[1], right[0]))
            if len(gap) <= longest:
                base |= gap
                paid += len(gap)
            else:
                unpaid |= gap
        worked = set(base)
        for start, end, is_paid, mode in shift["breaks"] if shift else ():
            window = set(range(start, end))
            if is_paid or mode == "punched":
                continue
            if mode == "auto_if_not_punched" and self.taken_as_break(pairs, unpaid, window):
                continue
            worked -= window
        after, meal = self.rule["meal_after_minutes"], self.rule["meal_minutes"]
        if after is not None and len(base) > after:
            if self.rule["meal_mode"] == "top_up":
                meal = max(0, meal - len(unpaid) - len(base - worked))
            order = sorted(worked)
            taken = order[after : after + meal]
            if len(taken) < meal:
                taken = order[-meal:] if meal else []
            worked -= set(taken)
        return worked, len(unpaid) + len(base - worked), paid

    # S11, S12, S14

    def classes(self, worked, shifts, planned, leave):
        rule, counter, answer = self.rule, 0, []
        if rule["leave_counts_as_worked_for_ot"]:
            counter = leave
        limit = self.threshold(planned)
        for minute in sorted(worked):
            calendar = rule["day_class_attribution"] == "calendar"
            kind = self.types.get(self.date_of(minute) if calendar else self.day, "workday")
            own = kind != "workday" and rule["off_day_classification"] == "separate"
            plain, over = (kind, f"{kind}_overtime") if own else ("regular", "overtime")
            beyond = counter >= limit
            if rule["ot_basis"] == "outside_shift" and shifts:
                beyond = not any(s["a"] <= minute < s["z"] for s in shifts)
            double = rule["dt_daily_threshold_minutes"]
            if double is not None and counter >= double:
                answer.append("doubletime")
            else:
                answer.append(over if beyond else plain)
            counter += 1
        return answer

    def threshold(self, planned):
        """One number for the whole date, whatever its minutes are called."""
        daily, off = (
            self.rule["ot_daily_threshold_minutes"],
            self.rule["ot_threshold_offday_minutes"],
        )
        number = {None: NEVER, "schedule": planned}.get(daily, daily)
        if self.types[self.day] != "workday":
            apart = self.rule["off_day_classification"] == "separate"
            if apart or daily == "schedule":
                number = NEVER if off is None else off
        return number

    def released(self, names):
        raw = [n for n, name in enumerate(names) if name in OVER]
        kept = 0 if len(raw) < self.rule["ot_min_minutes"] else len(raw)
        unit = self.rule["ot_round_unit_minutes"]
        kept -= kept % unit if unit else 0
        free = kept
        if self.rule["ot_requires_approval"]:
            free = min(kept, self.case.get("approved_ot_minutes", 0))
        for place, n in enumerate(raw):
            names[n] = names[n] if place < free else "unapproved" if place < kept else "dropped"
        return names

    def night(self, worked):
        if not self.rule["night_window"]:
            return 0
        start, end = self.rule["night_window"]
        clocks = [f"{self.clock(minute):%H:%M}" for minute in worked]
        if start < end:
            return sum(start <= clock < end for clock in clocks)
        return sum(clock >= start or clock < end for clock in clocks)

    # S10 and S15

    def late_early(self, shift, sessions, leave):
        if not sessions:
            return 0, 0
        first, last = sessions[0]["in"], sessions[-1]["out"]
        closed = [s for s in sessions if s["out"] is not None]
        if self.rule["compliance_basis"] == "rounded" and closed:
            self.paid_pairs(closed, shift)
            first = self.edges[0] if sessions[0]["out"] is not None else first
            last = self.edges[1] if last is not None else None
        due = shift["due"] - leave
        late = sum(minute < first for minute in due)
        early = sum(minute >= last for minute in due) if last is not None else 0
        answer = []
        for minutes, grace in ((late, "late_grace_minutes"), (early, "early_leave_grace_minutes")):
            grace = self.rule[grace]
            rest = minutes - grace if self.rule["late_count_from"] == "grace_end" else minutes
            answer.append(0 if minutes <= grace else rest)
        return answer

    def meal_finding(self, sessions):
        limit, meals, worked, end = self.rule["meal_required_after_minutes"], [], 0, None
        if limit is None:
            return
        for session in sessions:
            gap = None if end is None else session["in"] - end
            if gap is not None and gap > self.rule["short_break_paid_max_minutes"]:
                meals.append((worked, gap))
            worked, end = worked + session["out"] - session["in"], session["out"]
        if worked <= limit:
            return
        good = [begins for begins, gap in meals if gap >= self.rule["meal_min_minutes"]]
        if good and good[0] > limit:
            self.note(self.day, "meal_late")
        if not good:
            self.note(self.day, "meal_short" if meals else "meal_missing")

    def rest_finding(self, mine):
        least = self.rule["min_daily_rest_minutes"]
        if least is None or not mine or self.rule["pairing_method"] == "single":
            return
        first = min(s["in"] for s in mine)
        ends = [
            s["out"]
            for s in self.sessions
            if s["day"] < self.day and s["in"] < first and s["out"] is not None
        ]
        if ends and first - max(ends) < least:
            self.note(self.day, "daily_rest_short")

    def result(self):
        """Figures of the work date under the names of `expect`."""
        kept = self.punches()
        stateful = self.rule["pairing_method"] in ("alternate", "strict")
        if self.rule["pairing_method"] == "single":
            of = self.once(kept)
        else:
            of = self.scan(kept) if stateful else self.gather(kept)
        self.settle()
        self.sessions.sort(key=lambda s: (s["in"], s["out"] or s["in"]))
        mine = [s for s in self.sessions if s["day"] == self.day]
        shifts = [s for s in self.shifts if s["day"] == self.day]
        kind = self.types[self.day]
        leave, elapsed = set(), set()
        for item in self.case.get("leaves", ()) if kind == "workday" else ():
            a, z = (
                int(datetime.fromisoformat(item[k]).timestamp()) // 60 for k in ("start", "end")
            )
            leave |= set(range(a, z))
        for shift in shifts:
            elapsed |= shift["due"]
        planned = sum(self.length(shift) for shift in shifts)
        worked, breaks, paid, late, early, per_shift = set(), 0, 0, 0, 0, {}
        for shift in [*shifts, None]:
            own = [s for s in mine if s["shift"] is shift]
            closed = [s for s in own if s["out"] is not None]
            if self.rule["pairing_method"] == "single":
                minutes, pause, short = self.given(shift, own, leave), 0, 0
            else:
                minutes, pause, short = self.work(self.paid_pairs(closed, shift), shift)
            worked, breaks, paid = worked | minutes, breaks + pause, paid + short
            if shift:
                per_shift[shift["id"]] = len(minutes)
                if kind == "workday" and self.rule["pairing_method"] != "single":
                    one, other = self.late_early(shift, own, leave)
                    late, early = late + one, early + other
            elif own:
                self.note(self.day, "unscheduled")
        on_leave = len(leave & elapsed)
        names = self.released(self.classes(worked, shifts, planned, on_leave))
        self.meal_finding([s for s in mine if s["out"] is not None])
        self.rest_finding(mine)
        if worked & leave:
            self.note(self.day, "work_during_leave")
        if "unapproved" in names:
            self.note(self.day, "overtime_unapproved")
        expected = planned if kind == "workday" else 0
        counted = len(worked)
        if self.rule["ot_basis"] == "outside_shift" and shifts:
            inside = set()
            for shift in shifts:
                inside |= set(range(shift["a"], shift["z"]))
            counted = len(worked & inside)
        single = self.rule["pairing_method"] == "single" and bool(mine)
        answer = {
            "scheduled_minutes": expected,
            "worked_minutes": len(worked),
            "break_minutes": breaks,
            "paid_break_minutes": paid,
            "leave_minutes": on_leave,
            "late_minutes": late,
            "early_leave_minutes": early,
            "undertime_minutes": 0 if single else max(0, expected - on_leave - counted),
            "night_minutes": self.night(worked),
            "ignored_punches": sum(of[first] == self.day for _punch, first in self.ignored),
            "per_shift": per_shift,
            "exceptions": sorted(self.found.get(self.day, ())),
        }
        short = answer["undertime_minutes"] or early
        sums = len(worked), on_leave, expected, short
        answer["status"] = self.status(kind, sums, shifts, bool(leave))
        for name in ("regular", "overtime", "doubletime", "rest_day", "rest_day_overtime"):
            answer[f"{name}_minutes"] = names.count(name)
        for name in ("holiday", "holiday_overtime"):
            answer[f"{name}_minutes"] = names.count(name)
        for name in ("dropped", "unapproved"):
            answer[f"overtime_{name}_minutes"] = names.count(name)
        return self.forget(answer, bool(mine))

    def given(self, shift, sessions, leave):
        """The minutes of who was seen once."""
        if not sessions or self.rule["single_counts"] != "scheduled" or not shift:
            return set()
        return shift["due"] - leave

    @staticmethod
    def forget(answer, came):
        """A number that is not known is none."""
        if answer["status"] == "incomplete":
            answer["undertime_minutes"] = None
        elif answer["status"] in ("at_work", "pending"):
            known = {"scheduled_minutes", "leave_minutes"} | ({"late_minutes"} if came else set())
            for name in answer:
                if name.endswith("_minutes") and name not in known:
                    answer[name] = None
        return answer

    def length(self, shift):
        nominal = self.rule["dst_scheduled_basis"] == "nominal"
        return shift["clock"] if nominal else len(shift["due"])

    def over(self, shifts):
        """`(the date's window has closed, every punch before its end is here)`."""
        if shifts:
            end = max(self.limit(-NEVER, s, NEVER) for s in shifts)
        else:
            end = self.at(self.day, "00:00", 1)
        return self.now >= end, self.told > end

    def status(self, kind, sums, shifts, any_leave):
        worked, leave, expected, short = sums
        found, punched = self.found.get(self.day, set()), self.day in self.seen
        covered = leave >= expected if expected else any_leave
        single = self.rule["pairing_method"] == "single"
        over, told = self.over(shifts)
        if self.here.get(self.day):
            return "at_work" if "now" in self.here[self.day] else "pending"
        if found & {"missing_in", "missing_out"}:
            return "incomplete"
        if kind == "workday" and covered and (worked or punched):
            return "conflict"
        if kind != "workday":
            return f"worked_{kind}" if worked or (single and punched) else kind
        if covered:
            return "on_leave"
        if not punched and not worked:
            return "rest_day" if not shifts else "absent" if over and told else "pending"
        if single:
            return "present"
        few = max(self.rule["absent_below_minutes"], self.rule["half_day_below_minutes"])
        if not over and (short or worked + leave < few):
            return "pending"
        if worked + leave < self.rule["absent_below_minutes"]:
            return "absent"
        return "half_day" if worked + leave < self.rule["half_day_below_minutes"] else "present"
