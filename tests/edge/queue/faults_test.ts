/** Disks that fill up, files that rot, copies from the past, clocks that jump. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreRefused, StoreUnavailable } from "../../../edge_agent/base/store_fault.ts";
import type { QueueOptions } from "../../../edge_agent/queue/defaults.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import type { Taken } from "../../../edge_agent/queue/types.ts";
import { Dice } from "../../sim/dice.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { mountTest } from "../../sim/powers.ts";
import {
  memoryDirectory,
  punch,
  punchesOf,
  queueOptions,
  SERIAL,
  tempDirectory,
  upload,
  withQueue,
} from "../../sim/queue_kit.ts";

/** A file system of its own, small enough to fill. */
async function withSmallDisk(
  kilobytes: number,
  body: (
    directory: string,
    limits: Partial<QueueOptions>,
    free: () => void,
    fill: () => void,
  ) => Promise<void>,
): Promise<void> {
  const directory = tempDirectory();
  const mounted = new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", directory],
    stderr: "null",
  }).outputSync().success;
  const ballast = join(directory, "ballast");
  const fill = () => {
    const file = Deno.openSync(ballast, { create: true, append: true });
    try {
      for (;;) file.writeSync(new Uint8Array(1_024));
    } catch (fault) {
      assert.match(String(fault), /space/);
    } finally {
      file.close();
    }
  };
  try {
    assert.ok(mounted, "a tmpfs can be mounted");
    await body(directory, { minFreeBytes: 0 }, () => Deno.removeSync(ballast), fill);
  } finally {
    if (mounted) new Deno.Command("umount", { args: [directory] }).outputSync();
    Deno.removeSync(directory, { recursive: true });
  }
}

function isFull(fault: unknown): boolean {
  return fault instanceof StoreUnavailable && fault.reason === "full";
}

// Red when Keeper.probe is not called by stats, or the fault is remembered after a good write.
mountTest(
  "R09 a disk that fills up: no acknowledgement, reads go on, recovers by itself",
  async () => {
    await withSmallDisk(2_048, async (directory, limits, free, fill) => {
      const clock = new ManualClock();
      const queue = new Queue(queueOptions(directory, { clock, timers: false, ...limits }));
      queue.start();
      try {
        await queue.add(upload(punchesOf(0, 50)));
        fill();
        let acknowledged = 50;
        await assert.rejects(async () => {
          for (let round = 0; round < 100; round++) {
            const from = 50 + round * 100;
            acknowledged = from + (await queue.add(upload(punchesOf(from, 100)))).lines;
          }
        }, isFull);
        clock.advance(1_000);
        assert.equal(queue.stats().state, "full");
        assert.equal(queue.stats().pending, acknowledged);
        assert.equal(queue.take(10)?.sightings.length, 10);
        assert.equal(queue.punches({ limit: 10_000 }).length, acknowledged);
        free();
        clock.advance(1_000);
        assert.equal(queue.stats().state, "ok");
        const added = await queue.add(upload(punchesOf(0, acknowledged + 10)));
        assert.equal(added.fresh, 10);
        assert.equal(queue.laneHead().seq, acknowledged + 10);
      } finally {
        await queue.stop();
      }
    });
  },
);

// Red when Keeper.start throws for a full disk, or reads need the shared index beside the file.
mountTest("R10 the disk is full at start: starts, says so, reads, recovers", async () => {
  await withSmallDisk(2_048, async (directory, limits, free, fill) => {
    const clock = new ManualClock();
    const first = new Queue(queueOptions(directory, { clock, timers: false, ...limits }));
    first.start();
    await first.add(upload(punchesOf(0, 50)));
    await first.stop();
    fill();
    const queue = new Queue(queueOptions(directory, { clock, timers: false, ...limits }));
    queue.start();
    try {
      await assert.rejects(queue.add(upload([punch(99)])), isFull);
      assert.equal(queue.stats().state, "full");
      assert.equal(queue.stats().pending, 50);
      assert.equal(queue.take(100)?.sightings.length, 50);
      free();
      clock.advance(1_000);
      assert.equal((await queue.add(upload([punch(99)]))).firstSeq, 51);
      assert.equal(queue.stats().state, "ok");
    } finally {
      await queue.stop();
    }
  });
});

mountTest("R10 the disk is full before the very first start", async () => {
  await withSmallDisk(2_048, async (directory, limits, free, fill) => {
    const clock = new ManualClock();
    fill();
    const queue = new Queue(queueOptions(directory, { clock, timers: false, ...limits }));
    queue.start();
    try {
      await assert.rejects(queue.add(upload([punch(1)])), isFull);
      assert.equal(queue.stats().state, "full");
      free();
      clock.advance(1_000);
      assert.equal((await queue.add(upload([punch(1)]))).firstSeq, 1);
    } finally {
      await queue.stop();
    }
  });
});

// Red when requireRoom is not asked: the last megabytes belong to receipts, not to new punches.
Deno.test("R09 a reserve stays free for receipts when the file system runs low", async () => {
  await withQueue(async (queue) => {
    await assert.rejects(queue.add(upload([punch(1)])), isFull);
    assert.equal(queue.stats().state, "full");
    queue.setState("still", "writable");
    assert.equal(queue.getState("still"), "writable");
  }, { minFreeBytes: Number.MAX_SAFE_INTEGER });
});

// Red when cramped() is left out of purge: delivered rows fill the file for 45 days. Red when the limit is left
// to SQLite's own: punches then take the reserve that receipts need.
Deno.test("R09 a file at its limit makes room from what was delivered", async () => {
  await withQueue(async (queue, _directory, clock) => {
    let from = 0;
    await assert.rejects(async () => {
      for (;; from += 500) await queue.add(upload(punchesOf(from, 500)));
    }, (fault) => isFull(fault) && /has reached its limit: nothing more/.test(String(fault)));
    assert.ok(from >= 1_000, `only ${from} punches fitted`);
    assert.equal(queue.stats().state, "full");
    clock.advance(1_000);
    for (let batch = queue.take(1_000); batch !== null; batch = queue.take(1_000)) {
      settleAll(queue, batch);
    }
    for (let step = 0; step < 20; step++) {
      clock.advance(5_000);
      queue.tend();
    }
    assert.equal((await queue.add(upload(punchesOf(from, 500)))).fresh, 500);
    assert.equal(queue.stats().state, "ok");
  }, { maxBytes: 600_000, minFreeBytes: 0, timers: false });
});

function settleAll(queue: Queue, batch: Taken): void {
  const last = batch.sightings.at(-1);
  assert.ok(last);
  queue.settle({
    lane: batch.lane,
    head: { seq: last.seq, hash: last.hash },
    verdicts: batch.sightings.map(({ seq }) => ({ seq, verdict: "stored" as const })),
  });
}

// Red when hopeless() does not know the error: the agent would call it a full disk and go on.
mountTest("R11 a queue on a read-only mount is refused with a sentence that helps", () => {
  const directory = tempDirectory();
  const mount = (...args: string[]) => new Deno.Command("mount", { args }).outputSync().success;
  assert.ok(mount("-t", "tmpfs", "-o", "ro", "tmpfs", directory), "a tmpfs can be mounted");
  try {
    const queue = new Queue(queueOptions(directory));
    assert.throws(
      () => queue.start(),
      (fault) =>
        fault instanceof StoreRefused &&
        /cannot be written.*mount it for writing/s.test(fault.message),
    );
  } finally {
    new Deno.Command("umount", { args: [directory] }).outputSync();
    Deno.removeSync(directory);
  }
});

// Red when the lock file is not taken: two writers fork the chain.
Deno.test("two agents do not work on one directory", async () => {
  await withQueue((_queue, directory) => {
    assert.throws(() => new Queue(queueOptions(directory)).start(), /another agent works/);
  });
});

// Red when refuseOldSqlite compares versions as text (3.9.0 would pass).
Deno.test("R48 an SQLite that can lose commits is refused, and says why", () => {
  const directory = tempDirectory();
  try {
    for (const version of ["3.51.2", "3.9.0", "3.7.17"]) {
      const queue = new Queue(queueOptions(directory, { sqliteVersion: () => version }));
      assert.throws(
        () => queue.start(),
        (fault) => fault instanceof StoreRefused && fault.message.includes(version),
      );
    }
    for (const version of ["3.51.3", "3.53.2", "4.0.0"]) {
      const queue = new Queue(queueOptions(directory, { sqliteVersion: () => version }));
      queue.start();
      queue.stop();
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

const FILE = "queue.sqlite";

/** A stopped queue's directory with `count` undelivered punches; half a second of work at most. */
async function stoppedQueue(count: number, clean: boolean): Promise<string> {
  const live = tempDirectory();
  const queue = new Queue(queueOptions(live, { timers: false }));
  queue.start();
  for (let from = 0; from < count; from += 20) await queue.add(upload(punchesOf(from, 20)));
  if (clean) await queue.stop();
  const directory = copyOf(live);
  if (!clean) await queue.stop();
  Deno.removeSync(live, { recursive: true });
  return directory;
}

function copyOf(from: string): string {
  const directory = memoryDirectory();
  for (const entry of Deno.readDirSync(from)) {
    Deno.copyFileSync(join(from, entry.name), join(directory, entry.name));
  }
  return directory;
}

function flip(path: string, at: number, bit: number): void {
  const bytes = Deno.readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  Deno.writeFileSync(path, bytes);
}

// Red when Keeper.#hear is not called: the queue looks sound with a quarter of its rows gone.
Deno.test("R14 flipped bits in the log that nobody can mend cut off acknowledged rows: noticed, new lane, devices read again", async () => {
  const directory = await stoppedQueue(400, false);
  const clock = new ManualClock();
  const log = join(directory, `${FILE}-wal`);
  const middle = Math.floor(Deno.statSync(log).size / 2);
  flip(log, middle, 3);
  flip(log, middle + 5, 1);
  const queue = new Queue(queueOptions(directory, { clock, timers: false }));
  try {
    queue.start();
    const { damaged, pending } = queue.stats();
    assert.ok(pending < 400, "the flip cut nothing off");
    assert.deepEqual(damaged.map((note) => note.kind), ["lost_tail"]);
    assert.equal(queue.needsReread(SERIAL), true);
    assert.equal(queue.stamp(SERIAL, "ATTLOG"), null);
    assert.equal((await queue.add(upload(punchesOf(0, 400)))).fresh, 400 - pending);
    assert.equal(
      queue.punches({ limit: 1_000 }).filter((row) => row.state === "pending").length,
      400,
    );
    queue.rereadDone(SERIAL);
    assert.equal(queue.needsReread(SERIAL), false);
    assert.equal(queue.heal(damaged[0]?.id ?? 0), true);
    assert.deepEqual(queue.stats().damaged, []);
  } finally {
    await queue.stop();
    Deno.removeSync(directory, { recursive: true });
  }
});

// Red when the witness is not looked at for a file that is gone.
Deno.test("R15 a deleted queue file is a loss that is noticed, not a first start", async () => {
  const directory = await stoppedQueue(500, true);
  Deno.removeSync(join(directory, FILE));
  const queue = new Queue(queueOptions(directory, { timers: false }));
  try {
    queue.start();
    assert.deepEqual(queue.stats().damaged.map((note) => note.kind), ["missing_file"]);
    assert.equal(queue.needsReread(SERIAL), true);
    assert.equal((await queue.add(upload(punchesOf(0, 500)))).fresh, 500);
  } finally {
    await queue.stop();
    Deno.removeSync(directory, { recursive: true });
  }
});

// Red when noteLoss leaves commands open: a stale reboot would be handed out again.
Deno.test("R16 a copy that is days old: new lane, no stale command, nothing lost or doubled", async () => {
  await withQueue(async (queue, directory, clock) => {
    await queue.add(upload(punchesOf(0, 30)));
    queue.addCommand({ id: 5, serial: SERIAL, name: "reboot", text: "REBOOT" });
    await queue.stop();
    const copy = Deno.readFileSync(join(directory, FILE));
    queue.start();
    settleAll(queue, queue.take(100) as Taken);
    queue.settleCommand(5, { state: "done", return: 0, message: "" });
    await queue.add(upload(punchesOf(30, 10)));
    const before = queue.laneHead();
    await queue.stop();
    Deno.writeFileSync(join(directory, FILE), copy);
    const restored = new Queue(queueOptions(directory, { clock, timers: false }));
    restored.start();
    try {
      assert.deepEqual(restored.stats().damaged.map((note) => note.kind), ["lost_tail"]);
      assert.notEqual(restored.laneHead().lane, before.lane);
      assert.deepEqual(restored.openCommands(SERIAL), []);
      assert.equal((await restored.add(upload(punchesOf(0, 40)))).fresh, 10);
      const batch = restored.take(100) as Taken;
      assert.deepEqual(
        batch.sightings.map((s) => s.seq),
        Array.from({ length: 40 }, (_, at) => at + 1),
      );
    } finally {
      await restored.stop();
    }
  });
});

// Red when leaveLane does not number the waiting rows again.
Deno.test("R16 Odoo's head is ahead of a copy without its witness: leaving the lane", async () => {
  await withQueue(async (queue) => {
    await queue.add(upload(punchesOf(0, 5)));
    const { lane } = queue.laneHead();
    assert.equal(queue.compareHead({ seq: 900, hash: "ab".repeat(32) }), "ahead");
    assert.equal(queue.leaveLane("older_copy", "Odoo has 900"), 5);
    assert.notEqual(queue.laneHead().lane, lane);
    assert.equal(queue.laneHead().seq, 5);
    assert.deepEqual(queue.take(10)?.sightings.map((s) => s.seq), [1, 2, 3, 4, 5]);
    assert.equal(queue.stats().pending, 5);
  });
});

// Red when settle parks a taken number instead of leaving the lane; or leaves it every time.
Deno.test("a number taken by another leaf: the queue goes on in a new lane, once an hour at most", async () => {
  await withQueue(async (queue, _directory, clock) => {
    await queue.add(upload(punchesOf(0, 3)));
    const conflict = (batch: Taken) =>
      queue.settle({
        lane: batch.lane,
        head: { seq: 0, hash: "00".repeat(32) },
        verdicts: batch.sightings.map(({ seq }) => ({
          seq,
          verdict: "rejected" as const,
          reason: "seq_conflict",
        })),
      });
    const first = queue.take(10) as Taken;
    assert.equal(conflict(first).forked, true);
    const second = queue.take(10) as Taken;
    assert.notEqual(second.lane, first.lane);
    assert.equal(second.sightings.length, 3);
    assert.equal(conflict(second).forked, false);
    assert.equal(queue.stats().parked, 3);
    clock.advance(3_700_000);
    assert.equal(queue.unpark({}), 3);
    assert.equal(conflict(queue.take(10) as Taken).forked, true);
  });
});

/** Where the bits rot: offsets into the file or its log, content and structure alike. */
const ROT: readonly {
  readonly name: string;
  readonly harm: (directory: string, random: Dice) => void;
}[] = [
  ...["header", "schema", "page", "late page", "free"].map((name, part) => ({
    name: `flip in ${name}`,
    harm: (directory: string, random: Dice) => {
      const path = join(directory, FILE);
      const { size } = Deno.statSync(path);
      const [from, to] = [[0, 100], [100, 4_096], [4_096, size], [size * 0.7, size], [
        size * 0.3,
        size * 0.5,
      ]][part] as [number, number];
      flip(path, Math.floor(from + random.next() * (to - from)), random.below(8));
    },
  })),
  ...[512, 4_096, 16_384].map((length) => ({
    name: `${length} zero bytes`,
    harm: (directory: string, random: Dice) => overwrite(directory, random, length, () => 0),
  })),
  ...[512, 4_096].map((length) => ({
    name: `${length} random bytes`,
    harm: (directory: string, random: Dice) =>
      overwrite(directory, random, length, () => random.below(256)),
  })),
  ...[0, 1, 4_096, 20_000].map((left) => ({
    name: `cut to ${left} bytes`,
    harm: (directory: string) => Deno.truncateSync(join(directory, FILE), left),
  })),
  {
    name: "cut by a page",
    harm: (directory) =>
      Deno.truncateSync(join(directory, FILE), Deno.statSync(join(directory, FILE)).size - 4_096),
  },
  {
    name: "two pages exchanged",
    harm: (directory) => {
      const path = join(directory, FILE);
      const bytes = Deno.readFileSync(path);
      const third = bytes.slice(8_192, 12_288);
      bytes.copyWithin(8_192, 20_480, 24_576);
      bytes.set(third, 20_480);
      Deno.writeFileSync(path, bytes);
    },
  },
  {
    name: "a text file in its place",
    harm: (directory) =>
      Deno.writeTextFileSync(join(directory, FILE), "not a database\n".repeat(400)),
  },
];

function overwrite(directory: string, random: Dice, length: number, byte: () => number): void {
  const path = join(directory, FILE);
  const bytes = Deno.readFileSync(path);
  const at = random.below(bytes.length - length);
  for (let done = 0; done < length; done++) bytes[at + done] = byte();
  Deno.writeFileSync(path, bytes);
}

// Red when sightingOf does not compare the hash, or Keeper does not set the file aside.
Deno.test("R13 bit rot of 17 kinds: nothing false is sent, capture goes on, damage is said or harmless", async () => {
  assert.equal(ROT.length, 17);
  const random = new Dice(13);
  const sound = await stoppedQueue(400, true);
  for (const { name, harm } of ROT) {
    for (let round = 0; round < 3; round++) {
      const directory = copyOf(sound);
      harm(directory, random);
      await surviveRot(directory, `${name}, round ${round}`);
      Deno.removeSync(directory, { recursive: true });
    }
  }
  Deno.removeSync(sound, { recursive: true });
});

async function surviveRot(directory: string, what: string): Promise<void> {
  const clock = new ManualClock();
  const queue = new Queue(queueOptions(directory, { clock, timers: false }));
  try {
    queue.start();
    const truth = new Map(punchesOf(0, 400).map((made) => [JSON.stringify(made), made]));
    const sent = new Set<string>();
    for (let turn = 0; turn < 20; turn++) {
      const batch = takeOrRecover(queue);
      if (batch === "damaged") continue;
      if (batch === null) break;
      for (const sighting of batch.sightings) {
        assert.equal(sighting.kind, "punch", what);
        if (sighting.kind !== "punch") continue;
        const { serial, pin, wallTime, status, verify, workCode, extra } = sighting;
        const text = JSON.stringify({ serial, pin, wallTime, status, verify, workCode, extra });
        assert.ok(truth.has(text), `${what}: sent what no terminal said`);
        sent.add(text);
      }
      settleAll(queue, batch);
    }
    clock.advance(1_000);
    const noticed = queue.stats().damaged.length > 0;
    assert.ok(sent.size === 400 || noticed, `${what}: ${400 - sent.size} lost in silence`);
    const added = await queue.add(upload([...punchesOf(0, 400), punch(5_000)]));
    assert.ok(added.fresh >= 401 - sent.size, `${what}: a reread did not bring back what was lost`);
    if (noticed) assert.equal(queue.needsReread(SERIAL), true, what);
  } finally {
    await queue.stop();
  }
}

function takeOrRecover(queue: Queue): Taken | null | "damaged" {
  try {
    return queue.take(200);
  } catch (fault) {
    assert.ok(fault instanceof StoreUnavailable, String(fault));
    return "damaged";
  }
}

// Red when live or retry times are taken from now() instead of monotonic().
Deno.test("R17 R18 clocks that jump: numbers go on, wall times untouched, trust is written down", async () => {
  await withQueue(async (queue, _directory, clock) => {
    clock.set(Date.UTC(2020, 0, 1));
    clock.believed = false;
    await queue.add(upload(punchesOf(0, 2)));
    clock.set(Date.UTC(2026, 2, 2));
    clock.believed = true;
    await queue.add(upload(punchesOf(2, 2)));
    clock.jump(-86_400_000);
    await queue.add(upload(punchesOf(4, 2)));
    clock.jump(3_600_000);
    const sightings = queue.take(100)?.sightings ?? [];
    assert.deepEqual(sightings.map((s) => s.seq), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(
      sightings.map((
        s,
      ) => (s.kind === "punch" ? [s.clock, s.wallTime, s.receivedAt.slice(0, 10)] : [])),
      [0, 1, 2, 3, 4, 5].map((n) => [
        n < 2 ? "unsure" : "ok",
        punch(n).wallTime,
        n < 2 ? "2020-01-01" : n < 4 ? "2026-03-02" : "2026-03-01",
      ]),
    );
  }, { timers: false });
});

// Red when purge goes by received_at (the rows of 2020 would go at once) or forgets the anchors.
Deno.test("delivered sightings are kept for the retention, counted from their delivery, then purged", async () => {
  await withQueue(async (queue, _directory, clock) => {
    clock.set(Date.UTC(2020, 0, 1));
    clock.believed = false;
    await queue.add(upload(punchesOf(0, 10)));
    clock.set(Date.UTC(2026, 2, 2));
    clock.believed = true;
    settleAll(queue, queue.take(4) as Taken);
    const step = (days: number) => {
      clock.advance(days * 86_400_000);
      return queue.purge();
    };
    assert.equal(step(0), 0);
    assert.equal(step(44), 0);
    settleAll(queue, queue.take(2) as Taken);
    assert.equal(step(1), 4);
    assert.equal(queue.punches().length, 6);
    assert.equal(queue.take(100)?.sightings.length, 4);
    assert.equal(queue.compareHead({ seq: 2, hash: "ab".repeat(32) }), "behind");
    assert.equal(queue.rewind({ seq: 2, hash: "ab".repeat(32) }), 2);
    assert.deepEqual(queue.take(100)?.sightings.map((s) => s.seq), [5, 6, 7, 8, 9, 10]);
    settleAll(queue, queue.take(100) as Taken);
    assert.equal(step(1), 0);
    assert.equal(step(45), 5);
    assert.equal(queue.laneHead().seq, 10);
    assert.equal((await queue.add(upload(punchesOf(0, 10)))).fresh, 0);
    assert.equal(queue.stats().delivered, 1);
    for (let day = 0; day < 330; day += 30) step(30);
    assert.equal((await queue.add(upload(punchesOf(0, 10)))).fresh, 10);
  }, { timers: false, minFreeBytes: 0 });
});

// Red when scrub does not mark the row: every pass would note the same damage again.
Deno.test("R13 a delivered row that rotted is found by the scrub, noted once and never sent again", async () => {
  await withQueue(async (queue, directory, clock) => {
    await queue.add(upload(punchesOf(0, 50)));
    settleAll(queue, queue.take(100) as Taken);
    await queue.stop();
    const db = new DatabaseSync(join(directory, FILE));
    db.exec("UPDATE sighting SET pin = '666' WHERE id = 7");
    db.close();
    queue.start();
    for (let turn = 0; turn < 3; turn++) {
      clock.advance(5_000);
      queue.tend();
    }
    const notes = queue.stats().damaged;
    assert.deepEqual(notes.map((note) => note.kind), ["damaged_row"]);
    assert.equal(queue.needsReread(SERIAL), false);
    assert.equal(queue.heal(notes[0]?.id ?? 0), true);
    for (let turn = 0; turn < 3; turn++) {
      clock.advance(5_000);
      queue.tend();
    }
    assert.deepEqual(
      queue.stats().damaged,
      [],
      "what a person has taken note of is not noted again",
    );
    queue.rewind({ seq: 0, hash: "" });
    assert.equal(
      queue.take(100)?.sightings.some((s) => s.kind === "punch" && s.pin === "666"),
      false,
    );
  }, { timers: false });
});

// Red when purging takes what is parked along with what was delivered around it.
Deno.test("what is parked is kept, however long ago its place in the lane was delivered", async () => {
  await withQueue(async (queue, _directory, clock) => {
    await queue.add(upload(punchesOf(0, 5)));
    const { lane } = queue.take(5) as Taken;
    const verdicts = [{ seq: 2, verdict: "rejected" as const, reason: "bad_field" }];
    queue.settle({ lane, head: null, verdicts });
    settleAll(queue, queue.take(5) as Taken);
    assert.equal(queue.take(5), null, "nothing waits any more");
    queue.purge();
    clock.advance(60 * 86_400_000);
    queue.purge();
    assert.deepEqual(
      queue.punches().map((row) => row.seq).sort(),
      [2, 5],
      "the end of the chain too",
    );
    assert.equal(queue.unpark({ seqs: [2] }), 1);
    assert.deepEqual(queue.take(5)?.sightings.map((s) => [s.seq, s.kind]), [[2, "punch"]]);
  }, { timers: false, minFreeBytes: 0 });
});

// Red when migrate refuses a file of the next version, or does not reach the current one.
Deno.test("a file of the next schema version is used, one further ahead refused", async () => {
  await withQueue(async (queue, directory) => {
    await queue.add(upload(punchesOf(0, 3)));
    await queue.stop();
    const set = (version: number) => {
      const db = new DatabaseSync(join(directory, FILE));
      db.exec(`PRAGMA user_version = ${version}`);
      db.close();
    };
    const db = new DatabaseSync(join(directory, FILE));
    const current = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
    db.exec(
      "ALTER TABLE sighting ADD COLUMN later TEXT; CREATE TABLE later (x) STRICT".replace(
        "x)",
        "x TEXT)",
      ),
    );
    db.close();
    set(current + 1);
    queue.start();
    assert.equal((await queue.add(upload(punchesOf(0, 5)))).fresh, 2);
    assert.equal(queue.take(10)?.sightings.length, 5);
    await queue.stop();
    set(current + 2);
    assert.throws(() => queue.start(), StoreRefused);
    set(current);
  });
});
