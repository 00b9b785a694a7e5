/** Device users pass through memory to Odoo, bounded, repeated until they are there. */
import assert from "node:assert/strict";
import { UserRelay } from "../../../edge_agent/delivery/users.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { until } from "../../sim/until.ts";

const user = (n: number) => ({
  pin: String(n),
  name: `Person ${n}`,
  privilege: 0,
  card: "",
  group: "1",
  has_password: false,
  credentials: { finger: 1, face: 0, palm: 0 },
});

async function settle(clock: ManualClock, done: () => boolean): Promise<void> {
  await until(() => {
    clock.advance(clock.nextWake() ?? 0);
    return done();
  });
}

Deno.test("UserRelay gathers, splits, repeats after failures, and says complete only for a whole list", async () => {
  const clock = new ManualClock();
  const posts: unknown[] = [];
  let failures = 2;
  const relay = new UserRelay({
    post: (serial, { users, ...list }) => {
      if (failures-- > 0) return Promise.reject(new Error("away"));
      posts.push({ serial, count: users.length, ...list });
      return Promise.resolve();
    },
    clock,
    random: () => 0.5,
    log: silentLog,
    newId: () => "upload-1",
  });
  relay.start();
  relay.seen("A1", Array.from({ length: 1_200 }, (_, n) => user(n)), true);
  relay.seen("A2", [user(1)], true);
  relay.seen("A2", [user(1)], true);
  await settle(clock, () => posts.length === 3);
  const upload = { id: "upload-1", total: 1_200 };
  assert.deepEqual(posts, [
    { serial: "A1", count: 1_000, complete: true, upload },
    { serial: "A1", count: 200, complete: true, upload },
    { serial: "A2", count: 1, complete: true },
  ]);
  await relay.stop();
});

Deno.test("UserRelay holds no more than its bound while Odoo is away", async () => {
  const warned: string[] = [];
  const relay = new UserRelay({
    post: () => Promise.reject(new Error("away")),
    clock: new ManualClock(),
    random: () => 0.5,
    log: { ...silentLog, warn: (message) => warned.push(message) },
    newId: () => "upload-1",
  });
  relay.seen("A1", Array.from({ length: 50_000 }, (_, n) => user(n)), false);
  relay.seen("A2", [user(1)], false);
  assert.deepEqual(warned, ["device users dropped; refresh them later"]);
  await relay.stop();
});

// Red when a change is slipped into a list that is on its way: Odoo would count it as one of the list.
Deno.test("UserRelay sends what changed after a list when the list is whole, and drops an older list", async () => {
  const clock = new ManualClock();
  const posts: { pins: string[]; complete: boolean; upload: string | undefined }[] = [];
  let ids = 0;
  const relay = new UserRelay({
    post: (_serial, { users, complete, upload }) => {
      posts.push({ pins: users.map((one) => one.pin), complete, upload: upload?.id });
      if (posts.length === 1) relay.seen("A1", [user(7)], false);
      if (posts.length === 3) {
        relay.seen("A1", Array.from({ length: 1_500 }, (_, n) => user(n)), true);
      }
      if (posts.length === 4) relay.seen("A1", [user(1)], true);
      return Promise.resolve();
    },
    clock,
    random: () => 0.5,
    log: silentLog,
    newId: () => `upload-${++ids}`,
  });
  relay.start();
  relay.seen("A1", Array.from({ length: 1_200 }, (_, n) => user(n)), true);
  await settle(clock, () => posts.length === 5);
  assert.deepEqual(
    posts.map(({ pins, complete, upload }) => [pins.length, complete, upload]),
    [
      [1_000, true, "upload-1"],
      [200, true, "upload-1"],
      [1, false, undefined],
      [1_000, true, "upload-2"],
      [1, true, undefined],
    ],
  );
  let turns = 0;
  await settle(clock, () => ++turns > 50);
  assert.equal(posts.length, 5, "nothing of the older list is left");
  await relay.stop();
});
