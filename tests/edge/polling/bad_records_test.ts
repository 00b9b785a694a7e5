/** Records of a polled log that cannot be read: they never cost the others, and are counted once each. */
import assert from "node:assert/strict";
import { withBench } from "./poller_kit.ts";

const SIZES = [8, 16, 40, 49] as const;

// Turns red when a log of which most records are bad is refused: its good ones waited for ever.
for (const recordBytes of SIZES) {
  for (const byte of [0, 0x5a, 0xff]) {
    Deno.test(`40 of 100 records of ${recordBytes} bytes are good, the rest holds ${byte}: read, complete`, async () => {
      await withBench(async (bench) => {
        const { memory } = await bench.terminal("A1", { recordBytes });
        memory.fill(20, { people: 20 });
        memory.insertBlank(60, byte);
        memory.fill(20, { people: 20, seed: 77 });
        await bench.turn();
        const run = bench.lastRun()!;
        assert.deepEqual([run.outcome, run.read, run.deviceCount], ["complete", 100, 100]);
        assert.deepEqual([run.new, run.duplicate, run.rejected], [40, 0, 1]);
        assert.equal(bench.queue.punches({ serial: "A1" }).length, run.new);
      });
    });
  }
}

// Turns red when rows are counted where distinct lines are kept: Odoo waited for lines that never come.
Deno.test("329 records alike that cannot be read are one line: in the run as in the queue", async () => {
  await withBench(async (bench) => {
    const { memory } = await bench.terminal("A1");
    memory.fill(2);
    memory.insertBlank(329, 0x5a);
    memory.fill(1, { seed: 9 });
    for (let time = 0; time < 2; time++) {
      await bench.turn();
      const run = bench.lastRun()!;
      assert.deepEqual([run.outcome, run.read, run.rejected], ["complete", 332, 1], run.message);
      assert.equal(bench.queue.rejects(500).length, run.rejected, "each is kept once");
      bench.clock.advance(3_600_000);
    }
    memory.insertBlank(1, 0xff);
    memory.insertBlank(2, 0x11);
    await bench.turn();
    const run = bench.lastRun()!;
    assert.deepEqual([run.read, run.rejected], [335, 3]);
    assert.equal(bench.queue.rejects(500).length, 3);
  });
});

// Turns red when a read of bad records alone, whose length both counts prove, is thrown away.
Deno.test("a log of bad records alone is read: nothing new, one line to decide on", async () => {
  await withBench(async (bench) => {
    const { memory } = await bench.terminal("A1");
    memory.insertBlank(50, 0xff);
    await bench.turn();
    const run = bench.lastRun()!;
    assert.deepEqual([run.outcome, run.read, run.new, run.rejected], ["complete", 50, 0, 1]);
  });
});

// Turns red when a wrong clock makes a whole log unreadable.
Deno.test("a terminal whose clock runs half a century ahead is read", async () => {
  await withBench(async (bench) => {
    const { memory } = await bench.terminal("A1");
    for (let n = 0; n < 30; n++) memory.punch("7", { wallTime: `2077-03-02 08:${10 + n}:00` });
    await bench.turn();
    const run = bench.lastRun()!;
    assert.deepEqual([run.outcome, run.new, run.rejected], ["complete", 30, 0]);
  });
});
