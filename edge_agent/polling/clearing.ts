/**
 * The books of clearing: when a try is due, that it is noted before it begins, and what came of it, as a
 * run and in the log. The procedure itself is cleanup's. Must not know when a terminal is free.
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Cleanup, CleanupResult } from "../cleanup/cleanup.ts";
import type { Run } from "../queue/queue.ts";
import { NO_END, type PollTarget } from "../zk/zk.ts";
import type { PollMemory } from "./memory.ts";
import { cleanupDue, type CleanupPolicy, type PollPlan } from "./plan.ts";
import { emptyRun } from "./run.ts";

export interface ClearingOptions {
  /** Null: no terminal is ever cleared. */
  readonly cleanup: Cleanup | null;
  readonly memory: PollMemory;
  readonly queue: { addRun(run: Run): void };
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly newId: () => string;
}

export class Clearing {
  readonly #options: ClearingOptions;

  constructor(options: ClearingOptions) {
    this.#options = options;
  }

  /** Whether a try is due by the policy of this terminal. */
  isDue(
    { target, plan, cleanup: policy }: {
      readonly target: PollTarget;
      readonly plan: PollPlan;
      readonly cleanup: CleanupPolicy;
    },
    now: number,
  ): boolean {
    const { cleanup, memory } = this.#options;
    const known = memory.of(target.serial);
    const fill = { ...known, lastTriedAt: known.lastCleanupAt };
    return cleanupDue(policy, fill, plan.utcOffsetMinutes, now) && cleanup !== null;
  }

  /** One try. Throws when clearing is switched off. */
  async clean(target: PollTarget, askedBy: string): Promise<CleanupResult> {
    const { cleanup, memory, clock } = this.#options;
    if (cleanup === null) throw new Error("clearing is switched off");
    const startedAt = clock.now();
    memory.change(target.serial, { lastCleanupAt: startedAt });
    const result = await cleanup.clean(target);
    this.#note(target.serial, result, askedBy, startedAt);
    return result;
  }

  /** When the last clear of our own began that took place, epoch ms; null for none. */
  clearedAt(serial: string): number | null {
    const last = this.#options.cleanup?.last(serial) ?? null;
    return last?.outcome === "cleared" ? last.at : null;
  }

  /** Whether a clear was begun whose outcome is not known yet. */
  isOpen(serial: string): boolean {
    return this.#options.cleanup?.unsettled(serial) ?? false;
  }

  /** What became of a clear that the last agent did not finish. */
  async settle(target: PollTarget): Promise<void> {
    const { cleanup, clock } = this.#options;
    const startedAt = clock.now();
    const settled = await cleanup?.settle(target);
    if (settled) this.#note(target.serial, settled, "start", startedAt);
  }

  #note(serial: string, result: CleanupResult, askedBy: string, startedAt: number): void {
    const { log, queue, clock, newId, memory } = this.#options;
    const fields = { serial, outcome: result.outcome, reason: result.reason };
    if (result.alarm) log.error("terminal could not be enabled again", fields);
    else if (result.outcome === "cleared") log.info("terminal cleared", fields);
    else log.warn("terminal not cleared", fields);
    if (result.outcome === "cleared") {
      const now = clock.now();
      const { count, at, end } = result.left ?? { count: 0, at: now, end: NO_END };
      const last = { count, at, newest: null, ...end };
      memory.change(serial, { lastClearedAt: now, count, last, storageLevel: 0 });
    }
    const run = emptyRun(serial, { askedBy: `cleanup: ${askedBy}` }, newId(), startedAt);
    queue.addRun(cleanupRun(run, result, clock.now()));
  }
}

function cleanupRun(run: Run, result: CleanupResult, endedAt: number): Run {
  const { stored, outcome, reason } = result;
  return {
    ...run,
    read: result.read,
    new: stored.fresh,
    duplicate: stored.repeated,
    rejected: stored.unread,
    deviceCount: result.deviceCount,
    endedAt,
    outcome,
    message: result.alarm ? `${reason}; NOT ENABLED, look at it` : reason,
  };
}
