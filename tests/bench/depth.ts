/**
 * The queue when it is deep: memory and start-up with many rows, bytes a punch takes, how fast it
 * drains into a sink beside it.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { SystemClock } from "../../edge_agent/clock.ts";
import { type Batch, Queue } from "../../edge_agent/queue.ts";
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

function takeAbove(queue: Queue, keep: number): Batch | null {
  return queue.stats().pending - keep >= 1_000 ? queue.take(1_000) : null;
}

function settle(queue: Queue, batch: Batch): void {
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
