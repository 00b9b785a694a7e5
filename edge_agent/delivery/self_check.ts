/**
 * The weekly question whether a destination still holds what it gave receipts for: per device, day by day by
 * count and digest, then key by key; what is missing is sent again. Each check leaves a run. Owns when a
 * device is due and what is compared; must not know SQL, HTTP or what a punch means.
 */
import type { Clock } from "../base/clock.ts";
import { DAY_MS, HOUR_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import { Loop } from "../base/loop.ts";
import type { Holdings, KeysByDay } from "./destination.ts";
import type { QueueStats, Run } from "../queue/queue.ts";

export interface SelfCheckOptions {
  readonly queue: {
    stats(): QueueStats;
    keysOfDay(serial: string, day: string): string[];
    resend(keys: readonly string[], where?: { serial: string; day: string }): number;
    getState(name: string): string | null;
    setState(name: string, value: string): void;
    addRun(run: Run): void;
  };
  readonly holdings: Pick<Holdings, "findMissing">;
  /** The destination as people call it. */
  readonly name: string;
  /** Whether the destination answers and this agent may deliver. */
  readonly isWelcome: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
  /** Something waits for delivery again. */
  readonly wake: () => void;
  /** How far back punches can be sent again. */
  readonly retentionDays: number;
}

const WEEK_MS = 7 * DAY_MS;
/** Pause between two looks whether something is due, and before a failed check is tried again. */
const LOOK_MS = 60_000;
const RETRY_MS = HOUR_MS;
/** The youngest day that is over in every time zone, with half a day for delivery. */
const OVER_MS = 36 * HOUR_MS;

export class SelfCheck {
  readonly #options: SelfCheckOptions;
  readonly #loop: Loop;

  constructor(options: SelfCheckOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#loop = new Loop({
      clock,
      log,
      turn: async () => void await this.tend(),
      everyMs: LOOK_MS,
      complaint: "what the destination holds could not be checked",
      retryMs: () => RETRY_MS,
      restFirstMs: LOOK_MS,
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Checks the first device that is due, if any. Throws what the queue or the way to Odoo throws. */
  async tend(): Promise<Run | null> {
    const { clock, queue, isWelcome } = this.#options;
    if (!isWelcome() || !clock.trusted()) return null;
    // What waits for delivery would count as missing; its turn comes when it has arrived.
    const due = [...queue.stats().perDevice].find(([serial, { pending }]) =>
      pending === 0 && this.#isDue(serial)
    );
    return due === undefined ? null : await this.#check(due[0]);
  }

  #isDue(serial: string): boolean {
    const { clock, queue } = this.#options;
    const checkedAt = Number(queue.getState(stateName(serial)) ?? Number.NEGATIVE_INFINITY);
    // A clock that was set back must not end the checking.
    return Math.abs(clock.now() - checkedAt) >= WEEK_MS;
  }

  async #check(serial: string): Promise<Run | null> {
    const { holdings, queue, clock, log, wake } = this.#options;
    const { signal } = this.#loop;
    const startedAt = clock.now();
    const keys = await this.#keys(serial, startedAt);
    if (keys.size === 0) {
      queue.setState(stateName(serial), String(startedAt));
      return null;
    }
    const missing = new Set(await holdings.findMissing(serial, keys, signal));
    let again = 0;
    for (const [day, ofDay] of keys) {
      const gone = ofDay.filter((key) => missing.has(key));
      if (gone.length > 0) again += queue.resend(gone, { serial, day });
    }
    const run = this.#result(serial, { keys, missing: missing.size, again, startedAt });
    queue.addRun(run);
    queue.setState(stateName(serial), String(startedAt));
    if (again > 0) wake();
    const { outcome, read, message } = run;
    const { name } = this.#options;
    if (missing.size > 0) {
      log.error(`${name} has lost punches it had confirmed`, { serial, message });
    } else log.info(`${name} holds what it confirmed`, { serial, outcome, read });
    return run;
  }

  /** Day by day, letting others in between: a day is some thousand digests at most. */
  async #keys(serial: string, now: number): Promise<KeysByDay> {
    const { queue, clock, retentionDays } = this.#options;
    const keys = new Map<string, readonly string[]>();
    for (let back = retentionDays; back >= 0; back--) {
      const day = new Date(now - OVER_MS - back * DAY_MS).toISOString().slice(0, 10);
      const ofDay = queue.keysOfDay(serial, day);
      if (ofDay.length > 0) keys.set(day, ofDay);
      await clock.sleep(0, this.#loop.signal);
    }
    return keys;
  }

  #result(
    serial: string,
    { keys, missing, again, startedAt }: {
      keys: KeysByDay;
      missing: number;
      again: number;
      startedAt: number;
    },
  ): Run {
    const { clock, newId, name } = this.#options;
    const days = [...keys.keys()];
    const read = [...keys.values()].reduce((sum, ofDay) => sum + ofDay.length, 0);
    const left = missing - again;
    const lost = `${missing} of ${read} punches were not in ${name}; ${again} are sent again` +
      (left > 0 ? `, ${left} come with the next full read of the terminal` : "");
    return {
      id: newId(),
      serial,
      channel: "push",
      askedBy: "self-check",
      windowFrom: days[0] === undefined ? null : `${days[0]} 00:00:00`,
      windowTo: days.length === 0 ? null : `${days.at(-1)} 23:59:59`,
      read,
      new: again,
      duplicate: read - missing,
      rejected: 0,
      deviceCount: null,
      startedAt,
      endedAt: clock.now(),
      // Neither proves that the terminal was read: they close no gap.
      outcome: missing === 0 ? "confirmed" : "resent",
      message: missing === 0 ? `${read} punches of ${days.length} days confirmed` : lost,
      commandId: null,
    };
  }
}

function stateName(serial: string): string {
  return `self_check:${serial}`;
}
