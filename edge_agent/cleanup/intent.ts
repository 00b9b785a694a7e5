/**
 * What is remembered of clears, per serial, in the queue's durable state: an open intent (written
 * before the command, closed by its outcome), the last clear, and "unsafe" for good. A crash between
 * intent and outcome leaves the intent open; nothing is cleared again before it was settled by reading.
 */
import type { LogEnd } from "../zk/zk.ts";

export interface Intent {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  /** Records in the read that was to be cleared. */
  readonly count: number;
  /** sha256 of the bytes of that read, hex. */
  readonly digest: string;
  /** Of that read; intents of before 1.1 have none. */
  readonly end?: LogEnd;
}

/** The part of the queue that is needed; `setState` returns when the value is on disk. */
export interface StateStore {
  getState(name: string): string | null;
  setState(name: string, value: string): void;
}

export type IntentOutcome = "cleared" | "not done" | "refused" | "unclear";

export interface LastClear {
  readonly at: number;
  readonly count: number;
  readonly outcome: IntentOutcome;
}

export class IntentBook {
  readonly #store: StateStore;

  constructor(store: StateStore) {
    this.#store = store;
  }

  open(serial: string): Intent | null {
    return parse<Intent>(this.#store.getState(`clear_intent:${serial}`));
  }

  write(serial: string, intent: Intent): void {
    if (this.open(serial) !== null) throw new Error("an intent is open already");
    this.#store.setState(`clear_intent:${serial}`, JSON.stringify(intent));
  }

  close(serial: string, outcome: IntentOutcome): void {
    const intent = this.open(serial);
    if (intent === null) return;
    // The note first: a crash between the two settles once more, which is harmless.
    const last: LastClear = { at: intent.at, count: intent.count, outcome };
    this.#store.setState(`clear_last:${serial}`, JSON.stringify(last));
    this.#store.setState(`clear_intent:${serial}`, "");
  }

  /** The latest settled intent. */
  last(serial: string): LastClear | null {
    return parse<LastClear>(this.#store.getState(`clear_last:${serial}`));
  }

  /** Why this terminal must never be cleared, or null. */
  unsafe(serial: string): string | null {
    return this.#store.getState(`clear_unsafe:${serial}`) || null;
  }

  markUnsafe(serial: string, why: string): void {
    this.#store.setState(`clear_unsafe:${serial}`, why);
  }
}

/** Only this file writes these values, and the queue verifies its own bytes. */
function parse<T>(text: string | null): T | null {
  return text ? JSON.parse(text) as T : null;
}
