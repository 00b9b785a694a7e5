/** How long to wait before the next try. Pure: randomness is handed in. */
import { HOUR_MS } from "./duration.ts";

/** An hour: a larger Retry-After is somebody's mistake. */
const LONGEST_ASKED_MS = HOUR_MS;

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

/** What Odoo asked for, and up to a tenth more for the same reason; never less than `ownMs`. */
export function withRetryAfter(ownMs: number, askedMs: number | null, random: number): number {
  if (askedMs === null) return ownMs;
  return Math.max(ownMs, Math.round(Math.min(askedMs, LONGEST_ASKED_MS) * (1 + random / 10)));
}
