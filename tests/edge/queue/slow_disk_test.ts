/** R12: a card whose every fsync takes 200 ms. Terminals wait their turn together, not one after the other. */
import assert from "node:assert/strict";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { openForWriting, type OpenOptions } from "../../../edge_agent/queue/schema.ts";
import { memoryDirectory, punch, queueOptions, upload } from "../../sim/queue_kit.ts";

const FSYNC_MS = 200;
const DEVICES = 5;
const EVERY_MS = 200;
/** In full: five minutes. */
const SECONDS = 8;
/** A terminal gives up after 10 s at the earliest. */
const P99_MS = 5_000;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** As SQLite sees such a card: the commit returns late, and nothing else runs in between. */
function openSlowly(path: string, options: OpenOptions) {
  const db = openForWriting(path, options);
  const exec = db.exec.bind(db);
  db.exec = (sql: string) => {
    if (/^COMMIT/.test(sql)) Atomics.wait(sleeper, 0, 0, FSYNC_MS);
    return exec(sql);
  };
  return db;
}

// Red when each upload has a commit of its own: 25 a second at 200 ms each never end.
Deno.test("R12 every fsync takes 200 ms, five terminals with five punches a second: acknowledged in time, once", async () => {
  const directory = memoryDirectory();
  const queue = new Queue(queueOptions(directory, { openDatabase: openSlowly }));
  const waited: number[] = [];
  const sent: Promise<void>[] = [];
  try {
    queue.start();
    const rounds = Math.round(1_000 * SECONDS / EVERY_MS);
    for (let round = 0; round < rounds; round++) {
      for (let device = 0; device < DEVICES; device++) {
        const from = performance.now();
        const one = punch(round, { serial: `SLOW${device}` });
        sent.push(
          queue.add(upload([one])).then(({ fresh }) => {
            assert.equal(fresh, 1);
            waited.push(performance.now() - from);
          }),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    await Promise.all(sent);
    waited.sort((one, other) => one - other);
    const p99 = waited[Math.floor(waited.length * 0.99)] ?? Infinity;
    assert.ok(p99 <= P99_MS, `p99 ${Math.round(p99)} ms`);
    const rows = queue.punches({ limit: 10_000 });
    assert.equal(new Set(rows.map((row) => row.key)).size, rounds * DEVICES);
    assert.equal(rows.length, rounds * DEVICES);
  } finally {
    await queue.stop();
    Deno.removeSync(directory, { recursive: true });
  }
});
