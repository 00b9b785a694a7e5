"""Single punches at a running Odoo, by turns alone and beside two agents that fetch a release;
prints one JSON object. Started by tests/bench/updates.ts.

The two rest between ranges as the agent does; one whose file is whole begins it again.
"""

import json
import sys
import threading
import time

import psycopg2
from odoo_lane import Lane
from odoo_load import Agent, cpu, percentile, servers

asked = json.load(sys.stdin)
MIB = 1024 * 1024
BREATH_SECONDS = 0.2
# Thirty in the agent; here a range more is wanted.
LATER_SECONDS = 1
POSTERS = 4


class Fetcher(threading.Thread):
    """An agent that fetches for as long as it is let."""

    def __init__(self, number, go):
        super().__init__(daemon=True)
        self.token, self.go = Lane(f"fleet-{number}", f"F{number}-1", 0).token, go
        self.at, self.times, self.later, self.over = 0, [], 0, False

    def run(self):
        agent = Agent(asked)
        while not self.over:
            if not self.go.wait(0.1):
                continue
            began = time.perf_counter()
            length = self.fetch(agent)
            if length:
                self.times.append(time.perf_counter() - began)
                self.at += length
            else:
                self.later += 1
            time.sleep(BREATH_SECONDS if length else LATER_SECONDS)

    def fetch(self, agent):
        """Bytes of the next range; 0 when others are served first."""
        if self.at >= asked["length"]:
            self.at = 0
            with psycopg2.connect(asked["dsn"]) as connection, connection.cursor() as cr:
                cr.execute("UPDATE biometric_update SET state = 'waiting' WHERE state = 'fetched'")
        headers = {
            "Authorization": f"Bearer {self.token}",
            "X-Odoo-Database": asked["db"],
            "Range": f"bytes={self.at}-{self.at + MIB - 1}",
        }
        agent.connection.request("GET", f"/biometric/v1/file/{asked['sha256']}", None, headers)
        answer = agent.connection.getresponse()
        data = answer.read()
        if answer.status == 206:
            return len(data)
        if answer.status != 429:
            raise RuntimeError(f"{answer.status} {data[:200]!r}")
        return 0


def post(number, seconds, times):
    """Single punches of one branch, five a second."""
    agent, lane = Agent(asked), asked["lanes"][number]
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        agent.post("punches", lane.token, lane.body(lane.batch(1)))
        took = time.perf_counter() - began
        times.append(took)
        time.sleep(max(0, 0.2 - took))


def phase(seconds):
    times = []
    threads = [
        threading.Thread(target=post, args=(number, seconds, times)) for number in range(POSTERS)
    ]
    pids = servers(asked)
    used = cpu(pids)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, cpu(pids | servers(asked)) - used


def figure(times, used):
    return {
        "punches": len(times),
        "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99),
        "longest_ms": percentile(times, 1),
        "cpu_seconds": round(used, 2),
    }


def main():
    asked["lanes"] = [Lane(f"fleet-{n}", f"F{n}-1", n * 100_000) for n in range(10, 10 + POSTERS)]
    go = threading.Event()
    fetchers = [Fetcher(number, go) for number in (1, 2)]
    for fetcher in fetchers:
        fetcher.start()
    phase(5)
    both = {"alone": [[], 0], "beside": [[], 0]}
    for turn in range(2 * asked["turns"]):
        name = ("alone", "beside")[turn % 2]
        (go.set if turn % 2 else go.clear)()
        times, used = phase(asked["seconds"])
        both[name][0] += times
        both[name][1] += used
    for fetcher in fetchers:
        fetcher.over = True
    ranges = [took for fetcher in fetchers for took in fetcher.times]
    more = both["beside"][1] - both["alone"][1]
    print(
        json.dumps(
            {name: figure(*given) for name, given in both.items()}
            | {
                "ranges": len(ranges),
                "later": sum(fetcher.later for fetcher in fetchers),
                "range_p50_ms": percentile(ranges, 0.5),
                "range_p99_ms": percentile(ranges, 0.99),
                "cpu_ms_a_range": round(1000 * more / len(ranges), 1),
            }
        )
    )


main()
