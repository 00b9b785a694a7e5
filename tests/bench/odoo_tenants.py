"""Quiet companies' single punches alone, and beside one loud company; prints one JSON object.
Started by tests/bench/odoo_tenants.ts.

Agents 1 to `behind` belong to one company. `backlog`: they bring 500 punches a request, one request
at a time each, resting as they are told (429 with Retry-After, and a tenth more at most). `rush`:
`loud` single punches a second fall due at them, sent as a receipt's wait_ms and a 429 allow, what
gathered meanwhile together. `circle`: they send one punch a request again and again, whatever they
are told. Every other agent is a company of its own.
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
        agent = Agent(asked)
        while time.perf_counter() < self.until:
            self.post(agent, self.lane.body(self.lane.batch(BATCH)), BATCH)

    def post(self, agent, body, count):
        """Until it is stored or the time is over; seconds to gather before the next one."""
        while time.perf_counter() < self.until:
            if (wait := self.asked_to_wait(agent, body)) is None:
                self.stored += count
                return self.gather
            time.sleep(wait * (1 + random.random() / 10))
        return 0

    def asked_to_wait(self, agent, body):
        """None once it is stored, else the seconds that the answer asks for."""
        status, headers, answer = agent.answer("punches", self.lane.token, body)
        if status == 200:
            self.gather = answer["wait_ms"] / 1000
            return None
        if status != 429:
            raise RuntimeError(f"{status} {answer}")
        self.refused += 1
        return int(headers["Retry-After"])


class Rush(Behind):
    """An agent at which many people come one by one."""

    def run(self):
        agent, began, sent = Agent(asked), time.perf_counter(), 0
        rate = asked["loud"] / asked["behind"]
        while time.perf_counter() < self.until:
            due = int((time.perf_counter() - began) * rate) - sent
            if due < 1:
                time.sleep(0.5 / rate)
                continue
            count = min(due, BATCH)
            wait = self.post(agent, self.lane.body(self.lane.batch(count)), count)
            sent += count
            time.sleep(wait if count < BATCH else 0)


class Circle(Behind):
    """An agent that does not listen."""

    def run(self):
        agent = Agent(asked)
        while time.perf_counter() < self.until:
            body = self.lane.body(self.lane.batch(1))
            while time.perf_counter() < self.until:
                if self.asked_to_wait(agent, body) is None:
                    self.stored += 1
                    break


SHAPES = {"backlog": Behind, "rush": Rush, "circle": Circle}


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
    behind = [SHAPES[asked["shape"]](n + 1, until) for n in range(asked["behind"])]
    pids = servers(asked)
    began, used = time.perf_counter(), cpu(pids)
    for one in behind:
        one.start()
    times = quiet.run(seconds)
    for one in behind:
        one.join()
    taken = time.perf_counter() - began
    return told(times) | {
        "loud_punches_a_second": round(sum(one.stored for one in behind) / taken),
        "loud_refused": sum(one.refused for one in behind),
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
