/** What a commit asks and writes besides its rows: the limit of the file, stamps, counters. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { StoreUnavailable } from "../../../edge_agent/base/store_fault.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import {
  memoryDirectory,
  punch,
  punchesOf,
  queueOptions,
  SERIAL,
  upload,
  withQueue,
} from "../../sim/queue_kit.ts";

const PAGE = 4_096;

/** Bytes of the database that hold something, seen by another connection. */
function bytesUsed(directory: string): number {
  const db = new DatabaseSync(`${directory}/queue.sqlite`, { readOnly: true });
  try {
    const number = (name: string) => Number(Object.values(db.prepare(`PRAGMA ${name}`).get()!)[0]);
    return (number("page_count") - number("freelist_count")) * PAGE;
  } finally {
    db.close();
  }
}

const logBytes = (directory: string) => Deno.statSync(`${directory}/queue.sqlite-wal`).size;

/** The largest rows the contract lets through, each in ten minutes of its own. */
function largest(from: number, count: number) {
  return Array.from({ length: count }, (_, at) => ({
    ...punch((from + at) * 601),
    pin: "界".repeat(60) + String(from + at).padStart(4, "0"),
    workCode: "界".repeat(64),
    extra: "界".repeat(512),
  }));
}

function largestRejects(from: number, count: number) {
  return Array.from({ length: count }, (_, at) => ({
    serial: SERIAL,
    reason: "unreadable" as const,
    raw: `${from + at} ${"界".repeat(1_015)}`,
  }));
}

type Group = (queue: Queue, from: number) => Promise<unknown>;

/** Adds until the queue says that it is full; asks another connection before each whether it had to. */
async function fillToTheLimit(group: Group, step: number, maxBytes: number): Promise<void> {
  const directory = memoryDirectory();
  const limits = { maxBytes, minFreeBytes: 0, timers: false };
  const queue = new Queue(queueOptions(directory, limits));
  queue.start();
  try {
    let fullAt: number | null = null;
    for (let from = 0; fullAt === null; from += step) {
      const before = bytesUsed(directory);
      try {
        await group(queue, from);
      } catch (fault) {
        assert.ok(fault instanceof StoreUnavailable, String(fault));
        assert.match(fault.message, /the queue has reached its limit: nothing more is taken in/);
        fullAt = before;
        continue;
      }
      assert.ok(before < maxBytes, `${before} bytes, and rows were taken in all the same`);
    }
    assert.ok(fullAt >= maxBytes, `refused at ${fullAt} bytes, before the limit`);
    assert.equal(queue.stats().state, "full");
  } finally {
    await queue.stop();
    Deno.removeSync(directory, { recursive: true });
  }
}

// Red when a commit counts no pages for itself or for its lines, when the count is made once and never again, or when
// room is taken for used up before the file was asked.
Deno.test("R09 the limit holds to the group, however many lines and however large a group has", async (t) => {
  const groups: [string, number, number, Group][] = [
    ["lone punches", 1, 250_000, (queue, from) => queue.add(upload([punch(from * 601)]))],
    ["three hundred", 300, 2_000_000, (queue, from) => queue.add(upload(punchesOf(from, 300)))],
    ["largest punches", 40, 4_000_000, (queue, from) => queue.add(upload(largest(from, 40)))],
    [
      "largest rejects",
      40,
      4_000_000,
      (queue, from) => queue.add(upload([], { rejects: largestRejects(from, 40) })),
    ],
  ];
  for (const [name, step, maxBytes, group] of groups) {
    await t.step(name, () => fillToTheLimit(group, step, maxBytes));
  }
});

// Red when a stamp's row holds anything that moves with each upload, an instant say: SQLite leaves out a page whose bytes
// stay, so that a stamp that stays costs nothing.
Deno.test("a stamp that did not change writes nothing, one that did is kept", async () => {
  await withQueue(async (queue, directory) => {
    const stamped = (value: string) => queue.add(upload([], { stamp: { table: "ATTLOG", value } }));
    await queue.add(upload(punchesOf(0, 3), { stamp: { table: "ATTLOG", value: "77" } }));
    const before = logBytes(directory);
    await stamped("77");
    assert.equal(logBytes(directory), before);
    await stamped("78");
    assert.ok(logBytes(directory) > before);
    assert.equal(queue.stamp(SERIAL, "ATTLOG"), "78");
    await stamped("77");
    assert.equal(queue.stamp(SERIAL, "ATTLOG"), "77", "a terminal may go back");
  }, { timers: false });
});

// Red when an upload of nothing but repeats is not counted.
Deno.test("repeats alone are counted in the same commit", async () => {
  await withQueue(async (queue, directory) => {
    await queue.add(upload(punchesOf(0, 3)));
    await queue.add(upload(punchesOf(0, 3)));
    const db = new DatabaseSync(`${directory}/queue.sqlite`, { readOnly: true });
    const row = db.prepare("SELECT pending, repeated FROM device").get();
    db.close();
    assert.deepEqual({ ...row }, { pending: 3, repeated: 3 });
  }, { timers: false });
});
