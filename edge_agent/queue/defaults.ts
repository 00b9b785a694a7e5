/**
 * What a queue is made with, and what holds where nobody says otherwise. Owns values, no behaviour but rounding a
 * clock.
 */
import type { OpenDatabase } from "./schema.ts";
import type { QueueClock, QueueLog, RandomBytes } from "./types.ts";

export interface QueueOptions {
  readonly directory: string;
  readonly clock: QueueClock;
  readonly randomBytes: RandomBytes;
  /** Days that delivered sightings are kept for a restored Odoo. */
  readonly retentionDays?: number;
  /** Days that keys are remembered, so that a re-upload is counted and not sent again. */
  readonly keyMemoryDays?: number;
  /** The database stops growing here (its log may add some MiB). */
  readonly maxBytes?: number;
  /** Nothing is taken in while the file system has less. */
  readonly minFreeBytes?: number;
  readonly log?: QueueLog;
  /** Runs after the sockets that are ready now have been served. */
  readonly defer?: (work: () => void) => void;
  /** False: nobody tends the queue but who calls `tend` (simulation). */
  readonly timers?: boolean;
  readonly openDatabase?: OpenDatabase;
  /** The version of SQLite that is in use. */
  readonly sqliteVersion?: () => string;
}

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
