/**
 * A thousand agents that lost Odoo together: when they knock, and that they do not all come back at once.
 * Real delivery; queue and Odoo are stubs, time is an event queue.
 */
import assert from "node:assert/strict";
import type { Sighting } from "../../../edge_agent/base/punch.ts";
import { Delivery, type DeliveryQueue } from "../../../edge_agent/delivery/delivery.ts";
import { type Receipt, Unreachable } from "../../../edge_agent/delivery/destination.ts";
import { seeded } from "../../sim/dice.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";

const AGENTS = 1_000;
const OUTAGE_MS = 3_600_000;
/** Batches that wait at each agent when Odoo comes back. */
const BACKLOG = 3;

/** A queue of numbered batches of one sighting each. */
class Numbers implements DeliveryQueue {
  settled = 0;

  take(): { lane: string; sightings: readonly Sighting[] } | null {
    if (this.settled === BACKLOG) return null;
    return { lane: "a".repeat(32), sightings: [{ seq: this.settled + 1 } as unknown as Sighting] };
  }

  settle(): ReturnType<DeliveryQueue["settle"]> {
    this.settled += 1;
    return {
      stored: 1,
      duplicate: 0,
      quarantined: 0,
      rejected: 0,
      head: "same",
      forked: false,
    };
  }

  park(): boolean {
    throw new Error("an outage parks nothing");
  }

  rewind(): number {
    throw new Error("nothing went back");
  }

  leaveLane(): number {
    throw new Error("nothing is ahead");
  }
}

interface One {
  readonly delivery: Delivery;
  readonly queue: Numbers;
  atMs: number;
}

/** Requests by second, of all agents, from the loss of Odoo until nothing waits. */
async function play(): Promise<{ knocks: Map<number, number>; agents: readonly One[] }> {
  const clock = new ManualClock();
  const knocks = new Map<number, number>();
  let nowMs = 0;
  const postPunches = (): Promise<Receipt> => {
    const second = Math.floor(nowMs / 1_000);
    knocks.set(second, (knocks.get(second) ?? 0) + 1);
    if (nowMs < OUTAGE_MS) return Promise.reject(new Unreachable("away", false));
    return Promise.resolve({
      lane: "a".repeat(32),
      head: { seq: 1, hash: "" },
      verdicts: [],
    });
  };
  const agents = Array.from({ length: AGENTS }, (_, number): One => {
    const queue = new Numbers();
    const delivery = new Delivery({
      queue,
      destination: { fits: () => true, postPunches },
      clock,
      random: seeded(number + 1),
      batchId: () => "00000000-0000-4000-8000-000000000000",
      batchSize: 1,
      alarms: { raise() {}, clear() {} },
      log: silentLog,
    });
    return { delivery, queue, atMs: 0 };
  });
  // Whole seconds, each agent in turn: the order within a second does not matter here.
  for (let waiting = agents; waiting.length > 0; nowMs += 1_000) {
    for (const agent of waiting) {
      while (agent.atMs < nowMs + 1_000) {
        const { outcome, waitMs } = await agent.delivery.deliverOnce();
        if (outcome === "idle") agent.atMs = Infinity;
        else agent.atMs = Math.max(agent.atMs, nowMs) + waitMs;
      }
    }
    waiting = waiting.filter(({ atMs }) => atMs !== Infinity);
    assert.ok(nowMs < OUTAGE_MS + 300_000, `${waiting.length} agents are not done`);
  }
  return { knocks, agents };
}

// Red when the jitter goes (all in the same second), the waits do not grow to a minute, or success lets
// everything of all agents through at one moment.
Deno.test("R39 a thousand agents lose Odoo for an hour: they knock spread, come back spread, deliver all", async () => {
  const { knocks, agents } = await play();
  const most = (from: number, to: number) =>
    Math.max(...Array.from({ length: to - from }, (_, n) => knocks.get(from + n) ?? 0));
  const total = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => knocks.get(from + n) ?? 0)
      .reduce((sum, count) => sum + count, 0);
  const back = OUTAGE_MS / 1_000;
  const rate = total(300, back) / (back - 300);
  assert.ok(rate < 40, `${rate} requests a second while Odoo is away`);
  assert.ok(most(300, back) < 80, `${most(300, back)} in the worst second of the outage`);
  const worst = most(back, back + 120);
  assert.ok(worst < 80 * BACKLOG, `${worst} in the worst second after the return`);
  assert.equal(total(back, back + 61), AGENTS * BACKLOG, "everybody is through within a minute");
  assert.ok(agents.every(({ queue }) => queue.settled === BACKLOG));
});
