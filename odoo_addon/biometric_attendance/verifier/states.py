"""The verifier on state: what the trail says of a row, and how the row stands. Of each audited
field the newest entry that names it must agree with the row; every row has a birth, every vanished
row a death. Row by row, both sides in the order of the rows' numbers. Standard library alone; knows
neither odoo nor where rows and entries come from.
"""

import json
import re
from itertools import groupby

try:
    from .audited import AUDITED, DECIDED, ENDS, TAKE_UP
    from .trail import covers
except ImportError:  # run as a script, outside Odoo
    from audited import AUDITED, DECIDED, ENDS, TAKE_UP
    from trail import covers

# The number of a decision in the `after` of an entry about a punch or a line.
_DECISION = re.compile(r'"decision": ?([0-9]{1,9})')


def subject(entry):
    """(model, id) of the row that an entry speaks of, or None.

    entry: action, model, res_id (int, text or None) and after (text or None).
    """
    word = entry["action"].partition(".")[0]
    audited = AUDITED.get(entry["model"])
    if audited and word in audited.words:
        return (entry["model"], int(entry["res_id"])) if entry["res_id"] else None
    if word in DECIDED and (named := _DECISION.search(entry["after"] or "")):
        return "biometric.decision", int(named[1])
    return None


def plain(value):
    """A value of an entry as the row has it: a link is `[id, name]` there and an id here, a list of
    ids has no order, and nothing, zero, false and the empty text are one."""
    if isinstance(value, list):
        if len(value) == 2 and _is_number(value[0]) and (value[1] is False or _is_text(value[1])):
            value = value[0]
        elif all(map(_is_number, value)):
            value = sorted(value)
    return value or None


def _is_number(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value):
    return isinstance(value, str)


class _Said:
    """What the trail says of one row: a value a field, and whether it ended."""

    def __init__(self, fields, trail):
        self.fields, self.values, self.trail = fields, {}, trail
        self.ended = self.last = None
        # Fields that no entry with a content has named since one lost its own.
        self.silent = set(fields)

    def _may_say(self, entry):
        """Fields that an entry may speak of: one that takes a row up says all of it at an
        installation or an upgrade, and at an erasure what that took out alone."""
        if entry["action"].rpartition(".")[2] != TAKE_UP or entry["seq"] is None:
            return self.fields  # without a number yet: judged when it has one
        if covers(self.trail.windows, entry["seq"]):
            return self.fields
        if self.trail.restates(entry["seq"], entry["transaction_id"]):
            return [name for name in self.fields if name in self.silent]
        return ()

    def take(self, entry):
        if entry["blank"]:
            # It says nothing; what stood on is stated again beside it.
            self.silent = set(self.fields)
            return
        may_say = self._may_say(entry)
        if not may_say:
            return
        self.last = entry["seq"] or "without a number yet"
        if entry["action"].rpartition(".")[2] in ENDS:
            self.values, self.ended, self.silent = {}, self.last, set(self.fields)
            return
        try:
            said = json.loads(entry["after"] or "null")
        except ValueError:
            return  # the check of the trail says so
        if isinstance(said, dict):
            named = {name: said[name] for name in may_say if name in said}
            if named:
                self.values.update(named)
                self.silent -= named.keys()
                self.ended = None


class StateCheck:
    """Rows of one model against the entries about them."""

    def __init__(self, model, findings, trail):
        self.model, self.findings = model, findings
        self.audited, self.trail = AUDITED[model], trail
        self.gone = trail.gone.get(model, ())

    def run(self, entries, rows):
        """entries: subject, seq, action, transaction_id, after, blank, by subject and age. rows:
        id, values, by id. Returns how many rows were compared."""
        said = groupby(entries, key=lambda entry: entry["subject"])
        about = next(said, None)
        count = 0
        for row in rows:
            while about and about[0] < row["id"]:
                self._vanished(about[0], self._fold(about[1]))
                about = next(said, None)
            told = None
            if about and about[0] == row["id"]:
                told = self._fold(about[1])
                about = next(said, None)
            self._compare(row, told)
            count += 1
        while about:
            self._vanished(about[0], self._fold(about[1]))
            about = next(said, None)
        return count

    def _fold(self, entries):
        told = _Said(self.audited.fields, self.trail)
        for entry in entries:
            told.take(entry)
        return told

    def _add(self, code, row_id, text, fact=None):
        self.findings.add(code, f"{self.model} {row_id}", text, fact)

    def _vanished(self, row_id, told):
        counts = self.audited.counts_from
        if counts and told.values and plain(told.values.get(counts[0])) != counts[1]:
            return
        if told.values and not covers(self.gone, row_id):
            fact = {name: plain(value) for name, value in told.values.items()}
            self._add("state_death", row_id, "it is gone and no entry tells of its end", fact)

    def _compare(self, row, told):
        values, row_id = row["values"], row["id"]
        made = self.audited.made_by_service
        by_service = made and plain(values[made[0]]) == made[1]
        if told is None or told.last is None or told.ended:
            if by_service:
                return
            if told and told.ended:
                text = f"it is there, and entry {told.ended} tells of its end"
            else:
                text = "no entry tells of its beginning"
            self._add("state_birth", row_id, text, values)
            return
        unsaid = [name for name in self.audited.fields if name not in told.values]
        if unsaid and not by_service:
            self._add("state_birth", row_id, f"no entry tells its {', '.join(unsaid)}", values)
        other = {
            name: [plain(told.values[name]), plain(values[name])]
            for name in self.audited.fields
            if name in told.values and plain(told.values[name]) != plain(values[name])
        }
        if other:
            text = f"its {', '.join(sorted(other))} is not what the trail says"
            self._add("state_differs", row_id, f"{text} (newest entry {told.last})", other)
