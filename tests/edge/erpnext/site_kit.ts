/**
 * Real queue, real HTTP, real delivery, a site with real transactions that our own provisioning set up; only
 * the clock is ours. Waiting costs no time.
 */
import assert from "node:assert/strict";
import { Delivery, DestinationHttp, type Outcome } from "../../../edge_agent/delivery/delivery.ts";
import { siteParts } from "../../../edge_agent/erpnext/erpnext.ts";
import { Alarms } from "../../../edge_agent/health/health.ts";
import { seeded } from "../../sim/dice.ts";
import { type Key, readySite } from "../../sim/erpnext/set_up.ts";
import type { FakeSite, SiteOptions } from "../../sim/erpnext/site.ts";
import { FaultyProxy } from "../../sim/faulty_proxy.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { LaneKit, SERIAL } from "../queue/lane_kit.ts";

export interface SiteKitOptions extends SiteOptions {
  readonly seed?: number;
  readonly batchSize?: number;
  readonly timeoutMs?: number;
  /** Employees `E1` … with PINs `1` …; default 60. */
  readonly employees?: number;
}

export class SiteKit {
  readonly clock = new ManualClock();
  readonly lane = new LaneKit(this.clock);
  readonly proxy: FaultyProxy;
  readonly http: DestinationHttp;
  readonly parts: ReturnType<typeof siteParts>;
  readonly alarms: Alarms;
  readonly delivery: Delivery;
  readonly random: () => number;
  readonly outcomes: Outcome[] = [];
  readonly site: FakeSite;
  /** Batches on their way at once. */
  mostPosts = 0;
  #posts = 0;
  key: Key;

  private constructor(
    site: FakeSite,
    key: Key,
    { seed = 1, batchSize = 50, timeoutMs = 20_000 }: SiteKitOptions,
  ) {
    this.site = site;
    this.random = seeded(seed);
    this.key = key;
    site.now = () => this.clock.now();
    this.proxy = new FaultyProxy(() => site.url);
    this.proxy.start();
    this.http = new DestinationHttp({ timeoutMs, monotonic: () => performance.now() });
    this.parts = siteParts({
      http: this.http,
      access: () => ({ url: this.proxy.url, ...this.key }),
      agentVersion: "test",
      now: () => this.clock.now(),
    }, this.clock);
    this.alarms = new Alarms({ clock: this.clock, log: silentLog, store: this.lane.queue });
    let batches = 0;
    this.delivery = new Delivery({
      queue: this.lane.queue,
      destination: {
        fits: (batch) => this.parts.destination.fits(batch),
        postPunches: async (batch, signal) => {
          this.mostPosts = Math.max(this.mostPosts, ++this.#posts);
          try {
            return await this.parts.destination.postPunches(batch, signal);
          } finally {
            this.#posts--;
          }
        },
      },
      clock: this.clock,
      random: this.random,
      batchId: () => String(++batches),
      batchSize,
      alarms: this.alarms,
      log: silentLog,
    });
  }

  /** Set up, one terminal approved, employees with PINs. */
  static async make(options: SiteKitOptions = {}): Promise<SiteKit> {
    const { site, key } = await readySite(options);
    await site.put("Biometric Device", { serial: SERIAL, approval: "Approved" });
    for (let n = 1; n <= (options.employees ?? 60); n++) site.addEmployee(`E${n}`, String(n));
    site.requests.clear();
    return new SiteKit(site, key, options);
  }

  get queue() {
    return this.lane.queue;
  }

  /** `count` punches of PIN 1 … 60 in turn, each a second later. */
  async add(from: number, to: number, pinOf = (n: number) => String(n % 60 + 1)): Promise<void> {
    const punches = Array.from({ length: to - from }, (_, at) => this.punch(from + at, { pinOf }));
    await this.queue.add({ serial: SERIAL, channel: "push", punches, rejects: [] });
  }

  punch(n: number, { pinOf = (at: number) => String(at % 60 + 1) } = {}) {
    const at = new Date(Date.UTC(2026, 2, 2) + n * 1000).toISOString();
    return {
      serial: SERIAL,
      pin: pinOf(n),
      wallTime: `${at.slice(0, 10)} ${at.slice(11, 19)}`,
      status: "0",
      verify: "1",
      workCode: "",
      extra: "",
    };
  }

  alarmCodes(): string[] {
    return this.alarms.list().map(({ code }) => code);
  }

  async step(): Promise<Outcome> {
    const { outcome, waitMs } = await this.delivery.deliverOnce();
    this.outcomes.push(outcome);
    this.clock.advance(waitMs);
    return outcome;
  }

  async drain(most = 2_000): Promise<void> {
    for (let n = 0; n < most; n++) if (await this.step() === "idle") return;
    assert.fail(`still not delivered after ${most} steps: ${JSON.stringify(this.queue.stats())}`);
  }

  /** Every punch is one raw punch and one check-in, with its own time; nothing waits, nothing is parked. */
  assertExactlyOnce(count: number): void {
    const punches = this.site.rows("Biometric Punch");
    const checkins = this.site.rows("Employee Checkin");
    assert.equal(punches.length, count, "raw punches");
    assert.equal(checkins.length, count, "check-ins");
    const said = new Map(punches.map((row) => [row["name"], row["wall_time"]]));
    for (const row of checkins) assert.equal(row["time"], said.get(row["biometric_key"]));
    assert.equal(new Set(checkins.map((row) => row["biometric_key"])).size, count);
    const { pending, parked } = this.queue.stats();
    assert.deepEqual({ pending, parked }, { pending: 0, parked: 0 });
  }

  async stop(): Promise<void> {
    this.proxy.stop();
    this.http.stop();
    await this.site.stop();
    await this.lane.stop();
  }
}

export async function withSite(
  options: SiteKitOptions,
  use: (kit: SiteKit) => Promise<void>,
): Promise<void> {
  const kit = await SiteKit.make(options);
  try {
    await use(kit);
  } finally {
    await kit.stop();
  }
}
