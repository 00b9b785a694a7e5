/**
 * Odoo's orders for terminals that are read over port 4370: carries them out through the poller and
 * keeps each result until Odoo has it. Orders for other terminals go on to the device port's books.
 * An id is carried out once, also over a restart; an order that a restart cut short has failed, and a
 * clear is never begun again for it. Must not know sync, HTTP or SQL.
 */
import { z } from "zod";
import type { Log } from "../base/log.ts";
import type { StateStore } from "../cleanup/cleanup.ts";
import type { CommandReport, OrderRequest } from "../fleet/fleet.ts";
import type { ZkUser } from "../zk/zk.ts";
import { pushMayTry, type Work, workFor, type WorkPoller } from "./work.ts";

/** What the device port's books offer to the sync. */
export interface OrderBooks {
  order(request: OrderRequest): "queued" | { readonly refused: string };
  results(): readonly CommandReport[];
  acknowledged(ids: readonly number[]): void;
}

export interface PollOrdersOptions {
  readonly store: StateStore;
  readonly poller: WorkPoller;
  /** Terminals with an address, and whether they are never expected to push. */
  readonly polled: (serial: string) => { readonly pollOnly: boolean } | undefined;
  readonly others: OrderBooks;
  /** Device users on their way to Odoo; memory only. */
  readonly usersSeen: (serial: string, users: readonly ZkUser[]) => void;
  readonly log: Log;
  /** There is a result to report. */
  readonly wake: () => void;
}

/** Ids remembered as carried out; Odoo lists an id until it has the result. */
const REMEMBERED = 500;
const STATE = "poll_orders";

const entrySchema = z.object({
  id: z.number(),
  state: z.enum(["sent", "done", "failed"]),
  return: z.number().nullable(),
  message: z.string(),
  known: z.boolean(),
  /** Reading failed and the device port's books have it; they report it. */
  passedOn: z.boolean().default(false),
});
type Entry = z.infer<typeof entrySchema>;

function begun(id: number): Entry {
  return { id, state: "sent", return: null, message: "", known: false, passedOn: false };
}

export class PollOrders implements OrderBooks {
  readonly #options: PollOrdersOptions;
  #entries: Map<number, Entry> | null = null;

  constructor(options: PollOrdersOptions) {
    this.#options = options;
  }

  order(request: OrderRequest): "queued" | { readonly refused: string } {
    const work = this.#workFor(request);
    if (work === null) return this.#options.others.order(request);
    if (this.#load().has(request.id)) return "queued";
    this.#put(begun(request.id));
    work().then(
      ({ value, message }) => this.#finish(request.id, "done", value, message),
      (fault) => this.#failed(request, fault instanceof Error ? fault.message : "fault"),
    );
    return "queued";
  }

  results(): readonly CommandReport[] {
    const mine = [...this.#load().values()].filter((entry) => !entry.known);
    return [
      ...mine.map(({ id, state, return: value, message }) => {
        const progress = state === "sent" ? this.#options.poller.progressOf(id) : null;
        return { id, state, return: value, message, ...(progress && { progress }) };
      }),
      ...this.#options.others.results(),
    ];
  }

  acknowledged(ids: readonly number[]): void {
    for (const id of ids) {
      const entry = this.#load().get(id);
      if (entry && entry.state !== "sent") this.#put({ ...entry, known: true });
    }
    const others = ids.filter((id) => this.#load().get(id)?.passedOn ?? true);
    this.#options.others.acknowledged(others);
  }

  /** Null: not an order for the poller. */
  #workFor(request: OrderRequest): Work | null {
    const terminal = this.#options.polled(request.serial);
    return terminal === undefined ? null : workFor({ ...request, ...terminal }, this.#options);
  }

  /** A terminal that pushes is asked over push when its port 4370 does not answer. */
  #failed(request: OrderRequest, reason: string): void {
    const terminal = this.#options.polled(request.serial);
    if (terminal && pushMayTry({ ...request, ...terminal }, this.#options.poller)) {
      const answer = this.#options.others.order(request);
      if (answer === "queued") {
        return this.#keep({ ...begun(request.id), known: true, passedOn: true });
      }
      reason = `${reason}; over push: ${answer.refused}`;
    }
    this.#finish(request.id, "failed", null, reason);
  }

  #finish(id: number, state: "done" | "failed", value: number | null, message: string): void {
    this.#keep({ ...begun(id), state, return: value, message: message.slice(0, 512) });
  }

  #keep(entry: Entry): void {
    try {
      this.#put(entry);
    } catch (fault) {
      // It is in memory and goes out with the next sync; only a restart would call it failed.
      const reason = fault instanceof Error ? fault.message : String(fault);
      this.#options.log.error("result of an order is not on disk", { id: entry.id, reason });
    }
    this.#options.wake();
  }

  /** What a restart cut short has failed: nobody knows how far it came, the run says what was read. */
  #load(): Map<number, Entry> {
    if (this.#entries !== null) return this.#entries;
    const text = this.#options.store.getState(STATE);
    const kept = z.array(entrySchema).safeParse(text ? JSON.parse(text) : []);
    const entries = (kept.success ? kept.data : []).map((entry): Entry =>
      entry.state === "sent" ? { ...entry, state: "failed", message: "the agent restarted" } : entry
    );
    this.#entries = new Map(entries.map((entry) => [entry.id, entry]));
    return this.#entries;
  }

  #put(entry: Entry): void {
    const entries = this.#load();
    entries.delete(entry.id);
    entries.set(entry.id, entry);
    for (const [id, old] of entries) {
      if (entries.size <= REMEMBERED) break;
      if (old.known) entries.delete(id);
    }
    this.#options.store.setState(STATE, JSON.stringify([...entries.values()]));
  }
}
