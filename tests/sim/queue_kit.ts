/** What the queue's tests share: a directory of their own, uploads. */
import { randomBytes } from "node:crypto";
import type { Punch } from "../../edge_agent/base/punch.ts";
import type { QueueOptions } from "../../edge_agent/queue/defaults.ts";
import { Queue } from "../../edge_agent/queue/queue.ts";
import type { Upload } from "../../edge_agent/queue/types.ts";
import { ManualClock } from "./manual_clock.ts";

export const SERIAL = "CKJF201960996";

/**
 * A directory in memory where there is one: for tests that start hundreds of queues and prove
 * nothing about the disk.
 */
export function memoryDirectory(): string {
  try {
    return Deno.makeTempDirSync({ prefix: "queue-test-", dir: "/dev/shm" });
  } catch {
    return tempDirectory();
  }
}

export function tempDirectory(): string {
  return Deno.makeTempDirSync({ prefix: "queue-test-" });
}

export function queueOptions(directory: string, more: Partial<QueueOptions> = {}): QueueOptions {
  return { directory, clock: new ManualClock(), randomBytes: (n) => randomBytes(n), ...more };
}

/** Opens a queue in a fresh directory, hands it over, and removes both. */
export async function withQueue(
  body: (queue: Queue, directory: string, clock: ManualClock) => Promise<void> | void,
  more: Partial<QueueOptions> = {},
): Promise<void> {
  const directory = tempDirectory();
  const clock = new ManualClock();
  const queue = new Queue(queueOptions(directory, { clock, ...more }));
  try {
    queue.start();
    await body(queue, directory, clock);
  } finally {
    await queue.stop();
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Punch number `n` of a terminal: every number another second. */
export function punch(n: number, more: Partial<Punch> = {}): Punch {
  const wallTime = new Date(Date.UTC(2026, 2, 2) + n * 1_000).toISOString();
  return {
    serial: SERIAL,
    pin: String(1_000 + (n % 40)),
    wallTime: `${wallTime.slice(0, 10)} ${wallTime.slice(11, 19)}`,
    status: "0",
    verify: "1",
    workCode: "0",
    extra: "",
    ...more,
  };
}

export function punchesOf(from: number, count: number, more: Partial<Punch> = {}): Punch[] {
  return Array.from({ length: count }, (_, at) => punch(from + at, more));
}

export function upload(punches: Punch[], more: Partial<Upload> = {}): Upload {
  return {
    serial: punches[0]?.serial ?? SERIAL,
    channel: "push",
    punches,
    rejects: [],
    ...more,
  };
}
