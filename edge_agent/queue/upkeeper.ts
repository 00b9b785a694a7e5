/**
 * When the queue's upkeep falls due: checkpoints, scrubbing, purging. The steps themselves are in
 * upkeep.ts. Long-lived; owns no timer of its own.
 */
import { DAY_MS, HOUR_MS } from "../base/duration.ts";
import { StoreUnavailable } from "../base/store_fault.ts";
import type { Keeper } from "./keeper.ts";
import { keepsAll } from "./state.ts";
import { type QueueClock } from "./types.ts";
import {
  answeredDaysAgo,
  answeredNow,
  giveBackPages,
  purgeKeys,
  purgeSightings,
  scrub,
  STEP_ROWS,
} from "./upkeep.ts";

export interface UpkeepOptions {
  readonly keeper: Keeper;
  readonly clock: QueueClock;
  readonly retentionDays: number;
  readonly keyMemoryDays: number;
}

const SCRUB_ROWS = 500;

export class Upkeep {
  readonly #options: UpkeepOptions;
  #scrubbed = 0;
  #key = 0;
  #keysAt = -Infinity;
  #purgedAt = -Infinity;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** A few ms of what is due. A disk that fails shows in the keeper's state, not here. */
  tend(): void {
    const { keeper, clock } = this.#options;
    try {
      keeper.probe();
      keeper.keepDevices();
      keeper.checkpoint();
      this.#scrub();
      const due = clock.monotonic() - this.#purgedAt >= HOUR_MS || keeper.cramped();
      if (due && this.purge(clock.now()) < STEP_ROWS) this.#purgedAt = clock.monotonic();
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable)) throw fault;
    }
  }

  /**
   * One step; rows deleted: none while all is kept, except when space runs out. With a clock that is not trusted nothing is old, except when space runs
   * out: then what was delivered makes room for what was not taken in yet.
   */
  purge(now: number): number {
    const { keeper, clock, retentionDays } = this.#options;
    const cramped = keeper.cramped();
    if (!clock.trusted() && !cramped) return 0;
    const purged = keeper.write((store) => {
      const old = clock.trusted() ? answeredDaysAgo(store, now, retentionDays) : 0;
      if (cramped) return purgeSightings(store, answeredNow(store));
      return keepsAll(store) ? 0 : purgeSightings(store, old);
    });
    if (clock.trusted()) this.#purgeKeys(now);
    keeper.direct(giveBackPages);
    return purged;
  }

  /** Walks through the key memory once a day, a step at each call. */
  #purgeKeys(now: number): void {
    const { keeper, clock, keyMemoryDays } = this.#options;
    if (this.#key === 0 && clock.monotonic() - this.#keysAt < DAY_MS) return;
    const today = Math.floor(now / DAY_MS);
    const next = keeper.write((store) => purgeKeys(store, today - keyMemoryDays, today, this.#key));
    this.#key = next ?? 0;
    if (next === null) this.#keysAt = clock.monotonic();
  }

  #scrub(): void {
    const { keeper, clock } = this.#options;
    this.#scrubbed = keeper.write((store) => scrub(store, this.#scrubbed, SCRUB_ROWS, clock.now()));
  }
}
