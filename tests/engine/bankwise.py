"""A second reading of the bank: operations of an example of kind `bank`, played on a list of lots.

Owns caps, expiry, order of use, reversal and debt once more, in plain loops and whole minutes.
Shares no code with the engine.
"""

from datetime import date, timedelta
from fractions import Fraction

from .minutewise_pairs import DEFAULTS

FOREVER = date(9999, 12, 31)


class Book:
    """The bank of one person after some operations."""

    def __init__(self, case):
        self.rule = DEFAULTS | case["rules"]
        self.lots, self.entries, self.rejected, self.over = [], [], [], {}
        self.sources, self.uses, self.months, self.owed = {}, {}, {}, 0
        for op in case["ops"]:
            on = date.fromisoformat(op["date"])
            self.expire(on)
            getattr(self, op["op"])(op, on)
            self.expire(on)

    def result(self):
        return {
            "balance_minutes": self.balance(),
            "owed_minutes": self.owed,
            "entries": [list(entry) for entry in self.entries],
            "lots": {lot["name"]: lot["left"] for lot in self.lots},
            "rejected": [list(pair) for pair in self.rejected],
            "over_cap_forfeited_minutes": sum(self.over.values()),
        }

    def balance(self):
        return sum(minutes for _kind, minutes in self.entries)

    def alive(self, on):
        found = [lot for lot in self.lots if lot["expires"] >= on]
        return sorted(found, key=lambda lot: (lot["expires"], lot["earned"], lot["name"]))

    def lot(self, name):
        return next(lot for lot in self.lots if lot["name"] == name)

    def expire(self, on):
        for lot in self.alive(date.min):
            if lot["expires"] < on and lot["left"]:
                self.entries.append(("expiry", -lot["left"]))
                lot["expired"] += lot["left"]
                lot["left"] = 0

    def as_of(self, op, on):
        pass

    def opening(self, op, on):
        expires = date.fromisoformat(op["expires"]) if op.get("expires") else FOREVER
        self.add_lot(op["id"], on, expires, op["minutes"])
        self.entries.append(("opening", op["minutes"]))

    def add_lot(self, name, earned, expires, left):
        lot = {"name": name, "earned": earned, "expires": expires, "left": left, "expired": 0}
        self.lots.append(lot)

    def last_day(self, earned):
        value = self.rule["cto_expiry_value"]
        if self.rule["cto_expiry_policy"] == "days_after_earn":
            return earned + timedelta(days=value)
        if self.rule["cto_expiry_policy"] == "end_of_year_plus":
            return date(earned.year + value, 12, 31)
        return FOREVER

    def wanted(self, op):
        minutes, unit = op["ot_minutes"], self.rule["cto_input_round_unit_minutes"]
        if unit:
            rest = minutes % unit
            minutes += unit - rest if rest * 2 > unit - 1 else -rest
        return int(minutes * Fraction(str(self.rule[f"cto_multiplier_{op['class']}"])))

    def earn(self, op, on):
        self.sources[op["id"]] = {"on": on, "has": 0}
        self.credit(op["id"], self.wanted(op))

    def credit(self, name, more):
        source, month = self.sources[name], None
        room = more
        if self.rule["cto_balance_cap_minutes"] is not None:
            room = min(room, self.rule["cto_balance_cap_minutes"] - self.balance())
        month = source["on"].strftime("%Y-%m")
        if self.rule["cto_cap_per_month_minutes"] is not None:
            left = self.rule["cto_cap_per_month_minutes"] - self.months.get(month, 0)
            room = min(room, left)
        granted = max(0, room)
        self.over.pop(name, None)
        if granted < more:
            self.over[name] = more - granted
        if not granted:
            return
        source["has"] += granted
        self.months[month] = self.months.get(month, 0) + granted
        self.entries.append(("accrual", granted))
        paid = min(self.owed, granted)
        self.owed -= paid
        if name not in [lot["name"] for lot in self.lots]:
            self.add_lot(name, source["on"], self.last_day(source["on"]), 0)
        self.lot(name)["left"] += granted - paid

    def correct_earn(self, op, on):
        name, source = op["of"], self.sources[op["of"]]
        asked = self.wanted(op)
        if asked == source.get("asked", self.first_asked(name)):
            return
        source["asked"] = asked
        self.over.pop(name, None)
        if asked > source["has"]:
            self.credit(name, asked - source["has"])
        elif asked < source["has"]:
            self.take_back(name, source["has"] - asked, on)

    def first_asked(self, name):
        return self.sources[name]["has"] + self.over.get(name, 0)

    def take_back(self, name, minutes, on):
        source, own = self.sources[name], self.lot(name)
        undone = min(max(0, minutes - own["left"]), own["expired"])
        if undone:
            self.entries.append(("expiry", undone))
            own["expired"] -= undone
            own["left"] += undone
        source["has"] -= minutes
        month = source["on"].strftime("%Y-%m")
        self.months[month] -= minutes
        self.entries.append(("accrual_reversal", -minutes))
        for lot in [own, *(one for one in self.alive(on) if one is not own)]:
            taken = min(lot["left"], minutes)
            lot["left"] -= taken
            minutes -= taken
        self.owed += minutes

    def use(self, op, on):
        days = op.get("per_day") or [op["minutes"]]
        blocks, longest = (
            self.rule["cto_usage_block_minutes"],
            self.rule["cto_max_consecutive_days"],
        )
        reason = ""
        if self.owed:
            reason = "insufficient"
        if longest is not None and len(days) > longest:
            reason = "consecutive_days"
        if blocks and any(minutes not in blocks for minutes in days):
            reason = "block"
        moves = [] if reason else self.cover(days, on)
        if reason or moves is None:
            self.rejected.append((op["id"], reason or "insufficient"))
            return
        for lot, taken in moves:
            lot["left"] -= taken
        self.uses[op["id"]] = moves
        self.entries.append(("usage", -sum(days)))

    def cover(self, days, on):
        """One lot after the other for each date; None if a date is not covered."""
        left = {lot["name"]: lot["left"] for lot in self.lots}
        moves = []
        for number, minutes in enumerate(days):
            for lot in self.alive(on + timedelta(days=number)):
                taken = min(minutes, left[lot["name"]])
                left[lot["name"]] -= taken
                minutes -= taken
                if taken:
                    moves.append((lot, taken))
            if minutes:
                return None
        return moves

    def cancel_use(self, op, on):
        moves = self.uses.pop(op["of"], None)
        if moves is None:
            self.rejected.append((op["of"], "unknown"))
            return
        self.entries.append(("usage_reversal", sum(taken for _lot, taken in moves)))
        for lot, taken in moves:
            paid = min(taken, self.owed) if lot["expires"] >= on else 0
            self.owed -= paid
            lot["left"] += taken - paid

    def terminate(self, _op, _on):
        left = sum(lot["left"] for lot in self.lots)
        if left:
            self.entries.append(("forfeit", -left))
        for lot in self.lots:
            lot["left"] = 0
