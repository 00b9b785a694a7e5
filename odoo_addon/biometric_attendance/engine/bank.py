"""The bank of compensatory time off: an append-only ledger in whole, signed minutes.

Owns credits, caps, expiry, use, reversal and debt. Must not know days, leave records or a clock:
every operation carries its date. What is left of each lot and what is owed follow from the
entries alone (`Bank.replay`), so a stored ledger can always be continued.

Balance = sum of entries = what lots still hold - owed. A lot is usable through its expiry date;
the entry that ends it is dated the day after.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from .bank_entries import Claim, Entry, Lot, Move, Overflow
from .bank_limits import (
    FOREVER,
    due_on,
    expiry_date,
    payout_limit,
    request_limit,
    rights_of,
)
from .bank_take import alive, take_days
from .classes import credited, multiplier
from .rules import RuleSet
from .values import DayType


class Bank:
    """Ledger of one employee. Operations return the entries they added; refusals are kept."""

    def __init__(self, rules: RuleSet, month_to_date: Mapping[str, int] | None = None) -> None:
        self.rules = rules
        self.entries: list[Entry] = []
        self.lots: dict[str, Lot] = {}
        self.owed = 0
        self.refused: list[tuple[str, str]] = []
        self.overflows: dict[str, Overflow] = {}
        self._months = dict(month_to_date or {})
        self._claims: dict[str, Claim] = {}
        self._uses: dict[str, list[Move]] = {}
        self._today = date.min
        self._balance = 0
        # sources that wait for a date; up to which date no lot ends
        self._due: dict[str, date] = {}
        self._quiet_until = FOREVER

    @classmethod
    def replay(
        cls,
        rules: RuleSet,
        entries: Iterable[Entry],
        month_to_date: Mapping[str, int] | None = None,
        overflows: Iterable[Overflow] = (),
    ) -> "Bank":
        """The bank as a stored ledger left it. `overflows`: those kept beside it; a source that
        found no room at all has no other trace."""
        bank = cls(rules, month_to_date)
        for entry in entries:
            bank._post(entry)
            bank._remember(entry)
            bank._today = max(bank._today, entry.on)
        for item in overflows:
            claim = bank._claims.setdefault(item.source, Claim(item.earned_on))
            claim.wanted = claim.credited + item.minutes
            bank.overflows[item.source] = item
        return bank

    @property
    def balance(self) -> int:
        return self._balance

    def advance(self, on: date) -> None:
        """Bring the ledger to a date: dead lots expire first, then due credits are posted."""
        self._today = max(self._today, on)
        for source, due in sorted(self._due.items()):
            if due <= self._today:
                claim = self._claims[source]
                self._expire(due)
                claim.waits = False
                del self._due[source]
                self._credit(source, claim, due)
        self._expire(self._today)

    def opening(self, source: str, on: date, minutes: int, expires_on: date | None = None) -> None:
        """A balance brought in with documents."""
        self.advance(on)
        ends = expires_on or FOREVER
        self._post(Entry("opening", minutes, on, source, ((source, minutes),), 0, on, ends))

    def correct_opening(self, entry: Entry) -> None:
        """More or less than was brought in, as bank_opening.py says."""
        self._post(entry)

    def earn(
        self,
        source: str,
        on: date,
        day_class: DayType,
        overtime_minutes: int,
        *,
        authority: str = "",
        period_end: date | None = None,
        posted_on: date | None = None,
    ) -> None:
        """Credit overtime. The same source again posts only the difference."""
        self.advance(posted_on or on)
        if self.rules.cto_requires_authority_ref and not authority:
            self.refused.append((source, "authority_ref"))
            return
        claim = self._claims.get(source)
        if claim is None:
            claim = self._claims[source] = Claim(on)
            due = due_on(on, self.rules)
            claim.waits = due != on
            if claim.waits and due:
                self._due[source] = due
        claim.day_class, claim.overtime_minutes = day_class, overtime_minutes
        claim.period_end = period_end or claim.period_end
        if not claim.waits:
            self._credit(source, claim, self._today)
        self.advance(self._today)

    def certify(self, source: str, on: date) -> None:
        """The certificate that `on_certificate` waits for."""
        self.advance(on)
        claim = self._claims.get(source)
        if claim is None:
            self.refused.append((source, "unknown"))
        elif claim.waits:
            claim.waits = False
            self._due.pop(source, None)
            self._credit(source, claim, on)

    def correct_earn(
        self, source: str, on: date, day_class: DayType, overtime_minutes: int
    ) -> None:
        """The overtime behind a credit changed: post the difference."""
        self.advance(on)
        claim = self._claims.get(source)
        if claim is None:
            self.refused.append((source, "unknown"))
            return
        claim.day_class, claim.overtime_minutes = day_class, overtime_minutes
        if not claim.waits:
            self._credit(source, claim, on)

    def use(
        self,
        source: str,
        on: date,
        minutes: int,
        per_day: Sequence[int] | None = None,
        requested_on: date | None = None,
        posted_on: date | None = None,
        offsets_lateness: bool = False,
    ) -> None:
        """Take time off. Judged on the date of use: a lot counts if it is alive then. Notice is
        counted from the request; what was asked for afterwards has none. `offsets_lateness`: it
        stands for time that somebody came late or left early."""
        posted = posted_on or requested_on or on
        self.advance(posted)
        days = list(per_day) if per_day else [minutes]
        reason = request_limit(days, on, requested_on, self.rules)
        if offsets_lateness and not self.rules.cto_may_offset_lateness:
            reason = reason or "lateness"
        reason = reason or ("insufficient" if self.owed else "")
        if not reason and self.rules.cto_opens_at_minutes:
            rights, _closed = rights_of(self.entries, self.rules)
            reason = "not_open" if sum(days) > sum(right.minutes for right in rights) else ""
        moves = None if reason else take_days(self.lots.values(), days, on)
        if moves is None:
            self.refused.append((source, reason or "insufficient"))
            return
        self._uses[source] = moves
        self._post(
            Entry("usage", -sum(days), posted, source, tuple((lot, -taken) for lot, taken in moves))
        )

    def holds(self, source: str) -> bool:
        """Whether a use stands and was not given back."""
        return source in self._uses

    def taken(self, source: str) -> list[Move]:
        """`[(lot, minutes)]` of a use that stands; none of others."""
        return list(self._uses.get(source, ()))

    def change_use(self, entries: Iterable[Entry]) -> None:
        """A use takes other minutes than it did, as bank_change.py says."""
        for entry in entries:
            self._post(entry)
            self._remember(entry)
        self._expire(self._today)

    def cancel_use(self, source: str, on: date) -> None:
        """Time not taken pays what is owed, then returns to the same lots; what returns to a dead
        lot expires at once."""
        self.advance(on)
        moves = self._uses.pop(source, None)
        if moves is None:
            self.refused.append((source, "unknown"))
            return
        returned: list[Move] = []
        settled = 0
        for name, minutes in moves:
            usable = self.lots[name].expires_on >= on
            part = min(minutes, self.owed - settled) if usable else 0
            settled += part
            returned.append((name, minutes - part))
        self._post(
            Entry(
                "usage_reversal",
                sum(minutes for _lot, minutes in moves),
                on,
                source,
                tuple(returned),
                -settled,
            )
        )
        self._expire(on)

    def pay_out(self, source: str, on: date, minutes: int) -> None:
        """Convert banked time to pay at the employee's wish, where that is allowed."""
        self.advance(on)
        reason = payout_limit(minutes, on, self.entries, self.rules)
        reason = reason or ("insufficient" if self.owed else "")
        moves = None if reason else take_days(self.lots.values(), [minutes], on)
        if moves is None:
            self.refused.append((source, reason or "insufficient"))
            return
        taken = tuple((lot, -part) for lot, part in moves)
        self._post(Entry("payout", -minutes, on, source, taken, reason="wish"))

    def terminate(self, on: date) -> None:
        """One closing entry: forfeited or paid."""
        self.advance(on)
        lots = alive(self.lots.values(), date.min)
        moves = tuple((lot.name, -lot.left) for lot in lots if lot.left)
        if moves:
            kind = "payout" if self.rules.cto_on_termination == "pay_cash" else "forfeit"
            self._post(Entry(kind, sum(taken for _lot, taken in moves), on, "termination", moves))

    def asked(self, source: str) -> int | None:
        """What a source asked for last, caps left aside; None if it never did."""
        claim = self._claims.get(source)
        return claim.wanted if claim else None

    def month_credited(self, month: str) -> int:
        """Minutes credited for overtime of a month `YYYY-MM`, net of reversals."""
        return self._months.get(month, 0)

    def _post(self, entry: Entry) -> None:
        self.entries.append(entry)
        self._balance += entry.minutes
        for name, minutes in entry.moves:
            lot = self.lots.get(name)
            if lot is None:
                if entry.expires_on is None:
                    raise ValueError(f"{entry.kind} of {entry.source!r}: no entry opened {name!r}")
                lot = self.lots[name] = Lot(name, entry.credit_date, entry.expires_on)
            lot.left += minutes
            if lot.left > 0:
                self._quiet_until = min(self._quiet_until, lot.expires_on)
            lot.expired -= minutes if entry.kind == "expiry" else 0
        self.owed += entry.owed
        if entry.kind in ("accrual", "accrual_reversal"):
            month = entry.credit_date.isoformat()[:7]
            self._months[month] = self._months.get(month, 0) + entry.minutes

    def _remember(self, entry: Entry) -> None:
        """What a stored entry says about its source."""
        if entry.kind in ("accrual", "accrual_reversal"):
            claim = self._claims.setdefault(entry.source, Claim(entry.credit_date))
            claim.credited += entry.minutes
            claim.wanted = entry.asked
        elif entry.kind == "usage":
            self._uses[entry.source] = [(lot, -taken) for lot, taken in entry.moves]
        elif entry.kind == "usage_reversal":
            self._uses.pop(entry.source, None)

    def _credit(self, source: str, claim: Claim, on: date) -> None:
        """Post the difference between what a source asks for and what it has; asking for the same
        again posts nothing, even if there is more room by now."""
        wanted = credited(claim.day_class, claim.overtime_minutes, self.rules)
        if wanted == claim.wanted:
            return
        claim.wanted = wanted
        self.overflows.pop(source, None)
        if wanted > claim.credited:
            self._accrue(source, claim, on, wanted - claim.credited)
        elif wanted < claim.credited:
            self._reverse(source, claim, on, claim.credited - wanted)

    def _accrue(self, source: str, claim: Claim, on: date, wanted: int) -> None:
        rooms = self._rooms(claim.on)
        room, reason = min(rooms) if rooms else (wanted, "")
        granted = min(wanted, max(0, room))
        claim.credited += granted
        if granted < wanted:
            self._overflow(source, claim, wanted - granted, reason)
        if not granted:
            return
        settled = min(self.owed, granted)
        expires = expiry_date(claim.on, self.rules, claim.period_end)
        self._post(
            Entry(
                "accrual",
                granted,
                on,
                source,
                ((source, granted - settled),),
                -settled,
                claim.on,
                expires,
                claim.wanted,
            )
        )
        self._expire(on)

    def _rooms(self, earned_on: date) -> list[tuple[int, str]]:
        """What the caps leave, the smaller first."""
        rooms: list[tuple[int, str]] = []
        if self.rules.cto_balance_cap_minutes is not None:
            rooms.append((self.rules.cto_balance_cap_minutes - self.balance, "balance_cap"))
        if self.rules.cto_cap_per_month_minutes is not None:
            month = earned_on.isoformat()[:7]
            rooms.append(
                (self.rules.cto_cap_per_month_minutes - self.month_credited(month), "month_cap")
            )
        return rooms

    def _overflow(self, source: str, claim: Claim, minutes: int, reason: str) -> None:
        """Forfeited, or converted back to the overtime that goes to pay."""
        overtime = 0
        if self.rules.cto_over_cap == "pay_cash":
            factor = multiplier(claim.day_class, self.rules)
            overtime = (
                claim.overtime_minutes - claim.credited * factor.denominator // factor.numerator
            )
        self.overflows[source] = Overflow(source, minutes, reason, overtime, claim.on)

    def _reverse(self, source: str, claim: Claim, on: date, minutes: int) -> None:
        """The lot's own rest first, then other live lots, then a debt. Leave already taken is
        never rewritten; what expired was never taken, so its expiry is taken back first."""
        claim.credited -= minutes
        own = self.lots[source]
        undone = min(max(0, minutes - own.left), own.expired)
        if undone:
            back = ((source, undone),)
            self._post(Entry("expiry", undone, on, source, back, reason="correction"))
        others = [lot for lot in alive(self.lots.values(), on) if lot is not own]
        moves: list[Move] = []
        left = minutes
        for lot in [own, *others]:
            taken = min(left, lot.left)
            if taken or lot is own:
                moves.append((lot.name, -taken))
                left -= taken
        self._post(
            Entry(
                "accrual_reversal",
                -minutes,
                on,
                source,
                tuple(moves),
                left,
                own.earned_on,
                own.expires_on,
                claim.wanted,
            )
        )

    def _expire(self, on: date) -> None:
        """Lots whose last day is before `on` end with an entry dated the day after it."""
        if on <= self._quiet_until:
            return
        dead = [lot for lot in self.lots.values() if lot.left > 0 and lot.expires_on < on]
        for lot in sorted(dead, key=lambda lot: lot.order):
            kind = "payout" if self.rules.cto_on_expiry == "pay_cash" else "expiry"
            self._post(
                Entry(
                    kind,
                    -lot.left,
                    lot.expires_on + timedelta(days=1),
                    lot.name,
                    ((lot.name, -lot.left),),
                    reason="expiry",
                )
            )
        ends = (lot.expires_on for lot in self.lots.values() if lot.left > 0)
        self._quiet_until = min(ends, default=FOREVER)
