/** Device users pass through memory to Odoo, bounded, repeated until they are there. */
import assert from "node:assert/strict";
import { UserRelay } from "../../edge_agent/user_relay.ts";
import { silentLog } from "./delivery_kit.ts";
import { ManualClock } from "./manual_clock.ts";

const user = (n: number) => ({
  pin: String(n),
  name: `Person ${n}`,
  privilege: "0",
  card: "",
  group: "1",
  has_password: false,
  credentials: { finger: 1, face: 0, palm: 0 },
});

async function settle(clock: ManualClock, done: () => boolean): Promise<void> {
  for (let n = 0; n < 500 && !done(); n++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    clock.advance(clock.nextWake() ?? 0);
  }
}

Deno.test("UserRelay gathers, splits, repeats after failures, and says complete only for a whole list", async () => {
  const clock = new ManualClock();
  const posts: { serial: string; count: number; complete: boolean }[] = [];
  let failures = 2;
  const relay = new UserRelay({
    post: (serial, { users, complete }) => {
      if (failures-- > 0) return Promise.reject(new Error("away"));
      posts.push({ serial, count: users.length, complete });
      return Promise.resolve();
    },
    clock,
    random: () => 0.5,
    log: silentLog,
  });
  relay.start();
  relay.seen("A1", Array.from({ length: 1_200 }, (_, n) => user(n)), true);
  relay.seen("A2", [user(1)], true);
  relay.seen("A2", [user(1)], true);
  await settle(clock, () => posts.length === 3);
  assert.deepEqual(posts, [
    { serial: "A1", count: 1_000, complete: false },
    { serial: "A1", count: 200, complete: false },
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
  });
  relay.seen("A1", Array.from({ length: 50_000 }, (_, n) => user(n)), false);
  relay.seen("A2", [user(1)], false);
  assert.deepEqual(warned, ["device users dropped; refresh them later"]);
  await relay.stop();
});
