/** What a clear needs of the rest of the agent, and what it reports. Owns no behaviour. */
import type { Holdings } from "../delivery/delivery.ts";
import type { LogEnd, PunchSink, Stored, Waits } from "../zk/zk.ts";

export interface CleanupWorld {
  readonly sink: PunchSink;
  readonly holdings: Holdings;
  /** Null when every channel of the device is alive, caught up and quiet, else why not. */
  whyNotQuiet(serial: string): string | null;
  /** Odoo lacks these keys: whatever was delivered of them is delivered again. */
  resend(keys: readonly string[]): void;
  /** Keeps the bytes of the read that is about to be cleared; resolves when they are on disk. */
  keepRead(name: string, bytes: Uint8Array): Promise<void>;
  readonly clock: {
    now(): number;
    monotonic(): number;
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
  };
  readonly newId: () => string;
  readonly waits?: Waits;
  readonly signal?: AbortSignal;
}

export type CleanupOutcome = "cleared" | "not_cleared" | "unclear";

export interface CleanupResult {
  readonly outcome: CleanupOutcome;
  /** In words, for people: why nothing was cleared, or what remains to be done. */
  readonly reason: string;
  /** Records read while disabled, 0 when it did not come to that. */
  readonly read: number;
  readonly stored: Pick<Stored, "fresh" | "repeated" | "unread">;
  readonly deviceCount: number | null;
  /** What a read after the clear found, which began at `at` (epoch ms); absent when none came about. */
  readonly left?: { readonly count: number; readonly at: number; readonly end: LogEnd };
  /** A person must look: the terminal could not be enabled again. It enables itself after a while. */
  readonly alarm: boolean;
}
