/**
 * Real queue, real HTTP, real delivery; only Odoo is a fake and only the clock is ours. Waiting
 * costs no time: after each step the clock is moved by as much as delivery would have rested.
 */
import assert from "node:assert/strict";
import { Delivery, type Outcome } from "../../../edge_agent/delivery/delivery.ts";
import { Alarms } from "../../../edge_agent/health/alarms.ts";
import { DestinationHttp } from "../../../edge_agent/delivery/http.ts";
import { Odoo } from "../../../edge_agent/odoo/routes.ts";
import { seeded } from "../../sim/dice.ts";
import { exampleKey } from "../../sim/example_key.ts";
import { FakeOdoo } from "../../sim/fake_odoo.ts";
import { FaultyProxy } from "../../sim/faulty_proxy.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { LaneKit, SERIAL } from "../queue/lane_kit.ts";

export interface DeliveryKitOptions {
  readonly batchSize?: number;
  readonly timeoutMs?: number;
  readonly seed?: number;
}

export class DeliveryKit {
  readonly clock = new ManualClock();
  readonly odoo = new FakeOdoo();
  readonly proxy = new FaultyProxy(() => this.odoo.url);
  readonly lane = new LaneKit(this.clock);
  readonly http: DestinationHttp;
  readonly door: Odoo;
  readonly alarms: Alarms;
  readonly delivery: Delivery;
  readonly random: () => number;
  readonly outcomes: Outcome[] = [];
  readonly waits: number[] = [];
  token = "";
  /** The most batches that were on their way at once, as the agent sees it. */
  mostPosts = 0;
  #posts = 0;

  constructor({ batchSize = 500, timeoutMs = 5_000, seed = 1 }: DeliveryKitOptions = {}) {
    this.random = seeded(seed);
    this.odoo.start();
    this.proxy.start();
    this.odoo.devices.set(SERIAL, "active");
    this.token = this.odoo.addAgent(exampleKey.publicKey).token;
    this.http = new DestinationHttp({ timeoutMs, monotonic: () => performance.now() });
    this.door = new Odoo({
      http: this.http,
      access: () => ({ url: this.proxy.url, database: "db", token: this.token }),
      agentVersion: "test",
      sign: (text) => Promise.resolve(exampleKey.sign(text)),
      now: () => this.clock.now(),
    });
    this.alarms = new Alarms({ clock: this.clock, log: silentLog, store: this.lane.queue });
    let batches = 0;
    this.delivery = new Delivery({
      queue: this.lane.queue,
      destination: {
        fits: (batch) => this.door.fits(batch),
        postPunches: async (batch, signal) => {
          this.mostPosts = Math.max(this.mostPosts, ++this.#posts);
          try {
            return await this.door.postPunches(batch, signal);
          } finally {
            this.#posts--;
          }
        },
      },
      clock: this.clock,
      random: this.random,
      batchId: () => `00000000-0000-4000-8000-${String(++batches).padStart(12, "0")}`,
      batchSize,
      alarms: this.alarms,
      log: silentLog,
    });
  }

  get queue() {
    return this.lane.queue;
  }

  alarmCodes(): string[] {
    return this.alarms.list().map((alarm) => alarm.code);
  }

  /** One step of delivery and the rest that follows it. */
  async step(): Promise<Outcome> {
    const { outcome, waitMs } = await this.delivery.deliverOnce();
    this.outcomes.push(outcome);
    this.waits.push(waitMs);
    this.clock.advance(waitMs);
    return outcome;
  }

  /** Until nothing waits; fails after `most` steps. */
  async drain(most = 2_000): Promise<void> {
    for (let n = 0; n < most; n++) if (await this.step() === "idle") return;
    assert.fail(`still not delivered after ${most} steps: ${JSON.stringify(this.queue.stats())}`);
  }

  /** Every punch is in Odoo once, the chain is whole there, nothing waits and nothing is parked. */
  assertExactlyOnce(count: number): void {
    assert.equal(this.odoo.keys.length, count, "punches in Odoo");
    const { lane, seq, hash } = this.queue.laneHead();
    assert.equal(seq, count, "sightings numbered");
    assert.deepEqual(this.odoo.books.lanes.get(lane)?.head, { seq, hash }, "lane head in Odoo");
    const { pending, parked } = this.queue.stats();
    assert.deepEqual({ pending, parked }, { pending: 0, parked: 0 });
    assert.deepEqual(this.odoo.alarms, []);
  }

  async stop(): Promise<void> {
    this.proxy.stop();
    this.http.stop();
    await this.odoo.stop();
    await this.lane.stop();
  }
}
