"""Many companies' busiest minutes at a running Odoo; prints one JSON object. Started by
tests/bench/odoo_morning.ts.

Every branch syncs at its interval, a twentieth early or late; punches fall due at random moments at
a fixed rate, each at a random branch, which posts what fell due as an agent does: one request at a
time, resting as its receipt asks. Every request is timed from when it was due, so that waiting for
a busy Odoo counts. Processor time is that of Odoo's processes, jobs included, and of PostgreSQL's
that serve the database.
"""

import heapq
import json
import random
import sys
import threading
import time

import psycopg2
from odoo_branch import Branch, private_key
from odoo_lane import Lane
from odoo_load import Agent, cpu, percentile, servers

asked = json.load(sys.stdin)
THREADS = 32
CHANCE = random.Random(33)


class Site:
    """A branch, its lane, and the moments at which its punches fell due."""

    def __init__(self, key, number):
        self.branch = Branch(key, number, asked["devices"])
        self.lane = Lane(self.branch.token, f"F{number}-1", number * 100_000, asked["people"])
        # due: moments of punches that are in no batch yet; body, of: the batch without a receipt.
        self.due, self.body, self.of, self.queued = [], None, [], False

    def sync(self, agent):
        agent.raw("/biometric/v1/sync", self.branch.token, self.branch.body())

    def batch(self):
        """What fell due becomes a batch, unless one has no receipt yet. An agent knows its head
        before Odoo does, never after it."""
        if self.body is None:
            self.of, self.due = self.due, []
            self.body = self.lane.body(self.lane.batch(len(self.of)))
            self.branch.head(self.lane.lane, self.lane.seq, self.lane.hash)
        return self.body


class Morning:
    """What is due, by when: (moment, number, kind, site)."""

    def __init__(self, sites):
        self.sites, self.ready, self.number = sites, [], 0
        self.more, self.over = threading.Condition(), False
        self.times, self.errors = {"sync": [], "punch": [], "post": []}, []

    def lay(self, at, kind, site):
        """With the condition held."""
        self.number += 1
        heapq.heappush(self.ready, (at, self.number, kind, site))
        self.more.notify()

    def fall_due(self, at):
        site = CHANCE.choice(self.sites)
        with self.more:
            site.due.append(at)
            if not site.queued:
                site.queued = True
                self.lay(at, "post", site)

    def take(self):
        """(moment, kind, site), or None when the morning is over."""
        with self.more:
            while not self.over:
                now = time.perf_counter()
                if self.ready and self.ready[0][0] <= now:
                    at, _number, kind, site = heapq.heappop(self.ready)
                    return at, kind, site
                self.more.wait(min(0.1, self.ready[0][0] - now) if self.ready else 0.1)
            return None

    def work(self):
        agent = Agent(asked)
        while (taken := self.take()) is not None:
            at, kind, site = taken
            try:
                (self.sync if kind == "sync" else self.post)(agent, at, site)
            except (OSError, RuntimeError) as error:
                self.errors.append(f"{kind}: {error}")
                agent = Agent(asked)
                with self.more:
                    self.lay(time.perf_counter() + 1, kind, site)

    def sync(self, agent, at, site):
        site.sync(agent)
        done = time.perf_counter()
        self.times["sync"].append(done - at)
        with self.more:
            # An agent rests after its answer, so a slow Odoo is asked less often.
            self.lay(done + asked["interval"] * (0.95 + CHANCE.random() / 10), "sync", site)

    def post(self, agent, _at, site):
        with self.more:
            body = site.batch()
        began = time.perf_counter()
        wait = agent.post("punches", site.branch.token, body)["wait_ms"]
        done = time.perf_counter()
        self.times["post"].append(done - began)
        with self.more:
            self.times["punch"] += [done - at for at in site.of]
            site.body, site.of = None, []
            site.queued = bool(site.due)
            if site.due:
                self.lay(done + wait / 1000, "post", site)


def first_syncs(sites):
    """What a branch says for the first time costs several times as much."""
    left, lock = iter(sites), threading.Lock()

    def run():
        agent = Agent(asked)
        while True:
            with lock:
                site = next(left, None)
            if site is None:
                return
            site.sync(agent)

    threads = [threading.Thread(target=run) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def days():
    """Marks of days that wait to be computed, and days that are."""
    with psycopg2.connect(asked["dsn"]) as connection, connection.cursor() as cr:
        cr.execute("SELECT (SELECT count(*) FROM biometric_stale_day), count(*) FROM biometric_day")
        return cr.fetchone()


def told(times):
    return {
        "count": len(times),
        "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99),
        "longest_ms": percentile(times, 1),
    }


def main():
    key = private_key(asked["key"])
    sites = [Site(key, n + 1) for n in range(asked["agents"])]
    first_syncs(sites)
    morning, pids = Morning(sites), servers(asked)
    threads = [threading.Thread(target=morning.work) for _n in range(THREADS)]
    began, used = time.perf_counter(), cpu(pids)
    with morning.more:
        for site in sites:
            morning.lay(began + CHANCE.random() * asked["interval"], "sync", site)
    for thread in threads:
        thread.start()
    at = began
    while at < began + asked["seconds"]:
        at += CHANCE.expovariate(asked["rate"])
        time.sleep(max(0, at - time.perf_counter()))
        morning.fall_due(at)
    time.sleep(2)  # what fell due last
    morning.over = True
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - began
    used = cpu(pids | servers(asked)) - used
    waiting, computed = days()
    figures = {kind: told(times) for kind, times in morning.times.items()}
    wanted = asked["agents"] / asked["interval"] * taken
    figures |= {
        "seconds": round(taken),
        "syncs_a_second": round(figures["sync"]["count"] / taken, 1),
        # Below one: branches came to be heard less often than they wished.
        "syncs_of_those_wished": round(figures["sync"]["count"] / wanted, 2),
        "punches_a_second": round(figures["punch"]["count"] / taken, 1),
        "undelivered": sum(len(site.due) + len(site.of) for site in sites),
        "errors": len(morning.errors),
        "first_errors": morning.errors[:3],
        "busy_cores": round(used / taken, 2),
        "days_waiting": waiting,
        "days": computed,
    }
    print(json.dumps(figures))


main()
