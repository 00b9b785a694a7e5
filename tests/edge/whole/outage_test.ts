/**
 * Long and bad outages: a line that loses and crawls, one that carries one way only, and an agent whose token
 * died while it was cut off.
 */
import assert from "node:assert/strict";
import { AgentProcess, until } from "../../sim/agent_process.ts";
import { FakeOdoo } from "../../sim/fake_odoo.ts";
import { DeliveryKit } from "../delivery/delivery_kit.ts";
import { until as becomes } from "../../sim/until.ts";
import { SERIAL } from "../queue/lane_kit.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// Everything is a hundred times quicker than in the field: 64 kbit/s are 800 kB/s, a minute of waiting for
// an answer is 0.6 s. Red when a second batch goes out beside the first, retries are not spaced, or a batch
// whose answer was lost counts twice.
Deno.test("R38 a line that loses a fifth and crawls, then half an hour of one way only: exactly once, one at a time", async () => {
  const kit = new DeliveryKit({ batchSize: 50, timeoutMs: 600, seed: 38 });
  const bytesASecond = 800_000;
  kit.odoo.answering = async ({ body }) => {
    await pause(1_000 * JSON.stringify(body).length / bytesASecond);
    return null;
  };
  try {
    await kit.lane.add(0, 1_000);
    // One way: Odoo hears and commits, no answer comes back.
    kit.proxy.fault = () => "commit-reset";
    const endsAt = kit.clock.now() + 30 * MINUTE_MS;
    let tries = 0;
    while (kit.clock.now() < endsAt) {
      await kit.step();
      tries++;
    }
    assert.ok(tries < 150, `${tries} tries in half an hour`);
    assert.equal(kit.queue.stats().pending, 1_000, "nothing counts as delivered");
    kit.proxy.fault = () => kit.random() < 0.2 ? "drop" : null;
    await kit.lane.add(1_000, 2_000);
    kit.delivery.start();
    let turn = 0;
    await becomes(() => {
      // Whoever is impatient must not bring a second batch on its way.
      if (++turn % 3 === 0) kit.delivery.wake();
      if (turn % 7 === 0) kit.delivery.retryNow();
      kit.clock.advance(kit.clock.nextWake() ?? 0);
      return kit.queue.stats().pending === 0;
    }, "everything is delivered");
    await kit.delivery.stop();
    kit.assertExactlyOnce(2_000);
    assert.equal(kit.mostPosts, 1, "batches on their way at once");
  } finally {
    await kit.stop();
  }
});

// Red when undelivered rows are purged by age, or their lane is left for a new one.
Deno.test("S39 sixty days without Odoo: nothing undelivered is purged, all of it arrives with the same token", async () => {
  const kit = new DeliveryKit();
  try {
    await kit.lane.add(0, 500);
    await kit.drain();
    await kit.lane.add(500, 1_000);
    let purged = 0;
    for (let day = 0; day < 60; day++) {
      kit.clock.advance(DAY_MS);
      purged += kit.queue.purge();
    }
    assert.equal(purged, 500, "the delivered half, after its 45 days");
    await kit.drain();
    kit.assertExactlyOnce(1_000);
  } finally {
    await kit.stop();
  }
});

// Tokens have no date in the contract: what ends one is a person. Red when a refusal drops or parks
// anything, capture waits for the token, or pairing anew begins another lane or data directory.
Deno.test("S39 a token revoked while the branch was cut off: captured on, paired anew, the queue intact", async () => {
  const odoo = new FakeOdoo();
  odoo.start();
  odoo.syncSeconds = 1;
  odoo.devices.set(SERIAL, "active");
  for (const code of ["BCDFGHJK", "LMNPQRST"]) {
    odoo.codes.set(code, { state: "active", publicKey: null });
  }
  const agent = new AgentProcess(odoo.url);
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => {
      const at = new Date(Date.UTC(2026, 2, 2) + (from + n) * 1000).toISOString();
      return `${from + n}\t${at.slice(0, 10)} ${at.slice(11, 19)}\t0\t1\t0\t0\t0`;
    });
  const reasons = async () => JSON.stringify((await agent.health()).body["reasons"]);
  try {
    assert.equal((await agent.say("pair", odoo.url, "BCDF-GHJK")).code, 0);
    await agent.start();
    const devices = async () => JSON.stringify((await agent.health()).body["devices"]);
    await until(devices, (text) => text.includes(SERIAL));
    assert.match(await agent.upload(SERIAL, lines(0, 50)), /OK: 50/);
    await until(() => odoo.keys.length, (count) => count === 50);
    for (const one of odoo.books.agents) one.tokens = [];
    assert.match(await agent.upload(SERIAL, lines(50, 150)), /OK: 100/);
    assert.match(await until(reasons, (text) => text.includes("credential")), /credential/);
    const { code, out } = await agent.say("status");
    assert.equal(code, 1);
    assert.match(out, /^ {2}open: Odoo refuses this machine: see the next step$/m);
    assert.match(out, /^odoo: refused$/m);
    assert.doesNotMatch(out, /Odoo answers|odoo: active/);
    assert.equal((await agent.stop()).code, 0);
    await agent.start();
    assert.match(await agent.upload(SERIAL, lines(150, 160)), /OK: 10/);
    assert.equal(odoo.keys.length, 50);
    const paired = await agent.say("pair", odoo.url, "LMNP-QRST");
    assert.equal(paired.code, 0, paired.err);
    assert.equal(await until(() => odoo.keys.length, (count) => count === 160), 160);
    const [lane, ...others] = [...odoo.books.lanes.values()];
    assert.deepEqual(others, []);
    assert.equal(lane?.head.seq, 160, "the lane goes on where it was");
    assert.deepEqual(odoo.alarms, []);
  } finally {
    await agent.dispose();
    await odoo.stop();
  }
});
