"""Single punches of a thousand branches at a running Odoo; prints one JSON object. Started by
tests/bench/odoo_rush.ts.

Punches fall due at random moments at a fixed rate, each at a random branch. A branch posts one
batch at a time, with all that fell due meanwhile, and rests as its receipt asks (`wait_ms`).
Processor
time is that of Odoo's processes, jobs included, and of PostgreSQL's that serve the database.
"""

import heapq
import json
import random
import sys
import threading
import time

import psycopg2
from odoo_lane import Lane
from odoo_load import Agent, cpu, percentile, servers

asked = json.load(sys.stdin)
THREADS = 24
# The route that does nothing answers with as many bytes as a receipt for one punch has.
RECEIPT_BYTES = 400


class Branch:
    """A lane, the moments at which its punches fell due, and when it may post again."""

    def __init__(self, number):
        self.lane = Lane(f"fleet-{number}", f"F{number}-1", number * 100_000)
        self.due, self.queued = [], False


class Rush:
    """The branches that have something to post, by when they may."""

    def __init__(self, branches):
        self.branches, self.ready = branches, []
        self.lock, self.more = threading.Lock(), threading.Condition()
        self.times, self.requests, self.errors, self.waits, self.over = [], [], [], [], False

    def fall_due(self, at):
        branch = random.choice(self.branches)
        with self.more:
            branch.due.append(at)
            if not branch.queued:
                branch.queued = True
                heapq.heappush(self.ready, (at, id(branch), branch))
                self.more.notify()

    def take(self):
        """(branch, moments of its punches), or None when the rush is over."""
        with self.more:
            while True:
                now = time.perf_counter()
                if self.ready and self.ready[0][0] <= now:
                    branch = heapq.heappop(self.ready)[2]
                    due, branch.due = branch.due, []
                    return branch, due
                if self.over and not self.ready:
                    return None
                self.more.wait(min(0.1, self.ready[0][0] - now) if self.ready else 0.1)

    def post(self):
        agent = Agent(asked)
        while taken := self.take():
            branch, due = taken
            body = branch.lane.body(branch.lane.batch(len(due)))
            began = time.perf_counter()
            try:
                receipt = agent.post("punches", branch.lane.token, body)
            except (OSError, RuntimeError) as error:
                self.errors.append(str(error))
                agent = Agent(asked)
                continue
            done = time.perf_counter()
            with self.more:
                self.times += [done - at for at in due]
                self.requests.append(done - began)
                self.waits.append(receipt["wait_ms"])
                branch.queued = bool(branch.due)
                if branch.due:
                    again = done + receipt["wait_ms"] / 1000
                    heapq.heappush(self.ready, (again, id(branch), branch))
                    self.more.notify()


def days_wait():
    """Marks of days that wait to be computed, and days that are."""
    with psycopg2.connect(asked["dsn"]) as connection, connection.cursor() as cr:
        cr.execute("SELECT (SELECT count(*) FROM biometric_stale_day), count(*) FROM biometric_day")
        return cr.fetchone()


def warm(branches):
    """A worker's first requests load the registry."""
    agent = Agent(asked)
    for branch in branches[:30]:
        agent.post("punches", branch.lane.token, branch.lane.body(branch.lane.batch(1)))


def run(branches, rate, seconds):
    rush = Rush(branches)
    threads = [threading.Thread(target=rush.post) for _n in range(THREADS)]
    pids = servers(asked)
    began, used = time.perf_counter(), cpu(pids)
    for thread in threads:
        thread.start()
    chance, at = random.Random(26), began
    while at < began + seconds:
        at += chance.expovariate(rate)
        time.sleep(max(0, at - time.perf_counter()))
        rush.fall_due(at)
    rush.over = True
    for thread in threads:
        thread.join()
    taken, used = time.perf_counter() - began, cpu(pids | servers(asked)) - used
    waiting, days = days_wait()
    return {
        "agents": len(branches),
        "punches": len(rush.times),
        "requests": len(rush.requests),
        "errors": len(rush.errors),
        "first_errors": rush.errors[:3],
        "punches_a_second": round(len(rush.times) / taken, 1),
        "visible_p50_ms": percentile(rush.times, 0.5),
        "visible_p99_ms": percentile(rush.times, 0.99),
        "longest_ms": percentile(rush.times, 1),
        "request_p50_ms": percentile(rush.requests, 0.5),
        "wait_ms_p50": sorted(rush.waits)[len(rush.waits) // 2],
        "wait_ms_most": max(rush.waits),
        "busy_cores": round(used / taken, 2),
        "cpu_ms_a_request": round(1000 * used / len(rush.requests), 1),
        "days_waiting": waiting,
        "days": days,
    }


def one_by_one(branches, count):
    """Processor milliseconds of a request at an idle Odoo, and of the route that does nothing."""
    agent, pids = Agent(asked), servers(asked)
    times, waits, nothing = [], set(), []
    token, used = branches[0].lane.token, cpu(pids)
    for _number in range(count):
        began = time.perf_counter()
        agent.raw(f"/biometric_floor/{RECEIPT_BYTES}", token, b"{}")
        nothing.append(time.perf_counter() - began)
        time.sleep(0.05)
    nothing_used, used = cpu(pids) - used, cpu(pids)
    for number in range(count):
        branch = branches[number % len(branches)]
        body = branch.lane.body(branch.lane.batch(1))
        began = time.perf_counter()
        waits.add(agent.post("punches", branch.lane.token, body)["wait_ms"])
        times.append(time.perf_counter() - began)
        time.sleep(0.05)
    return {
        "cpu_ms_a_request": round(1000 * (cpu(pids) - used) / count, 1),
        "p50_ms": percentile(times, 0.5),
        "waits_ms": sorted(waits),
        "nothing_cpu_ms_a_request": round(1000 * nothing_used / count, 1),
        "nothing_p50_ms": percentile(nothing, 0.5),
    }


def main():
    branches = [Branch(n + 1) for n in range(asked["agents"])]
    warm(branches)
    figures = {"idle": one_by_one(branches, 100)}
    figures["rush"] = run(branches, asked["rate"], asked["seconds"])
    print(json.dumps(figures))


main()
