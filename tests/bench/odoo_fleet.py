"""A fleet at a running Odoo; prints one JSON object. Started by tests/bench/odoo_fleet.ts.

Two measures: how many syncs a second a few clients get that never rest, by turns with the floor (a
route without authentication that gives as many bytes back); and the whole fleet at its interval,
each sync timed from when it was due, so that waiting for a busy Odoo counts.
"""

import heapq
import json
import random
import sys
import threading
import time

from odoo_branch import Branch, private_key
from odoo_load import Agent, cpu, percentile, servers

asked = json.load(sys.stdin)


def restless(seconds, send, threads=8):
    """(requests, seconds of each) of clients that never rest. send(agent, turn)."""
    times, failures, stop = [], [], time.perf_counter() + seconds

    def run(turn):
        agent = Agent(asked)
        try:
            while time.perf_counter() < stop:
                start = time.perf_counter()
                send(agent, turn)
                times.append(time.perf_counter() - start)
                turn += threads
        except (OSError, RuntimeError) as error:
            failures.append(str(error))

    running = [threading.Thread(target=run, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert not failures, failures[:3]
    return times


def against_floor(branches, seconds):
    """A few branches in turn, each ten seconds further at every sync, as in the long run: what a
    branch says for the first time costs several times as much."""
    branches = branches[:60]
    size = len(Agent(asked).raw("/biometric/v1/sync", branches[0].token, branches[0].body()))

    def sync(agent, turn):
        branch = branches[turn % len(branches)]
        agent.raw("/biometric/v1/sync", branch.token, branch.beat())

    def nothing(agent, turn):
        branch = branches[turn % len(branches)]
        agent.raw(f"/biometric_floor/{size}", branch.token, branch.body())

    restless(3, nothing)  # the first requests of a worker load the registry
    agent = Agent(asked)
    for turn in range(2 * len(branches)):
        sync(agent, turn)
    pids, totals = servers(asked), {"sync": [0, 0, []], "floor": [0, 0, []]}
    for _round in range(3):
        for name, work in (("floor", nothing), ("sync", sync)):
            began, used = time.perf_counter(), cpu(pids)
            times = restless(seconds / 6, work)
            totals[name][0] += time.perf_counter() - began
            totals[name][1] += cpu(pids) - used
            totals[name][2] += times
    figures = {"answer_bytes": size}
    for name, (taken, used, times) in totals.items():
        figures[name] = {
            "requests_a_second": round(len(times) / taken, 1),
            "cpu_ms_a_request": round(used * 1000 / len(times), 2),
            "p50_ms": percentile(times, 0.5),
            "p99_ms": percentile(times, 0.99),
        }
    rates = [figures[name]["requests_a_second"] for name in ("sync", "floor")]
    return figures | {"ratio": round(rates[0] / rates[1], 3)}


def sync_once(branches, threads=8):
    """Every branch syncs once."""
    numbers = iter(range(len(branches)))
    lock = threading.Lock()

    def run():
        agent = Agent(asked)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            agent.raw("/biometric/v1/sync", branches[number].token, branches[number].body())

    running = [threading.Thread(target=run) for _n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def at_interval(branches, interval, seconds, threads=24):
    """The whole fleet for `seconds`, each agent every `interval` s, a twentieth early or late.

    Each has synced before: what a branch says for the first time costs several times as much.
    """
    sync_once(branches)
    chance = random.Random(15)
    began = time.perf_counter()
    due = [(began + chance.random() * interval, n) for n in range(len(branches))]
    heapq.heapify(due)
    lock, times, errors = threading.Lock(), [], []

    def run():
        agent = Agent(asked)
        while True:
            with lock:
                at, number = heapq.heappop(due)
            if at - began > seconds:
                return
            time.sleep(max(0, at - time.perf_counter()))
            try:
                agent.raw("/biometric/v1/sync", branches[number].token, branches[number].beat())
                times.append(time.perf_counter() - at)
            except (OSError, RuntimeError) as error:
                errors.append(str(error))
                agent = Agent(asked)
            with lock:
                # An agent rests after its answer, so a slow Odoo is asked less often.
                rest = interval * (0.95 + chance.random() / 10)
                heapq.heappush(due, (time.perf_counter() + rest, number))

    running = [threading.Thread(target=run) for _n in range(threads)]
    pids = servers(asked)
    used = cpu(pids)
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    taken = time.perf_counter() - began
    return {
        "agents": len(branches),
        "interval_seconds": interval,
        "seconds": round(taken),
        "requests_a_second": round(len(times) / taken, 1),
        "errors": len(errors),
        "first_errors": errors[:3],
        "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99),
        "busy_cores": round((cpu(pids) - used) / taken, 2),
    }


def main():
    key = private_key(asked["key"])
    branches = [Branch(key, n + 1, asked["devices"]) for n in range(asked["agents"])]
    result = {"restless": against_floor(branches, asked["restless_seconds"])}
    if asked["fleet_seconds"]:
        result["fleet"] = at_interval(branches, asked["interval"], asked["fleet_seconds"])
    print(json.dumps(result))


main()
