"""Which update metadata may be offered: the rules of edge_agent/machine/metadata.ts once more, for
whoever offers. tests/contract/updates.json holds what both sides answer.

Owns what is proven and in which order. Proves only, never signs; must not know where a set or a
file is kept. Pure: no odoo, no clock, no disk.
"""

import base64
import binascii
import hashlib
import json
import re
from datetime import datetime
from typing import NamedTuple

from .signature import is_signed

# A file is signed by two people, whatever the root document asks for.
LEAST_SIGNERS = {"root": 2, "targets": 2, "snapshot": 1, "timestamp": 1}
ARCHITECTURES = ("x86_64", "aarch64")
MAX_LENGTH = 512 * 1024 * 1024
MAX_ROOTS, MAX_SIGNATURES, MAX_FILES, MAX_KEYS = 64, 16, 100, 16
# What the set of some years of releases is far below.
MAX_BYTES = 4 * 1024 * 1024

_HEX64 = re.compile(r"[0-9a-f]{64}\Z")
# Digits of other scripts are none to the agents.
_VERSION = re.compile(r"\d{1,5}\.\d{1,5}\.\d{1,5}\Z", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z\Z", re.ASCII)


class Untrusted(ValueError):
    """Nothing of the set may be used. code: unsigned, older, expired, mixed or malformed."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Trust(NamedTuple):
    """What was believed before: the root document (None: nothing, the first of a set begins it),
    and the highest version of each other role."""

    root: dict | None = None
    timestamp: int = 0
    snapshot: int = 0
    targets: int = 0


class Proven(NamedTuple):
    """files: [{version, architecture, length, sha256}]; expires_at: naive UTC, until when the set
    counts as fresh."""

    trust: Trust
    files: list
    expires_at: datetime


def load(data):
    """The set in bytes, as parsed JSON. Untrusted where it is none."""
    if len(data) > MAX_BYTES:
        raise Untrusted("malformed", f"the metadata has more than {MAX_BYTES} bytes")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Untrusted("malformed", "this is no JSON") from error


def prove(given, trust, now):
    """The set, believed. now: naive UTC. Raises Untrusted; then nothing of it was used."""
    if not isinstance(given, dict):
        raise Untrusted("malformed", "this is no update metadata")
    roots = given.get("roots")
    if not isinstance(roots, list) or not 1 <= len(roots) <= MAX_ROOTS:
        raise Untrusted("malformed", "this is no update metadata")
    root = _newest_root([_envelope(one) for one in roots], trust.root)
    keys = _read("root", root)
    _fresh(keys, "root", now)
    documents = {}
    pin = None
    for role in ("timestamp", "snapshot", "targets"):
        document = _envelope(given.get(role))
        _signed_by(role, document, keys)
        read = _read(role, document)
        if pin is not None and (read["version"], digest(document["signed"])) != pin:
            raise Untrusted(
                "mixed", f"{role} {read['version']} is not the one that belongs to this set"
            )
        _not_older(role, read["version"], getattr(trust, role))
        _fresh(read, role, now)
        documents[role], pin = read, read.get("pin")
    return Proven(
        Trust(root, *(documents[role]["version"] for role in documents)),
        documents["targets"]["files"],
        min(read["expires"] for read in documents.values()),
    )


def newest_of(roots):
    """Of root documents that were proven, the one that counts from now on."""
    return max(roots, key=lambda document: document["signed"]["version"])


def version_key(version):
    """Of `1.10.2`, so that versions can be compared; of anything else what is older than all."""
    return tuple(map(int, version.split("."))) if _VERSION.match(version or "") else (-1,)


def canonical(value):
    """JSON with sorted names and nothing between: one text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(signed):
    """Hex SHA-256 of a document as it is signed."""
    return hashlib.sha256(canonical(signed).encode("utf-8", "surrogatepass")).hexdigest()


def key_id(public_key):
    return hashlib.sha256(_key_bytes(public_key)).hexdigest()


def _key_bytes(public_key):
    try:
        return base64.b64decode(public_key, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return b""


def _newest_root(roots, trusted):
    """From the trusted root on, each signed by its own keys and by those of the one before."""
    newest = trusted or roots[0]
    for following in roots:
        before, wanted = _read("root", newest), _read("root", following)
        if wanted["version"] <= before["version"]:
            continue
        if wanted["version"] != before["version"] + 1:
            missing = before["version"] + 1
            raise Untrusted("mixed", f"root {missing} is missing in front of {wanted['version']}")
        _signed_by("root", following, before)
        _signed_by("root", following, wanted)
        newest = following
    _signed_by("root", newest, _read("root", newest))
    return newest


def _envelope(value):
    if isinstance(value, dict) and isinstance(value.get("signed"), dict):
        signatures = value.get("signatures")
        is_short = isinstance(signatures, list) and len(signatures) <= MAX_SIGNATURES
        if is_short and all(_is_signature(one) for one in signatures):
            return value
    raise Untrusted("malformed", "this is no update metadata")


def _is_signature(one):
    return (
        isinstance(one, dict)
        and _is_hex(one.get("keyid"))
        and isinstance(one.get("sig"), str)
        and len(one["sig"]) <= 128
    )


def _is_hex(value):
    return isinstance(value, str) and bool(_HEX64.match(value))


def _is_whole(value, low, high=2**53):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _signed_by(role, document, keys):
    wanted = keys["roles"][role]
    text = canonical(document["signed"])
    signers = set()
    for one in document["signatures"]:
        key = keys["keys"].get(one["keyid"])
        if key is None or one["keyid"] not in wanted["keyids"] or key_id(key) != one["keyid"]:
            continue
        if is_signed(key, one["sig"], text):
            signers.add(one["keyid"])
    needed = max(wanted["threshold"], LEAST_SIGNERS[role])
    if len(signers) < needed:
        raise Untrusted("unsigned", f"{role} bears {len(signers)} of {needed} signatures")


def _not_older(role, have, seen):
    if have < seen:
        raise Untrusted("older", f"{role} {have} is older than {seen}, seen before")


def _fresh(read, role, now):
    if read["expires"] <= now:
        raise Untrusted("expired", f"{role} expired on {read['expires_text']}")


def _read(role, document):
    """dict of one role: version, expires, expires_text and what is the role's own."""
    signed = document["signed"]
    expires = signed.get("expires")
    if (
        signed.get("_type") != role
        or not _is_whole(signed.get("version"), 1)
        or not isinstance(expires, str)
        or not _INSTANT.match(expires)
    ):
        raise Untrusted("malformed", f"{role} cannot be read")
    try:
        moment = datetime.fromisoformat(expires).replace(tzinfo=None)
        own = _OWN[role](signed)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Untrusted("malformed", f"{role} cannot be read") from error
    return {"version": signed["version"], "expires": moment, "expires_text": expires} | own


def _root_part(signed):
    keys, roles = signed["keys"], signed["roles"]
    for name, key in keys.items():
        _must(_is_hex(name) and isinstance(key, str) and len(key) <= 64)
    for role in LEAST_SIGNERS:
        ids, threshold = roles[role]["keyids"], roles[role]["threshold"]
        _must(isinstance(ids, list) and 1 <= len(ids) <= MAX_KEYS and all(map(_is_hex, ids)))
        _must(_is_whole(threshold, 1, MAX_KEYS))
    return {"keys": keys, "roles": roles}


def _pin_part(name):
    def read(signed):
        version, sha256 = signed[name]["version"], signed[name]["sha256"]
        _must(_is_whole(version, 1) and isinstance(sha256, str))
        return {"pin": (version, sha256)}

    return read


def _targets_part(signed):
    files = signed["files"]
    _must(isinstance(files, list) and len(files) <= MAX_FILES)
    names = ("version", "architecture", "length", "sha256")
    read = [{name: row[name] for name in names} for row in files]
    for row in read:
        _must(isinstance(row["version"], str) and bool(_VERSION.match(row["version"])))
        _must(row["architecture"] in ARCHITECTURES)
        _must(_is_whole(row["length"], 1, MAX_LENGTH) and _is_hex(row["sha256"]))
    return {"files": read}


def _must(holds):
    if not holds:
        raise ValueError("not of this form")


_OWN = {
    "root": _root_part,
    "timestamp": _pin_part("snapshot"),
    "snapshot": _pin_part("targets"),
    "targets": _targets_part,
}
