"""Digests of the agent-to-Odoo contract: key, leaf, lane chain, audit chain.

Pure: no odoo, no clock, no database. The forms are written down in docs/contract.md and proven
against tests/contract/*.json. Must not know where a sighting is stored.
"""

import hashlib
import hmac

VERSION = "v1"
# Form of an audit entry (docs/audit.md). A new form gets a new number and old entries keep theirs.
AUDIT_FORM = "1"


def sha256_hex(text):
    """SHA-256 of UTF-8 text, 64 lower-case hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def punch_key(serial, pin, wall_time, status):
    """The name of a punch for ever."""
    return sha256_hex("\n".join((VERSION, serial, pin, wall_time, status)))


def lane_genesis(lane):
    """What the first sighting of a lane is chained to."""
    return sha256_hex("\n".join((VERSION, "lane", lane)))


def canonical_sighting(lane, sighting):
    """The text a leaf is made of. `sighting` has the attributes of wire.Sighting."""
    head = [VERSION, sighting.kind, lane, str(sighting.seq)]
    if sighting.kind == "punch":
        own = [sighting.key, sighting.verify, sighting.work_code, sighting.extra]
    else:
        own = [sighting.serial, sighting.reason, sha256_hex(sighting.raw)]
    return "\n".join((*head, *own, sighting.channel, sighting.received_at, sighting.clock))


def sighting_leaf(lane, sighting):
    return sha256_hex(f"{sighting.salt}\n{canonical_sighting(lane, sighting)}")


def chain_hash(previous_hash, leaf):
    return sha256_hex(f"{previous_hash}\n{leaf}")


def head_text(lane, seq, digest):
    """What an agent signs as the head of its lane."""
    return "\n".join((VERSION, "head", lane, str(seq), digest))


def pair_text(code):
    """What an agent signs to prove that the key it pairs with is its own."""
    return "\n".join((VERSION, "pair", code))


def batch_text(lane, batch_id, digest):
    """What an agent signs of a batch; `digest` is that of its lines (wire_seal.parse_seal)."""
    return "\n".join((VERSION, "batch", lane, batch_id, digest))


def request_text(route, body):
    """What an agent signs of a request to a route; `body`: its bytes as they travel."""
    return "\n".join((VERSION, "request", route, hashlib.sha256(body).hexdigest()))


def bare_text(lane, seq, leaf, reason):
    """What an agent signs of a number that it sends without its content."""
    return "\n".join((VERSION, "bare", lane, str(seq), leaf, reason))


def audit_head_text(company_id, seq, digest):
    """What an agent countersigns as the head of a company's audit trail."""
    return "\n".join((VERSION, "audit", str(company_id), str(seq), digest))


def fingerprint(public_key):
    """First 16 hex digits of sha256(public key), in groups of four: what the approver compares."""
    digest = hashlib.sha256(public_key).hexdigest()[:16]
    return " ".join(digest[i : i + 4] for i in range(0, 16, 4))


def audit_genesis(company_id):
    return sha256_hex("\n".join((VERSION, "audit", str(company_id))))


def canonical_audit(title, values):
    """Length-prefixed form of every (name, text) pair, so that no value can imitate another.

    `values`: iterable of (name, text or None) in fixed order. None and "" differ.
    """
    parts = [title]
    for name, value in values:
        if value is None:
            parts.append(f"{name}:-")
        else:
            parts.append(f"{name}:{len(value.encode())}:{value}")
    return "\n".join(parts)


def audit_part(title, salt, values):
    """Salted digest of the columns of an entry that may be erased one day."""
    return sha256_hex(f"{salt}\n{canonical_audit(title, values)}")


def audit_hash(previous_hash, values):
    return sha256_hex(f"{previous_hash}\n{canonical_audit('audit', values)}")


def secret_digest(secret):
    """How a token is kept: SHA-256 of a 256-bit random secret needs no salt."""
    return sha256_hex(secret)


def slow_digest(code, salt):
    """How a pairing code is kept: 35 bits need a slow function. About 50 ms."""
    return hashlib.scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=32).hex()


def same(one, other):
    """Constant-time comparison of two texts."""
    return hmac.compare_digest(one.encode(), other.encode())
