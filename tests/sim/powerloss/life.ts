/**
 * One short life of a queue that is the same at every run: no timer, a clock moved by hand, salts from
 * a seed, so that the n-th fsync is always the same one. Lived once for each position from FIRST to LAST, in
 * a directory of that name, with the shim told to fail the fsync at that position and COUNT in all.
 * Arguments: directory, the shim's rule file, first, last, count, and `dies` when the process ends
 * like one that is killed as soon as a statement fails.
 */
import { join } from "node:path";
import { punchKey } from "../../../edge_agent/base/punch.ts";
import { StoreUnavailable } from "../../../edge_agent/base/store_fault.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { openForWriting, type OpenOptions } from "../../../edge_agent/queue/schema.ts";
import { Dice } from "../dice.ts";
import { ManualClock } from "../manual_clock.ts";
import { punchesOf, upload } from "../queue_kit.ts";

/** More than the keeper waits between two attempts. */
const PAUSE_MS = 250;
const ATTEMPTS = 12;
/** Enough for pages of the file's trees to split. */
const LINES = 45;

function openToDie(path: string, options: OpenOptions) {
  const db = openForWriting(path, options);
  const exec = db.exec.bind(db);
  db.exec = (sql: string) => {
    try {
      return exec(sql);
    } catch {
      Deno.kill(Deno.pid, "SIGKILL");
    }
  };
  return db;
}

async function live(directory: string, dies: boolean): Promise<void> {
  const acks = Deno.openSync(join(directory, "acks"), { create: true, append: true });
  const random = new Dice(1);
  const clock = new ManualClock();
  const queue = new Queue({
    directory,
    clock,
    randomBytes: (length) => random.bytes(length),
    defer: queueMicrotask,
    timers: false,
    minFreeBytes: 0,
    openDatabase: dies ? openToDie : openForWriting,
  });

  /** Until the disk takes it, as terminals and receivers do. */
  async function insist(step: () => unknown): Promise<void> {
    for (let attempt = 1;; attempt++) {
      try {
        await step();
        return;
      } catch (fault) {
        if (!(fault instanceof StoreUnavailable) || attempt === ATTEMPTS) throw fault;
        // Somebody looks while the disk fails: a second connection is opened and closed.
        queue.stats();
        clock.advance(PAUSE_MS);
      }
    }
  }

  async function add(serial: string, from: number): Promise<void> {
    const punches = punchesOf(from, LINES, { serial });
    await insist(() => queue.add(upload(punches)));
    acks.writeSync(new TextEncoder().encode(punches.map((p) => punchKey(p) + "\n").join("")));
  }

  function settle(): void {
    const batch = queue.take(LINES);
    const last = batch?.sightings.at(-1);
    if (!batch || !last) return;
    const verdicts = batch.sightings.map(({ seq }) => ({ seq, verdict: "stored" as const }));
    queue.settle({ lane: batch.lane, head: { seq: last.seq, hash: last.hash }, verdicts });
  }

  /** Often enough for a log that has come to rest to be moved into the file. */
  function rest(): void {
    for (let turn = 0; turn < 4; turn++) {
      clock.advance(PAUSE_MS);
      queue.tend();
    }
  }

  queue.start();
  for (let round = 0; round < 3; round++) {
    await add("DEV1", round * LINES);
    await add("DEV2", round * LINES);
    if (round > 0) await insist(settle);
    rest();
  }
  await queue.stop();
  queue.start();
  await add("DEV1", 3 * LINES);
  await add("DEV2", 3 * LINES);
  await queue.stop();
  acks.close();
}

const [base, rules, first, last, count, dies] = Deno.args as [
  string,
  string,
  string,
  string,
  string,
  string?,
];
for (let position = Number(first); position <= Number(last); position++) {
  const directory = join(base, String(position));
  Deno.mkdirSync(directory, { recursive: true });
  // The shim reads its rules again when their size has changed.
  const turn = "\n".repeat(2 + position % 2);
  Deno.writeTextFileSync(rules, `nth ${String(position).padStart(6)} ${count}${turn}`);
  await live(directory, dies === "dies");
}
