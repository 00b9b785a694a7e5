"""Who may change a day, and what of it counts: the states of a correction (pure part).

Owns requests, approvals, reversals and refusals for one employee. Must not know what a change
does to a day. Nothing is ever deleted: every attempt, a refused one too, leaves an entry.
"""

from dataclasses import dataclass, field
from typing import Final

from .rules import RuleSet

SUBMITTED: Final = "submitted"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
REVERSED: Final = "reversed"


@dataclass
class Request:
    """A correction asked for, or the reversal of one (`reverses` names it)."""

    identity: str
    requested_by: str
    reason: str
    change: object = None
    reverses: str = ""
    state: str = SUBMITTED
    approved_by: str = ""
    sequence: int = 0


@dataclass(frozen=True)
class Entry:
    """One attempt: what, on which request, by whom, and why it was refused if it was."""

    action: str
    target: str
    by: str
    reason: str = ""
    refused: str = ""


@dataclass
class Review:
    """Requests of one employee's days. `employee_user`, whom they concern, never approves."""

    rules: RuleSet
    employee_user: str = ""
    requests: dict[str, Request] = field(default_factory=dict[str, Request])
    entries: list[Entry] = field(default_factory=list[Entry])
    _approvals: int = 0

    def request(self, identity: str, by: str, reason: str, change: object) -> Entry:
        """Ask for a correction. Refused without a reason or under a name already used."""
        refused = self._bad_reason(reason) or ("exists" if identity in self.requests else "")
        if not refused:
            self.requests[identity] = Request(identity, by, reason, change)
        return self._log("request", identity, by, reason, refused)

    def approve(self, identity: str, by: str) -> Entry:
        """Put a request (or a reversal) into effect."""
        request = self.requests.get(identity)
        refused = self._undecidable(request, by)
        if request and not refused:
            self._put_into_effect(request, by)
        return self._log("approve", identity, by, "", refused)

    def reject(self, identity: str, by: str, reason: str = "") -> Entry:
        """Turn a request down."""
        request = self.requests.get(identity)
        refused = self._undecidable(request, by)
        if request and not refused:
            request.state = REJECTED
        return self._log("reject", identity, by, reason, refused)

    def reverse(self, identity: str, of: str, by: str, reason: str, approved_by: str = "") -> Entry:
        """Take an approved correction back by a further record; it too needs a second person,
        named at once or by a later `approve`."""
        target = self.requests.get(of)
        refused = self._bad_reason(reason)
        if not refused and (target is None or target.state != APPROVED or target.reverses):
            refused = "not_approved"
        reversal = Request(identity, by, reason, None, of)
        if not refused and approved_by:
            refused = self._four_eyes(reversal, approved_by)
        if not refused:
            self.requests[identity] = reversal
            if approved_by:
                self._put_into_effect(reversal, approved_by)
        return self._log("reverse", identity or of, by, reason, refused)

    def forbid(self, action: str, identity: str, by: str, reason: str = "") -> Entry:
        """Nothing is deleted, and nothing edited once it is submitted: the attempt is kept."""
        return self._log(action, identity, by, reason, "not_allowed")

    def effective(self) -> list[Request]:
        """Approved and unreversed corrections, in the order of approval."""
        found = [r for r in self.requests.values() if r.state == APPROVED and not r.reverses]
        return sorted(found, key=lambda request: request.sequence)

    def open(self) -> list[Request]:
        """Requests that still wait for a decision."""
        return [r for r in self.requests.values() if r.state == SUBMITTED]

    def refusals(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.refused]

    def _put_into_effect(self, request: Request, by: str) -> None:
        self._approvals += 1
        request.state, request.approved_by = APPROVED, by
        request.sequence = self._approvals
        if request.reverses:
            self.requests[request.reverses].state = REVERSED

    def _bad_reason(self, reason: str | None) -> str:
        if not reason or not reason.strip():
            return "reason_missing"
        codes = self.rules.reason_codes
        code = reason.split(":", 1)[0].strip()
        return "reason_code" if codes is not None and code not in codes else ""

    def _undecidable(self, request: Request | None, by: str) -> str:
        """Why this person cannot decide on the request; an empty text if they can."""
        if request is None:
            return "unknown"
        return self._four_eyes(request, by) if request.state == SUBMITTED else "not_open"

    def _four_eyes(self, request: Request, by: str) -> str:
        """The approver is neither who asked nor whom it concerns."""
        if not self.rules.four_eyes:
            return ""
        return "four_eyes" if by in (request.requested_by, self.employee_user) else ""

    def _log(self, action: str, target: str, by: str, reason: str, refused: str) -> Entry:
        entry = Entry(action, target, by, reason, refused)
        self.entries.append(entry)
        return entry


def answer_days(rules: RuleSet, usual: int) -> int:
    """Days within which the person agrees or disputes what was changed: the rule set's own where it
    asks for an answer, else `usual`. 0: without end."""
    return rules.ack_days if rules.employee_ack else usual
