/**
 * The process whose writes are recorded: five terminals add punches, a receiver takes and settles,
 * every acknowledged key is written to `acks` after `add` resolved. Arguments: directory, seed,
 * punches, milliseconds a failing upload is repeated after.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { punchKey } from "../../../edge_agent/base/punch.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { Dice } from "../dice.ts";
import { punchesOf, upload } from "../queue_kit.ts";

/** One open in ten fails where descriptors are scarce. */
const MOST_TRIES = 100;
const [directory, seed, total, retryMs] = Deno.args as [string, string, string, string];
const random = new Dice(Number(seed));
const acks = openAcks();
const queue = new Queue({
  directory,
  clock: { now: () => Date.now(), monotonic: () => performance.now(), trusted: () => true },
  randomBytes: (length) => randomBytes(length),
  minFreeBytes: 0,
});

/** The record is this program's own: that a bad disk refuses it at first says nothing of the queue. */
function openAcks(): Deno.FsFile {
  for (let tries = 1;; tries++) {
    try {
      return Deno.openSync(join(directory, "acks"), { create: true, append: true });
    } catch (fault) {
      if (tries === MOST_TRIES) throw fault;
    }
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function terminal(serial: string, count: number): Promise<void> {
  for (let sent = 0; sent < count;) {
    const size = 1 + random.below(6);
    const punches = punchesOf(sent, size, { serial });
    try {
      await queue.add(upload(punches, { stamp: { table: "ATTLOG", value: String(sent) } }));
      acks.writeSync(new TextEncoder().encode(punches.map((p) => punchKey(p) + "\n").join("")));
      sent += size;
    } catch {
      await pause(Number(retryMs));
    }
    if (random.below(10) === 0) await pause(1);
  }
}

let done = false;

async function receiver(): Promise<void> {
  while (!done) {
    await pause(3);
    try {
      const batch = queue.take(50);
      if (batch === null) continue;
      const verdicts = batch.sightings.map(({ seq }) => ({ seq, verdict: "stored" as const }));
      const last = batch.sightings.at(-1);
      if (last !== undefined) {
        queue.settle({ lane: batch.lane, head: { seq: last.seq, hash: last.hash }, verdicts });
      }
      if (random.below(8) === 0) queue.tend();
    } catch {
      await pause(Number(retryMs));
    }
  }
}

queue.start();
const receiving = receiver();
const each = Math.ceil(Number(total) / 5);
await Promise.all([1, 2, 3, 4, 5].map((no) => terminal(`DEV${no}`, each)));
done = true;
await receiving;
console.log(JSON.stringify({ state: queue.stats().state }));
await queue.stop();
