// When the board reads: a clock driven by hand, readings that end when the test says so.
import assert from "node:assert/strict";
import { Refresher, withDeadline } from "../../owl_src/refresher.ts";

const TIMES = { delayMs: 400, gapMs: 2_000, beatMs: 60_000 };

class HandClock {
  nowMs = 0;
  private next = 1;
  private timers = new Map<number, { atMs: number; run: () => void }>();
  now = () => this.nowMs;
  setTimeout = (run: () => void, ms: number) => {
    this.timers.set(this.next, { atMs: this.nowMs + ms, run });
    return this.next++;
  };
  clearTimeout = (timer: number) => void this.timers.delete(timer);
  get waiting() {
    return this.timers.size;
  }
  async advance(ms: number) {
    const endMs = this.nowMs + ms;
    for (;;) {
      const due = [...this.timers].filter(([, timer]) => timer.atMs <= endMs)
        .sort((a, b) => a[1].atMs - b[1].atMs)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.nowMs = due[1].atMs;
      due[1].run();
      await settled();
    }
    this.nowMs = endMs;
  }
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

function bench() {
  const clock = new HandClock();
  const startsMs: number[] = [];
  const ends: (() => void)[] = [];
  const held = { value: false };
  const refresher = new Refresher(
    () => {
      startsMs.push(clock.nowMs);
      return held.value ? new Promise((resolve) => ends.push(resolve)) : Promise.resolve();
    },
    TIMES,
    clock,
  );
  return { clock, startsMs, ends, held, refresher };
}

Deno.test("Refresher reads at start and then at the beat, without any message", async () => {
  const { clock, startsMs, refresher } = bench();
  refresher.start();
  await settled();
  await clock.advance(120_000);
  assert.deepEqual(startsMs, [0, 60_000, 120_000]);
});

Deno.test("Refresher answers a burst of messages with one reading", async () => {
  const { clock, startsMs, refresher } = bench();
  refresher.start();
  await clock.advance(10_000);
  for (let i = 0; i < 50; i++) refresher.request();
  await clock.advance(1_000);
  assert.deepEqual(startsMs, [0, 10_400]);
});

Deno.test("Refresher neither starves nor floods under a steady stream", async () => {
  // Red when request() pushes the timer back (a plain debounce), or forgets the gap.
  const { clock, startsMs, refresher } = bench();
  refresher.start();
  for (let i = 0; i < 200; i++) {
    refresher.request();
    await clock.advance(100);
  }
  assert.equal(clock.nowMs, 20_000);
  assert.equal(startsMs.length, 11);
  for (let i = 1; i < startsMs.length; i++) {
    assert.ok(startsMs[i]! - startsMs[i - 1]! >= TIMES.gapMs);
  }
});

Deno.test("Refresher reads once more when a message came during a reading", async () => {
  const { clock, startsMs, ends, held, refresher } = bench();
  held.value = true;
  refresher.start();
  await clock.advance(5_000);
  refresher.request();
  refresher.request();
  await clock.advance(5_000);
  assert.deepEqual(startsMs, [0]);
  ends.shift()!();
  await settled();
  await clock.advance(500);
  assert.deepEqual(startsMs, [0, 10_400]);
});

Deno.test("Refresher.readNow() during a reading reads at once afterwards", async () => {
  const { clock, startsMs, ends, held, refresher } = bench();
  held.value = true;
  refresher.start();
  await clock.advance(100);
  refresher.readNow();
  refresher.request();
  ends.shift()!();
  await settled();
  assert.deepEqual(startsMs, [0, 100]);
});

Deno.test("Refresher.stop() leaves no timer and starts nothing more", async () => {
  const { clock, startsMs, ends, held, refresher } = bench();
  held.value = true;
  refresher.start();
  refresher.request();
  refresher.stop();
  ends.shift()!();
  await settled();
  refresher.request();
  refresher.readNow();
  assert.equal(clock.waiting, 0);
  await clock.advance(200_000);
  assert.deepEqual(startsMs, [0]);
});

Deno.test("withDeadline() gives the value, the failure, or up, and leaves no timer", async () => {
  const clock = new HandClock();
  assert.equal(await withDeadline(Promise.resolve(7), 100, clock), 7);
  await assert.rejects(withDeadline(Promise.reject(new Error("no")), 100, clock), /no/);
  assert.equal(clock.waiting, 0);
  const late = withDeadline(new Promise(() => {}), 100, clock);
  const given = assert.rejects(late, /deadline/);
  await clock.advance(100);
  await given;
  assert.equal(clock.waiting, 0);
});
