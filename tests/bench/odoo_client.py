"""Load on a running Odoo and its floor; prints one JSON object. Started by tests/bench/odoo.ts.

Agents are simulated by the wire alone (docs/contract.md). The floor is psycopg2's execute_values of
the same kind of rows into the same two tables, without triggers (those of foreign keys included),
by turns in the same run: the ratio says what HTTP, parsing, checking and verdicts cost. Where other
programs share the machine, the ratio of processor time is the steadier one: the floor's is of this
process and of its PostgreSQL process, Odoo's of its workers and of theirs.

A single punch of a known person, as branches send them, is measured once more beside a route that
does nothing. Beside it are connections that lived only shortly (Odoo's hints between its processes)
by the time they ended, those of the whole PostgreSQL: on a quiet machine Odoo's alone.
"""

import json
import os
import sys
import threading
import time
import uuid

import psycopg2
from odoo_lane import STAMP, Lane
from odoo_load import Agent, backends, cpu, ended, percentile, postmaster, servers
from psycopg2.extras import execute_values

# Requests before anything is measured: both workers and their connections are warm then.
WARM = 20

asked = json.load(sys.stdin)


def deliver(agent, lane, bodies):
    """Seconds of each request; every punch must be new."""
    times = []
    for body in bodies:
        start = time.perf_counter()
        receipt = agent.post("punches", lane.token, body)
        times.append(time.perf_counter() - start)
        words = {row["verdict"] for row in receipt["verdicts"]}
        assert words == {"stored"}, words
    return times


def insert_bare(cr, ids, batches):
    """Bare inserts of the same kind of rows into both tables, a commit each."""
    company_id, device_id, lane_id = ids
    for rows in batches:
        found = execute_values(
            cr,
            """INSERT INTO biometric_punch (company_id, device_id, key, serial, pin, wall_time,
                   wall_date, status, stored_at) VALUES %s
               ON CONFLICT DO NOTHING RETURNING key, id""",
            [
                (company_id, device_id, r["key"], r["serial"], r["pin"], r["wall_time"])
                + (r["wall_time"][:10], "0")
                for r in rows
            ],
            template="(%s, %s, %s, %s, %s, %s, %s, %s, now())",
            page_size=1000,
            fetch=True,
        )
        punches = dict(found)
        execute_values(
            cr,
            """INSERT INTO biometric_sighting (company_id, lane_id, seq, kind, punch_id, device_id,
                   verify, work_code, extra, channel, received_at, clock, skew_seconds, salt,
                   leaf, hash) VALUES %s ON CONFLICT DO NOTHING""",
            [
                (company_id, lane_id, r["seq"], "punch", punches[r["key"]], device_id)
                + ("1", "", "", "push")
                + (STAMP, "ok", 0, r["salt"], r["leaf"], r["hash"])
                for r in rows
            ],
            page_size=1000,
        )
        cr.connection.commit()


def open_floor(cr):
    """Make room for the floor's rows; triggers, those of foreign keys too, do not fire here.

    Returns (company id, device id, lane id).
    """
    cr.execute("SET session_replication_role = replica")
    cr.execute(
        """INSERT INTO biometric_lane (company_id, agent_id, lane, started_at, head_seq, head_hash,
               max_seq)
           SELECT company_id, agent_id, %s, now(), 0, '', 0 FROM biometric_device
            ORDER BY id LIMIT 1 RETURNING company_id, id""",
        (uuid.uuid4().hex,),
    )
    company_id, lane_id = cr.fetchone()
    cr.execute("SELECT id FROM biometric_device ORDER BY id LIMIT 1")
    device_id = cr.fetchone()[0]
    cr.connection.commit()
    return company_id, device_id, lane_id


def against_floor(lane, bare, size, events):
    """Ingest and its floor by turns, so that other programs disturb both alike."""
    rounds = max(2, min(6, events // size // 3))
    each = max(1, events // size // rounds)
    agent, times, spent = Agent(asked), [], {"odoo": [0, 0], "floor": [0, 0]}
    with psycopg2.connect(asked["dsn"]) as connection, connection.cursor() as cr:
        ids = open_floor(cr)
        mine = {os.getpid(), connection.info.backend_pid}
        insert_bare(cr, ids, [bare.batch(size)])
        # each worker's connection is there before anything is counted
        deliver(agent, lane, [lane.body(lane.batch(size)) for _n in range(WARM)])
        theirs = servers(asked) - mine
        base, base_used = backends(asked) - mine, 0
        for _round in range(rounds):
            bodies = [lane.body(lane.batch(size)) for _n in range(each)]
            batches = [bare.batch(size) for _n in range(each)]
            for name, pids, work in (
                ("floor", mine, lambda batches=batches: insert_bare(cr, ids, batches)),
                ("odoo", theirs, lambda bodies=bodies: times.extend(deliver(agent, lane, bodies))),
            ):
                began, used, base_before = time.perf_counter(), cpu(pids), cpu(base)
                work()
                base_used += cpu(base) - base_before if name == "odoo" else 0
                spent[name][0] += time.perf_counter() - began
                spent[name][1] += cpu(pids) - used
    requests = rounds * each
    punches = requests * size
    (seconds, used), (bare_seconds, bare_used) = spent["odoo"], spent["floor"]
    return {
        "floor": round(punches / bare_seconds),
        "odoo": round(punches / seconds),
        "ratio": round(bare_seconds / seconds, 3),
        "floor_cpu_ms_per_1000": round(bare_used / punches * 1e6),
        "odoo_cpu_ms_per_1000": round(used / punches * 1e6),
        "odoo_cpu_ms_per_request": {
            "workers": round((used - base_used) / requests * 1e3, 1),
            "postgresql": round(base_used / requests * 1e3, 1),
        },
        "cpu_ratio": round(bare_used / used, 3) if used else None,
        "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99),
    }


class Spent:
    """Processor seconds, by whom, of what runs inside; added up over several times."""

    def __init__(self, workers, base):
        self._workers, self._base, self._main = workers, base, postmaster(asked)
        self._before, self.times = None, []
        self.seconds = {"workers": 0.0, "postgresql": 0.0, "short connections": 0.0}

    def _now(self):
        return {
            "workers": cpu(self._workers),
            "postgresql": cpu(self._base),
            "short connections": ended(self._main),
        }

    def __enter__(self):
        self._before = self._now()
        return self

    def __exit__(self, *_error):
        for name, now in self._now().items():
            self.seconds[name] += now - self._before[name]

    def report(self):
        per = {name: 1000 * used / len(self.times) for name, used in self.seconds.items()}
        return {
            "cpu_ms_a_request": round(per["workers"] + per["postgresql"], 2),
            "of_it": {name: round(per[name], 2) for name in ("workers", "postgresql")},
            "beside_it": {"short connections": round(per["short connections"], 2)},
            "p50_ms": percentile(self.times, 0.5),
            "p99_ms": percentile(self.times, 0.99),
        }


def one_punch(lane, rounds=6, each=100):
    """A single punch of somebody who is known, and a route that does nothing, by turns."""
    agent = Agent(asked)
    size = len(agent.raw("/biometric/v1/punches", lane.token, lane.body(lane.batch(1))))
    nothing = f"/biometric_floor/{size}"
    for _turn in range(WARM):
        agent.raw(nothing, lane.token, lane.body(lane.batch(1)))
    lane = Lane(lane.token, lane.serial, lane.next, lane.pins)
    deliver(agent, lane, [lane.body(lane.batch(1)) for _n in range(WARM)])
    base = backends(asked)
    workers = servers(asked) - base
    spent = {"empty route": Spent(workers, base), "punch": Spent(workers, base)}
    for _round in range(rounds):
        bodies = [lane.body(lane.batch(1)) for _n in range(each)]
        with spent["empty route"] as one:
            for body in bodies:
                began = time.perf_counter()
                agent.raw(nothing, lane.token, body)
                one.times.append(time.perf_counter() - began)
        with spent["punch"] as one:
            one.times += deliver(agent, lane, bodies)
            # the last hint is on its way
            time.sleep(0.3)
    return {name: one.report() for name, one in spent.items()}


def together(lanes, size, events):
    """Punches a second of all lanes at once."""
    bodies = [[lane.body(lane.batch(size)) for _n in range(events // size)] for lane in lanes]
    failures, barrier = [], threading.Barrier(len(lanes) + 1)

    def run(lane, mine):
        agent = Agent(asked)
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


def main():
    agents, result = asked["agents"], {"ingest": {}}
    step, start = 8_000_000, asked["start"]
    lanes = [Lane(one["token"], one["serial"], start + n * step) for n, one in enumerate(agents)]
    bare = Lane("", "F", start)
    for _n in range(4):  # the first request of a worker loads the registry
        deliver(Agent(asked), lanes[0], [lanes[0].body(lanes[0].batch(100))])
    for size, events in asked["sizes"]:
        result["ingest"][size] = against_floor(lanes[0], bare, size, events)
    result["one_punch"] = one_punch(
        Lane(agents[-1]["token"], agents[-1]["serial"], start, asked["people"])
    )
    if asked["together"]:
        result["together"] = round(together(lanes, 500, asked["together"]))
    print(json.dumps(result))


main()
