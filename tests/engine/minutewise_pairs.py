"""The first half of the second reading (minutewise.py): an example, its punches and its sessions.

Owns S0 to S5 in plain loops over minutes. Shares no code with the engine.
"""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

DEFAULTS = json.loads(
    (Path(__file__).resolve().parents[1] / "cases/examples/domain/defaults.json").read_text()
)["rules"]
STATES = {0: "in", 3: "in", 4: "in", 1: "out", 2: "out", 5: "out"}


def clock_minutes(span):
    """Minutes from start to end by the clock on the wall, whatever the night."""
    start, end = (int(span[edge][:2]) * 60 + int(span[edge][3:]) for edge in ("start", "end"))
    return (end - start - 1) % 1440 + 1


class Presence:
    """One example and who was there when. All times are whole minutes since 1970 (UTC)."""

    def __init__(self, case):
        self.case, self.rule = case, DEFAULTS | case.get("rules", {})
        plan = case["schedule"]
        self.zone, self.day = ZoneInfo(plan["tz"]), plan["work_date"]
        self.types = plan.get("day_types", {}) | {self.day: plan.get("day_type", "workday")}
        self.shifts = sorted((self._shift(item) for item in plan["shifts"]), key=lambda s: s["a"])
        self.found = {}
        self.sessions = []
        self.seen = set()
        self.here = {}
        self.now, self.told = (self.moment(case.get(name)) for name in ("as_of", "complete_until"))

    @staticmethod
    def moment(text):
        return int(datetime.fromisoformat(text).timestamp()) // 60 if text else 10**9

    def at(self, day, clock, later=0):
        """Minute of a local time, `later` days after a date."""
        on = date.fromisoformat(day) + timedelta(days=later)
        hour, minute = map(int, clock.split(":"))
        local = datetime(on.year, on.month, on.day, hour, minute, tzinfo=self.zone)
        return int(local.timestamp()) // 60

    def clock(self, minute):
        return datetime.fromtimestamp(minute * 60, UTC).astimezone(self.zone)

    def date_of(self, minute):
        return self.clock(minute).date().isoformat()

    def _shift(self, item):
        day = item.get("date", self.day)
        over = item["end"] <= item["start"]
        shift = {"id": item["id"], "day": day, "a": self.at(day, item["start"])}
        shift["z"] = self.at(day, item["end"], over)
        shift["breaks"], shift["clock"] = [], clock_minutes(item)
        for pause in item.get("breaks", ()):
            begins = pause["start"] < item["start"]
            ends = begins or pause["end"] <= pause["start"]
            window = (self.at(day, pause["start"], begins), self.at(day, pause["end"], ends))
            shift["clock"] -= 0 if pause.get("paid") else clock_minutes(pause)
            shift["breaks"].append((*window, pause.get("paid", False), pause.get("mode", "auto")))
        unpaid = set()
        for start, end, paid, _mode in shift["breaks"]:
            unpaid |= set() if paid else set(range(start, end))
        shift["due"] = set(range(shift["a"], shift["z"])) - unpaid
        return shift

    # S0 to S3

    def punches(self):
        known = {}
        for item in self.case["punches"]:
            second = int(datetime.fromisoformat(item["t"]).timestamp())
            direction = item.get("dir") or STATES.get(item.get("state"))
            known[item["dev"], second, direction, item.get("state")] = (
                second,
                item["dev"],
                direction,
            )
        kept, self.ignored = [], []
        for punch in sorted(known.values(), key=lambda p: p[:2]):
            same = [
                k for k in kept if self.rule["duplicate_scope"] == "employee" or k[1] == punch[1]
            ]
            near = same and punch[0] - same[-1][0] < self.rule["duplicate_window_seconds"]
            if near and not (punch[2] and same[-1][2] and punch[2] != same[-1][2]):
                self.ignored.append((punch, same[-1]))
                continue
            kept.append(punch)
        return kept

    # S4 and S5

    def window(self, shift):
        early = self.rule["check_in_early_window_minutes"]
        return shift["a"] - early, shift["z"] + self.rule["check_out_late_window_minutes"]

    def following(self, shift):
        return next((s for s in self.shifts if s["a"] == shift["z"]), None)

    def unscheduled(self, minute):
        hour, past = map(int, self.rule["day_boundary"].split(":"))
        local = self.clock(minute).replace(tzinfo=None) - timedelta(hours=hour, minutes=past)
        return local.date().isoformat()

    def shift_of_in(self, minute):
        inside = [s for s in self.shifts if s["a"] <= minute < s["z"]]
        ahead = [s for s in self.shifts if self.window(s)[0] <= minute < s["a"]]
        ended = [s for s in self.shifts if s["z"] <= minute <= self.window(s)[1]]
        if inside:
            return inside[0]
        if ahead:
            return min(ahead, key=lambda s: s["a"])
        return max(ended, key=lambda s: s["z"]) if ended else None

    def limit(self, minute, shift, longest=None):
        longest = minute + self.rule["max_session_minutes"] if longest is None else longest
        if shift is None:
            return longest
        last = shift
        while self.following(last):
            last = self.following(last)
        return min(longest, self.window(last)[1])

    def note(self, day, name):
        self.found.setdefault(day, set()).add(name)

    def open_at(self, minute):
        shift = self.shift_of_in(minute)
        day = shift["day"] if shift else self.unscheduled(minute)
        self.seen.add(day)
        return {"day": day, "shift": shift, "in": minute, "out": None, "real": (True, False)}

    def close(self, session, minute):
        shift, start, real = session["shift"], session["in"], True
        while shift and minute > shift["z"] and self.following(shift):
            self.sessions.append(
                {
                    "day": shift["day"],
                    "shift": shift,
                    "in": start,
                    "out": shift["z"],
                    "real": (real, False),
                }
            )
            start, real, shift = shift["z"], False, self.following(shift)
        day = shift["day"] if shift else session["day"]
        self.sessions.append(
            {"day": day, "shift": shift, "in": start, "out": minute, "real": (real, True)}
        )

    def scan(self, punches):
        strict, running, of = self.rule["pairing_method"] == "strict", None, {}
        for punch in punches:
            minute, direction = punch[0] // 60, punch[2] if strict else None
            if running and minute > self.limit(running["in"], running["shift"]):
                self.sessions.append(running)
                running = None
            if running and direction == "in":
                self.note(running["day"], "double_in")
                day = running["day"]
                if self.rule["double_in"] == "keep_last":
                    running = self.open_at(minute)
            elif running:
                before = len(self.sessions)
                self.close(running, minute)
                running, day = None, self.sessions[-1]["day"]
                for piece in self.sessions[before:]:
                    self.seen.add(piece["day"])
            elif direction == "out":
                day = self.date_of_orphan(minute)
                self.seen.add(day)
                self.note(day, "missing_in")
            else:
                running = self.open_at(minute)
                day = running["day"]
            of[punch] = day
        if running:
            self.sessions.append(running)
        return of

    def date_of_orphan(self, minute):
        near = [s for s in self.shifts if self.window(s)[0] <= minute <= self.window(s)[1]]
        inside = [s for s in near if s["a"] < minute <= s["z"]]
        ended = [s for s in near if s["z"] < minute]
        if inside:
            return inside[0]["day"]
        if ended:
            return max(ended, key=lambda s: s["z"])["day"]
        return near[0]["day"] if near else self.unscheduled(minute)

    def gather(self, punches):
        strict, groups, of = self.rule["pairing_method"] == "strict_first_last", {}, {}
        for punch in punches:
            minute = punch[0] // 60
            near = [s for s in self.shifts if self.window(s)[0] <= minute <= self.window(s)[1]]
            shift = min(
                near, default=None, key=lambda s: (max(s["a"] - minute, minute - s["z"], 0), s["a"])
            )
            day = shift["day"] if shift else self.unscheduled(minute)
            self.seen.add(day)
            of[punch] = day
            groups.setdefault(id(shift) if shift else day, (shift, day, []))[2].append(punch)
        for shift, day, members in groups.values():
            ins = [p for p in members if not strict or p[2] != "out"]
            outs = [p for p in members if (not strict or p[2] != "in") and (not ins or p > ins[0])]
            if not ins:
                self.note(day, "missing_in")
                continue
            out = outs[-1][0] // 60 if outs else None
            self.sessions.append(
                {
                    "day": day,
                    "shift": shift,
                    "in": ins[0][0] // 60,
                    "out": out,
                    "real": (True, out is not None),
                }
            )
        return of

    def once(self, punches):
        """One punch for each shift, and for each date without one."""
        of, first = {}, set()
        for punch in punches:
            minute = punch[0] // 60
            near = [s for s in self.shifts if self.window(s)[0] <= minute <= self.window(s)[1]]
            away = {s["id"]: max(s["a"] - minute, minute - s["z"], 0) for s in near}
            shift = min(near, default=None, key=lambda s: (away[s["id"]], s["a"]))
            day = shift["day"] if shift else self.unscheduled(minute)
            of[punch] = day
            self.seen.add(day)
            if (day, shift and shift["id"]) not in first:
                first.add((day, shift and shift["id"]))
                span = {"in": minute, "out": minute, "real": (True, True)}
                self.sessions.append({"day": day, "shift": shift, **span})
        return of

    def settle(self):
        for session in self.sessions:
            if session["out"] is not None:
                continue
            shift = session["shift"]
            until = self.limit(session["in"], shift, 10**9 if shift else None)
            if self.now < until or self.told <= until:
                state = "now" if self.now < until else "later"
                self.here.setdefault(session["day"], set()).add(state)
                continue
            assume = self.rule["missing_out"] == "shift_end" and shift
            if assume and session["in"] < shift["z"]:
                session["out"] = shift["z"]
                self.note(session["day"], "missing_out_assumed")
            else:
                self.note(session["day"], "missing_out")
