/** Losses are healed by asking terminals again; the notes close only when that is done. */
import assert from "node:assert/strict";
import { Recovery, type RecoveryDevice } from "../../../edge_agent/fleet/recovery.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { LaneKit, makePunch, SERIAL } from "../queue/lane_kit.ts";

function makeKit() {
  const clock = new ManualClock();
  const lane = new LaneKit(clock);
  const device: { -readonly [K in keyof RecoveryDevice]: RecoveryDevice[K] } = {
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
  let silence: { from: number; to: number } | null = null;
  const orders: unknown[] = [];
  const books = { open: true, waiting: false, refuse: (): number | null => null };
  const recovery = new Recovery({
    queue: lane.queue,
    devices: {
      all: () => [device],
      wantReread: (_serial, wanted) => device.rereadWanted = wanted,
      silenceOf: () => silence,
      silenceAsked: (_serial, asked) => silence = silence?.to === asked.to ? null : silence,
    },
    commands: {
      orderOwn: (...order) => books.open ? orders.push(order) : books.refuse(),
      isOpen: () => books.waiting,
    },
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
  lane.queue.leaveLane("older_copy", "test");
  assert.equal(lane.queue.stats().damaged.length, 1);
  recovery.tend();
  assert.equal(device.rereadWanted, true, "stamp 0 at the next handshake");
  device.rereadWanted = false;
  for (let n = 0; n < 20; n++) {
    await lane.queue.add({ serial: SERIAL, channel: "push", punches: [makePunch(n)], rejects: [] });
    clock.advance(60_000);
    recovery.tend();
  }
  assert.equal(lane.queue.stats().damaged.length, 1, "still uploading");
  clock.advance(310_000);
  recovery.tend();
  assert.equal(lane.queue.stats().damaged.length, 0);
  await lane.stop();
});
