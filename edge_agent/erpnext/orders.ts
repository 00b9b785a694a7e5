/**
 * Commands that people make on the site: takes them, hands them on as orders with a number of the agent's own,
 * writes back progress, result and run. Owns which document is which number, over a restart and a restored
 * site; an order is carried out once. Must not know terminals.
 */
import { z } from "zod";
import { instantOf, isTimeZone, wallTimeAt } from "../base/zone.ts";
import type { FactsOfSite } from "./facts.ts";
import type { GapStore } from "./gaps.ts";
import { SITE_COMMAND, SITE_COMMANDS } from "./names.ts";
import type { Doc, Site } from "./site.ts";

/** Far from Odoo's numbers and from the agent's own (fleet/commands.ts). */
const FIRST_ID = 1_000_000_000;
const STATE = "erpnext_commands";
const REMEMBERED = 300;

const text = z.string().nullish().transform((value) => value ?? "");
const row = z.object({
  name: z.string(),
  device: z.string(),
  command: z.string(),
  from_time: text,
  to_time: text,
  state: z.string(),
});
type Row = z.output<typeof row>;

const ended = z.object({ state: z.enum(["Done", "Failed"]), result: z.string() });
const kept = z.object({
  next: z.int(),
  known: z.array(z.object({ name: z.string(), id: z.int(), ended: ended.nullable() })),
});
type Kept = z.output<typeof kept>;

export interface SiteOrderBooks {
  order(request: {
    readonly id: number;
    readonly serial: string;
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  }): "queued" | { readonly refused: string };
  results(): readonly {
    readonly id: number;
    readonly state: "sent" | "done" | "failed";
    readonly message: string;
    readonly progress?: {
      readonly step: string;
      readonly done: number;
      readonly total: number | null;
    };
  }[];
  acknowledged(ids: readonly number[]): void;
}

export class SiteOrders {
  readonly #site: Site;
  readonly #store: GapStore;
  readonly #books: SiteOrderBooks;
  #kept: Kept | null = null;
  /** Run of an order, by its number. */
  readonly #runs = new Map<number, string>();
  readonly #shown = new Map<string, string>();

  constructor(site: Site, store: GapStore, books: SiteOrderBooks) {
    this.#site = site;
    this.#store = store;
    this.#books = books;
  }

  /** The run that an order made is on the site. */
  noteRun(id: number, run: string): void {
    this.#runs.set(id, run);
  }

  /**
   * `mine`: the terminals of this agent; `unrun`: orders whose run is not on the site yet, which are not ended
   * there before it. Returns how many orders are under way.
   */
  async exchange(
    { facts, mine, unrun }: {
      readonly facts: FactsOfSite;
      readonly mine: ReadonlySet<string>;
      readonly unrun: ReadonlySet<number>;
    },
    signal?: AbortSignal,
  ): Promise<number> {
    const fields = ["name", "device", "command", "from_time", "to_time", "state"];
    const filters = [["state", "in", ["Requested", "Running"]]] as const;
    const query = { fields, filters, orderBy: "creation asc" };
    const rows = await this.#site.list(SITE_COMMAND, row, query, signal);
    const ours = rows.filter(({ device }) => mine.has(device));
    for (const one of ours) await this.#take(one, facts, signal);
    await this.#report(unrun, signal);
    return ours.length;
  }

  async #take(one: Row, facts: FactsOfSite, signal?: AbortSignal): Promise<void> {
    const known = this.#load().known.find(({ name }) => name === one.name);
    const title = titleOf(one);
    if (known?.ended) return await this.#write(one.name, { ...known.ended, title }, signal);
    if (known === undefined && one.state === "Running") {
      const result = "the agent does not know it any more: make a new one";
      return await this.#write(one.name, { state: "Failed", result, title }, signal);
    }
    // The same number again changes nothing, and one that a restart cut off is given after all.
    const id = known?.id ?? this.#number(one.name);
    const answer = this.#books.order({
      id,
      serial: one.device,
      name: SITE_COMMANDS[one.command] ?? one.command,
      arguments: argumentsOf(one, facts),
    });
    if (answer === "queued") {
      if (one.state === "Running") return;
      return await this.#write(one.name, { state: "Running", title }, signal);
    }
    const end = { state: "Failed" as const, result: answer.refused };
    this.#end(id, end);
    this.#books.acknowledged([id]);
    await this.#write(one.name, { ...end, title }, signal);
  }

  async #report(unrun: ReadonlySet<number>, signal?: AbortSignal): Promise<void> {
    const names = new Map(this.#load().known.map(({ id, name }) => [id, name]));
    for (const { id, state, message, progress } of this.#books.results()) {
      const name = names.get(id);
      if (name === undefined) {
        // An order of another destination, from before this one: nobody waits for it.
        if (state !== "sent") this.#books.acknowledged([id]);
        continue;
      }
      if (state === "sent") {
        if (progress) await this.#show(name, progressText(progress), signal);
        continue;
      }
      if (unrun.has(id)) continue;
      const end = {
        state: state === "done" ? "Done" as const : "Failed" as const,
        result: message,
      };
      const run = this.#runs.get(id);
      await this.#write(name, { ...end, progress: "", ...(run !== undefined && { run }) }, signal);
      this.#end(id, end);
      this.#books.acknowledged([id]);
      this.#runs.delete(id);
      this.#shown.delete(name);
    }
  }

  async #show(name: string, progress: string, signal?: AbortSignal): Promise<void> {
    if (this.#shown.get(name) === progress) return;
    await this.#write(name, { progress }, signal);
    this.#shown.set(name, progress);
  }

  async #write(name: string, values: Doc, signal?: AbortSignal): Promise<void> {
    await this.#site.setValues(SITE_COMMAND, name, values, signal);
  }

  /** Durable before the order is given: the same document never gets a second number. */
  #number(name: string): number {
    const { next, known } = this.#load();
    const ended = known.filter((one) => one.ended !== null).slice(-REMEMBERED);
    const open = known.filter((one) => one.ended === null);
    this.#keep({ next: next + 1, known: [...ended, ...open, { name, id: next, ended: null }] });
    return next;
  }

  #end(id: number, end: z.output<typeof ended>): void {
    const { next, known } = this.#load();
    this.#keep({ next, known: known.map((one) => one.id === id ? { ...one, ended: end } : one) });
  }

  #load(): Kept {
    if (this.#kept === null) {
      const text = this.#store.getState(STATE);
      const read = kept.safeParse(text ? JSON.parse(text) : null);
      this.#kept = read.success ? read.data : { next: FIRST_ID, known: [] };
    }
    return this.#kept;
  }

  #keep(value: Kept): void {
    this.#store.setState(STATE, JSON.stringify(value));
    this.#kept = value;
  }
}

/** A window is asked for in the site's time and given in the terminal's. */
function argumentsOf(one: Row, { siteZone, devices }: FactsOfSite): Record<string, string> {
  if (one.from_time === "" || one.to_time === "") return {};
  const zone = devices.get(one.device)?.timeZone ?? siteZone;
  const wall = (said: string) => {
    const time = said.replace("T", " ").slice(0, 19);
    return zone === siteZone || !isTimeZone(zone)
      ? time
      : wallTimeAt(zone, instantOf(siteZone, time));
  };
  return { from: wall(one.from_time), to: wall(one.to_time) };
}

/** What lists show instead of a name of ten letters and digits. */
function titleOf({ device, command }: Row): string {
  return `${device} · ${command}`.slice(0, 140);
}

function progressText(
  { step, done, total }: { step: string; done: number; total: number | null },
): string {
  return total === null ? `${step} ${done}` : `${step} ${done} of ${total}`;
}
