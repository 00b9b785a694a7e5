/** The queue's everyday promises: numbering, chain, repeats, restart, take and settle. */
import assert from "node:assert/strict";
import type { SQLInputValue } from "node:sqlite";
import {
  chainHash,
  laneGenesis,
  punchKey,
  type Sighting,
  sightingLeaf,
  type Verdict,
} from "../../../edge_agent/base/punch.ts";
import { StoreUnavailable } from "../../../edge_agent/base/store_fault.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { openForWriting, type OpenOptions } from "../../../edge_agent/queue/schema.ts";
import type { Taken } from "../../../edge_agent/queue/types.ts";
import { punch, punchesOf, queueOptions, SERIAL, upload, withQueue } from "../../sim/queue_kit.ts";

function receipt(batch: Taken, head: { seq: number; hash: string }, verdict: Verdict = "stored") {
  return {
    lane: batch.lane,
    head,
    verdicts: batch.sightings.map((sighting) => ({ seq: sighting.seq, verdict })),
  };
}

function headOf(batch: Taken): { seq: number; hash: string } {
  const last = batch.sightings.at(-1) as Sighting;
  return { seq: last.seq, hash: last.hash };
}

// Red when Writer.write skips the chain for one kind or numbers before it knows that a line is new.
Deno.test("sightings are numbered without holes and chained from the lane's genesis", async () => {
  await withQueue(async (queue) => {
    const reject = { serial: SERIAL, reason: "bad_time" as const, raw: "1\t2026-02-30 00:00:00" };
    const added = await queue.add(upload(punchesOf(0, 3), { rejects: [reject] }));
    assert.deepEqual(added, {
      lines: 4,
      fresh: 4,
      repeated: 0,
      rejects: 1,
      firstSeq: 1,
      lastSeq: 4,
    });
    const batch = queue.take(10);
    assert.ok(batch);
    let previous = laneGenesis(batch.lane);
    batch.sightings.forEach((sighting, at) => {
      assert.equal(sighting.seq, at + 1);
      assert.notEqual(sighting.kind, "leaf");
      if (sighting.kind !== "leaf") assert.equal(sighting.leaf, sightingLeaf(sighting));
      previous = chainHash(previous, sighting.leaf);
      assert.equal(sighting.hash, previous);
    });
    assert.deepEqual(queue.laneHead(), { lane: batch.lane, seq: 4, hash: previous });
    assert.equal(batch.sightings[3]?.kind, "reject");
  });
});

// Red when KNOW_PUNCH loses its WHERE clause (every repeat becomes a sighting).
Deno.test("a repeat on the same channel is counted, on another it is a second sighting", async () => {
  await withQueue(async (queue) => {
    await queue.add(upload(punchesOf(0, 5)));
    const again = await queue.add(upload([...punchesOf(0, 5), punch(5)]));
    assert.deepEqual([again.fresh, again.repeated, again.lines], [1, 5, 6]);
    const polled = await queue.add(upload(punchesOf(0, 6), { channel: "poll" }));
    assert.deepEqual([polled.fresh, polled.repeated], [6, 0]);
    assert.equal(queue.stats().pending, 12);
    assert.equal(queue.stats().perDevice.get(SERIAL)?.repeated, 5);
    const twice = await queue.add(upload([punch(9), punch(9, { verify: "15", workCode: "3" })]));
    assert.deepEqual([twice.fresh, twice.repeated], [1, 1]);
    const sevens = await queue.add(upload([punch(20, { pin: "7" }), punch(20, { pin: "007" })]));
    assert.equal(sevens.fresh, 2);
  });
});

// Red when add resolves before COMMIT, or the head is not read back at start.
Deno.test("what was added is there after a restart, and the lane goes on", async () => {
  await withQueue(async (queue, directory) => {
    await queue.add(upload(punchesOf(0, 10), { stamp: { table: "ATTLOG", value: "77" } }));
    const head = queue.laneHead();
    await queue.stop();
    const again = new Queue(queueOptions(directory));
    again.start();
    try {
      assert.deepEqual(again.laneHead(), head);
      assert.equal(again.stamp(SERIAL, "ATTLOG"), "77");
      assert.equal((await again.add(upload(punchesOf(5, 10)))).firstSeq, 11);
      assert.equal(again.take(100)?.sightings.length, 15);
    } finally {
      await again.stop();
    }
  });
});

// Red when settle obeys verdicts without looking at the row's state.
Deno.test("only a verdict takes a sighting out of pending, a rejected one is parked", async () => {
  await withQueue(async (queue) => {
    await queue.add(upload(punchesOf(0, 4)));
    const batch = queue.take(10) as Taken;
    const result = queue.settle({
      lane: batch.lane,
      head: headOf(batch),
      verdicts: [
        { seq: 1, verdict: "stored" },
        { seq: 2, verdict: "rejected", reason: "bad_field" },
        { seq: 3, verdict: "quarantined", reason: "device_waiting" },
        { seq: 99, verdict: "stored" },
      ],
    });
    assert.deepEqual(result, {
      stored: 1,
      duplicate: 0,
      quarantined: 1,
      rejected: 1,
      unknown: 1,
      head: "same",
      forked: false,
    });
    assert.deepEqual(queue.take(10)?.sightings.map((s) => [s.seq, s.kind]), [
      [2, "leaf"],
      [4, "punch"],
    ]);
    assert.deepEqual(queue.parked(10).map((row) => [row.seq, row.reason]), [[2, "bad_field"]]);
    const rest = queue.take(10) as Taken;
    queue.settle(receipt(rest, headOf(rest)));
    assert.equal(queue.take(10), null);
    assert.equal(queue.stats().parked, 1);
    assert.equal(queue.unpark({ seqs: [2] }), 1);
    assert.deepEqual(queue.take(10)?.sightings.map((s) => [s.seq, s.kind]), [[2, "punch"]]);
    assert.deepEqual(
      [queue.stats().pending, queue.stats().parked, queue.stats().delivered],
      [1, 0, 3],
    );
  });
});

// Red when take reads the backlog first.
Deno.test("live sightings go before the backlog, which still moves", async () => {
  await withQueue(async (queue, _directory, clock) => {
    await queue.add(upload(punchesOf(0, 50)));
    clock.advance(120_000);
    await queue.add(upload(punchesOf(50, 3)));
    assert.deepEqual(queue.take(8)?.sightings.map((s) => s.seq), [1, 2, 3, 4, 5, 51, 52, 53]);
    await queue.add(upload(punchesOf(53, 20)));
    assert.deepEqual(queue.take(8)?.sightings.map((s) => s.seq), [1, 2, 51, 52, 53, 54, 55, 56]);
  });
});

// Red when rewind leaves delivered rows alone or compareHead does not look at hashes.
Deno.test("R35 Odoo's head went back: delivered sightings wait again; a foreign hash is tampering", async () => {
  await withQueue(async (queue) => {
    await queue.add(upload(punchesOf(0, 10)));
    const batch = queue.take(10) as Taken;
    queue.settle(receipt(batch, headOf(batch)));
    const fourth = batch.sightings[3] as Sighting;
    const older = { seq: 4, hash: fourth.hash };
    assert.equal(queue.compareHead(headOf(batch)), "same");
    assert.equal(queue.compareHead(older), "behind");
    assert.equal(queue.compareHead({ seq: 4, hash: laneGenesis(batch.lane) }), "tampered");
    assert.equal(queue.compareHead({ seq: 11, hash: fourth.hash }), "ahead");
    assert.equal(queue.rewind(older), 6);
    assert.deepEqual(queue.take(10)?.sightings.map((s) => s.seq), [5, 6, 7, 8, 9, 10]);
    assert.equal(queue.compareHead(older), "same");
    assert.equal(queue.rewind({ seq: 0, hash: laneGenesis(batch.lane) }), 4);
    assert.equal(queue.stats().pending, 10);
  });
});

// Red when a rewind forgets that a leaf was refused once: it is taken the second time, and from then on nobody
// sees when Odoo loses what comes after it.
Deno.test("R35 a leaf that Odoo refused and took after a restore counts as delivered from then on", async () => {
  await withQueue(async (queue) => {
    await queue.add(upload(punchesOf(0, 6)));
    const batch = queue.take(10) as Taken;
    const end = headOf(batch);
    const at = (seq: number) => ({ seq, hash: batch.sightings[seq - 1]?.hash ?? "" });
    const refuse = (head: typeof end) =>
      queue.settle({
        lane: batch.lane,
        head,
        verdicts: [{ seq: 3, verdict: "rejected", reason: "bad_field" }],
      });
    queue.settle(receipt(batch, end));
    refuse(at(2));
    assert.equal(queue.rewind(at(1)), 5);
    refuse(at(2));
    assert.deepEqual(queue.take(10)?.sightings.map((s) => [s.seq, s.kind])[1], [3, "leaf"]);
    refuse(at(2));
    assert.equal(queue.compareHead(at(2)), "same", "Odoo keeps nothing from the refused one on");
    queue.rewind(at(1));
    queue.settle(receipt(queue.take(10) as Taken, end));
    assert.equal(queue.compareHead(end), "same");
    assert.equal(queue.compareHead(at(4)), "behind", "Odoo had all six and has four");
  });
});

// Red when intake lets a field with a line feed through to the canonical form.
Deno.test("a line that the contract cannot carry is kept as a reject, not refused", async () => {
  await withQueue(async (queue) => {
    const odd = [punch(1, { pin: "1\n2" }), punch(2, { wallTime: "0000-00-00" }), punch(3)];
    assert.deepEqual((await queue.add(upload(odd))).rejects, 2);
    assert.deepEqual(queue.rejects(10).map((row) => row.reason), ["bad_time", "bad_pin"]);
    assert.equal((await queue.add(upload(odd))).fresh, 0);
    await assert.rejects(queue.add(upload([punch(1)], { serial: "../x" })), TypeError);
  });
});

Deno.test("a closed queue acknowledges nothing", async () => {
  await withQueue(async (queue) => {
    await queue.stop();
    await assert.rejects(
      queue.add(upload([punch(1)])),
      (fault) => fault instanceof StoreUnavailable && fault.reason === "closed",
    );
  });
});

// Red when keys of another day are among them, or when what is sent again is not open again.
Deno.test("the keys of a day are those of its punches, sorted, and missing ones can be sent again", async () => {
  await withQueue(async (queue) => {
    await queue.add(upload([...punchesOf(0, 3), ...punchesOf(86_400, 2)]));
    const ofDay = (from: number, count: number) => punchesOf(from, count).map(punchKey).sort();
    assert.deepEqual(queue.keysOfDay(SERIAL, "2026-03-02"), ofDay(0, 3));
    assert.deepEqual(queue.keysOfDay(SERIAL, "2026-03-03"), ofDay(86_400, 2));
    assert.deepEqual(queue.keysOfDay(SERIAL, "2026-03-04"), []);
    const batch = queue.take(10) as Taken;
    queue.settle(receipt(batch, headOf(batch)));
    const keys = queue.keysOfDay(SERIAL, "2026-03-03");
    assert.equal(queue.resend(keys.slice(0, 1), { serial: SERIAL, day: "2026-03-03" }), 1);
    assert.equal(queue.resend(keys), 1);
    assert.equal(queue.take(10)?.sightings.length, 2);
  });
});

// Red when forgetCommand deletes the row: the id could be executed a second time.
Deno.test("small state, devices, commands and runs survive", async () => {
  await withQueue((queue) => {
    assert.equal(queue.getState("x"), null);
    queue.setState("x", "1");
    assert.equal(queue.getState("x"), "1");
    const row = {
      serial: SERIAL,
      state: "active" as const,
      timeZone: "Asia/Manila",
      dialect: null,
    };
    queue.putDevice({ ...row, facts: { firmware: "2.31" } });
    assert.deepEqual(queue.deviceRows(), [{ ...row, facts: { firmware: "2.31" } }]);
    const command = { id: 7, serial: SERIAL, name: "check", text: "CHECK" };
    assert.equal(queue.addCommand(command), true);
    assert.equal(queue.addCommand(command), false);
    queue.markCommandSent(7, 5);
    assert.deepEqual(queue.openCommands(SERIAL).map((c) => [c.id, c.state, c.sentCount]), [
      [7, "sent", 1],
    ]);
    assert.equal(queue.settleCommand(7, { state: "done", return: 0, message: "" }), true);
    assert.equal(queue.commandResults().length, 1);
    queue.forgetCommand(7);
    assert.equal(queue.commandResults().length, 0);
    assert.equal(queue.addCommand(command), false);
  });
});

/** As usual, and counts the questions about lanes. */
function countingLanes(): { open: typeof openForWriting; asked: () => number } {
  let asked = 0;
  const open = (path: string, options: OpenOptions) => {
    const db = openForWriting(path, options);
    const prepare = db.prepare.bind(db);
    db.prepare = (sql) => {
      const statement = prepare(sql);
      if (!/FROM lane ORDER BY no$/.test(sql)) return statement;
      const all = statement.all.bind(statement);
      return Object.assign(statement, {
        all: (...cells: SQLInputValue[]) => {
          asked++;
          return all(...cells);
        },
      });
    };
    return db;
  };
  return { open, asked: () => asked };
}

// Red when the lanes are asked for at each row, or when a row of before the last lane counts in it.
Deno.test("a page of punches, or of rejects, costs one look at the lanes, whichever lane a row is of", async () => {
  const { open, asked } = countingLanes();
  await withQueue(async (queue) => {
    const rejects = (from: number) =>
      Array.from({ length: 20 }, (_, n) => ({
        serial: SERIAL,
        reason: "bad_time" as const,
        raw: `${from + n}\tnever`,
      }));
    const former = queue.laneHead().lane;
    await queue.add(upload(punchesOf(0, 50), { rejects: rejects(0) }));
    const batch = queue.take(100);
    assert.ok(batch);
    queue.settle(receipt(batch, headOf(batch)));
    queue.leaveLane("older_copy", "so says the test");
    const lane = queue.laneHead().lane;
    await queue.add(upload(punchesOf(50, 50), { rejects: rejects(20) }));
    const places = (rows: readonly { lane: string; seq: number }[]) =>
      [former, lane].map((id) => rows.filter((row) => row.lane === id).map(({ seq }) => seq));
    const upTo = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n);
    const before = asked();
    assert.deepEqual(places(queue.punches({})), [upTo(1, 50), upTo(1, 50)]);
    assert.equal(asked() - before, 1, "for a hundred punches");
    assert.deepEqual(places(queue.rejects(100).reverse()), [upTo(51, 20), upTo(51, 20)]);
    assert.equal(asked() - before, 2, "for forty rejects");
  }, { openDatabase: open });
});
