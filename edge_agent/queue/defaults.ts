/** What the queue does where nobody says otherwise. Owns values, no behaviour but rounding a clock. */
import type { QueueClock, QueueLog } from "./types.ts";

export const DEFAULT_MAX_BYTES = 8 * 1024 ** 3;
export const DEFAULT_MIN_FREE_BYTES = 64 * 1024 ** 2;
export const DEFAULT_RETENTION_DAYS = 45;
export const DEFAULT_KEY_MEMORY_DAYS = 400;

/** Instants are kept as whole ms, whatever the clock gives. */
export function wholeMs(clock: QueueClock): QueueClock {
  return {
    now: () => Math.floor(clock.now()),
    monotonic: () => clock.monotonic(),
    trusted: () => clock.trusted(),
  };
}

export const SILENT: QueueLog = { warn: () => undefined, error: () => undefined };
