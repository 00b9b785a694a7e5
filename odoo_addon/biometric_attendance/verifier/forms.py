"""The written forms that punches, lanes and heads are digested and signed in, as docs/contract.md
has them. Standard library alone. Must not know where rows come from, nor what a fault is called.
"""

import hashlib


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def punch_fits(row):
    """Whether the key of a punch is that of its columns."""
    columns = (row["serial"], row["pin"], row["wall_time"], row["status"])
    return None not in columns and sha256("\n".join(("v1", *columns))) == row["key"]


def sighting_fits(row, kind, lane, canonical):
    """Whether the leaf of a sighting is that of its columns; `canonical`: those of its kind."""
    tail = (row["channel"], row["received_at"], row["clock"])
    parts = (row["salt"], "v1", kind, lane, str(row["seq"]), *canonical, *tail)
    return None not in parts and sha256("\n".join(parts)) == row["leaf"]


def lane_start(lane):
    """What the first number of a lane follows."""
    return sha256(f"v1\nlane\n{lane}")


def linked(before, leaf):
    """The hash of the number with this leaf behind the hash `before`."""
    return sha256(f"{before}\n{leaf}")


def head_text(lane, head):
    """What an agent signs of the head of its lane."""
    return f"v1\nhead\n{lane}\n{head['seq']}\n{head['hash']}"


def audit_text(company, witness):
    """What an agent signs of the head of a company's trail."""
    return f"v1\naudit\n{company}\n{witness['seq']}\n{witness['hash']}"
