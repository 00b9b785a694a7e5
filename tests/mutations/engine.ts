/** Hostile changes to what turns punches into minutes, and to which days are paid. */
import type { RoomMutations } from "../../dev/mutation.ts";

const file = (name: string) => `odoo_addon/biometric_attendance/engine/${name}.py`;

const list: RoomMutations = {
  unittest: "tests/engine",
  mutations: [
    {
      says: "the same event twice counts twice",
      file: file("punches"),
      from: "key = (punch.device, punch.at, punch.direction, punch.state)",
      to: "key = (punch.device, punch.at, punch.direction, punch.state, punch.seq)",
    },
    {
      says: "the delivery that came last stays",
      file: file("punches"),
      from: "(punch.seq, punch.identity) < (other.seq, other.identity)",
      to: "True",
    },
    {
      says: "a gap of exactly the window is a double tap",
      file: file("punches"),
      from: "punch.at - entry.punch.at < window",
      to: "punch.at - entry.punch.at <= window",
    },
    {
      says: "opposite directions are a double tap",
      file: file("punches"),
      from: "            if not opposite:\n",
      to: "            if True:\n",
    },
    {
      says: "seconds are rounded up",
      file: file("punches"),
      from: "at - at % 60",
      to: "at + -at % 60",
    },
    {
      says: "a session may last for ever",
      file: file("attribution"),
      from: "return min(longest, self.window_end(shift)) if shift else longest",
      to: "return longest * 2",
    },
    {
      says: "a session is closed beyond its shift's window",
      file: file("attribution"),
      from: "return min(longest, self.window_end(shift)) if shift else longest",
      to: "return longest",
    },
    {
      says: "the second of two check-ins always counts",
      file: file("pairing"),
      from: "if keep_last and running.in_punch is not None:",
      to: "if running.in_punch is not None:",
    },
    {
      says: "a check-out without a check-in is said to nobody",
      file: file("pairing"),
      from:
        '    pairs.find(day, "missing_in")\n    pairs.leave_out(punch, "missing_in", day)\n\n\nclass',
      to: '    pairs.leave_out(punch, "missing_in", day)\n\n\nclass',
    },
    {
      says: "a missing check-out is said before it can be missing",
      file: file("pairing"),
      from: "    if not asked.knows(end):\n",
      to: "    if False:\n",
    },
    {
      says: "what has not arrived yet is known",
      file: file("pairing"),
      from: "return self.as_of >= end and self.complete_until > end",
      to: "return self.as_of >= end",
    },
    {
      says: "what lies ahead is known",
      file: file("pairing"),
      from: "return self.as_of >= end and self.complete_until > end",
      to: "return self.complete_until > end",
    },
    {
      says: "a forgotten check-out is always paid to the shift's end",
      file: file("pairing"),
      from: 'rules.missing_out == "shift_end" and shift is not None',
      to: "shift is not None",
    },
    {
      says: "absent though punches may be on their way",
      file: file("situation"),
      from: "certain = case.over and case.complete",
      to: "certain = case.over",
    },
    {
      says: "absent before the day is over",
      file: file("situation"),
      from: "certain = case.over and case.complete",
      to: "certain = case.complete",
    },
    {
      says: "an unfinished day is settled",
      file: file("situation"),
      from: '    if case.unfinished:\n        return "incomplete"\n',
      to: "",
    },
    {
      says: "who is at work is not said to be",
      file: file("situation"),
      from: '    if case.running:\n        return "at_work"\n',
      to: "",
    },
    {
      says: "work during leave is leave",
      file: file("situation"),
      from: 'return "conflict" if present else "on_leave"',
      to: 'return "on_leave"',
    },
    {
      says: "a short day is present before it is over",
      file: file("situation"),
      from: 'case.over or (found == "present" and not case.short)',
      to: "True",
    },
    {
      says: "exactly half a day is a half day",
      file: file("situation"),
      from: "minutes < rules.half_day_below_minutes",
      to: "minutes <= rules.half_day_below_minutes",
    },
    {
      says: "a holiday that was worked is a holiday",
      file: file("situation"),
      from: 'return "worked_holiday" if worked else "holiday"',
      to: 'return "holiday"',
    },
    {
      says: "leave is no reason to be away",
      file: file("day"),
      from: "return max(0, plan.scheduled - plan.leave_minutes - worked)",
      to: "return max(0, plan.scheduled - worked)",
    },
    {
      says: "staying late makes up for coming late",
      file: file("day"),
      from: 'if rules.ot_basis == "outside_shift":',
      to: 'if rules.ot_basis == "":',
    },
    {
      says: "who is not employed is paid",
      file: file("day"),
      from: "    if not facts.employs(day):\n        return _outside_employment(scan, day)\n",
      to: "",
    },
    {
      says: "late on a rest day",
      file: file("day"),
      from: "for part in parts if plan.workday else ():",
      to: "for part in parts:",
    },
    {
      says: "an excuse changes nothing",
      file: file("day"),
      from: '"penalised_late_minutes": excused(late, "excuse_late", scan.adjustments, day)',
      to: '"penalised_late_minutes": late',
    },
    {
      says: "work during leave is not found",
      file: file("day"),
      from: "if iv.overlap(timeline, plan.leaves):",
      to: "if False:",
    },
    {
      says: "unapproved overtime is not found",
      file: file("day"),
      from: 'if buckets.get("unapproved"):',
      to: "if False:",
    },
    {
      says: "a clock ahead is no drift",
      file: file("day"),
      from: "abs(punch.offset_seconds) > limit",
      to: "-punch.offset_seconds > limit",
    },
    {
      says: "night minutes without the worked ones",
      file: file("night"),
      from:
        "return iv.intersect(timeline, _nights(first, zone.date_at(timeline[-1][1]), window, zone))",
      to: "return _nights(first, zone.date_at(timeline[-1][1]), window, zone)",
    },
    {
      says: "the night of the day before is forgotten",
      file: file("night"),
      from: "zone.date_at(timeline[0][0]) - timedelta(days=1)",
      to: "zone.date_at(timeline[0][0])",
    },
    {
      says: "nearest rounds half up at once",
      file: file("rounding"),
      from: "return (unit - 1) // 2",
      to: "return unit // 2",
    },
    {
      says: "a snapped time is rounded again",
      file: file("rounding"),
      from: "moved, rule = edge.target, f",
      to: "moved, rule = rounding.clock(edge.target - 1, edge.mode), f",
    },
    {
      says: "rounding turns sessions round",
      file: file("rounding"),
      from: "item.end = max(item.end, item.start)",
      to: "pass",
    },
    {
      says: "rounding lets sessions overlap",
      file: file("rounding"),
      from: "item.start = max(item.start, previous)",
      to: "pass",
    },
    {
      says: "a date waits for nothing",
      file: file("ends"),
      from: 'over = self._asked.as_of >= end\n        return {"waits_for": "devices" if over',
      to: 'over = self._asked.as_of >= end\n        return {"waits_for": "window" if over',
    },
    {
      says: "complete at the very end of the window",
      file: file("ends"),
      from: "return self._asked.complete_until > self._window",
      to: "return self._asked.complete_until >= self._window",
    },
    {
      says: "a pending day is paid",
      file: file("status"),
      from: '        "half_day",\n',
      to: '        "half_day",\n        "pending",\n',
    },
    {
      says: "an incomplete day is paid",
      file: file("status"),
      from: '        "half_day",\n',
      to: '        "half_day",\n        "incomplete",\n',
    },
    {
      says: "a day somebody is still at work on is paid",
      file: file("status"),
      from: '        "half_day",\n',
      to: '        "half_day",\n        "at_work",\n',
    },
  ],
};
export default list;
