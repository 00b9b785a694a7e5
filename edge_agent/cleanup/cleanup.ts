/**
 * Clears a terminal's log without ever losing a punch: the ten steps below, in this order. Any "no"
 * means: enable the terminal, clear nothing, say why. The protocol clears all or nothing and knows no
 * compare-and-clear, so every record of the log is in Odoo, re-confirmed at that moment, before the
 * command is sent; a lost answer, a crash or a power cut at any point is then harmless.
 * The steps themselves are in attempt.ts. Must not know SQL, Odoo's URL or sockets.
 *
 *  1 connection, serial, every channel quiet      6 two seconds later, count again
 *  2 disable with a dead-man time, count          7 read and intent to disk, synced
 *  3 (before 2) read and confirm the bulk         8 count a last time, clear; never twice
 *  4 full read while disabled, counts agree       9 read once more, store what slipped in
 *  5 confirm what is new since the bulk          10 enable, whatever happened
 *
 * Live events are asked for before the last count: a terminal that ignores "disable" announces a
 * punch that falls between the last count and the clear, and the announcement is stored.
 */
import type { PollTarget } from "../zk/zk.ts";
import { Attempt } from "./attempt.ts";
import { IntentBook, type LastClear } from "./intent.ts";
import type { CleanupResult, CleanupWorld } from "./types.ts";

export type { StateStore } from "./intent.ts";

export type { CleanupResult, CleanupWorld } from "./types.ts";

export class Cleanup {
  readonly #world: CleanupWorld;
  readonly #intents: IntentBook;

  constructor(world: CleanupWorld) {
    this.#world = world;
    this.#intents = new IntentBook(world.sink);
  }

  /** Why this device must not be cleared now, or null. Costs no connection. */
  whyNot(serial: string): string | null {
    const unsafe = this.#intents.unsafe(serial);
    if (unsafe !== null) return `unsafe to clear: ${unsafe}`;
    if (this.unsettled(serial)) return "an earlier clear is not settled yet";
    return this.#world.whyNotQuiet(serial);
  }

  /** Why this device is never cleared again, or null. */
  unsafe(serial: string): string | null {
    return this.#intents.unsafe(serial);
  }

  /** Whether a clear was begun whose outcome is not known yet. */
  unsettled(serial: string): boolean {
    return this.#intents.open(serial) !== null;
  }

  /** One attempt. Never throws for what a terminal or Odoo does. */
  async clean(target: PollTarget): Promise<CleanupResult> {
    const attempt = new Attempt(this.#world, this.#intents, target);
    const settled = await this.settle(target);
    if (settled !== null) return settled;
    const refused = this.whyNot(target.serial);
    if (refused !== null) return attempt.result("not_cleared", refused);
    return await attempt.run();
  }

  /**
   * What became of a clear whose answer was lost or whose agent died: nothing is ever cleared again
   * for it. Null when there is none. Call it for every device at start and before every attempt.
   */
  async settle(target: PollTarget): Promise<CleanupResult | null> {
    const intent = this.#intents.open(target.serial);
    if (intent === null) return null;
    return await new Attempt(this.#world, this.#intents, target).settle(intent);
  }

  /** The latest settled clear of this device. */
  last(serial: string): LastClear | null {
    return this.#intents.last(serial);
  }
}
