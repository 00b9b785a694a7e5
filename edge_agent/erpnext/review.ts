/**
 * Looks again at punches that wait on the site: whose PIN is mapped now, whose terminal is approved, what a
 * person released or discarded is posted or closed. And marks punches whose check-in a person deleted: such
 * a check-in is never made again. Owns the turn through what waits; must not know the agent's queue.
 */
import { z } from "zod";
import type { SiteFacts } from "./facts.ts";
import { attendanceMade, checkinsAt, heldCheckins, isSiteClock } from "./held.ts";
import { type DocGroup, Inserter } from "./insert.ts";
import { DECISIONS, PUNCH, STATES } from "./names.ts";
import type { People } from "./people.ts";
import { checkinDoc, outcomeOf, type Plan, planOf, REASONS, sameSecond } from "./posting.ts";
import type { Doc, Filter, Site } from "./site.ts";
import { siteTextOf } from "./site_time.ts";

/** Looked at in one turn: a transaction of check-ins holds up the site's others. */
const PAGE = 50;

const text = z.string().nullish().transform((value) => value ?? "");
const waitingRow = z.object({
  name: z.string(),
  serial: z.string(),
  pin: z.string(),
  wall_time: z.string(),
  status: text,
  received_at: text,
  agent_clock: text,
  state: z.enum(STATES),
  reason: text,
  decision: text.pipe(z.enum(DECISIONS)),
});
type Waiting = z.output<typeof waitingRow>;

const FIELDS = Object.keys(waitingRow.shape);

export interface ReviewOptions {
  readonly site: Site;
  readonly facts: SiteFacts;
  readonly people: People;
}

export class Review {
  readonly #options: ReviewOptions;
  readonly #inserter: Inserter;
  /** Names up to here were looked at in this round. */
  #after = "";
  /** The same of refused punches that a person released: those that stay refused must not starve the rest. */
  #releasedAfter = "";

  constructor(options: ReviewOptions) {
    this.#options = options;
    this.#inserter = new Inserter(options.site);
  }

  /** One page of what waits. Returns how many were settled. */
  async turn(serials: readonly string[], signal?: AbortSignal): Promise<number> {
    if (serials.length === 0) return 0;
    const rows = await this.#page(serials, signal);
    if (rows.length === 0) return 0;
    const plans = await this.#plans(rows, signal);
    const undecided = await this.#insert(rows, plans, signal);
    const posted = await heldCheckins(this.#options.site, rows.map(({ name }) => name), signal);
    let settled = 0;
    for (const row of rows) {
      const plan = plans.get(row.name);
      const excType = undecided.get(row.name);
      if (excType !== undefined) await this.#sayUndecided(row, excType, signal);
      if (plan === undefined || (plan.state === "post" && !posted.has(row.name))) continue;
      const checkin = posted.get(row.name);
      const isWrong = plan.state === "post" && checkin !== undefined &&
        isSiteClock(checkin, plan.time);
      const said = isWrong ? { ...plan, reason: REASONS.siteClock } : plan;
      if (await this.#write(row, said, signal)) settled += 1;
    }
    return settled;
  }

  async #page(serials: readonly string[], signal?: AbortSignal): Promise<Waiting[]> {
    const { site } = this.#options;
    const mine: Filter = ["serial", "in", serials];
    const query = { fields: FIELDS, orderBy: "name asc", limit: PAGE };
    const rows = await site.list(PUNCH, waitingRow, {
      ...query,
      filters: [mine, ["state", "in", ["unmapped", "held"]], ...behind(this.#after)],
    }, signal);
    this.#after = nextAfter(rows);
    const released = await site.list(PUNCH, waitingRow, {
      ...query,
      filters: [
        mine,
        ["state", "=", "refused"],
        ["decision", "=", "Release"],
        ...behind(this.#releasedAfter),
      ],
    }, signal);
    this.#releasedAfter = nextAfter(released);
    return [...rows, ...released];
  }

  async #plans(rows: readonly Waiting[], signal?: AbortSignal): Promise<Map<string, Plan>> {
    const { site, facts, people } = this.#options;
    const { siteZone, devices } = await facts.read(signal);
    const asked = rows.map(({ serial, pin, wall_time }) => ({
      serial,
      pin,
      day: wall_time.slice(0, 10),
    }));
    const persons = await people.find(asked, (at) => siteTextOf(siteZone, at), signal);
    const plans = rows.map((row, at) =>
      planOf(statedOf(row), {
        siteZone,
        device: devices.get(row.serial),
        person: persons[at] ?? { kind: "nobody" },
      })
    );
    const posts = plans.flatMap((plan) => plan.state === "post" ? [plan] : []);
    const [there, made] = await Promise.all([
      checkinsAt(site, posts, signal),
      attendanceMade(site, posts, signal),
    ]);
    return new Map(rows.map((row, at) => {
      const plan = plans[at] as Plan;
      if (plan.state !== "post") return [row.name, plan];
      const other = there.find((one) =>
        one.employee === plan.employee && one.time === plan.time && one.log_type === plan.logType &&
        one.biometric_key !== row.name
      );
      if (other !== undefined) return [row.name, sameSecond(other.name)];
      const late = made?.has(`${plan.employee} ${plan.time.slice(0, 10)}`) ?? false;
      return [row.name, late ? { ...plan, reason: REASONS.late } : plan];
    }));
  }

  async #insert(
    rows: readonly Waiting[],
    plans: Map<string, Plan>,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const { devices } = await this.#options.facts.read(signal);
    const keys = rows.map(({ name }) => name);
    const there = await heldCheckins(this.#options.site, keys, signal);
    const groups = rows.flatMap((row): DocGroup[] => {
      const plan = plans.get(row.name);
      const device = devices.get(row.serial);
      if (plan?.state !== "post" || device === undefined || there.has(row.name)) return [];
      return [{ key: row.name, docs: [checkinDoc(row.name, plan, device)], posts: true }];
    });
    const { refused, undecided } = await this.#inserter.insert(groups, signal);
    for (const [key, excType] of refused) {
      plans.set(key, { state: "refused", reason: `the site refuses it: ${excType}` });
    }
    return undecided;
  }

  /** It waits on, and not for what it waited for before: a person has mapped or released it. */
  async #sayUndecided(row: Waiting, excType: string, signal?: AbortSignal): Promise<void> {
    const reason = `the site refuses it so far: ${excType}`;
    if (reason !== row.reason) {
      await this.#options.site.setValues(PUNCH, row.name, { reason }, signal);
    }
  }

  /** False when there is nothing new to say. */
  async #write(row: Waiting, plan: Plan, signal?: AbortSignal): Promise<boolean> {
    const outcome = outcomeOf(plan, { pin: row.pin, wallTime: row.wall_time });
    const state = plan.state === "post" ? "released" : outcome.state;
    if (state === row.state && outcome.reason === row.reason) return false;
    const values: Doc = { ...outcome, state };
    await this.#options.site.setValues(PUNCH, row.name, values, signal);
    return state !== row.state;
  }
}

function behind(name: string): Filter[] {
  return name === "" ? [] : [["name", ">", name]];
}

/** Empty after the last page: the round begins anew. */
function nextAfter(rows: readonly Waiting[]): string {
  return rows.length < PAGE ? "" : rows.at(-1)?.name ?? "";
}

function statedOf(row: Waiting) {
  return {
    serial: row.serial,
    pin: row.pin,
    wallTime: row.wall_time,
    status: row.status,
    key: row.name,
    receivedAt: row.agent_clock === "ok" ? Date.parse(row.received_at) : null,
    after: null,
    decision: row.decision,
  };
}

/** Marks posted punches among these keys whose check-in is gone. Returns how many. */
export async function markRemoved(
  site: Site,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<number> {
  const named = z.object({ name: z.string() });
  let marked = 0;
  for (let at = 0; at < keys.length; at += 500) {
    const some = keys.slice(at, at + 500);
    const posted = await site.list(PUNCH, named, {
      fields: ["name"],
      filters: [["name", "in", some], ["state", "in", ["stored", "released"]]],
    }, signal);
    const there = await heldCheckins(site, posted.map(({ name }) => name), signal);
    for (const { name } of posted.filter((one) => !there.has(one.name))) {
      const values = { state: "removed", reason: "its check-in was deleted by a person" };
      await site.setValues(PUNCH, name, values, signal);
      marked += 1;
    }
  }
  return marked;
}
