/** What stands beside the queue: who was let in, and the witness; and what is said when it cannot stand. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Devices } from "../../../edge_agent/fleet/devices.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { openForWriting, type OpenOptions } from "../../../edge_agent/queue/schema.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { punchesOf, queueOptions, SERIAL, upload, withQueue } from "../../sim/queue_kit.ts";

// Red when a new file knows nobody: every terminal is refused until Odoo is back. Red when a comm key is
// left out: the terminal would be let in without it.
Deno.test("R68 who was let in stays known beside the queue, with what it is let in by", async () => {
  await withQueue(async (queue, directory, clock) => {
    const devices = new Devices({ store: queue, clock });
    devices.allow(SERIAL, { timeZone: "Asia/Manila" });
    devices.apply([{
      serial: "B2",
      state: "refused",
      time_zone: "Asia/Manila",
      dialect: null,
    }, {
      serial: "C3",
      state: "active",
      time_zone: "Asia/Dubai",
      dialect: "access",
      settings: { comm_key: "4711" },
    }]);
    devices.heard(SERIAL, { peer: "127.0.0.1", visit: "poll", dialect: null });
    await queue.stop();
    assert.equal(Deno.statSync(join(directory, "queue.devices")).mode! & 0o777, 0o600);
    Deno.removeSync(join(directory, "queue.sqlite"));
    queue.start();
    const after = new Devices({ store: queue, clock });
    after.start();
    assert.deepEqual(
      after.all().map(({ serial, state, timeZone, dialect, settings, lastHeardAt }) => [
        serial,
        state,
        timeZone,
        dialect,
        settings.commKey,
        lastHeardAt,
      ]),
      [
        ["B2", "refused", "Asia/Manila", "attendance", "", null],
        ["C3", "active", "Asia/Dubai", "access", "4711", null],
        [SERIAL, "active", "Asia/Manila", "attendance", "", null],
      ],
    );
    Deno.writeTextFileSync(join(directory, "queue.devices"), "[{]");
    await queue.stop();
    Deno.removeSync(join(directory, "queue.sqlite"));
    queue.start();
    assert.deepEqual(queue.deviceRows(), [], "no list is none, and no reason not to start");
  }, { timers: false });
});

// Red when a guard that cannot be written is only logged: a lost tail would go unnoticed from then on.
Deno.test("R71 a witness that cannot be written is said at once, and no more once it can", async () => {
  await withQueue(async (queue, directory) => {
    const path = join(directory, "queue.witness");
    await queue.add(upload(punchesOf(0, 5)));
    assert.deepEqual(queue.stats().standing, []);
    Deno.removeSync(path);
    Deno.mkdirSync(path);
    await queue.add(upload(punchesOf(5, 5)));
    const [said] = queue.stats().standing;
    assert.match(said?.detail ?? "", /^the witness of the lane \(queue.witness\) cannot be kept: /);
    assert.equal(queue.stats().state, "ok", "punches are taken in all the same");
    Deno.removeSync(path);
    await queue.add(upload(punchesOf(10, 5)));
    assert.deepEqual(queue.stats().standing, []);
    assert.match(Deno.readTextFileSync(path), / 0000000000000015 /, "the same file by its name");
  }, { timers: false });
});

Deno.test("R71 a list of terminals that cannot be kept is said too", async () => {
  await withQueue((queue, directory, clock) => {
    const devices = new Devices({ store: queue, clock });
    Deno.mkdirSync(join(directory, "queue.devices.new"));
    devices.allow(SERIAL, { timeZone: "Asia/Manila" });
    queue.tend();
    assert.match(
      queue.stats().standing[0]?.detail ?? "",
      /^who was let in \(queue.devices\) cannot be kept: /,
    );
    Deno.removeSync(join(directory, "queue.devices.new"));
    queue.tend();
    assert.deepEqual(queue.stats().standing, []);
  }, { timers: false });
});

// Red when a witness that cannot be written makes every start a loss of its own, one lane after another.
Deno.test("R71 a loss that the witness cannot be told of is noted once, and capture goes on", async () => {
  await withQueue(async (queue, directory, clock) => {
    await queue.add(upload(punchesOf(0, 20)));
    await queue.stop();
    Deno.removeSync(join(directory, "queue.sqlite"));
    const written = Deno.readTextFileSync(join(directory, "queue.witness"));
    const again = new Queue(queueOptions(directory, { clock, timers: false }));
    again.start();
    const { lane } = again.laneHead();
    assert.equal((await again.add(upload(punchesOf(0, 20)))).fresh, 20);
    await again.stop();
    Deno.writeTextFileSync(join(directory, "queue.witness"), written);
    again.start();
    assert.deepEqual(again.stats().damaged.map(({ kind }) => kind), ["missing_file", "older_copy"]);
    assert.notEqual(again.laneHead().lane, lane);
    await again.stop();
    again.start();
    assert.equal(again.stats().damaged.length, 2);
    await again.stop();
  }, { timers: false });
});

// Red when the time of a commit is not measured around the commit, or the worst one is told for all.
Deno.test("R72 the median time of a commit is told, and forgotten when nothing came for a while", async () => {
  const clock = new ManualClock();
  await withQueue(async (queue) => {
    assert.equal(queue.stats().commitMs, null);
    const defer = [1_500, 3, 1_600, 1_700, 1_500];
    for (const [n, ms] of defer.entries()) {
      slow.ms = ms;
      await queue.add(upload(punchesOf(n * 10, 10)));
    }
    assert.equal(queue.stats().commitMs, 1_500);
    assert.deepEqual(queue.stats().standing, [{
      code: "slow_storage",
      detail: "slow storage: 1500 ms a commit; use another card",
    }]);
    clock.advance(600_001);
    assert.equal(queue.stats().commitMs, null);
  }, {
    clock,
    timers: false,
    openDatabase: (path, options) => slowDatabase(path, options, clock),
  });
});

const slow = { ms: 0 };

/** Each commit takes as long as it is told, by the clock that the queue was given. */
function slowDatabase(path: string, options: OpenOptions, clock: ManualClock) {
  const db = openForWriting(path, options);
  const exec = db.exec.bind(db);
  db.exec = (sql: string) => {
    exec(sql);
    if (sql === "COMMIT") clock.advance(slow.ms);
  };
  return db;
}

// Red when every loss of a kind writes a note of its own: a head beyond the queue made 65 of them in 15 s.
Deno.test("R61 the same kind of loss once more is said in its note, and terminals are read once more", async () => {
  await withQueue(async (queue, _directory, clock) => {
    await queue.add(upload(punchesOf(0, 5)));
    for (const detail of ["Odoo is at 900", "Odoo is at 950", "Odoo is at 990"]) {
      assert.notEqual(queue.leaveLane("older_copy", detail), null);
      const notes = queue.stats().damaged.map((note) => [note.kind, note.detail]);
      assert.deepEqual(notes, [["older_copy", detail]]);
      assert.equal(queue.needsReread(SERIAL), true, detail);
      queue.rereadDone(SERIAL);
      assert.equal(queue.needsReread(SERIAL), false, detail);
      clock.advance(3_700_000);
    }
  });
});
