"""What a branch says in a sync, for the load programs of the benches: composed as
edge_agent/odoo/sync.ts does, by the wire alone. Must not know who sends it, nor when.
"""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

STARTED = datetime.now(UTC) - timedelta(hours=2)


def private_key(text):
    """The key of all branches, from its base64."""
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text))


def text(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Branch:
    """One agent of the fleet that odoo_fleet_fill.py laid; `number` from 1."""

    def __init__(self, key, number, devices):
        self.key, self.token, self.beats = key, f"fleet-{number}", 0
        self.serials = [f"F{number}-{n + 1}" for n in range(devices)]
        self.head(hashlib.md5(f"Fleet {number}".encode()).hexdigest(), 30, "ab" * 32)

    def head(self, lane, seq, digest):
        """From now on the lane ends so."""
        signature = self.key.sign("\n".join(("v1", "head", lane, str(seq), digest)).encode())
        signed = base64.b64encode(signature).decode()
        self.lane = {"id": lane, "seq": seq, "hash": digest, "signature": signed}

    def beat(self):
        """The body ten seconds after the one before, however soon it is asked for."""
        self.beats += 1
        return self.body(STARTED + timedelta(seconds=10 * self.beats))

    def body(self, now=None):
        now = now or datetime.now(UTC)
        agent = {
            "version": "1.0.0",
            "started_at": text(STARTED),
            "uptime_seconds": int((now - STARTED).total_seconds()),
            "host": {"name": "pi", "os": "linux", "arch": "aarch64"},
            "clock": "ok",
            "clock_at": text(now),
            "queue": {"pending": 0, "parked": 0, "oldest_pending_at": None, "bytes": 1_000_000},
            "disk": {"free_bytes": 20_000_000_000, "total_bytes": 30_000_000_000},
            "errors": [],
        }
        body = {"version": 1, "agent": agent, "lane": self.lane, "token_confirm": False}
        body["devices"] = [self._device(serial, now) for serial in self.serials]
        body |= {name: [] for name in ("unknown", "runs", "commands", "countersigned")}
        return json.dumps(body).encode()

    @staticmethod
    def _device(serial, now):
        return {
            "serial": serial,
            "state": "heard",
            "channels": ["push"],
            "peer": "10.0.0.9",
            "last_heard_at": text(now),
            "last_punch_at": text(STARTED),
            "dialect": "att",
            "family": None,
            "polled_at": None,
            "complete_read_at": None,
            "facts": {"firmware": "Ver 8.0.4", "users": 120, "punches": 9000, "capacity": 100000},
            "clock_offset_seconds": 1,
            "pending": 0,
            "oldest_pending_at": None,
            "rejects": 0,
            "discarded_biometrics": 0,
            "upload_idle": True,
            "unbroken_since": text(STARTED),
        }
