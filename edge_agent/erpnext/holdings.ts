/**
 * Asking the site about a terminal's log, now: which raw punches it does not hold, and on how many unreadable
 * lines no person has decided. Check-ins are no proof: HR may delete one. Must not know clearing.
 */
import { z } from "zod";
import type { Holdings, KeysByDay } from "../delivery/delivery.ts";
import { unreadName } from "./deliver.ts";
import { heldUnread } from "./held.ts";
import { PUNCH, UNREAD } from "./names.ts";
import type { Filter, Site } from "./site.ts";

/** Names in one answer: some 400 kB. */
const PAGE = 5_000;
const DAYS_AT_ONCE = 31;

const named = z.object({ name: z.string() });

export class ErpnextHoldings implements Holdings {
  readonly name = "ERPNext";
  readonly #site: Site;

  constructor(site: Site) {
    this.#site = site;
  }

  async findMissing(serial: string, keys: KeysByDay, signal?: AbortSignal): Promise<string[]> {
    const days = [...keys.keys()].sort();
    const missing: string[] = [];
    for (let at = 0; at < days.length; at += DAYS_AT_ONCE) {
      const asked = days.slice(at, at + DAYS_AT_ONCE);
      const held = await this.#heldOn(serial, asked, signal);
      for (const day of asked) {
        missing.push(...(keys.get(day) ?? []).filter((key) => !held.has(key)));
      }
    }
    return missing;
  }

  async countUndecided(serial: string, raws: ReadonlySet<string>): Promise<number> {
    if (raws.size === 0) return 0;
    const names = [...raws].map((raw) => unreadName({ serial, raw }));
    const held = await heldUnread(this.#site, names);
    return names.filter((name) => held.get(name) !== true).length;
  }

  /** Whether no unreadable line of this terminal waits for a person. */
  async isDecided(serial: string, signal?: AbortSignal): Promise<boolean> {
    const filters = [["serial", "=", serial], ["decision", "is", "not set"]] as const;
    const query = { fields: ["name"], filters, limit: 1 };
    return (await this.#site.list(UNREAD, named, query, signal)).length === 0;
  }

  /** Page by page by name, so that what is added meanwhile shifts nothing. */
  async #heldOn(
    serial: string,
    days: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const held = new Set<string>();
    for (let after = "";;) {
      const filters: Filter[] = [["serial", "=", serial], ["wall_date", "in", days]];
      if (after !== "") filters.push(["name", ">", after]);
      const query = { fields: ["name"], filters, orderBy: "name asc", limit: PAGE };
      const rows = await this.#site.list(PUNCH, named, query, signal);
      for (const { name } of rows) held.add(name);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return held;
      after = last.name;
    }
  }
}
