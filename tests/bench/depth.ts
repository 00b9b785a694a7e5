/**
 * The queue when it is deep: memory and start-up with many rows, bytes a punch takes, how fast it
 * drains into a sink beside it.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SystemClock } from "../../edge_agent/base/clock.ts";
import { Queue } from "../../edge_agent/queue/queue.ts";
import type { Taken } from "../../edge_agent/queue/types.ts";
import { startChild } from "./child.ts";

const TERMINALS = 20;
const GROUP = 5_000;
const EPOCH = Date.UTC(2020, 0, 1);

export interface Depth {
  readonly rows: number;
  readonly pending: number;
  readonly fillPerSecond: number;
  readonly bytesPerPunch: number;
  /** Queue.start(), and from spawning the process to its open port. */
  readonly queueStartMs: number;
  readonly processReadyMs: number;
  readonly rssMb: number;
  readonly drainPerSecond: number;
}

function openQueue(directory: string): Queue {
  const queue = new Queue({
    directory,
    clock: new SystemClock(),
    randomBytes: (size) => randomBytes(size),
    timers: false,
  });
  queue.start();
  return queue;
}

/** `rows` punches, of which the newest `pending` are not delivered. */
export async function measureDepth(rows: number, pending: number): Promise<Depth> {
  const directory = Deno.makeTempDirSync({ prefix: "bench-depth-" });
  try {
    const queue = openQueue(directory);
    const begun = performance.now();
    let drained = 0;
    let drainMs = 0;
    for (let made = 0; made < rows; made += GROUP) {
      await fill(queue, made, Math.min(GROUP, rows - made));
      const from = performance.now();
      for (
        let batch = takeAbove(queue, pending);
        batch !== null;
        batch = takeAbove(queue, pending)
      ) {
        settle(queue, batch);
        drained += batch.sightings.length;
      }
      drainMs += performance.now() - from;
    }
    const fillMs = performance.now() - begun - drainMs;
    await queue.stop();
    const { size } = Deno.statSync(join(directory, "queue.sqlite"));
    const child = await startChild("agent_server.ts", [directory, "1"]);
    const rssMb = child.rss();
    const { startMs, readyMs } = child;
    await child.stop();
    return {
      rows,
      pending,
      fillPerSecond: Math.round(rows / fillMs * 1_000),
      bytesPerPunch: Math.round(size / rows),
      queueStartMs: Math.round(startMs),
      processReadyMs: Math.round(readyMs),
      rssMb,
      drainPerSecond: drained === 0
        ? await measureDrain(directory)
        : Math.round(drained / drainMs * 1_000),
    };
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

export interface StartUp {
  readonly rows: number;
  readonly pending: number;
  readonly megabytes: number;
  readonly queueStartMs: number;
  readonly processReadyMs: number;
  readonly rssMb: number;
}

/**
 * Start-up of a file of `rows` sightings. All but the `pending` newest are written past the queue, with
 * random salts and hashes in the place of true ones: the start proves only the newest rows, and reads
 * of the rest no more than its structure.
 */
export async function measureStartUp(rows: number, pending: number): Promise<StartUp> {
  const directory = Deno.makeTempDirSync({ prefix: "bench-start-" });
  const file = join(directory, "queue.sqlite");
  try {
    const first = openQueue(directory);
    await fill(first, 0, TERMINALS);
    await first.stop();
    sql(file, paddingSql(rows - pending));
    Deno.removeSync(join(directory, "queue.witness"));
    const queue = openQueue(directory);
    for (let made = 0; made < pending; made += GROUP) await fill(queue, made + 1_000_000, GROUP);
    await queue.stop();
    sql(file, "DELETE FROM damage; UPDATE sighting SET state = 5 WHERE state = 9;");
    const { size } = Deno.statSync(file);
    const child = await startChild("agent_server.ts", [directory, "1"]);
    const rssMb = child.rss();
    await child.stop();
    return {
      rows,
      pending,
      megabytes: Math.round(size / 1e6),
      queueStartMs: Math.round(child.startMs),
      processReadyMs: Math.round(child.readyMs),
      rssMb,
    };
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function sql(file: string, text: string): void {
  const db = new DatabaseSync(file);
  db.exec(text);
  db.close();
}

function paddingSql(rows: number): string {
  const from = TERMINALS + 1;
  return `
    BEGIN;
    WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    INSERT INTO sighting (id, state, device, channel, received_at, wall, pin, status, verify, work_code,
      extra, salt, hash)
    SELECT i, 5, i % ${TERMINALS} + 1, 0, 1577836800000 + i, 20100101000000 + i % 60, 1000 + i % 400,
      '0', '1', '0', '0', randomblob(16), randomblob(32) FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${
    Math.ceil(rows / 10)
  })
    INSERT OR IGNORE INTO known (id, body, seen_day)
    SELECT (i % ${TERMINALS} + 1) * 100000000000 + 10000000000 + i,
      replace(hex(zeroblob(100)), '00', '1' || char(10)), 20000 FROM n;
    COMMIT;`;
}

async function fill(queue: Queue, from: number, count: number): Promise<void> {
  const perTerminal = Math.ceil(count / TERMINALS);
  await Promise.all(Array.from({ length: TERMINALS }, (_, no) => {
    const serial = `DEV${no}`;
    const punches = Array.from({ length: perTerminal }, (_, at) => {
      const iso = new Date(EPOCH + (from / TERMINALS + at) * 1_000).toISOString();
      return {
        serial,
        pin: String(1_000 + at % 400),
        wallTime: `${iso.slice(0, 10)} ${iso.slice(11, 19)}`,
        status: "0",
        verify: "1",
        workCode: "0",
        extra: "0\t0",
      };
    });
    return queue.add({ serial, channel: "push", punches, rejects: [] });
  }));
  queue.tend();
}

function takeAbove(queue: Queue, keep: number): Taken | null {
  return queue.stats().pending - keep >= 1_000 ? queue.take(1_000) : null;
}

function settle(queue: Queue, batch: Taken): void {
  const last = batch.sightings.at(-1);
  if (last === undefined) return;
  queue.settle({
    lane: batch.lane,
    head: { seq: last.seq, hash: last.hash },
    verdicts: batch.sightings.map(({ seq }) => ({ seq, verdict: "stored" as const })),
  });
}

/** Batches as they go out: made, serialised, posted to a sink that answers with a receipt, settled. */
async function measureDrain(directory: string): Promise<number> {
  const sink = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { sightings } = await request.json() as { sightings: { seq: number }[] };
      return Response.json({
        verdicts: sightings.map(({ seq }) => ({ seq, verdict: "stored" })),
      });
    },
  );
  const queue = openQueue(directory);
  const begun = performance.now();
  let drained = 0;
  while (performance.now() - begun < 10_000) {
    const batch = queue.take(1_000);
    const last = batch?.sightings.at(-1);
    if (batch === null || last === undefined) break;
    const answer = await fetch(`http://127.0.0.1:${sink.addr.port}/`, {
      method: "POST",
      body: JSON.stringify(batch),
    });
    const { verdicts } = await answer.json();
    queue.settle({ lane: batch.lane, head: { seq: last.seq, hash: last.hash }, verdicts });
    drained += batch.sightings.length;
  }
  const seconds = (performance.now() - begun) / 1_000;
  await queue.stop();
  await sink.shutdown();
  return Math.round(drained / seconds);
}
