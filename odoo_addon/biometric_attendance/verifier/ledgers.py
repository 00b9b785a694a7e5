"""The verifier on lanes, signed heads and punches, row by row, in order. Like trail.py: knows the
written forms alone, neither odoo nor where rows come from.
"""

import hashlib
from datetime import datetime

try:
    from . import forms
    from .trail import covers, fingerprint, signature_holds
except ImportError:  # run as a script, outside Odoo
    import forms
    from trail import covers, fingerprint, signature_holds


ERASED = "odoo:erased"
_NAMED = ("reason", "signature", "key")


def _bare_ranges(trail, lane):
    """(numbers that a removal lists, numbers that nights found bare, last number a night has
    judged). A night speaks of the numbers behind the head of the one before, up to its own."""
    found, judged = [], 0
    for night in trail.nights:
        said = night["lanes"].get(lane)
        if said and said["seq"] > judged:
            found += [[max(low, judged + 1), min(high, said["seq"])] for low, high in said["bare"]]
            judged = said["seq"]
    return trail.erased.get(lane, ()), found, judged


def _unnamed_until(trail, lane):
    """Up to which number of a lane bare leaves need no word of the agent: None for all of them
    (its program does not sign), else up to the first night since it signs, where the lane was
    older than that; the batches before were not signed. Since when it signs, the trail says
    of the agent too: the lane's own word alone licenses nothing."""
    bound = trail.signs.get(str(lane["agent_id"]))
    since = min(filter(None, (lane["signed_at"], bound)), default=None)
    if since is None:
        return None
    older = lane["unsigned_at"] or lane["started_at"] < max(
        filter(None, (bound, trail.begin and trail.begin[1])), default=""
    )
    if not older:
        return 0
    for night in trail.nights:
        said = night["lanes"].get(str(lane["id"]))
        if said and night["at"] >= since:
            return said["seq"]
    return None


class LaneCheck:
    """One lane, or a slice of it, in the order of its numbers."""

    def __init__(self, lane, findings, trail, start=None):
        """lane: row of the lane; start: (seq, hash) of the last number before the first row."""
        self.lane = lane
        self.findings = findings
        self.name = lane["lane"]
        self.erased, self.bare, self.judged = _bare_ranges(trail, str(lane["id"]))
        self.unnamed_until = _unnamed_until(trail, lane)
        self.counted = any(count for count, _digest in trail.batches.values())
        self.keys = trail.keys
        self.seq, self.hash = start or self._beginning(trail)
        self.last = None
        self.row_bare = None

    def _beginning(self, trail):
        if not self.lane["checkpoint_seq"]:
            return 0, forms.lane_start(self.name)
        start = (self.lane["checkpoint_seq"], self.lane["checkpoint_hash"])
        if start not in trail.checkpoints.get(str(self.lane["id"]), ()):
            self.findings.add("lane_checkpoint", f"lane {self.name}", "nobody recorded it")
        return start

    def place(self, seq):
        return f"lane {self.name} number {seq}"

    def row(self, row):
        seq, place = row["seq"], self.place(row["seq"])
        if row["company_id"] != self.lane["company_id"]:
            self.findings.add("sighting_company", place, "it is of another company than its lane")
        if row["kind"] == "leaf":
            self._bare_row(row, place)
        else:
            self._full_row(row, place)
        if self.last and seq == self.last["seq"]:
            if (row["leaf"], row["hash"]) != (self.last["leaf"], self.last["hash"]):
                self.findings.add("lane_twice", place, "the number has two contents")
            if row["kind"] != "leaf":
                self.row_bare = None
            return
        self._judge_bare()
        if seq <= self.lane["head_seq"]:
            if seq != self.seq + 1:
                self.findings.add("lane_hole", self.place(self.seq + 1), f"missing before {seq}")
            elif forms.linked(self.hash, row["leaf"]) != row["hash"]:
                self.findings.add("lane_link", place, "it does not follow the number before it")
            self.seq, self.hash = seq, row["hash"]
        self.last = row
        self.row_bare = row if row["kind"] == "leaf" else None

    def _judge_bare(self):
        """A bare leaf that no full sighting followed: a removal lists it, or its agent named it,
        and the night that passed it saw it so."""
        row = self.row_bare
        if row is None or covers(self.erased, row["seq"]):
            return
        seq = row["seq"]
        if seq <= self.judged and not covers(self.bare, seq):
            self.findings.add("lane_bare", self.place(seq), "its content is gone")
        elif self.unnamed_until is not None and seq > self.unnamed_until:
            reason = row.get("named_reason")
            if not reason or (reason == ERASED and not self.counted):
                self.findings.add("lane_bare", self.place(seq), "nobody named it")

    def _bare_row(self, row, place):
        names = ("salt", "raw", "verify", "work_code", "extra", "reason", "received_at", "punch_id")
        if any(row[name] for name in names):
            self.findings.add("sighting_bare", place, "a bare leaf has a content")
        if not self._is_named_or_silent(row):
            self.findings.add("leaf_named", place, "no approved key signed why it is bare")

    def _is_named_or_silent(self, row):
        """Whether a reason is the agent's own word. Odoo's is that of an erased punch: those are
        counted by the erasure, not here."""
        reason, signature, key = (row.get(f"named_{name}") for name in _NAMED)
        if not signature and not key:
            return reason in (None, ERASED)
        if not key or (str(self.lane["agent_id"]), fingerprint(key)) not in self.keys:
            return False
        text = f"v1\nbare\n{self.name}\n{row['seq']}\n{row['leaf']}\n{reason}"
        return signature_holds(key, signature, text)

    def _full_row(self, row, place):
        if any(row.get(f"named_{name}") for name in _NAMED):
            self.findings.add("leaf_named", place, "a whole sighting is called a bare leaf")
        canonical = self._punch(row, place) if row["kind"] == "punch" else self._reject(row, place)
        if canonical is None:
            return
        if not forms.sighting_fits(row, row["kind"], self.name, canonical):
            self.findings.add("sighting_leaf", place, "its leaf does not fit its columns")
        if row["device_company"] not in (None, row["company_id"]):
            self.findings.add("sighting_device", place, "its device is of another company")

    def _punch(self, row, place):
        if row["punch_id"] is None or row["key"] is None:
            self.findings.add("punch_missing", place, "its punch is gone")
            return None
        if row["punch_device"] != row["device_id"] or row["punch_company"] != row["company_id"]:
            self.findings.add("punch_place", place, "its punch is of another device or company")
        if row["reason"] or row["raw"]:
            self.findings.add("sighting_leaf", place, "a punch has no reason and no raw line")
        if row["skew"] is None or abs(row["skew"] - self._skew(row)) > 0.001:
            self.findings.add("sighting_skew", place, "its clock difference was changed")
        return (row["key"], row["verify"], row["work_code"], row["extra"])

    @staticmethod
    def _skew(row):
        try:
            received = datetime.strptime(row["received_at"] or "", "%Y-%m-%dT%H:%M:%S.%fZ")
            return (datetime.fromisoformat(row["wall_time"] or "") - received).total_seconds()
        except ValueError:
            return float("inf")

    def _reject(self, row, place):
        if row["punch_id"] is not None or row["verify"] or row["work_code"] or row["extra"]:
            self.findings.add("sighting_leaf", place, "an unreadable line has fields of a punch")
        if row["skew"] is not None:
            self.findings.add("sighting_skew", place, "an unreadable line has no clock difference")
        return (row["device_serial"], row["reason"], row["raw"] and forms.sha256(row["raw"]))

    def close(self, whole=True):
        self._judge_bare()
        if whole and self.lane["broken_seq"]:
            place = self.place(self.lane["broken_seq"])
            self.findings.add("lane_broken", place, "Odoo stopped the lane here")
        if whole and (self.seq, self.hash) != (self.lane["head_seq"], self.lane["head_hash"]):
            self.findings.add(
                "lane_end",
                self.place(self.lane["head_seq"]),
                f"the lane claims this head, its numbers end at {self.seq}",
            )


class HeadCheck:
    """Signed heads and nights against the lanes. hash_at(lane_id, seq) -> hash or None."""

    def __init__(self, lanes, agents, findings, trail, hash_at):
        self.lanes = {lane["id"]: lane for lane in lanes}
        self.agents = {agent["id"]: agent for agent in agents}
        self.findings, self.trail, self.hash_at = findings, trail, hash_at

    def signed(self, head, today):
        """head: lane_id, agent_id, day, seq, hash, signature, public_key."""
        lane = self.lanes.get(head["lane_id"])
        place = f"signed head of lane {lane and lane['lane']} on {head['day']}"
        if lane is None:
            self.findings.add("lane_missing", place, "its lane is gone")
            return
        text = forms.head_text(lane["lane"], head)
        if not self._known_key(lane["agent_id"], head["public_key"]):
            self.findings.add("agent_key", place, "nobody approved the key that signed it")
        if not signature_holds(head["public_key"], head["signature"], text):
            self.findings.add("head_signature", place, "the signature is wrong")
        # What an agent has signed and not yet delivered is a backlog, for a day.
        if head["seq"] > lane["head_seq"]:
            if head["day"] < today and not lane["broken_seq"]:
                text = f"numbers after {lane['head_seq']} are gone"
                self.findings.add("lane_cut", place, text, [head["seq"], head["hash"]])
        else:
            self._compare(lane, head["seq"], head["hash"], place)

    def _known_key(self, agent_id, public_key):
        if not public_key:
            return False
        return (str(agent_id), fingerprint(public_key)) in self.trail.keys

    def countersigned(self, witness):
        """A countersigned audit head: its key and its signature. AuditCheck compares the hash."""
        place = f"countersignature of agent {witness['agent_id']} on {witness['day']}"
        text = forms.audit_text(witness["company_id"], witness)
        if not self._known_key(witness["agent_id"], witness["public_key"]):
            self.findings.add("agent_key", place, "nobody approved the key that signed it")
        if not signature_holds(witness["public_key"], witness["signature"], text):
            self.findings.add("head_signature", place, "the signature is wrong")

    def nights(self):
        for night in self.trail.nights:
            for lane_id, said in night["lanes"].items():
                place = f"night {night['number']}, lane {lane_id}"
                lane = self.lanes.get(int(lane_id))
                if lane is None:
                    self.findings.add("lane_missing", place, "the lane is gone")
                elif said["seq"] > lane["head_seq"]:
                    text = f"numbers after {lane['head_seq']} are gone"
                    self.findings.add("lane_cut", place, text, [said["seq"], said["hash"]])
                else:
                    self._compare(lane, said["seq"], said["hash"], place)

    def _compare(self, lane, seq, digest, place):
        if seq < (lane["checkpoint_seq"] or 0) or not seq:
            return
        if seq == lane["checkpoint_seq"]:
            held = lane["checkpoint_hash"]
        else:
            held = self.hash_at(lane["id"], seq)
        if held != digest:
            self.findings.add("lane_rewritten", place, f"number {seq} had another hash then")


class PunchCheck:
    """Punches in the order of their ids: their own columns, and the digests of the nights."""

    def __init__(self, company_id, findings, trail, seen, only=None):
        """seen(row) -> whether a checked sighting names this punch. only: (from, to) of ids."""
        self.company_id, self.findings, self.seen = company_id, findings, seen
        low, high = only or (0, float("inf"))
        self.ranges = [
            (said, trail.restated.get(said["from"]) or [said["count"], said["digest"]])
            for night in trail.nights
            for said in night["punches"]
            if low <= said["from"] and said["to"] <= high
        ]
        self.at = 0
        self.count, self.digest = 0, hashlib.sha256()

    def row(self, row):
        place = f"punch {row['id']}"
        if not forms.punch_fits(row):
            self.findings.add("punch_key", place, "its key does not fit its columns")
        if row["company_id"] != self.company_id or row["device_company"] != self.company_id:
            self.findings.add("punch_place", place, "it is of another company")
        if row["device_serial"] != row["serial"]:
            self.findings.add("punch_place", place, "it is at another device than it says")
        if row["wall_date"] != (row["wall_time"] or "")[:10]:
            self.findings.add("punch_date", place, "its day is not that of its time")
        if not self.seen(row):
            self.findings.add("punch_unseen", place, "no agent ever saw it")
        self._night(row)

    def _night(self, row):
        while self.at < len(self.ranges) and row["id"] > self.ranges[self.at][0]["to"]:
            self._close_range()
        if self.at < len(self.ranges) and row["id"] >= self.ranges[self.at][0]["from"]:
            self.count += 1
            names = ("id", "key", "device_id", "wall_date", "stored_at")
            self.digest.update("|".join(str(row[name]) for name in names).encode() + b"\n")

    def _close_range(self):
        said, expected = self.ranges[self.at]
        if [self.count, self.digest.hexdigest()] != list(expected):
            place = f"punches {said['from']} to {said['to']}"
            self.findings.add("punch_night", place, "they are not what they were that night")
        self.at += 1
        self.count, self.digest = 0, hashlib.sha256()

    def close(self):
        while self.at < len(self.ranges):
            self._close_range()
