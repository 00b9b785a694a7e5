/** How long each device's punches have waited: exact where it matters, bounded in cost. */
import assert from "node:assert/strict";
import { punchesOf, SERIAL, upload, withQueue } from "./queue_kit.ts";

const OTHER = "A000000002";
const THIRD = "A000000003";

// Red when one age is told for all devices, or a delivered punch still counts.
Deno.test("queue: the age of the backlog is told per device, and ends with its receipt", async () => {
  await withQueue(async (queue, _directory, clock) => {
    const at = () => queue.stats().perDevice;
    const began = clock.at;
    await queue.add(upload(punchesOf(0, 2)));
    clock.pass(60_000);
    await queue.add(upload(punchesOf(0, 2, { serial: OTHER })));
    assert.equal(at().get(SERIAL)?.oldestPendingAt, began);
    assert.equal(at().get(OTHER)?.oldestPendingAt, began + 60_000);
    const batch = queue.take(10);
    assert.ok(batch);
    queue.settle({
      lane: batch.lane,
      head: { seq: 2, hash: batch.sightings[1]?.hash ?? "" },
      verdicts: [1, 2].map((seq) => ({ seq, verdict: "stored" })),
    });
    assert.equal(at().get(SERIAL)?.oldestPendingAt, null);
    assert.equal(at().get(OTHER)?.oldestPendingAt, began + 60_000);
    assert.equal(queue.stats().oldestPendingAt, began + 60_000);
  });
});

// Red when the whole backlog is walked, or a device behind it is given the age of the oldest of all.
Deno.test("queue: behind another device's long backlog an age is exact at the end and never told too young", async () => {
  await withQueue(async (queue, _directory, clock) => {
    const began = clock.at;
    await queue.add(upload(punchesOf(0, 5_000)));
    clock.pass(60_000);
    await queue.add(upload(punchesOf(0, 3, { serial: OTHER })));
    clock.pass(60_000);
    await queue.add(upload(punchesOf(5_000, 2_500)));
    clock.pass(60_000);
    await queue.add(upload(punchesOf(0, 3, { serial: THIRD })));
    const { perDevice } = queue.stats();
    assert.equal(perDevice.get(SERIAL)?.oldestPendingAt, began);
    assert.equal(perDevice.get(THIRD)?.oldestPendingAt, began + 180_000, "its rows are the newest");
    const between = perDevice.get(OTHER)?.oldestPendingAt;
    assert.ok(between !== undefined && between !== null && between <= began + 60_000);
    const started = performance.now();
    for (let n = 0; n < 20; n++) queue.stats();
    assert.ok((performance.now() - started) / 20 < 100, "20 ms is usual, 100 ms is a walk");
  });
});
