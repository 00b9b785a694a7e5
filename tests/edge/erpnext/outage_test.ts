/** Long and bad outages of a site, and answers that are not its own: what is lost, how often it is asked. */
import assert from "node:assert/strict";
import { until } from "../../sim/until.ts";
import { SERIAL } from "../queue/lane_kit.ts";
import { withControl } from "./control_kit.ts";
import { withSite } from "./site_kit.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

// Red when a second batch goes out beside the first, retries are not spaced, or what was lost counts.
Deno.test("R38 (ERPNext) half an hour of one way only, then a line that loses a fifth: exactly once, one at a time", () =>
  withSite({ seed: 38, timeoutMs: 2_000 }, async (kit) => {
    await kit.add(0, 200);
    kit.proxy.fault = () => "commit-reset";
    const endsAt = kit.clock.now() + 30 * MINUTE_MS;
    let tries = 0;
    while (kit.clock.now() < endsAt) {
      await kit.step();
      tries++;
    }
    assert.ok(tries < 150, `${tries} tries in half an hour`);
    assert.equal(kit.queue.stats().pending, 200, "nothing counts as delivered");
    kit.proxy.fault = () => kit.random() < 0.2 ? "drop" : null;
    await kit.add(200, 400);
    kit.delivery.start();
    let turn = 0;
    await until(() => {
      if (++turn % 3 === 0) kit.delivery.wake();
      if (turn % 7 === 0) kit.delivery.retryNow();
      kit.clock.advance(kit.clock.nextWake() ?? 0);
      return kit.queue.stats().pending === 0;
    }, "everything is delivered");
    await kit.delivery.stop();
    kit.assertExactlyOnce(400);
    assert.equal(kit.mostPosts, 1, "batches on their way at once");
  }));

// Red when the exchange backs off by a fixed time: all agents of a hosted site would come back in one second.
Deno.test("R39 (ERPNext) exchanges that lost their site together come back spread out", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    await look();
    kit.site.condition = "database_down";
    for (let n = 0; n < 8; n++) await look();
    const waits: number[] = [];
    for (let n = 0; n < 20; n++) {
      world.random = n / 20;
      waits.push(await look());
    }
    waits.sort((one, other) => one - other);
    assert.ok((waits.at(-1) ?? 0) <= 120_000, `${waits.at(-1)} ms`);
    const widest = Math.max(...waits.slice(1).map((at, n) => at - (waits[n] ?? 0)));
    assert.ok((waits.at(-1) ?? 0) - (waits[0] ?? 0) > 60_000 && widest < 15_000, `${waits}`);
    // When all is well, too, nobody keeps step with anybody.
    kit.site.condition = "well";
    const rests = [];
    for (const random of [0, 0.5, 0.99]) {
      world.random = random;
      rests.push(await look());
    }
    assert.equal(new Set(rests).size, 3, `${rests}`);
  }));

// Red when a site, or whoever stands before it, may silence a branch for a day.
Deno.test("R60 (ERPNext) a site and whoever stands before it may ask for two minutes at most", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 1);
    const day = { "retry-after": "86400" };
    const answers = [
      () => new Response("<html>", { status: 502, headers: day }),
      () => new Response("<html>", { status: 429, headers: day }),
      () => Response.json({ exc_type: "SessionStopped" }, { status: 503, headers: day }),
    ];
    for (const answer of answers) {
      kit.proxy.fault = () => ({ answer: answer() });
      const { waitMs } = await kit.delivery.deliverOnce();
      assert.ok(waitMs >= 60_000 && waitMs <= 120_000, `${waitMs} ms`);
      kit.clock.advance(waitMs);
    }
    kit.proxy.fault = () => null;
    await kit.drain();
    kit.assertExactlyOnce(1);
  }));

const KEY = "ab".repeat(32);
/** Status 200, and no word of what was asked. */
const FALSE_ANSWERS: Readonly<Record<string, unknown>> = {
  "nothing": {},
  "an envelope of version 2": { data: [] },
  "no list": { message: { name: KEY } },
  "names without what they are": { message: [{ name: KEY }] },
  "a state that does not exist": {
    message: [{ name: KEY, state: "delivered", reason: "", decision: "" }],
  },
  "punches that nobody asked about": {
    message: [{ name: KEY, state: "stored", reason: "", decision: "" }],
  },
};

for (const [what, answer] of Object.entries(FALSE_ANSWERS)) {
  // Red when what is read back counts without its shape, or without being the key that was asked for.
  Deno.test(`R75 (ERPNext) a read-back that is ${what} proves nothing`, () =>
    withSite({}, async (kit) => {
      await kit.add(0, 3);
      kit.proxy.fault = (route) =>
        route.endsWith("get_list") ? { answer: Response.json(answer) } : null;
      for (let n = 0; n < 3; n++) assert.notEqual(await kit.step(), "receipt");
      assert.deepEqual([kit.queue.stats().pending, kit.queue.stats().parked], [3, 0]);
      kit.proxy.fault = () => null;
      await kit.drain();
      kit.assertExactlyOnce(3);
    }));
}

// Red when undelivered rows are purged by age.
Deno.test("S39 (ERPNext) sixty days without the site: nothing undelivered is purged, all of it arrives", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 100);
    await kit.drain();
    await kit.add(100, 200);
    kit.site.condition = "other_site";
    let purged = 0;
    for (let day = 0; day < 60; day++) {
      kit.clock.advance(DAY_MS);
      purged += kit.queue.purge();
    }
    assert.equal(await kit.step(), "unreachable");
    assert.equal(purged, 100, "the delivered half, after its 45 days");
    kit.site.condition = "well";
    await kit.drain();
    kit.assertExactlyOnce(200);
    assert.equal(kit.queue.stats().perDevice.get(SERIAL)?.pending ?? 0, 0);
  }));
