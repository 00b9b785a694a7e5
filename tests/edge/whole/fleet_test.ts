/**
 * A thousand agents and one Odoo. Their loops are the real ones; each agent's queue and network are stubs, and
 * time is a list of who wakes when.
 */
import assert from "node:assert/strict";
import type { Sighting } from "../../../edge_agent/base/punch.ts";
import { Delivery } from "../../../edge_agent/delivery/delivery.ts";
import { type Receipt, Unreachable } from "../../../edge_agent/delivery/destination.ts";
import type { SyncAnswer } from "../../../edge_agent/odoo/shapes.ts";
import { Control } from "../../../edge_agent/odoo/sync.ts";
import type { QueueStats } from "../../../edge_agent/queue/types.ts";
import { seeded } from "../../sim/dice.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";

const AGENTS = 1_000;
/** An hour's punches of a branch, and what comes while they travel. */
const BATCHES = 2;
// After a few minutes every wait has its full length; the rest of an hour would be the same again.
const OUTAGE_MS = 600_000;
const SETTLED_MS = 180_000;
const RETURN_MS = 120_000;
const DRIFT_MS = 600_000;
const LANE = { lane: "ab".repeat(16), seq: 0, hash: "0".repeat(64) };

const STATS: QueueStats = {
  pending: 0,
  parked: 0,
  oldestPendingAt: null,
  bytes: 0,
  freeBytes: 0,
  totalBytes: 0,
  perDevice: [],
  damaged: [],
  standing: [],
} as unknown as QueueStats;

const ANSWER = {
  state: "active",
  sync_seconds: 10,
  devices: [],
  commands: [],
  audit_heads: [],
  runs_known: [],
} as unknown as SyncAnswer;

/** What reached Odoo, counted by the second. */
class Door {
  readonly clock = new ManualClock(0);
  readonly syncs = new Map<number, number>();
  readonly batches = new Map<number, number>();
  returnsAt = 0;

  note(counts: Map<number, number>): void {
    const second = Math.floor(this.clock.monotonic() / 1_000);
    counts.set(second, (counts.get(second) ?? 0) + 1);
    if (this.clock.monotonic() < this.returnsAt) throw new Unreachable("away", false);
  }

  most(counts: Map<number, number>, fromMs: number, toMs: number): number {
    const within = [...counts].filter(([at]) => at * 1_000 >= fromMs && at * 1_000 < toMs);
    return Math.max(0, ...within.map(([, count]) => count));
  }
}

function controlOf(door: Door, random: () => number): Control {
  return new Control({
    remembered: { questions: () => [], judge: () => undefined },
    queue: {
      laneHead: () => LANE,
      compareHead: () => "same",
      stats: () => STATS,
      runs: () => [],
      losses: () => [],
      lossTold() {},
      keepAll() {},
      forgetRuns() {},
    },
    sync: () => Promise.resolve().then(() => (door.note(door.syncs), ANSWER)),
    identity: {
      sign: () => Promise.resolve(""),
      rotate() {},
      confirmToken() {},
      tryPreviousToken: () => false,
      pairing: { confirmed: true },
    } as unknown as ConstructorParameters<typeof Control>[0]["identity"],
    witness: { countersign: () => Promise.resolve([]) },
    devices: { report: () => [], unknown: () => [], apply() {} },
    receipts: () => 0,
    commands: { order: () => "queued", results: () => [], acknowledged() {} },
    updates: { state: () => null, offered() {} },
    clock: door.clock,
    random,
    alarms: { raise() {}, clear() {}, list: () => [] },
    log: silentLog,
    version: "test",
    host: { name: "pi", os: "linux", arch: "aarch64" },
    syncSeconds: 10,
    onHead() {},
    onWelcome() {},
  });
}

function deliveryOf(door: Door, random: () => number, left: { batches: number }): Delivery {
  const sighting = { kind: "leaf", seq: 1, leaf: "0".repeat(64), hash: "0".repeat(64) };
  return new Delivery({
    queue: {
      take: () =>
        left.batches === 0
          ? null
          : { lane: LANE.lane, sightings: [sighting as unknown as Sighting] },
      settle: () => {
        left.batches -= 1;
        return {
          stored: 1,
          duplicate: 0,
          quarantined: 0,
          rejected: 0,
          head: "same",
          forked: false,
        };
      },
      park: () => false,
      rewind: () => 0,
      leaveLane: () => 0,
    },
    destination: {
      fits: () => true,
      postPunches: ({ lane }) =>
        Promise.resolve().then((): Receipt => {
          door.note(door.batches);
          return { lane, head: LANE, verdicts: [{ seq: 1, verdict: "stored" }] };
        }),
    },
    clock: door.clock,
    random,
    batchId: () => crypto.randomUUID(),
    batchSize: 500,
    alarms: { raise() {}, clear() {} },
    log: silentLog,
  });
}

interface Loop {
  readonly go: () => Promise<number>;
}

/** Lets every loop run and rest in its turn until `endsAt`, in steps of a tenth of a second. */
async function play(door: Door, loops: readonly Loop[], endsAt: number): Promise<void> {
  const agenda = new Map<number, Loop[]>([[0, [...loops]]]);
  for (let at = 0; at < endsAt; at += 100) {
    for (const loop of agenda.get(at) ?? []) {
      const next = at + Math.max(100, Math.ceil((await loop.go()) / 100) * 100);
      const others = agenda.get(next);
      if (others) others.push(loop);
      else agenda.set(next, [loop]);
    }
    agenda.delete(at);
    door.clock.advance(100);
  }
}

// All start in the same second, and Odoo is away at first. Red when `fullJitter` gives everybody the same wait, or
// a failure is tried again at once.
Deno.test("R39 a thousand agents that lost Odoo together come back spread out", async () => {
  const door = new Door();
  door.returnsAt = OUTAGE_MS;
  const left = Array.from({ length: AGENTS }, () => ({ batches: BATCHES }));
  const loops = left.flatMap((one, n) => {
    const random = seeded(n + 1);
    const control = controlOf(door, random);
    const delivery = deliveryOf(door, random, one);
    // An answer takes Odoo a moment, so a backlog is not sent in no time.
    const deliver = async () => Math.max(200, (await delivery.deliverOnce()).waitMs);
    return [{ go: () => control.syncOnce() }, { go: deliver }];
  });
  const endsAt = OUTAGE_MS + RETURN_MS;
  await play(door, loops, endsAt);
  const steady = AGENTS / 10;
  assert.ok(door.most(door.syncs, SETTLED_MS, OUTAGE_MS) <= steady, "while Odoo is away");
  const most = door.most(door.syncs, OUTAGE_MS, endsAt);
  assert.ok(0 < most && most <= 1.5 * steady, `${most} syncs of one second`);
  // A minute passes until all have begun, some 17 a second.
  assert.ok(door.most(door.batches, OUTAGE_MS, endsAt) <= 80, "batches of one second");
  assert.equal(left.reduce((sum, { batches }) => sum + batches, 0), 0, "everything arrives");
});

// Power comes back in a whole city, and Odoo was never away. Red when `beat` gives everybody the same wait.
Deno.test("R39 a thousand agents that started in one second drift apart", async () => {
  const door = new Door();
  const loops = Array.from({ length: AGENTS }, (_, n) => {
    const control = controlOf(door, seeded(n + 1));
    return { go: () => control.syncOnce() };
  });
  await play(door, loops, DRIFT_MS);
  assert.equal(door.most(door.syncs, 0, 1_000), AGENTS);
  assert.ok(door.most(door.syncs, DRIFT_MS - 30_000, DRIFT_MS) <= AGENTS / 3, "after a while");
});
