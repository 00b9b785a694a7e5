"""Load on a running Odoo and its floor; prints one JSON object. Started by tests/bench/odoo.ts.

Agents are simulated by the wire alone (docs/contract.md). The floor is psycopg2's execute_values of
the same kind of rows into the same two tables, without triggers (those of foreign keys included),
by turns in the same run: the ratio says what HTTP, parsing, checking and verdicts cost. Where other
programs share the machine, the ratio of processor time is the steadier one: the floor's is of this
process and of its PostgreSQL process, Odoo's of its workers and of theirs.
"""

import json
import os
import sys
import threading
import time
import uuid

import psycopg2
from odoo_lane import STAMP, Lane
from odoo_load import Agent, backends, cpu, percentile, servers
from psycopg2.extras import execute_values

# Requests before anything is measured: both workers and their connections are warm then.
WARM = 20
# The route that does nothing answers with as many bytes as a receipt for one punch has.
RECEIPT_BYTES = 400

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


def do_nothing(agent, lane, bodies):
    """As many requests with the same bodies to the route that does nothing."""
    for body in bodies:
        agent.raw(f"/biometric_floor/{RECEIPT_BYTES}", lane.token, body)


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
    agent, times = Agent(asked), []
    spent = {name: [0, 0, 0] for name in ("floor", "odoo", "nothing")}
    beside = asked.get("beside_nothing")
    with psycopg2.connect(asked["dsn"]) as connection, connection.cursor() as cr:
        ids = open_floor(cr)
        mine = {os.getpid(), connection.info.backend_pid}
        insert_bare(cr, ids, [bare.batch(size)])
        # each worker's connection is there before anything is counted
        warm = [lane.body(lane.batch(size)) for _n in range(WARM)]
        deliver(agent, lane, warm)
        if beside:
            do_nothing(agent, lane, warm)
        theirs, base = servers(asked) - mine, backends(asked) - mine
        for _round in range(rounds):
            bodies = [lane.body(lane.batch(size)) for _n in range(each)]
            batches = [bare.batch(size) for _n in range(each)]
            turns = [
                ("floor", mine, lambda batches=batches: insert_bare(cr, ids, batches)),
                ("odoo", theirs, lambda bodies=bodies: times.extend(deliver(agent, lane, bodies))),
            ]
            if beside:
                turns.append(
                    ("nothing", theirs, lambda bodies=bodies: do_nothing(agent, lane, bodies))
                )
            for name, pids, work in turns:
                began, used, base_before = time.perf_counter(), cpu(pids), cpu(base)
                work()
                for number, more in enumerate(
                    (time.perf_counter() - began, cpu(pids) - used, cpu(base) - base_before)
                ):
                    spent[name][number] += more
    requests = rounds * each
    punches = requests * size
    (seconds, used, _base), (bare_seconds, bare_used, _none) = spent["odoo"], spent["floor"]

    def a_request(name):
        _seconds, used, base_used = spent[name]
        return {
            "workers": round((used - base_used) / requests * 1e3, 1),
            "postgresql": round(base_used / requests * 1e3, 1),
        }

    return {
        "floor": round(punches / bare_seconds),
        "odoo": round(punches / seconds),
        "ratio": round(bare_seconds / seconds, 3),
        "floor_cpu_ms_per_1000": round(bare_used / punches * 1e6),
        "odoo_cpu_ms_per_1000": round(used / punches * 1e6),
        "odoo_cpu_ms_per_request": a_request("odoo"),
        "nothing_cpu_ms_per_request": a_request("nothing") if beside else None,
        "cpu_ratio": round(bare_used / used, 3) if used else None,
        "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99),
    }


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
    if asked["together"]:
        result["together"] = round(together(lanes, 500, asked["together"]))
    print(json.dumps(result))


main()
