"""The verifier on explanations of findings: each has its entry, by the same person, about the same
fact. Standard library alone; knows neither odoo nor where rows come from.
"""

import json

EXPLAIN = "finding.explain"


class Explained:
    """What entries say of findings: by finding, who explained which fact, and with what words."""

    def __init__(self):
        self.said = {}

    def learn(self, row):
        """row: action, res_id, user_id, after, reason, content_salt of an entry."""
        if row["action"] != EXPLAIN or not row["res_id"]:
            return
        about = self.said.setdefault(int(row["res_id"]), set())
        if row["content_salt"] is None:
            about.add((int(row["user_id"]), None, None))  # its words went with a person
            return
        try:
            fact = json.loads(row["after"] or "{}").get("fact")
        except (AttributeError, ValueError):
            return  # the check of the trail says so
        about.add((int(row["user_id"]), fact and str(fact), row["reason"]))

    def holds(self, finding):
        """Whether an entry tells of the explanation that a finding carries. Of a finding of before
        facts were kept, none is compared."""
        for user, fact, reason in self.said.get(finding["id"], ()):
            if user != finding["explained_by_id"]:
                continue
            if reason is None or (
                reason == finding["explanation"] and fact in (None, finding["fact"])
            ):
                return True
        return False


def check(rows, explained, findings):
    """Ids of the findings (rows: id, code, place, fact, explained_at, explained_by_id, explanation)
    whose explanation no entry tells of: it does not count."""
    silent = []
    for row in rows:
        if row["explained_at"] and not explained.holds(row):
            silent.append(row["id"])
            stated = [row["explained_at"], row["explained_by_id"], row["explanation"]]
            text = f"no entry tells that {row['code']} at {row['place']} was explained so"
            findings.add("finding_explained", f"finding {row['id']}", text, stated)
    return silent
