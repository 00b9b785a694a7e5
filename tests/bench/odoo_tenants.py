"""Quiet companies' single punches alone, and beside one company's backlog; prints one JSON object.
Started by tests/bench/odoo_tenants.ts.

Agents 1 to `behind` belong to one company and bring 500 punches a request, one request at a time
each, resting as they are told (429 with Retry-After, and a tenth more at most). Every other agent
is a company of its own.
"""

import heapq
import json
import random
import sys
import threading
import time

from odoo_lane import Lane
from odoo_load import Agent, cpu, percentile, servers

asked = json.load(sys.stdin)
BATCH = 500
THREADS = 16


def lane(number):
    return Lane(f"fleet-{number}", f"F{number}-1", number * 2_000_000)


class Behind(threading.Thread):
    """An agent with more than it can bring in the time."""

    def __init__(self, number, until):
        super().__init__()
        self.lane, self.until = lane(number), until
        self.stored = self.refused = 0

    def run(self):
        agent, body = Agent(asked), None
        while time.perf_counter() < self.until:
            body = body or self.lane.body(self.lane.batch(BATCH))
            try:
                agent.post("punches", self.lane.token, body)
            except RuntimeError as error:
                if "slow_down" not in str(error):
                    raise
                self.refused += 1
                time.sleep(1 + random.random() / 10)
            else:
                self.stored += BATCH
                body = None


class Quiet:
    """Single punches, each at a random company, due at random moments."""

    def __init__(self):
        first = asked["behind"] + 1
        self.lanes = [lane(first + n) for n in range(asked["quiet"])]
        self.locks = [threading.Lock() for _one in self.lanes]
        self.due, self.more, self.over = [], threading.Condition(), False

    def post(self, times):
        agent = Agent(asked)
        while (at := self._take()) is not None:
            number = random.randrange(len(self.lanes))
            with self.locks[number]:
                one = self.lanes[number]
                agent.post("punches", one.token, one.body(one.batch(1)))
            times.append(time.perf_counter() - at)

    def _take(self):
        with self.more:
            while not self.due:
                if self.over:
                    return None
                self.more.wait(0.1)
            return heapq.heappop(self.due)

    def run(self, seconds):
        self.over, times = False, []
        threads = [threading.Thread(target=self.post, args=(times,)) for _n in range(THREADS)]
        for thread in threads:
            thread.start()
        chance, at = random.Random(33), time.perf_counter()
        end = at + seconds
        while at < end:
            at += chance.expovariate(asked["rate"])
            time.sleep(max(0, at - time.perf_counter()))
            with self.more:
                heapq.heappush(self.due, at)
                self.more.notify()
        self.over = True
        for thread in threads:
            thread.join()
        return times


def told(times):
    return {
        "punches": len(times),
        "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99),
        "longest_ms": percentile(times, 1),
    }


def beside(quiet, seconds):
    """The same load while the agents behind bring theirs."""
    until = time.perf_counter() + seconds
    behind = [Behind(n + 1, until) for n in range(asked["behind"])]
    pids = servers(asked)
    began, used = time.perf_counter(), cpu(pids)
    for one in behind:
        one.start()
    times = quiet.run(seconds)
    for one in behind:
        one.join()
    taken = time.perf_counter() - began
    return told(times) | {
        "backlog_punches_a_second": round(sum(one.stored for one in behind) / taken),
        "backlog_refused": sum(one.refused for one in behind),
        "busy_cores": round((cpu(pids | servers(asked)) - used) / taken, 2),
    }


def main():
    quiet = Quiet()
    # A worker's first requests load the registry, and a lane's first is dearer.
    quiet.run(max(5, asked["seconds"] / 6))
    alone = told(quiet.run(asked["seconds"]))
    loaded = beside(quiet, asked["seconds"])
    ratio = round(loaded["p99_ms"] / alone["p99_ms"], 2)
    print(json.dumps({"alone": alone, "beside": loaded, "p99_ratio": ratio}))


main()
