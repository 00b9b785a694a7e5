"""Load on a running Odoo and its floor; prints one JSON object. Started by tests/bench/odoo.ts.

Agents are simulated by the wire alone (docs/contract.md). The floor is psycopg2's execute_values of
the same rows into copies of the same two tables, with their indexes and without triggers, in the
same run: the ratio says what HTTP, parsing, checking and verdicts cost.
"""

import hashlib
import http.client
import json
import sys
import threading
import time
import uuid
from urllib.parse import urlsplit

import psycopg2
from psycopg2.extras import execute_values

asked = json.load(sys.stdin)
HOST = urlsplit(asked["url"]).netloc
STAMP = "2026-03-02T08:00:01.000Z"


def sha(*parts):
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Lane:
    """One agent's lane: makes batches of punches nobody has seen, hashed ahead of time."""

    def __init__(self, token, serial, start):
        self.token, self.serial, self.next = token, serial, start
        self.lane, self.seq = uuid.uuid4().hex, 0
        self.hash = sha("v1", "lane", self.lane)

    def batch(self, size):
        rows = []
        for _number in range(size):
            self.seq += 1
            second = self.next
            self.next += 1
            day = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(1_000_000_000 + second))
            pin, salt = str(second % 500), f"{self.seq:032x}"
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


class Agent:
    """One kept connection."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(HOST, timeout=60)

    def post(self, path, token, body):
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "X-Odoo-Database": asked["db"],
        }
        self.connection.request("POST", f"/biometric/v1/{path}", body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {data[:300]!r}")
        return json.loads(data)


def ingest(lane, size, events):
    """(punches a second, seconds of each request) of `events` punches in batches of `size`."""
    bodies = [lane.body(lane.batch(size)) for _n in range(max(1, events // size))]
    agent, times = Agent(), []
    began = time.perf_counter()
    for body in bodies:
        start = time.perf_counter()
        receipt = agent.post("punches", lane.token, body)
        times.append(time.perf_counter() - start)
        words = {row["verdict"] for row in receipt["verdicts"]}
        assert words == {"stored"}, words
    return len(bodies) * size / (time.perf_counter() - began), times


def floor(lane, size, events):
    """Punches a second of bare inserts of the same rows into copies of both tables."""
    batches = [lane.batch(size) for _n in range(max(1, events // size))]
    with psycopg2.connect(asked["dsn"]) as connection, connection.cursor() as cr:
        for name in ("punch", "sighting"):
            cr.execute(f"DROP TABLE IF EXISTS floor_{name}")
            cr.execute(f"CREATE TABLE floor_{name} (LIKE biometric_{name} INCLUDING ALL)")
        connection.commit()
        began = time.perf_counter()
        for rows in batches:
            found = execute_values(
                cr,
                """INSERT INTO floor_punch (company_id, device_id, key, serial, pin, wall_time,
                       wall_date, status, stored_at) VALUES %s
                   ON CONFLICT DO NOTHING RETURNING key, id""",
                [
                    (
                        1,
                        1,
                        r["key"],
                        r["serial"],
                        r["pin"],
                        r["wall_time"],
                        r["wall_time"][:10],
                        "0",
                    )
                    for r in rows
                ],
                template="(%s, %s, %s, %s, %s, %s, %s, %s, now())",
                page_size=1000,
                fetch=True,
            )
            ids = dict(found)
            execute_values(
                cr,
                """INSERT INTO floor_sighting (company_id, lane_id, seq, kind, punch_id, device_id,
                       verify, work_code, extra, channel, received_at, clock, skew_seconds, salt,
                       leaf, hash) VALUES %s ON CONFLICT DO NOTHING""",
                [
                    (1, 1, r["seq"], "punch", ids[r["key"]], 1, "1", "", "", "push")
                    + (STAMP, "ok", 0, r["salt"], r["leaf"], r["hash"])
                    for r in rows
                ],
                page_size=1000,
            )
            connection.commit()
        seconds = time.perf_counter() - began
        for name in ("punch", "sighting"):
            cr.execute(f"DROP TABLE floor_{name}")
    return len(batches) * size / seconds


def together(lanes, size, events):
    """Punches a second of all lanes at once."""
    bodies = [[lane.body(lane.batch(size)) for _n in range(events // size)] for lane in lanes]
    failures, barrier = [], threading.Barrier(len(lanes) + 1)

    def run(lane, mine):
        agent = Agent()
        barrier.wait()
        try:
            for body in mine:
                agent.post("punches", lane.token, body)
        except (OSError, RuntimeError) as error:
            failures.append(str(error))

    threads = [threading.Thread(target=run, args=pair) for pair in zip(lanes, bodies, strict=True)]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    assert not failures, failures[:3]
    return len(lanes) * (events // size) * size / (time.perf_counter() - began)


def percentile(times, share):
    return round(sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000, 1)


def sync_body():
    agent = {"version": "1", "started_at": STAMP, "uptime_seconds": 1, "clock": "ok"}
    return json.dumps({"version": 1, "agent": agent, "devices": []}).encode()


def syncs(tokens, seconds, threads=8):
    """Requests a second and their times, each request another of the agents."""
    times, stop, failures = [], time.perf_counter() + seconds, []

    def run(number):
        agent, turn, body = Agent(), number, sync_body()
        try:
            while time.perf_counter() < stop:
                start = time.perf_counter()
                agent.post("sync", tokens[turn % len(tokens)], body)
                times.append(time.perf_counter() - start)
                turn += threads
        except (OSError, RuntimeError) as error:
            failures.append(str(error))

    running = [threading.Thread(target=run, args=(n,)) for n in range(threads)]
    began = time.perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert not failures, failures[:3]
    return len(times) / (time.perf_counter() - began), times


def main():
    agents, result = asked["agents"], {"ingest": {}}
    step, start = 20_000_000, asked["start"]
    lanes = [Lane(one["token"], one["serial"], start + n * step) for n, one in enumerate(agents)]
    ingest(lanes[0], 100, 300)  # the first request of a worker loads the registry
    for size, events in asked["sizes"]:
        bare = floor(Lane("", "F", start), size, events)
        rate, times = ingest(lanes[0], size, events)
        result["ingest"][size] = {
            "floor": round(bare),
            "odoo": round(rate),
            "ratio": round(rate / bare, 3),
            "p50_ms": percentile(times, 0.5),
            "p99_ms": percentile(times, 0.99),
        }
    if asked["together"]:
        result["together"] = round(together(lanes, 500, asked["together"]))
    if asked["tokens"]:
        rate, times = syncs(asked["tokens"], 15)
        result["sync"] = {
            "requests": round(rate),
            "p50_ms": percentile(times, 0.5),
            "p99_ms": percentile(times, 0.99),
        }
    print(json.dumps(result))


main()
