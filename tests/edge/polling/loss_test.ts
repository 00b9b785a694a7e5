/**
 * What a whole read proves beside the one before it: whether the newest record of that one is still in the
 * log. Real queues, simulated terminals that overflow, delete by themselves or have a neighbour who clears.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Run } from "../../../edge_agent/queue/types.ts";
import { PollMemory } from "../../../edge_agent/polling/memory.ts";
import type { FakeTerminal } from "../../sim/pull/terminal.ts";
import type { FakeTerminalOptions } from "../../sim/pull/options.ts";
import { type Bench, withBench } from "./poller_kit.ts";

const MINUTE = 60_000;

/** One person a minute, by the terminal's own clock unless told otherwise. */
function punch(bench: Bench, { memory }: FakeTerminal, count: number, wallTime?: string): void {
  for (let left = count; left > 0; left--) {
    bench.clock.advance(MINUTE);
    memory.punch(String(1 + left % 7), wallTime === undefined ? {} : { wallTime });
  }
}

async function read(bench: Bench): Promise<Run> {
  bench.clock.advance(60 * MINUTE);
  await bench.turn();
  return bench.lastRun()!;
}

function wall(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/** The run names everything between the begin of the read before and its own end, and nothing less. */
function assertLost(run: Run, before: Run): void {
  assert.equal(run.outcome, "complete");
  assert.equal(run.lostFrom, wall(before.startedAt));
  assert.ok(run.lostTo! >= wall(run.startedAt), `${run.lostTo} reaches to the read`);
  assert.match(run.message, /records from .* to .* are lost unless another channel told them/);
}

function assertNothingLost(run: Run): void {
  assert.deepEqual([run.outcome, run.lostFrom, run.lostTo, run.vanished], [
    "complete",
    undefined,
    undefined,
    undefined,
  ], run.message);
  assert.doesNotMatch(run.message, /lost|gone|vanished/);
}

async function withTerminal(
  options: Partial<FakeTerminalOptions>,
  use: (bench: Bench, terminal: FakeTerminal) => Promise<void>,
): Promise<void> {
  await withBench(async (bench) => await use(bench, await bench.terminal("A1", options)));
}

// Turns red when the window is taken from the earliest or latest stamp of a log, as it was.
for (const odd of ["2031-05-05 08:00:00", "2000-01-01 00:00:07"]) {
  Deno.test(`R47 one stamp of ${odd.slice(0, 4)} does not hide an overflow, nor does it make one`, async () => {
    await withTerminal({ capacity: 100 }, async (bench, terminal) => {
      punch(bench, terminal, 40);
      punch(bench, terminal, 1, odd);
      punch(bench, terminal, 49);
      const first = await read(bench);
      punch(bench, terminal, 150);
      assertLost(await read(bench), first);
      assert.equal(terminal.memory.destroyed.filter(({ wasRead }) => !wasRead).length, 50);
      punch(bench, terminal, 1, odd);
      await read(bench);
      punch(bench, terminal, 90);
      assertNothingLost(await read(bench));
    });
  });
}

// Turns red when fewer records than before count as a loss, or more as none.
for (const block of [1, 20, 50]) {
  Deno.test(`a terminal that deletes its oldest ${block} by itself: read records may go, unread ones not unseen`, async () => {
    await withTerminal({ capacity: 100, deletesAtOnce: block }, async (bench, terminal) => {
      const { memory } = terminal;
      punch(bench, terminal, 95);
      await read(bench);
      for (let cycle = 0; cycle < 6; cycle++) {
        punch(bench, terminal, 40);
        assertNothingLost(await read(bench));
      }
      assert.ok(memory.destroyed.length >= 200, "it deleted all the time");
      assert.ok(memory.destroyed.every(({ wasRead }) => wasRead), "and nothing unread");
      const before = bench.lastRun()!;
      punch(bench, terminal, 260);
      assertLost(await read(bench), before);
      punch(bench, terminal, 3);
      assertNothingLost(await read(bench));
    });
  });
}

// Turns red when a terminal that deletes all but the newest record is taken for one that was cleared.
Deno.test("of the last read only its newest record is left: nothing unread can have gone", async () => {
  await withTerminal({ capacity: 100, deletesAtOnce: 99 }, async (bench, terminal) => {
    punch(bench, terminal, 100);
    await read(bench);
    punch(bench, terminal, 1);
    assert.equal(terminal.memory.records.length, 2);
    assertNothingLost(await read(bench));
  });
});

// Turns red when counts decide: forty unread punches went, and the log has as many records as before.
for (const after of [20, 90, 130]) {
  Deno.test(`another program clears between two reads, ${after} records later: said, and once`, async () => {
    await withTerminal({}, async (bench, terminal) => {
      punch(bench, terminal, 90);
      const first = await read(bench);
      punch(bench, terminal, 40);
      terminal.memory.clear("neighbour");
      punch(bench, terminal, after);
      const run = await read(bench);
      assertLost(run, first);
      assert.match(run.message, /somebody else cleared the terminal/);
      punch(bench, terminal, 5);
      assertNothingLost(await read(bench));
    });
  });
}

Deno.test("another program clears and nobody punches since: said", async () => {
  await withTerminal({}, async (bench, terminal) => {
    punch(bench, terminal, 9);
    const first = await read(bench);
    punch(bench, terminal, 4);
    terminal.memory.clear("neighbour");
    assertLost(await read(bench), first);
    punch(bench, terminal, 3);
    assertNothingLost(await read(bench));
  });
});

// Turns red when the newest record alone is looked for: a clock that starts anew writes it again.
Deno.test("records that repeat are told by the last three together", async () => {
  await withTerminal({}, async (bench, terminal) => {
    const reset = (second: number) => {
      terminal.memory.punch("7", { wallTime: `2000-01-01 00:00:0${second}` });
    };
    for (const second of [5, 6, 5]) reset(second);
    const first = await read(bench);
    punch(bench, terminal, 2);
    assertNothingLost(await read(bench));
    for (const second of [5, 6, 5]) reset(second);
    const before = await read(bench);
    assertNothingLost(before);
    punch(bench, terminal, 30);
    terminal.memory.clear("neighbour");
    for (const second of [5, 5]) reset(second);
    punch(bench, terminal, 4);
    assertLost(await read(bench), before);
    assert.equal(first.outcome, "complete");
  });
});

// Turns red when a lone record at a log's beginning is taken for the last read's, although a clock that
// starts anew writes it again: thirty unread punches went.
Deno.test("the newest is of a clock that started anew, a neighbour clears, and it starts anew again", async () => {
  await withTerminal({}, async (bench, terminal) => {
    const reset = () => terminal.memory.punch("5", { wallTime: "2000-01-01 00:00:05" });
    punch(bench, terminal, 10);
    reset();
    const first = await read(bench);
    punch(bench, terminal, 30);
    terminal.memory.clear("neighbour");
    reset();
    punch(bench, terminal, 4);
    assertLost(await read(bench), first);
    reset();
    await read(bench);
    punch(bench, terminal, 4);
    assertNothingLost(await read(bench));
  });
});

// Turns red when erased flash, which is alike everywhere, is taken for the newest record.
Deno.test("records that name nobody prove nothing, and a log may end with them", async () => {
  await withTerminal({}, async (bench, terminal) => {
    punch(bench, terminal, 12);
    terminal.memory.insertBlank(5, 0x5a);
    const first = await read(bench);
    assert.equal(first.rejected, 1, "five alike are one line");
    punch(bench, terminal, 3);
    terminal.memory.insertBlank(5, 0x5a);
    const before = await read(bench);
    assertNothingLost(before);
    punch(bench, terminal, 8);
    terminal.memory.clear("neighbour");
    terminal.memory.insertBlank(5, 0x5a);
    punch(bench, terminal, 20);
    assertLost(await read(bench), before);
  });
});

const EVERY = { when: "above" as const, percent: 50, days: 30, hours: ["00:00-23:59"] };

// Turns red when our own clear is taken for a loss, or hides the next one.
Deno.test("our own clear: the comparison begins anew, and a neighbour after it is seen", async () => {
  await withTerminal({ capacity: 100 }, async (bench, terminal) => {
    bench.change("A1", { cleanup: EVERY });
    punch(bench, terminal, 60);
    await read(bench);
    bench.odoo.deliver(bench.queue);
    await bench.turn();
    assert.equal(bench.lastRun()!.outcome, "cleared");
    punch(bench, terminal, 20);
    const after = await read(bench);
    assertNothingLost(after);
    bench.change("A1", { cleanup: { ...EVERY, when: "never" } });
    punch(bench, terminal, 10);
    terminal.memory.clear("neighbour");
    punch(bench, terminal, 30);
    assertLost(await read(bench), after);
  });
});

// Turns red when what slipped in during our own clear, and was read then, is not what comes next.
Deno.test("a punch that slipped into our own clear was read: a neighbour who clears it is seen", async () => {
  await withTerminal({ capacity: 100, ignoresDisable: true }, async (bench, terminal) => {
    bench.change("A1", { cleanup: EVERY });
    punch(bench, terminal, 60);
    await read(bench);
    bench.odoo.deliver(bench.queue);
    const { memory } = terminal;
    const clear = memory.clear.bind(memory);
    memory.clear = (by) => {
      bench.clock.advance(1_000);
      const gone = clear(by);
      memory.punch("3");
      return gone;
    };
    await bench.turn();
    assert.match(bench.lastRun()!.message, /60 records cleared; 1 punches came meanwhile/);
    const at = bench.clock.now();
    bench.change("A1", { cleanup: { ...EVERY, when: "never" } });
    clear("neighbour");
    punch(bench, terminal, 9);
    const run = await read(bench);
    assert.equal(run.lostFrom, wall(at));
  });
});

// Turns red when only the poller's own book knows of the clear: a power cut may come before that.
for (const overflows of [false, true]) {
  Deno.test(`our own clear that the power cut kept out of the poller's book is a clear all the same, overflow since: ${overflows}`, async () => {
    await withTerminal({ capacity: 100 }, async (bench, terminal) => {
      bench.change("A1", { cleanup: EVERY });
      punch(bench, terminal, 60);
      await read(bench);
      bench.odoo.deliver(bench.queue);
      const book = bench.queue.getState("poll:A1")!;
      await bench.turn();
      assert.equal(bench.lastRun()!.outcome, "cleared");
      bench.queue.setState("poll:A1", book);
      await bench.poller.stop();
      bench.poller = bench.makePoller();
      bench.change("A1", { cleanup: { ...EVERY, when: "never" } });
      const clearedAt = bench.clock.now();
      punch(bench, terminal, overflows ? 130 : 20);
      const run = await read(bench);
      if (!overflows) return assertNothingLost(run);
      assert.equal(run.lostFrom, wall(clearedAt), "everything since the clear is unproven");
    });
  });
}

// Turns red when push is not asked, or is believed although it had a gap or has something left to send.
Deno.test("what push carried without a gap is not lost when somebody else clears", async () => {
  for (const pushed of ["before", "since", null]) {
    await withTerminal({}, async (bench, terminal) => {
      const pushedSince = bench.clock.now();
      punch(bench, terminal, 20);
      const first = await read(bench);
      punch(bench, terminal, 5);
      terminal.memory.clear("neighbour");
      punch(bench, terminal, 5);
      bench.change("A1", {
        pushedSince: pushed === "before" ? pushedSince : pushed === null ? null : bench.clock.now(),
      });
      const run = await read(bench);
      if (pushed !== "before") return assertLost(run, first);
      assert.deepEqual([run.lostFrom, run.vanished], [undefined, undefined]);
      assert.match(run.message, /are gone; push had no gap since/);
    });
  }
});

// Turns red when a read that lacks records is compared: the newest may be among those it lacks.
Deno.test("a read that is not whole judges nothing, the next whole one does", async () => {
  await withTerminal({}, async (bench, terminal) => {
    punch(bench, terminal, 90);
    const first = await read(bench);
    terminal.fault("short_log", 1);
    const short = await read(bench);
    assert.deepEqual([short.outcome, short.lostFrom], ["incomplete", undefined]);
    punch(bench, terminal, 5);
    assertNothingLost(await read(bench));
    const before = bench.lastRun()!;
    terminal.memory.clear("neighbour");
    punch(bench, terminal, 30);
    terminal.fault("short_log", 1);
    assert.equal((await read(bench)).lostFrom, undefined);
    assertLost(await read(bench), before);
    assert.equal(first.outcome, "complete");
  });
});

// Turns red when today's offset is used for last week's instant.
Deno.test("the lost window is told in the terminal's wall time of then", async () => {
  await withTerminal({}, async (bench, terminal) => {
    const plan = {
      ...bench.devices[0]!.plan,
      timeZone: "America/New_York",
      utcOffsetMinutes: -300,
    };
    bench.change("A1", { plan });
    bench.clock.advance(Date.UTC(2027, 2, 13, 12, 0, 30) - bench.clock.now());
    punch(bench, terminal, 3);
    await bench.turn();
    const first = bench.lastRun()!;
    assert.equal(first.outcome, "complete");
    bench.clock.advance(2 * 24 * 60 * MINUTE);
    terminal.memory.clear("neighbour");
    await bench.turn();
    const run = bench.lastRun()!;
    assert.equal(run.lostFrom, "2027-03-13 07:03:30");
    assert.match(run.lostTo ?? "", /^2027-03-15 08:03:3/);
  });
});

const FORMER = {
  lastReadAt: 0,
  lastTriedAt: 0,
  failures: 0,
  notAvailable: false,
  count: 30,
  capacity: 100_000,
  storageLevel: 0,
  lastCleanupAt: null,
  lastClearedAt: null,
  completeReadAt: null as number | null,
  found: null,
  facts: {},
};

/** Puts what version 1.0 of the agent left in place of what the first read remembered. */
async function withFormer(
  completeReadAt: (first: Run) => number | null,
  use: (bench: Bench, terminal: FakeTerminal, first: Run) => Promise<void>,
): Promise<void> {
  await withTerminal({}, async (bench, terminal) => {
    punch(bench, terminal, 30);
    const first = await read(bench);
    const newest = terminal.memory.records.at(-1)!.wallTime;
    const former = {
      ...FORMER,
      lastReadAt: first.endedAt,
      completeReadAt: completeReadAt(first),
      last: { count: 30, newest },
    };
    bench.queue.setState("poll:A1", JSON.stringify(former));
    await bench.poller.stop();
    bench.poller = bench.makePoller();
    await use(bench, terminal, first);
  });
}

// Turns red when an upgrade forgets the last read, or takes what it left for a loss.
Deno.test("what the former version remembered of a read is compared by the stamp it kept", async () => {
  const begun = (first: Run) => first.startedAt;
  await withFormer(begun, async (bench, terminal) => {
    punch(bench, terminal, 3);
    assertNothingLost(await read(bench));
  });
  await withFormer(begun, async (bench, terminal, first) => {
    terminal.memory.clear("neighbour");
    punch(bench, terminal, 40);
    assertLost(await read(bench), first);
  });
  await withFormer(() => null, async (bench, terminal) => {
    terminal.memory.clear("neighbour");
    punch(bench, terminal, 40);
    const run = await read(bench);
    assert.deepEqual([run.lostFrom, run.vanished], [undefined, 1], "since when is not known");
  });
});

// Turns red when the queue of the landed version cannot be gone on with, or forgets its own clear.
Deno.test("the landed version's queue: what it remembers of a terminal it cleared is no loss", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "landed-queue-" });
  try {
    const archive = new URL("../../landed/agent.tar.gz", import.meta.url).pathname;
    const { code } = await new Deno.Command("tar", { args: ["xzf", archive, "-C", folder] })
      .output();
    assert.equal(code, 0);
    const landed = new DatabaseSync(`${folder}/agent/data/queue.sqlite`);
    const kept = landed.prepare("SELECT name, value FROM state").all();
    landed.close();
    await withBench(async (bench) => {
      for (const { name, value } of kept) bench.queue.setState(String(name), String(value));
      const { last } = bench.poller.memoryOf("DEMOGATE0002");
      // Whether somebody punched there between the clear and the last read is the demo's hour.
      assert.deepEqual([last?.count, last?.newest], [last?.tail.length, null]);
      const terminal = await bench.terminal("DEMOGATE0002", { capacity: 30 });
      for (const line of last!.tail) {
        const [pin, wallTime, state, verify] = line.split("\t");
        terminal.memory.punch(pin!, {
          wallTime: wallTime!,
          state: Number(state),
          verify: Number(verify),
        });
      }
      bench.clock.advance(last!.at! + 60 * MINUTE - bench.clock.now());
      punch(bench, terminal, 20);
      assert.deepEqual([(await read(bench)).outcome, bench.lastRun()!.lostFrom], [
        "complete",
        undefined,
      ]);
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

// Turns red when a field that version 1.0 needs is renamed, dropped or of another kind.
Deno.test("the former version can read what this one remembers", async () => {
  await withTerminal({}, async (bench, terminal) => {
    punch(bench, terminal, 5);
    await read(bench);
    const kept = JSON.parse(bench.queue.getState("poll:A1")!);
    for (const name of Object.keys(FORMER)) assert.ok(name in kept, name);
    assert.deepEqual([kept.last.count, kept.last.newest, kept.count], [5, null, 5]);
    assert.equal(new PollMemory(bench.queue).of("A1").last?.tail.length, 3);
  });
});
