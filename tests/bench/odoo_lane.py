"""Batches of an agent as the wire carries them, for the load programs of the benches: punches that
nobody has seen, each chained to the one before. Must not know who sends them.
"""

import hashlib
import json
import time
import uuid

STAMP = "2026-03-02T08:00:01.000Z"


def sha(*parts):
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Lane:
    """One agent's lane: makes batches of punches nobody has seen, hashed ahead of time."""

    def __init__(self, token, serial, start, pins=500):
        self.pins, self.token, self.serial, self.next = pins, token, serial, start
        self.lane, self.seq = uuid.uuid4().hex, 0
        self.hash = sha("v1", "lane", self.lane)

    def batch(self, size):
        rows = []
        for _number in range(size):
            self.seq += 1
            second = self.next
            self.next += 1
            day = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(1_600_000_000 + second))
            pin, salt = str(second % self.pins), f"{self.seq:032x}"
            key = sha("v1", self.serial, pin, day, "0")
            own = ("v1", "punch", self.lane, str(self.seq), key, "1", "", "", "push", STAMP, "ok")
            leaf = sha(salt, *own)
            self.hash = sha(self.hash, leaf)
            rows.append(
                {
                    "kind": "punch",
                    "seq": self.seq,
                    "serial": self.serial,
                    "pin": pin,
                    "wall_time": day,
                    "status": "0",
                    "verify": "1",
                    "work_code": "",
                    "extra": "",
                    "channel": "push",
                    "received_at": STAMP,
                    "clock": "ok",
                    "salt": salt,
                    "key": key,
                    "leaf": leaf,
                    "hash": self.hash,
                }
            )
        return rows

    def body(self, rows):
        batch = {"version": 1, "batch_id": str(uuid.uuid4()), "lane": self.lane, "sightings": rows}
        return json.dumps(batch).encode()
