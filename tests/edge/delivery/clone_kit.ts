/**
 * Two agents on copies of one card, against a pretended Odoo or an ERPNext site: real queues, real delivery, real
 * HTTP. An agent of a site has the exchange beside it, by which alone a site can tell it anything.
 */
import { randomBytes } from "node:crypto";
import { punchKey } from "../../../edge_agent/base/punch.ts";
import { Delivery, type Destination } from "../../../edge_agent/delivery/delivery.ts";
import { siteControl, siteParts } from "../../../edge_agent/erpnext/erpnext.ts";
import { Alarms } from "../../../edge_agent/health/health.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { copySync } from "../../sim/copy_directory.ts";
import { BRANCH } from "../../sim/erpnext/set_up.ts";
import type { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { SiteKit } from "../erpnext/site_kit.ts";
import { SERIAL } from "../queue/lane_kit.ts";
import { DeliveryKit } from "./delivery_kit.ts";

/** Longer than an agent of a site goes between two looks at what it told. */
const LOOK_MS = 61_000;
const BATCH = 50;
/** Turns of one agent until nothing waits, by far. */
const PATIENCE = 500;

/** A punch of one of 60 people, a second after the one before. */
function punch(n: number) {
  const at = new Date(Date.UTC(2026, 2, 2) + n * 1000).toISOString();
  const wallTime = `${at.slice(0, 10)} ${at.slice(11, 19)}`;
  const pin = String(n % 60 + 1);
  return { serial: SERIAL, pin, wallTime, status: "0", verify: "1", workCode: "", extra: "" };
}

/** One of the two agents. */
export class Half {
  readonly alarms: Alarms;
  readonly delivery: Delivery;
  readonly #clock: ManualClock;
  readonly #exchange: (half: Half) => () => Promise<unknown>;
  #look: (() => Promise<unknown>) | null = null;

  constructor(
    readonly queue: Queue,
    { destination, clock, random }: Far,
    exchange: (half: Half) => () => Promise<unknown>,
  ) {
    this.#clock = clock;
    this.#exchange = exchange;
    this.alarms = new Alarms({ clock, log: silentLog, store: queue });
    this.delivery = new Delivery({
      queue,
      destination,
      clock,
      random,
      batchId: () => crypto.randomUUID(),
      batchSize: BATCH,
      alarms: this.alarms,
      log: silentLog,
    });
  }

  async add(from: number, to: number): Promise<void> {
    const punches = Array.from({ length: to - from }, (_, n) => punch(from + n));
    await this.queue.add({ serial: SERIAL, channel: "push", punches, rejects: [] });
  }

  /** A try of delivery, then what its destination is told and says. */
  async turn(): Promise<boolean> {
    const { outcome, waitMs } = await this.delivery.deliverOnce();
    this.#clock.advance(waitMs);
    await this.look();
    return outcome === "idle";
  }

  async look(): Promise<void> {
    this.#look ??= this.#exchange(this);
    await this.#look();
  }

  async drain(): Promise<void> {
    for (let n = 0; n < PATIENCE; n++) if (await this.turn()) return;
    throw new Error(`still not delivered: ${JSON.stringify(this.queue.stats())}`);
  }

  codes(): string[] {
    return this.alarms.list().map(({ code }) => code);
  }
}

interface Far {
  readonly destination: Destination;
  readonly clock: ManualClock;
  readonly random: () => number;
}

export interface Twins {
  readonly name: "Odoo" | "ERPNext";
  readonly first: Half;
  readonly second: Half;
  /** What the destination holds, by key. */
  keys(): readonly string[];
  /** What whoever looks at the destination is told of trouble there. */
  told(): string;
  /** One of them hears of the lane's head at the destination, before it delivers. */
  learn(half: Half): Promise<void>;
}

/** `use` with both destinations: the second test says so behind its numbers. */
export function cloneTest(name: string, use: (twins: Twins) => Promise<void>): void {
  Deno.test(name, () => withOdoo(use));
  Deno.test(name.replace(/^((?:R\d\d )+)/, "$1(ERPNext) "), () => withSite(use));
}

/** The card is copied when the first hundred punches were delivered. */
async function withCopy(
  lane: { readonly queue: Queue; readonly directory: string },
  make: (queue: Queue) => Half,
  use: (first: Half, second: Half) => Promise<void>,
  clock: ManualClock,
): Promise<void> {
  const before = make(lane.queue);
  await before.add(0, 100);
  await before.drain();
  await lane.queue.stop();
  const directory = Deno.makeTempDirSync({ prefix: "biometric-" });
  copySync(lane.directory, directory);
  lane.queue.start();
  const queue = new Queue({
    directory,
    clock,
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
    timers: false,
  });
  queue.start();
  try {
    await use(make(lane.queue), make(queue));
  } finally {
    await queue.stop();
    Deno.removeSync(directory, { recursive: true });
  }
}

async function withOdoo(use: (twins: Twins) => Promise<void>): Promise<void> {
  const kit = new DeliveryKit({ batchSize: BATCH });
  const { clock, random, door: destination, odoo } = kit;
  const make = (queue: Queue) =>
    new Half(queue, { destination, clock, random }, () => () => Promise.resolve());
  try {
    await withCopy(
      kit.lane,
      make,
      (first, second) =>
        use({
          name: "Odoo",
          first,
          second,
          keys: () => odoo.keys,
          told: () => odoo.alarms.join("\n"),
          learn: ({ queue, delivery }) => {
            const { lane } = queue.laneHead();
            const known = odoo.books.lanes.get(lane);
            if (known === undefined) throw new Error("Odoo knows nothing of this lane");
            const head = { lane, ...known.head };
            delivery.headSeen(head, queue.compareHead(head));
            return Promise.resolve();
          },
        }),
      clock,
    );
  } finally {
    await kit.stop();
  }
}

async function withSite(use: (twins: Twins) => Promise<void>): Promise<void> {
  const kit = await SiteKit.make();
  const { clock, random, site } = kit;
  site.set("Biometric Device", SERIAL, { agent: BRANCH });
  const access = () => ({ url: kit.proxy.url, ...kit.key });
  const make = (queue: Queue) => {
    const options = { http: kit.http, access, agentVersion: "test", now: () => clock.now() };
    const parts = siteParts(options, clock);
    return new Half(queue, { destination: parts.destination, clock, random }, (half) => {
      const control = siteControl(parts, {
        access: () => ({ version: 1, ...access(), agent: BRANCH, setLastSync: false }),
        queue,
        devices: { report: () => [], unknown: () => [], apply: () => {} },
        commands: { order: () => "queued", results: () => [], acknowledged: () => {} },
        identity: { publicKey: "OF BOTH", sign: (text) => Promise.resolve(text) },
        clock,
        random,
        alarms: half.alarms,
        log: silentLog,
        version: "test",
        pollSeconds: 30,
        onRestored: () => half.delivery.retryNow(),
        onWelcome: () => {},
      });
      return async () => {
        clock.advance(LOOK_MS);
        await control.syncOnce();
      };
    });
  };
  const keys = () => site.rows("Biometric Punch").map((row) => String(row["name"]));
  try {
    await withCopy(
      kit.lane,
      make,
      async (first, second) => {
        const told = () => String(site.rows("Biometric Agent")[0]?.["alarms"]);
        const learn = (half: Half) => half.look();
        await use({ name: "ERPNext", first, second, keys, told, learn });
        // Beside what the test asks for: each raw punch has its own check-in.
        const cited = site.rows("Employee Checkin").map((row) => String(row["biometric_key"]));
        if (cited.toSorted().join() !== keys().toSorted().join()) throw new Error("check-ins");
      },
      clock,
    );
  } finally {
    await kit.stop();
  }
}

/** Of the punches `from` … `to - 1`. */
export function keysOf(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => punchKey(punch(from + n)));
}
