/** Two agents with one token: two queues of one SD card, or two devices' worth of numbers at once. */
import assert from "node:assert/strict";
import { Delivery } from "../../../edge_agent/delivery/delivery.ts";
import type { Sighting } from "../../../edge_agent/base/punch.ts";
import { Alarms } from "../../../edge_agent/health/alarms.ts";
import type { GivenVerdict } from "../../../edge_agent/queue/types.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { cloneTest, keysOf } from "./clone_kit.ts";

// Red when a taken number is parked for good, or when nobody is told.
cloneTest(
  "R30 a cloned card: both send, every punch is in Odoo once, the clone is told",
  async ({ name, first, second, keys, told }) => {
    const all = name === "Odoo" ? 2_000 : 600;
    for (let from = 100; from < all; from += 100) {
      await first.add(from, from + 80);
      await second.add(from + 50, from + 100);
      await first.turn();
      await second.turn();
    }
    await first.drain();
    await second.drain();
    for (const { queue } of [first, second]) {
      const { pending, parked } = queue.stats();
      assert.deepEqual({ pending, parked }, { pending: 0, parked: 0 });
    }
    assert.deepEqual(keys().toSorted(), keysOf(0, all).toSorted());
    const codes = [...first.codes(), ...second.codes()];
    assert.ok(codes.includes("clone") || codes.includes("old_copy"), codes.join());
    assert.ok(!codes.includes("tamper"), "nobody tampered with anything");
    assert.match(told(), name === "Odoo" ? /^seq_conflict/m : /^clone: another machine speaks/m);
  },
);

// Red when a number that was never delivered and holds something else is called tampering with what was,
// or when one that was delivered is called a clone.
cloneTest(
  "R62 the half of a clone that comes second learns it from a head: clone, not tamper",
  async ({ name, first, second, keys, told, learn }) => {
    const { lane } = first.queue.laneHead();
    await first.add(100, 150);
    await first.drain();
    await second.add(200, 250);
    await learn(second);
    assert.deepEqual(second.codes(), ["clone"]);
    assert.notEqual(second.queue.laneHead().lane, lane);
    await second.drain();
    assert.deepEqual(keys().toSorted(), [...keysOf(0, 150), ...keysOf(200, 250)].toSorted());
    // Odoo saw no number twice; a site is told by the half that left its lane.
    assert.match(told(), name === "Odoo" ? /^$/ : /^clone: .* number 150 of this lane is another/);
    const delivered = { lane, seq: 90, hash: "ab".repeat(32) };
    assert.equal(first.queue.compareHead(delivered), "tampered");
  },
);

// Red when an older copy goes on as if nothing had been given after it was made.
cloneTest(
  "R16 an older copy of the queue leaves its lane and loses nothing",
  async ({ first, second: old, keys }) => {
    await first.add(100, 200);
    await first.drain();
    const { lane } = first.queue.laneHead();
    await old.add(300, 301);
    await old.drain();
    assert.deepEqual(keys().toSorted(), [...keysOf(0, 200), ...keysOf(300, 301)].toSorted());
    assert.equal(old.queue.stats().pending, 0);
    assert.notEqual(old.queue.laneHead().lane, lane);
    assert.ok(old.queue.stats().damaged.length > 0, "devices are read again");
  },
);

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
