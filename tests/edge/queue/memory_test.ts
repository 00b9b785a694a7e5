/** The key memory: what was seen stays known, whatever of it is in memory. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { KeyMemory } from "../../../edge_agent/queue/memory.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import type { Cell, Row, Sql } from "../../../edge_agent/queue/sql.ts";
import { punchesOf, queueOptions, upload, withQueue } from "../../sim/queue_kit.ts";

/** The table `known`, and how often a bucket was read. */
class Known implements Sql {
  readonly bodies = new Map<number, string>();
  reads = 0;

  get(_sql: string, id?: Cell): Row | undefined {
    this.reads++;
    const body = this.bodies.get(Number(id));
    return body === undefined ? undefined : { body };
  }

  all(): Row[] {
    return [];
  }

  run(sql: string, id?: Cell, body?: Cell): number {
    const before = sql.startsWith("UPDATE") ? this.bodies.get(Number(id)) ?? "" : "";
    this.bodies.set(Number(id), before + String(body));
    return 1;
  }
}

/** The table as SQLite keeps it, for what deletes, cuts and walks. */
class Table implements Sql {
  readonly #db = new DatabaseSync(":memory:");

  constructor() {
    this.#db.exec("CREATE TABLE known (id INTEGER PRIMARY KEY, body TEXT, seen_day INTEGER)");
  }

  get(sql: string, ...cells: Cell[]): Row | undefined {
    return this.#db.prepare(sql).get(...cells) as Row | undefined;
  }

  all(sql: string, ...cells: Cell[]): Row[] {
    return this.#db.prepare(sql).all(...cells) as Row[];
  }

  run(sql: string, ...cells: Cell[]): number {
    return Number(this.#db.prepare(sql).run(...cells).changes);
  }
}

const WALL = 20260302080000;
const DEVICES = 200;
/** With the devices 60,000 in all: more than the memory holds. */
const EACH = 300;
const punchAt = (second: number, at: number) => ({
  wall: WALL + Math.floor(second / 60) * 100 + second % 60,
  pin: String(1_000 + at),
  status: "0",
  id: at + 1,
});
/** Two in a second: one of them is no later than what is there, so that the bucket's keys are needed. */
const punch = (at: number) => punchAt(Math.floor(at / 2), at);

// Red when what is dropped from memory is forgotten, when nothing is dropped, or when what was read last goes
// first: each bucket of a busy morning would be read again for every upload.
Deno.test("key memory: what is dropped is known all the same, what came last is still there", () => {
  const known = new Known();
  const memory = new KeyMemory(known);
  for (let device = 1; device <= DEVICES; device++) {
    for (let at = 0; at < EACH; at++) assert.equal(memory.learn(device, punch(at), 0), true);
    memory.write(0);
  }
  const read = known.reads;
  for (let at = 0; at < EACH; at++) assert.equal(memory.learn(DEVICES, punch(at), 0), false);
  assert.equal(known.reads, read, "the last is in memory");
  for (let at = 0; at < EACH; at++) assert.equal(memory.learn(1, punch(at), 0), false);
  assert.ok(known.reads > read, "the first was dropped");
  assert.equal(memory.learn(1, punch(0), 1), true, "another channel is another sighting");
});

// Red when a bucket that only ever grew at its end is read again or its keys are held: 200 terminals in a rush would
// take turns in throwing one another's keys out.
Deno.test("key memory: punches told in their order are new without a search", () => {
  const known = new Known();
  const memory = new KeyMemory(known);
  for (let at = 0; at < EACH; at++) {
    for (let device = 1; device <= DEVICES; device++) {
      assert.equal(memory.learn(device, punchAt(at, at), 0), true);
    }
    memory.write(0);
  }
  assert.equal(known.reads, DEVICES, "each once, when it began");
  assert.equal(memory.learn(1, punchAt(EACH - 1, EACH - 1), 0), false, "the latest of them");
  assert.equal(known.reads, DEVICES + 1, "its keys were in the file alone");
  assert.equal(memory.learn(1, punchAt(0, 0), 0), false, "the first of them");
});

type Step =
  | {
    readonly second: number;
    readonly pin: string;
    readonly status: string;
    readonly channel: number;
  }
  | "write"
  | "restart";

// Red when a bucket is cut into keys at another place than where they were put together, when the latest second is
// not moved on, counts as later than itself, or is not known again after a restart, when keys that are not written
// yet are missing among those that are read, or when what came behind the latest is not written.
Deno.test("key memory: property: known is what was told before, in any order, over writes and restarts", () => {
  // Of a few mostly: the same punch comes again, before and after what is later.
  const word = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("1", "11") },
    { weight: 1, arbitrary: fc.string({ maxLength: 3 }).map((text) => text.replaceAll("\n", "")) },
  );
  const told = fc.record({ second: fc.nat(5), pin: word, status: word, channel: fc.nat(2) });
  const steps = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: told as fc.Arbitrary<Step> },
      { weight: 1, arbitrary: fc.constantFrom<Step>("write", "restart") },
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const known = new Known();
      let memory = new KeyMemory(known);
      const had = new Set<string>();
      for (const step of all) {
        if (typeof step === "string") memory.write(0);
        if (step === "restart") memory = new KeyMemory(known);
        if (typeof step === "string") continue;
        const { second, pin, status, channel } = step;
        const text = [second, pin, status, channel].join("\n");
        const isNew = memory.learn(1, { wall: WALL + second, pin, status, id: 7 }, channel);
        assert.equal(isNew, !had.has(text), text);
        had.add(text);
      }
    }),
    { numRuns: 1_000 },
  );
});

// Red when a bucket whose end is missing is read for ever, or what stands before it is not known.
Deno.test("key memory: a bucket that was cut off is known as far as it goes", () => {
  const whole = "0\n1000\n0\n0\n1\n1\n1001\n0\n0\n2\n";
  for (let length = 0; length < whole.length; length++) {
    const known = new Known();
    known.bodies.set(100_000_000_000 + Math.floor(WALL / 1_000), whole.slice(0, length));
    const memory = new KeyMemory(known);
    const first = "0\n1000\n0\n0\n1\n".length;
    assert.equal(
      memory.learn(1, { wall: WALL, pin: "1000", status: "0", id: 1 }, 0),
      length < first,
    );
  }
});

// Red when what was dropped from memory is taken for new: a terminal that sends its log anew would bring every
// punch a second time; or when a key that was only in memory counts after a restart.
Deno.test("key memory: a repeat older than what is in memory is counted by the file, after a restart too", async () => {
  await withQueue(async (queue, directory) => {
    const oldest = punchesOf(0, 100, { serial: "OLDEST" });
    await queue.add(upload(oldest));
    for (let no = 0; no < 52; no++) {
      await queue.add(upload(punchesOf(0, 1_000, { serial: `MORE${no}` })));
    }
    const seen = async (of: Queue) => {
      const { fresh, repeated } = await of.add(upload(oldest));
      return [fresh, repeated];
    };
    assert.deepEqual(await seen(queue), [0, 100], "dropped from memory");
    const head = queue.laneHead();
    await queue.stop();
    const again = new Queue(queueOptions(directory));
    again.start();
    try {
      assert.deepEqual(await seen(again), [0, 100], "after a restart");
      assert.deepEqual(again.laneHead(), head, "no number was given");
      const { fresh } = await again.add(upload(punchesOf(100, 1, { serial: "OLDEST" })));
      assert.equal(fresh, 1);
    } finally {
      await again.stop();
    }
  });
});

// Red when the bucket that was used last is dropped and yet written to: what is learnt then would be on no disk.
Deno.test("key memory: what is learnt after its bucket was dropped is written all the same", () => {
  const known = new Known();
  const memory = new KeyMemory(known);
  const learn = (device: number, from: number, below: number) => {
    for (let at = from; at < below; at++) memory.learn(device, punch(at), 0);
  };
  learn(1, 0, 100);
  memory.write(0);
  for (let device = 2; device <= 167; device++) {
    learn(device, 0, EACH);
    if (device < 167) memory.write(0);
  }
  // The first bucket is used last, by the write that drops it.
  learn(1, 100, EACH);
  memory.write(0);
  learn(1, EACH, EACH + 50);
  memory.write(0);
  const again = new KeyMemory(known);
  for (let at = 0; at < EACH + 50; at++) assert.equal(again.learn(1, punch(at), 0), false, `${at}`);
});

// Red when keys that were searched for in the file are not counted: terminals that repeat their logs in a rush would
// fill the memory of a small machine, as nothing is dropped before something new comes.
Deno.test("key memory: keys that a repeat brought in count towards what is held", () => {
  const known = new Known();
  const memory = new KeyMemory(known);
  for (let device = 1; device <= DEVICES; device++) {
    for (let at = 0; at < EACH; at++) memory.learn(device, punchAt(at, at), 0);
  }
  memory.write(0);
  for (let device = 1; device <= DEVICES; device++) {
    assert.equal(memory.learn(device, punchAt(0, 0), 0), false);
  }
  memory.write(0);
  const read = known.reads;
  assert.equal(memory.learn(DEVICES, punchAt(1, 1), 0), false);
  assert.equal(known.reads, read, "the last is in memory");
  assert.equal(memory.learn(1, punchAt(1, 1), 0), false);
  assert.ok(known.reads > read, "the first was dropped");
});

// Red when buckets without keys are held for nothing: years of a quiet terminal, one punch each, would stay in memory.
Deno.test("key memory: a bucket counts even where it holds no key", () => {
  const known = new Known();
  const memory = new KeyMemory(known);
  const MANY = 60_000;
  for (let device = 1; device <= MANY; device++) memory.learn(device, punchAt(0, 0), 0);
  memory.write(0);
  const read = known.reads;
  assert.equal(memory.learn(1, punchAt(1, 1), 0), true);
  assert.equal(known.reads, read + 1, "the first was dropped");
  assert.equal(memory.learn(MANY, punchAt(1, 1), 0), true);
  assert.equal(known.reads, read + 1, "the last is in memory");
});

// Red when what was forgotten stays in memory, in the bucket used last or in any other: a punch that Odoo asked for
// again would never come.
Deno.test("key memory: what is forgotten or dropped comes anew, what stands beside it does not", () => {
  const other = { ...punchAt(0, 0), wall: WALL + 10_000 };
  for (const usedLast of [punchAt(2, 2), other]) {
    const table = new Table();
    const memory = new KeyMemory(table);
    for (const one of [punchAt(0, 0), punchAt(1, 1), punchAt(2, 2), other]) memory.learn(1, one, 0);
    memory.write(0);
    assert.equal(memory.learn(1, usedLast, 0), false);
    memory.forget(1, punchAt(1, 1));
    assert.equal(memory.learn(1, punchAt(0, 0), 0), false, "beside it");
    assert.equal(memory.learn(1, punchAt(1, 1), 0), true, "forgotten");
    assert.equal(memory.learn(1, punchAt(1, 1), 0), false, "and known again");
    memory.write(0);
    assert.equal(memory.learn(1, usedLast, 0), false);
    memory.drop(100_000_000_000 + Math.floor(WALL / 1_000));
    assert.equal(memory.learn(1, other, 0), false, "of another ten minutes");
    assert.equal(memory.learn(1, punchAt(2, 2), 0), true, "of those that were dropped");
    memory.write(0);
    const again = new KeyMemory(table);
    assert.equal(again.learn(1, punchAt(2, 2), 0), false, "written as a row of its own");
    assert.equal(again.learn(1, punchAt(0, 0), 0), true, "dropped on the disk too");
  }
});

// Red when a search in what was emptied counts what is no more there: all would be dropped at every write from then on.
Deno.test("key memory: what was emptied no longer counts", () => {
  const table = new Table();
  const memory = new KeyMemory(table);
  const busy = (device: number) => {
    for (let at = 0; at < 90; at++) memory.learn(device, punch(at), 0);
  };
  for (let device = 1; device <= 500; device++) busy(device);
  memory.write(0);
  memory.forget(1, punch(0));
  for (let device = 501; device <= 600; device++) busy(device);
  memory.write(0);
  let reads = 0;
  const get = table.get.bind(table);
  table.get = (...asked) => (reads++, get(...asked));
  for (let device = 501; device <= 600; device++) memory.learn(device, punch(1), 0);
  assert.equal(reads, 0, "all of the last hundred are in memory");
});

// Red when the number of a punch that moved to another lane is not written, or is written only where the punch was
// not known: Odoo would ask for it again and get another's.
Deno.test("key memory: a punch that moved is found by its new number, and is known", () => {
  for (const written of [false, true]) {
    const table = new Table();
    const memory = new KeyMemory(table);
    const [first, second] = [punchAt(0, 0), punchAt(1, 1)];
    for (const one of [first, second]) memory.learn(1, one, 0);
    if (written) memory.write(0);
    memory.moved(1, { ...first, id: 77 }, 0);
    memory.moved(1, { ...punchAt(2, 2), id: 78 }, 0);
    memory.write(0);
    const found = [...memory.entries(1, WALL, WALL + 60)].map(({ wall, id }) => [wall - WALL, id]);
    assert.deepEqual(found, [[0, 77], [1, 2], [2, 78]]);
    const again = new KeyMemory(table);
    for (const one of [first, second, punchAt(2, 2)]) assert.equal(again.learn(1, one, 0), false);
  }
});

// Red when a clock that goes back makes new what was told before it, or known what was not.
Deno.test("key memory: a clock set back within ten minutes, and push before pull, lose and double nothing", () => {
  for (const restarts of [false, true]) {
    const table = new Table();
    let memory = new KeyMemory(table);
    const next = () => {
      memory.write(0);
      if (restarts) memory = new KeyMemory(table);
    };
    for (let at = 0; at < 9; at++) assert.equal(memory.learn(1, punchAt(50 * at, at), 0), true);
    next();
    for (let at = 0; at < 9; at++) assert.equal(memory.learn(1, punchAt(50 * at, at), 1), true);
    next();
    for (let at = 0; at < 9; at++) {
      assert.equal(memory.learn(1, punchAt(50 * at, at + 100), 0), true, "another person's second");
      next();
      assert.equal(memory.learn(1, punchAt(50 * at, at), 0), false);
      assert.equal(memory.learn(1, punchAt(50 * at, at), 1), false);
    }
    // The last second of ten minutes and the first of the next are of two buckets.
    assert.equal(memory.learn(1, { ...punchAt(0, 0), wall: WALL + 959 }, 0), true);
    assert.equal(memory.learn(1, { ...punchAt(0, 0), wall: WALL + 1_000 }, 0), true);
    next();
    assert.equal(memory.learn(1, { ...punchAt(0, 0), wall: WALL + 959 }, 0), false);
    assert.equal(memory.learn(1, { ...punchAt(0, 0), wall: WALL + 1_000 }, 0), false);
  }
});
