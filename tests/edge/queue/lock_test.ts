/** The lock of a data directory: one that is just being given up is waited for, one that stays is told. */
import assert from "node:assert/strict";
import { StoreRefused } from "../../../edge_agent/base/store_fault.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { punchesOf, queueOptions, tempDirectory, upload } from "../../sim/queue_kit.ts";

/** Somebody else holds the lock, and gives it up during the wait of that number; how often was waited. */
async function withHolder(
  letsGoAt: number,
  body: (queue: Queue, waits: () => number[]) => Promise<void> | void,
): Promise<void> {
  const directory = tempDirectory();
  const holder = Deno.openSync(`${directory}/queue.lock`, { create: true, write: true });
  holder.lockSync(true);
  const wait = Atomics.wait;
  const waits: number[] = [];
  // The wait alone is not real: the two handles and the lock between them are.
  Atomics.wait = (_array: unknown, _index: number, _value: unknown, ms?: number) => {
    waits.push(ms ?? Infinity);
    if (waits.length === letsGoAt) holder.unlockSync();
    return "timed-out";
  };
  const queue = new Queue(queueOptions(directory, { timers: false }));
  try {
    await body(queue, () => waits);
  } finally {
    Atomics.wait = wait;
    await queue.stop();
    holder.close();
    Deno.removeSync(directory, { recursive: true });
  }
}

// Red when the lock is asked for once only: the agent ends at an update, because the program before it ends a few ms
// later than the service says.
Deno.test("a lock that is given up a moment later is taken, and the queue works", async () => {
  for (const letsGoAt of [1, 3, 5]) {
    await withHolder(letsGoAt, async (queue, waits) => {
      queue.start();
      assert.deepEqual(waits(), Array(letsGoAt).fill(20));
      assert.equal((await queue.add(upload(punchesOf(0, 3)))).fresh, 3);
    });
  }
});

// Red when a lock that stays is waited for for ever, or taken all the same.
Deno.test("a lock that stays is told within a fifth of a second, with what to do", async () => {
  await withHolder(0, (queue, waits) => {
    assert.throws(
      () => queue.start(),
      (fault) =>
        fault instanceof StoreRefused &&
        /^another agent works on \S+; stop it, or give this one its own data directory$/
          .test(fault.message),
    );
    const total = waits().reduce((sum, ms) => sum + ms, 0);
    assert.ok(waits().length >= 2 && total <= 200, `waited ${waits().join(", ")} ms`);
  });
});
