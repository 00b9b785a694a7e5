/** Two agents with one token: two queues of one SD card, or two devices' worth of numbers at once. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Delivery } from "../../../edge_agent/delivery/delivery.ts";
import type { Sighting } from "../../../edge_agent/base/punch.ts";
import { Alarms } from "../../../edge_agent/health/alarms.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import type { GivenVerdict } from "../../../edge_agent/queue/types.ts";
import { copySync } from "../../sim/copy_directory.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { makePunch, SERIAL } from "../queue/lane_kit.ts";
import { DeliveryKit } from "./delivery_kit.ts";

/** A second agent on a copy of the first one's data directory. */
class Clone {
  readonly directory = Deno.makeTempDirSync();
  readonly queue: Queue;
  readonly alarms: Alarms;
  readonly delivery: Delivery;

  constructor(kit: DeliveryKit) {
    copySync(kit.lane.directory, this.directory);
    this.queue = new Queue({
      directory: this.directory,
      clock: kit.clock,
      randomBytes: (size) => new Uint8Array(randomBytes(size)),
      timers: false,
    });
    this.queue.start();
    this.alarms = new Alarms({ clock: kit.clock, log: silentLog, store: this.queue });
    this.delivery = new Delivery({
      queue: this.queue,
      destination: kit.door,
      clock: kit.clock,
      random: kit.random,
      batchId: () => crypto.randomUUID(),
      batchSize: 50,
      alarms: this.alarms,
      log: silentLog,
    });
  }

  async stop(): Promise<void> {
    await this.queue.stop();
    Deno.removeSync(this.directory, { recursive: true });
  }
}

// Red when a taken number is parked for good, or when nobody is told.
Deno.test("R30 a cloned card: both send, every punch is in Odoo once, the clone is told", async () => {
  const kit = new DeliveryKit({ batchSize: 50 });
  await kit.lane.add(0, 100);
  await kit.drain();
  await kit.queue.stop();
  const clone = new Clone(kit);
  kit.queue.start();
  try {
    const add = (queue: Queue, from: number, to: number) =>
      queue.add({
        serial: SERIAL,
        channel: "push",
        punches: Array.from({ length: to - from }, (_, n) => makePunch(from + n)),
        rejects: [],
      });
    for (let from = 100; from < 2_000; from += 100) {
      await add(kit.queue, from, from + 80);
      await add(clone.queue, from + 50, from + 100);
      await kit.step();
      await clone.delivery.deliverOnce();
    }
    await kit.drain();
    for (let n = 0; n < 500 && (await clone.delivery.deliverOnce()).outcome !== "idle"; n++);
    assert.equal(clone.queue.stats().pending, 0);
    assert.equal(clone.queue.stats().parked, 0);
    assert.equal(kit.queue.stats().parked, 0);
    assert.equal(kit.odoo.keys.length, 2_000);
    const told = [...kit.alarmCodes(), ...clone.alarms.list().map((alarm) => alarm.code)];
    assert.ok(told.includes("clone") || told.includes("old_copy"), told.join());
    assert.ok(!told.includes("tamper"), "nobody tampered with anything");
    assert.ok(kit.odoo.alarms.some((alarm) => alarm.startsWith("seq_conflict")), "Odoo is told");
  } finally {
    await clone.stop();
    await kit.stop();
  }
});

// Red when a number that was never delivered and holds something else is called tampering with what was,
// or when one that was delivered is called a clone.
Deno.test("R62 the half of a clone that comes second learns it from a head: clone, not tamper", async () => {
  const kit = new DeliveryKit({ batchSize: 50 });
  await kit.lane.add(0, 100);
  await kit.drain();
  await kit.queue.stop();
  const clone = new Clone(kit);
  kit.queue.start();
  try {
    await kit.lane.add(100, 150);
    await kit.drain();
    const punches = Array.from({ length: 50 }, (_, n) => makePunch(200 + n));
    await clone.queue.add({ serial: SERIAL, channel: "push", punches, rejects: [] });
    const { lane } = clone.queue.laneHead();
    const head = { lane, ...kit.odoo.books.lanes.get(lane)!.head };
    const state = clone.queue.compareHead(head);
    assert.equal(state, "taken");
    clone.delivery.headSeen(head, state);
    assert.deepEqual(clone.alarms.list().map((alarm) => alarm.code), ["clone"]);
    assert.notEqual(clone.queue.laneHead().lane, lane);
    for (let n = 0; n < 50 && (await clone.delivery.deliverOnce()).outcome !== "idle"; n++);
    assert.equal(kit.odoo.keys.length, 200);
    assert.deepEqual(kit.odoo.alarms, []);
    const delivered = { lane, seq: 90, hash: "ab".repeat(32) };
    assert.equal(kit.queue.compareHead(delivered), "tampered");
  } finally {
    await clone.stop();
    await kit.stop();
  }
});

Deno.test("R16 an older copy of the queue leaves its lane and loses nothing", async () => {
  const kit = new DeliveryKit({ batchSize: 50 });
  await kit.lane.add(0, 100);
  await kit.drain();
  await kit.queue.stop();
  const old = new Clone(kit);
  kit.queue.start();
  try {
    await kit.lane.add(100, 200);
    await kit.drain();
    await old.queue.add({
      serial: SERIAL,
      channel: "push",
      punches: [makePunch(300)],
      rejects: [],
    });
    for (let n = 0; n < 50 && (await old.delivery.deliverOnce()).outcome !== "idle"; n++);
    assert.equal(kit.odoo.keys.length, 201);
    assert.equal(old.queue.stats().pending, 0);
    assert.ok(old.queue.stats().damaged.length > 0, "devices are read again");
  } finally {
    await old.stop();
    await kit.stop();
  }
});

// Red when the head is judged beside a number that is taken: the other half's numbers in it look like a
// tampered Odoo.
Deno.test("R62 a number that is taken is told once, as a clone, whatever the head beside it looks like", async () => {
  const clock = new ManualClock();
  const lane = "a".repeat(32);
  const head = { seq: 1, hash: "b".repeat(64) };
  let verdict: GivenVerdict = { seq: 1, verdict: "rejected", reason: "seq_conflict" };
  const never = () => assert.fail("nothing of the lane is touched");
  const kept = new Map<string, string>();
  const alarms = new Alarms({
    clock,
    log: silentLog,
    store: {
      getState: (name) => kept.get(name) ?? null,
      setState: (name, value) => void kept.set(name, value),
    },
  });
  const delivery = new Delivery({
    queue: {
      take: () => ({ lane, sightings: [{ seq: 1 } as unknown as Sighting] }),
      settle: () => ({
        stored: 0,
        duplicate: 0,
        quarantined: 0,
        rejected: 1,
        head: "tampered",
        forked: true,
      }),
      park: never,
      rewind: never,
      leaveLane: never,
    },
    destination: {
      fits: () => true,
      postPunches: ({ batchId }) =>
        Promise.resolve({ batchId, lane, head, verdicts: [verdict], waitMs: 0 }),
    },
    clock,
    random: () => 0.5,
    batchId: () => crypto.randomUUID(),
    batchSize: 50,
    alarms,
    log: silentLog,
  });
  await delivery.deliverOnce();
  const told = () => alarms.list().map(({ code, count, message }) => [code, count, message]);
  const clone = ["clone", 1, "number 1 is taken by another sighting; began a new lane"];
  assert.deepEqual(told(), [clone]);
  verdict = { seq: 1, verdict: "stored" };
  await delivery.deliverOnce();
  assert.deepEqual(told(), [clone, ["tamper", 1, "Odoo's head 1 has another hash than delivered"]]);
});
