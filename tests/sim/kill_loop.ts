/**
 * Kills the process that fills a queue, again and again, at random moments (a fifth of them while it
 * starts, half after having been stopped for a while), and holds what it had acknowledged against
 * what the queue still has, and what the queue takes for delivered against what was.
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Queue } from "../../edge_agent/queue/queue.ts";
import { Dice } from "./dice.ts";
import { memoryDirectory, queueOptions } from "./queue_kit.ts";
import { until } from "./until.ts";

const WORKER = join(dirname(fileURLToPath(import.meta.url)), "kill_worker.ts");
/** In which a worker is still starting, until one was seen to acknowledge its first punch. */
const START_MS = 400;
/** After its first punch. */
const RUN_MS = 700;
const FREEZE_MS = 300;

export interface KillResult {
  readonly kills: number;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly slowestStartMs: number;
}

/** After so many a new queue begins: each check reads all that was ever acknowledged in it. */
const KILLS_A_QUEUE = 25;

export async function killLoop(kills: number, seed: number): Promise<KillResult> {
  const random = new Dice(seed);
  const sum = { kills, acknowledged: 0, delivered: 0, slowestStartMs: 0 };
  for (let done = 0; done < kills; done += KILLS_A_QUEUE) {
    const some = Math.min(KILLS_A_QUEUE, kills - done);
    const found = await killOneQueue(some, random, `seed ${seed}, after ${done} kills`);
    sum.acknowledged += found.acknowledged;
    sum.delivered += found.delivered;
    sum.slowestStartMs = Math.max(sum.slowestStartMs, found.slowestStartMs);
  }
  return sum;
}

async function killOneQueue(kills: number, random: Dice, what: string): Promise<KillResult> {
  const directory = memoryDirectory();
  try {
    let slowestStartMs = 0;
    let startingMs = START_MS;
    for (let kill = 0; kill < kills; kill++) {
      startingMs = await killOnce(directory, random, { generation: kill, startingMs });
      slowestStartMs = Math.max(slowestStartMs, await check(directory, `${what}, kill ${kill}`));
    }
    const acknowledged = linesOf(join(directory, "acks")).length;
    const delivered = new Set(linesOf(join(directory, "odoo"))).size;
    return { kills, acknowledged, delivered, slowestStartMs };
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Ms until a worker's first punch, as far as is known now: on a busy machine some times of an idle one's. */
async function killOnce(
  directory: string,
  random: Dice,
  { generation, startingMs }: { generation: number; startingMs: number },
): Promise<number> {
  const acks = join(directory, "acks");
  const before = sizeOf(acks);
  const from = performance.now();
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", WORKER, directory, String(generation)],
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  let tookMs = startingMs;
  if (random.chance(0.2)) {
    await pause(random.below(Math.round(startingMs)));
  } else {
    await until(() => sizeOf(acks) > before, "a worker acknowledges its first punch");
    tookMs = performance.now() - from;
    await pause(random.below(RUN_MS));
  }
  if (random.chance(0.5)) {
    process.kill("SIGSTOP");
    await pause(random.below(FREEZE_MS));
  }
  process.kill("SIGKILL");
  await process.status;
  return tookMs;
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (fault) {
    if (fault instanceof Deno.errors.NotFound) return 0;
    throw fault;
  }
}

/** Ms that the next start took. */
async function check(directory: string, what: string): Promise<number> {
  const queue = new Queue(queueOptions(directory, { timers: false, minFreeBytes: 0 }));
  const before = performance.now();
  queue.start();
  const startMs = performance.now() - before;
  try {
    assert.deepEqual(queue.stats().damaged, [], what);
    const rows = queue.punches({ limit: 10_000_000 });
    const held = new Set(rows.map((row) => row.key));
    assert.equal(held.size, rows.length, `${what}: a punch has two sightings on one channel`);
    assert.deepEqual(
      linesOf(join(directory, "acks")).filter((key) => !held.has(key)),
      [],
      `${what}: acknowledged and lost`,
    );
    rows.forEach((row, at) => assert.equal(row.seq, at + 1, `${what}: a hole in the numbers`));
    const delivered = new Set(linesOf(join(directory, "odoo")));
    assert.deepEqual(
      rows.filter(({ key, state }) => state !== "pending" && !delivered.has(key)),
      [],
      `${what}: settled and never delivered`,
    );
  } finally {
    await queue.stop();
  }
  return startMs;
}

const KEY_LENGTH = 64;

/** Whole keys only: the kill may have cut off the last one, which the next worker's first then stands behind. */
function linesOf(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").slice(0, -1)
      .filter((line) => line.length >= KEY_LENGTH).map((line) => line.slice(-KEY_LENGTH));
  } catch (fault) {
    if (fault instanceof Deno.errors.NotFound) return [];
    throw fault;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
