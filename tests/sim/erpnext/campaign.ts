/**
 * A branch on ERPNext under everything at once: lost, cut and doubled answers, a site that restarts, is away or
 * is restored from a backup, two agents that hear the same terminal, unknown PINs, strange clocks, punches of
 * one second, lines nobody can read, a right that is taken away in the middle. Owns the chance of all that and the
 * judgement at the end: every punch once, every check-in once, and with its own time or named for the site's.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type Punch, punchKey } from "../../../edge_agent/base/punch.ts";
import { Delivery, DestinationHttp } from "../../../edge_agent/delivery/delivery.ts";
import { siteParts } from "../../../edge_agent/erpnext/erpnext.ts";
import { Alarms } from "../../../edge_agent/health/health.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { Dice } from "../dice.ts";
import { type Fault, FaultyProxy } from "../faulty_proxy.ts";
import { ManualClock } from "../manual_clock.ts";
import { silentLog } from "../silent_log.ts";
import { type Key, readySite } from "./set_up.ts";
import type { FakeSite } from "./site.ts";

const SERIAL = "CAMPAIGN1";
const PEOPLE = 80;
const FAULTS: readonly Fault[] = [
  "drop",
  "half",
  "refuse",
  "commit-reset",
  "truncate-length",
  "truncate-chunked",
  "truncate-close",
  "garble",
  "duplicate",
  "redirect",
];
const CONDITIONS = [
  "maintenance",
  "database_down",
  "rate_limited",
  "other_site",
  "login_page",
] as const;
const SITE_CLOCK = "the site put its own clock into the check-in: correct its time";
/** Steps of all agents until nothing waits, by far. */
const PATIENCE = 6_000;

export interface SiteCampaignOptions {
  readonly seed: number;
  readonly punches: number;
}

export interface SiteCampaignResult {
  readonly punches: number;
  readonly checkins: number;
  readonly faults: number;
  readonly restarts: number;
  readonly restores: number;
  /** Check-ins into which the site put its own clock; each is named at its punch, and nothing else is. */
  readonly wrongTimes: number;
  readonly requests: number;
}

/** One agent: queue, delivery, self-check, a line of its own. */
class Sender {
  readonly directory = Deno.makeTempDirSync({ prefix: "campaign-" });
  readonly queue: Queue;
  readonly proxy: FaultyProxy;
  readonly http = new DestinationHttp({ timeoutMs: 10_000, monotonic: () => performance.now() });
  readonly delivery: Delivery;
  faults = 0;

  constructor(site: FakeSite, key: Key, { clock, dice }: { clock: ManualClock; dice: Dice }) {
    this.queue = new Queue({
      directory: this.directory,
      clock,
      randomBytes: (size) => new Uint8Array(randomBytes(size)),
    });
    this.queue.start();
    this.proxy = new FaultyProxy(() => site.url);
    this.proxy.start();
    const parts = siteParts({
      http: this.http,
      access: () => ({ url: this.proxy.url, ...key }),
      agentVersion: "campaign",
      now: () => clock.now(),
    }, clock);
    const { queue } = this;
    this.delivery = new Delivery({
      queue,
      destination: parts.destination,
      clock,
      random: () => dice.next(),
      batchId: () => crypto.randomUUID(),
      batchSize: 50,
      alarms: new Alarms({ clock, log: silentLog, store: queue }),
      log: silentLog,
    });
  }

  breakLine(dice: Dice): void {
    const fault = dice.pick(FAULTS), share = dice.next() * 0.4;
    this.proxy.fault = () => {
      if (!dice.chance(share)) return null;
      this.faults += 1;
      return fault;
    };
  }

  async stop(): Promise<void> {
    this.proxy.stop();
    this.http.stop();
    await this.queue.stop();
    Deno.removeSync(this.directory, { recursive: true });
  }
}

export async function siteCampaign(options: SiteCampaignOptions): Promise<SiteCampaignResult> {
  const { site, key } = await readySite();
  const clock = new ManualClock();
  const dice = new Dice(options.seed);
  site.now = () => clock.now();
  await site.put("Biometric Device", { serial: SERIAL, approval: "Approved" });
  for (let n = 0; n < PEOPLE; n++) site.addEmployee(`E${n}`, String(n));
  site.requests.clear();
  const senders = [1, 2].map(() => new Sender(site, key, { clock, dice }));
  try {
    return await play({ site, clock, dice, senders }, options);
  } finally {
    for (const sender of senders) await sender.stop();
    await site.stop();
  }
}

interface Stage {
  readonly site: FakeSite;
  readonly clock: ManualClock;
  readonly dice: Dice;
  readonly senders: readonly Sender[];
}

async function play(
  stage: Stage,
  { seed, punches }: SiteCampaignOptions,
): Promise<SiteCampaignResult> {
  const { site, clock, dice, senders } = stage;
  const made = new Map<string, Punch>();
  const counted = { restarts: 0, restores: 0 };
  let backup: Uint8Array | null = null;
  while (made.size < punches) {
    await addSome(stage, made);
    for (const sender of senders) if (dice.chance(0.3)) sender.breakLine(dice);
    if (dice.chance(0.1)) site.condition = dice.pick(CONDITIONS);
    const isRightTaken = dice.chance(0.04);
    if (isRightTaken) setTimeRight(site, 0);
    for (const sender of senders) await step(sender, clock);
    site.condition = "well";
    if (isRightTaken) setTimeRight(site, 1);
    if (dice.chance(0.03)) {
      await site.restart();
      counted.restarts += 1;
    }
    if (dice.chance(0.05)) backup = site.backup();
    else if (backup !== null && dice.chance(0.02)) {
      await site.restore(backup);
      counted.restores += 1;
      backup = null;
    }
  }
  for (const sender of senders) sender.proxy.fault = () => null;
  await drain(senders, clock, seed);
  // What the exchange does when the mark of the site went back.
  for (const { queue } of senders) queue.rewind({ ...queue.laneHead(), seq: 0 });
  await drain(senders, clock, seed);
  const judged = judge(site, made, seed);
  const faults = senders.reduce((sum, sender) => sum + sender.faults, 0);
  return { punches: made.size, ...judged, faults, ...counted, requests: site.requestCount };
}

async function step({ delivery }: Sender, clock: ManualClock): Promise<boolean> {
  const { outcome, waitMs } = await delivery.deliverOnce();
  clock.advance(Math.min(waitMs, 20_000));
  return outcome === "idle";
}

async function drain(senders: readonly Sender[], clock: ManualClock, seed: number): Promise<void> {
  for (const sender of senders) {
    let left = PATIENCE;
    while (!await step(sender, clock)) {
      if (left-- === 0) assert.fail(`seed ${seed}: never delivered`);
    }
    const { pending, parked } = sender.queue.stats();
    assert.deepEqual({ pending, parked }, { pending: 0, parked: 0 }, `seed ${seed}`);
  }
}

/** A few punches, heard by one agent or both, on one channel or both. */
async function addSome({ clock, dice, senders }: Stage, made: Map<string, Punch>): Promise<void> {
  const count = dice.between(1, 60);
  const punches = Array.from({ length: count }, () => somePunch(clock, dice, made.size));
  for (const punch of punches) made.set(punchKey(punch), punch);
  const rejects = dice.chance(0.1)
    ? [{ serial: SERIAL, reason: "bad_time" as const, raw: `7\t${dice.below(1000)}-13-45\t0` }]
    : [];
  const hearing = dice.chance(0.5) ? senders : [dice.pick(senders)];
  for (const { queue } of hearing) {
    await queue.add({ serial: SERIAL, channel: "push", punches, rejects });
    if (dice.chance(0.2)) await queue.add({ serial: SERIAL, channel: "poll", punches, rejects });
  }
}

function somePunch(clock: ManualClock, dice: Dice, n: number): Punch {
  const back = dice.below(3_600_000);
  const at = new Date(clock.now() - back + 8 * 3_600_000).toISOString();
  const usual = `${at.slice(0, 10)} ${at.slice(11, 19)}`;
  return {
    serial: SERIAL,
    pin: dice.chance(0.05) ? `x${n}` : String(dice.below(PEOPLE)),
    wallTime: dice.chance(0.02) ? `2000-01-01 00:00:${String(n % 60).padStart(2, "0")}` : usual,
    status: dice.pick(["0", "1"]),
    verify: "1",
    workCode: "",
    extra: "",
  };
}

/** Without it the site puts its own clock into `time`, and answers 200. */
function setTimeRight(site: FakeSite, write: 0 | 1): void {
  const rule = site.rows("Custom DocPerm", [["parent", "=", "Employee Checkin"]])
    .find((row) => row["role"] === "Biometric Agent" && row["permlevel"] === 1);
  site.set("Custom DocPerm", String(rule?.["name"]), { write });
}

function judge(
  site: FakeSite,
  made: ReadonlyMap<string, Punch>,
  seed: number,
): Pick<SiteCampaignResult, "checkins" | "wrongTimes"> {
  const what = `seed ${seed}`;
  const punches = new Map(site.rows("Biometric Punch").map((row) => [String(row["name"]), row]));
  assert.deepEqual([...punches.keys()].sort(), [...made.keys()].sort(), `${what}: raw punches`);
  const checkins = site.rows("Employee Checkin");
  const byKey = Map.groupBy(checkins, (row) => String(row["biometric_key"]));
  let wrongTimes = 0;
  for (const [key, punch] of made) {
    const row = punches.get(key) ?? {};
    const posted = byKey.get(key) ?? [];
    const known = /^\d+$/.test(punch.pin) && !punch.wallTime.startsWith("2000");
    if (row["state"] === "stored") {
      assert.equal(posted.length, 1, `${what}: one check-in of ${key}`);
      const isNamed = row["reason"] === SITE_CLOCK;
      const isOwn = posted[0]?.["time"] === punch.wallTime;
      assert.equal(isOwn, !isNamed, `${what}: ${punch.wallTime} is ${posted[0]?.["time"]}`);
      if (isNamed) wrongTimes += 1;
      assert.equal(posted[0]?.["employee"], `E${punch.pin}`, `${what}: its own person`);
    } else {
      assert.equal(posted.length, 0, `${what}: none of ${key}, ${row["reason"]}`);
      // Where the site put one time into two of one person it refused the second.
      const excused = !known ||
        /^same second as|^the site refuses it: ValidationError$/.test(String(row["reason"]));
      assert.ok(excused, `${what}: ${punch.pin} ${punch.wallTime} is ${row["reason"]}`);
    }
  }
  assert.equal(checkins.length, [...byKey.keys()].length, `${what}: no check-in of nothing`);
  return { checkins: checkins.length, wrongTimes };
}
