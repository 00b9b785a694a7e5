/** How long to wait before the next try. Pure: randomness is handed in. */
import { HOUR_MS } from "./duration.ts";

/** An hour: a larger Retry-After is somebody's mistake. */
const LONGEST_ASKED_MS = HOUR_MS;
/**
 * What a proxy or an error page may ask for, in ms: one such header must not silence a branch for an
 * hour. Jitter makes it up to twice as long.
 */
const LONGEST_FOREIGN_MS = 60_000;

export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * Exponential with full jitter: anything from 0 to the step, so that a thousand agents that lost
 * Odoo together do not come back together. `failures` counts from 1; `random` is in [0, 1).
 */
export function fullJitter(failures: number, { baseMs, capMs }: Backoff, random: number): number {
  const step = Math.min(capMs, baseMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return Math.round(step * random);
}

/**
 * A beat that a thousand agents share, up to a twentieth early or late, so that those who started
 * together drift apart.
 */
export function beat(ms: number, random: number): number {
  return Math.round(ms * (0.95 + random / 10));
}

export interface AskedWait {
  readonly ms: number;
  /** Said in the destination's own words; else anybody on the way may have said it. */
  readonly own: boolean;
}

/** What was asked for, and some more for the same reason; never less than `ownMs`. */
export function withRetryAfter(ownMs: number, asked: AskedWait | null, random: number): number {
  if (asked === null) return ownMs;
  const waitMs = asked.own || asked.ms <= LONGEST_FOREIGN_MS
    ? Math.min(asked.ms, LONGEST_ASKED_MS) * (1 + random / 10)
    : LONGEST_FOREIGN_MS * (1 + random);
  return Math.max(ownMs, Math.round(waitMs));
}
