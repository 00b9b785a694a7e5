"""Heads of the audit trail that somebody keeps outside Odoo, as `--witness` takes them.

One JSON object a line: {"company_id"?, "seq", "hash"} of a mail or another export, or what an
agent's `heads` prints, each line signed over the one before (docs/contract.md, Remembered heads).
Standard library alone. Must not know the export they are laid against.
"""

import json

try:
    from . import trail
except ImportError:  # run as a script, outside Odoo
    import trail


def read(path, company_id):
    """{"who", "seq", "hash"} of every line about one company. ValueError names a line that says
    it is signed and is not, or does not follow the one before it."""
    before = None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            row, who = json.loads(line), path
            if "signature" in row:
                if fault := _fault(row, before):
                    raise ValueError(f"{path}, line {number}: {fault}")
                before, who = row, f"the agent with key {trail.fingerprint(row['public_key'])}"
            if row.get("company_id", company_id) == company_id:
                yield {"who": who, "seq": int(row["seq"]), "hash": row["hash"]}


def _fault(row, before):
    parts = ("v1", "remembered", *(row[name] for name in ("company_id", "seq", "hash", "at")))
    text = "\n".join(str(part) for part in (*parts, row["former"]))
    if not trail.signature_holds(row["public_key"], row["signature"], text):
        return "the key it names did not sign it"
    same_chain = before and before["public_key"] == row["public_key"] and row["former"]
    if same_chain and row["former"] != before["signature"]:
        return "a line before it is missing"
    return None
