/** The loop that everything long-lived runs in: rests, what ends them early, failures, stopping. */
import assert from "node:assert/strict";
import { Loop, type LoopOptions, type Rest } from "../../../edge_agent/base/loop.ts";
import { ManualClock } from "../../sim/manual_clock.ts";

type Said = { message: string; failures: unknown };

function make(turn: LoopOptions["turn"], options: Partial<LoopOptions> = {}) {
  const clock = new ManualClock();
  const said: Said[] = [];
  const loop = new Loop({
    clock,
    log: { warn: (message, fields) => said.push({ message, failures: fields?.["failures"] }) },
    turn,
    everyMs: 500,
    complaint: "the work waits",
    retryMs: (failures) => failures * 1_000,
    ...options,
  });
  return { clock, loop, said };
}

/** Lets everything that was resolved go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

// Red when the loop does not rest, or rests longer than the turn said.
Deno.test("a turn is followed by the rest it asked for", async () => {
  let turns = 0;
  const { clock, loop } = make((): Rest | void => {
    turns += 1;
    if (turns === 1) return { ms: 70 };
  });
  loop.start();
  await settle();
  assert.equal(turns, 1);
  assert.equal(clock.nextWake(), 70, "what the turn asked for");
  clock.advance(70);
  await settle();
  assert.equal(turns, 2);
  assert.equal(clock.nextWake(), 500, "what is usual");
  await loop.stop();
});

// Red when wake() ends any rest: a backoff must not be shortened by new work.
Deno.test("wake ends an idle rest only, hurry ends any", async () => {
  let turns = 0;
  let idle = true;
  const { loop } = make((): Rest => {
    turns += 1;
    return { ms: 60_000, idle };
  });
  loop.start();
  await settle();
  idle = false;
  loop.wake();
  await settle();
  assert.equal(turns, 2);
  loop.wake();
  await settle();
  assert.equal(turns, 2, "the rest of a turn that was not idle goes on");
  loop.hurry();
  await settle();
  assert.equal(turns, 3);
  await loop.stop();
});

// Red when the loop forgets a wake that fell into a turn: what came would wait a whole idle rest.
Deno.test("a wake during a turn that finds nothing leads to another turn at once", async () => {
  let turns = 0;
  const { loop } = make(async (): Promise<Rest> => {
    turns += 1;
    if (turns === 1) loop.wake();
    await Promise.resolve();
    return { ms: 60_000, idle: true };
  });
  loop.start();
  await settle();
  assert.equal(turns, 2);
  await loop.stop();
});

// Red when an error ends the loop, is not said, or when a success does not end the count.
Deno.test("a turn that throws is said with its count and tried again", async () => {
  const outcomes = ["bad", "bad", "good", "bad"];
  const { clock, loop, said } = make((): Rest => {
    if (outcomes.shift() === "bad") throw new Error("no disk");
    return { ms: 10 };
  });
  loop.start();
  await settle();
  assert.equal(clock.nextWake(), 1_000);
  clock.advance(1_000);
  await settle();
  assert.equal(clock.nextWake(), 2_000);
  for (const ms of [2_000, 10]) {
    clock.advance(ms);
    await settle();
  }
  assert.deepEqual(said.map(({ failures }) => failures), [1, 2, 1]);
  assert.equal(said[0]?.message, "the work waits");
  await loop.stop();
});

// Red when stop() leaves before the turn has ended, when the turn is not told, or when its error is said.
Deno.test("stop tells the turn, waits for it, and a second start begins anew", async () => {
  const seen: string[] = [];
  const { loop, said } = make(async (signal): Promise<Rest> => {
    seen.push("begun");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await settle();
    seen.push("told");
    throw new Error("given up");
  });
  loop.start();
  loop.start();
  await settle();
  await loop.stop();
  assert.deepEqual(seen, ["begun", "told"]);
  assert.deepEqual(said, []);
  assert.equal(loop.signal.aborted, true);
  loop.start();
  assert.equal(loop.signal.aborted, false);
  await settle();
  await loop.stop();
  assert.deepEqual(seen, ["begun", "told", "begun", "told"]);
});

Deno.test("the first turn can wait", async () => {
  let turns = 0;
  const { clock, loop } = make((): Rest => ({ ms: 10 + 0 * turns++ }), { restFirstMs: 60_000 });
  loop.start();
  await settle();
  assert.equal(turns, 0);
  clock.advance(60_000);
  await settle();
  assert.equal(turns, 1);
  await loop.stop();
});
