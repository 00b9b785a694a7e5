/**
 * What the site shows of terminals and of the agent: documents kept up to date, runs as evidence, shift types'
 * mark of completeness. Owns what is written when, so that an idle agent costs the site next to nothing. Must
 * not know how anything is captured.
 */
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { DAY_MS, MINUTE_MS } from "../base/duration.ts";
import type { Run } from "../queue/queue.ts";
import type { FactsOfSite } from "./facts.ts";
import { AGENT, DEVICE, PUNCH, RUN, SHIFT_TYPE, SITE_COMMAND } from "./names.ts";
import { REASONS } from "./posting.ts";
import { type Doc, Forbidden, Refused, type Site } from "./site.ts";
import { siteTextOf } from "./site_time.ts";

/** New terminals told in one turn: whoever knocks must not fill the site. */
const MOST_NEW = 10;
/** What only moves with time is written this seldom. */
const SLOW_MS = 5 * MINUTE_MS;

/** Who asked, where a destination ordered it (polling/work.ts). */
const ORDERED = "odoo";

const named = z.object({ name: z.string() });
const whole = z.int().nullish().transform((value) => value ?? 0);
const text = z.string().nullish().transform((value) => value ?? "");
const agentRow = z.object({
  mark: whole,
  settled: whole,
  lane: text,
  seq: whole,
  hash: text,
  public_key: text,
});
/** What an agent told of itself, as the site has it. */
export type ToldOfAgent = z.output<typeof agentRow>;
const feeds = z.object({
  shift_types: z.array(z.object({ shift_type: z.string() })).nullish()
    .transform((rows) => rows ?? []),
});
const shiftRow = z.object({
  name: z.string(),
  last_sync_of_checkin: z.string().nullish().transform((text) => text?.slice(0, 19) ?? ""),
  auto_update_last_sync: z.union([z.int(), z.boolean()]).nullish()
    .transform((value) => Number(value ?? 0)),
});

/** One terminal as the agent sees it. */
export interface Seen {
  readonly serial: string;
  readonly condition: "heard" | "read" | "silent";
  /** Epoch ms. */
  readonly lastSeenAt: number | null;
  readonly completeUntil: number | null;
  readonly onDevice: number | null;
  readonly pending: number;
  readonly clockOffset: number | null;
}

/** What a shift type waits for: the terminal that is proven least, in the site's time; empty: nothing is. */
interface Least {
  readonly proven: string;
  readonly serial: string;
}

export class Board {
  readonly #site: Site;
  readonly #clock: Pick<Clock, "monotonic" | "now">;
  readonly #told = new Map<string, { readonly text: string; readonly at: number }>();

  constructor(site: Site, clock: Pick<Clock, "monotonic" | "now">) {
    this.#site = site;
    this.#clock = clock;
  }

  /** Everything is told again: the site is not the one it was. */
  forget(): void {
    this.#told.clear();
  }

  /** Terminals that the site does not know wait there for approval. */
  async addDevices(
    serials: readonly string[],
    agent: string,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const docs = serials.slice(0, MOST_NEW).map((serial): Doc => ({
      doctype: DEVICE,
      serial,
      title: serial,
      agent,
      approval: "Waiting",
      condition: "heard",
    }));
    for (const doc of docs) {
      try {
        await this.#site.insertMany([doc], signal);
      } catch (error) {
        // Another agent was faster: then it is there.
        if (!(error instanceof Refused)) throw error;
      }
    }
    return docs.length > 0;
  }

  /** Terminals that HR entered for no agent belong to the one that hears them. */
  async claimDevices(
    serials: readonly string[],
    agent: string,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const some = serials.slice(0, MOST_NEW);
    for (const serial of some) await this.#site.setValues(DEVICE, serial, { agent }, signal);
    return some.length > 0;
  }

  async tellDevice(seen: Seen, siteZone: string, signal?: AbortSignal): Promise<void> {
    const at = (ms: number | null) => ms === null ? null : siteTextOf(siteZone, ms);
    const late = await this.#late(seen.serial, siteZone, signal);
    const moving = { last_seen: at(seen.lastSeenAt), complete_until: at(seen.completeUntil) };
    const values = {
      condition: seen.condition,
      on_device: seen.onDevice ?? 0,
      pending: seen.pending,
      clock_offset: seen.clockOffset ?? 0,
      ...(late !== null && { late }),
    };
    await this.#tell(DEVICE, seen.serial, { values, moving }, signal);
  }

  /** Looked up as seldom as what moves is written. */
  async #late(serial: string, siteZone: string, signal?: AbortSignal): Promise<number | null> {
    const told = this.#told.get(`${DEVICE} ${serial}`);
    if (told !== undefined && this.#clock.monotonic() - told.at < SLOW_MS) return null;
    const from = siteTextOf(siteZone, this.#clock.now() - 7 * DAY_MS).slice(0, 10);
    const filters = [["serial", "=", serial], ["reason", "=", REASONS.late], [
      "wall_date",
      ">=",
      from,
    ]];
    const given = { doctype: PUNCH, filters };
    return await this.#site.call("frappe.client.get_count", given, z.int(), signal);
  }

  async tellAgent(
    agent: string,
    told: { readonly values: Doc; readonly moving: Doc },
    signal?: AbortSignal,
  ): Promise<boolean> {
    return await this.#tell(AGENT, agent, told, signal);
  }

  /** What the agent told last, as the site has it; null when its document is gone. */
  async toldBy(agent: string, signal?: AbortSignal): Promise<ToldOfAgent | null> {
    const fields = Object.keys(agentRow.shape);
    const query = { fields, filters: [["name", "=", agent]] as const };
    const [row] = await this.#site.list(AGENT, agentRow, query, signal);
    return row ?? null;
  }

  async #tell(
    doctype: string,
    name: string,
    { values, moving }: { readonly values: Doc; readonly moving: Doc },
    signal?: AbortSignal,
  ): Promise<boolean> {
    const key = `${doctype} ${name}`;
    const text = JSON.stringify(values);
    const told = this.#told.get(key);
    const now = this.#clock.monotonic();
    // What was looked up only now and then does not count as a change by its absence.
    const isSame = told !== undefined &&
      Object.entries(values).every(([field, value]) => JSON.parse(told.text)[field] === value);
    if (isSame && now - told.at < SLOW_MS) return false;
    await this.#site.setValues(doctype, name, { ...values, ...moving }, signal);
    this.#told.set(key, { text: isSame ? told.text : mergedText(told?.text, text), at: now });
    return true;
  }

  /** Puts runs on the site, each once. Returns the ids that are there now. */
  async tellRuns(runs: readonly Run[], siteZone: string, signal?: AbortSignal): Promise<string[]> {
    if (runs.length === 0) return [];
    const ids = runs.map(({ id }) => id);
    const there = new Set(await this.#runsThere(ids, signal));
    const missing = runs.filter(({ id }) => !there.has(id));
    if (missing.length === 0) return ids;
    await this.#site.insertMany(missing.map((run) => runDoc(run, siteZone)), signal);
    return await this.#runsThere(ids, signal);
  }

  async #runsThere(ids: readonly string[], signal?: AbortSignal): Promise<string[]> {
    const query = { fields: ["name"], filters: [["name", "in", ids]] as const };
    return (await this.#site.list(RUN, named, query, signal)).map(({ name }) => name);
  }

  /**
   * By shift type, until when every terminal that feeds it is proven complete, those of other agents too; what
   * may not be set is said. Never goes backwards. `seen`: this agent's own, fresher than the site has them.
   */
  async lastSync(
    seen: readonly Seen[],
    { known: { siteZone, devices }, setIt }: {
      readonly known: FactsOfSite;
      readonly setIt: boolean;
    },
    signal?: AbortSignal,
  ): Promise<string[]> {
    const own = new Map(
      seen.map(({ serial, completeUntil: at }) => [
        serial,
        at === null ? "" : siteTextOf(siteZone, at),
      ]),
    );
    const until = new Map<string, Least>();
    for (const { serial, approval, completeUntil } of devices.values()) {
      if (approval === "Refused") continue;
      const { shift_types: fed } = feeds.parse(await this.#site.get(DEVICE, serial, signal));
      const proven = own.get(serial) ?? completeUntil;
      for (const { shift_type: shift } of fed) {
        // Nothing proven is the earliest of all: it holds up the shift type.
        const before = until.get(shift);
        if (before === undefined || proven < before.proven) until.set(shift, { proven, serial });
      }
    }
    const said: string[] = [];
    for (const [shift, least] of [...until].sort(([one], [other]) => one < other ? -1 : 1)) {
      said.push(await this.#oneSync(shift, least, { setIt, signal }));
    }
    return said;
  }

  async #oneSync(
    shift: string,
    { proven, serial }: Least,
    { setIt, signal }: { setIt: boolean; signal: AbortSignal | undefined },
  ): Promise<string> {
    if (proven === "") return `${shift}: nothing is proven yet of ${serial}`;
    const words = `${shift}: ${proven} (${serial})`;
    try {
      const fields = ["name", "last_sync_of_checkin", "auto_update_last_sync"];
      const filters = [["name", "=", shift]] as const;
      const [row] = await this.#site.list(SHIFT_TYPE, shiftRow, { fields, filters }, signal);
      if (row === undefined) return `${shift}: there is no such shift type`;
      if (row.auto_update_last_sync === 1) {
        return `${words}, but Auto Update Last Sync is on and does not wait: switch it off`;
      }
      if (!setIt || row.last_sync_of_checkin >= proven) return words;
      const values = { last_sync_of_checkin: proven };
      await this.#site.setValues(SHIFT_TYPE, shift, values, signal);
      return `${words}, set`;
    } catch (error) {
      if (!(error instanceof Forbidden)) throw error;
      return `${words}, to be set by hand`;
    }
  }
}

function mergedText(before: string | undefined, now: string): string {
  return JSON.stringify({
    ...(before === undefined ? {} : JSON.parse(before)),
    ...JSON.parse(now),
  });
}

function runDoc(run: Run, siteZone: string): Doc {
  return {
    doctype: RUN,
    run: run.id,
    title: `${run.serial} · ${run.channel} · ${siteTextOf(siteZone, run.endedAt).slice(0, 16)}`,
    device: run.serial,
    kind: run.channel,
    asked_by: run.askedBy === ORDERED ? SITE_COMMAND : run.askedBy,
    window_from: run.windowFrom ?? "",
    window_to: run.windowTo ?? "",
    read: run.read,
    new: run.new,
    duplicate: run.duplicate,
    unreadable: run.rejected,
    on_device: run.deviceCount ?? 0,
    started: siteTextOf(siteZone, run.startedAt),
    ended: siteTextOf(siteZone, run.endedAt),
    outcome: run.outcome,
    message: run.message.slice(0, 1_000),
  };
}
