/**
 * What the site's people said of terminals, and the zone in which the site keeps times: asked at most once a
 * minute, kept in memory only. Must not know punches.
 */
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { HOUR_MS } from "../base/duration.ts";
import { instantOf, isTimeZone, wallTimeAt } from "../base/zone.ts";
import { Unreachable } from "../delivery/delivery.ts";
import { APPROVALS, DEVICE, DIRECTIONS } from "./names.ts";
import type { SiteDevice } from "./posting.ts";
import type { Site } from "./site.ts";

const FRESH_MS = 60_000;
/** A terminal's clock may be off by less: asked for once more than is proven. */
const READ_AGAIN_MS = HOUR_MS;

const number = z.union([z.number(), z.string()]).nullish()
  .transform((value) =>
    value === null || value === undefined || value === "" ? null : Number(value)
  );
const text = z.string().nullish().transform((value) => value ?? "");

const deviceRow = z.object({
  name: z.string(),
  agent: text,
  approval: z.enum(APPROVALS).catch("Waiting"),
  time_zone: text,
  direction: text.pipe(z.enum(DIRECTIONS)).catch(""),
  latitude: number,
  longitude: number,
  complete_until: text,
  clear_when: text,
  clear_percent: number,
  clear_days: number,
  clear_hours: text,
});

const FIELDS = Object.keys(deviceRow.shape);

/** A terminal with what its agent is told of it. */
export interface ListedDevice extends SiteDevice {
  readonly agent: string;
  /** As its agent told it last, in the site's time; empty: nothing is proven. */
  readonly completeUntil: string;
  readonly clear: {
    readonly when: string;
    readonly percent: number | null;
    readonly days: number | null;
    readonly hours: readonly string[];
  };
}

export interface FactsOfSite {
  readonly siteZone: string;
  readonly devices: ReadonlyMap<string, ListedDevice>;
}

export class SiteFacts {
  readonly #site: Site;
  readonly #clock: Pick<Clock, "monotonic">;
  #known: FactsOfSite | null = null;
  #at = 0;

  constructor(site: Site, clock: Pick<Clock, "monotonic">) {
    this.#site = site;
    this.#clock = clock;
  }

  /** Asked anew when `fresh`, or when a minute has passed. */
  async read(signal?: AbortSignal, fresh = false): Promise<FactsOfSite> {
    const known = this.#known;
    if (known !== null && !fresh && this.#clock.monotonic() - this.#at < FRESH_MS) return known;
    const at = this.#clock.monotonic();
    const [siteZone, rows] = await Promise.all([
      this.#site.timeZone(signal),
      this.#site.list(DEVICE, deviceRow, { fields: FIELDS }, signal),
    ]);
    if (!isTimeZone(siteZone)) {
      throw new Unreachable(`the site's time zone ${siteZone} is not known here`, false);
    }
    const devices = new Map(rows.map((row) => [row.name, listed(row, siteZone)]));
    this.#known = { siteZone, devices };
    this.#at = at;
    return this.#known;
  }
}

function listed(row: z.output<typeof deviceRow>, siteZone: string): ListedDevice {
  // 0,0 is what an empty coordinate reads as; no terminal hangs in the Gulf of Guinea.
  const placed = (row.latitude ?? 0) !== 0 || (row.longitude ?? 0) !== 0;
  return {
    serial: row.name,
    agent: row.agent,
    completeUntil: row.complete_until.replace("T", " ").slice(0, 19),
    approval: row.approval,
    timeZone: isTimeZone(row.time_zone) ? row.time_zone : siteZone,
    direction: row.direction,
    latitude: placed ? row.latitude : null,
    longitude: placed ? row.longitude : null,
    clear: {
      when: row.clear_when,
      percent: row.clear_percent,
      days: row.clear_days,
      hours: row.clear_hours.split(/[,\s]+/).filter((span) => span !== ""),
    },
  };
}

/** A terminal as the agent's registry takes it. */
export interface AppliedDevice {
  readonly serial: string;
  readonly state: "waiting" | "active" | "refused";
  readonly time_zone: string;
  readonly dialect: null;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Wall time; null: everything it holds. Left out: nothing of the past is asked for. */
  readonly read_from?: string | null;
}

const STATES = { Waiting: "waiting", Approved: "active", Refused: "refused" } as const;

/** `begins`: this queue is new, and what an earlier one had acknowledged may be in the terminal alone. */
export function applied(
  listed: ListedDevice,
  { siteZone, begins }: { readonly siteZone: string; readonly begins: boolean },
): AppliedDevice {
  const { serial, approval, timeZone, clear } = listed;
  return {
    ...(begins && approval === "Approved" && { read_from: readFrom(listed, siteZone) }),
    serial,
    state: STATES[approval],
    time_zone: timeZone,
    dialect: null,
    settings: {
      cleanup: {
        when: clear.when === "" ? "never" : clear.when,
        ...(clear.percent !== null && clear.percent > 0 && { percent: clear.percent }),
        ...(clear.days !== null && clear.days > 0 && { days: clear.days }),
        hours: clear.hours.length > 0 ? clear.hours : ["00:00-23:59"],
      },
    },
  };
}

function readFrom({ completeUntil, timeZone }: ListedDevice, siteZone: string): string | null {
  if (completeUntil === "") return null;
  return wallTimeAt(timeZone, instantOf(siteZone, completeUntil) - READ_AGAIN_MS);
}
