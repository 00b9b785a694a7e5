"""One punch after another at a running Odoo, each until its day shows it. Started by latency.ts.

The day is looked for on a connection of its own every 5 ms, so that the figure holds what a person
waits for: HTTP, ingest, commit, the cron's wake-up, the computation and its commit.
"""

import hashlib
import http.client
import json
import random
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psycopg2

POLL_SECONDS = 0.005
PATIENCE_SECONDS = 180
# A server that has just started runs every job once.
WARM_UP = 4
MANILA = timedelta(hours=8)

asked = json.load(sys.stdin)
rng = random.Random(5)


def sha(*parts):
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Lane:
    def __init__(self):
        self.lane, self.seq = uuid.uuid4().hex, 0
        self.hash = sha("v1", "lane", self.lane)

    def body(self, pin, now):
        self.seq += 1
        wall = (now + MANILA).strftime("%Y-%m-%d %H:%M:%S")
        stamp = now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        key, salt = sha("v1", asked["serial"], pin, wall, "0"), f"{self.seq:032x}"
        parts = ("v1", "punch", self.lane, str(self.seq), key, "1", "", "", "push", stamp, "ok")
        leaf = sha(salt, *parts)
        self.hash = sha(self.hash, leaf)
        row = {"kind": "punch", "seq": self.seq, "serial": asked["serial"], "pin": pin}
        row |= {"wall_time": wall, "status": "0", "verify": "1", "work_code": "", "extra": ""}
        row |= {"channel": "push", "received_at": stamp, "clock": "ok", "salt": salt}
        row |= {"key": key, "leaf": leaf, "hash": self.hash}
        batch = {"version": 1, "batch_id": str(uuid.uuid4()), "lane": self.lane}
        return json.dumps(batch | {"sightings": [row]}).encode()


def post(connection, body):
    headers = {
        "Authorization": f"Bearer {asked['token']}",
        "Content-Type": "application/json",
        "X-Odoo-Database": asked["db"],
    }
    connection.request("POST", "/biometric/v1/punches", body, headers)
    answer = connection.getresponse()
    data = answer.read()
    verdicts = json.loads(data).get("verdicts") if answer.status == 200 else None
    if not verdicts or verdicts[0]["verdict"] != "stored":
        raise SystemExit(f"not stored: {answer.status} {data[:300]!r}")


def wait(cursor, employee, now):
    """Until a day shows the punch."""
    deadline = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < deadline:
        cursor.execute(
            "SELECT 1 FROM biometric_day WHERE employee_id = %s AND first_in_at >= %s",
            # a day counts whole minutes
            (employee, now.replace(second=0, microsecond=0)),
        )
        if cursor.fetchone():
            return
        time.sleep(POLL_SECONDS)
    raise SystemExit(f"no day after {PATIENCE_SECONDS} seconds")


def line(name, seconds):
    ordered = sorted(1000 * one for one in seconds)
    p50, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    print(f"| {name} | {len(ordered)} | {p50:.0f} | {p95:.0f} | {ordered[-1]:.0f} |")


connection = http.client.HTTPConnection(urlsplit(asked["url"]).netloc, timeout=60)
database = psycopg2.connect(asked["dsn"])
database.autocommit = True
cursor, lane = database.cursor(), Lane()
answered, visible = [], []
for number, employee in enumerate(asked["people"][: WARM_UP + asked["punches"]]):
    now = datetime.now(UTC).replace(tzinfo=None)
    body = lane.body(str(number), now)
    began = time.perf_counter()
    post(connection, body)
    answered.append(time.perf_counter() - began)
    wait(cursor, employee, now)
    visible.append(time.perf_counter() - began)
    time.sleep(rng.uniform(0.1, 1.2))
print("| from the POST of one punch to | punches | p50 ms | p95 ms | longest ms |")
print("| --- | --- | --- | --- | --- |")
line("its receipt", answered[WARM_UP:])
line("its day, seen by others", visible[WARM_UP:])
