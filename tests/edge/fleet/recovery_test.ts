/** Losses are healed by asking terminals again; the notes close only when that is done. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type RecoveryDevice, Rereads } from "../../../edge_agent/fleet/rereads.ts";
import { Recovery } from "../../../edge_agent/fleet/recovery.ts";
import type { Fate } from "../../../edge_agent/fleet/fate.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { LaneKit, SERIAL } from "../queue/lane_kit.ts";

function makeDevice(clock: ManualClock): {
  -readonly [K in keyof RecoveryDevice]: RecoveryDevice[K];
} {
  return {
    serial: SERIAL,
    state: "active",
    timeZone: "Asia/Manila",
    lastHeardAt: clock.now(),
    uploadIdle: true,
    rereadWanted: false,
    silent: false,
    lastPunchAt: null,
    dialect: "attendance",
    settings: { backFillMinutes: 60 },
  };
}

/** The queue file of when there were `count` sightings less, beside what the witness has seen since. */
async function loseTail(lane: LaneKit, count: number, clock: ManualClock): Promise<void> {
  const { queue, directory } = lane;
  await queue.stop();
  const db = new DatabaseSync(join(directory, "queue.sqlite"));
  const last = Number(db.prepare("SELECT max(id) AS id FROM sighting").get()?.["id"]);
  db.exec(`DELETE FROM sighting WHERE id > ${last - count}; DELETE FROM known`);
  const at = (clock.now() - 60_000) / 1000;
  db.close();
  Deno.utimeSync(join(directory, "queue.witness"), at, at);
  queue.start();
}

function makeKit() {
  const clock = new ManualClock();
  const lane = new LaneKit(clock);
  const device = makeDevice(clock);
  let silence: { from: number; to: number } | null = null;
  const orders: unknown[] = [];
  const sessions = { ended: 0 };
  const history: { wish: { from: string | null } | null; fate: Fate | null } = {
    wish: null,
    fate: null,
  };
  const books = {
    open: true,
    waiting: false,
    refuse: (): number | null => null,
    readAt: null as number | null,
  };
  const recovery = new Recovery({
    queue: lane.queue,
    devices: {
      all: () => [device],
      wantReread: (_serial, wanted) => device.rereadWanted = wanted,
      historyWish: () => history.wish,
      historyAsked: () => history.wish = null,
      endSessions: () => sessions.ended++,
      silenceOf: () => silence,
      silenceAsked: (_serial, asked) => silence = silence?.to === asked.to ? null : silence,
    },
    commands: {
      orderOwn: (...order) => books.open ? orders.push(order) : books.refuse(),
      isOpen: () => books.waiting,
      fateOf: () => history.fate,
    },
    completeReadAt: () => books.readAt,
    clock,
    log: silentLog,
  });
  return {
    clock,
    lane,
    device,
    recovery,
    orders,
    books,
    sessions,
    history,
    fallSilent: (given: typeof silence) => silence = given,
  };
}

Deno.test("Recovery asks once for the window of a silence, in the terminal's own time", async () => {
  const { lane, recovery, orders, fallSilent } = makeKit();
  fallSilent({ from: Date.UTC(2026, 2, 2, 1, 0, 0), to: Date.UTC(2026, 2, 2, 2, 0, 0) });
  recovery.tend();
  recovery.tend();
  assert.deepEqual(orders, [
    [SERIAL, "pull_window", { from: "2026-03-02 08:58:00", to: "2026-03-02 10:02:00" }],
  ]);
  await lane.stop();
});

// Red when the silence is forgotten before the order stands in the books.
Deno.test("Recovery keeps a silence until it could be ordered, whether refused or the disk is full", async () => {
  const { lane, recovery, orders, books, fallSilent } = makeKit();
  fallSilent({ from: Date.UTC(2026, 2, 2, 1, 0, 0), to: Date.UTC(2026, 2, 2, 2, 0, 0) });
  books.open = false;
  recovery.tend();
  books.refuse = () => {
    throw new Error("disk full");
  };
  assert.throws(() => recovery.tend(), /disk full/);
  assert.deepEqual(orders, []);
  books.open = true;
  recovery.tend();
  recovery.tend();
  assert.equal(orders.length, 1);
  await lane.stop();
});

// Asking for the last hour instead of the time since the last asking turns this red: an hour would be missing.
Deno.test("Recovery asks every hour for what push may have kept, window after window without a hole", async () => {
  const { clock, lane, device, recovery, orders, books } = makeKit();
  const hour = () => {
    clock.advance(3_600_000);
    recovery.tend();
  };
  recovery.tend();
  hour();
  assert.deepEqual(orders, [], "nobody punched: an empty window proves nothing");
  device.lastPunchAt = clock.now() + 600_000;
  hour();
  recovery.tend();
  const first = { from: "2026-03-02 08:58:00", to: "2026-03-02 11:02:00" };
  assert.deepEqual(orders, [[SERIAL, "pull_window", first]], "both hours, once");
  device.lastPunchAt = clock.now() + 600_000;
  books.waiting = true;
  hour();
  books.waiting = false;
  books.open = false;
  hour();
  books.open = true;
  recovery.tend();
  const second = { from: "2026-03-02 10:58:00", to: "2026-03-02 13:02:00" };
  assert.deepEqual(
    orders.slice(1),
    [[SERIAL, "pull_window", second]],
    "from where the first ended",
  );
  for (
    const change of [{ silent: true }, { dialect: "access" }, { settings: { backFillMinutes: 0 } }]
  ) {
    const before = { ...device };
    Object.assign(device, change, { lastPunchAt: clock.now() + 600_000 });
    hour();
    Object.assign(device, before);
  }
  assert.equal(orders.length, 2);
  await lane.stop();
});

// Red when the note is closed at once, or the device's uploads are not waited for.
Deno.test("R15 after a loss the device sends everything again before the note is closed", async () => {
  const { clock, lane, device, recovery } = makeKit();
  lane.queue.leaveLane("forked_lane", "test");
  assert.equal(lane.queue.stats().damaged.length, 1);
  recovery.tend();
  assert.equal(device.rereadWanted, true, "stamp 0 at the next handshake");
  device.rereadWanted = false;
  for (let n = 0; n < 20; n++) {
    await lane.add(n * 50, n * 50 + 50);
    clock.advance(60_000);
    recovery.tend();
  }
  assert.equal(lane.queue.stats().damaged.length, 1, "still uploading");
  for (let n = 0; n < 6; n++) {
    // People go on punching while it is looked at.
    await lane.add(1_000 + n, 1_001 + n);
    clock.advance(60_000);
    recovery.tend();
  }
  assert.equal(lane.queue.stats().damaged.length, 0);
  assert.deepEqual(lane.queue.losses(), [], "a clone lost nothing");
  await lane.stop();
});

// Red when a loss does not end the sessions, ends them at every look, or forgets over a restart that it did.
Deno.test("R64 a noted loss ends every session, once; a first start ends none", async () => {
  const { lane, recovery, sessions } = makeKit();
  recovery.tend();
  assert.equal(sessions.ended, 0, "there is nothing before the first lane");
  lane.queue.leaveLane("older_copy", "test");
  recovery.tend();
  recovery.tend();
  await lane.queue.stop();
  lane.queue.start();
  recovery.tend();
  assert.equal(sessions.ended, 1);
  await lane.stop();
});

// Red when "read again" is said after a quiet time alone, or a loss that no terminal can mend is not said.
Deno.test("R65 read again is said when as many punches came as were lost; what does not come is unrecoverable", async () => {
  const { clock, lane, device, recovery } = makeKit();
  await lane.add(0, 20);
  await loseTail(lane, 15, clock);
  const [loss] = lane.queue.losses();
  assert.deepEqual(
    [loss?.cause, loss?.firstSeq, loss?.lastSeq, loss?.lost, loss?.state],
    ["lost_tail", 6, 20, 15, "open"],
  );
  const pass = (minutes: number) => {
    for (let n = 0; n < minutes; n++) {
      clock.advance(60_000);
      recovery.tend();
    }
  };
  recovery.tend();
  device.rereadWanted = false;
  // The terminal was cleared meanwhile: ten of the fifteen are still there. New punches replace none of them.
  await lane.add(10, 20);
  await lane.add(40_000, 40_030);
  pass(7);
  assert.equal(lane.queue.losses()[0]?.state, "unrecoverable");
  pass(60);
  assert.deepEqual(
    lane.queue.stats().damaged.map(({ kind }) => kind),
    ["lost_tail"],
    "red until Odoo holds it as a gap",
  );
  lane.queue.lossTold(loss?.id ?? "", "open");
  pass(2);
  assert.equal(lane.queue.stats().damaged.length, 1, "Odoo knows another state");
  lane.queue.lossTold(loss?.id ?? "", "unrecoverable");
  pass(2);
  assert.deepEqual(lane.queue.stats().damaged, []);
  await lane.stop();
});

// Red when losses are judged only by rereads: a person would wait for what is back.
Deno.test("R65 as soon as all that was lost is back it is said", async () => {
  const { clock, lane, device, recovery } = makeKit();
  await lane.add(0, 20);
  await loseTail(lane, 15, clock);
  recovery.tend();
  device.rereadWanted = false;
  await lane.add(0, 20);
  clock.advance(60_000);
  recovery.tend();
  const [loss] = lane.queue.losses();
  assert.equal(loss?.state, "read_again");
  assert.deepEqual(lane.queue.stats().damaged, []);
  lane.queue.lossTold(loss?.id ?? "", "read_again");
  assert.deepEqual(lane.queue.losses(), []);
  await lane.stop();
});

// Red when only push can read a terminal again, or a read that began before the loss counts.
Deno.test("R65 a whole read over port 4370 that began after the loss reads a terminal again", async () => {
  const { clock, lane, recovery, books } = makeKit();
  lane.queue.leaveLane("forked_lane", "test");
  books.readAt = clock.now() - 1;
  recovery.tend();
  assert.equal(lane.queue.needsReread(SERIAL), true);
  clock.advance(1_000);
  books.readAt = clock.now();
  recovery.tend();
  assert.deepEqual(lane.queue.stats().damaged, []);
  await lane.stop();
});

// Red when the past is asked for at every sync, as one window that is too long, or given up when old
// firmware does not know the question.
Deno.test("R66 a queue that begins asks for the past from where Odoo is complete, window by window, once", async () => {
  const { lane, recovery, orders, history, device } = makeKit();
  history.wish = { from: "2026-01-20 08:00:00" };
  recovery.tend();
  recovery.tend();
  assert.deepEqual(orders, [
    [SERIAL, "pull_window", { from: "2026-01-20 07:58:00", to: "2026-02-19 07:58:00" }],
  ]);
  history.fate = { state: "sent", at: 0 };
  recovery.tend();
  assert.equal(orders.length, 1, "one at a time");
  history.fate = { state: "done", message: "" };
  recovery.tend();
  assert.deepEqual(orders.slice(1), [
    [SERIAL, "pull_window", { from: "2026-02-19 07:58:00", to: "2026-03-02 09:02:00" }],
  ]);
  recovery.tend();
  recovery.tend();
  assert.deepEqual([orders.length, history.wish, device.rereadWanted], [2, null, false]);
  history.wish = { from: "2026-02-20 08:00:00" };
  history.fate = null;
  recovery.tend();
  recovery.tend();
  history.fate = { state: "failed", message: "return -1004" };
  recovery.tend();
  assert.equal(device.rereadWanted, true, "then everything");
  await lane.stop();
});

// Red when all are asked at once: live punches would wait behind years of all of them.
Deno.test("R66 one terminal at a time is asked for its whole log, the next when one has sent or does not greet", async () => {
  const clock = new ManualClock();
  const lane = new LaneKit(clock);
  const wanted = new Set<string>();
  const pending = new Map([["A1", true], ["B2", true], ["C3", true]]);
  const devices = [...pending.keys()].map((serial) => ({ ...makeDevice(clock), serial }));
  const rereads = new Rereads({
    queue: { needsReread: () => false, rereadDone: () => {} },
    devices: {
      wantReread: (serial, want) => want ? wanted.add(serial) : wanted.delete(serial),
      historyWish: (serial) => pending.get(serial) ? { from: null } : null,
      historyAsked: (serial) => pending.set(serial, false),
    },
    commands: { orderOwn: () => assert.fail("no window"), fateOf: () => null },
    clock,
    log: silentLog,
  });
  const tend = () =>
    rereads.tend(
      devices.map((device) => ({ ...device, rereadWanted: wanted.has(device.serial) })),
      lane.queue.stats(),
    );
  tend();
  tend();
  assert.deepEqual([...wanted], ["A1"]);
  clock.advance(20 * 60_000);
  tend();
  tend();
  assert.deepEqual([...wanted], ["B2"], "A1 does not greet: asked again later");
  wanted.delete("B2");
  for (let n = 0; n < 7; n++) {
    tend();
    clock.advance(60_000);
  }
  tend();
  assert.deepEqual([...wanted], ["C3"]);
  wanted.delete("C3");
  for (let n = 0; n < 70; n++) {
    tend();
    clock.advance(60_000);
  }
  assert.deepEqual([...wanted, ...pending], ["A1", ["A1", true], ["B2", false], ["C3", false]]);
  await lane.stop();
});
