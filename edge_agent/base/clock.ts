/**
 * Time as everything else in the agent sees it: instants, durations, waiting, and whether the
 * instants may be believed. Owns no schedule and knows neither queue nor Odoo; whoever hears
 * Odoo's time tells it with `confirm`.
 */

/** What long-lived objects are handed, so that a simulation can drive them. */
export interface Clock {
  /** Epoch milliseconds; may jump. */
  now(): number;
  /** Milliseconds since some fixed moment; never jumps, use it for every waiting time. */
  monotonic(): number;
  /** Whether `now()` may be written into evidence and told to terminals. */
  trusted(): boolean;
  /** Resolves after `ms`, or at once (without error) when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * Traces that a time service leaves when it has synchronised. systemd-timesyncd touches the first at
 * every synchronisation, in a directory that is empty after a start; chrony and ntpsec write their
 * drift only while they follow a source, so theirs counts when it is newer than the start of the agent.
 */
const SYNC_MARKS = [
  { path: "/run/systemd/timesync/synchronized", fresh: false },
  { path: "/var/lib/chrony/chrony.drift", fresh: true },
  { path: "/var/lib/ntpsec/ntp.drift", fresh: true },
];

export const SYNC_MARK_PATHS: readonly string[] = SYNC_MARKS.map((mark) => mark.path);

/** No agent of this version ran before: an earlier reading is a machine without a clock battery. */
export const EARLIEST_INSTANT_MS = Date.UTC(2026, 0, 1);

/** Largest difference to Odoo's time that still counts as agreement. */
const AGREEMENT_MS = 30_000;

/** A machine that is further off than this is wrong, whatever its time service has left behind. */
const CONTRADICTION_MS = 600_000;

/** A wall clock that moved further than this against the monotonic one was set by somebody. */
const JUMP_MS = 2_000;

/** A mark is looked up at most this often: `trusted()` is asked for every upload. */
const MARK_LOOKUP_MS = 10_000;

const LONGEST_TIMER_MS = 2_147_483_647;

export interface SystemClockOptions {
  readonly now?: () => number;
  readonly monotonic?: () => number;
  /** Modification time of a file in epoch ms, null when there is none or it may not be seen. */
  readonly modifiedAt?: (path: string) => number | null;
}

export class SystemClock implements Clock {
  readonly #now: () => number;
  readonly #monotonic: () => number;
  readonly #modifiedAt: (path: string) => number | null;
  readonly #startedAt: number;
  /** Wall minus monotonic at the moment Odoo agreed; null while it has not. */
  #agreedOffset: number | null = null;
  /** Wall minus monotonic at the moment Odoo's time was quite another one; null when it was not. */
  #contradictedOffset: number | null = null;
  #mark: { seen: boolean; at: number } | null = null;

  constructor(options: SystemClockOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    this.#modifiedAt = options.modifiedAt ?? fileModifiedAt;
    this.#startedAt = this.#now();
  }

  now(): number {
    return this.#now();
  }

  monotonic(): number {
    return this.#monotonic();
  }

  trusted(): boolean {
    if (this.#now() < EARLIEST_INSTANT_MS || this.#isContradicted()) return false;
    return this.#agreementHolds() || this.#timeServiceSynchronised();
  }

  /**
   * Takes Odoo's time of an answer that arrived `roundTripMs` after its request.
   * Returns Odoo's clock minus ours in ms, as well as it can be known.
   */
  confirm(serverAt: number, roundTripMs: number): number {
    const difference = serverAt + roundTripMs / 2 - this.#now();
    const agrees = Math.abs(difference) <= AGREEMENT_MS + roundTripMs / 2;
    const offset = this.#now() - this.#monotonic();
    this.#agreedOffset = agrees ? offset : null;
    this.#contradictedOffset = Math.abs(difference) > CONTRADICTION_MS + roundTripMs
      ? offset
      : null;
    return Math.round(difference);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
      signal?.addEventListener("abort", done, { once: true });
    });
  }

  /** Until Odoo says otherwise, or somebody sets the clock. */
  #isContradicted(): boolean {
    if (this.#contradictedOffset === null) return false;
    const moved = Math.abs(this.#now() - this.#monotonic() - this.#contradictedOffset);
    if (moved > CONTRADICTION_MS) this.#contradictedOffset = null;
    return this.#contradictedOffset !== null;
  }

  #agreementHolds(): boolean {
    if (this.#agreedOffset === null) return false;
    const moved = Math.abs(this.#now() - this.#monotonic() - this.#agreedOffset);
    if (moved > JUMP_MS) this.#agreedOffset = null;
    return this.#agreedOffset !== null;
  }

  #timeServiceSynchronised(): boolean {
    const at = this.#monotonic();
    if (this.#mark === null || at - this.#mark.at >= MARK_LOOKUP_MS) {
      this.#mark = { seen: SYNC_MARKS.some((mark) => this.#markSeen(mark)), at };
    }
    return this.#mark.seen;
  }

  #markSeen(mark: { path: string; fresh: boolean }): boolean {
    const modifiedAt = this.#modifiedAt(mark.path);
    return modifiedAt !== null && (!mark.fresh || modifiedAt >= this.#startedAt);
  }
}

/** A file that may not be looked at is no mark: trust is only ever given on evidence. */
function fileModifiedAt(path: string): number | null {
  try {
    return Deno.statSync(path).mtime?.getTime() ?? null;
  } catch {
    return null;
  }
}

/** `YYYY-MM-DDTHH:MM:SS.sssZ`. */
export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
