/** A clock that moves only when told: wall and monotonic time apart, so that jumps can be played. */
import type { Clock } from "../../edge_agent/base/clock.ts";

interface Sleeper {
  readonly wakesAt: number;
  readonly wake: () => void;
}

export class ManualClock implements Clock {
  #wall: number;
  #monotonic = 0;
  #sleepers: Sleeper[] = [];
  believed = true;

  constructor(startsAt = Date.UTC(2026, 2, 2, 1, 0, 0)) {
    this.#wall = startsAt;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  trusted(): boolean {
    return this.believed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { wakesAt: this.#monotonic + Math.max(0, ms), wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      }, { once: true });
    });
  }

  /** How long, in ms, the one who sleeps shortest still has to wait; null when nobody sleeps. */
  nextWake(): number | null {
    if (this.#sleepers.length === 0) return null;
    return Math.min(...this.#sleepers.map((sleeper) => sleeper.wakesAt)) - this.#monotonic;
  }

  /** Time passes. */
  advance(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
    const due = this.#sleepers.filter((sleeper) => sleeper.wakesAt <= this.#monotonic);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.wakesAt > this.#monotonic);
    for (const sleeper of due) sleeper.wake();
  }

  /** Somebody moves the wall clock; no time passes. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  /** Somebody sets the wall clock; no time passes. */
  set(at: number): void {
    this.#wall = at;
  }
}
