"""The verifier on time accounts: each is a chain of entries whose sums must agree.

Owns the text that an entry's hash covers, and what of an account does not fit: its numbers, its
hashes, its running balance, its lots, and the heads that a night's entry of the trail remembers.
Knows the written forms alone; what an entry is made of is engine/bank.py's.
"""

import hashlib
import json

NIGHT = "cto.night"
# Kinds of accounts: lots never fall below zero in a bank; a flex account has none.
BANK = "bank"
# What the hash of an entry covers, in this order, for ever.
SEALED = (
    "account_id",
    "company_id",
    "employee_id",
    "number",
    "kind",
    "date",
    "minutes",
    "source",
    "moves",
    "owed_change",
    "earned_on",
    "expires_on",
    "asked_minutes",
    "reason",
    "work_date",
    "day_class",
    "overtime_minutes",
    "over_minutes",
    "over_reason",
    "over_overtime_minutes",
    "choice",
    "chosen_by",
    "authority",
    "rule_name",
    "leave_number",
    "use_date",
    "requested_on",
    "note",
    "user_id",
    "posted_at",
    "balance_minutes",
)


def genesis(account_id):
    """What the first entry of an account follows."""
    return hashlib.sha256(f"v1 account {account_id}".encode()).hexdigest()


def sealed(previous, row):
    """Hash of an entry; `row`: its columns, dates and instants as text."""
    text = json.dumps([row[name] for name in SEALED], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def heads_digest(heads):
    """Digest of `(account id, number, hash)` in order of accounts."""
    lines = [f"{account}|{number}|{digest}" for account, number, digest in sorted(heads)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class AccountCheck:
    """Time accounts of one company, entry by entry in the order of account and number."""

    def __init__(self, findings):
        self.findings = findings
        self.count = 0
        self._account = None
        self._last = (0, None)
        self._lots, self._owed, self._balance = {}, 0, 0

    def row(self, row):
        """row: columns of an entry, and `account_kind`."""
        if row["account_id"] != self._account:
            self.close()
            self._account = row["account_id"]
            self._last = (0, genesis(self._account))
            self._lots, self._owed, self._balance = {}, 0, 0
        place = f"time account {row['account_id']}, entry {row['number']}"
        self.count += 1
        number, previous = self._last
        if row["number"] != number + 1:
            self._say("cto_number", place, f"it follows number {number}")
        if row["previous_hash"] != previous or sealed(row["previous_hash"], row) != row["hash"]:
            self._say("cto_hash", place, "it is not as it was written")
        self._sums(place, row)
        self._last = (row["number"], row["hash"])

    def _sums(self, place, row):
        moved = 0
        for lot, minutes in row["moves"] or ():
            moved += minutes
            self._lots[lot] = self._lots.get(lot, 0) + minutes
            if self._lots[lot] < 0:
                self._say("cto_lot", place, f"lot {lot} falls below zero")
        self._owed += row["owed_change"] or 0
        self._balance += row["minutes"]
        if row["account_kind"] == BANK and row["minutes"] != moved - (row["owed_change"] or 0):
            self._say("cto_sum", place, "its minutes are not what it moves")
        if row["balance_minutes"] != self._balance:
            text = f"it says a balance of {row['balance_minutes']}, the sum is {self._balance}"
            self._say("cto_sum", place, text)

    def head(self, row):
        """What an account's own row says; after its entries. row: id, head_number, head_hash,
        balance_minutes, owed_minutes."""
        if row["id"] != self._account:
            self.close()
            self._account, self._last = row["id"], (0, genesis(row["id"]))
            self._lots, self._owed, self._balance = {}, 0, 0
        said = (row["head_number"], row["head_hash"])
        if said != self._last:
            place = f"time account {row['id']}"
            self._say("cto_end", place, f"its last entry is number {said[0]}, not {self._last[0]}")
        if (row["balance_minutes"], row["owed_minutes"]) != (self._balance, self._owed):
            place = f"time account {row['id']}"
            text = f"it shows {row['balance_minutes']} minutes, its entries give {self._balance}"
            self._say("cto_balance", place, text)

    def close(self):
        self._account = None

    def _say(self, code, place, text):
        self.findings.add(code, place, text)


def check_night(said, heads, findings):
    """`said`: what a night wrote (`last`, `entries`, `digest`); `heads`: `(account, number, hash)`
    as of entry `last`, and `entries` up to it."""
    found, entries = heads
    if said.get("entries") != entries or said.get("digest") != heads_digest(found):
        place = f"time accounts up to entry {said.get('last')}"
        findings.add("cto_night", place, "they are not what the night remembers")
