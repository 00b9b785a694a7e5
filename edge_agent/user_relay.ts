/**
 * Device users on their way from terminals to Odoo. They live in memory only: after a restart the
 * terminals are asked again. Owns what waits and its bound; must not know HTTP, and never writes or
 * logs a user.
 */
import { fullJitter } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import type { DeviceUser } from "./odoo.ts";

export interface UserRelayOptions {
  readonly post: (
    serial: string,
    users: { users: readonly DeviceUser[]; complete: boolean },
    signal: AbortSignal,
  ) => Promise<unknown>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

interface Waiting {
  readonly byPin: Map<string, DeviceUser>;
  complete: boolean;
}

const MAX_USERS = 50_000;
/** What Odoo takes at once; the terminals' short names keep it far below the limit in bytes. */
const USERS_PER_POST = 1_000;
const BACKOFF = { baseMs: 2_000, capMs: 120_000 };
/** Terminals send users in many small uploads: wait for the rest. */
const GATHER_MS = 2_000;

export class UserRelay {
  readonly #options: UserRelayOptions;
  readonly #waiting = new Map<string, Waiting>();
  #size = 0;
  #stop = new AbortController();
  #wake: AbortController = new AbortController();
  #running: Promise<void> | null = null;

  constructor(options: UserRelayOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stop = new AbortController();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#running = null;
  }

  /** `complete`: these are all users of the terminal. */
  seen(serial: string, users: readonly DeviceUser[], complete: boolean): void {
    if (this.#size + users.length > MAX_USERS) {
      this.#options.log.warn("device users dropped; refresh them later", { serial });
      return;
    }
    const waiting = this.#waiting.get(serial) ?? { byPin: new Map(), complete: false };
    if (complete) {
      this.#size -= waiting.byPin.size;
      waiting.byPin.clear();
      waiting.complete = true;
    }
    const before = waiting.byPin.size;
    for (const user of users) waiting.byPin.set(user.pin, user);
    this.#size += waiting.byPin.size - before;
    this.#waiting.set(serial, waiting);
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { clock, random, log } = this.#options;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      this.#wake = new AbortController();
      if (this.#waiting.size === 0) {
        await clock.sleep(86_400_000, AbortSignal.any([this.#wake.signal, this.#stop.signal]));
        continue;
      }
      await clock.sleep(GATHER_MS, this.#stop.signal);
      try {
        await this.#postOne();
        failures = 0;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        failures += 1;
        log.warn("device users not relayed yet", { error, failures });
        await clock.sleep(fullJitter(failures, BACKOFF, random()), this.#stop.signal);
      }
    }
  }

  async #postOne(): Promise<void> {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [serial, waiting] = first;
    const users = [...waiting.byPin.values()].slice(0, USERS_PER_POST);
    // A list that needs several posts is complete in none of them.
    const complete = waiting.complete && users.length === waiting.byPin.size;
    if (!complete) waiting.complete = false;
    await this.#options.post(serial, { users, complete }, this.#stop.signal);
    for (const user of users) {
      if (waiting.byPin.get(user.pin) === user && waiting.byPin.delete(user.pin)) this.#size -= 1;
    }
    if (waiting.byPin.size === 0) this.#waiting.delete(serial);
  }
}
