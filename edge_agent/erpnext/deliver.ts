/**
 * ERPNext as a destination: reads back what the site holds of a batch, inserts what is missing (a raw punch
 * and its check-in in one transaction), reads back again. Owns that order and the receipt, which says only
 * what was read back with the right time. Must not know the queue, nor when anything is asked again.
 */
import type { Clock } from "../base/clock.ts";
import { HOUR_MS } from "../base/duration.ts";
import type { PunchSighting, RejectSighting, Sighting } from "../base/punch.ts";
import { sha256Hex } from "../base/sha256.ts";
import {
  type Batch,
  type Destination,
  NotWelcome,
  type Receipt,
  Unreachable,
} from "../delivery/delivery.ts";
import type { SiteFacts } from "./facts.ts";
import {
  attendanceMade,
  checkinsAt,
  type HeldCheckin,
  heldCheckins,
  type HeldPunch,
  heldPunches,
  heldUnread,
} from "./held.ts";
import { type DocGroup, Inserter } from "./insert.ts";
import { PUNCH, UNREAD } from "./names.ts";
import { OwnTimes, type WrongTime } from "./own_times.ts";
import type { People } from "./people.ts";
import { checkinDoc, type Plan, planOf, punchDoc, REASONS, sameSecond } from "./posting.ts";
import { requireSetUp } from "./probe.ts";
import { type Doc, Refused, type Site } from "./site.ts";
import { DeviceOrder } from "./order.ts";
import { siteTextOf } from "./site_time.ts";

/** Sightings of one transaction: it holds up every other check-in of the site. */
const MOST_AT_ONCE = 50;
/** The set-up is looked at again after this long, and at once after a refusal. */
const PROBE_MS = HOUR_MS;

type Given = Receipt["verdicts"][number];

export interface ErpnextOptions {
  readonly site: Site;
  readonly facts: SiteFacts;
  readonly people: People;
  readonly clock: Pick<Clock, "monotonic" | "now">;
}

/** What the site holds of some keys. */
interface Held {
  readonly punches: ReadonlyMap<string, HeldPunch>;
  readonly checkins: ReadonlyMap<string, HeldCheckin>;
  readonly unread: ReadonlyMap<string, boolean>;
}

export class Erpnext implements Destination {
  readonly #options: ErpnextOptions;
  readonly #inserter: Inserter;
  readonly #order = new DeviceOrder();
  readonly #times = new OwnTimes();
  #probedAt: number | null = null;

  constructor(options: ErpnextOptions) {
    this.#options = options;
    this.#inserter = new Inserter(options.site);
  }

  fits(batch: Batch): boolean {
    return batch.sightings.length <= MOST_AT_ONCE;
  }

  /** Resolves with verdicts for what is proven, one at least; the rest of the batch simply goes again. */
  async postPunches(batch: Batch, signal?: AbortSignal): Promise<Receipt> {
    try {
      await this.#probe(signal);
      return { lane: batch.lane, head: null, verdicts: await this.#post(batch, signal) };
    } catch (error) {
      if (error instanceof NotWelcome) this.#probedAt = null;
      // What it is asked is the same for every batch: no punch is the cause, nor this agent.
      if (!(error instanceof Refused)) throw error;
      throw new Unreachable(`the site refuses what it is asked: ${error.message}`, false);
    }
  }

  async #probe(signal?: AbortSignal): Promise<void> {
    const { clock, site } = this.#options;
    const at = clock.monotonic();
    if (this.#probedAt !== null && at - this.#probedAt < PROBE_MS) return;
    await requireSetUp(site, signal);
    this.#probedAt = at;
  }

  async #post({ sightings }: Batch, signal?: AbortSignal): Promise<Given[]> {
    const punches = sightings.filter((one) => one.kind === "punch");
    const rejects = sightings.filter((one) => one.kind === "reject");
    const before = await this.#held(punches, rejects, signal);
    const plans = await this.#plans(punches, before, signal);
    const groups = [...this.#groups(plans), ...unreadGroups(rejects, before)];
    const { refused, undecided } = await this.#inserter.insert(groups, signal);
    await this.#keepRefused(plans, refused, signal);
    const after = groups.length === 0 ? before : await this.#held(punches, rejects, signal);
    await this.#requireOwnTimes(this.#times.wrong(distinct(punches), after), signal);
    const given = sightings.flatMap((one) => verdictOf(one, { before, after }));
    this.#times.settled(punches.filter(({ key }) => after.punches.has(key)));
    if (given.length > 0) return given;
    const types = [...new Set(undecided.values())].sort().join(", ");
    const what = undecided.size > 0
      ? `the site refuses ${undecided.size} check-ins (${types}), and no other got through since`
      : "nothing of the batch was read back";
    throw new Unreachable(what, false);
  }

  /**
   * The trap that costs people their pay: the site took check-ins and put its own clock into `time`. Each is
   * named at its punch, for it is settled when the right is mended. Throws NotWelcome.
   */
  async #requireOwnTimes(wrong: readonly WrongTime[], signal?: AbortSignal): Promise<void> {
    const [first] = wrong;
    if (first === undefined) return;
    // Also where naming them fails half-way: no more of them are made.
    this.#probedAt = null;
    for (const { key } of wrong) {
      await this.#options.site.setValues(PUNCH, key, { reason: REASONS.siteClock }, signal);
    }
    throw new NotWelcome(
      `the site stored ${first.checkin.name} with the time ${first.checkin.time} instead of ` +
        `${first.said}, and ${
          wrong.length - 1
        } more so: this agent's role may not write Employee ` +
        "Checkin at permlevel 1; run provision-erpnext again, then correct the check-ins of the " +
        `punches whose reason is “${REASONS.siteClock}”`,
    );
  }

  async #held(
    punches: readonly PunchSighting[],
    rejects: readonly RejectSighting[],
    signal?: AbortSignal,
  ): Promise<Held> {
    const { site } = this.#options;
    const keys = [...new Set(punches.map(({ key }) => key))];
    const names = [...new Set(rejects.map(unreadName))];
    const [held, checkins, unread] = await Promise.all([
      keys.length === 0 ? new Map() : heldPunches(site, keys, signal),
      keys.length === 0 ? new Map() : heldCheckins(site, keys, signal),
      names.length === 0 ? new Map() : heldUnread(site, names, signal),
    ]);
    return { punches: held, checkins, unread };
  }

  /** By key, of the punches that the site does not hold yet. */
  async #plans(
    punches: readonly PunchSighting[],
    before: Held,
    signal?: AbortSignal,
  ): Promise<Map<string, Planned>> {
    const fresh = distinct(punches).filter(({ key }) => !before.punches.has(key));
    if (fresh.length === 0) return new Map();
    const { facts, people } = this.#options;
    const { siteZone, devices } = await facts.read(signal);
    const asked = fresh.map(({ serial, pin, wallTime }) => ({
      serial,
      pin,
      day: wallTime.slice(0, 10),
    }));
    const persons = await people.find(asked, (at) => siteTextOf(siteZone, at), signal);
    const planned = fresh.map((sighting, at): Planned => {
      const device = devices.get(sighting.serial);
      const stated = this.#order.stated(sighting, device?.timeZone ?? siteZone);
      const plan = planOf(stated, { siteZone, device, person: persons[at] ?? { kind: "nobody" } });
      return { sighting, plan, device };
    });
    return await this.#beside(planned, signal);
  }

  /** Against what the site has of the same second and of days that are closed. */
  async #beside(planned: readonly Planned[], signal?: AbortSignal): Promise<Map<string, Planned>> {
    const { site } = this.#options;
    const posts = planned.flatMap(({ plan }) => plan.state === "post" ? [plan] : []);
    const [there, made] = await Promise.all([
      checkinsAt(site, posts, signal),
      attendanceMade(site, posts, signal),
    ]);
    const taken = new Map(
      there.map((row) => [secondOf(row.employee, row.time, row.log_type), row]),
    );
    const first = new Map<string, string>();
    return new Map(planned.map((one): [string, Planned] => {
      const { plan, sighting: { key } } = one;
      if (plan.state !== "post") return [key, one];
      const second = secondOf(plan.employee, plan.time, plan.logType);
      const other = taken.get(second);
      const earlier = other !== undefined && other.biometric_key !== key
        ? other.name
        : first.get(second);
      if (earlier !== undefined) return [key, { ...one, plan: sameSecond(earlier) }];
      first.set(second, key);
      const late = made?.has(`${plan.employee} ${plan.time.slice(0, 10)}`) ?? false;
      return [key, late ? { ...one, plan: { ...plan, reason: REASONS.late } } : one];
    }));
  }

  #groups(plans: ReadonlyMap<string, Planned>): DocGroup[] {
    return [...plans].map(([key, { sighting, plan, device }]) => {
      const raw = punchDoc(sighting, plan);
      if (plan.state !== "post" || device === undefined) return { key, docs: [raw], posts: false };
      this.#times.sending(key, plan.time);
      return { key, docs: [raw, checkinDoc(key, plan, device)], posts: true };
    });
  }

  /** A culprit is stored without a check-in, with what the site said of it: HR sees it. */
  async #keepRefused(
    plans: Map<string, Planned>,
    refused: ReadonlyMap<string, string>,
    signal?: AbortSignal,
  ): Promise<void> {
    const groups: DocGroup[] = [];
    for (const [key, excType] of refused) {
      const one = plans.get(key);
      if (one === undefined) continue;
      const plan: Plan = { state: "refused", reason: `the site refuses it: ${excType}` };
      plans.set(key, { ...one, plan });
      groups.push({ key, docs: [punchDoc(one.sighting, plan)], posts: false });
    }
    await this.#inserter.insert(groups, signal);
  }
}

interface Planned {
  readonly sighting: PunchSighting;
  readonly plan: Plan;
  readonly device: Parameters<typeof checkinDoc>[2] | undefined;
}

function distinct(punches: readonly PunchSighting[]): PunchSighting[] {
  return [...new Map(punches.map((one) => [one.key, one])).values()];
}

function secondOf(employee: string, time: string, logType: string): string {
  return `${employee}\n${time}\n${logType}`;
}

/** Names an unreadable line by its terminal and text. */
export function unreadName({ serial, raw }: { serial: string; raw: string }): string {
  return sha256Hex(`${serial}\n${raw}`);
}

function unreadGroups(rejects: readonly RejectSighting[], { unread }: Held): DocGroup[] {
  const fresh = new Map(rejects.map((one) => [unreadName(one), one]));
  return [...fresh].filter(([name]) => !unread.has(name)).map(([name, reject]) => {
    const { serial, reason, raw, channel, receivedAt, lane, seq } = reject;
    const doc: Doc = {
      doctype: UNREAD,
      digest: name,
      serial,
      reason,
      raw,
      channel,
      received_at: receivedAt,
      lane,
      seq,
      title: `${serial} · ${reason} · ${receivedAt.slice(0, 16).replace("T", " ")}`,
    };
    return { key: name, docs: [doc], posts: false };
  });
}

/** None for what is not proven. */
function verdictOf(
  sighting: Sighting,
  { before, after }: { before: Held; after: Held },
): Given[] {
  const { seq } = sighting;
  // A bare leaf holds a place in the agent's own lane: the site keeps none.
  if (sighting.kind === "leaf") return [{ seq, verdict: "stored" }];
  if (sighting.kind === "reject") {
    const name = unreadName(sighting);
    if (!after.unread.has(name)) return [];
    return [{ seq, verdict: before.unread.has(name) ? "duplicate" : "quarantined" }];
  }
  const { key } = sighting;
  const punch = after.punches.get(key);
  if (punch === undefined) return [];
  if (punch.state !== "stored" && punch.state !== "released" && punch.state !== "removed") {
    return [{ seq, verdict: "quarantined", reason: punch.reason }];
  }
  return [{ seq, verdict: before.punches.has(key) ? "duplicate" : "stored" }];
}
