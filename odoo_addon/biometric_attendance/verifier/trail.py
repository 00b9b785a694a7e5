"""The verifier on the audit trail and on the protection of the ledgers, row by row.

Standard library alone; signatures go faster where `cryptography` is installed. Imports neither odoo
nor any code that numbers, chains or seals: what it recomputes it knows from docs/contract.md and
docs/audit.md alone. Needs rows in order, never a whole table. Must not know where rows come from.
"""

import base64
import hashlib
import json
from datetime import date

try:
    from . import ed25519
    from .audited import BEGIN, LIST, TAKE_UP, list_age
    from .forms import sha256
    from .removal import removal_of
except ImportError:  # run as a script, outside Odoo
    import ed25519
    from audited import BEGIN, LIST, TAKE_UP, list_age
    from forms import sha256
    from removal import removal_of

ACTOR = ("login", "user_name", "address")
CONTENT = ("record_name", "before", "after", "reason")
CLEAR = (
    "form",
    "id",
    "company_id",
    "seq",
    "happened_at",
    "sealed_at",
    "transaction_id",
    "user_id",
    "real_user_id",
    "action",
    "model",
    "res_id",
    "person_id",
    "self_approved",
    "actor_digest",
    "content_digest",
)
FORMS = ("1",)
LEDGERS = ("biometric_audit", "biometric_decision", "biometric_punch", "biometric_sighting")
# Actions that take content out of the ledgers.
REMOVALS = ("person.erase", "retention.purge")
# What an entry must be for the other checks to know of it.
LEARNED = (
    "audit.night",
    *REMOVALS,
    "agent.change",
    "agent.create",
    "agent.take_up",
    BEGIN,
    LIST,
    "erased_key.take_up",
    "file.upload",
    "lane.take_up",
    "settings.change",
    "settings.take_up",
)
# A finding is kept with its place; beyond this many of one kind only the count goes on.
PLACES_PER_CODE = 100


def prefixed(title, row, names):
    """Length-prefixed text of named values; None and the empty text differ."""
    lines = [title]
    for name in names:
        value = row[name]
        if value is None:
            lines.append(f"{name}:-")
        else:
            size = len(value) if value.isascii() else len(value.encode())
            lines.append(f"{name}:{size}:{value}")
    return "\n".join(lines)


def covers(ranges, number):
    return any(low <= number <= high for low, high in ranges)


def fingerprint(public_key):
    digest = hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:16]
    return " ".join(digest[at : at + 4] for at in range(0, 16, 4))


def signature_holds(public_key, signature, text):
    """Whether base64 texts of a public key and a signature go with a text."""
    try:
        key = base64.b64decode(public_key or "", validate=True)
        signed = base64.b64decode(signature or "", validate=True)
    except ValueError:
        return False
    return _ed25519_holds(key, signed, text.encode())


def _ed25519_holds(key, signed, message):
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return ed25519.holds(key, signed, message)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signed, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class Findings:
    """What is wrong, by code and place. `notes` say what could not be checked. Each row has the
    digest of the fact it states: an explanation holds for that fact alone."""

    def __init__(self):
        self.rows = []
        self.counts = {}
        self.notes = []

    def add(self, code, place, text, fact=None):
        """fact: JSON value of what was found, where the text says less, or more than stays."""
        self.counts[code] = self.counts.get(code, 0) + 1
        if self.counts[code] <= PLACES_PER_CODE:
            stated = json.dumps(
                [code, place, text if fact is None else fact], sort_keys=True, default=str
            )
            row = {"code": code, "place": place, "text": text, "fact": sha256(stated)}
            self.rows.append(row)

    def crowded(self):
        """Codes found at more places than are kept."""
        return {code for code, count in self.counts.items() if count > PLACES_PER_CODE}

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)


def check_night(after):
    """ValueError, or what Python raises, where an entry `audit.night` has not the form of one."""
    for said in after["lanes"].values():
        int(said["seq"])
    for said in after["punches"]:
        if not isinstance(said["from"], int) or not isinstance(said["to"], int):
            raise ValueError("a night names ids from and to")
    for ranges in after.get("rows", {}).values():
        for said in ranges:
            if not isinstance(said["from"], int) or not isinstance(said["to"], int):
                raise ValueError("a night names ids from and to")


class Trail:
    """What the audit trail says about the other ledgers: nights, erasures, checkpoints, keys; and
    what licenses an exception: the retention in force, removals, uploads of carried files."""

    def __init__(self, window_end=None):
        """window_end(number, transaction): last number of the entries of one transaction in a row
        that begin with this one; for whoever learns chosen entries and not all of them."""
        self.window_end = window_end
        self.windows = []  # [first, last] number in which rows may be taken up as they stand
        self.window = None  # transaction of the window that is open
        self.list_age = None  # of the list that rows are compared by; None: nobody said it yet
        self.installed = False  # whether the trail began with the installation
        self.openers = set()  # numbers of the entries that rightly open a window
        self.nights = []
        self.actors = []
        self.contents = []
        self.erased = {}
        self.restated = {}
        self.restated_rows = {}  # {model: {first id: [count, digest]}}
        self.checkpoints = {}
        self.keys = set()
        self.signs = {}  # {number of an agent: instant since when it signs its batches}
        self.begin = None  # (number, instant) of the entry from which on state is compared
        self.gone = {}  # {model: ranges of ids that a removal took out}
        self.months = None  # retention in force after the last entry learned
        self.removals = []  # [{"number", "at", "action", "months", "after"}]
        self.batches = {}  # {batch of erased keys: (count, digest)}
        self.carried = {}  # {lane: ranges that uploads named}
        self.carriers = {}  # {lane: numbers of the users who uploaded into it}

    # ------------------------------------------------------------------ taking up

    def open(self, number, transaction):
        """Rows may be taken up from this entry on, to the end of its transaction."""
        last = self.window_end(number, transaction) if self.window_end else number
        self.window = transaction
        self.windows.append([number, last])

    def follow(self, number, transaction):
        """An entry in its order, by whoever reads all of them."""
        if number == 1:
            self.open(number, transaction)
        elif transaction == self.window and self.windows:
            self.windows[-1][1] = number
        else:
            self.window = None

    def restates(self, number, transaction):
        """Whether an entry belongs to an erasure that follows it in its own transaction: it may
        state again what lost its content there, and nothing else."""
        return any(
            removal["transaction"] == transaction and number < removal["number"]
            for removal in self.removals
        )

    def _opens(self, row, after):
        """State is compared from here on, or by another list: once each, at an installation or an
        upgrade. What is no such thing opens nothing."""
        number, age = int(row["seq"]), list_age((after or {}).get("list"))
        if row["action"] == BEGIN:
            if self.begin or self.installed:
                return
            self.begin = (number, row["happened_at"])
        elif age < 0 or (self.list_age is not None and age <= self.list_age):
            return
        elif covers(self.windows[:1], number):
            self.installed = True
        self.list_age = age
        self.openers.add(number)
        self.open(number, row["transaction_id"])

    def learn(self, row):
        """Take up one entry that concerns the verifier; others are passed over."""
        if not (row["after"] or row["reason"]):
            return
        action = row["action"]
        after = json.loads(row["after"] or "null")
        if action.endswith(f".{TAKE_UP}"):
            if not covers(self.windows, int(row["seq"])):
                return
            self.installed = self.installed or (
                row["model"] == "res.company" and covers(self.windows[:1], int(row["seq"]))
            )
        if row["model"] == "biometric.agent":
            self._agent(row["res_id"], after or {})
        if action == "audit.night":
            check_night(after)
            self.nights.append({**after, "number": int(row["seq"]), "at": row["happened_at"]})
        elif action in REMOVALS:
            self._removal(row, after)
        elif action == "agent.change" and (after or {}).get("state") == "active":
            self.keys.add((row["res_id"], (row["reason"] or "").removeprefix("fingerprint ")))
        elif action in (BEGIN, LIST):
            self._opens(row, after)
        elif action == "erased_key.take_up":
            self._batch(after)
        elif action in ("file.upload", "lane.take_up"):
            if "lane" in after:
                self.carried.setdefault(after["lane"], []).extend(after["numbers"])
                who = row["user_id"] if action == "file.upload" else after.get("carrier")
                if who:
                    self.carriers.setdefault(after["lane"], set()).add(int(who))
        elif row["model"] == "res.company" and "biometric_retention_months" in after:
            self.months = after["biometric_retention_months"] or 0

    def _agent(self, number, after):
        """Who signed once is bound: the first instant stays."""
        if since := after.get("batches_signed_since"):
            at = str(since).replace(" ", "T")
            self.signs[number] = min(at, self.signs.get(number, at))

    def _removal(self, row, after):
        if removal_of(row["after"], date.min) is None:
            raise ValueError("a removal names a date and a number of a person")
        self._batch(after)
        for name, ranges in after.get("gone", {}).items():
            self.gone.setdefault(name, []).extend(ranges)
        for lane, ranges in after.get("carried", {}).items():
            self.carried.setdefault(lane, []).extend(ranges)
        self.actors += after.get("actors", [])
        self.contents += after.get("contents", [])
        for lane, ranges in after.get("lanes", {}).items():
            self.erased.setdefault(lane, []).extend(ranges)
        for first, said in after.get("restated", {}).items():
            self.restated[int(first)] = said
        for name, said in after.get("restated_rows", {}).items():
            again = {int(first): stands for first, stands in said.items()}
            self.restated_rows.setdefault(name, {}).update(again)
        for lane, user in after.get("carriers", {}).items():
            self.carriers.setdefault(lane, set()).add(int(user))
        for lane, (seq, digest) in after.get("checkpoints", {}).items():
            self.checkpoints.setdefault(lane, set()).add((seq, digest))
        self.removals.append(
            {
                "number": int(row["seq"]),
                "at": row["happened_at"],
                "action": row["action"],
                "transaction": row["transaction_id"],
                "months": self.months,
                "after": after,
            }
        )

    def _batch(self, after):
        for batch, (count, digest) in after.get("erased_keys", {}).items():
            self.batches[batch] = (count, digest)


class AuditCheck:
    """The chain of one company, from its first entry to its last, or a slice of it."""

    def __init__(self, company_id, findings, trail, witnesses=(), start=None, whole=True):
        """witnesses: [{"who", "seq", "hash"}] of heads remembered outside the table.

        A slice (not `whole`) gets in `trail` what all of the trail says, and in `start` (seq, hash)
        of the entry before it, None for the first slice.
        """
        self.company = str(company_id)
        self.findings = findings
        self.trail = trail
        self.sliced = not whole
        self.seq, self.hash = start or (0, sha256(f"v1\naudit\n{self.company}"))
        self.erased = {"actor": [], "content": []}
        self.taken = []
        self.heads = {}
        for witness in witnesses:
            self.heads.setdefault(witness["seq"], set()).add((witness["who"], witness["hash"]))

    def row(self, row):
        seq = int(row["seq"] or 0)
        place = f"audit {seq}"
        if row["hash"] is None or not seq:
            self.findings.add("audit_unsealed", f"audit id {row['id']}", "an entry has no seal")
            return
        if row["company_id"] != self.company:
            self.findings.add("audit_company", place, "the entry is of another company")
        if seq != self.seq + 1:
            self.findings.add("audit_number", place, f"number {self.seq + 1} was expected")
        if row["previous_hash"] != self.hash:
            self.findings.add("audit_link", place, "it does not follow the entry before it")
        self._content(row, seq, place)
        if row["form"] not in FORMS:
            self.findings.add("audit_form", place, "the form of the entry is unknown")
        expected = sha256(f"{row['previous_hash']}\n{prefixed('audit', row, CLEAR)}")
        if row["hash"] != expected:
            self.findings.add("audit_hash", place, "its seal does not fit its columns", expected)
        for who, digest in sorted(self.heads.pop(seq, ())):
            if digest != row["hash"]:
                self.findings.add("audit_rewritten", place, f"{who} remembers another hash")
        self.seq, self.hash = seq, row["hash"]
        if not self.sliced:
            self.trail.follow(seq, row["transaction_id"])
        try:
            (Trail() if self.sliced else self.trail).learn(row)
        except (AttributeError, KeyError, TypeError, ValueError):
            self.findings.add("audit_content", place, "it cannot be understood")
        self._taken_up(row, seq, place)

    def _taken_up(self, row, seq, place):
        """Nobody is told of these kinds one by one: they count where they belong alone."""
        action = row["action"] or ""
        if action in (BEGIN, LIST) and seq not in self.trail.openers:
            text = f"{action} beside an installation or an upgrade"
            self.findings.add("state_begin", place, text)
        elif action.endswith(f".{TAKE_UP}") and not covers(self.trail.windows, seq):
            self.taken.append((seq, row["transaction_id"], action))

    def _content(self, row, seq, place):
        for part, names in (("actor", ACTOR), ("content", CONTENT)):
            salt = row[f"{part}_salt"]
            if salt is None:
                if any(row[name] is not None for name in names):
                    self.findings.add("audit_content", place, f"its {part} was put in afterwards")
                self.erased[part].append(seq)
            elif row[f"{part}_digest"] != sha256(f"{salt}\n{prefixed(part, row, names)}"):
                self.findings.add("audit_content", place, f"its {part} was changed")

    def close(self):
        """After the last row: what is missing at the end, and erasures nobody recorded."""
        for seq, heads in sorted(self.heads.items()):
            who = ", ".join(sorted(name for name, _digest in heads))
            self.findings.add("audit_cut", f"audit {seq}", f"the entry is gone; {who} knew it")
        for part, ranges in (("actor", self.trail.actors), ("content", self.trail.contents)):
            for seq in self.erased[part]:
                if not covers(ranges, seq):
                    self.findings.add("audit_erased", f"audit {seq}", f"its {part} is gone")
        began = self.trail.begin[0] if self.trail.begin else 0
        for seq, transaction, action in self.taken:
            if seq > began and not self.trail.restates(seq, transaction):
                text = f"{action} beside an installation, an upgrade or an erasure"
                self.findings.add("take_up", f"audit {seq}", text)
