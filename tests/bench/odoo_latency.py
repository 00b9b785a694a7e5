"""Terminals at a running agent: how long from the agent's `OK` until Odoo's tables show the punch.

Each terminal posts one to three lines at a time, at random moments (a queue of people at a door),
through a connection of its own, as terminals do. The stop-watch of a punch starts when the answer
was read; another connection looks into Odoo's table every LOOK_SECONDS. Prints one JSON object.
Started by tests/bench/odoo_latency.ts.
"""

import json
import random
import socket
import sys
import threading
import time

import psycopg2
from odoo_load import cpu, percentile, servers

asked = json.load(sys.stdin)
# Half of it is in every figure.
LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 120


def post(serial, lines):
    """Seconds the agent took to acknowledge these lines."""
    body = "".join(f"{line}\t0\t1\t0\t0\t0\n" for line in lines).encode()
    head = (
        f"POST /iclock/cdata?SN={serial}&table=ATTLOG&Stamp=1 HTTP/1.1\r\nHost: agent\r\n"
        f"User-Agent: iClock Proxy/1.09\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", asked["device_port"]), timeout=30) as sock:
        sock.sendall(head.encode() + body)
        answer = b""
        while piece := sock.recv(4096):
            answer += piece
    if f"OK: {len(lines)}".encode() not in answer:
        raise RuntimeError(f"not acknowledged: {answer[:200]!r}")
    return time.perf_counter() - began


class Watch:
    """When each punch was acknowledged, and when it was seen."""

    def __init__(self):
        self.acknowledged, self.seen, self.failures = {}, {}, []
        self.posts = []

    def terminal(self, serial, count, seed):
        chance, sent = random.Random(seed), 0
        mean = 2 * len(asked["serials"]) / asked["per_second"]
        try:
            while sent < count:
                size = min(chance.choice((1, 1, 2, 3, 3)), count - sent)
                lines = []
                for _n in range(size):
                    at = time.gmtime(1_700_000_000 + seed * 1_000_000 + sent)
                    lines.append(f"{sent % 500 + 1}\t{time.strftime('%Y-%m-%d %H:%M:%S', at)}")
                    sent += 1
                self.posts.append(post(serial, lines))
                now = time.perf_counter()
                for line in lines:
                    pin, wall = line.split("\t")
                    self.acknowledged[serial, pin, wall] = now
                time.sleep(chance.expovariate(1 / mean))
        except (OSError, RuntimeError) as error:
            self.failures.append(f"{serial}: {error}")

    def look(self, wanted):
        with psycopg2.connect(asked["dsn"]) as connection, connection.cursor() as cr:
            connection.autocommit = True
            last, until = 0, time.perf_counter() + PATIENCE_SECONDS
            while len(self.seen) < wanted and time.perf_counter() < until:
                cr.execute(
                    "SELECT id, serial, pin, wall_time FROM biometric_punch WHERE id > %s"
                    " ORDER BY id",
                    (last,),
                )
                now, rows = time.perf_counter(), cr.fetchall()
                for last_id, *name in rows:
                    last = last_id
                    self.seen[tuple(name)] = now
                    until = now + PATIENCE_SECONDS
                time.sleep(LOOK_SECONDS)


def main():
    watch = Watch()
    each = asked["punches"] // len(asked["serials"])
    wanted = each * len(asked["serials"])
    looking = threading.Thread(target=watch.look, args=(wanted,))
    terminals = [
        threading.Thread(target=watch.terminal, args=(serial, each, n))
        for n, serial in enumerate(asked["serials"])
    ]
    pids = servers(asked)
    began, used = time.perf_counter(), cpu(pids)
    for thread in (looking, *terminals):
        thread.start()
    for thread in (*terminals, looking):
        thread.join()
    taken = time.perf_counter() - began
    missing = [name for name in watch.acknowledged if name not in watch.seen]
    delays = [max(0, watch.seen[n] - at) for n, at in watch.acknowledged.items() if n in watch.seen]
    print(
        json.dumps(
            {
                "punches": len(watch.acknowledged),
                "punches_a_second": round(len(watch.acknowledged) / taken, 1),
                "failures": watch.failures[:3],
                "missing": len(missing),
                "visible_p50_ms": percentile(delays, 0.5),
                "visible_p99_ms": percentile(delays, 0.99),
                "visible_longest_ms": percentile(delays, 1),
                "acknowledged_p50_ms": percentile(watch.posts, 0.5),
                "acknowledged_p99_ms": percentile(watch.posts, 0.99),
                "odoo_busy_cores": round((cpu(pids) - used) / taken, 2),
            }
        )
    )


main()
