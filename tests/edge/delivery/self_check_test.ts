/** The weekly self-check: what Odoo lost comes back, what it holds is left alone, a run says so. */
import assert from "node:assert/strict";
import { OdooHoldings } from "../../../edge_agent/odoo/holdings.ts";
import { SelfCheck } from "../../../edge_agent/delivery/self_check.ts";
import { FakeHoldings } from "../../sim/fake_odoo_holdings.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { until } from "../../sim/until.ts";
import { LaneKit, makePunch, SERIAL } from "../queue/lane_kit.ts";

const DAY_MS = 86_400_000;

async function withCheck(use: (kit: ReturnType<typeof makeKit>) => Promise<void>): Promise<void> {
  const kit = makeKit();
  try {
    await use(kit);
  } finally {
    await kit.lane.stop();
  }
}

function makeKit() {
  const clock = new ManualClock();
  const lane = new LaneKit(clock);
  const odoo = new FakeHoldings();
  const kit = { clock, lane, odoo, welcome: true, trusted: true, wakes: 0, asked: 0 };
  const check = new SelfCheck({
    queue: lane.queue,
    holdings: new OdooHoldings({
      confirmDays: (serial, days) => {
        kit.asked++;
        return odoo.confirmDays(serial, days);
      },
      confirmKeys: (serial, keys) => odoo.confirmKeys(serial, keys),
      confirmRejects: (serial, digests) => odoo.confirmRejects(serial, digests),
    }),
    name: "Odoo",
    isWelcome: () => kit.welcome,
    // A pause of no length ends by itself, so that one step of the test is one check.
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      trusted: () => kit.trusted,
      sleep: (ms, signal) => ms === 0 ? Promise.resolve() : clock.sleep(ms, signal),
    },
    log: silentLog,
    newId: () => crypto.randomUUID(),
    wake: () => kit.wakes++,
    retentionDays: 45,
  });
  const add = (count: number) =>
    lane.queue.add({
      serial: SERIAL,
      channel: "push",
      punches: Array.from({ length: count }, (_, n) => makePunch(n)),
      rejects: [],
    });
  return Object.assign(kit, { check, add });
}

// Red when the digest is not asked, when what is missing stays delivered, or when the check is not kept.
Deno.test("SelfCheck: punches that Odoo confirmed and lost are sent again, once a week, with a run", async () => {
  await withCheck(async ({ clock, lane, odoo, check, add }) => {
    await add(200);
    assert.equal(await check.tend(), null, "nothing is asked while punches wait");
    odoo.deliver(lane.queue);
    clock.advance(3 * DAY_MS);
    const well = await check.tend();
    assert.deepEqual(
      [well?.outcome, well?.read, well?.new, well?.duplicate],
      ["confirmed", 200, 0, 200],
    );
    assert.deepEqual(lane.queue.runs(10).map((run) => run.askedBy), ["self-check"]);
    odoo.forget([...odoo.keys].slice(20, 27));
    clock.advance(3 * DAY_MS);
    assert.equal(await check.tend(), null, "not due before a week is over");
    clock.advance(5 * DAY_MS);
    const lost = await check.tend();
    assert.deepEqual([lost?.outcome, lost?.new, lost?.duplicate], ["resent", 7, 193]);
    assert.match(lost?.message ?? "", /7 of 200 punches were not in Odoo; 7 are sent again/);
    assert.equal(lane.queue.stats().pending, 7);
    odoo.deliver(lane.queue);
    assert.equal(odoo.keys.size, 200);
  });
});

// Red when a failed check counts as done, an agent that may not deliver asks, or one whose clock is in doubt: it
// would be due at every jump, for days that are not.
Deno.test("SelfCheck: a check that failed is due still; who is unwelcome or in doubt does not ask", async () => {
  await withCheck(async (kit) => {
    const { clock, lane, odoo, check, add } = kit;
    await add(10);
    odoo.deliver(lane.queue);
    clock.advance(3 * DAY_MS);
    kit.welcome = false;
    assert.equal(await check.tend(), null);
    kit.welcome = true;
    kit.trusted = false;
    assert.equal(await check.tend(), null);
    assert.equal(kit.asked, 0);
    kit.trusted = true;
    odoo.unreachable = true;
    await assert.rejects(() => check.tend(), /unreachable/);
    assert.deepEqual(lane.queue.runs(10), []);
    odoo.unreachable = false;
    assert.equal((await check.tend())?.outcome, "confirmed");
    assert.equal(kit.wakes, 0);
  });
});

// Red when the loop asks at every look, or does not rest after a failure.
Deno.test("SelfCheck.start() looks by itself, rests an hour after a failure, and stops at once", async () => {
  await withCheck(async (kit) => {
    const { clock, lane, odoo, check, add } = kit;
    await add(10);
    odoo.deliver(lane.queue);
    clock.advance(3 * DAY_MS);
    odoo.unreachable = true;
    check.start();
    const rests = () => clock.nextWake() !== null;
    for (let n = 0; n < 30; n++) {
      await until(rests, "it rests between two looks");
      clock.advance(60_000);
    }
    await until(rests);
    assert.equal(kit.asked, 1);
    await check.stop();
  });
});
