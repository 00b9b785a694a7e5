/**
 * What a destination is: it takes batches of sightings and answers with receipts, it can be asked what it
 * holds, and it has six ways to give none. Owns these words; must not know any destination, nor when
 * anything is asked again.
 */
import type { AskedWait } from "../base/backoff.ts";
import type { Sighting } from "../base/punch.ts";
import type { DeviceUser } from "../base/terminal.ts";
import type { Settlement } from "../queue/queue.ts";

export interface Batch {
  readonly batchId: string;
  readonly lane: string;
  readonly sightings: readonly Sighting[];
}

/** One verdict per sighting of the batch, and the lane head that the destination holds. */
export interface Receipt extends Settlement {
  /** How long the next post is to wait while punches gather, in ms; the destination is busy. */
  readonly waitMs?: number;
}

export interface Destination {
  /** Whether the batch is small enough to be taken at once. */
  fits(batch: Batch): boolean;
  /** Resolves only with a receipt: whole, for this batch and lane. Throws one of the errors below. */
  postPunches(batch: Batch, signal: AbortSignal): Promise<Receipt>;
}

/** Keys by day of wall time. */
export type KeysByDay = ReadonlyMap<string, readonly string[]>;

/** What a destination can be asked about a device's log, now. */
export interface Holdings {
  /** The destination as people call it; absent: Odoo. */
  readonly name?: string;
  /** The keys that it does not hold. */
  findMissing(serial: string, keys: KeysByDay, signal?: AbortSignal): Promise<readonly string[]>;
  /** On how many of these different unreadable lines, given by their raw text, no person has decided. */
  countUndecided(serial: string, raws: ReadonlySet<string>): Promise<number>;
}

/** One post of device users. */
export interface UserList {
  readonly users: readonly DeviceUser[];
  /** These are all users of the terminal; with `upload`, a part of all. */
  readonly complete: boolean;
  readonly upload?: { readonly id: string; readonly total: number } | undefined;
}

/** No usable answer: try again later. */
export class Unreachable extends Error {
  override readonly name: string = "Unreachable";
  constructor(
    message: string,
    /** Whether the content of the request may be what Odoo stumbles over. */
    readonly contentMayBeCause: boolean,
    /** How long whoever answered asked to be left alone. */
    readonly retryAfter: AskedWait | null = null,
  ) {
    super(message);
  }
}

/** The destination asks in its own words to come later: others are first. Nothing is wrong with either side. */
export class AskedToWait extends Unreachable {
  override readonly name = "AskedToWait";
  constructor(message: string, override readonly retryAfter: AskedWait) {
    super(message, false, retryAfter);
  }
}

/** The request as a whole is too large for Odoo or something before it: send less at once. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";
}

/** Odoo does not know us any more, or the pairing code is wrong: a person has to act. */
export class NotWelcome extends Error {
  override readonly name: string = "NotWelcome";
}

/** The company has left its provider: what is held here stays until its owner says otherwise. */
export class Gone extends NotWelcome {
  override readonly name = "Gone";
}

/** An administrator has not said yes yet. */
export class Waiting extends Error {
  override readonly name = "Waiting";
}
