/** What is remembered of each terminal between reads and restarts, in the queue's durable state. */
import { z } from "zod";
import type { DeviceFacts } from "../base/terminal.ts";
import type { StateStore } from "../cleanup/cleanup.ts";
import type { LogEnd } from "../zk/zk.ts";
import type { Fill, PollHistory, StorageLevel } from "./plan.ts";

/** The last whole read, as far as the next one is compared with it. */
export interface LastRead extends LogEnd {
  readonly count: number;
  /** Epoch ms at which it began; what was recorded later is not in it. Null: not known. */
  readonly at: number | null;
  /** The latest stamp of it, which is all that programs before 1.1 left; null since. */
  readonly newest: string | null;
}

/** Epoch ms; null for never. */
export interface DeviceMemory extends PollHistory, Pick<Fill, "count" | "capacity"> {
  readonly last: LastRead | null;
  readonly storageLevel: StorageLevel;
  readonly lastCleanupAt: number | null;
  readonly lastClearedAt: number | null;
  /** When the last read began that got every record the terminal counts, none of them unreadable. */
  readonly completeReadAt: number | null;
  /** Where it was found by its serial number, for as long as `configured` is the address that is set. */
  readonly found: { readonly configured: string; readonly host: string } | null;
  /** What the terminal said of itself at the last read. */
  readonly facts: DeviceFacts;
}

const NOTHING: DeviceMemory = {
  lastReadAt: null,
  lastTriedAt: null,
  failures: 0,
  notAvailable: false,
  count: null,
  capacity: null,
  last: null,
  storageLevel: 0,
  lastCleanupAt: null,
  lastClearedAt: null,
  completeReadAt: null,
  found: null,
  facts: {},
};

const number = z.number().nullable();
/** Programs before 1.1 read the first two: they must stay. */
const last = z.object({
  count: z.number(),
  newest: z.string().nullable(),
  at: number.default(null),
  tail: z.array(z.string()).max(3).default([]),
  repeats: z.boolean().default(false),
});
const schema = z.object({
  lastReadAt: number,
  lastTriedAt: number,
  failures: z.number(),
  notAvailable: z.boolean(),
  count: number,
  capacity: number,
  last: last.nullable(),
  storageLevel: z.union([z.literal(0), z.literal(70), z.literal(85), z.literal(95)]),
  lastCleanupAt: number,
  lastClearedAt: number,
  completeReadAt: number.default(null),
  found: z.object({ configured: z.string(), host: z.string() }).nullable().default(null),
  facts: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});

export class PollMemory {
  readonly #store: StateStore;
  readonly #known = new Map<string, DeviceMemory>();

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** A value of another version counts as nothing known: the terminal is simply read again. */
  of(serial: string): DeviceMemory {
    const known = this.#known.get(serial);
    if (known) return known;
    const text = this.#store.getState(`poll:${serial}`);
    const parsed = schema.safeParse(text ? JSON.parse(text) : null);
    const memory = parsed.success ? dated(parsed.data) : NOTHING;
    this.#known.set(serial, memory);
    return memory;
  }

  change(serial: string, change: Partial<DeviceMemory>): void {
    const memory = { ...this.of(serial), ...change };
    this.#known.set(serial, memory);
    this.#store.setState(`poll:${serial}`, JSON.stringify(memory));
  }
}

/** What a program before 1.1 left of the last whole read gets the time of one that is no later. */
function dated(memory: DeviceMemory): DeviceMemory {
  const { last, completeReadAt } = memory;
  if (last === null || last.at !== null) return memory;
  return { ...memory, last: { ...last, at: completeReadAt } };
}
