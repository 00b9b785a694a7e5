/**
 * A piece of work again and again, with a rest after each turn: what everything long-lived in the agent
 * shares. Owns start, stop, the rest and what ends it early, and that a turn that throws is said and tried
 * again; must not know the work.
 */
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

export interface Rest {
  readonly ms: number;
  /** Nothing was to be done: `wake` ends this rest, and only such a one. */
  readonly idle?: boolean;
}

export interface LoopOptions {
  readonly clock: Pick<Clock, "sleep">;
  readonly log: Pick<Log, "warn">;
  /** Does what is due, and says how long to rest if not `everyMs`. `signal` is aborted by `stop`. */
  readonly turn: (signal: AbortSignal) => Rest | void | Promise<Rest | void>;
  /** Ms from the end of a turn to the next. */
  readonly everyMs: number;
  /** Logged, with the error and the count of failures in a row, when a turn throws. */
  readonly complaint: string;
  /** Ms until the next turn after `failures` in a row; default `everyMs`. */
  readonly retryMs?: (failures: number) => number;
  /** Ms before the first turn; default 0. */
  readonly restFirstMs?: number;
}

export class Loop {
  readonly #options: LoopOptions;
  #stop = new AbortController();
  #rest: AbortController | null = null;
  #idle = false;
  #woken = false;
  #running: Promise<void> | null = null;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** Aborted from `stop` until the next `start`. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  start(): void {
    if (this.#running !== null) return;
    this.#stop = new AbortController();
    this.#running = this.#run(this.#stop.signal);
  }

  /** Resolves when the turn under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#rest?.abort();
    await this.#running;
    this.#running = null;
  }

  /** There is something to do: ends an idle rest. One that follows a failure is not shortened. */
  wake(): void {
    this.#woken = true;
    if (this.#idle) this.#rest?.abort();
  }

  /** The reason for resting has gone: ends any rest. */
  hurry(): void {
    this.#woken = true;
    this.#rest?.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { everyMs, restFirstMs = 0, retryMs = () => everyMs } = this.#options;
    if (restFirstMs > 0) await this.#sleep({ ms: restFirstMs }, signal);
    let failures = 0;
    while (!signal.aborted) {
      this.#woken = false;
      let rest: Rest;
      try {
        rest = await this.#options.turn(signal) ?? { ms: everyMs };
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#options.log.warn(this.#options.complaint, { error, failures });
        rest = { ms: retryMs(failures) };
      }
      await this.#sleep(rest, signal);
    }
  }

  async #sleep({ ms, idle = false }: Rest, signal: AbortSignal): Promise<void> {
    if (ms === 0 || (idle && this.#woken) || signal.aborted) return;
    this.#idle = idle;
    this.#rest = new AbortController();
    await this.#options.clock.sleep(ms, this.#rest.signal);
    this.#rest = null;
    this.#idle = false;
  }
}
