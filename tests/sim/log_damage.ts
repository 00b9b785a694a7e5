/**
 * A killed queue's log with punches that nobody has yet, beside a file that is gone or with a flipped bit of its
 * own: harmed again and again from one seed. What is acknowledged must wait again, or be counted as lost.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Queue } from "../../edge_agent/queue/queue.ts";
import type { Taken } from "../../edge_agent/queue/types.ts";
import { Dice } from "./dice.ts";
import { ManualClock } from "./manual_clock.ts";
import { memoryDirectory, punch, punchesOf, queueOptions, SERIAL, upload } from "./queue_kit.ts";

const FILE = "queue.sqlite";
export const COUNT = 602;

/** A queue that was killed with `COUNT` punches in its log; `before` of them delivered and in the file. */
export async function killed(before: number): Promise<string> {
  const live = memoryDirectory();
  const queue = new Queue(queueOptions(live, { timers: false }));
  queue.start();
  for (let from = 0; from < before; from += 500) await queue.add(upload(punchesOf(from, 500)));
  for (let batch = queue.take(1_000); batch !== null; batch = queue.take(1_000)) {
    settle(queue, batch);
  }
  if (before > 0) {
    await queue.stop();
    queue.start();
  }
  for (let from = 0; from < COUNT; from += 43) {
    await queue.add(upload(punchesOf(before + from, 43)));
  }
  const directory = copyOf(live);
  await queue.stop();
  Deno.removeSync(live, { recursive: true });
  return directory;
}

function settle(queue: Queue, batch: Taken): void {
  const last = batch.sightings.at(-1);
  assert.ok(last);
  queue.settle({
    lane: batch.lane,
    head: { seq: last.seq, hash: last.hash },
    verdicts: batch.sightings.map(({ seq }) => ({ seq, verdict: "stored" as const })),
  });
}

export function copyOf(from: string): string {
  const directory = memoryDirectory();
  for (const entry of Deno.readDirSync(from)) {
    if (entry.name.endsWith("-shm")) continue;
    Deno.copyFileSync(join(from, entry.name), join(directory, entry.name));
  }
  return directory;
}

function flip(path: string, at: number, bit: number): void {
  const bytes = Deno.readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  Deno.writeFileSync(path, bytes);
}

type Harm = (directory: string, dice: Dice) => void;
const main = (directory: string) => join(directory, FILE);
const wal = (directory: string) => join(directory, `${FILE}-wal`);
const FRAME = 4_096 + 24;
/** A flip somewhere in a field of the log's header, or of a frame in the middle. */
const inHeader = (at: number): Harm => (directory, dice) =>
  flip(wal(directory), at + dice.below(4), dice.below(8));
const inFrame = (at: number, length: number): Harm => (directory, dice) => {
  const frames = Math.floor((Deno.statSync(wal(directory)).size - 32) / FRAME);
  const frame = Math.floor(frames / 4) + dice.below(Math.floor(frames / 2));
  flip(wal(directory), 32 + frame * FRAME + at + dice.below(length), dice.below(8));
};

export const CASES: Record<string, Harm> = {
  "the file is gone": (directory) => Deno.removeSync(main(directory)),
  "the file is empty": (directory) => Deno.truncateSync(main(directory), 0),
  "the file is one byte": (directory) => Deno.truncateSync(main(directory), 1),
  "the file is all zeros": (directory) =>
    Deno.writeFileSync(main(directory), new Uint8Array(Deno.statSync(main(directory)).size)),
  "a text file in its place": (directory) =>
    Deno.writeTextFileSync(main(directory), "not a database\n".repeat(400)),
  "the log's magic": inHeader(0),
  "the log's format": inHeader(4),
  "the log's page size": inHeader(8),
  "the log's count of checkpoints": inHeader(12),
  "the log's first salt": inHeader(16),
  "the log's second salt": inHeader(20),
  "the log's first checksum": inHeader(24),
  "the log's second checksum": inHeader(28),
  "a frame's page number": inFrame(0, 4),
  "a frame's size": inFrame(4, 4),
  "a frame's salt": inFrame(8, 8),
  "a frame's checksum": inFrame(16, 8),
  "a frame's page": inFrame(24, 4_096),
};

/** Of the highest bits of a word SQLite's sum does not tell one from another: a row may be lost by it. */
const AMBIGUOUS = /^a frame's (page|page number|size)$/;

/** What one page can hold at most. */
const ROWS_OF_A_PAGE = 48;

/** What a page that leads to others begins with: of an index, of a table. */
const INNER_PAGES = [0x02, 0x05];

/**
 * How many punches the bit may cost by which a harmed log differs from the sound one: nothing where the log can be
 * mended; the page that it is in where the sum does not tell; any number, counted, where that page leads to others.
 */
export function mostLost(name: string, harmed: string, sound: string): number {
  if (!AMBIGUOUS.test(name)) return 0;
  const [now, was] = [harmed, sound].map((directory) => Deno.readFileSync(wal(directory)));
  const at = was?.findIndex((byte, place) => byte !== now?.[place]) ?? 0;
  const frame = was?.subarray(32 + Math.floor((at - 32) / FRAME) * FRAME) ?? new Uint8Array();
  const page = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
  const leads = page === 1 || INNER_PAGES.includes(frame[24] ?? 0);
  return leads || name === "a frame's page number" ? COUNT : ROWS_OF_A_PAGE;
}

const nameOf = ({ pin, wallTime }: { pin: string; wallTime: string }) => `${pin} ${wallTime}`;

/** How many are lost; null where the queue says that some are and that nobody can say how many. */
export async function nothingLost(
  directory: string,
  before: number,
  most: number,
): Promise<number | null> {
  const clock = new ManualClock();
  const queue = new Queue(queueOptions(directory, { clock, timers: false }));
  try {
    queue.start();
    const { damaged, pending } = queue.stats();
    assert.ok(damaged.length > 0, "somebody is told that the card rots");
    assert.ok(damaged.some(({ aside }) => aside !== ""), JSON.stringify(damaged));
    const expected = new Set(punchesOf(before, COUNT).map(nameOf));
    const waiting = new Set(
      queue.punches({ limit: 10_000 }).filter(({ state }) => state === "pending").map(nameOf),
    );
    assert.deepEqual([...waiting].filter((name) => !expected.has(name)), [], "nobody's punch");
    const losses = queue.losses();
    const isCounted = losses.every(({ lost }) => lost !== null);
    assert.ok(isCounted || most > 0, JSON.stringify(losses));
    if (!isCounted) {
      // A loss of a damaged file has all that the terminals hold asked for again.
      assert.deepEqual(losses.map(({ from, lastSeq }) => [from, lastSeq]), [[
        null,
        before + COUNT,
      ]]);
      assert.ok(queue.needsReread(SERIAL), "the terminal is read again");
      assert.equal((await queue.add(upload([punch(90_000)]))).fresh, 1, "capture goes on");
      return null;
    }
    const lost = losses.reduce((sum, loss) => sum + (loss.lost ?? 0), 0);
    assert.equal(pending + lost, COUNT, JSON.stringify(losses));
    assert.ok(lost <= most, `${lost} lost by one bit`);
    assert.equal(expected.size - waiting.size, lost, "every loss is counted");
    assert.equal((await queue.add(upload([punch(90_000)]))).fresh, 1, "capture goes on");
    return lost;
  } finally {
    await queue.stop();
  }
}

/** `rounds` of every case, with and without delivered rows of before. Throws at the first broken promise. */
export async function damageLogs(
  rounds: number,
  seed: number,
): Promise<{ harmed: number; lost: number; uncounted: number }> {
  const dice = new Dice(seed);
  const sum = { harmed: 0, lost: 0, uncounted: 0 };
  for (const before of [0, 3_000]) {
    const sound = await killed(before);
    for (const [name, harm] of Object.entries(CASES)) {
      for (let round = 0; round < rounds; round++) {
        const directory = copyOf(sound);
        harm(directory, dice);
        const lost = await nothingLost(directory, before, mostLost(name, directory, sound));
        sum.lost += lost ?? 0;
        sum.uncounted += lost === null ? 1 : 0;
        sum.harmed++;
        Deno.removeSync(directory, { recursive: true });
      }
    }
    Deno.removeSync(sound, { recursive: true });
  }
  return sum;
}
