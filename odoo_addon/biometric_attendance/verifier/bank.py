"""The verifier on time accounts: each is a chain of entries whose sums must agree.

Owns the text that an entry's hash covers, and what of an account does not fit: its numbers, its
hashes, its running balance, its lots, and acts of people that no entry of the trail tells of. That
a chain was not made anew, verifier/rows.py says. Knows the written forms alone; what an entry is
made of is engine/bank.py's.
"""

import hashlib
import json

# Entries of the trail that an entry of an account stands on.
ANSWER, OPENING, CLOSE, PAYOUT = "cto.answer", "cto.opening", "cto.close", "payout.change"
LEARNED = (ANSWER, OPENING, CLOSE, PAYOUT)
BY_PEOPLE = ("employee", "officer")
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
    """Hash of an entry; `row`: its columns, dates and instants as text, these with a space or a T
    between date and time."""
    row = {**row, "posted_at": row["posted_at"].replace("T", " ")}
    text = json.dumps([row[name] for name in SEALED], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


class Told:
    """What the trail says of people's acts on time accounts. An entry that lost its content to an
    erasure stands for any act on the same record."""

    def __init__(self):
        self._acts, self._erased = set(), set()

    def learn(self, row):
        """row: action, res_id, after of an entry."""
        if row["action"] not in LEARNED or row["res_id"] is None:
            return
        action, subject = row["action"], int(row["res_id"])
        if row["after"] is None:
            self._erased.add((action, subject))
            return
        try:
            self._acts |= {
                (action, subject, *act) for act in _acts(action, json.loads(row["after"]))
            }
        except (AttributeError, KeyError, TypeError, ValueError):
            return  # the check of the trail says so

    def knows(self, row):
        """Whether the act behind an entry of an account is told; True of one that no person did."""
        wanted = _act_of(row)
        return wanted is None or wanted in self._acts or wanted[:2] in self._erased


def _acts(action, after):
    """What an entry of the trail says of its record, as tuples."""
    if action == ANSWER:
        return [(after["work_date"], after["choice"])]
    if action == OPENING:
        return [(after["account"], minutes, ends) for minutes, ends, _paper in after["lots"]]
    return [()] if action == CLOSE or after.get("state") == "approved" else []


def _act_of(row):
    """`(action, record, …)` that must stand in the trail for an entry; None of one that follows
    from days, dates and time off by itself."""
    if row["choice"] and row["chosen_by"] in BY_PEOPLE:
        return (ANSWER, row["account_id"], row["work_date"], row["choice"])
    if row["kind"] == "opening":
        ends = row["expires_on"] or ""
        return (OPENING, row["employee_id"], row["account_kind"], row["minutes"], ends)
    if row["source"] == "termination":
        return (CLOSE, row["account_id"])
    if row["kind"] == "payout" and row["reason"] == "wish":
        number = row["source"].rpartition(":")[2]
        return (PAYOUT, int(number) if number.isdigit() else 0)
    return None


class _Sums:
    """One account as far as its entries were read. A lot that is used up is forgotten."""

    def __init__(self, account_id):
        self.last = (0, genesis(account_id))
        self.balance = self.owed = 0
        self.lots = {}


class AccountCheck:
    """Time accounts of one company. Memory grows with accounts and their living lots, not with
    entries."""

    def __init__(self, company_id, accounts, told, findings):
        """accounts: rows of id, kind, head_number, head_hash, balance_minutes, owed_minutes."""
        self._company_id, self._told, self._findings = company_id, told, findings
        self._accounts = {row["id"]: row for row in accounts}
        self._sums = {}
        self.count = 0

    def row(self, row):
        """row: columns of an entry, dates and instants as text; in the order of ids, which is that
        of the numbers of each account."""
        self.count += 1
        place = f"time account {row['account_id']}, entry {row['number']}"
        account = self._accounts.get(row["account_id"])
        if account is None or row["company_id"] != self._company_id:
            self._say("cto_account", place, "it is of no account of this company")
            return
        row = {**row, "account_kind": account["kind"]}
        sums = self._sums.get(account["id"])
        if sums is None:
            sums = self._sums[account["id"]] = _Sums(account["id"])
        number, previous = sums.last
        if row["number"] != number + 1:
            self._say("cto_number", place, f"it follows number {number}")
        if row["previous_hash"] != previous or sealed(row["previous_hash"], row) != row["hash"]:
            self._say("cto_hash", place, "it is not as it was written")
        self._add(sums, place, row)
        if not self._told.knows(row):
            self._say("cto_act", place, "the trail tells of no such answer, opening or payout")
        sums.last = (row["number"], row["hash"])

    def _add(self, sums, place, row):
        moved = 0
        for lot, minutes in row["moves"] or ():
            moved += minutes
            left = sums.lots.pop(lot, 0) + minutes
            if left:
                sums.lots[lot] = left
            if left < 0:
                self._say("cto_lot", place, f"lot {lot} falls below zero")
        owed = row["owed_change"] or 0
        sums.owed += owed
        sums.balance += row["minutes"]
        if row["account_kind"] == BANK and row["minutes"] != moved - owed:
            self._say("cto_sum", place, "its minutes are not what it moves")
        if row["balance_minutes"] != sums.balance:
            text = f"it says a balance of {row['balance_minutes']}, the sum is {sums.balance}"
            self._say("cto_sum", place, text)

    def close(self):
        """After the last entry: what each account's own row says."""
        for number, row in sorted(self._accounts.items()):
            sums, place = self._sums.get(number) or _Sums(number), f"time account {number}"
            said = (row["head_number"] or 0, row["head_hash"] or genesis(number))
            if said != sums.last:
                text = f"its last entry is number {said[0]}, not {sums.last[0]}"
                self._say("cto_end", place, text)
            if (row["balance_minutes"], row["owed_minutes"]) != (sums.balance, sums.owed):
                text = f"it shows {row['balance_minutes']} minutes and {row['owed_minutes']} owed, "
                text += f"its entries give {sums.balance} and {sums.owed}"
                self._say("cto_balance", place, text)
            if row["kind"] == BANK and sums.balance != sum(sums.lots.values()) - sums.owed:
                self._say(
                    "cto_lot", place, "its balance is not what its lots hold less what is owed"
                )

    def _say(self, code, place, text):
        self._findings.add(code, place, text)
