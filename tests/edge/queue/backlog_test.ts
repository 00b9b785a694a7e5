/** How long each device's punches have waited: exact where it matters, bounded in cost. */
import assert from "node:assert/strict";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { punch, punchesOf, queueOptions, SERIAL, upload, withQueue } from "../../sim/queue_kit.ts";

const OTHER = "A000000002";
const THIRD = "A000000003";

// Red when one age is told for all devices, or a delivered punch still counts.
Deno.test("queue: the age of the backlog is told per device, and ends with its receipt", async () => {
  await withQueue(async (queue, _directory, clock) => {
    const at = () => queue.stats().perDevice;
    const began = clock.now();
    await queue.add(upload(punchesOf(0, 2)));
    clock.advance(60_000);
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

// Red when the age is that of the first row: a clock that was set back made a later row the older one,
// and health stayed green over what had waited for hours.
Deno.test("R53 queue: the oldest is the one received first, whatever the clock did since", async () => {
  await withQueue(async (queue, _directory, clock) => {
    const began = clock.now();
    clock.set(began + 6 * 3_600_000);
    await queue.add(upload(punchesOf(0, 2)));
    clock.set(began);
    await queue.add(upload(punchesOf(2, 2)));
    await queue.add(upload(punchesOf(0, 2, { serial: OTHER })));
    assert.equal(queue.stats().oldestPendingAt, began);
    assert.equal(queue.stats().perDevice.get(SERIAL)?.oldestPendingAt, began);
  });
});

// Red when a device behind it is given the age of the oldest of all.
Deno.test("queue: behind another device's long backlog an age is exact at the end and never told too young", async () => {
  await withQueue(async (queue, _directory, clock) => {
    const began = clock.now();
    await queue.add(upload(punchesOf(0, 5_000)));
    clock.advance(60_000);
    await queue.add(upload(punchesOf(0, 3, { serial: OTHER })));
    clock.advance(60_000);
    await queue.add(upload(punchesOf(5_000, 2_500)));
    clock.advance(60_000);
    await queue.add(upload(punchesOf(0, 3, { serial: THIRD })));
    const { perDevice } = queue.stats();
    assert.equal(perDevice.get(SERIAL)?.oldestPendingAt, began);
    assert.equal(perDevice.get(THIRD)?.oldestPendingAt, began + 180_000, "its rows are the newest");
    const between = perDevice.get(OTHER)?.oldestPendingAt;
    assert.ok(between !== undefined && between !== null && between <= began + 60_000);
  });
});

// Scaled down; with 5,000,000 rows: npm run bench -- --long. Red when take() goes by number alone.
Deno.test("R49 a deep backlog is whole after a restart, and a live punch does not wait behind it", async () => {
  await withQueue(async (first, directory, clock) => {
    const rows = 20_000;
    for (let n = 0; n < rows; n += 2_000) await first.add(upload(punchesOf(n, 2_000)));
    await first.stop();
    clock.advance(24 * 3_600_000);
    const queue = new Queue(queueOptions(directory, { clock }));
    queue.start();
    try {
      assert.equal(queue.stats().pending, rows);
      await queue.add(upload(punchesOf(0, 1, { serial: OTHER })));
      const batch = queue.take(100)?.sightings ?? [];
      assert.equal(batch.length, 100);
      assert.equal(batch.at(-1)?.seq, rows + 1, "the live punch is in the first batch");
      assert.equal(batch[0]?.seq, 1, "and the backlog moves all the same");
      assert.equal(queue.stats().state, "ok");
    } finally {
      await queue.stop();
    }
  });
});

// Red when what is live is sent in the order in which it came: a history that arrives now holds up the people.
Deno.test("R66 a history on its way does not hold up what is punched meanwhile", async () => {
  await withQueue(async (queue) => {
    const old = (n: number) => {
      const at = new Date(Date.UTC(2025, 4, 1) + n * 60_000).toISOString();
      return punch(n, { wallTime: `${at.slice(0, 10)} ${at.slice(11, 19)}` });
    };
    const history = Array.from({ length: 4_000 }, (_, n) => old(n));
    await queue.add(upload(history.slice(0, 3_000)));
    await queue.add(upload([punch(1)]));
    await queue.add(upload(history.slice(3_000)));
    const sent = queue.take(100)?.sightings ?? [];
    assert.equal(sent.length, 100);
    assert.ok(sent.some(({ seq }) => seq === 3_001), "the live punch is in the first batch");
    assert.deepEqual(sent.map(({ seq }) => seq), sent.map(({ seq }) => seq).sort((a, b) => a - b));
    assert.equal(new Set(sent.map(({ seq }) => seq)).size, 100);
    assert.equal(sent[0]?.seq, 1, "and the history goes on");
  }, { timers: false });
});
