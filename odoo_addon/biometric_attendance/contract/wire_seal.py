"""What the two sides can, and what an agent signs of a request (docs/contract.md).

Strict reading into plain values, pure like wire.py; whether a signature holds is signature.py's.
"""

from . import chain, wire

MAX_CAN = 32
# Longest base64 of a signature that is read at all; an Ed25519 one has 88 characters.
MAX_SIGNATURE = 128
# What this addon does of the steps of the contract, as it says in its answers.
CAN = (
    "signed_pairing",
    "signed_batches",
    "signed_requests",
    "remembered_heads",
    "loss_report",
    "busy",
    "updates",
)


def parse_can(body):
    """Set of the steps that the other side names."""
    return {word for word in wire.listed(body, "can", MAX_CAN) if isinstance(word, str)}


def parse_signature(body):
    """The signature of a request as base64, None where it has none."""
    if body.get("signature") is None:
        return None
    return wire.text(body, "signature", MAX_SIGNATURE)


def parse_seal(body):
    """(signature, digest of the lines it covers) of a punches request that parse_batch has read;
    None for a batch without a signature."""
    signature = parse_signature(body)
    if signature is None:
        return None
    lines = "\n".join(map(_sealed_line, body["sightings"]))
    # Half characters are no text that an agent signed, and no reason to stumble.
    return signature, chain.sha256_hex(lines.encode("utf-8", "replace").decode())


def _sealed_line(row):
    """`seq leaf`, of a bare leaf that says why it is bare `seq leaf reason`, all as sent."""
    if row.get("kind") == "leaf" and row.get("reason") is not None:
        return f"{row['seq']} {row.get('leaf')} {row['reason']}"
    return f"{row['seq']} {row.get('leaf')}"
