"""Owns: days of an export against the digest they carry and what they say they were computed from,
as far as it can be read without computing minutes: rule set and punches.

Must not know: any code of the project; it is written from docs/audit.md alone, like check_export.
"""

import json
import sys
from pathlib import Path

# With -I a bare Python has no folder of the script on its path.
sys.path.insert(0, str(Path(__file__).resolve().parent))
from written import DAY_BESIDE, sha  # noqa: E402

# As many digits of a punch's key name it among the inputs.
KEY_DIGITS = 16
FIRST, LAST = "0001-01-01", "9999-12-31"


def judge(rows, found, wall):
    """rows(name) yields lines of a file, found(code, place, text) takes a finding; wall: {id: line}
    of punch.jsonl."""
    days = {(row["employee_id"], row["date"]): row for row in rows("tables/biometric.day.jsonl")}
    for row in days.values():
        digest(row, found)
    sets = {row["id"]: row for row in rows("tables/biometric.rule.jsonl")}
    books = Books(rows, wall)
    for line in rows("day_case.jsonl"):
        who = line["employee_id"]
        for number, day in enumerate(line["dates"]):
            row = days.get((who, day))
            if row and not line["waiting"]:
                rule(row, line["rules"][number], sets, found)
        for facts in line["case"]["facts"]:
            for at, device, name in (one[:3] for one in facts["punches"]):
                text = books.wrong(who, name, device)
                if text:
                    found("day_punch", f"punch {name} of {who} at {at}", text)


def digest(row, found):
    """A day that somebody wrote into does not fit the digest it carries."""
    kept = {name: value for name, value in row.items() if name not in DAY_BESIDE.split()}
    kept["derivation"] = json.dumps(kept["derivation"], sort_keys=True)
    if sha(json.dumps(kept, sort_keys=True)) != row["digest"]:
        found("day_digest", f"day {row['date']} of {row['employee_id']}", "written into")


def rule(row, chosen, sets, found):
    """A day names the rule set that was in force on it."""
    place, kept = f"day {row['date']} of {row['employee_id']}", sets.get(row["rule_id"])
    if [row["rule_id"], row["rule_name"]] != chosen:
        found("day_rule", place, f"names {row['rule_name']}, in force was {chosen[1]}")
    elif row["rule_id"] is not None and (
        kept is None or kept["state"] != "adopted" or kept["valid_from"] > row["date"]
    ):
        found("day_rule", place, f"{row['rule_name']} was not in force")


class Books:
    """Which punches are whose."""

    def __init__(self, rows, wall):
        self.punches, self.owners, self.verdicts = {}, {}, {}
        for row in wall.values():
            self.punches[(row["key"][:KEY_DIGITS], str(row["device_id"]))] = row
        for row in rows("tables/biometric.device.user.jsonl"):
            key = (row["device_id"], row["pin"])
            span = (row["employee_id"], row["valid_from"] or FIRST, row["valid_to"] or LAST)
            self.owners.setdefault(key, []).append(span)
        for row in sorted(rows("tables/biometric.decision.jsonl"), key=lambda row: row["id"]):
            self.verdicts[row["punch_id"]] = row["verdict"]

    def wrong(self, who, name, device):
        """Why an input of somebody's day is none, or None."""
        row = self.punches.get((name, device))
        if row is None:
            return "no such punch is in the ledger"
        verdict, day = self.verdicts.get(row["id"]), row["wall_date"]
        if verdict == "discard":
            return "it was discarded"
        owners = self.owners.get((row["device_id"], row["pin"]), ())
        mine = any(one == who and first <= day <= last for one, first, last in owners)
        return None if mine or verdict == "count_as" else "its PIN means somebody else"
